"""How the database is reached: one engine, one transaction with its context, its errors turned into ours.

Whether it is the database of this version of the code, and how it becomes so, is in `geoapp.upgrade`.
"""

import hashlib
import hmac
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any, Literal, ParamSpec, TypeVar

from psycopg import sql
from sqlalchemy import URL, Connection, Engine, Row, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError

from geoapp.errors import Contended, Forbidden, GeoappError, SetupError, TooLong, Unauthorized, Unavailable

APP_ROLE = "geoapp_app"
SHOWN_ROLE = "geoapp_shown"
"""Owns the views through which single fields are read, is under the same policies as `APP_ROLE`, and serves nobody."""
READER_ROLE = "geoapp_reader"
"""What a login may that reads as a member (`geoapp.export.direct`): the same policies, and nothing is written."""
GONE = ("08", "53", "57")
"""Classes of SQLSTATE that say the database is not there, or has no room: connection, resources, shut down."""
CANCELLED = "57014"
"""SQLSTATE of a statement that was stopped: it took longer than it may."""
UNKNOWN = "28000"
"""SQLSTATE of `calc.enter` for a login whose key is not known."""
COPY_ENDED = "28P09"
"""SQLSTATE of `calc.enter` for a field copy whose last day is over."""
SIGNED_OUT = "28P01"
"""SQLSTATE of `calc.enter` for a member's secret that is not, or no longer, known."""
REFUSED = (UNKNOWN, SIGNED_OUT, COPY_ENDED)
"""SQLSTATEs with which `calc.enter` lets nobody in."""
CONTENDED = ("40001", "40P01", "55P03")
"""SQLSTATEs: not serialisable, deadlock, a lock that was not to be had in time."""
TRIES = 5
"""How often a transaction is run in all when the database undoes it for another's sake."""

P = ParamSpec("P")
T = TypeVar("T")


WAIT_S = 0.9
"""How long a request waits for a connection before it is told to come back."""


@dataclass(frozen=True)
class Context:
    """What the policies read: which operation, who is in the room, who asks, as known when, and whether it leaves."""

    operation: str
    audience: str = "internal"
    member: str | None = None
    as_of: datetime | None = None
    purpose: Literal["view", "items", "export", "form"] = "view"


_SET = text(f"""
    SELECT set_config('role', '{APP_ROLE}', true), set_config('jit', 'off', true), set_config('timezone', 'UTC', true),
        set_config('plan_cache_mode', :plans, true), set_config('enable_seqscan', :scans, true),
        calc.enter(:operation, :audience, :member, :as_of, :purpose, :key)
""")
"""All of it ends with the transaction: behind a pooler the next one may be anybody's."""


_POOLED = "geoapp_pooled"
_KEY = "geoapp_key"


def key_of(login: str | URL) -> str:
    """The key by which the database believes a login that serves when it says who asks: made from the login's password, which no
    statement in its sessions can read. `upgrade.register` tells the database of it. Empty for a login without a password."""
    password = make_url(login).password
    return hmac.digest(password.encode(), b"geoapp serves", hashlib.sha256).hex() if password else ""


