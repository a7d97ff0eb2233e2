"""Which rows of a list does a page show, in which order, and how many are there beside them? No shapes leave with them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from geoapp.audiences import Room
from geoapp.draw import features
from geoapp.draw.narrowing import LISTS, reads
from geoapp.draw.query import meets, source
from geoapp.errors import BadRequest, NotFound
from geoapp.scope import WORDS, Scope, known
from layers import Layer, Listing

MAX_ROWS = 200

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


def listed_layer(name: str) -> Layer:
    """The layer of the list of that name. Raises NotFound."""
    if name not in LISTS:
        raise NotFound(f"There is no list {name[:60]!r}.", hint=f"One of {', '.join(LISTS)}.")
    return LISTS[name]


def page(
    connection: Connection, layer: Layer, scope: Scope, room: Room, filters: Mapping[str, str], *, q: str = "",
    sort: str | None = None, limit: int = 50, offset: int = 0,
) -> dict[str, Any]:  # fmt: skip
    """A page of a list: its `rows`, with `bbox` (west, south, east, north) and `outline` (a path of SVG) in place of the
    shape; `all` rows of the scope, those `matched` by the filters, further `counts`, and the values to filter by with
    their numbers in `groups`. Raises BadRequest for a filter or an order that the list does not have."""
    listed = layer.listing
    assert listed is not None
    where, binds = narrowed(layer, room, filters, q)
    where = known(where, scope)
    binds |= scope.binds()
    inner = f"SELECT t.* FROM ({source(layer, scope)}) AS t WHERE {meets(scope)}"
    hidden = room.hidden(layer)
    numbers: dict[str, Any] = connection.execute(text(_numbers(listed, hidden, inner, where)), binds).scalar_one()
    if not numbers["matched"]:
        return numbers | {"rows": []}
    rows = connection.execute(
        text(_rows(layer, listed, hidden, inner, where, _order(listed, hidden, sort))),
        binds | {"limit": min(limit, MAX_ROWS), "offset": offset},
    )
    return numbers | {"rows": [row[0] for row in rows]}


def narrowed(layer: Layer, room: Room, filters: Mapping[str, str], q: str = "") -> tuple[str, dict[str, Any]]:
    """The condition on the layer's row `t`, and what it binds, by which a list or a file holds only what was asked for.

    Raises BadRequest for a layer that is no list, for a filter that its list does not have, and for one by what is withheld
    from the room.
    """
    clauses, binds = ["true"], dict[str, Any]()
    listed = layer.listing
    if listed is None:
        if filters or q:
            raise BadRequest(f"{layer.title} are no list that is filtered.", hint=f"Lists are {', '.join(LISTS)}.")
        return "true", binds
    hidden = room.hidden(layer)
    told = _told(listed.filters, hidden)
    for name, value in filters.items():
        if name not in told:
            raise BadRequest(f"This list is not filtered by {name[:60]!r}.", hint=f"By q, {', '.join(told)}.")
        clauses.append(listed.filters[name])
        binds[name] = value
    looked = ", ".join(f't."{name}"' for name in listed.search if name not in hidden)
    for place, word in enumerate(q.lower().split()[:WORDS]):
        clauses.append(f"strpos(lower(concat_ws(' ', {looked})), :word{place}) > 0")
        binds[f"word{place}"] = word
    return " AND ".join(clauses), binds


def _told(expressions: Mapping[str, str], hidden: frozenset[str]) -> dict[str, str]:
    """Of SQL over the row `t`, by name, what reads no field that is withheld from the room: an order or a filter tells too."""
    return {name: sql for name, sql in expressions.items() if hidden.isdisjoint(reads(sql))}


def _order(listed: Listing, hidden: frozenset[str], sort: str | None) -> str:
    """The order by its name; with a minus before it the other way round. The usual one is by `tie` alone where it would tell
    what is withheld from the room."""
    usual = next(iter(listed.sorts))
    told = _told(listed.sorts, hidden)
    name = (sort or usual).removeprefix("-")
    if name not in told and name != usual:
        raise BadRequest(f"This list has no order {name[:60]!r}.", hint=f"One of {', '.join(told)}.")
    by = told.get(name, listed.tie)
    if sort and sort.startswith("-"):
        return f"ROW({by}) DESC, {listed.tie}, t.id"
    return f"{by}, {listed.tie}, t.id"


def _numbers(listed: Listing, hidden: frozenset[str], inner: str, where: str) -> str:
    told = {name: sql for name, (sql, of) in listed.counts.items() if of not in hidden}
    groups = _told(listed.groups, hidden)
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


def _rows(layer: Layer, listed: Listing, hidden: frozenset[str], inner: str, where: str, order: str) -> str:
    shown = {each.name for each in features.shown(layer, hidden)}
    pairs = ", ".join(f"'{name}', p.\"{name}\"" for name in listed.fields if name in shown)
    # what costs most of a row, such as the names of its districts, is worked out for the rows of the page alone
    return f"""
        WITH wanted AS MATERIALIZED (SELECT t.id FROM ({inner}) AS t WHERE {where} ORDER BY {order} LIMIT :limit OFFSET :offset)
        SELECT jsonb_build_object('id', p.id, {pairs}, 'bbox', jsonb_build_array(
                round(ST_XMin(p.geom)::numeric, 5), round(ST_YMin(p.geom)::numeric, 5),
                round(ST_XMax(p.geom)::numeric, 5), round(ST_YMax(p.geom)::numeric, 5)), 'outline',
                {OUTLINE if layer.shape == "polygon" else "NULL"})
        FROM (SELECT t.* FROM ({inner}) AS t WHERE t.id = ANY (ARRAY(SELECT w.id FROM wanted AS w))) AS p
        CROSS JOIN LATERAL ({_PICTURE}) AS b ORDER BY {order.replace("t.", "p.")}
    """
