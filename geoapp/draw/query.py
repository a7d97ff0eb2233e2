"""A layer's one SELECT, wrapped: the text that tile, table, count and file are all made of."""

from dataclasses import dataclass
from typing import Any

from geoapp.scope import Scope, known
from layers import Layer

BOX = "ST_MakeEnvelope(:west, :south, :east, :north, 4326)"


@dataclass(frozen=True)
class Query:
    """SQL and what is bound to it: a value that can be looked at without a database."""

    sql: str
    binds: dict[str, Any]


def source(layer: Layer, scope: Scope, geometry: str | None = None) -> str:
    """The layer's SELECT with its geometry column and box filled in, as known on `scope.as_of` when that is said."""
    return known(boxed(layer.sql.replace("{geom}", geometry or layer.geometry)), scope)


def boxed(sql: str) -> str:
    """A layer's SQL with its box filled in."""
    return sql.replace(":box", BOX)


def columns(layer: Layer) -> str:
    """The fields as a select list over alias t."""
    return ", ".join(f't."{field.name}"' for field in layer.fields)
