"""What else is written by hand: hazards and their release, arrangements, constraints on access, security levels, road reports."""

from sqlalchemy import Connection, text

from geoapp.codes import ending_arrangements
from geoapp.errors import BadRequest
from geoapp.record import fields as f
from geoapp.record.fields import Field
from geoapp.record.noun import HANDLING, PERIOD, Noun, Row, Values

_DAYS = ("period_start", "period_end")
_PERIOD = {name: Field(f.day) for name in _DAYS}


def _ends(_connection: Connection, _operation: int, values: Values, _was: Row | None) -> Values:
    if values["arrangement_type"] in ending_arrangements() and values["period_end"] is None:
        raise BadRequest(
            "period_end is required.", hint="Such an arrangement is agreed for a defined period.",
            errors=[{"where": "period_end", "what": "is required"}],
        )  # fmt: skip
    return values


def _since_reported(_connection: Connection, _operation: int, values: Values, _was: Row | None) -> Values:
    values["period_start"] = values["period_start"] or values["reported_on"]
    return values


def _has_road(connection: Connection, operation: int, values: Values, _was: Row | None) -> Values:
    there = connection.execute(
        text("SELECT EXISTS (SELECT FROM facts.road WHERE operation_id = :operation AND id = :id)"),
        {"operation": operation, "id": values["road_id"]},
    ).scalar_one()
    if not there:
        raise BadRequest(
            f"There is no road {values['road_id']}.", hint="Choose it on the map.",
            errors=[{"where": "road_id", "what": "names no road"}],
        )  # fmt: skip
    values["valid_from"] = values["valid_from"] or values["observed_on"]
    return values


HAZARDS = Noun(
    one="hazard area",
    table="hazard_area",
    subject="hazards",
    fields={
        "name": Field(f.text(300), title="Name", hint="What people call it"),
        "hazard_type": Field(f.code("hazard_types"), required=True),
        "hazard_status": Field(f.code("hazard_status"), default="open"),
        "hazards": Field(f.text(300), hint="What is suspected or was found there"),
        "reported_on": Field(f.day, past=True),
        "source": Field(f.text(300)),
        **PERIOD,
        "handling": HANDLING,
    },
)
ARRANGEMENTS = Noun(
    one="arrangement",
    table="arrangement",
    subject="arrangements",
    derive=_ends,
    period=_DAYS,
    fields={
        "name": Field(f.text(300), required=True, title="Name"),
        "arrangement_type": Field(f.code("arrangement_types"), required=True),
        "parties": Field(f.text(1000)),
        **_PERIOD,
        "source": Field(f.text(300)),
        "note": Field(f.text(4000)),
        "handling": HANDLING,
    },
)
SECURITY_AREAS = Noun(
    one="security level area",
    table="security_area",
    subject="security_levels",
    period=_DAYS,
    fields={
        "name": Field(f.text(300), required=True, title="Name"),
        "security_level": Field(f.whole(1, 6, "security_levels"), required=True),
        **_PERIOD,
        "source": Field(f.text(300)),
        "handling": HANDLING,
    },
)
CONSTRAINTS = Noun(
    one="access constraint",
    table="access_constraint",
    shape="any",
    derive=_since_reported,
    period=_DAYS,
    fields={
        "category": Field(f.code("constraint_categories"), required=True),
        "severity": Field(f.whole(0, 5, "access_severity"), required=True),
        "name": Field(f.text(300), title="Name"),
        "pcode": Field(f.text(40), hint="Of the district, where there is one"),
        "description": Field(f.text(4000)),
        "source": Field(f.text(300)),
        "reported_on": Field(f.day, required=True, past=True),
        **_PERIOD,
        "handling": HANDLING,
    },
)
ROAD_REPORTS = Noun(
    one="road report",
    table="road_report",
    shape=None,
    derive=_has_road,
    fields={
        "road_id": Field(f.whole(1, 2**62), required=True, title="Road", refers_to="roads"),
        "op_status": Field(f.code("road_status"), required=True),
        "practicability": Field(f.whole(0, 6, "vehicle_classes")),
        "reason": Field(f.code("constraint_categories")),
        "observed_on": Field(f.day, required=True, past=True),
        "stale_days": Field(f.whole(1, 3650), default=30),
        **PERIOD,
        "source": Field(f.text(300)),
        "note": Field(f.text(4000)),
        "handling": Field(f.handling, default="GREEN"),
    },
)
