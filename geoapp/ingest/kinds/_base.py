"""One batch of raw rows becoming staged columns: each cell parsed once per distinct value, each failure a finding."""

import csv
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from numpy.typing import NDArray

from geoapp import TOP, geometry
from geoapp.ingest import parse, place, spreadsheet_damage
from geoapp.ingest.columns import Batch, Wanted
from geoapp.ingest.report import Finding, Severity
from geoapp.ingest.staged import Staged

CODES = TOP / "data" / "codes"
LONG = 20_000
"""Characters that are kept of one cell."""


@dataclass(frozen=True)
class Kind:
    """What can be read as one import kind: its columns, its staged columns, and how rows become these."""

    name: str
    wanted: tuple[Wanted, ...]
    staged: Staged
    normalise: Callable[["Reading"], None]
    shape: geometry.Want | None = None
    """The shapes a vector file must have; None when points or none at all will do."""
    prefer: tuple[str, ...] = ()
    """Columns (lower case) that tell the right layer of a file with many."""
    guessed: tuple[str, ...] = ()
    """What may be found in a plain list by words, for a person to look at."""
    listed: Callable[[Sequence[str]], bool] = lambda headers: False
    """Whether these headers are those of a plain list, which no source has given its names."""
    one_column: str | None = None
    """What a table of a single column holds that has no header of its own."""


@dataclass
class Reading:
    """A batch being read. `out` collects the staged columns; `rejected` the rows that cannot be used."""

    kind: Kind
    batch: Batch
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
        self.batch = Batch(columns, self.batch.rows, self.batch.geoms)

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
                    severity, int(self.batch.rows[index]), header, code, message.replace("{value}", repr(value)), hint
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

    def date(self, name: str, severity: Severity = "error") -> pa.Array:
        """A column of dates; the order of day and month is settled by the column, or told as a finding."""
        column = self.raw(name)
        if self.has(name):
            spreadsheet_damage.dates(self, name)
        order = self.state.get(f"order:{name}") or parse.order_of(column)
        if order:
            self.state[f"order:{name}"] = order
        else:
            _, unclear = parse.mapped(column, _refuse_ambiguous, pa.bool_())
            self.tell(
                unclear, "warning", name, "date-two-ways",
                "{value} can be two dates; it was read day first.", "Write dates as 2026-10-18.",
            )  # fmt: skip
        return self.parsed(
            name, parse.day(order or "dmy"), pa.date32(), "not-a-date", "date", "Write it as 2026-10-18.", severity
        )

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

        values = self.parsed(name, read, pa.string(), code, what, "Use one of the words of the list.", severity)
        return pc.fill_null(values, default) if default is not None else values

    def need(self, name: str, message: str, hint: str) -> None:
        """Reject rows in which a staged column is null."""
        empty = pc.is_null(self.out[name]).to_numpy(zero_copy_only=False)
        self.tell(empty, "error", name, f"no-{name.replace('_', '-')}", message, hint)

    def constant(self, value: Any, type_: pa.DataType | None = None) -> pa.Array:
        """The same value in every row."""
        return pa.array([value] * len(self.batch), type_ or pa.string())

    def point(self) -> None:
        """Stage `lon` and `lat` from the shapes, or from columns in any notation (`place`)."""
        lon, lat = place.locate(self)
        spreadsheet_damage.places(self, lon, lat)
        swapped = (np.abs(lat) > 90) & (np.abs(lon) <= 90) & (np.abs(lat) <= 180)
        self.tell(
            swapped,
            "error",
            "lat",
            "swapped-axes",
            "Latitude and longitude seem to be the wrong way round.",
            "Exchange the two columns, or import with --swap.",
        )
        outside = (np.abs(lat) > 90) | (np.abs(lon) > 180) | ((lat == 0) & (lon == 0))
        self.tell(
            outside, "error", "lat", "off-the-map", "The coordinates are outside the world, or 0, 0.", "Correct them."
        )
        self._swap_check(lon, lat)
        self.out["lon"], self.out["lat"] = pa.array(lon, from_pandas=True), pa.array(lat, from_pandas=True)

    def _swap_check(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> None:
        """Rows outside the operation that would be inside the other way round: proposed, not applied."""
        box = self.options.get("bbox")
        if not box or self.options.get("swap"):
            return
        west, south, east, north = box[0] - 2, box[1] - 2, box[2] + 2, box[3] + 2
        inside = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
        other = (lat >= west) & (lat <= east) & (lon >= south) & (lon <= north)
        self.tell(
            other & ~inside, "error", "lat", "swapped-axes",
            "The place is outside the operation, and inside it with latitude and longitude exchanged.",
            "Exchange the two columns, or import with --swap.",
        )  # fmt: skip
        self.tell(
            ~inside & ~other & ~np.isnan(lon), "warning", "lat", "far-away",
            "The place is far outside the operation's boundaries.", "Check the coordinates.",
        )  # fmt: skip

    def add_column(self, name: str, header: str, cells: pa.Array) -> None:
        """A column made of others, which parsers and findings then know by this name."""
        self.batch = Batch([*self.batch.columns, cells], self.batch.rows, self.batch.geoms)
        self.places = {**self.places, name: len(self.batch.columns) - 1}
        filler = [""] * (len(self.batch.columns) - 1 - len(self.headers))
        self.headers = [*self.headers, *filler, header]

    def shapes(self, want: geometry.Want) -> None:
        """Stage the batch's shapes, checked and mended; lines only as geometry."""
        geoms = self.batch.geoms
        if geoms is None:
            geoms = np.full(len(self.batch), None, dtype=object)
        prepared = geometry.prepare(np.asarray(geoms), want)
        problems = np.array([p or "" for p in prepared.problem])
        for problem in sorted(set(problems) - {""}):
            mask = problems == problem
            refused = mask & shapely.is_missing(prepared.geom)
            first = str(prepared.why[np.flatnonzero(mask)[0]])
            hint = _OUT.get(problem, "Draw it again.")
            self.tell(refused, "error", None, problem, f"The shape cannot be used: {first}.", hint)
            self.tell(
                mask & ~refused,
                "repaired",
                None,
                problem,
                f"The shape was repaired: {first}.",
                "Look at it on the map.",
            )
        if want == "polygon":
            middle = shapely.centroid(prepared.geom)
            self._swap_check(shapely.get_x(middle), shapely.get_y(middle))
            self.out["shape_hash"] = pa.array(prepared.hash, pa.string())
            self.out["km2"] = pa.array(prepared.km2)
            self.out["mid"], self.out["low"] = _hex(prepared.mid), _hex(prepared.low)
        self.out["geom"] = _hex(prepared.geom)

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


_OUT = {
    "out-of-range": "Are these metres? Export it in WGS 84, or with its coordinate system.",
    "antimeridian": "Split it at the 180° meridian, one part on each side.",
}


def _refuse_ambiguous(text: str) -> bool:
    if parse.is_numeric_date(text):
        raise ValueError(text)
    return True


def _hex(geoms: NDArray[Any]) -> pa.Array:
    return pa.array(shapely.to_wkb(geoms, hex=True), pa.string(), from_pandas=True)


@cache
def words(name: str) -> Mapping[str, str]:
    """Plain word → code of a reference list: by code, label and synonyms."""
    with (CODES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found: dict[str, str] = {}
    for row in rows:
        for word in (row["code"], row["label"], *(row.get("synonyms") or "").split("|")):
            if parse.plain(word):
                found.setdefault(parse.plain(word), row["code"])
    return found
