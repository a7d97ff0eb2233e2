"""Open a field copy: bring what is in the file into an empty instance, where people work on it by the ordinary forms.

Whatever is wrong with the file is said before anything is touched. In the copy there is one room, which records: everything in it may
be told to the room that it was taken for. What that room is told in place of records stays as it was told, and cannot be changed.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import orjson
from sqlalchemy import Connection, create_engine, text

from geoapp import backup, db, overlay, upgrade
from geoapp.backup.manifest import connect
from geoapp.backup.restore import require_empty
from geoapp.backup.sealed import lock_in
from geoapp.errors import Refused
from geoapp.field_copies.contents import TABLES, WITHHELD
from geoapp.field_copies.file import COPY, MIB, Said, read
from geoapp.field_copies.written import FIELDS, written
from geoapp.model import Base, kept_names

_BATCH, _BATCH_BYTES = 1_000, 8 * MIB
_AT_ONCE = ("actor",)
"""Tables whose rows name each other: they come in one statement."""
_NUMBERED = """
    SELECT format('%I.%I', n.nspname, c.relname) FROM pg_attribute AS a
    JOIN pg_class AS c ON c.oid = a.attrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'facts' AND c.relkind = 'r' AND a.attidentity <> '' AND a.attname = 'id'
"""
_TWINS = """
    INSERT INTO facts.incident (operation_id, finest, coarsest, geom, {columns})
    SELECT i.operation_id, 1, 1,
        ST_SetSRID(ST_MakePoint(floor(ST_X(i.geom) * 100) / 100 + 0.005, floor(ST_Y(i.geom) * 100) / 100 + 0.005), 4326), {columns}
    FROM facts.incident AS i WHERE i.coarsest = 0
