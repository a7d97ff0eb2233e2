"""What was noted on an overlap: by whom, when, and what of it was withdrawn and why?"""

from typing import Any

from sqlalchemy import Connection, text

from geoapp.draw.places import kept
from geoapp.scope import Scope, known

NOTES = """
    SELECT n.id, n.words AS text, n.written_by, n.written_at, n.withdrawn_by, n.withdrawn_at, n.reason
    FROM facts.overlap_note AS n
    JOIN facts.overlap_pair AS j ON j.operation_id = n.operation_id AND j.id = n.pair_id
    WHERE :id IN (j.id, j.joined_into)
    ORDER BY n.written_at DESC, n.id DESC
"""


def notes(connection: Connection, scope: Scope, overlap: int, withheld: frozenset[str]) -> dict[str, Any]:
    """The notes on an overlap as known in the scope, the newest first, in `notes`, and in `count` how many hold; times are in
    UTC. Where the room is not shown notes both are None, and `withheld` says so.

    Raises NotFound, the same for a hidden overlap as for none.
    """
    overlap = kept(connection, scope, overlap)
    if "note" in withheld:
        return {
            "notes": None,
            "count": None,
            "withheld": "Notes are withheld from this room.",
        }
    found = [dict(row) for row in connection.execute(text(known(NOTES, scope)), {"id": overlap}).mappings()]
    return {"notes": found, "count": sum(note["withdrawn_at"] is None for note in found)}
