"""Write on an overlap's register: status, strategy, liaison, owner, due day, one note more."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from geoapp.codes import codes
from geoapp.errors import BadRequest, NotFound, PreconditionFailed
from geoapp.record.notes import add_note
from geoapp.writing import lock_operation

REGISTER = ("status", "strategy", "liaison", "owner", "due", "note")
"""What may be written on an overlap; a note is added to those that are there."""

_COLUMNS = ("id", "version", "status", "strategy", "liaison", "owner", "due")
_NOW = f"""
    SELECT {", ".join(f"o.{name}" for name in _COLUMNS)}, (
        SELECT n.words FROM facts.overlap_note AS n
        WHERE n.operation_id = o.operation_id AND n.overlap_id = o.id AND n.withdrawn_at IS NULL
        ORDER BY n.written_at DESC, n.id DESC LIMIT 1
    ) AS note
    FROM calc.overlap AS o
    WHERE o.operation_id = :operation AND o.id = :id
"""


def change_overlap(connection: Connection, overlap_id: int, change: Mapping[str, Any], version: int) -> dict[str, Any]:
    """Write on an overlap's register; the register as it is now, with its version.

    Raises NotFound, BadRequest for a field or code that does not exist, PreconditionFailed with the row as it is.
    """
    operation_id = lock_operation(connection, "overlap")
    unknown = sorted(set(change) - set(REGISTER))
    if unknown or not change:
        raise BadRequest(
            f"An overlap's register has no {', '.join(unknown)}." if unknown else "Nothing was asked to change.",
            hint=f"It has {', '.join(REGISTER)}.",
        )
    values = {name: _checked(name, value) for name, value in change.items()}
    key = {"operation": operation_id, "id": overlap_id}
    now = connection.execute(text(_NOW), key).mappings().one_or_none()
    if now is None:
        raise NotFound(f"There is no overlap {overlap_id}.")
    if now["version"] != version:
        raise PreconditionFailed(
            f"Overlap {overlap_id} is at version {now['version']}; you changed version {version}.",
            hint="Look at what is there now, then make your change again.",
            current={k: str(v) if isinstance(v, date) else v for k, v in now.items()}, yours=dict(change),
        )  # fmt: skip
    if "note" in values:
        add_note(connection, overlap_id, values.pop("note"))
    if values:
        assignments = ", ".join(f"{name} = :{name}" for name in values)
        connection.execute(
            text(f"UPDATE facts.overlap SET {assignments} WHERE operation_id = :operation AND id = :id"), key | values
        )
    return dict(connection.execute(text(_NOW), key).mappings().one())


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
