"""What a room is shown, said without a database: its rules in words, and who else would see a record."""

import pytest

from geoapp.audiences import Room, pick
from geoapp.errors import BadRequest, NotFound
from geoapp.scope import Scope


def a_room(clearance: str = "AMBER", **rules: str) -> Room:
    return Room("room", "The room", clearance, rules, (), may_write=False)


@pytest.mark.parametrize(
    ("rule", "incidents", "counts"),
    [("exact", "exact", "exact"), ("settlement", "settlement", "exact"), ("admin2", "count", "exact"),
     ("mgrs10", "count", "exact"), ("count", "count", "exact"), ("withheld", "withheld", "withheld")],
)  # fmt: skip
def test_incidents_are_points_counts_or_withheld(rule: str, incidents: str, counts: str) -> None:
    room = a_room(incidents=rule)
    assert (room.precision("incidents"), room.precision("incident_counts")) == (incidents, counts)
    assert room.shows("incidents") == (rule in ("exact", "settlement"))
    assert room.shows("incident_counts") == (rule != "withheld")


@pytest.mark.parametrize(
    ("clearance", "rules", "subject", "handling", "how", "why"),
    [("AMBER", {}, "risk_zones", "AMBER", "as drawn", "reads up to AMBER"),
     ("AMBER", {}, "risk_zones", "RED", "withheld", "reads up to AMBER"),
     ("RED", {"risk_zones": "withheld"}, "risk_zones", "CLEAR", "withheld", "risk zones are withheld for this room"),
     ("RED", {"risk_zones": "admin2"}, "risk_zones", "CLEAR", "as the districts they touch", "reads up to RED"),
     ("RED", {"incidents": "admin2"}, "incidents", "CLEAR", "counted by district", "reads up to RED"),
     ("AMBER", {}, "incidents", "AMBER+STRICT", "withheld", "reads up to AMBER")],
)  # fmt: skip
def test_who_sees_a_record(clearance: str, rules: dict, subject: str, handling: str, how: str, why: str) -> None:
    assert a_room(clearance, **rules).sees(subject, handling) == (how, why)


def test_the_sentence_names_what_is_not_shown() -> None:
    room = Room("r", "R", "GREEN", {"incidents": "count", "roads": "exact", "sites": "withheld"}, ("civil",), may_write=False)  # fmt: skip
    assert room.sentence == "records up to GREEN, incidents counted, sites withheld, civil actors withheld"


def test_a_room_that_there_is_not_is_said_with_those_there_are() -> None:
    with pytest.raises(NotFound):
        pick([], Scope("nowhere"))
    with pytest.raises(BadRequest) as refused:
        pick([a_room()], Scope("grid", "everybody"))
    assert "room" in str(refused.value.hint)
