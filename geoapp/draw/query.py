"""A layer's one SELECT, wrapped: the text that tile, table, count and file are all made of.

Where a layer is told to some rooms in a coarser form, that is a second branch of the same SELECT: the policies let a room
read either the records or the forms that are kept for it, never both.
"""

from dataclasses import dataclass
from typing import Any

from geoapp.draw import narrowing
from geoapp.scope import BOX, WORLD, Scope, boxed, known
from layers import Field, Layer
from layers._sql import IN_FORCE, PERIOD


@dataclass(frozen=True)
class Query:
    """SQL and what is bound to it: a value that can be looked at without a database."""

    sql: str
    binds: dict[str, Any]


def source(layer: Layer, scope: Scope, geometry: str | None = None) -> str:
    """The layer's SELECT with its geometry column and box filled in, as known on `scope.as_of` when that is said, and narrowed
    where the scope narrows this layer."""
    return " UNION ALL ".join(branches(layer, scope, geometry))


def first(layer: Layer, scope: Scope, where: str, order: str) -> str:
    """A SELECT among whose rows are the layer's first `:most` that meet a condition on its row `t`, in an order of these.

    Each branch gives its own first ones: so the database can read either by an index in that order, and stop. Beneath one
    common LIMIT it reads every row of both, and sorts them.
    """
    told = (
        f"(SELECT t.* FROM ({branch}) AS t WHERE {where} ORDER BY {order} LIMIT :most)"
        for branch in branches(layer, scope, None)
    )
    return " UNION ALL ".join(told)


def branches(layer: Layer, scope: Scope, geometry: str | None) -> list[str]:
    """What the room is told of the layer, narrowed: its records, and the forms that are kept for it in their place."""
    sql = records(layer, scope, geometry)
    told = [sql]
    if layer.coarse is not None and scope.as_of is None:  # of another day no forms are kept
        # both branches of the same types: else PostgreSQL makes every column of every record before it looks which are asked for
        fields = ", ".join(f't."{field.name}"::{_type(field)} AS "{field.name}"' for field in layer.fields)
        told = [f"SELECT t.id, {fields}, t.geom FROM ({sql}) AS t", boxed(_forms(layer, geometry))]
    return [narrowing.apply(layer, scope, each) for each in told]


def records(layer: Layer, scope: Scope, geometry: str | None = None) -> str:
    """The same of the records alone, without what is told in place of them."""
    return known(boxed(layer.sql.replace("{geom}", geometry or layer.geometry)), scope)


_TYPES = {"integer": "bigint", "number": "float8", "date": "date", "boolean": "boolean"}


def _type(field: Field) -> str:
    return _TYPES.get(field.kind, "text")


def _forms(layer: Layer, geometry: str | None) -> str:
    """What is told to this room in place of a layer's records, in the shape of its SELECT."""
    assert layer.coarse is not None
    low, mid = layer.simplified or (None, None)
    shapes = {None: "r.geom", layer.geometry: "r.geom", low: "r.low", mid: "r.mid"}
    fields = ", ".join(f"(r.row ->> '{field.name}')::{_type(field)} AS \"{field.name}\"" for field in layer.fields)
    when = IN_FORCE if layer.coarse.in_force else PERIOD
    return f"""
        SELECT r.row_id AS id, {fields}, {shapes.get(geometry, "ST_PointOnSurface(r.geom)") if geometry else "r.geom"} AS geom
        FROM facts.form AS r
        WHERE r.layer = '{layer.name}' AND r.audience = (SELECT calc.audience()) AND r.geom && :box AND {when.format("r.valid")}
    """


def meets(scope: Scope) -> str:
    """SQL over a row `t` that is true when its shape truly meets the box: the layer's SELECT compares boxes alone, by its index.
    A record without a shape is as near as its SELECT says."""
    return "true" if scope.bbox == WORLD else f"(t.geom IS NULL OR ST_Intersects(t.geom, {BOX}))"


def told(name: str) -> str:
    """The SQL of a field of the row `t` as files say it: a marking as `codes.marking` has it."""
    return f"'TLP:' || t.\"{name}\"" if name == "handling" else f't."{name}"'


def columns(layer: Layer) -> str:
    """The fields as a select list over alias t."""
    return ", ".join(f't."{field.name}"' for field in layer.fields)
