"""The records of a layer as GeoJSON, as rows, as one record, and how many there are."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import orjson
import shapely
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from geoapp.audiences import Room
from geoapp.crs import CRS84, Crs
from geoapp.db import CANCELLED, sqlstate, streamed, too_long
from geoapp.draw.query import Query, columns, first, meets, source, told
from geoapp.draw.versions import AnswerCache, kept, look
from geoapp.errors import BadRequest, NotFound
from geoapp.model.subjects import SUBJECTS
from geoapp.scope import WORLD, Scope
from layers import Field, Layer

MAX_LIMIT = 10_000
LONGEST_S = 10
"""How long the database may look for what a filter asks for."""

_CASTS = {"integer": "bigint", "number": "float8", "date": "date", "boolean": "boolean", "text": "text", "list": "text"}


@dataclass(frozen=True)
class Wanted:
    """What of a layer's records is wanted beyond the scope: a condition on their row `t`, an order, fields, a system."""

    where: str = "true"
    binds: Mapping[str, Any] = field(default_factory=dict)
    order: str = "t.id"
    fields: tuple[str, ...] | None = None
    """All that the room is told, when it is not said."""
    crs: Crs = CRS84


def shown(layer: Layer, withheld: Collection[str]) -> list[Field]:
    """The fields of a layer that the audience is told; a withheld one is neither shown nor asked by."""
    return [field for field in layer.fields if field.name not in withheld]


def _where(layer: Layer, filters: Mapping[str, str], withheld: Collection[str]) -> tuple[str, dict[str, Any]]:
    """Equality filters by field name, each value bound. Raises BadRequest for an unknown field."""
    clauses, binds = [], {}
    known = {field.name: field for field in shown(layer, withheld)}
    for place, (name, value) in enumerate(filters.items()):
        field = known.get(name)
        if field is None:
            raise BadRequest(f"{layer.name} has no field {name[:60]!r}.", hint=f"Its fields are {', '.join(known)}.")
        clauses.append(f't."{field.name}" = CAST(:f{place} AS {_CASTS[field.kind]})')
        binds[f"f{place}"] = value
    return (" AND ".join(clauses) or "true"), binds


def _without(layer: Layer, classes: Collection[str]) -> tuple[str, dict[str, Any]]:
    """Leaves out the records of some classes of the layer's style, by the values that pick them; what no rule names is
    the class `None`. Raises BadRequest for a class that the layer does not have."""
    named = [rule.value for rule in layer.style.rules]
    known = [str(value) for value in named]
    for each in classes:
        if layer.style.by is None or each not in known:
            raise BadRequest(f"{layer.title} have no class {each[:60]!r}.", hint=f"They have {', '.join(known)}.")
    if not classes:
        return "true", {}
    value = f't."{layer.style.by}"::text'
    picked = f"CASE WHEN {value} = ANY (:named) THEN {value} ELSE 'None' END"
    return f"{picked} <> ALL (:without)", {"named": [str(v) for v in named if v is not None], "without": list(classes)}


def _query(
    layer: Layer,
    scope: Scope,
    select: str,
    filters: Mapping[str, str] | None = None,
    tail: str = "",
    withheld: Collection[str] = (),
    without: Collection[str] = (),
    **more: Any,
) -> Query:
    where, binds = _condition(layer, scope, filters or {}, withheld, without)
    sql = f"SELECT {select} FROM ({source(layer, scope)}) AS t WHERE {where} {tail}"
    return Query(sql, scope.binds() | binds | more)


def _condition(
    layer: Layer, scope: Scope, filters: Mapping[str, str], withheld: Collection[str], without: Collection[str]
) -> tuple[str, dict[str, Any]]:
    where, binds = _where(layer, filters, withheld)
    kept, named = _without(layer, without)
    return f"{meets(scope)} AND {where} AND {kept}", binds | named


def count(
    connection: Connection,
    layer: Layer,
    scope: Scope,
    filters: Mapping[str, str] | None = None,
    withheld: Collection[str] = (),
    without: Collection[str] = (),
    wanted: Wanted = Wanted(),
) -> int:
    """How many records the audience may see in the scope."""
    asked = _query(
        layer, scope, "count(*)", filters, f"AND {wanted.where}", withheld=withheld, without=without, **wanted.binds
    )
    return int(connection.execute(text(asked.sql), asked.binds).scalar_one())


