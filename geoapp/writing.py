"""Who records in an operation? One at a time; and before it is committed, what rooms are told in place of records follows."""

from sqlalchemy import Connection, text

from geoapp.db import WRITERS_LOCK, at_end
from geoapp.errors import Forbidden, NotFound
from geoapp.forms import keep

_LOCK = text(f"SELECT calc.operation(), calc.may_write(), (SELECT {WRITERS_LOCK}::text WHERE calc.may_write())")


def lock_operation(connection: Connection) -> int:
    """The operation's id, with every other writer of this operation kept waiting until the transaction ends.

    Overlaps need it: two areas recorded at the same moment would not see each other. Raises NotFound, and Forbidden in a
    room that only reads.
    """
    found, may_write, _ = connection.execute(_LOCK).one()
    if found is None:
        raise NotFound("There is no such operation.", hint="`geoapp operation add KEY` makes one.")
    if not may_write:
        raise Forbidden(
            "This room reads; nothing is recorded in it.", hint="Choose a room that records, such as internal."
        )
    at_end(connection, keep)
    return int(found)
