"""When are two names the same? By their letters and figures alone."""

import re
import unicodedata
from functools import lru_cache


@lru_cache(maxsize=20_000)
def plain(text: str) -> str:
    """Lower case, no accents, words in order: how names of columns, codes and actors are compared."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c if c.isalnum() else " " for c in decomposed if not unicodedata.combining(c))
    return " ".join(kept.split())


_ALIKE = str.maketrans({
    "\u0671": "\u0627", "\u0649": "\u064a", "\u06cc": "\u064a", "\u06a9": "\u0643", "\u0629": "\u0647", "\u06c1": "\u0647", "\u0640": None,
    "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th",
})  # fmt: skip
"""Letters that one word is written with in several ways: alef, yeh, kaf and heh of Arabic and Persian keyboards, its
lengthening stroke, and Latin letters that Unicode does not take apart."""


_LATIN = re.compile(r"[a-z0-9]+")


@lru_cache(maxsize=20_000)
def searched(text: str) -> str:
    """A name as it is looked for: as `plain` has it, figures of every script as 0-9, no sign that only says in which direction
    to read, and letters that are written in several ways as one (Arabic without vowels and hamza)."""
    if text.isascii():  # the same, ten times as quick: vocabularies have tens of thousands of names
        return " ".join(_LATIN.findall(text.lower()))
    seen = "".join(
        str(unicodedata.digit(c)) if c.isdecimal() else c for c in text if unicodedata.category(c) != "Cf"
    ).casefold()
    return plain(plain(seen).translate(_ALIKE))
