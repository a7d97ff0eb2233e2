"""Which columns hold P-codes of the operation's units? Told by what stands in them, whatever their title."""

from collections import Counter
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from geoapp.ingest.reading import Reading
from geoapp.ingest.report import Finding

SHARE = 0.8
"""Of its different cells so many must be P-codes of the operation for a column to be one of P-codes."""


def recognise(reading: Reading, names: Mapping[int, str], instead_of: Mapping[str, int]) -> None:
    """Place the wanted columns `names` (by level) that no title told, by content; the first batch settles it for the file.

    Looked at are columns that nothing has taken, and those of `instead_of` (name of a wanted column → its level), which
    should hold names of units and may hold their codes. Where several levels have one name, the deepest is taken. What is
    found is told as a guess.
    """
    if "pcode_columns" not in reading.state:
        reading.state["pcode_columns"] = _found(reading, names, instead_of)
    taken = set(reading.state["pcode_columns"].values())
    kept = {name: place for name, place in reading.places.items() if name not in instead_of or place not in taken}
    reading.places = kept | reading.state["pcode_columns"]


def _found(reading: Reading, names: Mapping[int, str], instead_of: Mapping[str, int]) -> dict[str, int]:
    known: Mapping[str, int] = reading.options.get("pcodes") or {}
    unused = {name for name, header in (reading.options.get("columns") or {}).items() if not header}
    taken = {place for name, place in reading.places.items() if name not in instead_of}
    best: dict[str, tuple[int, float, int]] = {}
    for place, column in enumerate(reading.batch.columns[: len(reading.headers)] if known else ()):
        cells = [] if place in taken or pa.types.is_null(column.type) else pc.drop_null(pc.unique(column)).to_pylist()
        written = [cell.strip().upper() for cell in cells if cell.strip()]
        levels = Counter(known[cell] for cell in written if cell in known)
        if not levels or levels.total() < SHARE * len(written):
            continue
        level = levels.most_common(1)[0][0]
        name, share = names.get(level), levels.total() / len(written)
        if (
            name
            and name not in reading.places
            and name not in unused
            and (level, share) > best.get(name, (0, 0.0, 0))[:2]
        ):
            best[name] = (level, share, place)
    for name, (_, share, place) in best.items():
        header = reading.headers[place]
        reading.findings.append(
            Finding(
                "warning", None, header, "columns-guessed",
                f"The column {header!r} was taken as {name.replace('_', ' ')}: {share:.0%} of its different cells are"
                " P-codes of this operation.",
                f'If it is not, import again with --column {name}="" (or name the right one).',
            )
        )  # fmt: skip
    return {name: place for name, (*_, place) in best.items()}
