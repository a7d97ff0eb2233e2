"""How is it told? One line an event, as JSON for machines or in colours for a terminal; errors and slow statements also
in a file of the data folder, where `geoapp doctor` reads them.

A line of this project carries what `extra={"told": …}` says. An error is told by its type, its SQLSTATE and the lines of
code it came by; its message, which may quote what somebody wrote, stays out, and so do the messages of other libraries'
exceptions.
"""

import logging
import os
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any, Literal

import orjson
import structlog

Format = Literal["json", "console", "auto"]
Line = MutableMapping[str, Any]
NOTABLE_BYTES = 4 * 1024 * 1024
"""At this size the file of notable lines becomes `.1`, and a new one is begun."""


def notable(home: Path) -> Path:
    """The file of errors and slow statements of an instance."""
    return home / "log" / "notable.jsonl"


class _Notable(logging.Handler):
    """Appends whole lines to a file that other processes append to as well."""

    def __init__(self, path: Path) -> None:
        super().__init__(logging.WARNING)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = path

    def emit(self, record: logging.LogRecord) -> None:
        line = (self.format(record) + "\n").encode()
        try:
            if self._path.exists() and self._path.stat().st_size > NOTABLE_BYTES:
                self._path.replace(self._path.with_suffix(".jsonl.1"))
            handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, line)
            finally:
                os.close(handle)
        except OSError:
            self.handleError(record)


def configure(form: Format = "auto", *, home: Path | None = None, level: int = logging.INFO) -> None:
    """Send every line of this process to the error channel, and notable ones to the file below `home`."""
    json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars, structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True), _told, _where,
    ]  # fmt: skip
    as_json = structlog.processors.JSONRenderer(serializer=lambda line, **_: orjson.dumps(line, default=str).decode())
    last: Any = as_json if json else structlog.dev.ConsoleRenderer()

    def formatter(renderer: Any) -> logging.Formatter:
        return structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )

    stream = logging.StreamHandler()
    stream.setFormatter(formatter(last))
    handlers: list[logging.Handler] = [stream]
    if home is not None:
        kept = _Notable(notable(home))
        kept.setFormatter(formatter(as_json))
        handlers.append(kept)
    root = logging.getLogger()
    root.handlers = handlers
    root.setLevel(logging.WARNING)
    logging.getLogger("geoapp").setLevel(level)


def _told(_: Any, __: str, line: Line) -> Line:
    """What the line is about, beside its words."""
    record: logging.LogRecord | None = line.get("_record")
    line.update(getattr(record, "told", None) or {})
    return line


def _where(_: Any, __: str, line: Line) -> Line:
    """An error as its type, its SQLSTATE and where it came by."""
    found = line.pop("exc_info", None)
    record: logging.LogRecord | None = line.get("_record")
    error = (found or (record.exc_info if record else None) or (None, None, None))[1]
    if error is not None:
        line["error"] = type(error).__name__
        cause = getattr(error, "orig", None) or error.__cause__
        if cause is not None:
            line["cause"] = type(cause).__name__
        if state := getattr(cause or error, "sqlstate", None):
            line["sqlstate"] = state
        frames = traceback.extract_tb(error.__traceback__)[-12:]
        line["at"] = [f"{'/'.join(Path(f.filename).parts[-2:])}:{f.lineno} {f.name}" for f in frames]
        if record is not None:
            record.exc_info, record.exc_text = None, None
    return line


def read_notable(home: Path, last: int = 200) -> Iterator[dict[str, Any]]:
    """The newest notable lines, oldest first; lines that are cut off are passed over."""
    path = notable(home)
    if not path.exists():
        return
    for line in path.read_bytes().splitlines()[-last:]:
        try:
            found = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        yield found
