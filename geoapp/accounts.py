"""Who signs in, and how is it proved? Passwords by argon2id, sessions, tokens and one-time links by secrets of which the
database keeps hashes.

What a member may do is in the database (`calc.enter`); nothing here decides it.
"""

import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from geoapp.db import sqlstate
from geoapp.errors import BadRequest, Conflict, Forbidden, GeoappError, NotFound, Refused, TooMany, Unauthorized
from geoapp.model.roles import ROLES
from geoapp.passwords import hash_of, verified

IDLE, LASTS = timedelta(minutes=30), timedelta(hours=12)
"""How long a session may be idle, and how long it lasts at most."""
LINK_HOLDS = timedelta(hours=72)
BY_ACCOUNT, BY_ADDRESS = 5, 20
"""So many failures of an account, of an address, within 15 minutes, and the next attempts are not looked at."""
_EMAIL = re.compile(r"[^@\s<>\"']{1,64}@[^@\s<>\"']{1,190}")


@dataclass(frozen=True)
class Member:
    """A person, and what they are in which operation."""

    email: str
    name: str
    state: str
    operations: tuple[tuple[str, str, tuple[str, ...] | None], ...]


def address_of(email: str) -> str:
    """An address as it is kept. Raises BadRequest for what is none."""
    said = email.strip().lower()
    if not _EMAIL.fullmatch(said):
        raise BadRequest(f"{email[:80]!r} is no mail address.", hint="Write it as name@organisation.org.")
    return said


def rooms_of(role: str, rooms: Sequence[str]) -> list[str] | None:
    """The rooms that somebody in a role is kept to; None for all of them, which it is where none is named.

    Raises BadRequest for no such role, and for rooms with a role that records.
    """
    found = next((each for each in ROLES if each.key == role), None)
    if found is None:
        raise BadRequest(f"There is no role {role[:40]!r}.", hint=f"One of {', '.join(each.key for each in ROLES)}.")
    if rooms and found.records:
        raise BadRequest(
            f"Who is {found.title.lower()} enters every room: what is recorded is told in all of them.",
            hint="Only a viewer can be kept to some rooms.",
        )
    return list(rooms) or None


_REFUSALS: dict[str, type[GeoappError]] = {
    "GA000": NotFound, "GA001": Forbidden, "GA002": Refused, "GA003": NotFound, "GA004": Conflict, "GA005": BadRequest,
}  # fmt: skip


@contextmanager
def refused() -> Iterator[None]:
    """What the database refuses about people, as an error of ours with the words that it gives."""
    try:
        yield
    except DBAPIError as error:
        kind = _REFUSALS.get(sqlstate(error) or "")
        if kind is None:
            raise
        said: Any = getattr(error.orig, "diag", None)
        raise kind(said.message_primary, hint=said.message_hint or "") from error


def sign_in(engine: Engine, key: str, email: str, password: str, address: str, from_where: str = "") -> str:
    """The secret of a new session. `key` is that of the login that serves, `address` where the request came from, `from_where` what
    the member is told of it later.

    Raises Unauthorized, the same for a wrong password and for no such account, and TooMany.
    """
    member, secret = proved(engine, key, email, password, address), new_secret("session")
    with engine.begin() as connection:
        connection.execute(
            text("SELECT calc.open_session(:key, :member, :secret, :idle, :lasts, :from_where)"),
            {"key": key, "member": member, "secret": secret, "idle": IDLE, "lasts": LASTS, "from_where": from_where},
        )
    return secret


def proved(engine: Engine, key: str, email: str, password: str, address: str) -> int:
    """The member whose mail address and password these are; every failure is counted.

    Raises Unauthorized, the same for a wrong password and for no such account, and TooMany.
    """
    asked = email.strip().lower()[:320]
    binds = {"key": key, "email": asked, "address": address}
    with engine.begin() as connection:
        member, stored, by_account, by_address = connection.execute(
            text("SELECT member, password, by_account, by_address FROM calc.sign_in_state(:key, :email, :address)"),
            binds,
        ).one()
    if by_account >= BY_ACCOUNT or by_address >= BY_ADDRESS:
        raise TooMany(
            "Too many attempts to sign in failed.",
            hint="Try again in 15 minutes, or ask for a link to set a new password.",
        )
    if not verified(stored, password):
        with engine.begin() as connection:
            connection.execute(text("SELECT calc.sign_in_failed(:key, :email, :address)"), binds)
        raise Unauthorized(
            "Mail address and password do not belong together.", hint="Both are needed as they were set."
        )
    return int(member)


