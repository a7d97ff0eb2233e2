"""Nothing that leaves for a room is finer than its rules, whatever they are: place, fields, names, days, numbers."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import orjson
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, text

from geoapp import db
from geoapp.draw.query import source
from geoapp.forms import COUNTS, KEPT
from geoapp.model import DATES, HANDLING, PRECISIONS
from geoapp.scope import Scope
from geoapp.writing import lock_operation
from layers import STACK, Layer, get
from tests.gridland import square
from tests.layers.writes import (
    CONTEXT,
    RULED,
    change_area,
    change_zone,
    say,
    some_rule,
    write_record,
    write_site,
)


def read(
    connection: Connection, layer: Layer, scope: Scope, geometry: str | None = None
) -> list[tuple[dict[str, Any], Any]]:
    """All that leaves for a room of a layer, whatever door it leaves by, each record with its shape."""
    db.set_context(connection, scope.context())
    sql = (
        f"SELECT to_jsonb(t) - 'geom' AS row, ST_AsBinary(t.geom) AS geom FROM ({source(layer, scope, geometry)}) AS t"
    )
    found = connection.execute(text(sql), scope.binds())
    return [(row.row, shapely.from_wkb(bytes(row.geom)) if row.geom else None) for row in found]


def strictest(rules: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "rank": max(PRECISIONS.index(rule["precision"]) for rule in rules),
        "category": any(rule["labels"] == "category" for rule in rules),
        "dates": max((rule["dates"] for rule in rules), key=DATES.index),
        "least": max(rule["least"] for rule in rules),
        "withheld": {name for rule in rules for name in rule["withheld"]},
    }


class Told:
    """What one room may be told at most, worked out from its rules and what is recorded by nothing of the product's."""

    def __init__(self, connection: Connection, rules: dict[str, dict[str, Any]], clearance: str) -> None:
        self.rules, self.clearance = rules, HANDLING.index(clearance)
        scope = Scope("grid")
        self.recorded = {
            layer.name: {row["id"]: (row, geom) for row, geom in read(connection, layer, scope)} for layer in LAYERS
        }
        db.set_context(connection, CONTEXT)
        self.sides = {
            row.id: row.subjects
            for row in connection.execute(
                text(
                    "SELECT o.pair_id AS id, array_agg(DISTINCT s.subject) AS subjects FROM facts.overlap AS o"
                    " CROSS JOIN unnest(o.subjects) AS s (subject) GROUP BY o.pair_id"
                )
            )
        }
        self.names = set(connection.execute(text("SELECT name FROM facts.actor")).scalars())

    def rule(self, subject: str) -> dict[str, Any]:
        return self.rules.get(subject) or self.rules[subject.partition(".")[0]]

    def of(self, layer: Layer, row: dict[str, Any]) -> dict[str, Any]:
        """The strictest of the rules that decide about a record."""
        if layer.name == "areas_of_operation":
            return strictest([self.rule(f"areas_of_operation.{row['domain']}")])
        if layer.name == "overlaps":
            sides = [side.replace("areas.", "areas_of_operation.") for side in self.sides[row["id"]]]
            return strictest([self.rule(subject) for subject in ("overlaps", *sides)])
        return strictest([self.rule(layer.subject)])

    def organisations(self, layer: Layer, row: dict[str, Any]) -> set[str]:
        if layer.name == "areas_of_operation":
            return {row["actor"]} if row["domain"] == "civil" else set()
        if layer.name == "overlaps":
            return {row[f"actor_{side}"] for side in "ab" if row[f"domain_{side}"] == "civil"}
        return {row["operator"]} - {None} if layer.name == "sites" else set()

    def inside(self, layer: Layer, place: Any) -> set[str]:
        """The organisations of all records that the room could be told to lie in a district or cell."""
        found: set[str] = set()
        for row, geom in self.recorded[layer.name].values():
            if HANDLING.index(row["handling"]) <= self.clearance and self.of(layer, row)["rank"] < 5:
                if geom.intersects(place) and not geom.touches(place):
                    found |= self.organisations(layer, row)
        return found


LAYERS = [layer for layer in KEPT if layer.coarse and layer.coarse.counts is None]
DISTRICTS = {f"GD{c // 5:02d}{c}{r}": shapely.geometry.shape(square(c, r)) for c in range(10) for r in range(10)}


def on_grid(shape: Any) -> bool:
    corners = shapely.get_coordinates(shape)
    return bool((abs(corners * 10 - (corners * 10).round()) < 1e-6).all())


