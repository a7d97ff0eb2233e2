"""The shell's commands about field copies: what an office without a line takes along, and what it brings home."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geoapp.cli.app import Json, Operation, app, key_of, opened, out, progress, settings, show
from geoapp.cli.backup import Identity, PassphraseFile, opening, passphrase

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from geoapp.db import Context

field = typer.Typer(no_args_is_help=True, help="Field copies: an operation taken along by an office without a line.")
app.add_typer(field, name="field")

Output = Annotated[Path, typer.Option("--output", "-o", help="The file to write; it must not exist.")]
TokenFile = Annotated[
    Path | None, typer.Option(help="A file with the token of the member who does this (`geoapp member token`).")
]


@contextmanager
def _asked(operation: str | None, token_file: Path | None) -> "Iterator[tuple[Engine, Context]]":
    """An engine and the context of the room that records, as the member whose token it is, else as whoever runs the instance."""
    from geoapp import db

    secret = token_file.read_text(encoding="utf-8").strip() if token_file else ""
    with opened() as (_, _, engine):
        key = key_of(engine, operation)
        with db.asking(secret):
            yield engine, db.Context(key, member="local")


def _day(text: str) -> date:
    from geoapp.errors import BadRequest

    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{text[:40]!r} is no day.", hint="Write it as 2026-12-31.") from None


@field.command("take")
def take(
    output: Output,
    audience: Annotated[str, typer.Option(help="The room whose members work with it.")],
    until: Annotated[str, typer.Option(help="The last day on which it opens.")],
    operation: Operation = None,
    recipient: Annotated[
        list[str] | None, typer.Option(help="An age public key, age1…, instead of a passphrase. Repeat it: yours too.")
    ] = None,
    passphrase_file: PassphraseFile = None,
    token_file: TokenFile = None,
    json: Json = False,
) -> None:
    """Write what a room is told of an operation into one encrypted file, to be worked with elsewhere."""
    from geoapp import backup, field_copies

    day = _day(until)
    key = (
        backup.Key(recipients=tuple(recipient))
        if recipient
        else passphrase(passphrase_file, field_copies.COPY, twice=True)
    )
    with _asked(operation, token_file) as (engine, context), progress() as tell:
        taken = field_copies.take(engine, context, audience, day, output, key, tell)
    size = output.stat().st_size
    if json:
        show(
            {
                "id": taken.id,
                "file": str(output),
                "bytes": size,
                "room": taken.room,
                "ends_on": day.isoformat(),
                "rows": taken.rows,
            }
        )
        return
    out().print(
        f"{output}: copy {taken.id} for {taken.room}, until {day:%-d %b %Y}, {size / 2**20:,.1f} MiB,"
        f" {sum(taken.rows.values()):,} rows.", markup=False,
    )  # fmt: skip


@field.command("open")
def open_(file: Path, identity: Identity = None, passphrase_file: PassphraseFile = None, json: Json = False) -> None:
    """Bring a field copy into an empty instance, to work with it there."""
    from geoapp import field_copies
    from geoapp.cluster import database

    key = opening(file, identity, passphrase_file, field_copies.COPY)
    with progress() as tell:
        field_copies.look(file, key, tell)
        with database(settings()) as urls:
            said = field_copies.open_copy(urls.owner, urls.app, file, key, tell)
    if json:
        show(
            {
                "operation": said.operation["key"],
                "room": said.room["title"],
                "taken_at": said.taken_at,
                "ends_on": said.ends_on,
            }
        )
        return
    out().print(
        f"A copy of {said.operation['title']} for {said.room['title']}, of {said.taken_at[:16].replace('T', ' ')} UTC, ends {said.ends_on}."
        " `geoapp serve` opens it; `geoapp field changes` writes what was recorded in it.", markup=False,
    )  # fmt: skip


@field.command("list")
def list_(operation: Operation = None, token_file: TokenFile = None, json: Json = False) -> None:
    """The copies that were given out: for whom, until when, what came home."""
    from geoapp import field_copies
    from geoapp.db import transaction

    with _asked(operation, token_file) as (engine, context), transaction(engine, context) as connection:
        found = field_copies.copies(connection)
    if json:
        show(found)
        return
    for each in found:
        out().print(
            f"{each['id']}  {each['room'] or each['audience']}  taken {each['taken_at']:%-d %b %Y} by {each['taken_by']}  until"
            f" {each['ends_on']}  {each['state']}  applied {each['applied']}, open {each['open']}, dropped {each['dropped']}",
            markup=False,
        )  # fmt: skip


@field.command("end")
def end(
    copy: Annotated[int, typer.Argument(help="Its number.")],
    lost: Annotated[bool, typer.Option("--lost", help="It was lost, not only ended.")] = False,
    operation: Operation = None,
    token_file: TokenFile = None,
) -> None:
    """Let nothing come home any more from a copy: it is lost, or over."""
    from geoapp import field_copies
    from geoapp.db import transaction

    with _asked(operation, token_file) as (engine, context), transaction(engine, context) as connection:
        field_copies.end(connection, copy, "lost" if lost else "over")
    out().print(f"Nothing comes home any more from copy {copy}.")


@field.command("changes")
def changes(output: Output, json: Json = False) -> None:
    """In the field: write what was recorded since the copy was opened, to be taken home. It opens to the copy's own key."""
    from dataclasses import asdict

    from geoapp import field_copies
    from geoapp.cluster import database

    with database(settings()) as urls, progress() as tell:
        found = field_copies.changes(urls.owner, output, tell)
    if json:
        show(asdict(found) | {"file": str(output)})
        return
    said = ", ".join(f"{n:,} of {name.replace('_', ' ')}" for name, n in found.edits.items()) or "nothing was changed"
    out().print(f"{output}: {said}.", markup=False)
    if found.by_file:
        out().print(f"{found.by_file:,} records came by files: import these files at home.")


@field.command("return")
def return_(
    file: Path,
    operation: Operation = None,
    identity: Identity = None,
    passphrase_file: PassphraseFile = None,
    token_file: TokenFile = None,
    json: Json = False,
) -> None:
    """At home: apply what a copy brings back, edit by edit; what cannot be applied waits for a decision. Twice changes nothing."""
    from dataclasses import asdict

    from geoapp import field_copies

    key = opening(file, identity, passphrase_file, field_copies.CHANGES)
    with _asked(operation, token_file) as (engine, context), progress() as tell:
        found = field_copies.bring(engine, context, file, key, tell)
    if json:
        show(asdict(found))
        return
    said = ", ".join(f"{n:,} {state}" for state, n in found.states.items()) or "nothing new"
    out().print(
        f"Copy {found.copy}: {said}; {found.before:,} were here before. The page Field copies shows what waits for a decision."
    )
