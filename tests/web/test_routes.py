"""A convoy officer asks for a way or a reach: typed, chosen from a list and clicked, with what it crosses, on one machine."""

import json
import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, create_engine, text

from geoapp import db, record
from geoapp.cluster import Urls
from tests.access.test_passage import zone
from tests.access.test_route import lattice, road
from tests.gridland import square

FORBIDDEN_WORDS = ("safe", "approved", "recommended", "cleared", "enemy", "friendly")
DAY = "2026-03-01T08:00"


@pytest.fixture
def page(browser: Browser) -> Page:
    made = browser.new_page(viewport={"width": 1440, "height": 900})
    yield made
    made.close()


@pytest.fixture
def heard(page: Page) -> list[str]:
    """Requests that leave the machine, errors of the page and answers that are none."""
    wrong: list[str] = []
    page.on(
        "request", lambda r: None if r.url.startswith(("http://127.0.0.1", "data:", "blob:")) else wrong.append(r.url)
    )
    page.on("pageerror", lambda error: wrong.append(str(error)))
    return wrong


def neutral(page: Page) -> None:
    words = page.locator("body").inner_text().lower()
    assert [word for word in FORBIDDEN_WORDS if word in words.split()] == []


def saved(page: Page, name: str) -> str:
    with page.expect_download() as came:
        page.locator("#ways").get_by_role("button", name=name, exact=True).click()
    return came.value.path().read_text(encoding="utf-8")


def test_a_way_is_asked_for_by_keyboard_and_told(page: Page, heard: list[str], address: str, gridded: Callable) -> None:
    assert gridded("roads", lattice()).landed
    page.goto(f"{address}/routes", wait_until="networkidle")
    page.keyboard.press("Tab")  # the first is the skip link to the question
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # the tabs
    page.keyboard.press("Tab")
    page.keyboard.type("5.15, 10.05")
    page.keyboard.press("Tab")
    page.keyboard.type("square 4-1")
    page.get_by_role("option", name="Square 4-1").wait_for()
    page.locator("[name=departure]").fill(DAY)
    page.get_by_role("combobox", name="To: a place").focus()
    page.keyboard.type(" ")
    page.keyboard.press("Backspace")
    page.get_by_role("option", name="Square 4-1").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")  # chooses, and asks since both places are there
    page.locator(".way").first.wait_for()
    notify = page.locator("#notify").inner_text()
    assert [name in notify for name in ("First Brigade", "Town Police", "Secret Force")] == [True, True, False]
    assert "no permission" in notify
    assert "by 27 Feb 2026" in notify  # 48 hours before
    assert "0 incidents within 5 km, 90 days" in notify
    assert page.locator(".leaflet-overlay-pane path, .leaflet-overlay-pane canvas").count() > 0
    page.get_by_role("button", name="Same as a table").click()
    assert "row 1" in page.locator("#strip table").inner_text()
    neutral(page)
    asked = page.url
    page.goto(asked, wait_until="networkidle")
    page.locator(".way").first.wait_for()
    assert heard == []


