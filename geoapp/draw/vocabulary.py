"""Which of the words that a room is told look like what somebody typed? Typing errors are looked past, in any script.

Words are kept per layer, in the order of letters and with the names that have them; what was typed is compared with all words
of a layer at once (rapidfuzz), and a name is found when each word that was typed is one of its words, begins one, or comes near one.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from geoapp.names import searched

SHORTEST = 2
"""Letters from which on something is looked for."""
EXACT, BEGINS, WORDS, NEAR = range(4)
"""How a name was found, the best first: it is what was typed, begins with it, has its words, or comes near it."""
_FIGURES = re.compile(r"\d+")
_LAST = "\U0010ffff"
_FAR = 100
"""More letters off than anything that is found."""


@dataclass(frozen=True)
class Name:
    """What stands in a field of some records: `ids` are the newest of these, the newest first, where they are known yet."""

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
        # among names that were found alike the shorter is the likelier: their order is that of their places here
        self.names = sorted(names, key=lambda name: (len(name.text), name.text))
        self._plain = [searched(name.text) for name in self.names]
        self._closed = [plain.replace(" ", "") for plain in self._plain]
        self._by_letter = np.array(sorted(range(len(self._plain)), key=self._plain.__getitem__), dtype=np.int64)
        self._sorted = [self._plain[place] for place in self._by_letter]
        having: dict[str, list[int]] = {}
        for place, plain in enumerate(self._plain):
            for word in set(plain.split()):
                having.setdefault(word, []).append(place)
        self._words = sorted(having)
        # the names of the word at i are _having[_ends[i] : _ends[i + 1]]
        self._having = np.array([place for word in self._words for place in having[word]], dtype=np.int64)
        self._ends = np.cumsum([0, *(len(having[word]) for word in self._words)])

    def find(self, typed: str, most: int) -> list[Match]:
        """The names that are likeliest meant by what was typed, the likeliest first; `typed` is as `names.searched` has it."""
        words = typed.split()
        if not words or not self.names:
            return []
        errors = self._with(words[0])
        for word in words[1:]:
            errors = errors + self._with(word)
        errors = np.where(errors < _FAR, errors, self._whole(typed))
        how = np.where(errors > 0, NEAR, WORDS)
        begin, end = bisect_left(self._sorted, typed), bisect_left(self._sorted, typed + _LAST)
        how[self._by_letter[begin:end]] = BEGINS
        how[self._by_letter[begin : bisect_left(self._sorted, typed + "\0")]] = EXACT
        found = np.flatnonzero(errors < _FAR)
        rank = (how[found] * _FAR + errors[found]) * len(self.names) + found
        if len(found) > most:
            best = np.argpartition(rank, most)[:most]
            found, rank = found[best], rank[best]
        return [Match(self.names[at], int(how[at]), int(errors[at])) for at in found[np.argsort(rank)]]

    def _with(self, word: str) -> NDArray[np.int64]:
        """For each name how many letters off its nearest word is, or the word that begins with this one."""
        found = np.full(len(self.names), _FAR)
        for at, errors in self._near(self._words, word):
            places = self._having[self._ends[at] : self._ends[at + 1]]
            found[places] = np.minimum(found[places], errors)
        begin, end = bisect_left(self._words, word), bisect_left(self._words, word + _LAST)
        found[self._having[self._ends[begin] : self._ends[end]]] = 0
        return found

    def _whole(self, typed: str) -> NDArray[np.int64]:
        """For each name how many letters off it is as a whole, however it is parted into words; with the same figures."""
        found = np.full(len(self.names), _FAR)
        closed = typed.replace(" ", "")
        if len(closed) < 3:
            return found
        figures = "".join(_FIGURES.findall(closed))
        for at, n in self._near(self._closed, closed, most=1 if len(closed) < 7 else 2):
            if n == 0 or "".join(_FIGURES.findall(self._closed[at])) == figures:
                found[at] = n
        return found

    @staticmethod
    def _near(among: list[str], word: str, most: int | None = None) -> list[tuple[int, int]]:
        allowed = errors_in(word) if most is None else most
        if not allowed or not among:
            return []
        away = process.cdist([word], among, scorer=OSA.distance, score_cutoff=allowed, dtype=np.int32)[0]
        return [(int(at), int(away[at])) for at in np.flatnonzero(away <= allowed)]
