"""Under a point what was meant comes first and is called by a name: records before the roads and units that they lie on."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, create_engine, text

from geoapp import db
from geoapp.cluster import Urls
from geoapp.draw import panel
from geoapp.errors import NotFound
from geoapp.ingest.report import Report
from geoapp.scope import Scope, parse_period
from layers import STACK, get
from tests.access.test_route import road
from tests.gridland import point


def test_what_was_meant_comes_before_roads_and_boundaries(
    engine: Engine, context: db.Context, gridded: Callable[..., Report]
) -> None:
    ways = [road("", (0, 2), (5, 2), source_key="r1"), road("Trunk", (2, 0), (2, 5))]
    assert gridded("roads", ways, "roads.geojson").landed
    scope = Scope("grid", period=parse_period("2026-01-01/2026-06-30"))
    with db.transaction(engine, context) as connection:
        found = panel.identify(connection, scope, [layer.name for layer in STACK], *point(2, 2), 12)
    layers = list(dict.fromkeys(each["layer"] for each in found))
    records = ["incidents", "risk_zones", "overlaps", "areas_of_operation"]
    assert [name for name in layers if name in records] == records
    assert set(layers[layers.index("areas_of_operation") :]) >= {"roads", "boundaries"}
    # an incident that is known to the province only is counted on the one that was joined from its districts
    assert layers[-3:] == ["roads", "rough_unit_counts", "boundaries"]
    assert {each["title"] for each in found if each["layer"] == "roads"} == {"Primary", "Trunk"}
    assert not [each["title"] for each in found if each["title"] == each["layer_title"]]
    assert all(each["properties"]["id"] == each["id"] for each in found)
    with db.transaction(engine, context) as connection:
        for each in found:  # the same words when it is opened from a table or by its address
            said = panel.told(connection, scope, get(each["layer"]), each["id"])
            assert said == {name: value for name, value in each.items() if name not in ("bbox", "properties")}
        with pytest.raises(NotFound):
            panel.told(connection, scope, get("overlaps"), 10**9)


def test_what_lies_under_a_point_is_planned_once_a_session(urls: Urls, gridded: Callable[..., Report]) -> None:
    """Each room is told its own by the plans that are kept, and a room that may see less is told less by them at once."""
    alone, owner = db.engine(urls.app, pool_size=1, overflow=0), create_engine(urls.owner)
    names = [layer.name for layer in STACK]

    def told(room: str, x: float) -> list[tuple[str, int]]:
        scope = Scope("grid", room, period=parse_period("2026-01-01/2026-06-30"))
        with db.transaction(alone, scope.context()) as connection:
            found = panel.identify(connection, scope, names, *point(x, 2), 12)
            planned = text("SELECT sum(generic_plans) FROM pg_prepared_statements WHERE statement LIKE '%ST_DWithin%'")
            plans.append(connection.execute(planned).scalar_one() or 0)
        return [(each["layer"], each["id"]) for each in found]

    plans: list[int] = []
    rooms = ("internal", "hct", "public")
    first = {(room, x): told(room, x) for x in (2, 2.25) for room in rooms}
    for _ in range(3):
        assert {(room, x): told(room, x) for x in (2, 2.25) for room in rooms} == first
    assert plans[0] == 0 < plans[-1]
    assert {layer for layer, _ in first["hct", 2]} > {"incidents"}
    with owner.begin() as connection:
        connection.execute(text("UPDATE facts.audience SET rules = '{\"incidents\": \"withheld\"}' WHERE key = 'hct'"))
    by_kept_plans = told("hct", 2)
    alone.dispose()
    assert by_kept_plans == told("hct", 2) != [], "a new session plans anew"
    assert not {layer for layer, _ in by_kept_plans} & {"incidents", "incident_counts", "rough_unit_counts"}
    alone.dispose()
    owner.dispose()