def geojson(
    connection: Connection,
    layer: Layer,
    scope: Scope,
    *,
    limit: int = 100,
    offset: int = 0,
    filters: Mapping[str, str] | None = None,
    withheld: Collection[str] = (),
    without: Collection[str] = (),
    wanted: Wanted = Wanted(),
    cache: AnswerCache | None = None,
) -> tuple[list[bytes], int]:
    """The records as GeoJSON Feature texts built in the database, and how many match in all; those of the classes
    `without` are left out. Raises BadRequest for a filter that takes too long, and for a system that does not reach them.

    They are counted only where the page does not say it by its end, and with a cache once for the same data: counting
    beside the rows makes the database build and keep every row's text.
    """
    most = min(limit, MAX_LIMIT)
    where, binds = _condition(layer, scope, filters or {}, withheld, without)
    rows_of = first(layer, scope, f"{where} AND {wanted.where}", wanted.order)
    sql = f"SELECT {feature(layer, withheld, wanted)} FROM ({rows_of}) AS t ORDER BY {wanted.order} LIMIT :limit OFFSET :offset"
    asked = Query(sql, scope.binds() | binds | {**wanted.binds, "limit": most, "offset": offset, "most": offset + most})
    plain = wanted.where == "true" and wanted.order == "t.id"
    whole = (
        plain and scope.bbox == WORLD and scope.period is None and scope.only is None and not filters and not without
    )
    with nullcontext() if plain and wanted.crs == CRS84 else bounded(connection):
        with _in_order(connection) if whole else nullcontext():
            rows = connection.execute(text(asked.sql), asked.binds).scalars().all()
        if len(rows) < most and (rows or not offset):
            return [row.encode() for row in rows], offset + len(rows)
        told = (wanted.where, repr(sorted(wanted.binds.items())))
        key = ("matched", scope, layer.name, tuple(sorted((filters or {}).items())), tuple(sorted(without)), told)
        version = look(connection, scope).of(layer.reads) if cache else None
        matched: int | None = cache.get(key, version) if cache else None
        if matched is None:
            matched = count(connection, layer, scope, filters, withheld, without, wanted)
            if cache:
                cache.put(key, version, matched)
    return [row.encode() for row in rows], max(matched, offset + len(rows) if rows else 0)


@contextmanager
def bounded(connection: Connection) -> Iterator[None]:
    """Within it what somebody wrote may not keep the database for long (TooLong), and what it cannot compute is told as theirs."""
    connection.execute(text("SELECT set_config('statement_timeout', :most, true)"), {"most": f"{LONGEST_S}s"})
    try:
        yield
    except DBAPIError as error:
        state = sqlstate(error)
        if state == CANCELLED:
            raise too_long(LONGEST_S) from error
        if state == "XX000":
            raise BadRequest(
                "A shape cannot be compared or told that way.", hint="Another system, or a simpler shape."
            ) from error
        raise
    # after an error the transaction is over, and the setting with it
    connection.execute(text("SELECT set_config('statement_timeout', '0', true)"))


@contextmanager
def _in_order(connection: Connection) -> Iterator[None]:
    """Within it rows are read in the order they are asked for, and no more of them than are: the planner takes policies to
    let hardly a row through, and would join and sort them all for a page, or hold one side of a join beside the other."""
    say = text("SELECT set_config('enable_sort', :word, true), set_config('enable_material', :word, true)")
    connection.execute(say, {"word": "off"})
    yield
    # after an error the transaction is over, and the setting with it
    connection.execute(say, {"word": "on"})


def feature(
    layer: Layer, withheld: Collection[str] = (), wanted: Wanted = Wanted(), *, marked: bool = False
) -> str:  # fmt: skip
    """SQL for a record as the text of a GeoJSON Feature; `marked` as files say it (`query.told`)."""
    geometry = f"ST_AsGeoJSON({wanted.crs.told('t.geom')}, {wanted.crs.decimals}, 0)"
    return (
        f'\'{{"type":"Feature","id":\' || t.id || \',"geometry":\' || coalesce({geometry}, \'null\')'
        f" || ',\"properties\":' || json_build_object({_pairs(layer, withheld, wanted, marked=marked)})::text || '}}'"
    )


def _pairs(layer: Layer, withheld: Collection[str], wanted: Wanted, *, marked: bool) -> str:
    named = (
        f"'{f.name}', " + (told(f.name) if marked else f't."{f.name}"')
        for f in shown(layer, withheld)
        if wanted.fields is None or f.name in wanted.fields
    )
    return ", ".join(["'id', t.id", *named])


def stream(
    connection: Connection, layer: Layer, scope: Scope, withheld: Collection[str] = (), where: str = "true",
    binds: Mapping[str, Any] | None = None, batch: int = 2000,
) -> Iterator[bytes]:  # fmt: skip
    """Every record of the scope that meets the condition `where` on its row `t`, as GeoJSON Feature texts of a file, in order of
    id, without holding them all."""
    tail = f"AND {where} ORDER BY t.id"
    asked = _query(layer, scope, feature(layer, withheld, marked=True), {}, tail, **(binds or {}))
    for part in streamed(connection, asked.sql, asked.binds, batch):
        yield from (row[0].encode() for row in part)


def rows(
    connection: Connection, layer: Layer, scope: Scope, *, limit: int | None = None, order: str = "t.id"
) -> list[dict[str, Any]]:
    """The records without geometry, as dictionaries with `id` and every field."""
    tail = f"ORDER BY {order}" + (" LIMIT :limit" if limit else "")
    asked = _query(layer, scope, f"t.id, {columns(layer)}", {}, tail, limit=limit)
    return [dict(row) for row in connection.execute(text(asked.sql), asked.binds).mappings()]


