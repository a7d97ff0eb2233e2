"""What does a member see and do with their own account: sessions, tokens, the password? Asked by the secret of their session: the
database decides from that alone whose account it is (`calc.own`), and a token sees to none.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, text

from geoapp import db
from geoapp.accounts import new_secret, proved, refused
from geoapp.errors import BadRequest, NotFound, Refused, Unauthorized
from geoapp.passwords import hash_of

LONGEST_TOKEN = timedelta(days=366)


@dataclass(frozen=True)
class Session:
    """A session that holds. `from_where` is the address and browser it was begun from; `this` the one that asks."""

    id: int
    begun_at: datetime
    seen_at: datetime
    ends_at: datetime
    from_where: str
    this: bool


@dataclass(frozen=True)
class Token:
    """A token that holds. `operation` is None for every one that the member works in, "" for one that they work in no longer; `room`
    None for all rooms; a token that `reads` records nothing; `used_at` None while nothing has used it."""

    id: int
    name: str
    operation: str | None
    room: str | None
    reads: bool
    made_at: datetime
    used_at: datetime | None
    ends_at: datetime


@dataclass(frozen=True)
class Place:
    """An operation that the member works in, and the rooms that they may enter there, by key and title."""

    operation: str
    title: str
    role: str
    rooms: dict[str, str]


@dataclass(frozen=True)
class Account:
    """One's own account."""

    email: str
    name: str
    sessions: list[Session]
    tokens: list[Token]
    places: list[Place]


@contextmanager
def _asked(engine: Engine, session: str) -> Iterator[Connection]:
    """A transaction that knows who asks, so that the audit does."""
    with refused(), db.asking(session), db.transaction(engine, db.Context("")) as connection:
        yield connection


def account(engine: Engine, session: str) -> Account:
    """The account of whose session it is. Raises Forbidden for a token, Unauthorized for a session that has ended."""
    with _asked(engine, session) as connection:
        whose = connection.execute(text("SELECT * FROM calc.who(:s, ARRAY['session'])"), {"s": session}).one_or_none()
        held = connection.execute(text("SELECT * FROM calc.own_secrets(:s)"), {"s": session}).all()
        rooms = connection.execute(text("SELECT * FROM calc.own_rooms(:s)"), {"s": session}).all()
    if whose is None:
        raise Unauthorized("Your session has ended.", hint="Sign in again.")
    places: dict[str, Place] = {}
    for row in rooms:
        place = places.setdefault(row.operation, Place(row.operation, row.title, row.role, {}))
        place.rooms[row.room] = row.room_title
    sessions = [
        Session(row.id, row.made_at, row.seen_at, row.ends_at, row.from_where or "", row.this)
        for row in held if row.kind == "session"
    ]  # fmt: skip
    tokens = [
        Token(row.id, row.name, row.operation, row.room, row.reads, row.made_at,
              row.seen_at if row.seen_at > row.made_at else None, row.ends_at)
        for row in held if row.kind == "token"
    ]  # fmt: skip
    return Account(whose.email, whose.name, sessions, tokens, list(places.values()))


def end(engine: Engine, session: str, kind: str, number: int) -> None:
    """End a `session` or a `token` of one's own; its next request is not answered.

    Raises NotFound for no such one, which one of somebody else's is too, and Forbidden for a token that asks.
    """
    with _asked(engine, session) as connection:
        ended = connection.execute(
            text("SELECT calc.end_own(:session, :kind, :number)"),
            {"session": session, "kind": kind, "number": number},
        ).scalar_one()
    if not ended:
        raise NotFound(f"You have no such {kind}.", hint="It may have ended already; look at the list again.")


def make_token(
    engine: Engine, session: str, name: str, lasts: timedelta, operation: str | None, room: str | None, *, reads: bool
) -> tuple[int, str]:
    """The number of a new token of one's own, and its secret, which is told this once. Without an `operation` it is for all that the
    member works in; one for a `room` reads, as whoever enters some rooms alone.

    Raises BadRequest for no name, no such end or room, NotFound for no such operation, Conflict for too many, Forbidden.
    """
    named = " ".join(name.split())[:120]
    if not named:
        raise BadRequest("The name is missing.", hint="Say what the token is for, such as QGIS at the office.")
    if not timedelta(0) < lasts <= LONGEST_TOKEN:
        raise BadRequest(f"A token holds for 1 to {LONGEST_TOKEN.days} days.", hint="Make another one when it ends.")
    secret = new_secret("token")
    binds = {"session": session, "token": secret, "name": named, "operation": operation, "room": room,
             "reads": reads or room is not None, "lasts": lasts}  # fmt: skip
    with _asked(engine, session) as connection:
        number = connection.execute(
            text("SELECT calc.make_token(:session, :token, :name, :operation, :room, :reads, :lasts)"), binds
        ).scalar_one()
    return int(number), secret


def change_password(engine: Engine, key: str, session: str, present: str, password: str, address: str) -> None:
    """Set another password for one's own account; every other session of one's own ends. A wrong `present` one counts among the
    failures to sign in of the account and of the `address`.

    Raises BadRequest for a new one that is too short or too long, Refused for a wrong present one, TooMany, Forbidden.
    """
    hashed, email = hash_of(password), account(engine, session).email
    try:
        proved(engine, key, email, present, address)
    except Unauthorized:
        raise Refused("The present password is another one.", hint="Nothing was changed.") from None
    with _asked(engine, session) as connection:
        connection.execute(
            text("SELECT calc.change_password(:key, :session, :password)"),
            {"key": key, "session": session, "password": hashed},
        )
