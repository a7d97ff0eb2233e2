"""Which row of a table names its columns? Below title rows, by the words that a kind knows, with the HXL row where there is one."""

from collections.abc import Mapping, Sequence

from geoapp.ingest.columns import Wanted, is_tag_row, match

PEEK = 40
"""Rows in which the header is looked for."""

Said = Mapping[str, str]
"""Column → header, as a person said it."""


def header_row(rows: Sequence[Sequence[str]], wanted: Sequence[Wanted], said: Said | None) -> tuple[int, int | None]:
    """The places of the header row and of the HXL row among the first rows."""
    for place, row in enumerate(rows):
        if is_tag_row(row):
            above = [p for p in range(place) if sum(bool(c.strip()) for c in rows[p]) > 0]
            return (above[-1] if above else place), place
    known = {name: header for name, header in (said or {}).items() if header}
    scores = [
        len(match(row, None, wanted, known)) + (0.5 if sum(bool(c.strip()) for c in row) > 1 else 0) for row in rows
    ]
    best = max(range(len(rows)), key=lambda p: (scores[p], -p), default=0)
    return best, None


def unique(headers: Sequence[str]) -> list[str]:
    """The headers on one line each, an empty one by its place, one that comes again with its number."""
    seen: dict[str, int] = {}
    out = []
    for place, header in enumerate(headers):
        name = " ".join(header.split()) or f"column {place + 1}"
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return out