def test_files_say_what_they_are_and_the_sheet_has_it_all(
    page: Page, heard: list[str], address: str, gridded: Callable
) -> None:
    assert gridded("roads", lattice()).landed
    page.goto(f"{address}/routes?from=5.15, 10.05&to=Square 4-1&departure={DAY}", wait_until="networkidle")
    page.locator(".way").first.wait_for()
    gpx, kml = "{http://www.topografix.com/GPX/1/1}", "{http://www.opengis.net/kml/2.2}"
    track = ElementTree.fromstring(saved(page, "GPX"))
    points = [(float(p.attrib["lat"]), float(p.attrib["lon"])) for p in track.iter(f"{gpx}trkpt")]
    assert (points[0], points[-1]) == ((5.15, 10.05), (5.15, 10.45))
    placed = ElementTree.fromstring(saved(page, "KML"))
    assert len(list(placed.iter(f"{kml}Placemark"))) == 2 + 3  # the waypoints, then the segments
    assert [w.findtext(f"{gpx}name") for w in track.iter(f"{gpx}wpt")] == ["5.15, 10.05", "Square 4-1"]
    geojson = json.loads(saved(page, "GeoJSON"))
    for said in (
        track.findtext(f"{gpx}metadata/{gpx}desc"),
        placed.findtext(f"{kml}Document/{kml}description"),
        geojson["description"],
    ):
        assert all(
            words in said for words in ("TLP:", "drawn for Internal", "as of 18 Oct 2026", "no permission", "EXERCISE")
        ), said
    expect(page.locator("#sheet")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator("#sheet")).to_be_visible()
    for gone in (".top", ".panel", ".map", "#strip", "#notify"):
        expect(page.locator(gone)).to_be_hidden()
    sheet = page.locator("#sheet").inner_text()
    for words in (
        "TLP:",
        "As of 18 Oct 2026",
        "Light truck",
        "row 1",
        "First Brigade",
        "no permission",
        "do not imply official endorsement",
    ):
        assert words in sheet, words
    neutral(page)
    assert page.pdf(format="A4").startswith(b"%PDF")
    assert heard == []


def test_ways_stand_side_by_side_with_their_zones_nights_and_roads(
    page: Page, heard: list[str], address: str, gridded: Callable
) -> None:
    assert gridded("roads", lattice()).landed
    assert gridded(
        "risk_zones", [zone("Mill zone", square(2, 8, 1, 2), "2026-01-01", "2026-11-08", likelihood=5, impact=5)]
    ).landed
    page.goto(f"{address}/routes?from=Square 0-9&to=Square 5-9&departure={DAY}", wait_until="networkidle")
    page.locator(".way").first.wait_for()
    first = page.locator(".way").first.inner_text()
    assert "km unacceptable" in first
    assert "Crosses Mill zone: zone 5, to 8 Nov 2026." in first
    page.locator(".way").nth(1).click()
    expect(page.locator(".way").nth(1)).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Compare").click()
    compared = page.locator(".compared")
    assert compared.locator("thead th").count() == page.locator(".way").count() + 1
    assert "In risk zones" in compared.inner_text()
    page.locator("[name=risk_level]").select_option("5")
    page.get_by_role("button", name="Find ways").click()
    expect(page.locator("#ways")).not_to_contain_text("Mill zone")
    expect(page.locator(".way").first).to_contain_text("none recorded")
    # night begins at 17:20 UTC: what is not gone by night is stood
    page.locator("[name=departure]").fill("2026-03-01T17:00")
    page.get_by_label("Night travel").check()
    page.get_by_role("button", name="Find ways").click()
    page.get_by_text("1 night’s stop").first.wait_for()
    assert "Night at km 19, 1 Mar 2026 17:" in page.locator("#notify").inner_text()
    assert heard == []


def test_a_short_lead_time_is_a_notice_with_a_reason_and_keeps_nobody_back(
    page: Page, address: str, gridded: Callable
) -> None:
    assert gridded("roads", lattice()).landed
    page.goto(f"{address}/routes?from=Square 0-9&to=Square 5-9&departure=2026-10-19T12:00", wait_until="networkidle")
    page.get_by_text("Lead time is short.").wait_for()
    assert (
        "The usual time is 48 h, or 24 h for an emergency. Go on with a reason." in page.locator(".lead").inner_text()
    )
    page.locator("[name=reason]").fill("Fuel of the clinic runs out")
    page.emulate_media(media="print")
    assert "Fuel of the clinic runs out" in page.locator("#sheet").inner_text()
    page.emulate_media(media="screen")
    page.locator("[name=departure]").fill("2026-10-25T12:00")
    page.get_by_role("button", name="Find ways").click()
    page.get_by_text("Lead time is short.").wait_for(state="detached")


