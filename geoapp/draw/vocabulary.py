"""Which of the words that a room is told look like what somebody typed? Typing errors are looked past, in any script.

Words are kept per layer, in the order of letters and with the names that have them; what was typed is compared with all words
of a layer at once (rapidfuzz), and a name is found when each word that was typed is one of its words, begins one, or comes near one.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from geoapp.names import searched

SHORTEST = 2
"""Letters from which on something is looked for."""
EXACT, BEGINS, WORDS, NEAR = range(4)
"""How a name was found, the best first: it is what was typed, begins with it, has its words, or comes near it."""
_FIGURES = re.compile(r"\d+")


@dataclass(frozen=True)
class Name:
    """What stands in a field of some records: `ids` are the newest of these."""

    field: str
    text: str
    ids: tuple[int, ...]


@dataclass(frozen=True)
class Match:
    """A name that was found, how, and how many letters it is away from what was typed."""

    name: Name
    how: int
    errors: int

    @property
    def rank(self) -> tuple[int, int, int, str]:
        """What is likelier meant comes first."""
        return self.how, self.errors, len(self.name.text), self.name.text


def errors_in(word: str) -> int:
    """How many letters of a word may be mistyped. None of one with figures: the next code or number is another thing."""
    if _FIGURES.search(word) or len(word) < 3:
        return 0
    return 1 if len(word) < 7 else 2


class Vocabulary:
    """The names of one layer as a room is told them."""

    def __init__(self, names: Iterable[Name]) -> None:
        self.names = list(names)
        self._plain = [searched(name.text) for name in self.names]
        having: dict[str, list[int]] = {}
        for place, plain in enumerate(self._plain):
            for word in set(plain.split()):
                having.setdefault(word, []).append(place)
        self._words = sorted(having)
        self._having = [having[word] for word in self._words]
        self._closed = [plain.replace(" ", "") for plain in self._plain]

    def find(self, typed: str) -> Iterator[Match]:
        """The names that are meant by what was typed, in no order; `typed` is as `names.searched` has it."""
        words = typed.split()
        if not words:
            return
        found: dict[int, int] | None = None
        for word in words:
            near = self._with(word)
            found = near if found is None else {
                place: errors + near[place] for place, errors in found.items() if place in near
            }  # fmt: skip
        told = self._whole(typed) | (found or {})
        for place, errors in told.items():
            plain = self._plain[place]
            how = EXACT if plain == typed else BEGINS if plain.startswith(typed) else NEAR if errors else WORDS
            yield Match(self.names[place], how, errors)

    def _with(self, word: str) -> dict[int, int]:
        """The names that have a word, or one that begins with it or comes near it, and how many letters off."""
        found: dict[int, int] = {}
        for at, errors in self._near(self._words, word):
            for place in self._having[at]:
                found[place] = min(errors, found.get(place, errors))
        at = bisect_left(self._words, word)
        while at < len(self._words) and self._words[at].startswith(word):
            found |= dict.fromkeys(self._having[at], 0)
            at += 1
        return found

    def _whole(self, typed: str) -> dict[int, int]:
        """The names that come near as a whole, however they are parted into words; with the same figures."""
        closed = typed.replace(" ", "")
        if len(closed) < 3:
            return {}
        figures = "".join(_FIGURES.findall(closed))
        near = self._near(self._closed, closed, most=1 if len(closed) < 7 else 2)
        return {at: n for at, n in near if "".join(_FIGURES.findall(self._closed[at])) == figures or n == 0}

    @staticmethod
    def _near(among: list[str], word: str, most: int | None = None) -> list[tuple[int, int]]:
        allowed = errors_in(word) if most is None else most
        if not allowed or not among:
            return []
        away = process.cdist([word], among, scorer=OSA.distance, score_cutoff=allowed, dtype=np.int32)[0]
        return [(int(at), int(away[at])) for at in np.flatnonzero(away <= allowed)]
