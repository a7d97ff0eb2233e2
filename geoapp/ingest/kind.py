"""What is an import kind? One value: what it is called, reads, stages, how it recognises itself and how it lands."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from geoapp import geometry
from geoapp.ingest.columns import Wanted, match
from geoapp.ingest.reading import Reading
from geoapp.ingest.staged import GEOM, Staged

Form = Literal["table", "vector", "osm"]
"""A spreadsheet, delimited text or list of records; a file of features; an OpenStreetMap extract."""


FAR_M = 1000
"""Metres beyond which a place is another: what two decimals of a degree can be off."""
_OF_FOOTPRINT = (
    "(SELECT f.geom FROM facts.footprint AS f WHERE f.operation_id = t.operation_id AND f.id = t.footprint_id)"
)


@dataclass(frozen=True)
class Identity:
    """How a record `t` of a fact table and a staged row `s` of the same identifier are compared, in SQL (see `identity`)."""

    table: str
    says: Mapping[str, tuple[str, str]]
    """What it is, in words of people → as stored, as staged."""
    stored: str = _OF_FOOTPRINT
    staged: str = GEOM
    join: str = "t.source_key = s.source_key"
    known_as: str = "s.source_key"
    far_m: str = str(FAR_M)
    """Metres; NULL where the place is not known well enough to be compared."""
    also: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """What else it says, in the same way: a record that has moved far and says this otherwise lands, and is told."""
    published: str = "false"
    """Whether the identifier is given by one publisher, so that the row lands."""
    kept: str = "t.batch_id IS NULL AND t.version > 1"
    """Whether no row changes the record: it was corrected by hand (`load.kept_by_hand`), and what differs is that correction."""


def both(*names: str) -> dict[str, tuple[str, str]]:
    """Columns that a fact table and `staging` have under one name."""
    return {name.replace("_", " "): (f"t.{name}", f"s.{name}") for name in names}


@dataclass(frozen=True)
class Landing:
    """How staged rows become rows of one fact table: new ones added, changed ones updated, equal ones left alone."""

    table: str
    columns: Mapping[str, str]
    """Column of the fact table → SQL over the staged row `s`."""
    key: tuple[str, ...] = ("source_key",)
    """The columns by which a row is the same thing as before; staging has them under the same names."""
    footprint: str | None = None
    """SQL for the subject of the footprint that a staged shape is interned as; None when shapes stay with their rows."""
    identity: Identity | None = None
    """By what a row of a known identifier is known to be about another thing."""


@dataclass(frozen=True)
class Kind:
    """One import kind. Everything that is said of it anywhere (shell, HTTP, page, child, database) is read from here."""

    key: str
    title: str
    """What the page calls it."""
    handling: str
    """The handling of rows that say none."""
    tables: tuple[str, ...]
    """The fact tables it writes."""
    reads: tuple[Form, ...]
    wanted: tuple[Wanted, ...]
    staged: Staged
    normalise: Callable[[Reading], None]
    """Fills `out` with the staged columns of a batch. Raises RefusedFile."""
    lands: Landing | str
    """A Landing; or `module:function` of what it does that a Landing cannot say, called with connection and batch."""
    marks: tuple[str, ...] = ()
    """The wanted columns that tell such a file from others."""
    recognised: Callable[[Sequence[str]], float] | None = None
    """How sure these headers are those of the kind, 0 to 1, when marks do not say it."""
    source: Callable[[Sequence[str]], str] = field(default=lambda headers: "file")
    """What the source is called, by the headers, when nobody says."""
    shape: geometry.Want | None = None
    """The shapes a vector file must have; None when points or none at all will do."""
    prefer: tuple[str, ...] = ()
    """Columns (lower case) that tell the right layer of a file with many."""
    guessed: tuple[str, ...] = ()
    """What may be found in a plain list by words, for a person to look at."""
    listed: Callable[[Sequence[str]], bool] = field(default=lambda headers: False)
    """Whether these headers are those of a plain list, which no source has given its names."""
    one_column: str | None = None
    """What a table of a single column holds that has no header of its own."""
    in_operation: bool = True
    """Whether its places are compared with the box of the operation: not when it makes that box, or reaches beyond it."""
    by_pcode: bool = False
    """Whether its columns of P-codes are found by their content too, so that the reader is given those of the operation."""
    by_index: bool = False
    """Whether its landing looks rows up by index; all others match whole tables by hash."""
    endless: bool = False
    """Whether one file may have more features than others may."""

    def score(self, headers: Sequence[str], tags: Sequence[str] | None) -> float:
        """How sure a file with these headers is of this kind, from 0 (no sign of it) to 1."""
        if self.recognised is not None:
            return self.recognised(headers)
        found = match(headers, tags, self.wanted)
        if not self.marks or any(want.required and want.name not in found for want in self.wanted):
            return 0.0
        return sum(name in found for name in self.marks) / len(self.marks)
