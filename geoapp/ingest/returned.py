"""A file of rejected rows that was mended and comes back: read as the file that it was made from."""

from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from geoapp.ingest.columns import Rows, Sheet

REASON, ROW = "rejected because", "rejected row"
"""The last columns of such a file: why the row did not land, and where it stood in the file that was sent."""
RUNS = "=+-@\t\r"
"""What a cell begins with that a spreadsheet takes for a formula; such text gets an apostrophe before it."""
_GUARDED = f"^'+[{RUNS}]"


def returned(sheet: Sheet, *, guarded: bool) -> Sheet:
    """The sheet without these two columns, and where it is `guarded` without the apostrophes; any other sheet as it is."""
    if REASON not in sheet.headers:
        return sheet
    kept = [place for place, header in enumerate(sheet.headers) if header not in (REASON, ROW)]

    def batches() -> Iterator[Rows]:
        for batch in sheet.batches:
            columns = [batch.columns[place] for place in kept]
            yield Rows([_plain(column) for column in columns] if guarded else columns, batch.rows, batch.geoms)

    return replace(
        sheet, headers=[sheet.headers[place] for place in kept], batches=batches(),
        tags=[sheet.tags[place] for place in kept] if sheet.tags is not None else None,
    )  # fmt: skip


def _plain(column: pa.Array) -> pa.Array:
    if pa.types.is_null(column.type):
        return column
    guarded = pc.fill_null(pc.match_substring_regex(column, _GUARDED), fill_value=False)
    return pc.if_else(guarded, pc.utf8_slice_codeunits(column, 1), column)
