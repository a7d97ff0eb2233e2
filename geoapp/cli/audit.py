"""The shell's commands about the audit: who did what, whether an entry was altered since, a new key."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geoapp.cli.app import Json, app, opened, out, show

if TYPE_CHECKING:
    import psycopg
    from sqlalchemy import Engine

    from geoapp.audit import Report
    from geoapp.settings import Settings

audit = typer.Typer(no_args_is_help=True, help="The audit: who did what, and whether it was altered since.")
app.add_typer(audit, name="audit")


@contextmanager
def _sealed() -> "Iterator[tuple[psycopg.Connection[Any], Settings, Engine, str]]":
    """A connection of the database's owner, the settings, an engine that serves, and why entries that waited could not be sealed, if so."""
    import psycopg

    from geoapp.audit.sealing import seal_now
    from geoapp.errors import Refused

    with opened() as (settings, urls, engine):
        said = ""
        try:
            seal_now(settings, urls.direct or urls.app)
        except Refused as error:
            said = error.line()
        with psycopg.connect(urls.owner.replace("+psycopg", "", 1)) as connection:
            yield connection, settings, engine, said


@audit.command("verify")
def verify(json: Json = False) -> None:
    """Look at every entry: is it as it was sealed, in its place, none missing? Exit code 1 where one is not."""
    from geoapp import audit, db

    with _sealed() as (connection, settings, engine, said):
        found = audit.report(connection, settings)
        # that it was looked at is an entry itself, by which `geoapp doctor` knows when that was
        with db.transaction(engine, db.Context("", member="local")) as asking:
            audit.tell(asking, "verified", "audit", None, {"altered": not found.sound})
    if json:
        show(facts(found))
    else:
        for line in (*found.lines, *([said] if said else [])):
            out().print(line, markup=False, soft_wrap=True)
    if said or not found.sound:
        raise typer.Exit(1)


def facts(found: "Report") -> list[dict[str, object]]:
    """The chains of a report as JSON."""
    return [
        {"chain": each.chain.operation_id, "operation": each.chain.operation or None, "entries": each.chain.entries,
         "unsealed": each.chain.unsealed, "head": each.chain.head.hex(), "altered": each.altered, "why": each.why or None}
        for each in found.chains
    ]  # fmt: skip


@audit.command("list")
def list_(
    operation: Annotated[
        str | None, typer.Option("--operation", "-O", help="The operation; sign-ins and members without one.")
    ] = None,
    who: Annotated[str | None, typer.Option(help="Of whom.")] = None,
    what: Annotated[str | None, typer.Option(help="What was done, such as exported or changed, or with what table.")] = None,
    since: Annotated[str | None, typer.Option(help="From this day or moment on.")] = None,
    last: Annotated[int, typer.Option(min=1, max=100_000, help="How many of the newest.")] = 100,
    json: Json = False,
) -> None:  # fmt: skip
    """Who did what, oldest first."""
    from geoapp.audit.entries import everything
    from geoapp.scope import parse_moment

    with _sealed() as (connection, _settings, _engine, _said):
        found = everything(connection, operation, who, what, parse_moment(since) if since else None, last)
    if json:
        show(found)
        return
    for each in found:
        version = f" v{each['version']}" if each["version"] else ""
        told = f" {each['told']}" if each["told"] else ""
        fields = f": {', '.join(each['fields'])}" if each["fields"] else ""
        out().print(
            f"{each['number'] or '–':>8}  {each['at']:%Y-%m-%d %H:%M:%S}  {each['who'] or '–'}  {each['did']}  {each['subject']}"
            f" {each['record'] or ''}{version}{fields}{told}", markup=False, soft_wrap=True,
        )  # fmt: skip


@audit.command("rotate-key")
def rotate_key() -> None:
    """Seal with a new key from now on; the ones before stay in the file, to check what they sealed."""
    from geoapp import audit, db

    with _sealed() as (_connection, settings, engine, said):
        if said:
            out().print(said, markup=False, soft_wrap=True)
            raise typer.Exit(1)
        keys = audit.rotate(settings)
        with db.transaction(engine, db.Context("", member="local")) as asking:
            audit.tell(asking, "changed", "audit key", keys.newest)
    out().print(
        f"Entries are sealed with the key {keys.newest} of {keys.path} from now on.", markup=False, soft_wrap=True
    )
