"""Say what a room is told of a subject, in this operation: recorded with its history, and what the room is told follows at once."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from geoapp import audiences
from geoapp.audiences import Room, Rule
from geoapp.errors import BadRequest, NotFound, PreconditionFailed
from geoapp.model import DATES, DOMAINS, LABELS, PRECISIONS
from geoapp.model.subjects import SINGLY, keys
from geoapp.writing import lock_operation
from layers import STACK

SIDED = "areas_of_operation"
"""The subject of which a rule may name the domain of the actor: what is told of forces is not what is told of others."""
_WHOLE = ("incidents", "roads", "boundaries")
"""Subjects of which names and days are told as they are, or nothing is; single fields are withheld as `SINGLY` says."""

_WRITE = text("""
    INSERT INTO facts.audience_rule
        (operation_id, handling, audience, subject, precision, withheld, labels, dates, least, reason, recorded_by)
    VALUES (calc.operation(), 'CLEAR', :audience, :subject, :precision, CAST(:withheld AS text[]), :labels, :dates, :least, :reason,
        calc.member())
    ON CONFLICT (operation_id, audience, subject) DO UPDATE SET precision = excluded.precision, withheld = excluded.withheld,
        labels = excluded.labels, dates = excluded.dates, least = excluded.least, reason = excluded.reason
    RETURNING version
""")
_HISTORY = text("""
    SELECT r.subject, to_jsonb(r) AS rule, r.recorded_at AS since, NULL::timestamptz AS until, r.recorded_by AS by
    FROM facts.audience_rule AS r WHERE r.operation_id = calc.operation() AND r.audience = :audience
    UNION ALL
    SELECT h.row ->> 'subject', h.row, lower(h.recorded), upper(h.recorded), h.row ->> 'recorded_by'
    FROM calc.history AS h
    WHERE h.operation_id = calc.operation() AND h.subject = 'audience_rule' AND h.row ->> 'audience' = :audience
    ORDER BY 3 DESC, 1
