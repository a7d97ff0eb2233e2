"""Write on an overlap's register: status, strategy, liaison, owner, due day, one note more."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from geoapp.codes import codes
from geoapp.errors import BadRequest, PreconditionFailed
from geoapp.record.notes import add_note, kept
from geoapp.writing import lock_operation

REGISTER = ("status", "strategy", "liaison", "owner", "due", "note")
"""What may be written on an overlap; a note is added to those that are there."""

_COLUMNS = ("id", "version", "status", "strategy", "liaison", "owner", "due")
_NOW = f"""
    SELECT {", ".join(f"o.{name}" for name in _COLUMNS)}, (
        SELECT n.words FROM facts.overlap_note AS n
        JOIN facts.overlap_pair AS j ON j.operation_id = n.operation_id AND j.id = n.pair_id
        WHERE n.operation_id = o.operation_id AND o.id IN (j.id, j.joined_into) AND n.withdrawn_at IS NULL
        ORDER BY n.written_at DESC, n.id DESC LIMIT 1
    ) AS note
    FROM calc.overlap_pair AS o
    WHERE o.operation_id = :operation AND o.id = :id
"""


MOST_ROWS = 200
"""Rows that are written on at once, at most: as many as a page of the list can have."""


def change_overlap(connection: Connection, overlap_id: int, change: Mapping[str, Any], version: int) -> dict[str, Any]:
    """Write on an overlap's register; the register as it is now, with its version.

    Raises NotFound, BadRequest for a field or code that does not exist, PreconditionFailed with the row as it is.
    """
    operation_id = lock_operation(connection, "overlap_pair")
    values = _values(change)
    overlap_id = kept(connection, overlap_id)
    now = _now(connection, operation_id, overlap_id)
    if now["version"] != version:
        raise PreconditionFailed(
            f"Overlap {overlap_id} is at version {now['version']}; you changed version {version}.",
            hint="Look at what is there now, then make your change again.",
            current=_as_text(now), yours=dict(change),
        )  # fmt: skip
    return _write(connection, operation_id, overlap_id, values)


def change_overlaps(
    connection: Connection, versions: Mapping[int, int], change: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Write the same on several rows, by the id of each with the version that was looked at: on all of them, or on none.

    Raises as `change_overlap` does; PreconditionFailed has every row that is at another version as it is, in `current`.
    """
    operation_id = lock_operation(connection, "overlap_pair")
    values = _values(change)
    if not 0 < len(versions) <= MOST_ROWS:
        raise BadRequest(f"These are {len(versions):,} rows.", hint=f"Between 1 and {MOST_ROWS} at once.")
    rows = {id_: _now(connection, operation_id, kept(connection, id_)) for id_ in versions}
    other = [row for id_, row in rows.items() if row["version"] != versions[id_]]
    if other:
        raise PreconditionFailed(
            f"{len(other)} of {len(rows)} rows were changed meanwhile; none was written on.",
            hint="Look at what is there now, then make your change again.",
            current=[_as_text(row) for row in other], yours=dict(change),
        )  # fmt: skip
    return [_write(connection, operation_id, row["id"], dict(values)) for row in rows.values()]


def _values(change: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(change) - set(REGISTER))
    if unknown or not change:
        raise BadRequest(
            f"An overlap's register has no {', '.join(unknown)}." if unknown else "Nothing was asked to change.",
            hint=f"It has {', '.join(REGISTER)}.",
        )
    return {name: _checked(name, value) for name, value in change.items()}


def _now(connection: Connection, operation_id: int, id_: int) -> dict[str, Any]:
    return dict(connection.execute(text(_NOW), {"operation": operation_id, "id": id_}).mappings().one())


def _as_text(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, date) else value for name, value in row.items()}


def _write(connection: Connection, operation_id: int, id_: int, values: dict[str, Any]) -> dict[str, Any]:
    if "note" in values:
        add_note(connection, id_, values.pop("note"))
    if values:
        assignments = ", ".join(f"{name} = :{name}" for name in values)
        connection.execute(
            text(f"UPDATE facts.overlap_pair SET {assignments} WHERE operation_id = :operation AND id = :id"),
            {"operation": operation_id, "id": id_} | values,
        )
    return _now(connection, operation_id, id_)


_LISTS = {"status": "overlap_status", "strategy": "strategies", "liaison": "liaison"}


def _checked(name: str, value: Any) -> Any:
    if name in _LISTS:
        known = codes(_LISTS[name])
        if value not in known:
            raise BadRequest(f"{value!r} is no {name}.", hint=f"One of: {', '.join(known)}.")
        return value
    if value in (None, ""):
        if name == "note":
            raise BadRequest("A note is not taken away.", hint="Withdraw it: POST …/notes/{note}/withdrawal.")
        return None
    if not isinstance(value, str) or len(value) > 4000:
        raise BadRequest(f"{name} must be text of at most 4,000 characters.")
    if name == "due":
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise BadRequest(f"{value[:40]!r} is no date.", hint="Write it as 2026-10-26.") from None
    return value
