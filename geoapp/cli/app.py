"""What every command of the shell needs: the database up to date, which operation is meant, progress, and where to print.

Imports of the database and of settings stand in the functions: they cost more than a command's own work.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperCommand

from geoapp.errors import BadRequest, NotFound

if TYPE_CHECKING:
    from rich.console import Console
    from sqlalchemy import Connection, Engine

    from geoapp.cluster import Urls
    from geoapp.scope import Scope
    from geoapp.settings import Settings

DOC = "The shell's door: the same verbs as over HTTP. Exit 0 done, 1 refused with the reason, 2 wrongly asked."
app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None, help=DOC
)

Operation = Annotated[
    str | None, typer.Option("--operation", "-O", help="The operation's key; the only one if there is one.")
]
Audience = Annotated[str, typer.Option(help="Who is in the room.")]
Json = Annotated[bool, typer.Option("--json", help="For machines.")]
Period = Annotated[str | None, typer.Option("--datetime", help="A day, or first/last.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="As known on this day.")]


@cache
def out() -> "Console":
    """Where answers are printed."""
    from rich.console import Console

    # a file or another program has no width of its own: wide enough for a table of names
    return Console(highlight=False, width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 120)


@cache
def err() -> "Console":
    """Where progress and errors are printed."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def listing(title: str, names: Callable[[], tuple[str, ...]]) -> type[TyperCommand]:
    """A command whose help ends with names that a verb knows; the verb is asked when the help is read, not before."""

    class Listing(TyperCommand):
        def format_help(self, ctx: Any, formatter: Any) -> None:
            self.epilog = f"{title}: {', '.join(names())}."
            super().format_help(ctx, formatter)

    return Listing


def settings() -> "Settings":
    """The operator's settings. Raises BadRequest for one that is not allowed."""
    from pydantic import ValidationError

    from geoapp.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        raise BadRequest("; ".join(str(e["msg"]) for e in error.errors())) from error


@contextmanager
def opened() -> "Iterator[tuple[Settings, Urls, Engine]]":
    """Settings, logins and an engine on a database of this version.

    The private one is brought to it where it is not; one that the settings name is looked at only, and changed by
    `geoapp migrate` alone. Raises SetupError.
    """
    from geoapp import db, upgrade
    from geoapp.cluster import database

    chosen = settings()
    with database(chosen) as urls:
        if chosen.database_url is None:
            if upgrade.migrate(urls.owner):
                keep_views(urls)
            upgrade.register(urls.owner, urls.app)
        else:
            upgrade.require(urls.app)
        engine = db.engine(urls.app, pooled=bool(urls.direct))
        try:
            yield chosen, urls, engine
        finally:
            engine.dispose()


@contextmanager
def owned(urls: "Urls") -> "Iterator[Connection]":
    """A transaction of the database's owner."""
    from sqlalchemy import create_engine

    owner = create_engine(urls.owner)
    try:
        with owner.begin() as connection:
            yield connection
    finally:
        owner.dispose()


def keep_views(urls: "Urls") -> None:
    """Make the views of logins that read as a member again, which an upgrade drops."""
    from geoapp.export import direct

    with owned(urls) as connection:
        direct.keep(connection)


def key_of(engine: "Engine", given: str | None) -> str:
    """The operation meant. Raises BadRequest when none was named and there is not just one, NotFound for no such one."""
    from sqlalchemy import text

    from geoapp import db

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


def scope_of(
    engine: "Engine",
    operation: str | None,
    audience: str,
    period: str | None = None,
    as_of: str | None = None,
    purpose: Literal["view", "export"] = "view",
) -> "Scope":
    """What a command looks at, from its options. Raises BadRequest and NotFound."""
    from geoapp.scope import Scope, parse_moment, parse_period

    return Scope(
        key_of(engine, operation), audience, period=parse_period(period),
        as_of=parse_moment(as_of) if as_of else None, member="local", purpose=purpose,
    )  # fmt: skip


@contextmanager
def progress() -> Iterator[Any]:
    """Called with step, done, of: a bar on the error channel, nothing when that is no terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err(), transient=True, disable=not err().is_terminal) as bar:
        task = bar.add_task("starting", total=None)

        def tell(step: str, done: int = 0, of: int | None = None) -> None:
            bar.update(task, description=step, completed=done, total=of)

        yield tell


def show(body: Any) -> None:
    """Print for machines."""
    import orjson

    sys.stdout.write(orjson.dumps(body, option=orjson.OPT_INDENT_2).decode() + "\n")