def engine(url: str, *, pool_size: int = 10, overflow: int = 10, pooled: bool = False, serves: bool = True) -> Engine:
    """An engine whose transactions run as the application's role, whatever login the URL names.

    It keeps `pool_size` connections, the last used is used next, and opens up to `overflow` more for as long as they are needed.
    `pooled` is for a pooler in transaction mode: nothing is set for a session, and nothing is prepared in it. What does not
    `serves` says nothing of who asks by itself: there is a member's SECRET, or nobody is let in.
    """
    session: dict[str, Any] = {"options": "-c plan_cache_mode=force_custom_plan -c jit=off -c timezone=UTC"}
    made = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=overflow,
        pool_use_lifo=True,
        pool_timeout=WAIT_S,
        pool_pre_ping=False,
        hide_parameters=True,
        execution_options={_POOLED: pooled, _KEY: key_of(url) if serves else ""},
        connect_args={"connect_timeout": 5} | ({"prepare_threshold": None} if pooled else session),
    )
    if pooled:
        return made

    @event.listens_for(made, "connect")
    def become(connection: Any, record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {APP_ROLE}")
        connection.commit()

    return made


def behind_pooler(engine: Engine) -> bool:
    """Whether the sessions of an engine are those of a pooler, and anybody's between two transactions."""
    return bool(engine.get_execution_options().get(_POOLED))


SECRET: ContextVar[str] = ContextVar("secret", default="")
"""The secret of the member whose request is answered (`asking`), also in the threads and tasks that answer it."""


@contextmanager
def asking(secret: str) -> Iterator[None]:
    """Within it every question to the database is asked by whom this secret is."""
    held = SECRET.set(secret)
    try:
        yield
    finally:
        SECRET.reset(held)


def serves(engine: Engine) -> bool:
    """Whether an engine says by itself who asks: one of an instance with accounts does not."""
    return bool(engine.get_execution_options().get(_KEY))


def key(engine: Engine) -> str:
    """What proves to the database who asks: the secret of the member whose request this is, else the key of the engine's login."""
    return SECRET.get() or str(engine.get_execution_options().get(_KEY, ""))


def set_context(connection: Connection, context: Context, *, few: bool = False) -> None:
    """Tell the policies who asks, until this transaction ends; with `few` for work on a handful of rows, as `by_index` has it."""
    connection.execute(
        _SET,
        {
            "operation": context.operation,
            "audience": context.audience,
            "member": context.member or "",
            "as_of": context.as_of.isoformat() if context.as_of else "",
            "purpose": context.purpose,
            "key": key(connection.engine),
            "plans": _PLANS[few],
            "scans": "off" if few else "on",
        },
    )


_PLANS = {True: "force_generic_plan", False: "force_custom_plan"}
_BY_INDEX = text("SELECT set_config('enable_seqscan', 'off', true), set_config('plan_cache_mode', :plans, true)")


def by_index(connection: Connection, *, few: bool = False) -> None:
    """Have the rest of this transaction look rows up by index; with `few`, by plans made once for all such changes.

    For a handful of rows looked up by key every plan is the same, and making it anew costs more than following it.
    """
    connection.execute(_BY_INDEX, {"plans": _PLANS[few]})


_AT_END = "geoapp.at_end"
AtEnd = Callable[[Connection, Context], None]


def at_end(connection: Connection, do: AtEnd) -> None:
    """Have something done, once, at the end of this transaction and within it: before it is committed, unless it failed."""
    connection.info.setdefault(_AT_END, {})[do] = None


def moment(connection: Connection) -> str:
    """The moment that a snapshot sees, by which another transaction can be told to see it, as long as this one lasts."""
    return str(connection.execute(text("SELECT pg_export_snapshot()")).scalar_one())


@contextmanager
def transaction(
    engine: Engine, context: Context, *, snapshot: bool = False, of: str | None = None
) -> Iterator[Connection]:
    """One transaction under the policies: committed at its end, rolled back on any error. All statements of a `snapshot`
    see one moment, its own or that `of` another one (`moment`).

    Raises Unavailable when the database does not answer, Contended when it undid this one for another's sake.
    """
    committing = False
    try:
        begun = engine.execution_options(isolation_level="REPEATABLE READ") if snapshot else engine
        with translated(), begun.begin() as connection:
            connection.info.pop(_AT_END, None)
            if of is not None:
                connection.exec_driver_sql(f"SET TRANSACTION SNAPSHOT {sql.quote(of)}")
            set_context(connection, context)
            yield connection
            for do in connection.info.pop(_AT_END, ()):
                do(connection, context)
            committing = True
    except Contended:
        raise
    except Unavailable as error:
        if not committing:
            raise
        raise Unavailable(
            "The database did not answer at the very end.",
            hint="What was asked may have been kept: look before you send it again.",
        ) from error


def streamed(connection: Connection, sql: str, binds: Mapping[str, Any], most: int) -> Iterator[Sequence[Row[Any]]]:
    """The rows of a SELECT as the server finds them, at most so many at a time: the rest is in no memory of this process."""
    asked = text(sql).execution_options(stream_results=True, max_row_buffer=most)
    with connection.execute(asked, binds) as result:
        # how many is said here: SQLAlchemy's `yield_per` is not heard by `partitions` where a SELECT is plain text
        yield from result.partitions(most)


@contextmanager
def coarser_forms(connection: Connection) -> Iterator[None]:
    """Within it a room that records sees the coarser forms of facts beside its own, to bring them up to date."""
    say = text("SELECT calc.enter_for(:purpose)")
    connection.execute(say, {"purpose": "record"})
    yield
    # after an error the transaction is over, and the setting with it
    connection.execute(say, {"purpose": "view"})


@contextmanager
def translated() -> Iterator[None]:
    """Database errors that say it is not there become Unavailable, those that say somebody was in the way Contended, and that of
    a statement that took longer than it may TooLong."""
    try:
        yield
    except (OperationalError, InterfaceError, TimeoutError) as error:
        state = sqlstate(error)
        if state in CONTENDED:
            raise Contended(
                "Somebody else was changing the same at this moment.",
                hint="Nothing was changed by this request. Try again in a moment.",
            ) from error
        if state == CANCELLED:
            raise too_long() from error
        if state in REFUSED:
            raise unknown(state) from error
        if isinstance(error, DBAPIError) and state is not None and not state.startswith(GONE):
            raise
        raise Unavailable(
            "The database did not answer.",
            hint="Nothing was changed by this request. Try again in a moment.",
        ) from error


def unknown(state: str | None = UNKNOWN) -> GeoappError:
    """What is said where the database does not believe who asks: a member whose session has ended, or the login that serves."""
    if state == SIGNED_OUT:
        return Unauthorized("Your session has ended.", hint="Sign in again.")
    if state == COPY_ENDED:
        return Forbidden(
            "This field copy has ended, and is opened no more.",
            hint="What was recorded in it is not lost: `geoapp field changes` writes it into a file, to be taken home.",
        )
    return SetupError(
        "The database does not know the key of the login that serves.",
        hint="Run `geoapp migrate` with GEOAPP_MIGRATE_URL and the GEOAPP_DATABASE_URL, password included, that is served with.",
    )


def too_long(most_s: float | None = None) -> TooLong:
    """What is said of a statement that was stopped, for it took longer than `most_s` seconds where that is known."""
    most = f"longer than {most_s:g} seconds" if most_s else "longer than it may"
    return TooLong(f"This takes the database {most}.", hint="Ask for less: a box, days, fewer terms.")


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's code of a database error; None when it did not come from the server."""
    return getattr(getattr(error, "orig", error), "sqlstate", None)


def again(verb: Callable[P, T]) -> Callable[P, T]:
    """The verb, run again when the database undid its transaction for another's sake: at most `TRIES` times in all.

    For verbs and doors that open their one transaction themselves, so that every attempt begins with nothing done.
    """

    @wraps(verb)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        for attempt in range(1, TRIES):
            try:
                return verb(*args, **kwargs)
            except Contended:
                pause(attempt)
        return verb(*args, **kwargs)

    return run


def pause(attempt: int) -> None:
    """Wait a little, longer each time and never as long as the other who waits: 50 ms, 100 ms … at most 1 s."""
    time.sleep(min(0.05 * 2 ** (attempt - 1), 1.0) * random.uniform(0.5, 1.0))  # noqa: S311 - no secret


WRITERS_LOCK = "pg_advisory_xact_lock(hashtextextended('geoapp.operation', calc.operation()))"
"""SQL that waits until nobody else writes to this operation, and keeps the others waiting until the transaction ends."""


def wait_for_writers(connection: Connection) -> None:
    """Let nobody write to this operation until the transaction ends, and see all that was written before."""
    connection.execute(text(f"SELECT {WRITERS_LOCK}"))


def version(connection: Connection) -> str:
    """The migration that the database is at."""
    return str(connection.execute(text("SELECT version_num FROM facts.alembic_version")).scalar())
