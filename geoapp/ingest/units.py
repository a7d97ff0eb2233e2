"""Which administrative unit does a row name? By P-code where the operation has it, else by name within its parent.

A name counts as the unit's when it is the same without accents, capitals, spaces and the word for the kind of unit. What
only comes near is never taken: it is proposed, and counts once somebody has confirmed it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from rapidfuzz import fuzz, process

from geoapp.ingest.parse import plain

LEVELS = (1, 2, 3)
NEAR = 72.0
"""Similarity, 0 to 100, from which a unit is proposed for a name."""

_KINDS = {
    "aire", "arrondissement", "cercle", "commune", "county", "departamento", "department", "departement", "district",
    "governorate", "municipality", "municipio", "prefecture", "province", "provincia", "region", "sante", "sous", "state",
    "sub", "territoire", "ville", "wilaya", "woreda", "zone",
}  # fmt: skip
_SMALL = {"d", "de", "del", "des", "du", "l", "la", "le", "les", "of"}

How = Literal["code", "name", "confirmed", "coarser", "near", "several", "unknown", "nothing"]


@dataclass(frozen=True)
class Unit:
    """A unit as the newest release has it; `names` are all that it is called, `ended` whether a later release left it out."""

    pcode: str
    level: int
    name: str
    parent: str | None
    names: tuple[str, ...] = ()
    footprint_id: int = 0
    ended: str | None = None
    """The day from which it is no longer in force."""


@dataclass(frozen=True)
class Said:
    """What a row says of its place: P-codes of levels 1 to 3, names of levels 1 to 3 and of the locality; "" is nothing."""

    codes: tuple[str, str, str]
    names: tuple[str, str, str, str]

    @property
    def code(self) -> str:
        """The finest P-code that it says."""
        return next(filter(None, reversed(self.codes)), "")

    @property
    def words(self) -> str:
        """The names as a person writes them, from the coarsest to the finest."""
        return " / ".join(name for name in self.names if name)


@dataclass(frozen=True)
class Match:
    """The unit of a row and how it was found; without one, why not, and the unit that may be meant."""

    unit: Unit | None
    how: How
    words: str = ""
    """The code or the name that decided."""
    near: tuple[Unit, ...] = ()
    parent: Unit | None = None


def strict(name: str) -> str:
    """A name without accents, capitals, signs and spaces."""
    return plain(name).replace(" ", "")


def loose(name: str) -> str:
    """The same without the word that says what kind of unit it is: "Région du Lac" is "lac"."""
    words = plain(name).split()
    start = words
    while len(words) > 1 and words[0] in _KINDS:
        words = words[1:]
    while words is not start and len(words) > 1 and words[0] in _SMALL:
        words = words[1:]
    while len(words) > 1 and words[-1] in _KINDS:
        words = words[:-1]
    return "".join(words)


def key_of(written: str) -> str:
    """How a name that somebody confirmed is kept: each part of "Province / District" without accents and spaces."""
    return "/".join(part for part in map(strict, written.split("/")) if part)


@dataclass(frozen=True)
class Units:
    """The units of an operation, and the names that were confirmed to be theirs (`key_of` a name → P-code)."""

    units: tuple[Unit, ...]
    confirmed: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _by_code(self) -> dict[str, Unit]:
        return {unit.pcode.upper(): unit for unit in self.units}

    @cached_property
    def _held(self) -> frozenset[int]:
        return frozenset(unit.level for unit in self.units)

    @cached_property
    def _above(self) -> dict[str, frozenset[str]]:
        """P-code of each unit → itself and all above it."""
        found: dict[str, frozenset[str]] = {}
        for unit in self.units:
            chain = [unit.pcode]
            above = unit.parent
            while above and above not in chain:
                chain.append(above)
                higher = self._by_code.get(above.upper())
                above = higher.parent if higher else None
            found[unit.pcode] = frozenset(chain)
        return found

    @cached_property
    def _by_name(self) -> dict[str, list[Unit]]:
        found: dict[str, list[Unit]] = defaultdict(list)
        for unit in self.units:
            if unit.ended is None:
                for key in {made(name) for name in (unit.name, *unit.names) for made in (strict, loose)} - {""}:
                    found[key].append(unit)
        return found

    def by_code(self, code: str) -> Unit | None:
        """The unit of a P-code, whatever its capitals."""
        return self._by_code.get(code.strip().upper())

    def match(self, said: Said) -> Match:
        """The finest unit that a row names."""
        unit: Unit | None = None
        how: How = "nothing"
        words, start = "", 0
        for level in reversed(LEVELS):
            unit = self.by_code(said.codes[level - 1])
            if unit:
                how, words, start = "code", said.codes[level - 1], level
                break
        within = unit.pcode if unit else next((c for c in reversed(said.codes) if c in self._parents), None)
        for level in range(start + 1, 5):
            code = said.codes[level - 1] if level in LEVELS else ""
            name = said.names[level - 1]
            if not code and not name:
                continue
            sure = self._confirmed(said, level, code, within)
            found = [sure] if sure else self._named(name, level, within)
            if len(found) > 1:
                return Match(None, "several", name, tuple(found[:5]), unit)
            if found:
                unit, how, words = found[0], "confirmed" if sure else "name", name or code
                within = unit.pcode
                continue
            if level not in self._held:
                # units of this level are not there: the row stands on the unit that is
                coarser = self._beginning(code, within) if code else None
                unit = coarser or unit
                if unit and (code or level in LEVELS or unit.level == 1):
                    how, words = "coarser", code or name
                within = unit.pcode if unit else within
                continue
            near = self._near(name, level, within)
            return Match(None, "near" if near else "unknown", name or code, near, unit)
        if unit is None and (said.words or any(said.codes)):
            return Match(None, "unknown", said.code or said.words)
        return Match(unit, how, words)

    @cached_property
    def _parents(self) -> frozenset[str]:
        return frozenset(unit.parent for unit in self.units if unit.parent)

    def _inside(self, unit: Unit, within: str | None) -> bool:
        return within is None or (within != unit.pcode and within in self._above[unit.pcode])

    def _named(self, name: str, level: int, within: str | None) -> list[Unit]:
        """The units of exactly this name: those of the level, else those below it; all of several."""
        for key in dict.fromkeys((strict(name), loose(name))):
            fit = [unit for unit in self._by_name.get(key, ()) if key and self._inside(unit, within)]
            if fit:
                return [unit for unit in fit if unit.level == level] or fit
        return []

    def _confirmed(self, said: Said, level: int, code: str, within: str | None) -> Unit | None:
        name = said.names[level - 1]
        above = next((said.names[place] for place in range(level - 2, -1, -1) if said.names[place]), "")
        whole = self.confirmed.get(f"{strict(above)}/{strict(name)}") if above and name else None
        if whole:
            return self.by_code(whole)
        for key in filter(None, (strict(name), strict(code))):
            unit = self.by_code(self.confirmed.get(key, ""))
            if unit and self._inside(unit, within):
                return unit
        return None

    def _beginning(self, code: str, within: str | None) -> Unit | None:
        """The finest unit whose P-code the code begins with."""
        for length in range(len(code) - 1, 3, -1):
            unit = self.by_code(code[:length])
            if unit and (within is None or within in self._above[unit.pcode]):
                return unit
        return None

    def _near(self, name: str, level: int, within: str | None) -> tuple[Unit, ...]:
        """The unit of the level whose name is most like this one, when any is like it at all."""
        choices = {
            (key, unit.pcode): key
            for key, units in self._by_name.items() for unit in units
            if unit.level == level and self._inside(unit, within)
        }  # fmt: skip
        best = process.extractOne(strict(name), choices, scorer=fuzz.ratio, score_cutoff=NEAR) if name else None
        unit = self.by_code(best[2][1]) if best else None
        return (unit,) if unit else ()


def counted(names: Iterable[tuple[str, int]], most: int = 12) -> str:
    """Names with their rows, the most frequent first, at most so many of them."""
    ranked = sorted(names, key=lambda one: (-one[1], one[0]))
    shown = ", ".join(f"{name} ({rows:,} rows)" if rows > 1 else name for name, rows in ranked[:most])
    return f"{shown} and {len(ranked) - most:,} more" if len(ranked) > most else shown
