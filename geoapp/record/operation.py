"""Make an operation with the rooms it starts with."""

import csv
import re
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.dialects.postgresql import insert

from geoapp import TOP, local_time
from geoapp.errors import BadRequest, Conflict, NotFound
from geoapp.model import Audience, Operation

AUDIENCES: tuple[dict[str, Any], ...] = (
    {"key": "internal", "title": "Internal", "clearance": "RED", "may_write": True},
    {"key": "hct", "title": "Humanitarian Country Team", "clearance": "AMBER"},
    {"key": "cmwg_mixed", "title": "Civil-military working group (mixed)", "clearance": "GREEN"},
    {
        "key": "military_counterpart", "title": "Military counterpart", "clearance": "GREEN",
        "withheld_domains": ["civil"],
    },
    {"key": "public", "title": "Public", "clearance": "CLEAR"},
)  # fmt: skip
"""The rooms every operation starts with; what each is told of each subject is in `data/audience_rules.csv`. DOMAIN: what humanitarians may see of forces is not what forces may see of them."""


@cache
def first_rules() -> dict[str, dict[str, Any]]:
    """The rules that rooms begin with, by room and subject, as they are stored: a word where it says no more than how precisely."""
    found: dict[str, dict[str, Any]] = {}
    with (TOP / "data" / "audience_rules.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            more = {
                "labels": line["labels"],
                "dates": line["dates"],
                "least": int(line["least"]),
                "withheld": line["withheld"].split(),
            }
            plain = more == {"labels": "name", "dates": "day", "least": 0, "withheld": []}
            rule = line["precision"] if plain else {"precision": line["precision"], "reason": line["reason"]} | more
            found.setdefault(line["audience"], {})[line["subject"]] = rule
    return found


def add_operation(
    owner: Engine, key: str, title: str, *, exercise: bool = False, organisation: str | None = None,
    today: date | None = None, time_zone: str | None = None,
) -> int:  # fmt: skip
    """Make an operation with its audiences, as the database's owner; its id. Raises Conflict when the key is taken,
    BadRequest for a time zone that is none."""
    with owner.begin() as connection:
        if connection.execute(text("SELECT 1 FROM facts.operation WHERE key = :key"), {"key": key}).scalar():
            raise Conflict(f"There is an operation {key!r} already.", hint="Choose another key.")
        if not re.fullmatch(r"[a-z][a-z0-9-]{1,62}", key):
            raise BadRequest(
                f"{key!r} cannot be a key.", hint="Lower-case letters, digits and hyphens, 2 to 63 of them."
            )
        made = insert(Operation).values(
            key=key, title=title, exercise=exercise, organisation=organisation, today=today,
            time_zone=local_time.checked(time_zone) if time_zone else None,
        )  # fmt: skip
        operation_id = int(connection.execute(made.returning(Operation.operation_id)).scalar_one())
        for position, audience in enumerate(AUDIENCES):
            connection.execute(
                insert(Audience).values(
                    operation_id=operation_id,
                    position=position,
                    rules=first_rules().get(audience["key"], {}),
                    **audience,
                )
            )
    return operation_id


def set_time_zone(owner: Engine, key: str, time_zone: str) -> str:
    """Declare by whose clocks people travel in an operation, as the database's owner; the zone as IANA writes it.

    Raises BadRequest for no such zone, NotFound for no such operation.
    """
    zone = local_time.checked(time_zone)
    with owner.begin() as connection:
        done = connection.execute(
            text("UPDATE facts.operation SET time_zone = :zone WHERE key = :key"), {"key": key, "zone": zone}
        )
        if not done.rowcount:
            raise NotFound(f"There is no operation {key!r}.", hint="`geoapp operation list` lists them.")
    return zone
