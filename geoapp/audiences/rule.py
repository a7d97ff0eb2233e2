"""What is a room told of one subject, and which of two rules tells less?"""

from collections.abc import Iterable
from dataclasses import dataclass

from geoapp.model import PRECISIONS
from geoapp.model.subjects import CLAIMS, SINGLY, SUBJECTS

SHOWN = {
    "exact": "as recorded", "settlement": "to settlement", "admin2": "counted by district", "mgrs10": "counted",
    "count": "counted", "withheld": "withheld",
}  # fmt: skip
"""How precisely records are shown under each rule, in words."""
TOLD = SHOWN | {"admin2": "as the districts they touch", "mgrs10": "as the 10-km cells they touch"}
"""The same of layers whose records are shapes."""
SHORT = SHOWN | {"admin2": "by district", "mgrs10": "by 10-km cell"}
"""The same in the fewest words."""
COARSEST = {each.key: each.coarsest for each in SUBJECTS if each.key and each.coarsest} | dict.fromkeys(
    CLAIMS.values(), "exact"
)
"""The coarsest rule under which each subject's own rows are shown; incidents have forms for all but the last."""
LICENCE = "Rows whose licence forbids passing them on, such as ACLED's, are in no file."
"""The licence rule of every room: it holds whatever else a room is told."""


@dataclass(frozen=True)
class Rule:
    """What a room is told of one subject, or of what is recorded there about actors of one domain (`presence.civil`)."""

    subject: str
    precision: str = "exact"
    labels: str = "name"
    dates: str = "day"
    least: int = 0
    withheld: frozenset[str] = frozenset()
    id: int | None = None
    """Its number where it was recorded for this operation; None for what the room began with."""
    version: int = 0
    reason: str | None = None

    @property
    def as_recorded(self) -> bool:
        """Whether records are shown as they are: exactly, with every name and day, and every field but those that the lock
        withholds singly."""
        singly = SINGLY.get(self.subject.partition(".")[0], frozenset())
        return self.precision == "exact" and self.labels == "name" and self.dates == "day" and self.withheld <= singly

    @property
    def words(self) -> str:
        """How the rule is named where something is withheld by it."""
        more = [self.precision]
        more += ["actors by category"] if self.labels == "category" else []
        more += [f"days to the {self.dates}"] if self.dates != "day" else []
        more += [f"without {', '.join(sorted(self.withheld))}"] if self.withheld else []
        more += [f"{self.least} organisations at least"] if self.least else []
        return f"{self.subject.replace('_', ' ').replace('.', ' of ')}: {', '.join(more)}"


def strictness(rule: Rule) -> tuple[int, bool]:
    """How little a rule tells, for a comparison."""
    return PRECISIONS.index(rule.precision), not rule.as_recorded


def coarser(rule: str, than: str) -> bool:
    """Whether a precision says less of a place than another."""
    return PRECISIONS.index(rule) > PRECISIONS.index(than)


def with_it(fields: Iterable[str]) -> frozenset[str]:
    """The fields that are withheld: how many notes there are, and since when, is withheld with the note."""
    withheld = frozenset(fields)
    return withheld | {"note_count", "noted_on"} if "note" in withheld else withheld
