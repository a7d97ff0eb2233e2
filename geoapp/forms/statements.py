"""The SQL by which a layer's forms are made in a room, of all of its records or of some: where each lies, what is told in its
place, and how many a district or cell has.

Every statement is bound `:rules`, `:layer`, `:audience` and the days of a layer's SELECT; of some records `:ids` or `:units`.
"""

from functools import cache
from typing import NamedTuple

from sqlalchemy import TextClause, text

from layers import Layer
from layers._sql import UNIT_ON

_WORLD = "ST_MakeEnvelope(-180, -90, 180, 90, 4326)"
"""What stands for a layer's box: a plan that is made once must know that it leaves nothing out."""
_ENDS = ("period_end", "valid_to", "occurred_to")
"""Fields that are a last day: a week or month ends with its last."""
_OURS = "{0}.operation_id = (SELECT calc.operation()) AND {0}.audience = :audience AND {0}.layer = :layer"
_ROWS, _UNITS = "= ANY (CAST(:ids AS bigint[]))", "= ANY (CAST(:units AS text[]))"


class Statements(NamedTuple):
    """In the order in which they are run. The first three are about districts and cells, and give what they changed."""

    leave: TextClause
    """Takes away what is told of records, and takes them out of the units that they lay in: these units."""
    enter: TextClause
    """Puts them where they lie now: these units, and NULL where there is anything to be told at all."""
    recount: TextClause
    """Finds which records of units have enough organisations beside them: those of which that changed."""
    gone: TextClause
    """Takes away what is told of records."""
    told: TextClause
    """What is told in place of each record that is told singly."""
    uncounted: TextClause
    counted: TextClause
    """How many of the records that are not told singly each unit has."""


@cache
def of(layer: Layer, *, some: bool) -> Statements:
    """A layer's statements, for all of its records or for some."""
    rows, units = (f" AND {{0}} {_ROWS}", f" AND {{0}} {_UNITS}") if some else ("", "")
    gone = f"DELETE FROM facts.form AS f WHERE {_OURS.format('f')}{rows.format('f.row_id')}"
    return Statements(
        text(
            f"WITH gone AS ({gone})"
            f" DELETE FROM facts.form_place AS p WHERE {_OURS.format('p')}{rows.format('p.row_id')} RETURNING p.unit"
        ),
        text(_enter(layer, rows)),
        text(_recount(units)),
        text(gone),
        text(_INSERT.format(layer=":layer", ctes=_told_from(layer, rows), made=_told(layer), flat=_FLAT_SHAPE)),
        text(_UNCOUNTED + (f" AND f.row_id IN (SELECT {_NUMBER} FROM unnest(CAST(:units AS text[])) AS p (unit))" if some else "")),
        text(_INSERT.format(layer=":counts", ctes=_counted_from(units), made=_COUNTED, flat=_FLAT_SHAPE)),
    )  # fmt: skip


def singly(layer: Layer) -> tuple[int, ...]:
    """The precisions, by rank, at which a layer's records are told one by one. At others they are counted."""
    return {"point": (0, 1), "line": (0,)}.get(layer.shape, (0, 1, 2, 3))


