"""Who is in the room: what is it shown, what is withheld from it, and which rooms would see a record?

What a room sees is decided by the policies in the database. This says it in words, and asks nothing for layers of which
single records are not shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, text

from geoapp.errors import BadRequest, NotFound
from geoapp.model import BANNER, HANDLING, PRECISIONS
from geoapp.scope import Scope

SHOWN = {
    "exact": "as recorded", "settlement": "to settlement", "admin2": "counted by district", "mgrs10": "counted",
    "count": "counted", "withheld": "withheld",
}  # fmt: skip
"""How precisely records are shown under each rule, in words."""
HIGHEST = f"greatest({', '.join(f'(SELECT max(handling) FROM facts.{table})' for table in BANNER)})::text"
"""SQL for the highest handling of what the room is shown, which the banner of its picture says; NULL when it is shown nothing."""


@dataclass(frozen=True)
class Room:
    """An audience: its clearance, its rules by subject, the domains of actors and the fields that are withheld from it."""

    key: str
    title: str
    clearance: str
    rules: Mapping[str, str]
    withheld_domains: tuple[str, ...]
    withheld_fields: frozenset[str]
    may_write: bool

    @property
    def sentence(self) -> str:
        """What the room sees and what it does not, in one sentence."""
        parts = [f"records up to {self.clearance}"]
        for subject, rule in self.rules.items():
            if rule != "exact":
                parts.append(f"{subject.replace('_', ' ')} {SHOWN[rule]}")
        parts += [f"{domain.replace('_', ' ')} actors withheld" for domain in self.withheld_domains]
        return ", ".join(parts)

    def precision(self, subject: str) -> str:
        """How precisely a layer of that subject is shown: incidents that are coarser than their settlement are counted, and
        where incidents are withheld their counts are too."""
        rule = self.rules.get("incidents" if subject == "incident_counts" else subject, "exact")
        if rule == "withheld":
            return rule
        if subject == "incident_counts":
            return "exact"
        return "count" if subject == "incidents" and _coarser(rule, "settlement") else rule

    def shows(self, subject: str) -> bool:
        """Whether a layer of that subject has something to draw in this room."""
        return self.precision(subject) not in ("withheld", "count")

    def sees(self, subject: str, handling: str) -> tuple[str, str]:
        """How the room would see a record of a subject with a handling, and by which rule."""
        rule = self.rules.get(subject, "exact")
        reads = f"reads up to {self.clearance}"
        if HANDLING.index(self.clearance) < HANDLING.index(handling):
            return "withheld", reads
        if subject == "incidents":
            return SHOWN[rule], reads
        if _coarser(rule, "admin2"):
            return "withheld", f"{subject.replace('_', ' ')} are {SHOWN[rule]} for this room"
        return "as drawn", reads


def _coarser(rule: str, than: str) -> bool:
    return PRECISIONS.index(rule) > PRECISIONS.index(than)


def rooms(connection: Connection) -> list[Room]:
    """The rooms of the operation, in their order; none when there is no such operation."""
    found = connection.execute(
        text("SELECT key, title, clearance::text, rules, withheld_domains, withheld_fields, may_write"
             " FROM facts.audience ORDER BY position")
    ).mappings()  # fmt: skip
    return [
        Room(
            row["key"], row["title"], row["clearance"], row["rules"], tuple(row["withheld_domains"]),
            frozenset(row["withheld_fields"]), row["may_write"],
        )
        for row in found
    ]  # fmt: skip


def pick(found: list[Room], scope: Scope) -> Room:
    """The scope's room among those of its operation. Raises NotFound for no such operation, BadRequest for no such room."""
    if not found:
        raise NotFound(f"There is no operation {scope.operation!r}.", hint="`GET /operations` lists them.")
    for each in found:
        if each.key == scope.audience:
            return each
    known = ", ".join(each.key for each in found)
    raise BadRequest(f"There is no audience {scope.audience!r}.", hint=f"One of {known}.")


def room(connection: Connection, scope: Scope) -> Room:
    """The room that asks. Raises NotFound for no such operation, BadRequest for no such room."""
    return pick(rooms(connection), scope)


def seen_by(connection: Connection, subject: str, handling: str | None) -> list[dict[str, str]]:
    """Which rooms would see a record of a subject with this handling, how, and by which rule; in the rooms' order."""
    found = []
    for each in rooms(connection):
        how, why = each.sees(subject, handling or "AMBER")
        found.append({"key": each.key, "title": each.title, "how": how, "why": why})
    return found
