"""The shell's commands about people: who signs in, and what they are in which operation."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from geoapp.cli.app import Json, app, opened, out, owned, show

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from geoapp.settings import Settings

member = typer.Typer(no_args_is_help=True, help="Members: who signs in, and what they are in an operation.")
app.add_typer(member, name="member")

Email = Annotated[str, typer.Argument(help="The mail address by which they sign in.")]
Operation = Annotated[str, typer.Option("--operation", "-O", help="The operation.")]


@contextmanager
def _opened() -> "Iterator[tuple[Connection, Settings]]":
    """A transaction of the database's owner, and the settings."""
    with opened() as (chosen, urls, _), owned(urls) as connection:
        yield connection, chosen


def _link(settings: "Settings", secret: str) -> str:
    base = (settings.public_url or f"http://{settings.host}:{settings.port}").rstrip("/")
    return f"{base}/password?link={secret}"


@member.command("add")
def add(
    email: Email,
    operation: Operation,
    role: Annotated[
        str, typer.Option(help="viewer, planner, security_adviser, information_manager, coordinator or administrator.")
    ],
    name: Annotated[str, typer.Option(help="How they are called.")] = "",
    room: Annotated[
        list[str] | None, typer.Option(help="A room that a viewer may enter; all of them unless said.")
    ] = None,
) -> None:
    """Make somebody a member of an operation, or give them another role; who is new gets a link to set a password."""
    from geoapp import accounts

    with _opened() as (connection, settings):
        new = accounts.add(connection, email, name, operation, role, room or [])
        secret = accounts.issue(connection, email, "link", accounts.LINK_HOLDS) if new else ""
    out().print(f"{email} is {role.replace('_', ' ')} in {operation}.")
    if secret:
        _tell(_link(settings, secret))


@member.command("link")
def link(email: Email) -> None:
    """A link by which a member sets a new password, once, within 72 hours."""
    from geoapp import accounts

    with _opened() as (connection, settings):
        secret = accounts.issue(connection, email, "link", accounts.LINK_HOLDS)
    _tell(_link(settings, secret))


@member.command("token")
def token(
    email: Email,
    days: Annotated[int, typer.Option(min=1, max=366, help="How long it holds.")] = 90,
    name: Annotated[str, typer.Option(help="What it is for.")] = "",
    operation: Annotated[str | None, typer.Option("--operation", "-O", help="The one operation it is for.")] = None,
    room: Annotated[str | None, typer.Option(help="The one room of it; such a token reads.")] = None,
    reads: Annotated[bool, typer.Option("--reads", help="It records nothing, whatever their role does.")] = False,
    end: Annotated[bool, typer.Option("--end", help="End every token of theirs.")] = False,
) -> None:
    """A token by which programs (GDAL, QGIS, scripts) ask as a member. It is shown this once."""
    from geoapp import accounts

    with _opened() as (connection, _settings):
        if end:
            out().print(f"{accounts.end_all(connection, email, 'token')} tokens of {email} have ended.")
            return
        secret = accounts.issue(connection, email, "token", timedelta(days=days), name, operation, room, reads=reads)
    out().print(secret, markup=False, soft_wrap=True)


@member.command("sign-out")
def sign_out(email: Email) -> None:
    """End every session of a member; tokens stay."""
    from geoapp import accounts

    with _opened() as (connection, _settings):
        ended = accounts.end_all(connection, email, "session")
    out().print(f"{ended} sessions of {email} have ended.")


@member.command("database")
def database(
    email: Email,
    operation: Annotated[str, typer.Option("--operation", "-O", help="The operation; not with --end.")] = "",
    room: Annotated[str, typer.Option(help="The room whose rules hold.")] = "internal",
    days: Annotated[int, typer.Option(min=1, max=366, help="How long it holds.")] = 90,
    end: Annotated[bool, typer.Option("--end", help="End every such login of theirs.")] = False,
) -> None:
    """A login for QGIS and psql that reads the database as a member in one room. Its password is shown this once."""
    from geoapp.errors import BadRequest
    from geoapp.export import direct

    if not end and not operation:
        raise BadRequest("Which operation?", hint="Name one with --operation.")
    with opened() as (_, urls, _engine), owned(urls) as connection:
        if end:
            out().print(f"{direct.end(connection, email)} logins of {email} have ended.")
            return
        login, password = direct.let_in(connection, email, operation, room, timedelta(days=days))
    out().print(
        f"It reads {operation} as {email} in the room {room} for {days} days: layers in the schema {direct.SCHEMA}."
    )
    out().print(direct.address(urls.app, login, password), markup=False, soft_wrap=True)


@member.command("list")
def listed(json: Json = False) -> None:
    """Everybody, and what they are in which operation."""
    from dataclasses import asdict

    from geoapp import accounts

    with _opened() as (connection, _settings):
        found = accounts.members(connection)
    if json:
        show([asdict(each) for each in found])
        return
    for each in found:
        said = ", ".join(
            f"{role.replace('_', ' ')} in {operation}{' (' + ', '.join(rooms) + ')' if rooms else ''}"
            for operation, role, rooms in each.operations
        )
        out().print(f"{each.email}  {each.name or '–'}  {each.state}  {said or 'in no operation'}", markup=False)


@member.command("remove")
def remove(email: Email, operation: Operation) -> None:
    """Take somebody out of an operation; their next request is not answered there."""
    from geoapp import accounts

    with _opened() as (connection, _settings):
        accounts.remove(connection, email, operation)
    out().print(f"{email} is no member of {operation} any more.")


@member.command("disable")
def disable(email: Email) -> None:
    """Let somebody in nowhere any more: sessions, tokens and links end at once."""
    from geoapp import accounts

    with _opened() as (connection, _settings):
        accounts.disable(connection, email)
    out().print(f"{email} is let in nowhere any more.")


def _tell(address: str) -> None:
    out().print("They set their password here, once, within 72 hours. Send it by a way that others do not read:")
    out().print(address, markup=False, soft_wrap=True)