def test_times_are_those_of_the_operation_written_as_people_write_them(
    page: Page, heard: list[str], address: str, urls: Urls, gridded: Callable
) -> None:
    assert gridded("roads", lattice()).landed
    owner = create_engine(urls.owner)
    record.set_time_zone(owner, "grid", "asia/kabul")
    with owner.begin() as connection:  # the day before First Brigade's ground is crossed
        connection.execute(text("UPDATE facts.operation SET today = '2026-02-28'"))
    owner.dispose()
    page.goto(f"{address}/routes?from=5.15, 10.05&to=Square 4-1&departure=2026-03-01T00:00Z", wait_until="networkidle")
    leaves, said = page.locator("[name=departure]"), page.locator("#departure-said")
    expect(leaves).to_have_value("1 Mar 2026 04:30")
    expect(said).to_have_text("Asia/Kabul, UTC+4:30 · 1 Mar 2026 00:00 UTC")
    expect(page.locator("#strip")).to_contain_text("1 Mar 2026 04:30 to")
    expect(page.locator("#strip")).to_contain_text("local time (UTC+4:30)")
    # the usual day to notify is over, that of an emergency too
    expect(page.locator("#notify .due.late").first).to_contain_text("past: 28 Feb 2026 04:30")
    leaves.fill("in the morning")
    page.get_by_role("button", name="Find ways").click()
    expect(said).to_have_text("Write it as 22 Oct 2026 06:00.")
    expect(leaves).to_have_attribute("aria-invalid", "true")
    leaves.fill("02/03/2026 04.30")
    page.get_by_role("button", name="Find ways").click()
    expect(page.locator("#notify .due.late").first).to_contain_text("short notice: the usual 48 h are past")
    assert "departure=2026-03-02T00%3A00Z" in page.url
    leaves.fill("5 march 6:00")
    page.get_by_role("button", name="Find ways").click()
    expect(page.locator("#notify .due").first).to_contain_text("by 3 Mar 2026 06:00")
    expect(page.locator("#notify .due.late")).to_have_count(0)
    assert heard == []


def test_the_sheet_has_a_map_and_one_row_for_what_repeats(page: Page, address: str, gridded: Callable) -> None:
    many = [road(f"street {n}", (n, 9), (n + 1, 9)) for n in range(6)]
    assert gridded("roads", many).landed
    page.goto(f"{address}/routes?from=Square 0-9&to=Square 5-9&departure={DAY}", wait_until="networkidle")
    page.locator(".way").first.wait_for()
    assert page.evaluate("document.querySelectorAll('#sheet tbody tr').length") == 1
    page.emulate_media(media="print")
    row = page.locator("#sheet tbody tr").inner_text()
    assert all(f"street {n}" in row for n in range(5)), row
    expect(page.locator("#sheet-map canvas").first).to_be_visible()
    petrol = """[...document.querySelectorAll("#sheet-map canvas")].some((c) => {
      const d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
      for (let i = 0; i < d.length; i += 4) if (d[i] === 0x0f && d[i + 1] === 0x5c && d[i + 2] === 0x6e) return true;
      return false;
    })"""
    assert page.evaluate(petrol)  # the way itself
    assert re.fullmatch(r"\d+ km", page.locator(".sheet-bar").inner_text().strip())


def test_several_places_are_passed_and_the_map_is_clicked(
    page: Page, heard: list[str], address: str, gridded: Callable
) -> None:
    assert gridded("roads", lattice()).landed
    page.goto(
        f"{address}/routes?from=Square 0-9&to=Square 3-9&via=Square 0-7|Square 3-7&departure={DAY}",
        wait_until="networkidle",
    )
    page.locator(".way").first.wait_for()
    assert page.get_by_role("combobox", name="Via: a place").count() == 2
    assert page.locator(".way-head b").nth(1).inner_text() == "77 km"  # two down, three along, two up
    page.get_by_role("button", name="Do not pass this place").first.click()
    page.get_by_role("combobox", name="To: a place").focus()
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 3)
    expect(page.locator(".place-field input").nth(2)).to_have_value(re.compile(r"^\d+\.\d{5}, \d+\.\d{5}$"))
    assert heard == []


