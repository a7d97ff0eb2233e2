"""What every command of the shell needs: the database up to date, which operation is meant, progress, and where to print."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy import Engine, text

from geoapp import db
from geoapp.cluster import Urls, database
from geoapp.errors import BadRequest, NotFound
from geoapp.settings import Settings

DOC = "The shell's door: the same verbs as over HTTP. Exit 0 done, 1 refused with the reason, 2 wrongly asked."
app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=DOC)
# a file or another program has no width of its own: wide enough for a table of names
_WIDTH = None if sys.stdout.isatty() or "COLUMNS" in os.environ else 120
out, err = Console(highlight=False, width=_WIDTH), Console(stderr=True, highlight=False)

Operation = Annotated[
    str | None, typer.Option("--operation", "-O", help="The operation's key; the only one if there is one.")
]
Audience = Annotated[str, typer.Option(help="Who is in the room.")]
Json = Annotated[bool, typer.Option("--json", help="For machines.")]
Period = Annotated[str | None, typer.Option("--datetime", help="A day, or first/last.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="As known on this day.")]


@contextmanager
def opened(*, migrate: bool = True) -> Iterator[tuple[Settings, Urls, Engine]]:
    """Settings, logins and an engine on a database that is up to date."""
    settings = Settings()
    with database(settings) as urls:
        if migrate:
            db.migrate(urls.owner)
        engine = db.engine(urls.app)
        try:
            yield settings, urls, engine
        finally:
            engine.dispose()


def key_of(engine: Engine, given: str | None) -> str:
    """The operation meant. Raises BadRequest when none was named and there is not just one, NotFound for no such one."""
    with db.transaction(engine, db.Context("", member="local")) as connection:
        keys = [row[0] for row in connection.execute(text("SELECT key FROM facts.operation ORDER BY key"))]
    if given and given in keys:
        return given
    if given:
        raise NotFound(f"There is no operation {given!r}.", hint=f"There is {', '.join(keys) or 'none yet'}.")
    if len(keys) != 1:
        raise BadRequest(
            "Which operation?", hint=f"Name one with --operation: {', '.join(keys) or 'there is none yet'}."
        )
    return str(keys[0])


@contextmanager
def progress() -> Iterator[Any]:
    """Called with step, done, of: a bar on the error channel, nothing when that is no terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("starting", total=None)

        def tell(step: str, done: int = 0, of: int | None = None) -> None:
            bar.update(task, description=step, completed=done, total=of)

        yield tell


def show(body: Any) -> None:
    """Print for machines."""
    sys.stdout.write(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode() + "\n")
