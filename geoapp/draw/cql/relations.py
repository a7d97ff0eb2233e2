"""How do shapes and days stand to each other in a filter? The spatial and the temporal functions of CQL2."""

from typing import Any

import shapely
from shapely.geometry import shape as shape_of

from geoapp.draw.cql.values import Asked, day_of, step, value_of
from geoapp.errors import BadRequest

GEOMETRY = ("geometry", "geom")
"""The names by which a filter speaks of the record's shape."""
SPATIAL = {
    "s_intersects": "ST_Intersects", "s_disjoint": "ST_Disjoint", "s_within": "ST_Within", "s_contains": "ST_Contains",
    "s_touches": "ST_Touches", "s_crosses": "ST_Crosses", "s_overlaps": "ST_Overlaps", "s_equals": "ST_Equals",
}  # fmt: skip
TEMPORAL = {
    "t_after": "{a0} > {b1}", "t_before": "{a1} < {b0}", "t_equals": "({a0} = {b0} AND {a1} = {b1})",
    "t_disjoint": "({a1} < {b0} OR {a0} > {b1})", "t_intersects": "({a0} <= {b1} AND {a1} >= {b0})",
    "t_during": "({a0} > {b0} AND {a1} < {b1})", "t_contains": "({a0} < {b0} AND {a1} > {b1})",
    "t_starts": "({a0} = {b0} AND {a1} < {b1})", "t_startedby": "({a0} = {b0} AND {a1} > {b1})",
    "t_finishes": "({a0} > {b0} AND {a1} = {b1})", "t_finishedby": "({a0} < {b0} AND {a1} = {b1})",
    "t_meets": "{a1} = {b0}", "t_metby": "{a0} = {b1}",
    "t_overlaps": "({a0} < {b0} AND {a1} > {b0} AND {a1} < {b1})",
    "t_overlappedby": "({a0} > {b0} AND {a0} < {b1} AND {a1} > {b1})",
}  # fmt: skip


def names_shape(node: Any) -> bool:
    """Whether a node is the record's own shape."""
    return isinstance(node, dict) and node.get("property") in GEOMETRY and len(node) == 1


def spatial(op: str, a: Any, b: Any, asked: Asked) -> str:
    """SQL for the record's shape beside one of the filter, by the index of the layer where it can be."""
    if names_shape(a) == names_shape(b):
        raise BadRequest(f"{op} is of the record's shape and one of yours.", hint=f"{op}(geometry, POINT(86 -13))")
    mine = _shape(b if names_shape(a) else a, asked)
    bound = f"ST_GeomFromText({asked.bind(mine.wkt, 'text')}, 4326)"
    pair = f"t.geom, {bound}" if names_shape(a) else f"{bound}, t.geom"
    if op == "s_disjoint":
        return f"({SPATIAL[op]}({pair}))"
    return f"(t.geom && {bound} AND {SPATIAL[op]}({pair}))"


def _shape(node: Any, asked: Asked) -> Any:
    """A shape of the filter in CRS84. Raises BadRequest for what is none, or one that crosses itself."""
    step(asked, 0)
    try:
        if isinstance(node, dict) and isinstance(node.get("bbox"), list):
            numbers = [float(each) for each in node["bbox"]]
            low, across, high, along = numbers if len(numbers) == 4 else (*numbers[:2], *numbers[3:5])
            found = shapely.box(low, across, high, along)
        else:
            found = shapely.force_2d(shape_of(node))
    except Exception as error:
        raise BadRequest("A shape of the filter cannot be read.", hint="WKT, GeoJSON or BBOX(w,s,e,n).") from error
    if found.geom_type == "GeometryCollection" or found.is_empty or not shapely.is_valid(found):
        raise BadRequest(
            "A shape of the filter is empty, crosses itself or is a collection.", hint="Give one simple shape."
        )
    return asked.crs.in_degrees(found)


def temporal(op: str, a: Any, b: Any, asked: Asked, depth: int) -> str:
    """SQL for two instants or intervals of days."""
    a0, a1 = _span(a, asked, depth)
    b0, b1 = _span(b, asked, depth)
    return "(" + TEMPORAL[op].format(a0=a0, a1=a1, b0=b0, b1=b1) + ")"


def _span(node: Any, asked: Asked, depth: int) -> tuple[str, str]:
    """First and last day of an instant or interval; an open end is infinitely far."""
    if isinstance(node, dict) and isinstance(node.get("interval"), list) and len(node["interval"]) == 2:
        first, last = node["interval"]
        return _end(first, "-infinity", asked, depth), _end(last, "infinity", asked, depth)
    day = _end(node, None, asked, depth)
    return day, day


def _end(node: Any, open_: str | None, asked: Asked, depth: int) -> str:
    if node == ".." and open_:
        return f"DATE '{open_}'"
    if isinstance(node, str):
        return asked.bind(day_of(node), "date")
    term = value_of(node, asked, depth + 1)
    if term.kind != "date":
        raise BadRequest(
            "The filter compares days with something else.", hint="Fields with days, or DATE('2026-10-18')."
        )
    # a period without an end goes on
    return f"coalesce({term.sql}, DATE '{open_}')" if open_ else term.sql
