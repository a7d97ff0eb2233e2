"""Write one record by hand: new, changed, taken away. Nobody's edit is lost: a change names the version it was made from.

A noun says what its records hold; the same few statements write all of them, under the policies and the operation's lock.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any
from uuid import uuid4

import orjson
import shapely
from sqlalchemy import Connection, text

from geoapp.errors import BadRequest, Conflict, Forbidden, NotFound, PreconditionFailed, Refused
from geoapp.model.subjects import read_from
from geoapp.record import fields as f
from geoapp.record.fields import Field, checked
from geoapp.record.lifecycle import Lifecycle
from geoapp.record.shapes import footprint, parsed, prepared
from geoapp.writing import lock_operation

Values = dict[str, Any]
Row = Mapping[str, Any]


def _unchanged(_connection: Connection, _operation: int, values: Values, _was: Row | None) -> Values:
    return values


def _nothing(_connection: Connection, _operation: int, _id: int) -> None:
    return None


def _nothing_left(_connection: Connection, _operation: int, _was: Row) -> None:
    return None


@dataclass(frozen=True)
class Ground:
    """Where a record's footprint is, when it is not in the record itself."""

    join: str
    """From the record's row `t` to the row `g` that has its `footprint_id`, as SQL. What it does not join is no such record."""
    lay: Callable[[Connection, int, int, int], None]
    """Stores the footprint (the last of operation, record, footprint) for a record that has just been stored."""


@dataclass(frozen=True)
class Noun:
    """What is written: its table, its fields, its shape, and what follows from a record before and after it is stored."""

    one: str
    table: str
    fields: Mapping[str, Field]
    question: str = ""
    """What its records answer, where no layer says it: what is not drawn has none."""
    shape: str | None = "polygon"
    """`polygon`, `line`, `point` or `any`; None where the record has no shape of its own."""
    subject: str | None = None
    """The subject of its footprint, unless `derive` gives one of its own; None where the shape is kept in the record."""
    ground: Ground | None = None
    """Where its footprint is; None when it is in the record."""
    period: tuple[str, str] | None = ("valid_from", "valid_to")
    """The fields of its first and last day."""
    needs_end: bool = False
    lasts: tuple[int, int] | None = None
    """Days it lasts unless somebody says otherwise, and at most."""
    lifecycle: Lifecycle | None = None
    """The states and steps of its records; None where a record simply is."""
    begins_in: str | None = None
    """The collection in which a new record is first seen, where that is not the one it is written to."""
    keyed: tuple[str, str] | None = ("source_key", "hand-")
    """The column of its key at a source, and with what one begins that is made up for a record written by hand; None where it has
    none."""
    reads: tuple[str, ...] = ()
    """Columns beyond the fields that `derive` looks at."""
    derive: Callable[[Connection, int, Values, Row | None], Values] = _unchanged
    """Columns that follow from the fields; raises when the record may not be (or may not be changed) like this."""
    before: Callable[[Connection, int, int], None] = _nothing
    """What follows before a record is changed or goes, such as taking it out of counts."""
    after: Callable[[Connection, int, int], None] = _nothing
    """What follows once it is stored."""
    needed: Callable[[Connection, int, Row], None] = _nothing_left
    """Raises Conflict while others need a record that is to be deleted."""
    gone: Callable[[Connection, int, Row], None] = _nothing_left
    """What follows once it is deleted, from what it was."""


HANDLING = Field(f.handling, default="AMBER")
PERIOD = {"valid_from": Field(f.day, title="From"), "valid_to": Field(f.day, title="Until")}

_CAST = {"handling": "CAST(:handling AS facts.handling)"}


def _columns(noun: Noun, values: Values) -> tuple[dict[str, str], Values]:
    """Column → SQL expression, and what is bound to it."""
    expressions: dict[str, str] = {}
    binds: Values = {}
    for name, value in values.items():
        if noun.period and name in noun.period:
            continue
        column = noun.fields[name].column or name if name in noun.fields else name
        if isinstance(value, (dict, list)):
            expressions[column], binds[column] = f"CAST(:{column} AS jsonb)", orjson.dumps(value).decode()
        elif isinstance(value, shapely.Geometry):
            expressions[column], binds[column] = f"ST_GeomFromWKB(:{column}, 4326)", shapely.to_wkb(value)
        else:
            expressions[column], binds[column] = _CAST.get(column, f":{column}"), value
    if noun.period:
        expressions["valid"] = "daterange(CAST(:first AS date), CAST(:last AS date), '[]')"
        binds |= {"first": values[noun.period[0]], "last": values[noun.period[1]]}
    return expressions, binds


