"""Which columns does the table `staging` have, and what may stand in them? Declared by each kind, never by a file."""

from collections.abc import Mapping

Staged = dict[str, str]
"""Name of a staged column → its type, one of TYPES, or `code:` and the reference list whose codes it holds."""

TYPES: Mapping[str, tuple[str, str]] = {
    "text": ("text", ""),
    "json": ("jsonb", ""),
    "date": ("date", "CHECK (isfinite({0}))"),
    "moment": ("timestamptz", "CHECK (isfinite({0}))"),
    "whole": ("integer", ""),
    "number": ("double precision", "CHECK ({0} > '-Infinity' AND {0} < 'Infinity')"),
    "flag": ("boolean", ""),
    "handling": ("facts.handling", "NOT NULL"),
    "row": ("integer", "NOT NULL CHECK ({0} > 0)"),
    "geometry": ("geometry", "CHECK (ST_XMin({0}) >= -180.001 AND ST_XMax({0}) <= 180.001 AND ST_YMin({0}) >= -90.001 AND ST_YMax({0}) <= 90.001)"),
    "drawn": ("geometry", "CHECK (ST_XMin({0}) >= -20100000 AND ST_XMax({0}) <= 20100000 AND ST_YMin({0}) > '-Infinity' AND ST_YMax({0}) < 'Infinity')"),
}  # fmt: skip
"""Name of a type → what it is in PostgreSQL, and a check of the column {0}: no NaN passes, nor what is outside the world."""

SHAPES = ("geometry", "drawn")
"""Those of TYPES that are shapes."""

ROW: Staged = {"row_no": "row", "handling": "handling"}
"""The first columns of every staging table: the row of the file, and who may see it."""

SHAPE: Staged = {"geom": "geometry", "shape_hash": "text", "km2": "number", "mid": "drawn", "low": "drawn"}
"""A polygon with what is computed of it: EPSG:4326, its hash, its area, and two simpler forms in EPSG:3857."""


def texts(*names: str) -> Staged:
    """Columns of text."""
    return dict.fromkeys(names, "text")


def dates(*names: str) -> Staged:
    """Columns of days."""
    return dict.fromkeys(names, "date")


def wholes(*names: str) -> Staged:
    """Columns of whole numbers."""
    return dict.fromkeys(names, "whole")


def numbers(*names: str) -> Staged:
    """Columns of finite numbers."""
    return dict.fromkeys(names, "number")


def flags(*names: str) -> Staged:
    """Columns of yes and no."""
    return dict.fromkeys(names, "flag")


def coded(**lists: str) -> Staged:
    """Columns that hold codes of these reference lists."""
    return {name: f"code:{held}" for name, held in lists.items()}


VALID = "daterange(s.valid_from, s.valid_to, '[]')"
GEOM = "ST_SetSRID(s.geom, 4326)"
POINT = "ST_SetSRID(ST_MakePoint(s.lon, s.lat), 4326)"
"""What a fact table has of a staged row `s`: its days, its shape, its point."""


def same(*names: str) -> dict[str, str]:
    """Columns of a fact table that are the staged columns of the same names."""
    return {name: f"s.{name}" for name in names}