""")


def subjects() -> tuple[str, ...]:
    """Every subject that a rule may be about, those with a domain last."""
    plain = sorted(keys())
    return (*plain, *(f"{SIDED}.{domain}" for domain in DOMAINS))


def set_rule(connection: Connection, audience: str, subject: str, said: Mapping[str, Any], version: int) -> int:
    """What the room `audience` is told of a subject from now on; the rule's new version. `version` is the one that was read,
    0 where none was recorded yet. `said` has precision, and may have labels, dates, least, reason, and withheld, without
    which the fields that are withheld stay so.

    Raises Forbidden in a room that only reads, NotFound for no such room, BadRequest for a rule that cannot be kept,
    PreconditionFailed when somebody else was first.
    """
    room = _room(connection, audience)
    values = _checked(
        subject, {"withheld": room.rule(subject).withheld} | {k: v for k, v in said.items() if v is not None}
    )
    found = _version(room, subject, version)
    if found and all(getattr(room.rule(subject), name) == _plain(value) for name, value in values.items()):
        return found.version
    return int(
        connection.execute(_WRITE, values | {"audience": audience, "subject": subject}).scalar_one()
    )  # fmt: skip


def remove_rule(connection: Connection, audience: str, subject: str, version: int) -> None:
    """Take a rule back: the one holds again that the room began with. Raises as `set_rule` does."""
    room = _room(connection, audience)
    if _version(room, subject, version) is None:
        raise NotFound(
            f"No rule of {subject[:60]!r} was recorded for {audience}.", hint="The one that the room began with holds."
        )
    connection.execute(
        text("DELETE FROM facts.audience_rule WHERE operation_id = calc.operation() AND audience = :audience AND subject = :subject"),
        {"audience": audience, "subject": subject},
    )  # fmt: skip


def rule_version(connection: Connection, audience: str, subject: str) -> int:
    """The version of the rule that was recorded for a room, 0 where none was."""
    found = {room.key: room for room in audiences.rooms(connection)}.get(audience)
    return found.more[subject].version if found and subject in found.more else 0


def rule_history(connection: Connection, audience: str) -> list[dict[str, Any]]:
    """Every rule that was recorded for a room, as it was, from when until when (None: it holds) and by whom; the newest first."""
    found = []
    for row in connection.execute(_HISTORY, {"audience": audience}).mappings():
        rule = {
            name: row["rule"][name]
            for name in ("precision", "labels", "dates", "least", "withheld", "reason", "version")
        }
        found.append({"subject": row["subject"], **rule, "since": row["since"], "until": row["until"], "by": row["by"]})
    return found


def _room(connection: Connection, audience: str) -> Room:
    lock_operation(connection, "audience_rule")
    found = {room.key: room for room in audiences.rooms(connection)}
    if audience not in found:
        raise NotFound(f"There is no room {audience[:40]!r}.", hint=f"One of {', '.join(found)}.")
    if found[audience].may_write:
        raise BadRequest(
            f"{found[audience].title} records: it is shown what it records.", hint="Rules are of rooms that only read."
        )
    return found[audience]


def _version(room: Room, subject: str, version: int) -> Rule | None:
    own = room.more.get(subject)
    own = own if own is not None and own.id is not None else None
    if (own.version if own else 0) != version:
        raise PreconditionFailed(
            "Somebody else changed this rule first.", hint="Read it again: it stands as said here now.",
            extra={"now": {"version": own.version, "rule": own.words} if own else {"version": 0}},
        )  # fmt: skip
    return own


def _plain(value: Any) -> Any:
    return frozenset(value) if isinstance(value, list) else value


def _checked(subject: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """The rule's columns. Raises BadRequest."""
    if subject not in subjects():
        raise BadRequest(f"No rule is about {subject[:60]!r}.", hint=f"One of {', '.join(subjects())}.")
    values: dict[str, Any] = {
        "precision": said.get("precision"), "labels": said.get("labels") or "name", "dates": said.get("dates") or "day",
        "least": said.get("least") or 0, "withheld": sorted(said.get("withheld") or ()), "reason": said.get("reason") or None,
    }  # fmt: skip
    for name, words in (("precision", PRECISIONS), ("labels", LABELS), ("dates", DATES)):
        if values[name] not in words:
            raise BadRequest(f"{name} is {str(values[name])[:40]!r}.", hint=f"One of {', '.join(words)}.")
    if not isinstance(values["least"], int) or not 0 <= values["least"] <= 100:
        raise BadRequest(f"least is {str(values['least'])[:40]!r}.", hint="A number of organisations, 0 to 100.")
    of = subject.partition(".")[0]
    known = {
        field.name
        for layer in STACK
        if layer.subject in (of, "incident_counts" if of == "incidents" else of)
        for field in layer.fields
    }
    unknown = [name for name in values["withheld"] if name not in known]
    if unknown:
        raise BadRequest(
            f"{subject} has no field {str(unknown[0])[:60]!r}.", hint=f"Its fields are {', '.join(sorted(known))}."
        )
    whole = of in _WHOLE and values["precision"] not in ("count", "withheld")
    if whole and (
        values["labels"] != "name" or values["dates"] != "day" or not SINGLY[of].issuperset(values["withheld"])
    ):
        raise BadRequest(
            f"{subject.capitalize()} are told with their names, days and fields, or counted; these fields alone can be withheld:"
            f" {', '.join(sorted(SINGLY[of]))}.",
            hint="Choose count, or leave the others as recorded.",
        )
    return values


def as_json(rule: Rule) -> dict[str, Any]:
    """A rule for a door."""
    return {
        "subject": rule.subject, "precision": rule.precision, "labels": rule.labels, "dates": rule.dates, "least": rule.least,
        "withheld": sorted(rule.withheld), "reason": rule.reason, "version": rule.version, "recorded": rule.id is not None,
    }  # fmt: skip