def _period(noun: Noun, values: Values) -> None:
    if noun.period is None:
        return
    first, last = (values[name] for name in noun.period)
    if noun.needs_end and last is None:
        raise BadRequest(
            f"{noun.period[1]} is required.", hint=f"A {noun.one} ends on a day; then it is looked at again.",
            errors=[{"where": noun.period[1], "what": "is required"}],
        )  # fmt: skip
    if first and last and first > last:
        raise BadRequest(
            f"{noun.period[1]} lies before {noun.period[0]}.", hint="Write the earlier day first.",
            errors=[{"where": noun.period[1], "what": "lies before the first day"}],
        )  # fmt: skip


def _shape(connection: Connection, operation: int, noun: Noun, geom: Any, values: Values) -> Values:
    """The shape's column: an interned footprint, or the geometry itself."""
    if noun.subject:
        subject = values.get("subject", noun.subject)
        return {"footprint_id": footprint(connection, operation, geom, subject, values["handling"])}
    if geom.geom_type == "Point":
        x, y = geom.x, geom.y
        if not (abs(x) <= 180 and abs(y) <= 90):
            raise Refused(
                "The place lies outside the world.", hint="Longitude first: [86.22, -12.67].", code="out-of-range"
            )
        return {"geom": geom}
    return {"geom": prepared(geom).geom[0]}


def made_up(begins: str, words: bytes) -> str:
    """The key of a record that no source has given one."""
    return begins + blake2b(words, digest_size=6).hexdigest()


def add(
    connection: Connection, noun: Noun, shape: Mapping[str, Any] | None, given: Mapping[str, Any], *, key: str | None = None
) -> tuple[int, int]:  # fmt: skip
    """Write a new record of GeoJSON geometry and properties, under a key of its own unless one is given: its id and version.

    Raises BadRequest (field by field), Refused (the shape), Forbidden in a room that only reads.
    """
    operation = lock_operation(connection, noun.table)
    values = checked(noun.one, noun.fields, given)
    _period(noun, values)
    if noun.shape is not None:
        if not isinstance(shape, Mapping):
            raise Refused(f"A {noun.one} needs a shape.", hint="Draw it, or give its corners.", code="empty")
        values["_geom"] = parsed(shape, noun.shape)
    values = noun.derive(connection, operation, values, None)
    geom = values.pop("_geom", None)
    if geom is not None:
        values |= _shape(connection, operation, noun, geom, values)
    if noun.keyed:
        values[noun.keyed[0]] = key or made_up(noun.keyed[1], uuid4().bytes)
    ground: int = values.pop("footprint_id") if noun.ground else 0
    expressions, binds = _columns(noun, values)
    sql = f"""
        INSERT INTO facts.{noun.table} (operation_id, recorded_by, {", ".join(expressions)})
        VALUES (:operation, calc.member(), {", ".join(expressions.values())}) RETURNING id, version
    """
    row = connection.execute(text(sql), binds | {"operation": operation}).one()
    if noun.ground:
        noun.ground.lay(connection, operation, int(row.id), ground)
    noun.after(connection, operation, int(row.id))
    return int(row.id), int(row.version)


def current(connection: Connection, noun: Noun, id_: int) -> Row:
    """A record as it is: its fields by name, `version`, `geom` as WKB where it has a shape. Raises NotFound."""
    wanted = [
        (field.sql or f't."{field.column or name}"') + f' AS "{name}"' for name, field in noun.fields.items()
        if not (noun.period and name in noun.period)
    ]  # fmt: skip
    if noun.period:
        wanted += [f'lower(t.valid) AS "{noun.period[0]}"', f'(upper(t.valid) - 1) AS "{noun.period[1]}"']
    join = ""
    if noun.subject:
        holds = "g" if noun.ground else "t"
        wanted += ["ST_AsBinary(p.geom) AS geom", f"{holds}.footprint_id"]
        join = f"JOIN facts.footprint AS p ON p.operation_id = t.operation_id AND p.id = {holds}.footprint_id"
        join = f"{noun.ground.join} {join}" if noun.ground else join
    elif noun.shape:
        wanted.append("ST_AsBinary(t.geom) AS geom")
    extra = "".join(f", t.{column}" for column in noun.reads)
    sql = f"""
        SELECT t.id, t.version{extra}, {", ".join(wanted)} FROM {read_from(noun.table)} AS t {join}
        WHERE t.operation_id = calc.operation() AND t.id = :id
    """
    found = connection.execute(text(sql), {"id": id_}).mappings().one_or_none()
    if found is None:
        raise NotFound(f"There is no {noun.one} {id_}.")
    return dict(found)