_INSERT = """
    {ctes}
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


def _decided(layer: Layer, rows: str, columns: str = "") -> str:
    """The records that are told in another form, with what the strictest of their rules says; of these columns alone, where it
    is said which, found before anything is asked of them."""
    coarse = layer.coarse
    sql = (coarse and coarse.sql) or layer.sql
    return f"""
        WITH rule AS MATERIALIZED (
            SELECT r.* FROM jsonb_to_recordset(CAST(:rules AS jsonb)) AS r (subject text, rank int, category boolean,
                dates text, least int, withheld text[], as_recorded boolean)
        ), decided AS {"MATERIALIZED" if columns else ""} (
            SELECT {columns or "t.*"}, r.rank AS by_rank, r.category AS by_category, r.dates AS by_dates, r.least AS by_least,
                r.withheld AS by_withheld
            FROM ({sql.replace("{geom}", layer.geometry).replace(":box", _WORLD)}) AS t
            CROSS JOIN LATERAL (
                SELECT max(q.rank) AS rank, bool_or(q.category) AS category, max(q.least) AS least,
                    CASE WHEN bool_or(q.dates = 'month') THEN 'month' WHEN bool_or(q.dates = 'week') THEN 'week' ELSE 'day' END
                    AS dates, array_agg(w.field) FILTER (WHERE w.field IS NOT NULL) AS withheld, bool_and(q.as_recorded) AS plain
                FROM rule AS q LEFT JOIN LATERAL unnest(q.withheld) AS w (field) ON true
                WHERE q.subject = ANY ({(coarse and coarse.rules) or f"ARRAY['{layer.subject}']"})
            ) AS r
            WHERE (NOT r.plain OR {"true" if coarse and coarse.whole else "false"}) AND r.rank < 5{rows.format("t.id")}
        )
    """


def _enter(layer: Layer, rows: str) -> str:
    organisations = layer.coarse and layer.coarse.organisations
    columns = f"t.id, t.geom, {organisations or 'NULL::text[]'} AS organisations"
    return f"""
        {_decided(layer, rows, columns)}, put AS (
        INSERT INTO facts.form_place
            (operation_id, audience, layer, row_id, unit, cell, organisations, least, told, counted)
        SELECT DISTINCT ON (t.id, u.unit) calc.operation(), calc.audience(), :layer, t.id, u.unit, u.cell,
            t.organisations, t.by_least, {"t.by_least = 0" if organisations else "true"},
            t.by_rank NOT IN ({", ".join(map(str, singly(layer)))})
        FROM decided AS t
        CROSS JOIN LATERAL (
            SELECT CASE ST_Dimension(t.geom) WHEN 0 THEN t.geom WHEN 2 THEN ST_PointOnSurface(t.geom) END AS inside OFFSET 0
        ) AS i
        CROSS JOIN LATERAL (
            SELECT b.pcode AS unit, NULL::geometry AS cell
            FROM facts.boundary AS b
            JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
            WHERE t.by_rank IN (1, 2, 4) AND b.level = 2 AND {UNIT_ON.format("b", "(SELECT calc.today())")} AND f.geom && t.geom
                AND (ST_Intersects(f.geom, i.inside) OR ST_Dimension(t.geom) > 0 AND ST_Intersects(f.geom, t.geom)
                    AND NOT ST_Touches(f.geom, t.geom))
            UNION ALL
            SELECT c.cell, c.geom FROM calc.mgrs_cells(t.geom) AS c WHERE t.by_rank = 3
        ) AS u
        RETURNING unit
        )
        SELECT DISTINCT p.unit FROM put AS p UNION ALL (SELECT NULL FROM decided LIMIT 1)
    """


def _recount(units: str) -> str:
    ours = f"{_OURS.format('p')}{units.format('p.unit')}"
    return f"""
        UPDATE facts.form_place AS p SET told = NOT p.told
        FROM (
            SELECT p.row_id, p.unit, (p.least = 0 OR coalesce(n.n, 0) >= p.least) AS told
            FROM facts.form_place AS p LEFT JOIN (
                SELECT p.unit, count(DISTINCT o.name) AS n
                FROM facts.form_place AS p CROSS JOIN unnest(p.organisations) AS o (name) WHERE {ours} GROUP BY p.unit
            ) AS n ON n.unit = p.unit
            WHERE {ours}
        ) AS d
        WHERE {ours} AND p.row_id = d.row_id AND p.unit = d.unit AND p.told <> d.told
        RETURNING p.row_id
    """


_UNIT = f"""
    unit AS MATERIALIZED (
        (
            SELECT DISTINCT ON (b.pcode) b.pcode AS unit, b.name, f.geom
            FROM calc.boundary AS b
            JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
            WHERE b.level = 2 AND {UNIT_ON.format("b", "(SELECT calc.today())")} AND b.pcode IN (SELECT l.unit FROM lies AS l)
            ORDER BY b.pcode, b.cod_version DESC
        )
        UNION ALL
        (SELECT DISTINCT ON (l.unit) l.unit, l.unit, l.cell FROM lies AS l WHERE l.cell IS NOT NULL ORDER BY l.unit)
    )
