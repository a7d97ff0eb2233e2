"""How the database is reached: one engine, one transaction with its context, its errors turned into ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError

from geoapp import TOP
from geoapp.errors import Forbidden, NotFound, SetupError, Unavailable

MIGRATIONS = TOP / "migrations"
APP_ROLE = "geoapp_app"
GONE = ("08", "53", "57")
"""Classes of SQLSTATE that say the database is not there, or has no room: connection, resources, shut down."""


WAIT_S = 0.9
"""How long a request waits for a connection before it is told to come back."""


@dataclass(frozen=True)
class Context:
    """What the policies read: which operation, who is in the room, who asks, as known when, and whether it leaves."""

    operation: str
    audience: str = "internal"
    member: str | None = None
    as_of: datetime | None = None
    purpose: Literal["view", "export"] = "view"


_SET = text("SELECT calc.enter(:operation, :audience, :member, :as_of, :purpose)")


def engine(url: str, *, pool_size: int = 10) -> Engine:
    """An engine whose sessions run as the application's role, whatever login the URL names."""
    made = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=10,
        pool_timeout=WAIT_S,
        pool_pre_ping=False,
        hide_parameters=True,
        connect_args={
            "options": "-c plan_cache_mode=force_custom_plan -c jit=off -c timezone=UTC",
            "connect_timeout": 5,
        },
    )

    @event.listens_for(made, "connect")
    def become(connection: Any, record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {APP_ROLE}")
        connection.commit()

    return made


def set_context(connection: Connection, context: Context) -> None:
    """Tell the policies who asks, until this transaction ends."""
    connection.execute(
        _SET,
        {
            "operation": context.operation,
            "audience": context.audience,
            "member": context.member or "",
            "as_of": context.as_of.isoformat() if context.as_of else "",
            "purpose": context.purpose,
        },
    )


@contextmanager
def transaction(engine: Engine, context: Context) -> Iterator[Connection]:
    """One transaction under the policies: committed at its end, rolled back on any error.

    Raises Unavailable when the database does not answer.
    """
    with translated(), engine.begin() as connection:
        set_context(connection, context)
        yield connection


@contextmanager
def coarser_forms(connection: Connection) -> Iterator[None]:
    """Within it a room that records sees the coarser forms of facts beside its own, to bring them up to date."""
    say = text("SELECT set_config('geoapp.purpose', :purpose, true)")
    connection.execute(say, {"purpose": "record"})
    yield
    # after an error the transaction is over, and the setting with it
    connection.execute(say, {"purpose": "view"})


@contextmanager
def translated() -> Iterator[None]:
    """Database errors that say it is not there become Unavailable."""
    try:
        yield
    except (OperationalError, InterfaceError, TimeoutError) as error:
        cause = getattr(error, "orig", None)
        state = getattr(cause, "sqlstate", None)
        if isinstance(error, DBAPIError) and state is not None and not state.startswith(GONE):
            raise
        raise Unavailable(
            "The database did not answer.",
            hint="Nothing was changed by this request. Try again in a moment.",
        ) from error


def lock_operation(connection: Connection) -> int:
    """The operation's id, with every other writer of this operation kept waiting until the transaction ends.

    Overlaps need it: two areas recorded at the same moment would not see each other. Raises NotFound, and Forbidden in a
    room that only reads.
    """
    found, may_write = connection.execute(text("SELECT calc.operation(), calc.may_write()")).one()
    if found is None:
        raise NotFound("There is no such operation.", hint="`geoapp operation add KEY` makes one.")
    if not may_write:
        raise Forbidden(
            "This room reads; nothing is recorded in it.", hint="Choose a room that records, such as internal."
        )
    connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('geoapp.operation', :id))"),
        {"id": found},
    )
    return int(found)


def migrate(url: str) -> None:
    """Bring the database behind an owner's URL to the present. Raises SetupError in words for people."""
    from alembic import command
    from alembic.config import Config

    owner = create_engine(url, connect_args={"connect_timeout": 5})
    try:
        with owner.connect() as connection:
            for extension in ("postgis", "btree_gist"):
                connection.exec_driver_sql(f"CREATE EXTENSION IF NOT EXISTS {extension}")
            connection.exec_driver_sql(
                f"DO $$ BEGIN IF to_regrole('{APP_ROLE}') IS NULL THEN"
                f" CREATE ROLE {APP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS; END IF;"
                " EXCEPTION WHEN duplicate_object THEN NULL; END $$"
            )
            connection.exec_driver_sql(
                f"DO $$ BEGIN IF NOT pg_has_role(current_user, '{APP_ROLE}', 'MEMBER') THEN"
                f" EXECUTE format('GRANT {APP_ROLE} TO %%I', current_user); END IF; END $$"
            )
            connection.commit()
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    except (OperationalError, DBAPIError) as error:
        raise SetupError(
            f"The database could not be brought up to date: {str(error.__cause__ or error).strip()}",
            hint="The role that migrates must own the database and may create extensions, or they must exist already.",
        ) from error
    finally:
        owner.dispose()


def head() -> str:
    """The newest migration this version of the code has."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return str(ScriptDirectory.from_config(config).get_current_head())


def version(connection: Connection) -> str:
    """The migration that the database is at."""
    return str(connection.execute(text("SELECT version_num FROM facts.alembic_version")).scalar())