def read(connection: Connection, noun: Noun, id_: int) -> dict[str, Any]:
    """A record as a GeoJSON Feature with every field as it would be sent, and its version and status.

    Raises NotFound, and Forbidden in a room that only reads: it holds what no map shows.
    """
    if not connection.execute(text("SELECT calc.may_record()")).scalar_one():
        raise Forbidden("This room reads; records as they are written are not for it.")
    now = current(connection, noun, id_)
    shape = shapely.geometry.mapping(shapely.from_wkb(bytes(now["geom"]))) if noun.shape else None
    return {
        "type": "Feature", "id": id_, "version": now["version"], "geometry": shape,
        "properties": {name: _sent(now[name]) for name in noun.fields}
        | {name: _sent(now[name]) for name in noun.reads},
    }  # fmt: skip


def at_version(noun: Noun, id_: int, now: Row, version: int) -> None:
    """Raises PreconditionFailed, with the record as it is, when it is no longer the version that was read."""
    if now["version"] != version:
        raise PreconditionFailed(
            f"The {noun.one} {id_} is at version {now['version']}; you changed version {version}.",
            hint="Look at what is there now, then make your change again.",
            current={k: str(v) if v is not None and not isinstance(v, (int, float, bool, str)) else v
                     for k, v in now.items() if k not in ("geom", "footprint_id")},
        )  # fmt: skip


def change(
    connection: Connection, noun: Noun, id_: int, shape: Mapping[str, Any] | bytes | None, given: Mapping[str, Any],
    version: int, *, whole: Collection[str] = (),
) -> int:  # fmt: skip
    """Change a record; its new version. Those of the fields `whole` that are not given fall to their defaults, all others
    stay as they are.

    Raises NotFound, PreconditionFailed with the record as it is now, BadRequest, Refused, Conflict.
    """
    operation = lock_operation(connection, noun.table)
    now = current(connection, noun, id_)
    at_version(noun, id_, now, version)
    kept = {name: _sent(now[name]) for name in noun.fields if name not in whole}
    values = checked(noun.one, noun.fields, kept | dict(given))
    _period(noun, values)
    if noun.shape is not None:
        values["_geom"] = parsed(shape, noun.shape) if shape is not None else shapely.from_wkb(bytes(now["geom"]))
    values = noun.derive(connection, operation, values, now)
    geom = values.pop("_geom", None)
    if geom is not None:
        values |= _shape(connection, operation, noun, geom, values)
    noun.before(connection, operation, id_)
    ground: int = values.pop("footprint_id") if noun.ground else 0
    expressions, binds = _columns(noun, values)
    assignments = ", ".join(f"{column} = {sql}" for column, sql in expressions.items())
    row = connection.execute(
        text(f"""
            UPDATE facts.{noun.table} SET {assignments}, batch_id = NULL, version = version + 1
            WHERE operation_id = :operation AND id = :id RETURNING version
        """),
        binds | {"operation": operation, "id": id_},
    ).one()
    if noun.ground:
        noun.ground.lay(connection, operation, id_, ground)
    noun.after(connection, operation, id_)
    return int(row.version)


def _sent(value: Any) -> Any:
    """A stored value as it would be sent."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def remove(connection: Connection, noun: Noun, id_: int, version: int) -> None:
    """Take a record away; the history keeps it. Raises NotFound, PreconditionFailed, Conflict."""
    operation = lock_operation(connection, noun.table)
    now = current(connection, noun, id_)
    at_version(noun, id_, now, version)
    if now.get("status") == "published":
        raise Conflict(
            f"The {noun.one} {id_} is published.",
            hint="Withdraw it: then it is known who took it off the maps, and when.",
        )
    noun.needed(connection, operation, now)
    noun.before(connection, operation, id_)
    connection.execute(
        text(f"DELETE FROM facts.{noun.table} WHERE operation_id = :operation AND id = :id"),
        {"operation": operation, "id": id_},
    )
    noun.gone(connection, operation, now)
