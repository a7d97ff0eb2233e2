"""Where would the rows of a check land? A small map: what is new, changed and taken back, in the operation's outline.

It is taken from the transaction of the check itself, as the room that asked is shown it. However large the file, the answer
is small: points are joined by cell, areas and lines are simplified, the largest are kept, and what is left out is counted.
"""

from typing import Any

import orjson
from sqlalchemy import Connection, text

from geoapp.ingest.kind import Kind
from geoapp.model import Base
from layers._sql import PLACED, UNIT_OF_CODE

ACROSS = 400
"""Steps across the longer side of the map: shapes are simplified to one, so that what is smaller than five becomes a point."""
CELLS = 50
"""Cells along that side within which points are joined."""
SHAPES, VERTICES = 1500, 8000
"""Areas and lines that are drawn at most, and their corners together."""
DIGITS = 5
"""Decimals of a degree."""
MARGIN = 0.03
"""Room around what is drawn, as a share of its longer side."""

_FATE = "CASE WHEN {0}.version = 1 THEN 'new' ELSE 'changed' END"
_OUTLINE_UNITS = 300
"""Units that make the outline at most; with more of them the country's land is drawn."""

_LANDED = """SELECT {fate} AS fate, {geom} AS geom, 1 AS n FROM facts.{table} AS t {join}
    WHERE t.operation_id = (SELECT calc.operation()) AND t.batch_id = :batch"""
_FOOTPRINT = "JOIN facts.footprint AS f ON f.operation_id = {0}.operation_id AND f.id = {0}.footprint_id"
_LOW = "ST_Transform(CASE WHEN ST_IsEmpty(f.low) THEN ST_Transform(f.label, 3857) ELSE f.low END, 4326)"
_AREA = f"""SELECT CASE WHEN p.batch_id = :batch THEN {_FATE.format("p")} ELSE 'changed' END AS fate, {_LOW} AS geom, {{}} AS n
    FROM facts.area_part AS p JOIN facts.area AS a ON a.operation_id = p.operation_id AND a.id = p.area_id
    {_FOOTPRINT.format("p")}
    WHERE p.operation_id = (SELECT calc.operation()) AND (p.batch_id = :batch {{}})"""
_EVENT = f"""SELECT {{fate}} AS fate, CASE WHEN {PLACED.format("t")} THEN t.geom ELSE {_LOW} END AS geom, 1 AS n
    FROM {{rows}} AS t
    LEFT JOIN facts.boundary AS b ON b.operation_id = t.operation_id AND b.pcode = t.pcode AND NOT ({PLACED.format("t")})
        AND {UNIT_OF_CODE.format("b", "lower(t.valid)")}
    LEFT JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
    WHERE t.finest = 0"""
"""Of an event that is known to its district only the district is drawn, and of a vaguer one nothing."""
_OWN = {
    "areas": _AREA.format("1", "OR a.batch_id = :batch"),
    "presence": _AREA.format("cardinality(p.source_rows)", ""),
    "incidents": _EVENT.format(
        fate=_FATE.format("t"),
        rows="""(SELECT i.operation_id, i.version, i.finest, i.geo_precision, i.pcode, i.valid, i.geom FROM facts.incident AS i
            WHERE i.operation_id = (SELECT calc.operation()) AND i.batch_id = :batch)""",
    ),
    "deletions": _EVENT.format(fate="'removed'", rows="(SELECT h.* FROM hit AS h WHERE NOT h.newer AND :batch > 0)"),
    "road_reports": _LANDED.format(
        fate=_FATE.format("t"), geom="r.geom", table="road_report",
        join="JOIN facts.road AS r ON r.operation_id = t.operation_id AND r.id = t.road_id",
    ),
}  # fmt: skip
"""Kinds whose records are not drawn by the shape of their own row."""

_BOX = """
    SELECT ST_XMin(x.box), ST_YMin(x.box), ST_XMax(x.box), ST_YMax(x.box), ST_XMin(x.turned), ST_XMax(x.turned)
    FROM (SELECT ST_Extent(o.geom) AS box, ST_Extent(ST_ShiftLongitude(o.geom)) AS turned
        FROM (SELECT geom FROM on_map UNION ALL SELECT {outline}) AS o) AS x
"""
_UNITS = f"""
    SELECT ST_Collect({{}}) FROM facts.boundary AS b {_FOOTPRINT.format("b")}
    WHERE b.operation_id = (SELECT calc.operation()) AND (b.valid @> current_date OR NOT EXISTS (
            SELECT FROM facts.boundary AS n WHERE n.operation_id = b.operation_id AND n.valid @> current_date))
        AND b.level = (SELECT min(m.level) FROM facts.boundary AS m WHERE m.operation_id = b.operation_id)
    HAVING count(*) <= {_OUTLINE_UNITS}
"""
_DRAWN = f"""
    WITH sized AS (
        SELECT o.fate, o.geom, o.n, greatest(ST_XMax(o.geom) - ST_XMin(o.geom), ST_YMax(o.geom) - ST_YMin(o.geom)) AS size
        FROM on_map AS o WHERE o.geom IS NOT NULL AND NOT ST_IsEmpty(o.geom)
    ), dots AS (
        SELECT d.fate, round(avg(ST_X(d.geom))::numeric, {DIGITS}) AS x, round(avg(ST_Y(d.geom))::numeric, {DIGITS}) AS y, sum(d.n) AS n
        FROM (SELECT s.fate, s.n, CASE WHEN ST_Dimension(s.geom) = 0 THEN s.geom ELSE ST_PointOnSurface(s.geom) END AS geom
            FROM sized AS s WHERE s.size < 5 * :step) AS d
        GROUP BY d.fate, floor(ST_X(d.geom) / :cell), floor(ST_Y(d.geom) / :cell)
    ), shapes AS (
        SELECT s.fate, ST_SimplifyPreserveTopology(s.geom, :step) AS geom, sum(s.n) AS n, max(s.size) AS size
        FROM sized AS s WHERE s.size >= 5 * :step GROUP BY s.fate, s.geom
    ), ranked AS (
        SELECT s.*, row_number() OVER by_size AS place, sum(ST_NPoints(s.geom)) OVER by_size AS corners
        FROM shapes AS s WINDOW by_size AS (ORDER BY s.size DESC, s.geom ROWS UNBOUNDED PRECEDING)
    )
    SELECT r.fate, ST_AsGeoJSON(ST_WrapX(r.geom, 180, -360), {DIGITS}) AS geometry, r.n, r.place <= :shapes AND r.corners <= :vertices AS drawn
    FROM ranked AS r
    UNION ALL SELECT d.fate, format('{{"type":"Point","coordinates":[%s,%s]}}', CASE WHEN d.x > 180 THEN d.x - 360 ELSE d.x END, d.y), d.n, true FROM dots AS d
"""