def sign_out(engine: Engine, secret: str, *, everywhere: bool = False) -> None:
    """End a session, or all of its member's."""
    with engine.begin() as connection:
        connection.execute(text("SELECT calc.end_session(:secret, :all)"), {"secret": secret, "all": everywhere})


def who(engine: Engine, secret: str, kinds: Sequence[str] = ("session", "token")) -> tuple[str, str] | None:
    """Mail address and name of whose secret it is; None when it holds no longer. The session is not idle from now on."""
    with engine.begin() as connection:
        found = connection.execute(
            text("SELECT email, name FROM calc.who(:secret, :kinds)"), {"secret": secret, "kinds": list(kinds)}
        ).one_or_none()
    return (found.email, found.name) if found else None


def set_password(engine: Engine, key: str, link: str, password: str) -> str:
    """Set a password by a one-time link, which ends with it and with every session; whose it was.

    Raises BadRequest for a password that is too short or too long, Unauthorized for a link that does not hold.
    """
    hashed = hash_of(password)
    with engine.begin() as connection:
        whose = connection.execute(
            text("SELECT calc.set_password(:key, :link, :password)"),
            {"key": key, "link": link, "password": hashed},
        ).scalar()
    if whose is None:
        raise Unauthorized("This link was used or is too old.", hint="Ask whoever runs this instance for another one.")
    return str(whose)


def add(owner: Connection, email: str, name: str, operation: str, role: str, rooms: Sequence[str]) -> bool:
    """Make somebody a member of an operation, or give them another role or other rooms there, as the database's owner; whether
    they are new to the instance. `rooms` are those that they may enter, all of them when it is empty.

    Raises BadRequest for no such role or room, and for rooms with a role that records; NotFound for no such operation; Refused
    where the last administrator would be none any more.
    """
    kept, kept_to = address_of(email), rooms_of(role, rooms)
    about = owner.execute(
        text("SELECT operation_id FROM facts.operation WHERE key = :key"), {"key": operation}
    ).scalar()
    if about is None:
        raise NotFound(f"There is no operation {operation!r}.", hint="`geoapp operation list` lists them.")
    there = owner.execute(
        text("SELECT array_agg(key ORDER BY position) FROM facts.audience WHERE operation_id = :about"),
        {"about": about},
    ).scalar_one()
    if unknown := [room for room in rooms if room not in there]:
        raise BadRequest(f"There is no room {unknown[0]!r}.", hint=f"One of {', '.join(there)}.")
    made = owner.execute(
        text("""
            INSERT INTO keys.member AS m (email, name) VALUES (:email, :name)
            ON CONFLICT (email) DO UPDATE SET name = coalesce(nullif(excluded.name, ''), m.name), disabled_at = NULL
            RETURNING m.id, m.password IS NULL
        """),
        {"email": kept, "name": name.strip()[:120]},
    ).one()
    with refused():
        owner.execute(
            text("""
                INSERT INTO keys.membership (member_id, operation_id, role, rooms) VALUES (:member, :about, :role, :rooms)
                ON CONFLICT (member_id, operation_id) DO UPDATE SET role = excluded.role, rooms = excluded.rooms
            """),
            {"member": made[0], "about": about, "role": role, "rooms": kept_to},
        )
    return bool(made[1])


def remove(owner: Connection, email: str, operation: str) -> None:
    """Take somebody out of an operation. Raises NotFound for who is not in it, Refused for its last administrator."""
    with refused():
        done = owner.execute(
            text("""
                DELETE FROM keys.membership AS p USING keys.member AS m, facts.operation AS o
                WHERE m.id = p.member_id AND m.email = :email AND o.operation_id = p.operation_id AND o.key = :operation
            """),
            {"email": address_of(email), "operation": operation},
        )
    if not done.rowcount:
        raise NotFound(f"{email} is no member of {operation}.", hint="`geoapp member list` lists them.")


