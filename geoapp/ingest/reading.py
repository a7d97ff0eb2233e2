"""One batch of raw rows becoming staged columns: each cell parsed once per distinct value, each failure a finding."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from geoapp.ingest import parse
from geoapp.ingest.columns import Rows
from geoapp.ingest.report import Finding, Severity

LONG = 20_000
"""Characters that are kept of one cell."""
FEW = 12
"""Up to so many codes of a list are named in a finding."""


@dataclass
class Reading:
    """A batch being read. `out` collects the staged columns; `rejected` the rows that cannot be used."""

    batch: Rows
    places: Mapping[str, int]
    headers: Sequence[str]
    source: str
    options: Mapping[str, Any]
    state: dict[str, Any]
    """Kept from batch to batch."""
    out: dict[str, pa.Array] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    metres: NDArray[np.float64] | None = None
    """How large the square is that a row's place was written as; NaN where a point was."""
    rejected: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.rejected = np.zeros(len(self.batch), dtype=bool)

    def has(self, name: str) -> bool:
        """Whether the file has this column."""
        return name in self.places

    def raw(self, name: str) -> pa.Array:
        """The text of a column; nulls when the file has none."""
        if name not in self.places:
            return pa.nulls(len(self.batch), pa.string())
        column = self.batch.columns[self.places[name]]
        return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column

    def replace(self, name: str, cells: pa.Array) -> None:
        """Put other cells in the place of a column's."""
        columns = list(self.batch.columns)
        columns[self.places[name]] = cells
        self.batch = Rows(columns, self.batch.rows, self.batch.geoms)

    def tell(
        self, mask: NDArray[np.bool_], severity: Severity, name: str | None, code: str, message: str, hint: str
    ) -> None:
        """A finding for each row of the mask; `{value}` in the message is the cell. Errors reject their rows."""
        fresh = mask & ~self.rejected
        if not fresh.any():
            return
        if severity == "error":
            self.rejected |= mask
        cells = self.raw(name) if name and self.has(name) else None
        header = self.headers[self.places[name]] if name and self.has(name) else name
        for index in np.flatnonzero(fresh):
            value = (cells[int(index)].as_py() or "")[:80] if cells is not None else ""
            self.findings.append(
                Finding(
                    severity,
                    int(self.batch.rows[index]),
                    header,
                    code,
                    message.replace("{value}", repr(value)),
                    hint,
                    value or None,
                )
            )

    def parsed(
        self, name: str, read: Callable[[str], Any], type_: pa.DataType, code: str, what: str, hint: str,
        severity: Severity = "error",
    ) -> pa.Array:  # fmt: skip
        """A column through a parser; cells it cannot read become findings and null."""
        values, failed = parse.mapped(self.raw(name), read, type_)
        self.tell(failed, severity, name, code, f"{{value}} is no {what}.", hint)
        return values

    def text(self, name: str, limit: int = 4000) -> pa.Array:
        """A column as trimmed text; blank is null, more than `limit` characters are cut."""
        values, _ = parse.mapped(self.raw(name), lambda cell: cell.replace("\0", "")[:limit], pa.string())
        return values

    def long_text(self, name: str) -> pa.Array:
        """A column whose cells all differ: trimmed by Arrow; blank is null."""
        raw = self.raw(name)
        long = pc.fill_null(pc.greater(pc.utf8_length(raw), LONG), fill_value=False)
        if pc.any(long).as_py():
            self.tell(
                long.to_numpy(zero_copy_only=False), "warning", name, "cell-cut",
                f"A cell holds more than {LONG:,} characters; the rest was left out.",
                "Look for a quote that is never closed: it swallows the rows after it.",
            )  # fmt: skip
        trimmed = pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(raw), 0, LONG)
        return pc.if_else(pc.equal(trimmed, ""), None, trimmed)

    def integer(self, name: str, severity: Severity = "error") -> pa.Array:
        """A column of whole numbers."""
        return self.parsed(
            name, parse.integer, pa.int64(), "not-a-number", "whole number", "Write digits only.", severity
        )

    def number(self, name: str, severity: Severity = "error") -> pa.Array:
        """A column of numbers."""
        return self.parsed(name, parse.number, pa.float64(), "not-a-number", "number", "Write it as 12.5.", severity)

    def code(
        self, name: str, known: Mapping[str, str], code: str, what: str, *, severity: Severity = "warning",
        default: str | None = None,
    ) -> pa.Array:  # fmt: skip
        """A column of codes through a table of (plain) words; an unknown word is a finding and the default."""

        def read(cell: str) -> str:
            found = known.get(parse.plain(cell))
            if found is None:
                raise ValueError(cell)
            return found

        codes = dict.fromkeys(known.values())
        hint = f"One of {', '.join(codes)}." if len(codes) <= FEW else "Use one of the words of the list."
        values = self.parsed(name, read, pa.string(), code, what, hint, severity)
        return pc.fill_null(values, default) if default is not None else values

    def need(self, name: str, message: str, hint: str) -> None:
        """Reject rows in which a staged column is null."""
        empty = pc.is_null(self.out[name]).to_numpy(zero_copy_only=False)
        self.tell(empty, "error", name, f"no-{name.replace('_', '-')}", message, hint)

    def constant(self, value: Any, type_: pa.DataType | None = None) -> pa.Array:
        """The same value in every row."""
        return pa.array([value] * len(self.batch), type_ or pa.string())

    def add_column(self, name: str, header: str, cells: pa.Array) -> None:
        """A column made of others, which parsers and findings then know by this name."""
        self.batch = Rows([*self.batch.columns, cells], self.batch.rows, self.batch.geoms)
        self.places = {**self.places, name: len(self.batch.columns) - 1}
        filler = [""] * (len(self.batch.columns) - 1 - len(self.headers))
        self.headers = [*self.headers, *filler, header]

    def digest(self, *names: str) -> pa.Array:
        """A key made of staged columns, for rows that bring none of their own."""
        columns = [self.out[n].to_pylist() for n in names]
        return pa.array(
            [
                hashlib.blake2b("|".join(str(v) for v in row).encode(), digest_size=8).hexdigest()
                for row in zip(*columns, strict=True)
            ],
            pa.string(),
        )
