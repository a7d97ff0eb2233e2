"""Does what is about to leave take sides? Every file of a pack is looked at as it is made; what is found stops the pack.

A finding that somebody overrides stays in the pack, with its reason in MANIFEST and READ_ME.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from geoapp.errors import BadRequest, Refused
from geoapp.export import neutrality
from geoapp.export.neutrality import words
from geoapp.export.neutrality.read import READERS

PLACES = 3
"""How many places of a finding are named; all are counted."""
REASON_MOST = 500
OVERRIDES_MOST = 100
"""Characters of a reason, and findings that can be overridden."""


@dataclass
class Findings:
    """What the files of one pack were found to say, gathered by the key of the finding. `day` is the day on which no record
    may have ended, `overrides` key → reason."""

    day: date | None
    overrides: Mapping[str, str]
    names: frozenset[str] = frozenset()
    """Proper names in the pack that have a word of the lists in them."""
    by_key: dict[str, dict[str, Any]] = field(default_factory=dict)
    looked: list[str] = field(default_factory=list)

    def look(self, path: Path) -> list[neutrality.Finding]:
        """What is found in one file. One that nobody can read is none of the product's: BadRequest says so."""
        if path.suffix.lower() not in READERS:
            return []
        return neutrality.check(path, day=self.day, overrides=self.overrides, names=self.names)

    def add(self, path: Path, found: Iterable[neutrality.Finding]) -> None:
        """Gather what was found in a file."""
        if path.suffix.lower() not in READERS:
            return
        self.looked.append(path.name)
        for each in found:
            place = ", ".join(part for part in (each.where, each.row, each.field) if part)
            told = self.by_key.setdefault(
                each.key,
                {
                    "key": each.key,
                    "message": each.message,
                    "hint": each.hint,
                    "n": 0,
                    "places": [],
                    "reason": each.reason,
                },
            )
            told["n"] += 1
            if len(told["places"]) < PLACES:
                told["places"].append(place)

    def told(self) -> list[dict[str, Any]]:
        """The findings, each with its number, its first places and why it stands."""
        return list(self.by_key.values())

    def stop(self) -> None:
        """Raises Refused with all that nobody has overridden."""
        found = [each for each in self.told() if each["reason"] is None]
        if not found:
            return
        said = "; ".join(
            f"{each['message']} ({each['places'][0]}{_more(each)}) [{each['key']}]" for each in found[:PLACES]
        )
        more = f"; and {len(found) - PLACES} more" if len(found) > PLACES else ""
        raise Refused(
            f"The neutrality check stopped the pack: {said}{more}.",
            hint="Correct the record, or say of each finding why it stays: it is told in READ_ME and MANIFEST.",
            neutrality=found,
        )


def _more(told: Mapping[str, Any]) -> str:
    return f" and {told['n'] - 1:,} more" if told["n"] > 1 else ""


def overrides_of(reasons: Mapping[str, str]) -> dict[str, str]:
    """Reasons as they are kept, by key. Raises BadRequest for one that is empty, too long, or takes sides itself."""
    if len(reasons) > OVERRIDES_MOST:
        raise BadRequest(f"There are more than {OVERRIDES_MOST} overrides.", hint="Correct the records instead.")
    kept = {key.strip(): " ".join(reason.split()) for key, reason in reasons.items()}
    for key, reason in kept.items():
        if not reason:
            raise BadRequest(f"The override of {key[:60]!r} has no reason.", hint="Say why; it stands in the manifest.")
        if len(reason) > REASON_MOST:
            raise BadRequest(
                f"The reason for {key[:60]!r} is longer than {REASON_MOST} characters.", hint="Shorten it."
            )
        for word in words.found(reason):
            if f"{word.kind}:{word.word}" not in kept:
                raise BadRequest(f"The reason for {key[:60]!r} says “{word.word}” itself.", hint=f"Say: {word.say}.")
    return kept