def test_a_room_is_told_no_report_and_no_constraint_that_it_may_not_see(
    page: Page, address: str, engine: Engine, gridded: Callable
) -> None:
    assert gridded("roads", lattice()).landed
    with db.transaction(engine, db.Context("grid")) as connection:
        connection.execute(text("""
            INSERT INTO facts.road_report (operation_id, source_key, road_id, op_status, observed_on, source, handling)
            SELECT calc.operation(), 'r', r.id, 'restricted', '2026-02-25', 'Secret source', 'RED' FROM facts.road AS r WHERE r.name = 'row 9'
        """))  # fmt: skip
    for audience, told in (("internal", True), ("hct", False)):
        page.goto(
            f"{address}/routes?audience={audience}&from=5.95, 10.07&to=5.95, 10.13&departure={DAY}",
            wait_until="networkidle",
        )
        page.locator(".way").first.wait_for()
        page.get_by_role("button", name="Same as a table").click()
        said = page.locator("#strip table").inner_text()
        assert (("Restricted, seen 25 Feb 2026" in said), ("Secret source" in said)) == (told, told)


def test_a_blocked_way_says_where_and_a_place_that_is_not_there_too(
    page: Page, heard: list[str], address: str, gridded: Callable
) -> None:
    assert gridded("roads", [road("only", (0, 0), (3, 0), opstatus=3)]).landed
    page.goto(f"{address}/routes?from=Square 0-0&to=Square 3-0", wait_until="networkidle")
    page.get_by_text("No way was found", exact=True).wait_for()
    assert "only: closed" in page.locator("#ways").inner_text()
    page.get_by_role("combobox", name="From: a place").fill("Nowhere at all")
    page.get_by_role("button", name="Find ways").click()
    page.locator("#ways").get_by_text("There is no place").wait_for()
    assert "MGRS" in page.locator("#ways").inner_text()
    assert heard == []


def test_reach_is_a_mode_with_its_table_and_what_holds_up(
    page: Page, heard: list[str], address: str, gridded: Callable
) -> None:
    assert gridded("roads", [road("trunk", *((c, 1) for c in range(6))), road("spur", (5, 1), (5, 4))]).landed
    page.goto(f"{address}/routes", wait_until="networkidle")
    page.get_by_role("tab", name="Way").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Reach")).to_be_focused()
    page.get_by_role("combobox", name="Hub: a place").fill("Square 0-1")
    page.locator("[name=hours]").fill("1")
    page.locator("[name=departure]").fill(DAY)
    page.get_by_role("button", name="Show reach").press("Enter")
    page.locator(".reach-table").wait_for()
    row = lambda name: page.locator(".reach-table tr", has_text=name).inner_text()  # noqa: E731
    assert "cut off" not in row("Square 5-4")
    assert "cut off" in row("Square 9-9")
    assert "trunk" in page.locator(".hold-up").inner_text()
    page.locator(".hold-up button").first.press("Enter")
    expect(page.locator("#map")).to_be_focused()
    assert page.locator(".leaflet-marker-pane .mark.reached").count() > 0
    assert page.locator(".leaflet-marker-pane .mark.cut").count() > 0
    neutral(page)
    page.reload(wait_until="networkidle")
    page.locator(".reach-table").wait_for()
    assert heard == []


def test_on_a_phone_it_is_one_column_without_sideways_scrolling(
    browser: Browser, address: str, gridded: Callable
) -> None:
    assert gridded("roads", lattice()).landed
    page = browser.new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto(f"{address}/routes?from=Square 0-9&to=Square 5-9&departure={DAY}", wait_until="networkidle")
    page.locator(".way").first.wait_for()
    for mode in ("", "&mode=reach&hours=2"):
        if mode:
            page.goto(f"{address}/routes?from=Square 0-9{mode}&departure={DAY}", wait_until="networkidle")
            page.locator(".reach-table").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        small = page.evaluate(
            "[...document.querySelectorAll('.routes button, .routes select, .chip')].filter((e) => e.offsetParent && !e.closest('.leaflet-container')"
            " && e.getBoundingClientRect().height < 24).map((e) => e.outerHTML.slice(0, 80))"
        )
        assert small == []
    page.close()