def check_place(may: Told, layer: Layer, rule: dict[str, Any], geom: Any, was: Any) -> None:
    if layer.shape == "point":
        assert rule["rank"] <= 1
        if rule["rank"] == 1:
            corners = shapely.get_coordinates(geom)
            assert (abs(corners * 100 % 1 - 0.5) < 1e-6).all()
    elif rule["rank"] in (1, 2):
        assert on_grid(geom)
    elif rule["rank"] == 3:
        assert geom.area > 0.007 and not {*map(tuple, shapely.get_coordinates(geom))} & {
            *map(tuple, shapely.get_coordinates(was))
        }
    if rule["rank"] in (1, 2) and rule["least"] and layer.coarse and layer.coarse.organisations:
        for unit in DISTRICTS.values():
            if unit.intersects(geom) and not unit.touches(geom):
                assert len(may.inside(layer, unit)) >= rule["least"]


def check_fields(may: Told, layer: Layer, rule: dict[str, Any], row: dict[str, Any]) -> None:
    assert layer.coarse is not None
    for field in layer.fields:
        value = row[field.name]
        flat = rule["rank"] > 0 or rule["category"] or rule["dates"] != "day"
        if field.name in rule["withheld"] or (flat and field.name not in layer.coarse.told):
            assert value is None, (layer.name, field.name)
        if field.kind == "date" and value is not None:
            day = date.fromisoformat(value)
            assert not (rule["rank"] > 0 and rule["least"])
            if rule["dates"] == "week":
                assert day.weekday() in (0, 6)
            if rule["dates"] == "month":
                assert 1 in (day.day, (day + timedelta(days=1)).day)
    if rule["category"]:
        assert not {name for name in may.names if f'"{name}"' in orjson.dumps(row).decode()}


def check_counts(may: Told, rows: list[tuple[dict[str, Any], Any]]) -> None:
    kinds = {layer.held: layer for layer in LAYERS}
    for row, geom in rows:
        layer = kinds[row["kind"]]
        lie = [
            (r, g)
            for r, g in may.recorded[layer.name].values()
            if HANDLING.index(r["handling"]) <= may.clearance and g.intersects(geom)
        ]
        counted = [may.of(layer, r) for r, _ in lie]
        counted = [
            rule for rule in counted if rule["rank"] in (2, 3, 4) and (layer.shape == "point" or rule["rank"] == 4)
        ]
        assert 0 < row["n"] <= len(counted)
        assert row["unit"] in DISTRICTS or geom.area > 0.007
        if layer.coarse and layer.coarse.organisations:
            assert len(may.inside(layer, geom)) >= min(rule["least"] for rule in counted)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def holds(engine: Engine, seed: int) -> None:
    choose = random.Random(seed)
    room, clearance = choose.choice((("cmwg_mixed", "GREEN"), ("hct", "AMBER")))
    rules = {subject: some_rule(choose, subject) for subject in RULED}
    with db.transaction(engine, CONTEXT) as connection:
        lock_operation(connection, "area")
        for write in (write_site, write_record, write_record, change_area, change_zone):
            write(connection, choose)
        for subject, said in rules.items():
            say(connection, room, subject, said)
    with db.transaction(engine, CONTEXT) as connection:
        may, scope = Told(connection, rules, clearance), Scope("grid", room)
        for layer in LAYERS:
            for row, geom in read(connection, layer, scope):
                before, was = may.recorded[layer.name][row["id"]]
                rule = may.of(layer, before)
                assert rule["rank"] < 5 and HANDLING.index(before["handling"]) <= may.clearance
                check_place(may, layer, rule, geom, was)
                check_fields(may, layer, rule, row)
            for geometry in layer.simplified or ():
                assert len(read(connection, layer, scope, geometry)) == len(read(connection, layer, scope))
        check_counts(may, read(connection, COUNTS, scope))
        presence = strictest([may.rule("presence")])
        for row, _ in read(connection, get("presence_counts"), scope):
            assert presence["rank"] in (0, 1, 2, 4) and row["n"] >= presence["least"] * (presence["rank"] > 0)
            check_fields(may, get("presence_counts"), presence, row)
        for layer in STACK:
            if layer.subject in rules and layer.coarse is None:
                own = may.rule(layer.subject)
                plain = own["precision"] == "exact" and own["labels"] == "name" and own["dates"] == "day"
                rows = read(connection, layer, scope)
                assert plain or not rows, layer.name
                assert all(row.get(name) is None for row, _ in rows for name in own["withheld"])


def test_nothing_that_leaves_is_finer_than_the_rule(engine: Engine, gridded: Callable) -> None:
    with db.transaction(engine, CONTEXT) as connection:
        lock_operation(connection, "area")
        choose = random.Random(1)
        for write in (write_site,) * 12 + (write_record,) * 8:
            write(connection, choose)
    holds(engine)
