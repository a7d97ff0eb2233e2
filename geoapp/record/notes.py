"""Note something on an overlap, and withdraw a note that was entered by mistake. No note is ever rewritten."""

from typing import Any

from sqlalchemy import Connection, text

from geoapp.errors import BadRequest, Conflict, NotFound
from geoapp.writing import lock_operation

_ADD = text("""
    INSERT INTO facts.overlap_note
        (operation_id, handling, pair_id, pieces, subjects, words, written_by, recorded_by)
    SELECT p.operation_id, s.handling, p.id, s.pieces, s.subjects, :words, coalesce(calc.signed_in(), :by, calc.member()), calc.member()
    FROM facts.overlap_pair AS p
    CROSS JOIN LATERAL (
        SELECT max(o.handling) AS handling, array_agg(DISTINCT o.id ORDER BY o.id) AS pieces, array_agg(DISTINCT u.subject) AS subjects
        FROM facts.overlap AS o CROSS JOIN unnest(o.subjects) AS u (subject)
        WHERE o.operation_id = p.operation_id AND o.pair_id = p.id
    ) AS s
    WHERE p.operation_id = :operation AND p.id = :pair
    RETURNING id, words AS text, written_by, written_at, withdrawn_by, withdrawn_at, reason
""")
"""It is shown to who is shown every piece that its writer was shown."""
_THERE = text("""
    SELECT n.withdrawn_at
    FROM facts.overlap_note AS n
    JOIN facts.overlap_pair AS j ON j.operation_id = n.operation_id AND j.id = n.pair_id
    JOIN facts.overlap_pair AS p ON p.operation_id = n.operation_id AND coalesce(p.joined_into, p.id) = coalesce(j.joined_into, j.id)
    WHERE n.operation_id = :operation AND p.id = :overlap AND n.id = :id
""")
_WITHDRAW = text("""
    UPDATE facts.overlap_note AS n
    SET withdrawn_by = coalesce(calc.signed_in(), :by, calc.member()), withdrawn_at = now(), reason = :reason
    WHERE n.operation_id = :operation AND n.id = :id
    RETURNING n.id, n.words AS text, n.written_by, n.written_at, n.withdrawn_by, n.withdrawn_at, n.reason
""")


_KEPT = text("SELECT coalesce(p.joined_into, p.id) FROM facts.overlap_pair AS p WHERE p.id = :id")


def kept(connection: Connection, overlap_id: int) -> int:
    """The row of the register that speaks for an overlap: its own, or the one that it was joined into. Raises NotFound."""
    found = connection.execute(_KEPT, {"id": overlap_id}).scalar()
    if found is None:
        raise NotFound(f"There is no overlap {overlap_id}.")
    return int(found)


def add_note(connection: Connection, overlap_id: int, words: Any, *, by: str | None = None) -> dict[str, Any]:
    """Note something on an overlap; the note as it is kept. `by` is the name that is given, else who is signed in.

    Raises NotFound for no such overlap, BadRequest for text that is none or longer than 4,000 characters.
    """
    operation_id = lock_operation(connection, "overlap_note")
    pair = kept(connection, overlap_id)
    asked = {"operation": operation_id, "pair": pair, "words": _written(words, "A note"), "by": _name(by)}
    made = connection.execute(_ADD, asked).mappings().one_or_none()
    if made is None:
        raise NotFound(f"There is no overlap {overlap_id}.")
    return dict(made)


def withdraw_note(
    connection: Connection, overlap_id: int, note_id: int, reason: Any, *, by: str | None = None
) -> dict[str, Any]:
    """Withdraw a note: it stays, is told as withdrawn with the reason, and is no longer the newest of its overlap.

    Raises NotFound for no such note on this overlap, Conflict when it is withdrawn already, BadRequest without a reason.
    """
    operation_id = lock_operation(connection, "overlap_note")
    asked = {"operation": operation_id, "overlap": overlap_id, "id": note_id, "by": _name(by)}
    asked["reason"] = _written(reason, "A reason")
    found = connection.execute(_THERE, asked).one_or_none()
    if found is None:
        raise NotFound(f"There is no note {note_id} on overlap {overlap_id}.")
    if found.withdrawn_at is not None:
        raise Conflict(f"Note {note_id} is withdrawn already.", hint="Look at the notes as they are now.")
    return dict(connection.execute(_WITHDRAW, asked).mappings().one())


def _written(value: Any, what: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > 4000 or "\0" in value:
        raise BadRequest(f"{what} must be text of at most 4,000 characters.", hint="Write what should be known.")
    return value.strip()


def _name(by: str | None) -> str | None:
    if by is not None and (len(by) > 200 or "\0" in by):
        raise BadRequest("A name must be text of at most 200 characters.", hint="Write who notes it.")
    return (by or "").strip() or None
