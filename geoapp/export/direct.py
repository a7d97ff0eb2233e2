"""QGIS and psql read the database themselves: a view for each layer, its style, and logins that read as a member in one room.

Nothing is decided here. Who asks is found by the database from the login (`calc.entered_by_login`), the policies are those of every
other door, and what a room is not passed on by licence is not in it, as in a file. Views hold what is recorded of all days.
"""

import hashlib
import secrets
from collections.abc import Iterator
from datetime import timedelta
from functools import cache

from psycopg import sql
from sqlalchemy import Connection, make_url, text
from sqlalchemy.dialects import registry
from sqlalchemy.exc import ProgrammingError

from geoapp.accounts import address_of
from geoapp.db import READER_ROLE
from geoapp.draw.query import branches
from geoapp.errors import BadRequest, Forbidden, NotFound
from geoapp.export.formats._qgis import qml
from geoapp.export.write import EVERYTHING
from geoapp.scope import Scope
from layers import Layer

SCHEMA = "maps"
PREFIX = "geoapp_reads_"
"""How the database tells such a login from any other (`calc.entered`)."""
AT_ONCE = 6
"""Connections of one login: QGIS opens one for each layer that it draws at the same time."""
_SHAPES = {
    "polygon": "ST_Multi(ST_CollectionExtract(t.geom, 3))::geometry(MultiPolygon, 4326)",
    "line": "ST_Multi(ST_CollectionExtract(t.geom, 2))::geometry(MultiLineString, 4326)",
    "point": "t.geom::geometry(Point, 4326)",
}
_STYLES = f"""
    CREATE TABLE {SCHEMA}.layer_styles (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        f_table_catalog text, f_table_schema text, f_table_name text, f_geometry_column text, stylename text, styleqml xml,
        stylesld xml, useasdefault boolean, description text, owner text, ui xml, update_time timestamp DEFAULT now())
"""
_STYLE = text(f"""
    INSERT INTO {SCHEMA}.layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, stylename, styleqml,
        useasdefault, description, owner)
    VALUES (current_database(), '{SCHEMA}', :name, 'geom', :name, XMLPARSE(DOCUMENT :qml), true, :said, current_user)
""")


