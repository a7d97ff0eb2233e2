"""What is a room told in place of records that its rules do not show it? Fixed when something is recorded, the same for whoever asks.

A room's forms of a layer are made of that layer's own SELECT, run in the room and so under its clearance, with nothing in
them but what its rule tells: districts or 10-km cells in place of shapes, categories in place of names, weeks in place
of days. Small districts are left out where a rule says so, and then no days are told, for a period would part them. What
is no shape is counted. The policies let a room read these or the records, never both;
what a record said before it changed is taken back by `calc.changed` at once, so that whatever is missed here is told to
nobody.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection, text

from geoapp.audiences import Room, Rule, rooms
from geoapp.db import Context, set_context
from geoapp.draw.query import of_all_days
from geoapp.geometry import LOW_M, MID_M
from geoapp.model import DOMAINS, PRECISIONS
from geoapp.model.subjects import CLAIMS
from geoapp.scope import Scope
from layers import STACK, Layer, get
from layers._sql import UNIT_ON

KEPT = tuple(layer for layer in STACK if layer.coarse or layer.held)
"""The layers of which rooms are told other forms, or numbers."""
COUNTS = next(layer for layer in STACK if layer.counting)
"""The layer of these numbers."""
_ENDS = ("period_end", "valid_to", "occurred_to")
"""Fields that are a last day: a week or month ends with its last."""
_BOUNDARIES = ("boundary", "footprint", "audience", "audience_rule")
_STATE = text("""
    SELECT calc.today()::text, (SELECT coalesce(jsonb_object_agg(c.subject, c.number), '{}') FROM facts.change AS c),
        (SELECT coalesce(jsonb_object_agg(m.audience || ' ' || m.layer, m.made_from), '{}') FROM facts.form_made AS m
            WHERE m.operation_id = calc.operation())
""")


def keep(connection: Connection, context: Context) -> None:
    """Bring every room's forms up to date with what this transaction recorded. Those of tables that did not change stay."""
    told = [room for room in rooms(connection) if not room.may_write]
    if not any(narrowed(room, layer) for room in told for layer in KEPT):
        return
    today, changes, made = connection.execute(_STATE).one()
    for room in told:
        due = {
            layer.name: state
            for layer in KEPT
            if made.get(f"{room.key} {layer.name}")
            != (state := ",".join([today, *(str(changes.get(table, 0)) for table in _reads(layer))]))
        }
        if not due:
            continue
        set_context(connection, replace(context, audience=room.key, as_of=None, purpose="form"))
        for name, state in due.items():
            _make(connection, room, get(name), state)
    set_context(connection, context)


def narrowed(room: Room, layer: Layer) -> bool:
    """Whether some of a layer's records are told to the room in another form than they are recorded in."""
    return not room.as_recorded(layer.subject) and any(
        rule.precision != "withheld" for rule in room.rules_about(layer.subject)
    )


def _reads(layer: Layer) -> tuple[str, ...]:
    return tuple(sorted({*layer.reads, *_BOUNDARIES}))


def _make(connection: Connection, room: Room, layer: Layer, state: str) -> None:
    as_of_today = layer.coarse is not None and layer.coarse.counts is not None
    day = date.fromisoformat(state[:10])
    binds: dict[str, Any] = Scope("", period=(day, day) if as_of_today else None).binds() | {
        "layer": layer.name, "kind": layer.held, "reads": list(_reads(layer)), "rules": orjson.dumps(list(_rules(room, layer))).decode(),
        "whole": layer.coarse is not None and layer.coarse.whole, "counts": COUNTS.name, "low_m": LOW_M, "mid_m": MID_M, "audience": room.key, "state": state,
    }  # fmt: skip
    connection.execute(_GONE, binds)
    if narrowed(room, layer):
        made = [(":layer", _told(layer))] if layer.coarse else []
        made += [(":counts", _counted(layer))] if layer.held else []
        # what was decided and where it lies is worked out once for both
        parts = [
            f"part{n} AS ({_INSERT.format(layer=name, made=sql, flat=_FLAT_SHAPE)})"
            for n, (name, sql) in enumerate(made)
        ]
        connection.execute(text(f"{_decided(layer)}, {', '.join(parts)} SELECT 1"), binds)
    connection.execute(_MADE, binds)


def _rules(room: Room, layer: Layer) -> Iterator[dict[str, Any]]:
    """The room's rules by every subject that a record of the layer may be of, for SQL."""
    subjects = [
        layer.subject,
        *CLAIMS.values(),
        *(f"{claim}.{domain}" for claim in CLAIMS.values() for domain in DOMAINS),
    ]
    for subject in dict.fromkeys(subjects):
        rule: Rule = room.rule(subject)
        yield {
            "subject": subject, "rank": PRECISIONS.index(rule.precision), "category": rule.labels == "category", "dates": rule.dates,
            "least": rule.least, "withheld": sorted(rule.withheld), "as_recorded": rule.as_recorded,
        }  # fmt: skip


