"""What was each column of a file taken for, by which sign, how surely? And what is in those that are not used?"""

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from geoapp.ingest.columns import Sheet, Wanted, is_tag, plainly
from geoapp.ingest.parse import plain
from geoapp.ingest.reading import Reading

SURE = {"said": 1.0, "tag": 0.99, "name": 0.97, "word": 0.9, "content": 0.8, "guess": 0.6}
"""How surely a column is what it was taken for when a person said so, its HXL tag does, its header is the very name, is one
of the words for it, its cells look like it, its header has one of the words among others."""
LONG = 80


def understood(
    sheet: Sheet, places: Mapping[str, int], wanted: Sequence[Wanted], said: Mapping[str, str], first: Reading | None
) -> list[dict[str, Any]]:
    """Every column: its `header` and `tag`, the `name` it was taken for (none: not used), `by` which sign and how `sure`,
    the first `cell` that is filled in, and the `value` that was read from it where that differs."""
    names = {place: name for name, place in places.items()}
    wants = {want.name: want for want in wanted}
    columns = []
    for place, header in enumerate(sheet.headers):
        name = names.get(place)
        tag = sheet.tags[place] if sheet.tags is not None and is_tag(sheet.tags[place]) else None
        by = _sign(header, tag, wants[name], said) if name in wants else None
        cell, value = _example(first, place, name)
        columns.append({
            "header": header[:300], "tag": tag[:300] if tag else None, "name": name, "by": by, "sure": SURE[by] if by else None,
            "cell": cell, "value": value if value != cell else None,
        })  # fmt: skip
    return columns


def _sign(header: str, tag: str | None, want: Wanted, said: Mapping[str, str]) -> str:
    if said.get(want.name):
        return "said"
    if tag is not None and any(tag.split("+")[0].strip().lower() == own.split("+")[0] for own in want.tags):
        return "tag"
    spoken, words = plainly(header), [plain(word) for word in want.words]
    if spoken & {plain(want.name), *words[:1]}:
        return "name"
    if spoken & set(words):
        return "word"
    return "guess" if any(f" {word} " in f" {each} " for word in words for each in spoken) else "content"


def _example(first: Reading | None, place: int, name: str | None) -> tuple[str | None, str | None]:
    """The first cell that is filled in, and what is staged of its row under the same name."""
    if first is None or place >= len(first.batch.columns):
        return None, None
    column = first.batch.columns[place]
    if pa.types.is_null(column.type) or column.null_count == len(column):
        return None, None
    row = int(pc.index(pc.is_valid(column), value=True).as_py())
    cell = str(column[row].as_py()).replace("\0", "")[:LONG]
    staged = first.out.get(name) if name else None
    value = staged[row].as_py() if staged is not None else None
    return cell, None if value is None else str(value).replace("\0", "")[:LONG]
