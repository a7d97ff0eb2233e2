"""Records that ended long ago are not lost: the map opens on the newest of them, says so, and spans all in its bars."""

from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import Engine, create_engine, text

from geoapp import db
from geoapp.cluster import Urls
from geoapp.draw import panel
from geoapp.ingest.report import Report
from geoapp.scope import Scope
from tests.gridland import DISTRICTS, HEAD, TODAY, collection, incident


@pytest.fixture
def opened(engine: Engine, context: db.Context) -> Callable[..., list[object]]:
    """The days that a page opens on in a room, the newest record where it is old, and the days that hold any."""

    def look(audience: str = "internal") -> list[object]:
        with db.transaction(engine, db.Context("grid", audience, member="tester")) as connection:
            shown = panel.frame(connection, Scope("grid", audience))
        return [shown["period"], shown["newest"], shown["span"]]

    return look


def test_an_operation_whose_records_end_in_2023_opens_on_them(
    bring: Callable[..., Report], opened: Callable[..., list[object]]
) -> None:
    today = ["2026-07-20", "2026-10-18"]
    assert opened() == [today, None, [None, "2026-10-18"]]
    old = "\n".join([HEAD, incident(1, "2013-05-02", 2, 2), incident(2, "2023-02-11", 3, 3)])
    assert bring("incidents", old, "old.csv", source="exercise").landed
    assert opened() == [["2022-11-30", "2023-02-28"], "2023-02-28", ["2013-05-01", "2023-02-28"]]
    assert opened("public") == [today, None, [None, "2026-10-18"]], (
        "a room is not told when there is what it may not see"
    )
    lately = "\n".join([HEAD, incident(3, "2026-08-01", 2, 2)])
    assert bring("incidents", lately, "new.csv", source="exercise").landed
    assert opened() == [today, None, ["2013-05-01", "2026-08-31"]]


def test_an_operation_that_has_only_roads_opens_where_these_are(
    bring: Callable[..., Report], engine: Engine, context: db.Context
) -> None:
    def opens(audience: str = "internal") -> object:
        room = db.Context("grid", audience, member="tester")
        with db.transaction(engine, room) as connection:
            return panel.frame(connection, Scope("grid", audience))["opens"]

    assert bring("boundaries", collection(DISTRICTS[:2]), "adm2.geojson").landed
    assert opens() is None
    road = {"type": "LineString", "coordinates": [[10.2, 5.1], [10.3, 5.2]]}
    assert bring("roads", collection([(road, {"highway": "track", "osm_id": 7})]), "roads.geojson").landed
    assert opens() == [10.2, 5.1, 10.3, 5.2], "a track is not seen on a map of the country"
    assert bring("sites", "name,type,lat,lon\nWell,water_point,5.5,10.5\n", "s.csv").landed
    assert opens() is None
    assert bring("incidents", "\n".join([HEAD, incident(1, "2026-08-01", 2, 2)]), "i.csv", source="exercise").landed
    assert opens() is None


def test_the_map_says_that_its_records_are_old_and_shows_all_with_one_click(
    browser: Browser, address: str, urls: Urls, opened: Callable[..., list[object]]
) -> None:
    assert opened()[:2] == [["2026-07-20", TODAY.isoformat()], None], "Late Comers are there until December"
    owner = create_engine(urls.owner)
    with owner.begin() as connection:
        connection.execute(text("UPDATE facts.operation SET today = :day"), {"day": date(2031, 10, 18)})
    owner.dispose()
    page = browser.new_page(viewport={"width": 1366, "height": 800})
    page.goto(f"{address}/map", wait_until="networkidle")
    head = page.locator(".time-head")
    assert "2 Oct – 31 Dec 2026" in head.inner_text()
    assert "Newest records: Dec 2026" in head.inner_text()
    assert "1 area of operation · no overlaps, risk zones or incidents" in head.inner_text(), "not zeros alone"
    bars = page.locator("#bars svg title").all_text_contents()
    assert bars == ["2025: 1", "2026: 3", "2027: 0", "2028: 0", "2029: 0", "2030: 0", "2031: 0"]
    assert page.locator("#time-note").inner_text() == "Incidents a year"
    with page.expect_response(lambda answer: "/counts" in answer.url and answer.ok):
        page.get_by_role("button", name="All days").click()
    page.wait_for_load_state("networkidle")
    assert "1 Mar 2025 – 18 Oct 2031" in head.inner_text()
    assert (
        "3 incidents" in page.locator("#counts").inner_text() or "4 incidents" in page.locator("#counts").inner_text()
    )
    page.get_by_label("Last year").press("ArrowLeft")
    page.wait_for_timeout(400)
    assert "31 Dec 2030" in head.inner_text()
    page.goto(f"{address}/incidents")
    expect(page.locator("#figures .months-words")).to_contain_text("newest records: Mar 2026")
    expect(page.locator("#span [name=until]")).to_have_value("2026-03")
    expect(page.locator("#list tbody tr").first).to_be_visible()
    page.locator("#span [name=until]").select_option("2031-10")
    expect(page.locator("#table")).to_contain_text("None in these months")
    assert "until=2031-10" in page.url
    page.close()