def drawn(connection: Connection, kind: Kind, batch: int) -> dict[str, Any]:
    """What a batch that is landing in this transaction brought, as a FeatureCollection in degrees.

    Features have `fate` (`new`, `changed` or `removed`) and `n`, the records that one shape stands for. Beside them `bbox`
    (None when nothing can be drawn and there is no outline), `outline`, the units of the highest level or else the land;
    `records` in all, `without_place`, which cannot be drawn, and `left_out`, which were too many.
    """
    connection.execute(
        text(f"CREATE TEMPORARY TABLE on_map ON COMMIT DROP AS {_OWN.get(kind.key) or _by_table(kind.tables[-1])}"),
        {"batch": batch},
    )
    records, without = connection.execute(
        text(
            "SELECT coalesce(sum(n), 0), coalesce(sum(n) FILTER (WHERE geom IS NULL OR ST_IsEmpty(geom)), 0) FROM on_map"
        )
    ).one()
    bounds = connection.execute(text(_BOX.format(outline=f"({_UNITS.format(_LOW)})"))).one()
    found: dict[str, Any] = {
        "type": "FeatureCollection", "bbox": None, "features": [], "outline": None, "records": int(records),
        "without_place": int(without), "left_out": 0,
    }  # fmt: skip
    if bounds[0] is None:
        return found
    west, south, east, north, turned_west, turned_east = (float(value) for value in bounds)
    across_180 = east - west > 180 and turned_east - turned_west < east - west
    if across_180:
        west, east = turned_west, turned_east
        connection.execute(text("UPDATE on_map SET geom = ST_ShiftLongitude(geom)"))
    side = max(east - west, north - south, 0.01)
    west, south = west - MARGIN * side, max(south - MARGIN * side, -90.0)
    east, north = east + MARGIN * side, min(north + MARGIN * side, 90.0)
    if across_180:
        boxes = [(west, south, 180.0, north), (-180.0, south, east - 360, north)]
    else:
        boxes = [(max(west, -180.0), south, min(east, 180.0), north)]
    step = side / ACROSS
    bounded = {"step": step, "cell": side / CELLS, "shapes": SHAPES, "vertices": VERTICES}
    for row in connection.execute(text(_DRAWN), bounded).all():
        if row.drawn:
            found["features"].append({
                "type": "Feature", "geometry": orjson.loads(row.geometry), "properties": {"fate": row.fate, "n": int(row.n)},
            })  # fmt: skip
        else:
            found["left_out"] += int(row.n)
    found["bbox"] = [round(value, DIGITS) for value in (*boxes[0][:2], *boxes[-1][2:])]
    found["outline"] = _outline(connection, boxes, step)
    return found


def _by_table(table: str) -> str:
    """The SELECT of a table's rows, by the shape that they have or stand on."""
    on_footprint = "footprint_id" in Base.metadata.tables[f"facts.{table}"].c
    versioned = "version" in Base.metadata.tables[f"facts.{table}"].c
    return _LANDED.format(
        fate=_FATE.format("t") if versioned else "'new'", table=table,
        geom=_LOW if on_footprint else "t.geom", join=_FOOTPRINT.format("t") if on_footprint else "",
    )  # fmt: skip


def _outline(
    connection: Connection, boxes: list[tuple[float, float, float, float]], step: float
) -> dict[str, Any] | None:
    """The units of the highest level; where there are none, or too many, the land within the boxes."""
    units = _UNITS.format(f"ST_SimplifyPreserveTopology({_LOW}, :step)")
    land = """SELECT ST_Collect(ST_SimplifyPreserveTopology(ST_ClipByBox2D(l.geom, x.box), :step))
        FROM (SELECT ST_MakeEnvelope(b.w, b.s, b.e, b.n, 4326) AS box FROM unnest(CAST(:w AS float8[]),
            CAST(:s AS float8[]), CAST(:e AS float8[]), CAST(:n AS float8[])) AS b (w, s, e, n)) AS x
        JOIN facts.base_feature AS l ON l.operation_id = (SELECT calc.operation()) AND l.class = 'land' AND l.geom && x.box"""
    values = {"step": step} | {name: list(edge) for name, edge in zip("wsen", zip(*boxes, strict=True), strict=True)}
    found = connection.execute(
        text(f"SELECT ST_AsGeoJSON(coalesce(({units}), ({land})), {DIGITS})"), values
    ).scalar_one()
    return orjson.loads(found) if found else None