"""
"""The name and outline of every district and cell in which something lies."""


def _told_from(layer: Layer, rows: str) -> str:
    """What is decided of the records, and where each is told to lie: one outline for all that lie in the same units."""
    return f"""
        {_decided(layer, rows)}, lies AS MATERIALIZED (
            SELECT p.row_id AS id, p.unit, p.cell FROM facts.form_place AS p
            WHERE {_OURS.format("p")}{rows.format("p.row_id")} AND p.told
        ), spread AS MATERIALIZED (
            SELECT l.id, array_agg(l.unit ORDER BY l.unit) AS units FROM lies AS l GROUP BY l.id
        ), {_UNIT}, joined AS MATERIALIZED (
            SELECT s.units, u.geom, ST_SimplifyPreserveTopology(u.flat, :mid_m) AS mid, ST_SimplifyPreserveTopology(u.flat, :low_m) AS low
            FROM (SELECT DISTINCT units FROM spread) AS s CROSS JOIN LATERAL (
                SELECT w.geom, {_FLAT_SHAPE} AS flat FROM (
                    SELECT ST_Multi(ST_Union(d.geom ORDER BY d.unit)) AS geom FROM unit AS d WHERE d.unit = ANY (s.units)
                    OFFSET 0
                ) AS w
                OFFSET 0
            ) AS u
        )
    """


def _told(layer: Layer) -> str:
    if layer.coarse is None:
        return "SELECT NULL::bigint AS id, NULL AS handling, NULL::geometry AS geom, NULL::geometry AS mid, NULL::geometry AS low, NULL::daterange AS valid, NULL::jsonb AS row WHERE false"
    if layer.coarse.counts is not None:
        geom, which = "t.geom", f"t.by_rank <> 3 AND coalesce({layer.coarse.counts} >= t.by_least, true)"
    elif layer.shape == "point":
        geom = f"CASE WHEN t.by_rank = 0 THEN t.geom ELSE {_SETTLED} END"
        which = "t.by_rank = 0 OR t.by_rank = 1 AND (t.by_least = 0 OR s.id IS NOT NULL)"
    elif layer.shape == "line":
        geom, which = "t.geom", "t.by_rank = 0"
    else:
        geom, which = "CASE WHEN t.by_rank = 0 THEN t.geom ELSE j.geom END", "t.by_rank <= 3"
    handling = "t.handling" if any(field.name == "handling" for field in layer.fields) else "calc.clearance()::text"
    joined = "j." in geom
    lighter = (
        f"CASE WHEN t.by_rank > 0 THEN j.{name} END AS {name}" if joined else f"NULL::geometry AS {name}"
        for name in ("mid", "low")
    )
    days = _days(f"lower({layer.coarse.valid})"), _days(f"upper({layer.coarse.valid}) - 1", last=True)
    return f"""
        SELECT t.id, {handling} AS handling, {geom} AS geom, {", ".join(lighter)},
            CASE WHEN {_NO_DAYS} THEN CAST('(,)' AS daterange) ELSE daterange({days[0]}, {days[1]}, '[]') END AS valid,
            jsonb_build_object({", ".join(_field(layer, name.name) for name in layer.fields)}) AS row
        FROM decided AS t LEFT JOIN spread AS s ON s.id = t.id{" LEFT JOIN joined AS j ON j.units = s.units" if joined else ""}
        WHERE {which}
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


_NUMBER = "hashtextextended(:kind || p.unit, 2) & 9007199254740991"
_UNCOUNTED = """
    DELETE FROM facts.form AS f
    WHERE f.operation_id = (SELECT calc.operation()) AND f.audience = :audience AND f.layer = :counts AND f.row ->> 'kind' = :kind
"""


def _counted_from(units: str) -> str:
    return f"""
        WITH lies AS MATERIALIZED (
            SELECT p.unit, p.row_id AS id, p.cell FROM facts.form_place AS p
            WHERE {_OURS.format("p")}{units.format("p.unit")} AND p.told AND p.counted
        ), {_UNIT}
    """


_COUNTED = f"""
    SELECT {_NUMBER} AS id, calc.clearance()::text AS handling, CAST('(,)' AS daterange) AS valid, u.geom,
        NULL::geometry AS mid, NULL::geometry AS low,
        jsonb_build_object('kind', CAST(:kind AS text), 'unit', p.unit, 'name', u.name, 'n', p.n) AS row
    FROM (SELECT l.unit, count(DISTINCT l.id) AS n FROM lies AS l GROUP BY l.unit) AS p JOIN unit AS u ON u.unit = p.unit
"""
