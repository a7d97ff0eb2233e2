"""Reading without a thread that waits: asynchronous connections, and one round trip for a context and its queries.

Nothing is set that outlives the transaction, so that pgBouncer may stand between in transaction mode: the role, the
session's habits and `calc.enter` are all local. Where none does, what is asked again is prepared: to read and plan the layers
of a tile under their policies takes longer than most tiles take to draw.
"""

import math
import time
from collections.abc import Sequence
from typing import Any

from psycopg import AsyncConnection, Error, InterfaceError, OperationalError
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout, TooManyRequests
from sqlalchemy import Engine

from geoapp.db import (
    APP_ROLE,
    CANCELLED,
    CONTENDED,
    GONE,
    REFUSED,
    Context,
    behind_pooler,
    key,
    too_long,
    unknown,
)
from geoapp.errors import Contended, Unavailable
from geoapp.observe.statements import slow

Statement = tuple[str, dict[str, Any]]
"""SQL with psycopg's `%(name)s` and the values bound to it."""


class Pool(AsyncConnectionPool[AsyncConnection[TupleRow]]):
    """Its connections, from how many milliseconds on what they are asked is told as slow, whether it is prepared, and the engine whose login it has."""

    slow_ms: float = math.inf
    prepares: bool = True
    engine: Engine


SIZE, WAITING = 4, 400
SECONDS = 5.0
"""How long a request waits for a connection before it is told to come back."""

_ENTER = f"""
    SELECT set_config('role', '{APP_ROLE}', true), set_config('jit', 'off', true), set_config('timezone', 'UTC', true),
        set_config('statement_timeout', '30s', true), set_config('plan_cache_mode', %(plans)s, true),
        calc.enter(%(operation)s, %(audience)s, %(member)s, %(as_of)s, %(purpose)s, %(key)s)
"""


def make(engine: Engine, slow_ms: float = math.inf) -> Pool:
    """A closed pool to the same database with the same login as an engine; `fetch` opens it."""
    _, login = engine.dialect.create_connect_args(engine.url)
    login = {name: value for name, value in login.items() if name != "context"}
    prepares = not behind_pooler(engine)
    made = Pool(
        kwargs=login | {"autocommit": True, "prepare_threshold": 0 if prepares else None, "connect_timeout": 5},
        min_size=1, max_size=SIZE, max_waiting=WAITING, timeout=SECONDS, open=False,
    )  # fmt: skip
    made.slow_ms, made.prepares, made.engine = slow_ms, prepares, engine
    return made


def _plans(pool: Pool, context: Context) -> str:
    """Once for all boxes and days, which is as good a plan for tiles; not of what was known earlier, where it takes twice as long."""
    return "force_generic_plan" if pool.prepares and context.as_of is None else "force_custom_plan"


async def fetch(pool: Pool, context: Context, statements: Sequence[Statement]) -> list[list[TupleRow]]:
    """The rows of each statement, in one transaction under the policies that only reads, in one round trip.

    Raises Unavailable when the database does not answer, or when too many wait for it, TooLong where it was stopped.
    """
    try:
        if pool.closed:
            await pool.open()
        try:
            return await _fetch(pool, context, statements)
        except (OperationalError, InterfaceError) as error:
            if not _is_gone(error):
                raise
            # connections of before the server was started again: they are let go, and it is asked once more
            await pool.check()
            return await _fetch(pool, context, statements)
    except (PoolTimeout, TooManyRequests, PoolClosed) as error:
        raise Unavailable(
            "Too many ask at the same time.", hint="Nothing is lost. Try again in a moment."
        ) from error  # fmt: skip
    except (OperationalError, InterfaceError) as error:
        if error.sqlstate == CANCELLED:
            raise too_long() from error
        if error.sqlstate in CONTENDED:
            raise Contended("Somebody else was changing the same at this moment.", hint="Try again.") from error
        if error.sqlstate in REFUSED:
            raise unknown(error.sqlstate) from error
        if not _is_gone(error):
            raise
        raise Unavailable("The database did not answer.", hint="Try again in a moment.") from error


def _is_gone(error: Error) -> bool:
    return error.sqlstate is None or (error.sqlstate.startswith(GONE) and error.sqlstate != CANCELLED)


async def _fetch(pool: Pool, context: Context, statements: Sequence[Statement]) -> list[list[TupleRow]]:
    who = {
        "operation": context.operation, "audience": context.audience, "member": context.member or "",
        "as_of": context.as_of.isoformat() if context.as_of else "", "purpose": context.purpose,
        "plans": _plans(pool, context), "key": key(pool.engine),
    }  # fmt: skip
    async with pool.connection() as connection:
        began = time.perf_counter()
        async with connection.pipeline():
            await connection.execute("BEGIN READ ONLY")
            await connection.execute(_ENTER, who)
            asked = [await connection.execute(sql, binds, binary=True) for sql, binds in statements]
            await connection.execute("COMMIT")
        found = [await cursor.fetchall() for cursor in asked]
    seconds = time.perf_counter() - began
    if seconds * 1000 >= pool.slow_ms:
        # they went and came back together: how long one of them took is not known here
        slow("; ".join(" ".join(sql.split())[:200] for sql, _ in statements), seconds)
    return found
