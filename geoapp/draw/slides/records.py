"""What does a slide's map draw? The records of a layer under the room's policies, on their day, without withheld fields."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geoapp.audiences import Room
from geoapp.draw.query import columns, source
from geoapp.draw.slides.themes import Table
from geoapp.draw.wording import title
from geoapp.scope import Scope
from layers import Layer, Rule, get

MOST_POINTS = 400
"""Markers of a layer that a slide can show; what has more is drawn as counts where there are any."""


@dataclass(frozen=True)
class Asked:
    """Who asks for which days: the period for events, its last day for what lasts."""

    connection: Connection
    scope: Scope
    room: Room
    period: tuple[date | None, date]
    zoom: int = 22
    only: Collection[str] = ()
    """The layers that were chosen; none where all are drawn."""

    def shows(self, name: str) -> bool:
        """Whether records of a layer are drawn and listed: the room is shown it, and it was chosen."""
        return (not self.only or name in self.only) and self.room.shows(get(name))

    def of(self, layer: Layer) -> Scope:
        """The scope with the days that a layer is drawn for."""
        last = self.period[1]
        return replace(self.scope, period=self.period if layer.happens else (last, last))


@dataclass(frozen=True)
class Record:
    """One record: its number, its fields as the room is told them, what it is called, its shape in degrees, its class."""

    id: int
    told: Mapping[str, Any]
    name: str
    geom: Any
    rule: Rule


def records(asked: Asked, layer: Layer, where: str = "true") -> list[Record]:
    """The records of a layer that its classes draw when a map opens, the largest first so that none covers a smaller one."""
    scope = asked.of(layer)
    sql = f"SELECT t.id, ST_AsBinary(t.geom) AS shape, {columns(layer)} FROM ({source(layer, scope)}) AS t WHERE {where} ORDER BY t.id"
    rows = asked.connection.execute(text(sql), scope.binds(asked.zoom)).mappings().all()
    shapes: NDArray[np.object_] = np.array(shapely.from_wkb([row["shape"] for row in rows]), dtype=object).reshape(-1)
    hidden = asked.room.hidden(layer)
    found = []
    for row, geom in zip(rows, shapes, strict=True):
        told = {f.name: None if f.name in hidden else row[f.name] for f in layer.fields}
        rule = rule_of(layer, told)
        if rule is not None and rule.on and geom is not None:
            found.append(Record(row["id"], told, called(layer, told), geom, rule))
    grade = {rule.value: place for place, rule in enumerate(layer.style.rules)} if layer.style.graded else {}
    return sorted(found, key=lambda each: (grade.get(each.rule.value, 0), -shapely.area(each.geom)))


def rule_of(layer: Layer, told: Mapping[str, Any]) -> Rule | None:
    """The class of a record: by its value, else the class of everything else, which not every layer has."""
    value = told.get(layer.style.by) if layer.style.by else None
    named = next((rule for rule in layer.style.rules if rule.value == value), None)
    last = layer.style.rules[-1]
    return named or (last if last.value is None or layer.style.by is None else None)


def called(layer: Layer, told: Mapping[str, Any]) -> str:
    """What a record is called on a slide: its number, and the two sides of an overlap beside each other."""
    name = title(layer, dict(told))
    if "{actor_a} and {actor_b}" in layer.titled:
        name = " / ".join(str(told.get(side) or "withheld") for side in ("actor_a", "actor_b"))
    return f"{told['code']} · {name}" if told.get("code") else name


def listed(asked: Asked, layer: Layer, table: Table, most: int) -> tuple[list[dict[str, Any]], int]:
    """The first rows of a table, each with `id` and the fields as the room is told them, and how many there are in all."""
    scope = asked.of(layer)
    hidden = asked.room.hidden(layer)
    sql = f"""
        SELECT s.* FROM (
            SELECT t.id, count(*) OVER () AS of_all, row_number() OVER (PARTITION BY {table.once} ORDER BY {table.order}) AS nth,
                row_number() OVER (ORDER BY {table.order}) AS place, {columns(layer)}
            FROM ({source(layer, scope)}) AS t WHERE {table.where}
        ) AS s WHERE s.nth = 1 ORDER BY s.place LIMIT :most
    """
    rows = asked.connection.execute(text(sql), scope.binds(asked.zoom) | {"most": most}).mappings().all()
    told = [{name: None if name in hidden else value for name, value in row.items()} for row in rows]
    return told, rows[0]["of_all"] if rows else 0