def bring(owner: Connection) -> None:
    """Make the views and their styles, as the database's owner, where they are not those of this version."""
    made_from = _fingerprint()
    said = owner.execute(text(f"SELECT obj_description(to_regnamespace('{SCHEMA}'), 'pg_namespace')")).scalar()
    if said == made_from:
        return
    owner.exec_driver_sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    owner.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
    for layer in EVERYTHING:
        for statement in _statements(layer):
            owner.exec_driver_sql(statement.replace("%", "%%"))
    owner.exec_driver_sql(_STYLES)
    for layer in EVERYTHING:
        owner.execute(_STYLE, {"name": layer.name, "qml": qml(layer), "said": layer.question})
    owner.exec_driver_sql(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {READER_ROLE}")
    owner.exec_driver_sql(f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {READER_ROLE}")
    owner.exec_driver_sql(f"COMMENT ON SCHEMA {SCHEMA} IS '{made_from}'")


def keep(owner: Connection) -> None:
    """Make them where there is any login that reads them."""
    if owner.execute(text("SELECT EXISTS (SELECT FROM keys.reader)")).scalar():
        bring(owner)


def let_in(owner: Connection, email: str, operation: str, room: str, lasts: timedelta) -> tuple[str, str]:
    """The name and the password of a login that reads as a member in one room of an operation until it ends; one that they had
    for that room has this password from now on.

    Raises NotFound for who is no member there, BadRequest for a room that there is not or that they may not enter, Forbidden
    where the database's owner may make no logins.
    """
    found = owner.execute(
        text("""
            SELECT m.id, o.operation_id, p.rooms, ARRAY(
                SELECT a.key FROM facts.audience AS a WHERE a.operation_id = o.operation_id ORDER BY a.position) AS there
            FROM keys.member AS m JOIN keys.membership AS p ON p.member_id = m.id
            JOIN facts.operation AS o ON o.operation_id = p.operation_id
            WHERE m.email = :email AND m.disabled_at IS NULL AND o.key = :operation
        """),
        {"email": address_of(email), "operation": operation},
    ).one_or_none()
    if found is None:
        raise NotFound(f"{email} is no member of {operation}.", hint="`geoapp member list` lists them.")
    rooms = [each for each in found.there if found.rooms is None or each in found.rooms]
    if room not in rooms:
        raise BadRequest(f"There is no room {room!r} that {email} may enter.", hint=f"One of {', '.join(rooms)}.")
    bring(owner)
    login, password = f"{PREFIX}{secrets.token_hex(6)}", secrets.token_urlsafe(24)
    kept = owner.execute(
        text("""
            INSERT INTO keys.reader AS r (login, member_id, operation_id, audience, ends_at)
            VALUES (:login, :member, :about, :room, now() + :lasts)
            ON CONFLICT (member_id, operation_id, audience) DO UPDATE SET ends_at = excluded.ends_at
            RETURNING r.login, r.ends_at
        """),
        {"login": login, "member": found.id, "about": found.operation_id, "room": room, "lasts": lasts},
    ).one()
    name = sql.Identifier(kept.login)
    try:
        if not owner.execute(text("SELECT to_regrole(:name) IS NOT NULL"), {"name": kept.login}).scalar():
            _run(owner, sql.SQL("CREATE ROLE {} LOGIN NOCREATEDB NOCREATEROLE IN ROLE {}").format(
                name, sql.Identifier(READER_ROLE)))  # fmt: skip
        _run(owner, sql.SQL("ALTER ROLE {} PASSWORD {} VALID UNTIL {} CONNECTION LIMIT {}").format(
            name, sql.Literal(password), sql.Literal(kept.ends_at.isoformat()), sql.Literal(AT_ONCE)))  # fmt: skip
        for setting, value in _SETTINGS.items():
            _run(owner, sql.SQL("ALTER ROLE {} SET {} = {}").format(name, sql.Identifier(setting), sql.SQL(value)))
    except ProgrammingError as error:
        raise Forbidden(
            "The role that owns the database may make no logins.",
            hint=f"A superuser types: ALTER ROLE … CREATEROLE, and GRANT {READER_ROLE} TO it WITH ADMIN OPTION.",
        ) from error
    return kept.login, password


_SETTINGS = {
    "search_path": f"{SCHEMA}, public",
    "default_transaction_read_only": "on",
    "statement_timeout": "'60s'",
    "jit": "off",
    # who asks is kept for the transaction by the first policy that reads it, which a parallel worker may not do
    "max_parallel_workers_per_gather": "0",
}


def address(serving: str, login: str, password: str) -> str:
    """Where such a login connects to, beside the login that serves, as psql and QGIS are told it."""
    url = make_url(serving).set(drivername="postgresql", username=login, password=password)
    return url.render_as_string(hide_password=False)


def end(owner: Connection, email: str) -> int:
    """End every such login of a member; how many there were. What they are connected with is shown nothing more at once."""
    ended = owner.execute(
        text("DELETE FROM keys.reader AS r USING keys.member AS m WHERE m.id = r.member_id AND m.email = :email RETURNING r.login"),
        {"email": address_of(email)},
    ).scalars().all()  # fmt: skip
    for login in ended:
        _run(owner, sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(login)))
    return len(ended)


def _run(owner: Connection, statement: sql.Composable) -> None:
    owner.exec_driver_sql(statement.as_string(None).replace("%", "%%"))


@cache
def _fingerprint() -> str:
    """A hash of all that the views and styles are made from."""
    said = (statement for layer in EVERYTHING for statement in (*_statements(layer), qml(layer)))
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def _statements(layer: Layer) -> Iterator[str]:
    """The view of a layer, which reads as whoever reads it, and what it and its columns are called."""
    view = f'{SCHEMA}."{layer.name}"'
    fields = ", ".join(f't."{field.name}"' for field in layer.fields)
    scope = Scope("")
    told = " UNION ALL ".join(
        f"SELECT t.id::bigint AS id, {fields}, {_SHAPES[layer.shape]} AS geom FROM ({branch}) AS t"
        for branch in branches(layer, scope, None)
    )
    said = text(told)
    known = {name: value for name, value in scope.binds().items() if name in said._bindparams}
    compiled = said.bindparams(**known).compile(
        dialect=registry.load("postgresql.psycopg")(), compile_kwargs={"literal_binds": True}
    )
    literal = str(compiled).replace("%%", "%")  # the driver's way to write a sign that is no parameter
    yield f"CREATE VIEW {view} WITH (security_invoker = true) AS {literal}"
    yield f"COMMENT ON VIEW {view} IS {sql.quote(f'{layer.title}: {layer.question}')}"
    for field in layer.fields:
        words = f"{field.title}, {field.unit}" if field.unit else field.title
        yield f'COMMENT ON COLUMN {view}."{field.name}" IS {sql.quote(words)}'
