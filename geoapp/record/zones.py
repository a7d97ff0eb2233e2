"""Mark where it is dangerous: a risk zone from its draft over the review by somebody else to the day it ends.

A published zone is never changed under the eyes of those who rely on it: a new draft takes its place when that is
published, and the earlier one stays on the maps until then. A suggestion is computed from incidents; it is taken over or
dismissed by a person, and never published by itself.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import shapely
from sqlalchemy import Connection, text

from geoapp import overlay
from geoapp.errors import BadRequest, Conflict
from geoapp.overlay import risk
from geoapp.record import fields as f
from geoapp.record.fields import Field
from geoapp.record.lifecycle import Lifecycle, Transition
from geoapp.record.noun import HANDLING, PERIOD, Noun, Row, Values, at_version, current
from geoapp.writing import lock_operation, person

USUAL_DAYS, MOST_DAYS = 30, 90
"""Days that a zone lasts unless somebody says otherwise, and at most: then it is looked at again."""

MAX_EVIDENCE = 500

DRAWN, SHARED = "risk_zones.draft", "risk_zones"
"""What the shape of a zone is brought by: only rooms that record see the former. It becomes the latter when published."""


def _incidents(value: Any) -> list[dict[str, str]] | None:
    if value is None:
        return None
    if not isinstance(value, list) or len(value) > MAX_EVIDENCE:
        raise ValueError(f"must be a list of at most {MAX_EVIDENCE} incidents, each {{source, event}}")
    found = []
    for each in value:
        if not isinstance(each, Mapping) or set(each) != {"source", "event"}:
            raise ValueError("names each incident as {source, event}")
        if not all(isinstance(each[k], str) and 0 < len(each[k]) <= 300 for k in ("source", "event")):
            raise ValueError("names each incident as {source, event}")
        found.append({"source": each["source"], "event": each["event"]})
    return sorted({(e["source"], e["event"]): e for e in found}.values(), key=lambda e: (e["source"], e["event"]))


_evidence = f.Check(
    _incidents,
    {"type": "array", "maxItems": MAX_EVIDENCE, "items": {
        "type": "object", "required": ["source", "event"], "additionalProperties": False,
        "properties": {name: {"type": "string", "minLength": 1, "maxLength": 300} for name in ("source", "event")},
    }},
)  # fmt: skip

LIFECYCLE = Lifecycle(
    codes="zone_status",
    begins="draft",
    editable=("suggested", "draft", "in_review"),
    transitions={
        "take_over": Transition(
            "Take it over", ("suggested",), "draft", opens=True, done="Taken over by {by}.",
            says="It becomes your draft: change it as you judge, then send it for review.",
        ),
        "dismiss": Transition(
            "Dismiss", ("suggested",), "dismissed", done="Dismissed by {by}.",
            says="It leaves this list, and comes back only when the incidents suggest a higher level than now.",
        ),
        "send": Transition(
            "Send for review", ("draft",), "in_review",
            says="Another adviser is asked to look at it. Nothing is shown to other rooms before that.",
            done="Sent for review by {by}. Another adviser publishes it.",
        ),
        "publish": Transition(
            "Publish", ("in_review",), "published", second_person="publishing", confirmed=True,
            done="Published by {by}. It is on the maps of the rooms that may see it.",
        ),
        "return": Transition(
            "Return to the author", ("in_review",), "draft",
            says="It becomes a draft again; what is written stays.", done="Returned to the author by {by}.",
        ),
        "renew": Transition(
            "Look at it again", ("published", "expired"), "draft", requires={"valid_to": "a last day"},
            says="It becomes a draft with a new end. Change what is different now, then send it for review.",
            done="A draft again, by {by}. Send it for review when it is right.",
        ),
        "expire": Transition(
            "End it today", ("published",), "expired", confirmed=True, ends=True, done="Ended today by {by}.",
            says="Today is its last day: from tomorrow it is on no map. It can be looked at again from the list of zones to review.",
        ),
        "withdraw": Transition(
            "Withdraw", ("draft", "in_review", "published"), "withdrawn", confirmed=True, ends=True,
            says="It leaves every map and this list at once. What was written, its evidence and its history are kept.",
            done="Withdrawn by {by}. The history keeps it.",
        ),
    },
)  # fmt: skip
"""DOMAIN 5.1: draft, in review, published, then expired or withdrawn. Publishing takes a second person."""


def _derive(connection: Connection, operation: int, values: Values, was: Row | None) -> Values:
    """Level, suggestion, number and status of a zone that is written."""
    if was is not None:
        LIFECYCLE.changed("risk zone", was, "Write a new one with `replaces`: it takes its place when it is published.")
    today = risk.today(connection)
    values["valid_from"] = values["valid_from"] or today
    if not values["valid_from"] <= values["valid_to"] <= values["valid_from"] + timedelta(days=MOST_DAYS):
        raise BadRequest(
            f"A zone lasts at most {MOST_DAYS} days, from {values['valid_from']} to {values['valid_to']} is not that.",
            hint="Choose an earlier end; it can be renewed when it is looked at again.",
            errors=[{"where": "valid_to", "what": f"must be within {MOST_DAYS} days of the first day"}],
        )
    graded_by = risk.matrix(connection)
    values["level"], values["matrix_version"] = (
        graded_by.level(values["likelihood"], values["impact"]),
        graded_by.version,
    )
    seen = risk.look(connection, shapely.to_wkb(values["_geom"]), today)
    values["suggestion"] = seen["suggestion"]
    _check_evidence(connection, values["evidence"])
    if values["replaces"] is not None:
        _check_replaced(connection, values["replaces"])
    values["author"] = (
        person(connection, values["author"]) if was is None else was["author"] or person(connection, values["author"])
    )
    if was is None:
        values["number"] = next_number(connection, operation)
        values["reviewer"] = None
    values["status"] = "draft"
    return values


def next_number(connection: Connection, operation: int) -> int:
    """The number after the highest one that the room sees."""
    return int(
        connection.execute(
            text("SELECT coalesce(max(number), 0) + 1 FROM facts.risk_zone WHERE operation_id = :operation"),
            {"operation": operation},
        ).scalar_one()
    )


def _check_evidence(connection: Connection, evidence: Sequence[Mapping[str, str]]) -> None:
    if not evidence:
        return
    known = connection.execute(
        text("""
            SELECT count(DISTINCT (i.source, i.source_event_id)) FROM facts.incident AS i
            JOIN unnest(CAST(:sources AS text[]), CAST(:events AS text[])) AS e (source, event)
                ON e.source = i.source AND e.event = i.source_event_id
            WHERE i.operation_id = calc.operation()
        """),
        {"sources": [e["source"] for e in evidence], "events": [e["event"] for e in evidence]},
    ).scalar_one()
    if known != len(evidence):
        raise BadRequest(
            f"{len(evidence) - known} of the incidents ticked as evidence are not there.", hint="Look at the list again.",
            errors=[{"where": "evidence", "what": "names incidents that are not there"}],
        )  # fmt: skip


def _check_replaced(connection: Connection, zone_id: int) -> None:
    status = connection.execute(
        text("SELECT status FROM facts.risk_zone WHERE operation_id = calc.operation() AND id = :id"), {"id": zone_id}
    ).scalar()
    if status != "published":
        raise Conflict(f"There is no published risk zone {zone_id} to replace.", hint="Leave `replaces` out.")


RISK_ZONES = Noun(
    one="risk zone",
    table="risk_zone",
    subject=DRAWN,
    needs_end=True,
    lasts=(USUAL_DAYS, MOST_DAYS),
    begins_in="zones_to_review",
    lifecycle=LIFECYCLE,
    reads=("status", "number", "level", "author", "reviewer", "matrix_version", "suggestion"),
    derive=_derive,
    fields={
        "name": Field(f.text(300), required=True, title="Name", hint="What people call it: the road, the quarter"),
        "threat_category": Field(f.code("threat_categories"), required=True, title="Threat category"),
        "likelihood": Field(f.whole(1, 5, "likelihoods"), required=True),
        "impact": Field(f.whole(1, 5, "impacts"), required=True),
        "applies_to": Field(f.several("applies_to"), default="all"),
        **PERIOD,
        "time_of_day": Field(f.code("times_of_day"), default="any"),
        "residual_level": Field(f.whole(1, 5, "risk_levels"), title="Level with measures", hint="Once they are taken"),
        "evidence": Field(_evidence, default=[], title="Evidence"),
        "basis": Field(f.text(4000), hint="What the judgement rests on besides"),
        "author": Field(f.text(200), title="Your name", hint="Needed to send it"),
        "handling": HANDLING,
        "replaces": Field(f.whole(1, 2**62), title="Takes the place of", refers_to="risk_zones"),
    },
)


def take_step(
    connection: Connection, zone_id: int, step: str, version: int, *, by: str | None, valid_to: date | None = None
) -> int:
    """Take one step of a zone's life; its new version.

    `by` is who takes it, where nobody has signed in; `renew` needs a new last day. Raises NotFound, PreconditionFailed, BadRequest for no such step or
    nobody's name, Conflict when the zone is not where the step begins, or when author and reviewer are one.
    """
    operation = lock_operation(connection, "risk_zone")
    wanted = LIFECYCLE.begin(step)
    now = current(connection, RISK_ZONES, zone_id)
    at_version(RISK_ZONES, zone_id, now, version)
    today = risk.today(connection)
    name = LIFECYCLE.check("risk zone", now, step, person(connection, by), {"valid_to": valid_to})
    values = _stepped(step, now, name, today, valid_to)
    assignments = ", ".join(f"{column} = :{column}" for column in values if column not in ("first", "last"))
    if "last" in values:
        assignments += ", valid = daterange(CAST(:first AS date), CAST(:last AS date), '[]')"
    if step == "publish":
        connection.execute(_SHARE, {"operation": operation, "id": zone_id, "drawn": DRAWN, "shared": SHARED})
    new = connection.execute(
        text(f"""
            UPDATE facts.risk_zone SET {assignments}, batch_id = NULL
            WHERE operation_id = :operation AND id = :id RETURNING version
        """),
        values | {"operation": operation, "id": zone_id},
    ).scalar_one()
    if step == "publish" and now["replaces"] is not None:
        connection.execute(
            text("""
                UPDATE facts.risk_zone SET status = 'withdrawn'
                WHERE operation_id = :operation AND id = :id AND status = 'published'
            """),
            {"operation": operation, "id": now["replaces"]},
        )
    if "published" in (wanted.after, now["status"]):
        _recount(connection, operation, [zone_id, *([now["replaces"]] if now["replaces"] is not None else [])])
    return int(new)


def dismiss_suggestions(connection: Connection, by: str | None) -> int:
    """Dismiss every suggestion that stands, as `take_step` does one; how many. All or, when one cannot be, none."""
    lock_operation(connection, "risk_zone")
    standing = connection.execute(
        text("SELECT id, version FROM facts.risk_zone WHERE status = 'suggested' ORDER BY id")
    ).all()
    for zone_id, version in standing:
        take_step(connection, zone_id, "dismiss", version, by=by)
    return len(standing)


_SHARE = text("""
    WITH drawn AS (
        SELECT p.* FROM facts.risk_zone AS z
        JOIN facts.footprint AS p ON p.operation_id = z.operation_id AND p.id = z.footprint_id
        WHERE z.operation_id = :operation AND z.id = :id AND p.subject = :drawn
    ), made AS (
        INSERT INTO facts.footprint (operation_id, handling, subject, hash, geom, km2, label, mid, low)
        SELECT operation_id, handling, :shared, hash, geom, km2, label, mid, low FROM drawn
        ON CONFLICT (operation_id, hash, subject, handling) DO NOTHING RETURNING id
    ), there AS (
        SELECT id FROM made
        UNION ALL
        SELECT p.id FROM drawn AS d JOIN facts.footprint AS p ON p.operation_id = d.operation_id AND p.hash = d.hash
            AND p.handling = d.handling AND p.subject = :shared
    )
    UPDATE facts.risk_zone AS z SET footprint_id = t.id FROM there AS t WHERE z.operation_id = :operation AND z.id = :id
