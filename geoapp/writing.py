"""Who records in an operation? One at a time; and before it is committed, what rooms are told in place of records follows."""

from sqlalchemy import Connection, text

from geoapp.db import WRITERS_LOCK, at_end
from geoapp.errors import Forbidden, NotFound
from geoapp.forms import keep

_LOCK = text(f"""
    SELECT calc.operation(), calc.may_write(), calc.may_record() AND calc.may(:what),
        (SELECT {WRITERS_LOCK}::text WHERE calc.may_record() AND calc.may(:what))
""")


def person(connection: Connection, named: str | None) -> str | None:
    """Who does this: the member who has signed in, whatever name is given; the name that is given where there are no accounts."""
    return connection.execute(text("SELECT calc.signed_in()")).scalar() or named


def lock_operation(connection: Connection, what: str) -> int:
    """The operation's id, with every other writer of this operation kept waiting until the transaction ends. `what` is the table
    of what is recorded, as roles name it (`geoapp.model.roles`).

    Overlaps need it: two areas recorded at the same moment would not see each other. Raises NotFound, and Forbidden in a
    room that only reads and for a member whose role does not record this.
    """
    found, may_write, may, _ = connection.execute(_LOCK, {"what": what}).one()
    _check(found, may_write, may, what)
    at_end(connection, keep)
    return int(found)


def require(connection: Connection, what: str) -> None:
    """Raises what `lock_operation` raises for who may not do this, and keeps nobody waiting."""
    asked = text("SELECT calc.operation(), calc.may_write(), calc.may_record() AND calc.may(:what)")
    found, may_write, may = connection.execute(asked, {"what": what}).one()
    _check(found, may_write, may, what)


def _check(operation: int | None, may_write: bool, may: bool, what: str) -> None:
    if operation is None:
        raise NotFound("There is no such operation.", hint="`geoapp operation add KEY` makes one.")
    if not may_write:
        raise Forbidden(
            "This room reads; nothing is recorded in it.", hint="Choose a room that records, such as internal."
        )
    if not may:
        raise Forbidden(
            f"Your role in this operation does not record this ({what.replace('_', ' ')}).",
            hint="An administrator of the operation gives another role, on the page Members.",
        )