def disable(owner: Connection, email: str) -> None:
    """Let somebody in nowhere any more: every session, token and link of theirs ends. Raises NotFound."""
    member = _member(owner, email)
    owner.execute(text("UPDATE keys.member SET disabled_at = now() WHERE id = :member"), {"member": member})
    owner.execute(text("DELETE FROM keys.secret WHERE member_id = :member"), {"member": member})


def issue(
    owner: Connection, email: str, kind: str, lasts: timedelta, name: str = "", operation: str | None = None,
    room: str | None = None, *, reads: bool = False,
) -> str:  # fmt: skip
    """The secret of a new `token` or one-time `link` of a member. A token is for every operation of theirs unless one is named, and
    does what their role does unless it `reads`, as one for a `room` does.

    Raises NotFound for no such member, and where they do not work in the operation or may not enter the room.
    """
    member, secret, about = _member(owner, email), new_secret(kind), None
    if operation or room:
        about = owner.execute(
            text("""
                SELECT p.operation_id FROM keys.membership AS p JOIN facts.operation AS o ON o.operation_id = p.operation_id
                WHERE p.member_id = :member AND o.key = :operation AND (CAST(:room AS text) IS NULL OR EXISTS (
                    SELECT FROM facts.audience AS a
                    WHERE a.operation_id = p.operation_id AND a.key = :room AND (p.rooms IS NULL OR a.key = ANY (p.rooms))))
            """),
            {"member": member, "operation": operation, "room": room},
        ).scalar()
        if about is None:
            raise NotFound(
                f"{email} works in no operation {operation!r}" + (f" with the room {room!r}." if room else "."),
                hint="`geoapp member list` says where they work and which rooms they may enter.",
            )
    owner.execute(
        text("""
            INSERT INTO keys.secret (hash, member_id, kind, name, ends_at, operation_id, room, reads)
            VALUES (sha256(convert_to(:secret, 'UTF8')), :member, :kind, :name, now() + :lasts, :about, :room, :reads)
        """),
        {"secret": secret, "member": member, "kind": kind, "name": name.strip()[:120], "lasts": lasts, "about": about,
         "room": room, "reads": reads or room is not None},
    )  # fmt: skip
    return secret


def end_all(owner: Connection, email: str, kind: str) -> int:
    """End every `session` or `token` of a member; how many that were. Raises NotFound for no such member."""
    done = owner.execute(
        text("DELETE FROM keys.secret WHERE member_id = :member AND kind = :kind AND now() < ends_at"),
        {"member": _member(owner, email), "kind": kind},
    )
    return int(done.rowcount)


def members(owner: Connection) -> list[Member]:
    """Everybody who was made a member, by their mail addresses."""
    rows = owner.execute(
        text("""
            SELECT m.email, m.name, CASE WHEN m.disabled_at IS NOT NULL THEN 'disabled'
                    WHEN m.password IS NULL THEN 'invited' ELSE 'active' END AS state,
                coalesce(jsonb_agg(jsonb_build_array(o.key, p.role, p.rooms) ORDER BY o.key)
                    FILTER (WHERE o.key IS NOT NULL), '[]') AS operations
            FROM keys.member AS m LEFT JOIN keys.membership AS p ON p.member_id = m.id
            LEFT JOIN facts.operation AS o ON o.operation_id = p.operation_id
            GROUP BY m.id ORDER BY m.email
        """)
    )
    return [
        Member(
            row.email,
            row.name,
            row.state,
            tuple((o, r, tuple(s) if s is not None else None) for o, r, s in row.operations),
        )
        for row in rows
    ]


def _member(owner: Connection, email: str) -> int:
    found = owner.execute(
        text("SELECT id FROM keys.member WHERE email = :email AND disabled_at IS NULL"), {"email": address_of(email)}
    ).scalar()
    if found is None:
        raise NotFound(f"There is no member {email}.", hint="`geoapp member add` makes one.")
    return int(found)


def new_secret(kind: str) -> str:
    """256 random bits behind a word by which people, and `calc.enter`, tell what it is."""
    return f"{'link' if kind == 'link' else 'member'}.{secrets.token_urlsafe(32)}"
