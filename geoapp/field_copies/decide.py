"""What waits for a decision: edits from the field beside a record that changed meanwhile, or that could not be made. One by one."""

from typing import Any, Literal

import orjson
from sqlalchemy import Connection, text

from geoapp import record
from geoapp.errors import Conflict, NotFound, PreconditionRequired
from geoapp.field_copies.apply import Edit, apply, register_of
from geoapp.field_copies.written import REGISTER, TABLE
from geoapp.record import NOUNS
from geoapp.writing import lock_operation, require

Take = Literal["field", "here"]
MOST = 500
"""Open edits that are listed at once."""
_EDITS = """
    SELECT e.id, e.copy_id AS copy, e.collection, e.row_id, e.home_id, e.edit, e.entered_by, e.entered_at, e.brought_by, e.brought_at,
        e.state, e.why, e.version, e.decided_by, e.decided_at
    FROM facts.field_edit AS e WHERE e.operation_id = calc.operation() AND {}
"""
_OPEN = text(_EDITS.format("e.state IN ('conflict', 'refused') ORDER BY e.id LIMIT :most"))
_ONE = text(_EDITS.format("e.id = :id"))
_DECIDED = text("""
    UPDATE facts.field_edit AS e SET state = :state, decided_by = calc.member(), decided_at = now(), version = :version,
        home_id = coalesce(:home, e.home_id), why = coalesce(CAST(:why AS jsonb), e.why)
    WHERE e.operation_id = calc.operation() AND e.id = :id
""")


def open_edits(connection: Connection) -> list[dict[str, Any]]:
    """The edits that wait, the oldest first, `MOST` at most. Raises Forbidden for who may take no copy."""
    require(connection, "field_copy")
    return [_told(row) for row in connection.execute(_OPEN, {"most": MOST}).mappings()]


def open_edit(connection: Connection, number: int) -> dict[str, Any]:
    """An edit, with what is recorded here now as `there` (None where there is no such record any more): `version`, `values` by field
    and `geometry`; and `theirs`, the same with what the edit changes. Raises NotFound, Forbidden."""
    require(connection, "field_copy")
    found = _told(_row(connection, number))
    there = _there(connection, found["collection"], found["home_id"])
    values = {
        name: value
        for name, value in found["edit"]["values"].items()
        if name != "status" or found["collection"] == "overlaps"
    }
    theirs = {
        "values": (there["values"] if there else {}) | values,
        "geometry": found["edit"]["geometry"] or (there or {}).get("geometry"),
    }
    return found | {"there": there, "theirs": theirs}


def decide(connection: Connection, number: int, take: Take, version: int | None) -> dict[str, Any]:
    """Take what was entered in the field, on top of the `version` of the record that was looked at, or leave what is here.

    Raises NotFound, Conflict for an edit that waits for nothing, PreconditionFailed when the record changed again, and what writing it
    raises.
    """
    found = _row(connection, number)
    lock_operation(connection, TABLE[found["collection"]])
    found = _row(connection, number)
    if found["state"] not in ("conflict", "refused"):
        raise Conflict("This edit waits for no decision any more.", hint="Look at the list as it is now.")
    if take == "here":
        connection.execute(_DECIDED, {"id": number, "state": "dropped", "version": None, "home": None, "why": None})
        return {"state": "dropped"}
    edit = Edit.model_validate(found["edit"])
    if edit.did != "added" and version is None and found["collection"] != "overlap_notes":
        raise PreconditionRequired("The request has no If-Match header.", hint="Send the version that you looked at.")
    done = apply(connection, found["copy"], found["collection"], edit, version)
    why = orjson.dumps({"detail": done.left}).decode() if done.left else None
    connection.execute(
        _DECIDED, {"id": number, "state": "applied", "version": done.version, "home": done.home_id, "why": why}
    )
    return {"state": "applied", "id": done.home_id, "version": done.version}


def _row(connection: Connection, number: int) -> Any:
    row = connection.execute(_ONE, {"id": number}).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no edit {number}.", hint="The page Field copies lists what waits.")
    return row


def _told(row: Any) -> dict[str, Any]:
    """An edit as it is sent; its shape in it, what it is called where that is known."""
    values = row["edit"]["values"]
    name = values.get("name") or values.get("location") or row["edit"]["was"].get("name") or ""
    return {k: v for k, v in row.items() if k != "copy"} | {
        "of": row["copy"],
        "name": str(name)[:300],
        "did": row["edit"]["did"],
    }


def _there(connection: Connection, collection: str, home: int | None) -> dict[str, Any] | None:
    if home is None or collection == "overlap_notes":
        return None
    try:
        if collection == "overlaps":
            register = register_of(connection, home)
            return {
                "version": register["version"],
                "values": {name: register[name] for name in REGISTER},
                "geometry": None,
            }
        noun = NOUNS[collection]
        now = record.read(connection, noun, home)
    except NotFound:
        return None
    return {
        "version": now["version"], "values": {name: now["properties"][name] for name in noun.fields}, "geometry": now["geometry"],
    }  # fmt: skip
