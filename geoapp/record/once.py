"""Write a record once, however often it is sent: one whose answer was lost is sent again when the connection is back."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from geoapp.model.subjects import read_from
from geoapp.record.noun import Noun, Values, add, made_up
from geoapp.writing import lock_operation


def add_once(
    connection: Connection, noun: Noun, shape: Mapping[str, Any] | None, given: Values, once: str
) -> tuple[int, int, bool]:
    """Write a new record unless the same member has written one under the words `once`, whose answer was lost: its id, its version
    as it is now, whether it is new. Raises as `add`; a noun without keys is always written."""
    operation = lock_operation(connection, noun.table)
    if noun.keyed is None:
        return *add(connection, noun, shape, given), True
    who = connection.execute(text("SELECT coalesce(calc.member(), '')")).scalar_one()
    key = made_up(noun.keyed[1], f"{who}\0{once}".encode())
    there = connection.execute(
        text(f"""
            SELECT id, version FROM {read_from(noun.table)} WHERE operation_id = :operation AND {noun.keyed[0]} = :key
            ORDER BY id LIMIT 1
        """),
        {"operation": operation, "key": key},
    ).one_or_none()
    if there is not None:
        return int(there.id), int(there.version), False
    return *add(connection, noun, shape, given, key=key), True