"""


def look(path: Path, key: backup.Key, tell: Callable[..., None]) -> Said:
    """Read a copy to its end; what it says of itself.

    Raises Refused for a file that is damaged, cut off, of another version or another key, or past its last day; NotFound for none.
    """
    size = path.stat().st_size if path.is_file() else 0
    said: Said | None = None
    for each in read(path, key, COPY, lambda n: tell("MiB checked", n // MIB, size // MIB)):
        if isinstance(each, Said):
            said = each
        elif each[0] not in TABLES or not isinstance(each[1], dict):
            raise Refused("The file holds what no field copy has.", hint="Nothing was touched.")
    assert said is not None
    if said.ends_on < datetime.now(UTC).date().isoformat():
        raise Refused(
            f"This field copy ended on {said.ends_on}.",
            hint="Nothing was touched. Take a new one where the operation is kept.",
        )
    return said


def open_copy(owner_url: str, app_url: str, path: Path, key: backup.Key, tell: Callable[..., None]) -> Said:
    """Bring a copy into the empty instance behind an owner's login; what it says of itself.

    Raises what `look` raises, Conflict for an instance with something in it, Forbidden when policies bind the login. All of it comes in
    one transaction.
    """
    said = look(path, key, tell)
    _empty(owner_url)
    upgrade.migrate(owner_url)
    upgrade.register(owner_url, app_url)
    _empty(owner_url)
    owner = create_engine(owner_url)
    try:
        with owner.begin() as connection:
            if db.version(connection) != said.head:
                raise Refused(
                    f"This field copy is of geoapp {said.version} (database {said.head}), and this is another one.",
                    hint="Nothing was touched. Open it with the same version of geoapp as it was taken with.",
                )
            _fill(connection, path, key, said, tell)
        with owner.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("ANALYZE"))
    finally:
        owner.dispose()
    return said


def _empty(owner_url: str) -> None:
    """Raises Forbidden for a login that policies bind, Conflict where something is recorded."""
    with connect(owner_url) as connection:
        require_empty(connection)


def _fill(connection: Connection, path: Path, key: backup.Key, said: Said, tell: Callable[..., None]) -> None:
    operation = _operation(connection, path, said)
    _triggers(connection, "DISABLE")
    lines = read(path, key, COPY, lambda n: tell("MiB brought in", n // MIB, path.stat().st_size // MIB))
    if next(lines) != said:
        raise Refused("This is another file than the one that was checked.", hint="Nothing was brought in.")
    for table, rows in _batches(cast(Iterator[list[Any]], lines)):
        _insert(connection, operation, table, rows)
    tell("numbering and counting")
    _number(connection)
    _count(connection, operation)
    _triggers(connection, "ENABLE")
    tell("noting what is in it")
    for collection in FIELDS:
        connection.execute(
            text(
                "INSERT INTO keys.as_opened (operation_id, collection, row_id, version, record)"
                f" SELECT :operation, :collection, w.id, w.version, w.record FROM ({written(collection)}) AS w"
            ),
            {"operation": operation, "collection": collection},
        )


def _triggers(connection: Connection, what: str) -> None:
    for table in TABLES:
        connection.execute(text(f"ALTER TABLE facts.{table} {what} TRIGGER USER"))


def _operation(connection: Connection, path: Path, said: Said) -> int:
    lock = lock_in(path, COPY, tuple(said.recipients))
    mark = {
        "key": said.key,
        "room": said.room["title"],
        "room_key": said.room["key"],
        "taken_at": said.taken_at,
        "ends_on": said.ends_on,
    }
    operation = int(
        connection.execute(
            text("""
                INSERT INTO facts.operation (key, title, exercise, organisation, today, time_zone, copy_of)
                VALUES (:key, :title, :exercise, :organisation, CAST(:today AS date), :time_zone, CAST(:mark AS jsonb))
                RETURNING operation_id
            """),
            said.operation | {"mark": orjson.dumps(mark).decode()},
        ).scalar_one()
    )
    for statement, binds in (
        ("INSERT INTO facts.audience (operation_id, key, title, clearance, may_write, position)"
         " VALUES (:operation, 'internal', :room, 'RED', true, 0)", {"room": said.room["title"]}),
        ("INSERT INTO keys.opened (operation_id, secret, recipients, wrapped) VALUES (:operation, :secret, :recipients, :wrapped)",
         {"secret": said.secret, "recipients": list(lock.recipients), "wrapped": lock.wrapped}),
        ("INSERT INTO facts.change (operation_id, subject, number) SELECT :operation, unnest(CAST(:tables AS text[])), 1",
         {"tables": list(TABLES)}),
    ):  # fmt: skip
        connection.execute(text(statement), {"operation": operation} | binds)
    return operation


def _batches(lines: Iterator[list[Any]]) -> Iterator[tuple[str, list[Any]]]:
    """Rows of one table after another, as many as one statement takes."""
    held: list[Any] = []
    table, size = "", 0
    for name, row in lines:
        full = len(held) >= _BATCH or size > _BATCH_BYTES
        if held and (name != table or (full and table not in _AT_ONCE)):
            yield table, held
            held, size = [], 0
        table = name
        held.append(row)
        size += sum(len(value) for value in row.values() if isinstance(value, str))
    if held:
        yield table, held


def _columns(table: str, *without: str) -> str:
    names = (column.name for column in Base.metadata.tables[f"facts.{table}"].columns)
    return ", ".join(f'"{name}"' for name in names if name not in ("operation_id", *WITHHELD, *without))


def _insert(connection: Connection, operation: int, table: str, rows: list[Any]) -> None:
    columns = _columns(table)
    connection.execute(
        text(f"""
            INSERT INTO facts.{table} (operation_id, {columns})
            SELECT :operation, {columns} FROM jsonb_populate_recordset(NULL::facts.{table}, CAST(:rows AS jsonb))
        """),
        {"operation": operation, "rows": orjson.dumps(rows).decode()},
    )


def _number(connection: Connection) -> None:
    """New records get numbers after all that are in the copy, of records and of what is told in their place."""
    tables = connection.execute(text(_NUMBERED)).scalars().all()
    told = "SELECT row_id FROM facts.form WHERE row_id < 2 ^ 48"  # numbers of counts are larger, and name nothing
    asked = " UNION ALL ".join([*(f"SELECT id FROM {table}" for table in tables), told])
    most = int(connection.execute(text(f"SELECT coalesce(max(r.id), 0) FROM ({asked}) AS r (id)")).scalar_one())
    for table in tables:
        connection.execute(
            text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :most)"), {"table": table, "most": most + 1}
        )


def _count(connection: Connection, operation: int) -> None:
    """An event known exactly is kept at its settlement as well, as at home; cells and districts count what is in the copy."""
    if connection.execute(text("SELECT EXISTS (SELECT FROM facts.incident)")).scalar_one():
        columns = _columns("incident", "id", "finest", "coarsest", "geom")
        connection.execute(text(_TWINS.format(columns=columns)))
        overlay.add_incidents(connection, operation, "facts.incident")
        connection.execute(text(kept_names.fill("facts.incident")))  # by which words they are found
