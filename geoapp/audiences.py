"""Who is in the room: what is it shown, what is withheld from it, and which rooms would see a record?

What a room sees is decided by the policies in the database. This says it in words, and asks nothing for layers of which
single records are not shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection, text

from geoapp.errors import BadRequest, NotFound
from geoapp.model import BANNER, HANDLING, PRECISIONS
from geoapp.model.subjects import CLAIMS, SUBJECTS
from geoapp.scope import Scope

SHOWN = {
    "exact": "as recorded", "settlement": "to settlement", "admin2": "counted by district", "mgrs10": "counted",
    "count": "counted", "withheld": "withheld",
}  # fmt: skip
"""How precisely records are shown under each rule, in words."""
COARSEST = {each.key: each.coarsest for each in SUBJECTS if each.key and each.coarsest} | dict.fromkeys(
    CLAIMS.values(), "admin2"
)
"""The coarsest rule under which each subject's records are shown at all; incidents have forms for all but the last."""
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
    then: bool = False
    """Whether it is shown what was known on another day. Counts are kept as of now: of another day only a room that is shown
    single incidents has any."""

    @property
    def sentence(self) -> str:
        """What the room sees and what it does not, in one sentence."""
        parts = [f"records up to {self.clearance}"]
        for subject, rule in self.rules.items():
            if rule != "exact":
                parts.append(f"{subject.replace('_', ' ')} {SHOWN[rule]}")
        parts += [f"{domain.replace('_', ' ')} actors withheld" for domain in self.withheld_domains]
        return ", ".join(parts)

    def precision(self, subject: str, *, recorders: bool = False) -> str:
        """How precisely a layer of that subject is shown: incidents that are coarser than their settlement are counted, and
        where incidents are withheld their counts are too. `recorders` says that it is for rooms that record."""
        if recorders and not self.may_write:
            return "withheld"
        rule = self._rule(subject)
        if rule == "withheld" or (subject in COARSEST and _coarser(rule, COARSEST[subject])):
            return "withheld"
        if subject == "incident_counts":
            return "withheld" if self.then and _coarser(rule, "settlement") else "exact"
        return "count" if subject == "incidents" and _coarser(rule, "settlement") else rule

    def _rule(self, subject: str) -> str:
        return self.rules.get("incidents" if subject == "incident_counts" else subject, "exact")

    def shows(self, subject: str, *, recorders: bool = False) -> bool:
        """Whether a layer of that subject has something to draw in this room."""
        return self.precision(subject, recorders=recorders) not in ("withheld", "count")

    def withheld(self, subject: str, *, recorders: bool = False) -> str | None:
        """What is kept from this room of a layer of that subject, and by which of its rules, in a sentence; None when nothing
        is. `recorders` says that the layer is for rooms that record."""
        if recorders and not self.may_write:
            return "This is withheld from this room: only rooms that record are shown it."
        rule = self._rule(subject)
        name = "incidents" if subject == "incident_counts" else subject.replace("_", " ")
        by = f"by its rule “{name}: {rule}”"
        access = self.precision(subject)
        if access == "withheld" and subject == "incident_counts" and rule != "withheld":
            return f"Counts are kept as of now, and single incidents are withheld from this room {by}: what was known on another day cannot be counted for it."
        if access == "withheld":
            return f"{name.capitalize()} are withheld from this room {by}."
        if access == "count":
            return f"Single incidents are withheld from this room {by}; it is told how many each district had."
        parts = []
        if self.clearance != HANDLING[-1]:
            parts.append(f"records above {self.clearance} by its clearance")
        if self.withheld_domains and subject in (*CLAIMS.values(), "overlaps"):
            domains = " and ".join(domain.replace("_", " ") for domain in self.withheld_domains)
            parts.append(f"{domains} actors by its rule")
        said = " and ".join(parts)
        return f"{said[0].upper()}{said[1:]} are withheld from this room." if parts else None

    def sees(self, subject: str, handling: str) -> tuple[str, str]:
        """How the room would see a record of a subject with a handling, and by which rule."""
        rule = self.rules.get(subject, "exact")
        reads = f"reads up to {self.clearance}"
        if HANDLING.index(self.clearance) < HANDLING.index(handling):
            return "withheld", reads
        if subject == "incidents":
            return SHOWN[rule], reads
        if _coarser(rule, COARSEST.get(subject, "admin2")):
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
            return replace(each, then=scope.as_of is not None)
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
