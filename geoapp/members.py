"""Who works in an operation, in which role and which rooms? Asked and said by one of its people, by the secret of their session:
the database decides from that alone what they may (`calc.administers`).

What whoever runs the instance does in the shell, as the database's owner, is in `geoapp.accounts`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, text

from geoapp.accounts import LINK_HOLDS, address_of, new_secret, refused, rooms_of
from geoapp.db import translated
from geoapp.errors import BadRequest, NotFound


@dataclass(frozen=True)
class Member:
    """Somebody in an operation. `rooms` are those that they may enter, None for all; `state` is invited (no password yet), active or
    disabled; `link_ends_at` until when a link holds that was given for them; `you` who asks."""

    id: int
    email: str
    name: str
    role: str
    rooms: tuple[str, ...] | None
    state: str
    since: datetime
    seen_at: datetime | None
    link_ends_at: datetime | None
    you: bool


@dataclass(frozen=True)
class Link:
    """A one-time link, which is shown once, and until when it holds."""

    secret: str
    ends_at: datetime


@contextmanager
def _asked(engine: Engine) -> Iterator[Connection]:
    with translated(), refused(), engine.begin() as connection:
        yield connection


def members(engine: Engine, session: str, operation: str) -> list[Member]:
    """The members of an operation by their names, for one of its administrators; for another member themselves alone.

    Raises NotFound for no such operation, and for who does not work in it.
    """
    with _asked(engine) as connection:
        rows = connection.execute(
            text("SELECT * FROM calc.members(:session, :operation)"), {"session": session, "operation": operation}
        ).all()
    if not rows:
        raise NotFound(f"There is no operation {operation!r}.", hint="`GET /operations` lists them.")
    return [
        Member(row.id, row.email, row.name, row.role, None if row.rooms is None else tuple(row.rooms), row.state, row.since,
               row.seen_at, row.link_ends_at, row.you)
        for row in rows
    ]  # fmt: skip


def invite(
    engine: Engine, session: str, operation: str, email: str, name: str, role: str, rooms: Sequence[str]
) -> tuple[int, Link | None]:
    """Make somebody a member, as an administrator; their number, and a link for who has no password yet. No link for an account
    that works in other operations: who administers this one cannot open those.

    Raises BadRequest for no such address, role or room, Conflict for who is a member already or was disabled, Forbidden, NotFound.
    """
    binds = {
        "session": session, "operation": operation, "email": address_of(email), "name": " ".join(name.split())[:120], "role": role,
        "rooms": rooms_of(role, rooms),
    }  # fmt: skip
    if not binds["name"]:
        raise BadRequest("The name is missing.", hint="Others see it beside what the person records.")
    with _asked(engine) as connection:
        made = connection.execute(
            text("SELECT * FROM calc.set_member(:session, :operation, NULL, :email, :name, :role, :rooms)"), binds
        ).one()
        link = _link(connection, session, operation, made.member) if made.linked else None
    return int(made.member), link


def change(engine: Engine, session: str, operation: str, member: int, role: str, rooms: Sequence[str]) -> None:
    """Give a member another role, or other rooms, as an administrator; it holds at their next request.

    Raises BadRequest, NotFound for who is no member here, Refused for the last administrator, Forbidden.
    """
    binds = {
        "session": session,
        "operation": operation,
        "member": member,
        "role": role,
        "rooms": rooms_of(role, rooms),
    }
    with _asked(engine) as connection:
        connection.execute(
            text("SELECT calc.set_member(:session, :operation, :member, NULL, NULL, :role, :rooms)"), binds
        )


def remove(engine: Engine, session: str, operation: str, member: int) -> None:
    """Take a member out of the operation, as an administrator; their next request is not answered here.

    Raises NotFound for who is no member here, Refused for the last administrator, Forbidden.
    """
    with _asked(engine) as connection:
        connection.execute(
            text("SELECT calc.remove_member(:session, :operation, :member)"),
            {"session": session, "operation": operation, "member": member},
        )


def leave(engine: Engine, session: str, operation: str) -> None:
    """Leave an operation oneself. Raises NotFound for who is not in it, Refused for its last administrator."""
    with _asked(engine) as connection:
        left = connection.execute(
            text("SELECT calc.leave_operation(:session, :operation)"), {"session": session, "operation": operation}
        ).scalar_one()
    if not left:
        raise NotFound(f"There is no operation {operation!r}.", hint="`GET /operations` lists them.")


def give_link(engine: Engine, session: str, operation: str, member: int) -> Link:
    """A link by which a member sets a new password, once, as an administrator; links given before end.

    Raises NotFound for who is no member here, Forbidden also for an account that works in operations that are not theirs to open.
    """
    with _asked(engine) as connection:
        return _link(connection, session, operation, member)


def _link(connection: Connection, session: str, operation: str, member: int) -> Link:
    secret = new_secret("link")
    ends = connection.execute(
        text("SELECT calc.give_link(:session, :operation, :member, :link, :lasts)"),
        {"session": session, "operation": operation, "member": member, "link": secret, "lasts": LINK_HOLDS},
    ).scalar_one()
    return Link(secret, ends)