def record(connection: Connection, layer: Layer, scope: Scope, id_: int) -> dict[str, Any]:
    """One record without its geometry: `id` and every field, whatever its layer is narrowed to. Raises NotFound as `one`."""
    asked = _query(layer, scope.whole, f"t.id, {columns(layer)}", {}, "AND t.id = :id", id=id_)
    found = connection.execute(text(asked.sql), asked.binds).mappings().one_or_none()
    if found is None:
        raise NotFound(f"{layer.title} has no record {id_}.")
    return dict(found)


def one(
    connection: Connection, layer: Layer, scope: Scope, id_: int, withheld: Collection[str] = (), crs: Crs = CRS84
) -> bytes:
    """One record as a GeoJSON Feature, whatever its layer is narrowed to. Raises NotFound, the same for a hidden record as for
    none, and BadRequest for a system that does not reach it."""
    asked = _query(layer, scope.whole, feature(layer, withheld, Wanted(crs=crs)), {}, "AND t.id = :id", id=id_)
    with nullcontext() if crs == CRS84 else bounded(connection):
        found = connection.execute(text(asked.sql), asked.binds).scalar()
    if found is None:
        raise NotFound(f"{layer.title} has no record {id_}.")
    return str(found).encode()


def shape(connection: Connection, layer: Layer, scope: Scope, id_: int) -> Any:
    """The shape of one record as the room is told it, as shapely has it and with every decimal; None where it has none. Raises
    NotFound as `one`."""
    asked = _query(layer, scope.whole, "ST_AsBinary(t.geom)", {}, "AND t.id = :id", id=id_)
    found = connection.execute(text(asked.sql), asked.binds).one_or_none()
    if found is None:
        raise NotFound(f"{layer.title} has no record {id_}.")
    return None if found[0] is None else shapely.from_wkb(bytes(found[0]))


def extent(connection: Connection, layer: Layer, scope: Scope) -> list[float] | None:
    """West, south, east, north of what the audience may see of a layer; None when that is nothing."""
    asked = _query(layer, scope, "ST_Extent(t.geom)", {})
    box = connection.execute(
        text(f"SELECT ST_XMin(e), ST_YMin(e), ST_XMax(e), ST_YMax(e) FROM ({asked.sql}) AS b (e)"), asked.binds
    ).one()
    return None if box[0] is None else [float(v) for v in box]


def at(
    connection: Connection, layer: Layer, scope: Scope, lon: float, lat: float, tolerance_deg: float, limit: int = 50
) -> list[dict[str, Any]]:
    """The records under a point: polygons that contain it, lines and points within the tolerance; nearest first.

    Each has `id`, `bbox` and every field.
    """
    box = (lon - tolerance_deg, lat - tolerance_deg, lon + tolerance_deg, lat + tolerance_deg)
    reach = 0.0 if layer.shape == "polygon" else tolerance_deg
    asked = _query(
        layer, scope.within(box),
        f"t.id, ST_XMin(t.geom), ST_YMin(t.geom), ST_XMax(t.geom), ST_YMax(t.geom), {columns(layer)}", {},
        "AND ST_DWithin(t.geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :reach)"
        " ORDER BY ST_Distance(t.geom, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)), t.id LIMIT :limit",
        lon=lon, lat=lat, reach=reach, limit=limit,
    )  # fmt: skip
    found = []
    for row in connection.execute(text(asked.sql), asked.binds):
        record = {"id": row[0], "bbox": [float(v) for v in row[1:5]]}
        record.update({field.name: value for field, value in zip(layer.fields, row[5:], strict=True)})
        found.append(record)
    return found


LICENCE = (
    "Rows of ACLED (acleddata.com) among these are for the use of this room alone: its terms forbid passing them on."
)
_LICENSED = next(subject.key for subject in SUBJECTS if subject.table == "incident")
_RESTRICTED = (
    "EXISTS (SELECT FROM facts.incident AS i WHERE i.operation_id = calc.operation() AND NOT i.redistributable{0})"
)


def licence(
    connection: Connection, layer: Layer, scope: Scope, room: Room, cache: AnswerCache, id_: int | None = None
) -> dict[str, str]:
    """The licence to be named with incidents, of which a room that records is shown those that may not be passed on; of one
    record when `id_` is said. Empty where there is none."""
    if layer.subject != _LICENSED or not room.may_write:
        return {}
    if id_ is not None:
        one = text(f"SELECT {_RESTRICTED.format(' AND i.id = :id')}")
        return {"licence": LICENCE} if connection.execute(one, {"id": id_}).scalar() else {}

    def there() -> bool:
        return bool(connection.execute(text(f"SELECT {_RESTRICTED.format('')}")).scalar())

    return (
        {"licence": LICENCE} if kept(cache, connection, scope.within(WORLD), "restricted", ["incident"], there) else {}
    )


def collection(features: list[bytes], **members: Any) -> bytes:
    """A FeatureCollection of Feature texts with further members."""
    head = orjson.dumps({"type": "FeatureCollection", **members})
    return head[:-1] + b',"features":[' + b",".join(features) + b"]}"
