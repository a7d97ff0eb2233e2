"""Which words accuse and which approve, in which language, and which are accepted since a standard has them?"""

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from geoapp import TOP
from geoapp.codes import FOLDER as CODES

FOLDER = TOP / "data" / "neutrality"
_ARABIC = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ـ": None} | {chr(c): None for c in range(0x64B, 0x653)}
)
_PREFIX = "(?:[وف])?(?:ال|بال|لل|كال)?"
"""What Arabic writes as one word with the noun: and, the, by the, for the."""


@dataclass(frozen=True)
class Word:
    """A word found, the kind of list it is in, and what is said instead."""

    kind: str
    word: str
    language: str
    say: str


def plain(text: str) -> str:
    """Text as it is compared: without case, with Arabic letters in one form. Accents stay, for `sûr` is not `sur`."""
    return unicodedata.normalize("NFC", text).casefold().translate(_ARABIC).replace("’", "'")


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def _list() -> tuple[re.Pattern[str], dict[str, Word]]:
    known: dict[str, Word] = {}
    patterns = []
    for kind in ("accusing", "approval"):
        for row in _rows(kind):
            word = plain(row["word"])
            if word not in known:
                known[word] = Word(kind, row["word"], row["language"], row["say"])
                patterns.append((_PREFIX if row["language"] == "ar" else "") + f"({re.escape(word)})")
    patterns.sort(key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(patterns)})(?![\w-])"), known


@cache
def _official() -> tuple[frozenset[str], re.Pattern[str]]:
    """Codes and labels of the reference lists: a value that is one of them is no free text, and where several words of one
    stand in a text they are its name."""
    values = set()
    for path in sorted(CODES.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                values |= {plain(value) for value in row.values() if value}
    several = [value for value in values if " " in value] + [plain(row["words"]) for row in _rows("accepted")]
    several.sort(key=len, reverse=True)
    return frozenset(values), re.compile("|".join(rf"(?<!\w){re.escape(value)}(?!\w)" for value in several))


def official(text: str) -> bool:
    """Whether a text is a code or a label of the reference lists, or several with commas between."""
    values, _ = _official()
    said = plain(text)
    return said.strip() in values or all(part.strip() in values for part in said.split(","))


@lru_cache(maxsize=100_000)
def found(text: str, names: frozenset[str] = frozenset()) -> tuple[Word, ...]:
    """The words of the lists that a text has, each once, in their order; none where it is an official code or label. Proper
    `names`, which nobody here chose, may stand in it."""
    said = plain(text)
    pattern, known = _list()
    if not pattern.search(said) or official(text):
        return ()
    for name in names:
        said = said.replace(plain(name), " ")
    _, several = _official()
    hits = (next(group for group in hit.groups() if group) for hit in pattern.finditer(several.sub(" ", said)))
    return tuple(known[word] for word in dict.fromkeys(hits))


@cache
def _disclaimers() -> tuple[str, ...]:
    return tuple(plain(row["words"]) for row in _rows("disclaimer"))


def disclaims(text: str) -> bool:
    """Whether a text says that the map implies no endorsement."""
    said = plain(text)
    return any(words in said for words in _disclaimers())