_GONE = text("""
    DELETE FROM facts.form AS f
    WHERE f.operation_id = calc.operation() AND f.audience = :audience
        AND (f.layer = :layer OR f.layer = :counts AND f.row ->> 'kind' = :kind)
""")
_MADE = text("""
    INSERT INTO facts.form_made (operation_id, audience, layer, made_from)
    VALUES (calc.operation(), :audience, :layer, :state)
    ON CONFLICT (operation_id, audience, layer) DO UPDATE SET made_from = excluded.made_from
""")
_INSERT = """
    INSERT INTO facts.form (operation_id, audience, layer, row_id, handling, reads, valid, row, geom, mid, low)
    SELECT calc.operation(), calc.audience(), {layer}, m.id, CAST(m.handling AS facts.handling), CAST(:reads AS text[]), m.valid,
        m.row, m.geom, coalesce(m.mid, ST_SimplifyPreserveTopology(m.flat, :mid_m)),
        coalesce(m.low, ST_SimplifyPreserveTopology(m.flat, :low_m))
    FROM (
        SELECT w.*, CASE WHEN w.mid IS NULL THEN {flat} END AS flat
        FROM ({made} OFFSET 0) AS w WHERE w.geom IS NOT NULL OFFSET 0
    ) AS m
"""
"""OFFSET 0: a shape that is worked out is not worked out again wherever it is named."""
_FLAT_SHAPE = """ST_Transform(CASE WHEN ST_YMax(w.geom) > 85.05 OR ST_YMin(w.geom) < -85.05
    THEN ST_Intersection(w.geom, ST_MakeEnvelope(-180, -85.05, 180, 85.05, 4326)) ELSE w.geom END, 3857)"""
"""A shape as web maps have it, as far as they reach."""
_FLAT = "(t.by_rank > 0 OR t.by_category OR t.by_dates <> 'day')"
"""Whether a record is told in nothing but the fields that say nothing of its place, name and day."""
_NO_DAYS = "(t.by_rank > 0 AND t.by_least > 0)"


def _decided(layer: Layer) -> str:
    """The records that are told in another form, with what the strictest of their rules says; and the districts or cells that
    each lies in, without those in which too few organisations are."""
    coarse = layer.coarse
    organisations = (coarse and coarse.organisations) or "NULL::text[]"
    small = "t.by_least = 0 OR coalesce(o.n, 0) >= t.by_least" if coarse and coarse.organisations else "true"
    return f"""
        WITH rule AS MATERIALIZED (
            SELECT r.* FROM jsonb_to_recordset(CAST(:rules AS jsonb)) AS r (subject text, rank int, category boolean,
                dates text, least int, withheld text[], as_recorded boolean)
        ), decided AS MATERIALIZED (
            SELECT t.*, r.rank AS by_rank, r.category AS by_category, r.dates AS by_dates, r.least AS by_least,
                r.withheld AS by_withheld,
                CASE ST_Dimension(t.geom) WHEN 0 THEN t.geom WHEN 2 THEN ST_PointOnSurface(t.geom) END AS by_inside
            FROM ({of_all_days(layer)}) AS t
            CROSS JOIN LATERAL (
                SELECT max(q.rank) AS rank, bool_or(q.category) AS category, max(q.least) AS least,
                    CASE WHEN bool_or(q.dates = 'month') THEN 'month' WHEN bool_or(q.dates = 'week') THEN 'week' ELSE 'day' END
                    AS dates, array_agg(w.field) FILTER (WHERE w.field IS NOT NULL) AS withheld, bool_and(q.as_recorded) AS plain
                FROM rule AS q LEFT JOIN LATERAL unnest(q.withheld) AS w (field) ON true
                WHERE q.subject = ANY ({(coarse and coarse.rules) or f"ARRAY['{layer.subject}']"})
            ) AS r
            WHERE (NOT r.plain OR CAST(:whole AS boolean)) AND r.rank < 5
        ), lies AS MATERIALIZED (
            SELECT t.id, u.unit, u.name, u.geom
            FROM decided AS t
            CROSS JOIN LATERAL (
                SELECT b.pcode AS unit, b.name, f.geom
                FROM facts.boundary AS b
                JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
                WHERE t.by_rank IN (1, 2, 4) AND b.level = 2 AND {UNIT_ON.format("b", "(SELECT calc.today())")} AND f.geom && t.geom
                    AND (ST_Intersects(f.geom, t.by_inside) OR ST_Dimension(t.geom) > 0 AND ST_Intersects(f.geom, t.geom)
                        AND NOT ST_Touches(f.geom, t.geom))
                UNION ALL
                SELECT c.cell, c.cell, c.geom FROM calc.mgrs_cells(t.geom) AS c WHERE t.by_rank = 3
            ) AS u
        ), organised AS (
            SELECT l.unit, count(DISTINCT n.name)::int AS n
            FROM lies AS l JOIN decided AS t ON t.id = l.id CROSS JOIN unnest({organisations}) AS n (name) GROUP BY l.unit
        ), placed AS MATERIALIZED (
            SELECT l.*, t.by_rank FROM lies AS l JOIN decided AS t ON t.id = l.id LEFT JOIN organised AS o ON o.unit = l.unit
            WHERE {small}
        ), spread AS MATERIALIZED (
            SELECT p.id, array_agg(p.unit ORDER BY p.unit) AS units FROM placed AS p WHERE p.by_rank > 0 GROUP BY p.id
        ), joined AS MATERIALIZED (
            SELECT s.units, u.geom, ST_SimplifyPreserveTopology(u.flat, :mid_m) AS mid, ST_SimplifyPreserveTopology(u.flat, :low_m) AS low
            FROM (SELECT DISTINCT units FROM spread) AS s CROSS JOIN LATERAL (
                SELECT w.geom, {_FLAT_SHAPE} AS flat FROM (
                    SELECT ST_Multi(ST_Union(d.geom)) AS geom FROM (SELECT DISTINCT ON (p.unit) p.geom FROM placed AS p
                        WHERE p.unit = ANY (s.units) ORDER BY p.unit) AS d
                    OFFSET 0
                ) AS w
                OFFSET 0
            ) AS u
        )
    """


