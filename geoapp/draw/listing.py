"""Which rows of a list does a page show, in which order, and how many are there beside them? No shapes leave with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text

from geoapp.audiences import Room
from geoapp.draw import features
from geoapp.draw.query import source
from geoapp.errors import BadRequest, NotFound
from geoapp.scope import Scope
from layers import Layer, get

MAX_ROWS = 200
WORDS = 8
"""Words that a search looks for, at most."""
OPEN = "t.status NOT IN ('resolved', 'dismissed')"


@dataclass(frozen=True)
class Listing:
    """A layer as a list. Everything in it is SQL over the layer's row `t` or the name of a field; what is asked is bound."""

    layer: Layer
    fields: tuple[str, ...]
    """What a row has."""
    search: tuple[str, ...]
    """Where the words of `q` are looked for."""
    sorts: Mapping[str, str]
    """The orders it can be asked in; the first is the usual one."""
    tie: str
    filters: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    """What rows are counted by, as arrays of values: one row may count for several."""
    counts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Further counts: the condition, and the field that must not be withheld for it to be told."""


LISTS: Mapping[str, Listing] = {
    "overlaps": Listing(
        get("overlaps"),
        fields=(
            "code", "actor_a", "actor_b", "domain_a", "domain_b", "relation", "sector", "districts", "period_start",
            "period_end", "days", "km2", "share_a", "share_b", "incidents", "risk", "status", "strategy", "owner", "due",
            "version",
        ),
        search=("code", "actor_a", "actor_b", "districts", "owner", "note"),
        sorts={
            "new": "t.status <> 'new', t.due", "code": "t.code", "actors": "t.actor_a", "relation": "t.relation",
            "districts": "t.districts", "period": "t.period_start", "km2": "-t.km2",
            "share": "-greatest(t.share_a, t.share_b)", "risk": "-coalesce(t.risk, 0), -coalesce(t.incidents, 0)",
            "strategy": "t.strategy", "owner": "t.due",
            "status": "array_position(ARRAY['new', 'acknowledged', 'in_coordination', 'agreed', 'monitoring', 'resolved',"
            " 'dismissed'], t.status)",
        },
        tie="t.code",
        filters={
            "relation": "t.relation = :relation",
            "status": f"CASE :status WHEN 'open' THEN {OPEN} ELSE t.status = :status END",
            "sector": ":sector = ANY (string_to_array(t.sector, ', '))",
            "share": "greatest(t.share_a, t.share_b) * 100 >= CAST(:share AS float8)",
        },
        groups={
            "relation": "ARRAY[t.relation]", "status": "ARRAY[t.status]", "sector": "string_to_array(t.sector, ', ')",
        },
        counts={"open": (OPEN, "status"), "new": ("t.status = 'new'", "status"), "unowned": ("t.owner IS NULL", "owner")},
    ),
    "doubles": Listing(
        get("doubles"),
        fields=("pcode", "district", "sector", "n", "actors", "period_start", "period_end"),
        search=("pcode", "district", "actors"),
        sorts={"new": "-t.n", "district": "t.district", "sector": "t.sector", "n": "-t.n", "period": "t.period_start"},
        tie="t.pcode, t.sector",
        filters={"sector": "t.sector = :sector"},
        groups={"sector": "ARRAY[t.sector]"},
    ),
    "gaps": Listing(
        get("gaps"),
        fields=("pcode", "district", "sector"),
        search=("pcode", "district"),
        sorts={"new": "t.district", "district": "t.district", "sector": "t.sector"},
        tie="t.pcode, t.sector",
        filters={"sector": "t.sector = :sector"},
        groups={"sector": "ARRAY[t.sector]"},
    ),
}  # fmt: skip

OUTLINE = """
    ST_AsSVG(ST_Simplify(ST_SnapToGrid(ST_Affine(p.geom, b.x, 0, 0, b.y, 42 - b.lon * b.x, -22 - b.lat * b.y), 1), 0.7), 1, 0)
"""
"""The shape as a path of whole pixels in a picture of 84 × 44: a memory aid, not a map; NULL where nothing is left of it."""
_PICTURE = """
    SELECT m.lon, m.lat, m.fit * cos(radians(m.lat)) AS x, m.fit AS y
    FROM (
        SELECT (ST_XMin(p.geom) + ST_XMax(p.geom)) / 2 AS lon, (ST_YMin(p.geom) + ST_YMax(p.geom)) / 2 AS lat, least(
            72 / greatest((ST_XMax(p.geom) - ST_XMin(p.geom))
                * cos(radians((ST_YMin(p.geom) + ST_YMax(p.geom)) / 2)), 1e-9),
            34 / greatest(ST_YMax(p.geom) - ST_YMin(p.geom), 1e-9)) AS fit
    ) AS m