""")


def _stepped(step: str, now: Row, name: str, today: date, valid_to: date | None) -> Values:
    """The columns that a step sets, and `first` and `last` where it sets the period."""
    values: Values = {"status": LIFECYCLE.transitions[step].after}
    if step == "take_over" or (step == "send" and not now["author"]):
        values["author"] = name
    if step == "publish":
        if now["valid_to"] < today:
            raise Conflict(f"The zone ended on {now['valid_to']}.", hint="Give it a later end first.")
        values["reviewer"] = name
    if step == "expire":
        values |= {"first": now["valid_from"], "last": max(today, now["valid_from"])}
    if step == "renew":
        if now["status"] == "published" and now["valid_to"] >= today:
            raise Conflict(
                f"The zone holds until {now['valid_to']}.",
                hint="Write a new one with `replaces`, so that this one stays on the maps until then.",
            )
        if valid_to is None or not today <= valid_to <= today + timedelta(days=MOST_DAYS):
            raise BadRequest(
                f"A renewed zone needs a last day within {MOST_DAYS} days.", hint="Give `valid_to`.",
                errors=[{"where": "valid_to", "what": f"must be within {MOST_DAYS} days"}],
            )  # fmt: skip
        return {"status": "draft", "first": today, "last": valid_to, "author": name, "reviewer": None}
    return values


def _recount(connection: Connection, operation: int, zones: Sequence[int]) -> None:
    """Overlaps on the ground of these zones are counted again, for the highest risk inside them."""
    listed = ", ".join(str(int(zone)) for zone in zones)
    overlay.recount_near(
        connection, operation,
        "(SELECT p.geom FROM facts.risk_zone AS z JOIN facts.footprint AS p ON p.operation_id = z.operation_id"
        f" AND p.id = z.footprint_id WHERE z.operation_id = :operation AND z.id IN ({listed}))",
    )  # fmt: skip
    overlay.count_few(connection, operation)