def _told(layer: Layer) -> str:
    """What is told in place of each record that is told singly."""
    assert layer.coarse is not None
    if layer.coarse.counts is not None:
        geom, which = "t.geom", f"t.by_rank <> 3 AND coalesce({layer.coarse.counts} >= t.by_least, true)"
    else:
        geom, which = "CASE WHEN t.by_rank = 0 THEN t.geom ELSE j.geom END", "t.by_rank <= 3"
    if layer.shape == "point" and layer.coarse.counts is None:
        geom, which = f"CASE WHEN t.by_rank = 0 THEN t.geom ELSE {_SETTLED} END", "t.by_rank <= 1"
    if layer.shape == "line":
        geom, which = "t.geom", "t.by_rank = 0"
    handling = "t.handling" if any(field.name == "handling" for field in layer.fields) else "calc.clearance()::text"
    joined = "j." in geom
    lighter = (f"CASE WHEN {joined} AND t.by_rank > 0 THEN j.{name} END AS {name}" for name in ("mid", "low"))
    days = _days(f"lower({layer.coarse.valid})"), _days(f"upper({layer.coarse.valid}) - 1", last=True)
    return f"""
        SELECT t.id, {handling} AS handling, {geom} AS geom, {", ".join(lighter)},
            CASE WHEN {_NO_DAYS} THEN CAST('(,)' AS daterange) ELSE daterange({days[0]}, {days[1]}, '[]') END AS valid,
            jsonb_build_object({", ".join(_field(layer, name.name) for name in layer.fields)}) AS row
        FROM decided AS t LEFT JOIN spread AS s ON s.id = t.id LEFT JOIN joined AS j ON j.units = s.units WHERE {which}
    """


_SETTLED = """ST_SetSRID(ST_MakePoint(floor(ST_X(ST_PointOnSurface(t.geom)) * 100) / 100 + 0.005,
    floor(ST_Y(ST_PointOnSurface(t.geom)) * 100) / 100 + 0.005), 4326)"""
"""The middle of a hundredth of a degree, about a kilometre, as incidents are told to the settlement."""


def _field(layer: Layer, name: str) -> str:
    """A field's name and what is told of it, for a JSON object."""
    assert layer.coarse is not None
    value = f't."{name}"'
    if name in layer.coarse.labels:
        value = f"CASE WHEN t.by_category THEN {layer.coarse.labels[name]} ELSE {value} END"
    if layer.field(name).kind == "date":
        value = f"CASE WHEN NOT {_NO_DAYS} THEN {_days(value, last=name in _ENDS)} END"
    never = "false" if name in layer.coarse.told else "true" if layer.coarse.counts is not None else _FLAT
    return f"'{name}', CASE WHEN {never} OR '{name}' = ANY (t.by_withheld) THEN NULL ELSE {value} END"


def _days(day: str, *, last: bool = False) -> str:
    """A day as it is told: the first, or the last, of its week or month."""
    if not last:
        return f"CASE t.by_dates WHEN 'day' THEN {day} ELSE date_trunc(t.by_dates, {day})::date END"
    return (
        f"CASE t.by_dates WHEN 'day' THEN {day} WHEN 'week' THEN date_trunc('week', {day})::date + 6"
        f" ELSE (date_trunc('month', {day}) + interval '1 month')::date - 1 END"
    )


def _counted(layer: Layer) -> str:
    """How many of the records that are not told singly each district or cell has."""
    singly = {"point": "(0, 1)", "line": "(0)"}.get(layer.shape, "(0, 1, 2, 3)")
    return f"""
        SELECT hashtextextended(:kind || p.unit, 2) & 9007199254740991 AS id, calc.clearance()::text AS handling,
            CAST('(,)' AS daterange) AS valid, (array_agg(p.geom))[1] AS geom,
            NULL::geometry AS mid, NULL::geometry AS low,
            jsonb_build_object('kind', CAST(:kind AS text), 'unit', p.unit, 'name', min(p.name), 'n', count(DISTINCT p.id)) AS row
        FROM placed AS p WHERE p.by_rank NOT IN {singly} GROUP BY p.unit
    """
