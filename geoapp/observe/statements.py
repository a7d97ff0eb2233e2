"""Which statements are slow? Their text as it is written, with names for values, is told; the values are not."""

import logging
import time
from typing import Any

from sqlalchemy import Engine, event

from geoapp.observe import metrics

_log = logging.getLogger("geoapp.statement")


def slow(sql: str, seconds: float) -> None:
    """Tell a statement that took so long."""
    metrics.SLOW.inc()
    _log.warning("slow statement", extra={"told": {"ms": round(seconds * 1000), "sql": " ".join(sql.split())[:600]}})


def watch(engine: Engine, slow_ms: float) -> None:
    """Tell every statement of this engine that takes longer than so many milliseconds."""

    @event.listens_for(engine, "before_cursor_execute")
    def begin(connection: Any, *_: Any) -> None:
        connection.info["geoapp_began"] = time.perf_counter()

    @event.listens_for(engine, "after_cursor_execute")
    def end(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        seconds = time.perf_counter() - connection.info.pop("geoapp_began", time.perf_counter())
        if seconds * 1000 >= slow_ms:
            slow(statement, seconds)
