"""Which column is which? By HXL tag where the file has them, else by the words of its header, in several languages."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from geoapp.ingest.parse import plain


class RefusedFile(Exception):
    """The file as a whole cannot be used: code, message, what to do."""

    def __init__(self, code: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


HEADERS = 14
"""Headers that a sentence names at most."""


def named(headers: Sequence[str]) -> str:
    """The first headers of a file, with commas between."""
    return ", ".join(headers[:HEADERS]) + (" …" if len(headers) > HEADERS else "")


def has_columns(headers: Sequence[str]) -> str:
    """Which columns a file has, as a sentence."""
    told = [header for header in headers if header.strip()]
    return f"The file has {named(told)}." if told else "The file has no columns."


@dataclass(frozen=True)
class Wanted:
    """A column that a kind can use: the words a header may have for it, HXL tags, whether it must be there."""

    name: str
    words: tuple[str, ...]
    tags: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True)
class Rows:
    """Some records: raw text columns by their place in the header, their rows in the file, their shapes if any."""

    columns: Sequence[pa.Array]
    rows: NDArray[np.int64]
    geoms: NDArray[Any] | None = None

    def __len__(self) -> int:
        return len(self.rows)


@dataclass
class Sheet:
    """A file's header and its records, in batches; `notes` are findings about the file as a whole."""

    headers: list[str]
    tags: list[str] | None
    batches: Iterator[Rows]
    notes: list[tuple[str, str, str, str]]
    """Severity, code, message, hint."""
    total: int | None = None
    name: str | None = None
    """Of a workbook: the sheet that is read."""
    book: list[dict[str, Any]] = field(default_factory=list)
    """Of a workbook: the `name` of each sheet, its `rows`, and whether it is `hidden`."""


_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def is_tag(text: str) -> bool:
    """Whether a cell looks like an HXL hashtag such as `#adm2+code`."""
    bare = text.strip().replace(" ", "")
    return len(bare) > 1 and bare[0] == "#" and bare[1].isalpha() and all(c.isalnum() or c in "#+_" for c in bare)


def is_tag_row(cells: Sequence[str]) -> bool:
    """Whether a row is an HXL row: some cells, all of them hashtags."""
    filled = [c for c in cells if c.strip()]
    return len(filled) > 0 and all(is_tag(c) for c in filled)


def plainly(header: str) -> set[str]:
    """What a header says: its words as they are, and with those apart that are written as one (RegionPcode)."""
    return {plain(header), plain(_CAMEL.sub(" ", header))}


def _tag_fits(tag: str, pattern: str) -> bool:
    parts, asked = tag.replace(" ", "").lower().split("+"), pattern.split("+")
    return parts[0] == asked[0] and set(asked[1:]) <= set(parts[1:])


def match(
    headers: Sequence[str], tags: Sequence[str] | None, wanted: Sequence[Wanted], said: Mapping[str, str] | None = None
) -> dict[str, int]:
    """Name of the wanted column → its place. A tag decides before a word, the more exact tag before the vaguer one.

    What is `said` (name → header, or "" for none) decides before both.
    """
    found: dict[str, int] = {}
    taken: set[int] = set()
    unused = {name for name, header in (said or {}).items() if not header}
    for name, header in (said or {}).items():
        places = [p for p, own in enumerate(headers) if header and own.strip() == header.strip()]
        places = places or [p for p, own in enumerate(headers) if plain(header) and plain(own) == plain(header)]
        if places:
            found[name] = places[0]
            taken.add(places[0])
    wanted = [want for want in wanted if want.name not in unused]
    if tags is not None:
        fits = sorted(
            (-pattern.count("+"), len(tag), order, place)
            for order, want in enumerate(wanted)
            for pattern in want.tags
            for place, tag in enumerate(tags)
            if tag.strip() and _tag_fits(tag, pattern)
        )
        for _, _, order, place in fits:
            if wanted[order].name not in found and place not in taken:
                found[wanted[order].name] = place
                taken.add(place)
    spoken = [plainly(header) for header in headers]
    for want in wanted:
        if want.name in found:
            continue
        for word in want.words:
            places = [p for p, header in enumerate(spoken) if plain(word) in header and p not in taken]
            if places:
                found[want.name] = places[0]
                taken.add(places[0])
                break
    for place, header in enumerate(headers):
        if len(header) == CUT and place not in taken:
            whole = {want.name for want in wanted if want.name not in found and _cut_to(header, want)}
            if len(whole) == 1:
                found[whole.pop()] = place
    return found


CUT = 10
"""To so many characters a shapefile cuts the names of its fields."""


def _cut_to(header: str, want: Wanted) -> bool:
    """Whether one of the words of a column, longer than a field name can be, begins with this header."""
    longer = (word for word in (want.name, *want.words) if len(word) > CUT)
    return any(plain(word.replace(" ", "_")[:CUT]) == plain(header) for word in longer)


def check_said(headers: Sequence[str], wanted: Sequence[Wanted], said: Mapping[str, str]) -> None:
    """Raises RefusedFile when a column is named that nothing wants, or a header that the file does not have."""
    names = [want.name for want in wanted]
    for name, header in said.items():
        if name not in names:
            raise RefusedFile(
                "no-such-column", f"Nothing here is called {name!r}, so no column can be given for it.",
                f"One of: {', '.join(names)}.",
            )  # fmt: skip
        if header and plain(header) not in {plain(own) for own in headers}:
            raise RefusedFile(
                "no-such-header", f"The file has no column {header!r} to take as {name.replace('_', ' ')}.",
                f"It has {', '.join(headers[:40])}.",
            )  # fmt: skip


def unconfirmed(
    headers: Sequence[str], found: Mapping[str, int], wanted: Sequence[Wanted], said: Mapping[str, str]
) -> list[tuple[str, int]]:
    """Columns that were found under another word than their own, and that nobody said."""
    own = {want.name: {plain(want.name), plain(want.words[0])} for want in wanted}
    return [(n, p) for n, p in found.items() if n not in said and plain(headers[p]) not in own[n]]


def guessed(
    headers: Sequence[str], found: Mapping[str, int], wanted: Sequence[Wanted], said: Mapping[str, str]
) -> dict[str, int]:
    """What is `found`, and for what is not yet found the columns whose header has one of its words among others."""
    made = dict(found)
    whole = [f" {plain(_CAMEL.sub(' ', header))} " for header in headers]
    for want in wanted:
        if want.name in made or want.name in said:
            continue
        for word in want.words:
            free = [p for p, header in enumerate(whole) if f" {plain(word)} " in header and p not in made.values()]
            if len(plain(word)) > 1 and free:
                made[want.name] = free[0]
                break
    return made


def missing(found: Mapping[str, int], wanted: Sequence[Wanted]) -> list[Wanted]:
    """The required columns that a file does not have."""
    return [want for want in wanted if want.required and want.name not in found]
