"""What does the database hold? Rows and a checksum of each table, sequences, and everything that guards them."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import psycopg
from psycopg import sql

from geoapp import __version__
from geoapp.errors import Forbidden, SetupError


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself. Two of one database at one moment are equal but for `made_at`."""

    version: str
    head: str
    """The newest revision that was applied."""
    made_at: str
    server: int
    """PostgreSQL's major version."""
    schemas: list[str]
    tables: dict[str, list[Any]]
    """Table → rows, and the sum of the first 64 bits of each row's hash, as text."""
    sequences: dict[str, int | None]
    catalogue: dict[str, dict[str, str]]
    """Policies, locks, grants, roles, constraints, indexes, triggers, functions, views, columns: name → hash of its text."""

    @property
    def rows(self) -> int:
        """All rows of all tables."""
        return sum(n for n, _ in self.tables.values())

    @property
    def roles(self) -> set[str]:
        """The roles that rights were granted to."""
        return set(self.catalogue.get("roles", {}))

    def as_bytes(self) -> bytes:
        """As JSON."""
        return orjson.dumps(asdict(self))

    @staticmethod
    def parse(body: bytes) -> "Manifest":
        """From JSON."""
        return Manifest(**orjson.loads(body))

    def differences(self, found: "Manifest") -> list[str]:
        """What is otherwise in another database: a line each, none when all is alike.

        Texts that the server puts together are compared between servers of one major version only; names always.
        """
        lines = []
        for name in sorted({*self.tables, *found.tables}):
            was, now = self.tables.get(name), found.tables.get(name)
            if was is None or now is None:
                lines.append(f"table {name}: {'was not in the backup' if was is None else 'is missing'}")
            elif was[0] != now[0]:
                lines.append(f"table {name}: {now[0]:,} rows instead of {was[0]:,}")
            elif was[1] != now[1]:
                lines.append(f"table {name}: other content in its {now[0]:,} rows")
        for name in sorted({*self.sequences, *found.sequences}):
            if self.sequences.get(name, "none") != found.sequences.get(name, "none"):
                lines.append(f"sequence {name}: stands elsewhere")
        for kind in sorted({*self.catalogue, *found.catalogue}):
            before, after = self.catalogue.get(kind, {}), found.catalogue.get(kind, {})
            lines += [f"{kind}: {name} is missing" for name in sorted(before.keys() - after.keys())]
            lines += [f"{kind}: {name} was not in the backup" for name in sorted(after.keys() - before.keys())]
            if self.server == found.server:
                lines += [f"{kind}: {n} reads otherwise" for n in sorted(before.keys() & after.keys()) if before[n] != after[n]]  # fmt: skip
        return lines


_READABLE = """
    SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user
"""
_SCHEMAS = """
    SELECT n.nspname FROM pg_namespace AS n
    WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public')
        AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e')
    ORDER BY 1
"""
_TABLES = """
    SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY (%(schemas)s) AND c.relkind = 'r' ORDER BY 1, 2
"""
_SEQUENCES = """
    SELECT format('%%s.%%s', schemaname, sequencename), last_value FROM pg_sequences
    WHERE schemaname = ANY (%(schemas)s) ORDER BY 1
"""
_CATALOGUE = """
    WITH ours AS (SELECT oid, nspname, nspowner, nspacl FROM pg_namespace WHERE nspname = ANY (%(schemas)s)),
    relations AS (
        SELECT c.oid, c.relkind, c.relowner, c.relacl, c.relrowsecurity, c.relforcerowsecurity, c.reloptions,
            format('%%s.%%s', n.nspname, c.relname) AS name
        FROM pg_class AS c JOIN ours AS n ON n.oid = c.relnamespace
    ),
    functions AS (
        SELECT p.oid, p.proowner, p.proacl, p.oid::regprocedure::text AS name
        FROM pg_proc AS p JOIN ours AS n ON n.oid = p.pronamespace WHERE p.prokind IN ('f', 'p')
    ),
    rights AS (
        SELECT name, relowner AS owner, a.* FROM relations, aclexplode(relacl) AS a WHERE relkind <> 'i'
        UNION ALL
        SELECT format('%%s.%%s', name, t.attname), relowner, a.*
        FROM relations JOIN pg_attribute AS t ON t.attrelid = relations.oid, aclexplode(t.attacl) AS a
        UNION ALL SELECT nspname, nspowner, a.* FROM ours, aclexplode(nspacl) AS a
        UNION ALL SELECT name, proowner, a.* FROM functions, aclexplode(coalesce(proacl, acldefault('f', proowner))) AS a
    ),
    granted AS (SELECT * FROM rights WHERE grantee <> owner)
    SELECT 'policies' AS kind, format('%%s.%%s: %%s', schemaname, tablename, policyname) AS name,
        concat_ws(' ', permissive, roles::text, cmd, qual, with_check) AS text
    FROM pg_policies WHERE schemaname = ANY (%(schemas)s)
    UNION ALL
    SELECT 'locks', name, concat_ws(' ', relrowsecurity, relforcerowsecurity) FROM relations WHERE relkind = 'r'
    UNION ALL
    SELECT 'grants', format('%%s to %%s', name, CASE grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(grantee) END),
        string_agg(privilege_type || is_grantable::text, ' ' ORDER BY privilege_type)
    FROM granted GROUP BY name, grantee
    UNION ALL
    SELECT 'roles', r.rolname, concat_ws(' ', r.rolsuper, r.rolbypassrls, r.rolcreaterole, r.rolcreatedb)
    FROM pg_roles AS r WHERE r.oid IN (SELECT grantee FROM granted)
        OR r.oid IN (SELECT unnest(p.polroles) FROM pg_policy AS p JOIN relations ON relations.oid = p.polrelid)
    UNION ALL
    SELECT 'columns', format('%%s.%%s', name, a.attname),
        concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid))
    FROM relations JOIN pg_attribute AS a ON a.attrelid = relations.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE relkind = 'r'
    UNION ALL
    SELECT 'constraints', format('%%s: %%s', name, c.conname), pg_get_constraintdef(c.oid)
    FROM relations JOIN pg_constraint AS c ON c.conrelid = relations.oid
    UNION ALL
    SELECT 'indexes', name, pg_get_indexdef(oid) FROM relations WHERE relkind = 'i'
    UNION ALL
    SELECT 'triggers', format('%%s: %%s', name, t.tgname), concat_ws(' ', t.tgenabled, pg_get_triggerdef(t.oid))
    FROM relations JOIN pg_trigger AS t ON t.tgrelid = relations.oid WHERE NOT t.tgisinternal
    UNION ALL
    SELECT 'functions', name, pg_get_functiondef(oid) FROM functions
    UNION ALL
    SELECT 'views', name, concat_ws(' ', reloptions::text, pg_get_viewdef(oid)) FROM relations WHERE relkind IN ('v', 'm')
"""
_ROWS = sql.SQL("""
    SELECT count(*), coalesce(sum(('x' || encode(substr(sha256(convert_to(t::text, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint), 0)::text
    FROM {} AS t
""")  # fmt: skip
_FIXED = ("search_path = pg_catalog", "timezone = 'UTC'", "datestyle = 'ISO, MDY'", "intervalstyle = 'postgres'",
          "extra_float_digits = 1", "bytea_output = 'hex'", "row_security = off", "statement_timeout = 0",
          "idle_in_transaction_session_timeout = 0", "lock_timeout = '60s'")  # fmt: skip
