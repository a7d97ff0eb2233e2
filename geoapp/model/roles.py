"""What may a member of an operation record? One value a role; what a member may read is said by the rooms they may enter.

The database reads it as the view `calc.role`; `writing.lock_operation` asks it of whoever records.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Role:
    """What people are in an operation, and what they record: tables of `facts` by their names, and people."""

    key: str
    title: str
    does: str
    records: tuple[str, ...] = ()


GROUND = ("incident", "risk_zone", "hazard_area", "security_area", "access_constraint", "road", "road_report")
PLANS = ("area", "arrangement", "site")
ACTORS = ("actor",)
WORK = ("overlap_pair", "overlap_note")
FILES = ("batch", "import_template")
RULES = ("audience_rule", "risk_matrix")
PEOPLE = ("member",)
"""Who is a member, in which role and which rooms: it is decided by sessions alone (`calc.administers`)."""
FIELD = ("field_copy",)
"""Field copies of the operation: what an office without a line takes along."""
AUDIT = ("audit",)
"""Who did what, which they may read: nobody records in it by hand."""

WHAT = {
    "actor": "Actors", "area": "Areas of operation", "arrangement": "Arrangements between actors", "overlap_pair": "Overlaps: status, owner, strategy, due day",
    "overlap_note": "Notes on overlaps", "incident": "Incidents", "risk_zone": "Risk zones (a second person publishes)",
    "hazard_area": "Hazards", "security_area": "Security levels", "access_constraint": "Constraints on access",
    "site": "Sites", "road": "Roads", "road_report": "Reports on roads", "batch": "Imports, and withdrawing one", "import_template": "Which column is which in a source's files",
    "audience_rule": "What each room is told", "risk_matrix": "The risk matrix", "field_copy": "Field copies: taking one along, ending one", "member": "Members, their roles and rooms", "audit": "Who did what (read only)",
}  # fmt: skip
"""What is recorded, by its table, as people call it; in the order in which it is told what each role records."""

ROLES = (
    Role("viewer", "Viewer", "reads"),
    Role("planner", "Planner", "records areas of operation, arrangements and sites, works on overlaps", (*PLANS, *WORK)),
    Role("security_adviser", "Security adviser", "records incidents, zones, hazards, constraints, levels, roads and reports on them",
         (*GROUND, *WORK)),
    Role("information_manager", "Information manager", "imports files and records whatever is in them",
         (*FILES, *GROUND, *PLANS, *ACTORS, *WORK, *FIELD)),
    Role("coordinator", "Coordination officer", "records everything, and says what each room is told",
         (*FILES, *GROUND, *PLANS, *ACTORS, *WORK, *FIELD, *RULES, *AUDIT)),
    Role("administrator", "Administrator", "records everything, and says who is a member, in which role and which rooms",
         (*FILES, *GROUND, *PLANS, *ACTORS, *WORK, *FIELD, *RULES, *AUDIT, *PEOPLE)),
)  # fmt: skip
"""From what records least to what records all. Whoever runs the instance makes the first administrator, in the shell."""


def matrix() -> list[tuple[str, tuple[str, ...]]]:
    """What each role records: by what is recorded, as people call it, the keys of the roles that do."""
    return [(said, tuple(role.key for role in ROLES if table in role.records)) for table, said in WHAT.items()]


def statements() -> Iterator[str]:
    """The view from which `calc.enter` reads what a role records."""
    rows = ", ".join(
        f"('{role.key}', ARRAY[{', '.join(map(repr, role.records))}]::text[])" for role in ROLES
    )  # fmt: skip
    yield f"CREATE VIEW calc.role (key, records) WITH (security_invoker = true) AS VALUES {rows}"