"""


def listing(name: str) -> Listing:
    """The list of that name. Raises NotFound."""
    if name not in LISTS:
        raise NotFound(f"There is no list {name[:60]!r}.", hint=f"One of {', '.join(LISTS)}.")
    return LISTS[name]


def page(
    connection: Connection, listed: Listing, scope: Scope, room: Room, filters: Mapping[str, str], *, q: str = "",
    sort: str | None = None, limit: int = 50, offset: int = 0,
) -> dict[str, Any]:  # fmt: skip
    """A page of a list: its `rows`, with `bbox` (west, south, east, north) and `outline` (a path of SVG) in place of the
    shape; `all` rows of the scope, those `matched` by the filters, further `counts`, and the values to filter by with
    their numbers in `groups`. Raises BadRequest for a filter or an order that the list does not have."""
    where, binds = _where(listed, room, filters, q)
    binds |= scope.binds()
    inner = source(listed.layer, scope)
    numbers: dict[str, Any] = connection.execute(text(_numbers(listed, room, inner, where)), binds).scalar_one()
    if not numbers["matched"]:
        return numbers | {"rows": []}
    rows = connection.execute(
        text(_rows(listed, room, inner, where, _order(listed, sort))),
        binds | {"limit": min(limit, MAX_ROWS), "offset": offset},
    )
    return numbers | {"rows": [row[0] for row in rows]}


def _where(listed: Listing, room: Room, filters: Mapping[str, str], q: str) -> tuple[str, dict[str, Any]]:
    clauses, binds = ["true"], dict[str, Any]()
    for name, value in filters.items():
        if name not in listed.filters:
            known = ", ".join(listed.filters)
            raise BadRequest(f"This list is not filtered by {name[:60]!r}.", hint=f"By q, {known}.")
        clauses.append(listed.filters[name])
        binds[name] = value
    looked = ", ".join(f't."{name}"' for name in listed.search if name not in room.withheld_fields)
    for place, word in enumerate(q.lower().split()[:WORDS]):
        clauses.append(f"strpos(lower(concat_ws(' ', {looked})), :word{place}) > 0")
        binds[f"word{place}"] = word
    return " AND ".join(clauses), binds


def _order(listed: Listing, sort: str | None) -> str:
    name = sort or next(iter(listed.sorts))
    if name not in listed.sorts:
        raise BadRequest(f"This list has no order {name[:60]!r}.", hint=f"One of {', '.join(listed.sorts)}.")
    return f"{listed.sorts[name]}, {listed.tie}, t.id"


def _numbers(listed: Listing, room: Room, inner: str, where: str) -> str:
    told = {name: sql for name, (sql, of) in listed.counts.items() if of not in room.withheld_fields}
    groups = {name: sql for name, sql in listed.groups.items() if name not in room.withheld_fields}
    kept = [f"({where}) AS matches", *(f'({sql}) AS "c_{name}"' for name, sql in told.items())]
    kept += [f'{sql} AS "g_{name}"' for name, sql in groups.items()]
    counts = "".join(f", '{name}', count(*) FILTER (WHERE a.\"c_{name}\")" for name in told)
    by = ", ".join(
        f"'{name}', (SELECT coalesce(jsonb_object_agg(g.value, g.n), '{{}}') FROM (SELECT u.value, count(*) AS n"
        f' FROM asked AS a CROSS JOIN unnest(a."g_{name}") AS u (value) WHERE u.value IS NOT NULL GROUP BY 1) AS g)'
        for name in groups
    )
    return f"""
        WITH asked AS MATERIALIZED (SELECT {", ".join(kept)} FROM ({inner}) AS t)
        SELECT jsonb_build_object('all', count(*), 'matched', count(*) FILTER (WHERE a.matches),
            'counts', jsonb_build_object({counts.removeprefix(", ")}), 'groups', jsonb_build_object({by}))
        FROM asked AS a
    """


def _rows(listed: Listing, room: Room, inner: str, where: str, order: str) -> str:
    shown = {each.name for each in features.shown(listed.layer, room.withheld_fields)}
    pairs = ", ".join(f"'{name}', p.\"{name}\"" for name in listed.fields if name in shown)
    return f"""
        SELECT jsonb_build_object('id', p.id, {pairs}, 'bbox', jsonb_build_array(
                round(ST_XMin(p.geom)::numeric, 5), round(ST_YMin(p.geom)::numeric, 5),
                round(ST_XMax(p.geom)::numeric, 5), round(ST_YMax(p.geom)::numeric, 5)), 'outline', {OUTLINE})
        FROM (SELECT t.* FROM ({inner}) AS t WHERE {where} ORDER BY {order} LIMIT :limit OFFSET :offset) AS p
        CROSS JOIN LATERAL ({_PICTURE}) AS b ORDER BY {order.replace("t.", "p.")}
    """