"""What the text of a row depends on, and no policy: a row that this login may not see is an error, never left out."""


def connect(url: str) -> "psycopg.Connection[tuple[Any, ...]]":
    """A connection of the owner. Raises SetupError when the server does not answer, Forbidden when policies bind this login."""
    try:
        connection = psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=10)
    except psycopg.OperationalError as error:
        raise SetupError(f"The database did not answer: {str(error).strip()}") from error
    found = connection.execute(_READABLE).fetchone()
    user = connection.info.user
    connection.rollback()
    if not found or not found[0]:
        connection.close()
        raise Forbidden(
            f"The login {user} does not see past the policies, so a backup made with it would not be whole: nothing was written.",
            hint=f"GEOAPP_MIGRATE_URL names the owner's login. Unless it is a superuser, one types: ALTER ROLE {user} BYPASSRLS",
        )  # fmt: skip
    return connection


def schemas_of(connection: "psycopg.Connection[tuple[Any, ...]]") -> list[str]:
    """The schemas that are neither the server's nor an extension's."""
    return [name for (name,) in connection.execute(_SCHEMAS)]


def examine(connection: "psycopg.Connection[tuple[Any, ...]]", progress: Callable[..., None]) -> Manifest:
    """What the database holds, as the running transaction sees it.

    Raises SetupError where there is nothing of geoapp, or when something keeps it from being read.
    """
    try:
        return _examine(connection, progress)
    except psycopg.Error as error:
        raise SetupError(
            f"The database could not be read: {str(error).strip()}",
            hint="Try again when imports and migrations are done.",
        ) from error


def _examine(connection: "psycopg.Connection[tuple[Any, ...]]", progress: Callable[..., None]) -> Manifest:
    for setting in _FIXED:
        connection.execute(sql.SQL("SET LOCAL ") + sql.SQL(setting))
    row = connection.execute("SELECT to_regclass('facts.alembic_version')").fetchone()
    if row is None or row[0] is None:
        raise SetupError("There is nothing of geoapp in this database.", hint="geoapp migrate makes it.")
    head = connection.execute("SELECT version_num FROM facts.alembic_version").fetchone()
    schemas = schemas_of(connection)
    names = connection.execute(_TABLES, {"schemas": schemas}).fetchall()
    tables = {}
    for place, name in enumerate(names):
        progress("counting", place, len(names))
        counted = connection.execute(_ROWS.format(sql.Identifier(*name))).fetchone()
        tables[".".join(name)] = list(counted or ())
    catalogue: dict[str, dict[str, str]] = {}
    for kind, name, text in connection.execute(_HASHED, {"schemas": schemas}):
        catalogue.setdefault(kind, {})[name] = text
    return Manifest(
        __version__, str(head[0]) if head else "", datetime.now(UTC).isoformat(timespec="seconds"),
        connection.info.server_version // 10000, schemas, tables,
        dict(connection.execute(_SEQUENCES, {"schemas": schemas}).fetchall()), catalogue,
    )  # fmt: skip


# without brackets: the server writes `(a AND b) AND (c AND d)` with other ones each time that it reads its own text
_HASHED = f"""
    SELECT kind, name, encode(substr(sha256(convert_to(translate(text, '() ', ''), 'UTF8')), 1, 8), 'hex') FROM ({_CATALOGUE}) AS x
"""  # noqa: S608
