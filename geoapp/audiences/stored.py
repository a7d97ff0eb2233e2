"""Which rooms does an operation have, by the rules that are stored, and which of them asks?"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, text

from geoapp.audiences.room import Room
from geoapp.audiences.rule import Rule
from geoapp.errors import BadRequest, NotFound
from geoapp.model import BANNER, PRECISIONS
from geoapp.scope import Scope

HIGHEST = f"""greatest({", ".join(f"(SELECT max(handling) FROM facts.{table})" for table in BANNER)},
    (SELECT max(f.handling) FROM facts.form AS f WHERE f.audience = calc.audience()))::text"""
"""SQL for the highest handling of what the room is shown, which the banner of its picture says; NULL when it is shown nothing."""

_ROOMS = text("""
    SELECT a.key, a.title, a.clearance::text, a.rules, a.withheld_domains, a.may_write,
        a.may_write AND calc.entered('records') IS DISTINCT FROM '{}' AS may_record,
        coalesce((SELECT jsonb_object_agg(r.subject, to_jsonb(r)) FROM facts.audience_rule AS r
            WHERE r.operation_id = a.operation_id AND r.audience = a.key), '{}') AS own
    FROM facts.audience AS a ORDER BY a.position
""")


def rooms(connection: Connection) -> list[Room]:
    """The rooms of the operation, in their order; none when there is no such operation. A room that only reads is told the
    rules that were recorded for itself alone."""
    return [_room(dict(row)) for row in connection.execute(_ROOMS).mappings()]


def _room(row: Mapping[str, Any]) -> Room:
    said: dict[str, Any] = {
        subject: rule if isinstance(rule, dict) else {"precision": rule} for subject, rule in row["rules"].items()
    }
    if not row["may_write"]:
        said |= row["own"]
    rules = {subject: _rule(subject, rule) for subject, rule in said.items()}
    return Room(
        row["key"], row["title"], row["clearance"], {subject: rule.precision for subject, rule in rules.items()},
        tuple(row["withheld_domains"]), row["may_write"], rules, may_record=row["may_record"],
    )  # fmt: skip


def _rule(subject: str, said: Mapping[str, Any]) -> Rule:
    """A rule as it is stored; what nobody can read is the strictest."""
    precision = said.get("precision")
    return Rule(
        subject, precision if precision in PRECISIONS else "withheld", said.get("labels", "name"), said.get("dates", "day"),
        int(said.get("least", 0)), frozenset(said.get("withheld", ())), said.get("id"), said.get("version", 0), said.get("reason"),
    )  # fmt: skip


def pick(found: list[Room], scope: Scope) -> Room:
    """The scope's room among those of its operation. Raises NotFound for no such operation, BadRequest for no such room."""
    if not found:
        raise NotFound(f"There is no operation {scope.operation!r}.", hint="`GET /operations` lists them.")
    for each in found:
        if each.key == scope.audience:
            return replace(each, then=scope.as_of is not None)
    known = ", ".join(each.key for each in found)
    raise BadRequest(f"There is no audience {scope.audience!r}.", hint=f"One of {known}.")


def room(connection: Connection, scope: Scope) -> Room:
    """The room that asks. Raises NotFound for no such operation, BadRequest for no such room."""
    return pick(rooms(connection), scope)


def seen_by(connection: Connection, subject: str, handling: str | None) -> list[dict[str, str]]:
    """Which rooms would see a record of a subject with this handling, how, and by which rule; in the rooms' order."""
    found = []
    for each in rooms(connection):
        how, why = each.sees(subject, handling or "AMBER")
        found.append({"key": each.key, "title": each.title, "how": how, "why": why})
    return found
