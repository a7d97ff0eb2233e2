"""What may a member of an operation record? One value a role; what a member may read is said by the rooms they may enter.

The database reads it as the view `calc.role`; `writing.lock_operation` asks it of whoever records.
"""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Role:
    """What people are in an operation, and what they record: tables of `facts` by their names."""

    key: str
    title: str
    does: str
    records: tuple[str, ...] = ()


GROUND = ("incident", "risk_zone", "hazard_area", "security_area", "access_constraint", "road_report")
PLANS = ("area", "arrangement")
ACTORS = ("actor",)
WORK = ("overlap", "overlap_note")
FILES = ("batch", "import_template")
RULES = ("audience_rule", "risk_matrix")

ROLES = (
    Role("viewer", "Viewer", "reads"),
    Role("planner", "Planner", "records areas of operation and arrangements, works on overlaps", (*PLANS, *WORK)),
    Role("security_adviser", "Security adviser", "records incidents, zones, hazards, constraints, levels and reports on roads",
         (*GROUND, *WORK)),
    Role("information_manager", "Information manager", "imports files and records whatever is in them",
         (*FILES, *GROUND, *PLANS, *ACTORS, *WORK)),
    Role("coordinator", "Coordination officer", "records everything, and says what each room is told",
         (*FILES, *GROUND, *PLANS, *ACTORS, *WORK, *RULES)),
)  # fmt: skip
"""From what records least to what records all. Who is a member is decided in the shell, by whoever runs the instance."""


def statements() -> Iterator[str]:
    """The view from which `calc.enter` reads what a role records."""
    rows = ", ".join(
        f"('{role.key}', ARRAY[{', '.join(map(repr, role.records))}]::text[])" for role in ROLES
    )  # fmt: skip
    yield f"CREATE VIEW calc.role (key, records) WITH (security_invoker = true) AS VALUES {rows}"
