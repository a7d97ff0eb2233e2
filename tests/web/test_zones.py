"""A security adviser marks a risk zone, another publishes it, a room sees it: by mouse, by keys, on a phone."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from geoapp.draw import assets
from tests import gridland
from tests.gridland import square
from tests.web.test_page import HOSTILE

AT = "at=11/5.35/10.35"
RECENT = "\n".join(
    [
        gridland.HEAD,
        gridland.incident(11, "2026-10-01", 3, 3).replace("A note.,0,,", "A note.,6,,"),
        gridland.incident(12, "2026-09-15", 3, 3),
        gridland.incident(13, "2026-08-20", 4, 3),
        gridland.incident(14, "2026-10-02", 3, 3, precision=2),  # known to the district only
        gridland.incident(15, "2026-01-02", 3, 3),  # longer ago than evidence looks back
    ]
)
INSIDE = [(5.301, 10.301), (5.301, 10.399), (5.399, 10.399), (5.399, 10.301)]
"""Corners within the square of column 3, row 3."""


@pytest.fixture
def heard(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page, and what went wrong in it: errors, requests to other machines."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on(
        "request",
        lambda r: (
            wrong.append(r.url)
            if urlsplit(r.url).scheme not in ("data", "blob") and urlsplit(r.url).hostname != "127.0.0.1"
            else None
        ),
    )
    yield page, wrong
    page.close()


@pytest.fixture
def service(address: str, gridded: Callable) -> str:
    """Gridland with incidents of the last weeks."""
    assert gridded("incidents", RECENT, "recent.csv", source="exercise").landed
    return address


def opened(page: Page, address: str, query: str = AT) -> Page:
    page.goto(f"{address}/map?{query}", wait_until="networkidle")
    return page


def spot(page: Page, lat: float, lon: float) -> tuple[float, float]:
    """Where a place is on the screen."""
    found = page.evaluate(
        """([lat, lon, from]) => import(`${from}/map/tiles.js`).then(({ mounted }) => mounted).then(({ map }) => {
            const at = map.latLngToContainerPoint([lat, lon]);
            const box = map.getContainer().getBoundingClientRect();
            return [box.left + at.x, box.top + at.y];
        })""",
        [lat, lon, assets.address()],
    )
    return found[0], found[1]


def click_at(page: Page, lat: float, lon: float) -> None:
    page.mouse.click(*spot(page, lat, lon))


def form(page: Page) -> Locator:
    return page.locator("#form")


def told(page: Page, words: str) -> None:
    expect(page.locator("#drawer")).to_contain_text(words)


def filled(page: Page, name: str = "Market road", author: str = "Ana Adviser") -> None:
    page.locator("#form [name=name]").fill(name)
    page.locator("#form [name=author]").fill(author)
    page.locator("#form .chips label", has_text="Armed conflict").click()
    page.locator("#form").get_by_role("radio", name="Likely, severe: 3 High", exact=True).check(force=True)


def ask(page: Page, method: str, url: str, body: dict[str, Any] | None = None, version: int | None = None) -> Any:
    headers = {"If-Match": f'"{version}"'} if version else {}
    answer = page.request.fetch(url, method=method, data=json.dumps(body) if body else None,
                                headers={"Content-Type": "application/json", **headers})  # fmt: skip
    assert answer.ok, answer.text()
    return answer.json()


def a_zone(page: Page, address: str, **more: Any) -> int:
    properties = {"name": "Bridge", "threat_category": "crime", "likelihood": 3, "impact": 3, "valid_to": "2026-11-01",
                  "author": "Ana Adviser"} | more  # fmt: skip
    made = ask(page, "POST", f"{address}/collections/risk_zones/items",
               {"type": "Feature", "geometry": square(6, 6), "properties": properties})  # fmt: skip
    return int(made["id"])


def record(page: Page, address: str, zone: int) -> Any:
    return ask(page, "GET", f"{address}/collections/risk_zones/items/{zone}/record")


# ---- from the first corner to another room's map -----------------------------------------------------------------


def test_a_zone_is_drawn_sent_published_by_another_and_seen_by_a_room(heard: tuple, service: str) -> None:
    page, wrong = heard
    opened(page, service)
    page.get_by_role("button", name="Mark a risk zone").click()
    page.locator("#form .matrix").wait_for()
    for corner in INSIDE:
        click_at(page, *corner)
    expect(page.locator("#bar")).to_contain_text("4 corners")
    page.keyboard.press("Enter")
    size = page.locator("#bar span").first.inner_text()
    x, y = spot(page, *INSIDE[0])
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y + 40, steps=4)
    page.mouse.up()
    expect(page.locator("#bar")).not_to_contain_text(size)
    page.locator("#bar").get_by_role("button", name="Undo").click()
    expect(page.locator("#bar")).to_contain_text(size)
    page.mouse.click(x, (y + spot(page, *INSIDE[3])[1]) / 2)
    expect(page.locator("#bar")).to_contain_text("5 corners")
    page.locator("#bar").get_by_role("button", name="Undo").click()
    expect(form(page)).to_contain_text("2 incidents inside the shape, last 90 days · 0 ticked")
    filled(page)
    form(page).locator(".evidence input").nth(0).check()
    form(page).locator(".evidence input").nth(1).check()
    expect(form(page)).to_contain_text("2 ticked")
    expect(form(page).locator(".verdict")).to_contain_text("High your judgement. Evidence alone suggests")
    rooms = form(page).locator(".rooms")
    expect(rooms).to_contain_text("Humanitarian Country Team")
    expect(rooms.locator("tr", has_text="Public")).to_contain_text("withheld")
    form(page).get_by_role("button", name="Send for review").click()
    told(page, "Sent for review")
    code = re.findall(r"RZ-\d{4}", page.locator("#drawer").inner_text())[0]

    def publish(name: str) -> None:
        step = page.locator("#drawer .step-form")
        step.locator("[name=by]").fill(name)
        step.locator("[name=code]").fill(code.lower())
        step.get_by_role("button", name="Publish").click()

    page.locator("#drawer .drawer-foot").get_by_role("button", name="Publish").click()
    expect(page.locator("#drawer .step-form")).to_contain_text("It goes on the maps of 2 rooms")
    publish("ana  adviser")
    told(page, "publishing takes a second person")
    publish("Ben Reviewer")
    told(page, "Published by Ben Reviewer")
    expect(page.locator("#counts")).to_contain_text("2 risk zones")

    opened(page, service, f"{AT}&audience=hct")
    click_at(page, 5.35, 10.35)
    drawer = page.locator("#drawer")
    drawer.locator("button", has_text="Market road").or_(
        drawer.get_by_role("heading", name="Market road")
    ).first.wait_for()
    if drawer.locator(".found").count() == 0:
        drawer.get_by_role("button", name="All records here").click()
    drawer.locator(".found button", has_text="Market road").click()
    told(page, "by the judgement of Ana Adviser")
    expect(drawer.locator(".evidence.told li")).to_have_count(2)
    assert drawer.get_by_role("button", name="Withdraw").count() == 0
    opened(page, service, f"{AT}&audience=public")
    assert "Market road" not in page.content()
    assert wrong == []


def test_a_zone_is_drawn_and_sent_by_keys_alone(heard: tuple, service: str) -> None:
    page, wrong = heard
    opened(page, service)
    page.keyboard.press("r")
    page.locator("#form .matrix").wait_for()
    for way in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        page.keyboard.press("Space")
        page.keyboard.press(way)
        page.wait_for_timeout(500)
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(form(page)).to_contain_text("4 corners")
    before = form(page).locator("[data-field=geometry] .hint-line").inner_text()
    corner = page.get_by_role("button", name=re.compile("Corner 2 of 4"))
    corner.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    assert form(page).locator("[data-field=geometry] .hint-line").inner_text() != before
    expect(page.get_by_role("button", name=re.compile("Corner 2 of 4"))).to_be_focused()
    page.get_by_role("button", name="Add a corner between 2 and 3").focus()
    page.keyboard.press("Enter")
    expect(form(page)).to_contain_text("5 corners")
    page.keyboard.press("Delete")
    expect(form(page)).to_contain_text("4 corners")
    # the matrix: one stop, arrows move in rows and columns
    page.locator("#form [name=name]").focus()
    page.keyboard.type("Ferry")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    for way in ("Space", "ArrowUp", "ArrowRight", "ArrowRight", "ArrowRight"):
        page.keyboard.press(way)
    expect(page.get_by_role("radio", name="Likely, critical: 4 Very high")).to_be_checked()
    page.locator("#form [name=author]").focus()
    page.keyboard.type("Ana Adviser")
    page.get_by_role("button", name="Send for review").focus()
    page.keyboard.press("Enter")
    told(page, "Sent for review")
    told(page, "Ferry")
    page.keyboard.press("Escape")
    assert page.locator("#drawer").is_hidden()
    assert wrong == []


# ---- ways to a shape ---------------------------------------------------------------------------------------------


def test_corners_are_typed_in_any_notation_and_a_wrong_line_is_named(heard: tuple, service: str) -> None:
    page, wrong = heard
    opened(page, service)
    page.keyboard.press("r")
    page.locator("#form .matrix").wait_for()
    page.keyboard.press("c")
    lines = page.locator("#corner-lines")
    expect(lines).to_be_focused()
    lines.fill("5.30, 10.30\n5°24'N 10°18'E\nthe old bridge\n")
    expect(page.locator(".corners")).to_contain_text("'the old bridge' is no place")
    lines.fill("5.30, 10.30\n5°24'N 10°18'E\n5.40 10.40\n5.30, 10.40")
    expect(page.locator("#bar")).to_contain_text("4 corners · 123 km²")
    lines.fill("7.30, 40.30\n7.40, 40.30\n7.40, 40.40")  # far from what the map shows
    page.wait_for_url(re.compile(r"at=\d+(/|%2F)7\."))
    lines.fill("5.30, 10.30\n5.40, 10.40\n5.40, 10.30\n5.30, 10.40")
    expect(form(page).locator("[data-field=geometry] .wrong")).to_contain_text("The shape cannot stand")
    form(page).get_by_role("button", name="Mend it").click()
    expect(form(page).locator("[data-field=geometry] [role=status]")).to_contain_text("It crossed itself")
    expect(page.locator("#bar")).to_contain_text("6 corners · 61 km²")
    assert wrong == []


def test_a_district_a_circle_and_files_become_shapes(heard: tuple, service: str) -> None:
    page, wrong = heard
    opened(page, service)
    page.keyboard.press("r")
    page.locator("#form .matrix").wait_for()
    shape = form(page).locator("[data-field=geometry]")
    shape.get_by_role("button", name="A district or record").click()
    shape.get_by_label("District").fill("Square 3-3")
    shape.get_by_role("button", name="Take", exact=True).click()
    expect(shape).to_contain_text("4 corners · 123 km²")
    opened(page, service)
    page.keyboard.press("r")
    expect(form(page)).to_contain_text("is back")
    shape.get_by_role("button", name="Around a place").click()
    shape.get_by_label("Place").fill("5.35, 10.35")
    shape.get_by_label("Kilometres around it").fill("2")
    shape.get_by_role("button", name="Draw it").click()
    expect(shape).to_contain_text("32 corners · 12 km²")
    shape.get_by_role("button", name="From a file").click()
    file = shape.get_by_label("File with the shape")
    two = {
        "type": "GeometryCollection",
        "geometries": [square(0, 0), square(2, 0), {"type": "Point", "coordinates": [1, 1]}],
    }
    file.set_input_files({"name": "two.geojson", "mimeType": "application/json", "buffer": json.dumps(two).encode()})
    expect(shape).to_contain_text("8 corners · 245 km²")
    kml = "<kml><Placemark><name>${x}</name><Polygon><outerBoundaryIs><LinearRing><coordinates>10,5,0 10.1,5,0 10.1,5.1,0 10,5,0</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>"
    file.set_input_files({"name": "one.kml", "mimeType": "text/xml", "buffer": kml.encode()})
    expect(shape).to_contain_text("3 corners · 61 km²")
    file.set_input_files(
        {"name": "bad.geojson", "mimeType": "application/json", "buffer": b'{"type": "Point", "coordinates": [1, 2]}'}
    )
    expect(shape).to_contain_text("There is no Polygon or MultiPolygon in this file")
    page.locator("#bar").get_by_role("button", name="Undo").click()
    expect(shape).to_contain_text("8 corners")
    assert wrong == []


# ---- nobody's work is lost ---------------------------------------------------------------------------------------


def test_a_draft_is_back_after_the_page_was_closed(heard: tuple, service: str) -> None:
    page, wrong = heard
    opened(page, service)
    page.keyboard.press("r")
    page.locator("#form .matrix").wait_for()
    for corner in INSIDE[:2]:
        click_at(page, *corner)
    page.locator("#form [name=name]").fill("Half drawn")
    opened(page, service)
    page.keyboard.press("r")
    expect(form(page)).to_contain_text("is back")
    expect(form(page).get_by_role("heading")).to_have_text("Half drawn")
    expect(page.locator("#bar")).to_contain_text("2 corners")
    click_at(page, *INSIDE[2])
    expect(page.locator("#bar")).to_contain_text("3 corners")
    form(page).get_by_role("button", name="Leave it and begin anew").click()
    expect(form(page).get_by_role("heading")).to_have_text("Without a name yet")
    assert wrong == []


def test_what_is_missing_is_said_field_by_field(heard: tuple, service: str) -> None:
    page, wrong = heard
    opened(page, service)
    page.keyboard.press("r")
    page.locator("#form .matrix").wait_for()
    form(page).get_by_role("button", name="Send for review").click()
    for words in ("The shape is required", "Name is required", "Threat category is required", "Your name is required"):
        expect(form(page)).to_contain_text(words)
    for lat, lon in INSIDE:
        click_at(page, lat, lon)
    page.keyboard.press("Enter")
    filled(page)
    page.locator("#form [name=valid_to]").fill("2027-06-01")
    form(page).get_by_role("button", name="Save draft").click()
    expect(form(page).locator("[data-field=valid_to]")).to_contain_text("must be within 90 days")
    form(page).get_by_role("button", name="Ends 14 days after").click()
    form(page).get_by_role("button", name="Save draft").click()
    expect(form(page)).to_contain_text("saved as RZ-")
    expect(page.locator("#to-review .count")).to_have_text("1")
    assert wrong == []


def test_two_people_change_one_zone_and_both_changes_stay(heard: tuple, service: str) -> None:
    page, wrong = heard
    zone = a_zone(page, service)
    opened(page, service, f"{AT}&open=zones_to_review/{zone}")
    page.locator("#drawer").get_by_role("button", name="Edit").click()
    page.locator("#form [name=name]").fill("Bridge and ferry")
    ask(
        page,
        "PATCH",
        f"{service}/collections/risk_zones/items/{zone}",
        {"properties": {"basis": "Seen by a team.", "name": "Old bridge"}},
        1,
    )
    form(page).get_by_role("button", name="Save draft").click()
    clash = form(page).locator(".conflict")
    expect(clash).to_contain_text("Somebody else changed this zone: it is at version 2")
    for words in ("Old bridge", "Bridge and ferry", "Seen by a team."):
        expect(clash).to_contain_text(words)
    clash.get_by_role("button", name="Take what is there").click()
    expect(page.locator("#form [name=name]")).to_have_value("Old bridge")
    form(page).get_by_role("button", name="Bring mine back").click()
    expect(page.locator("#form [name=name]")).to_have_value("Bridge and ferry")
    ask(
        page,
        "PATCH",
        f"{service}/collections/risk_zones/items/{zone}",
        {"geometry": square(5, 5), "properties": {"time_of_day": "night"}},
        2,
    )
    form(page).get_by_role("button", name="Save draft").click()
    form(page).get_by_role("button", name="Keep mine on top of it").click()
    form(page).get_by_role("button", name="Save draft").click()
    expect(form(page)).to_contain_text("version 4")
    now = record(page, service, zone)
    assert (now["properties"]["name"], now["properties"]["time_of_day"]) == ("Bridge and ferry", "night")
    assert [10.5, 5.5] in now["geometry"]["coordinates"][0][0], "the other's shape is kept"
    assert wrong == []


# ---- what waits --------------------------------------------------------------------------------------------------


def test_a_suggestion_is_taken_over_and_a_published_zone_replaced(heard: tuple, service: str) -> None:
    page, wrong = heard
    opened(page, service)
    page.locator("#to-review").click()
    told(page, "No zone is drafted")
    page.get_by_role("button", name="Suggest from incidents").click()
    page.locator("#drawer .found button", has_text="Square 3-3").click()
    told(page, "nobody has judged it yet")
    told(page, "What the evidence alone suggests")
    page.locator("#drawer").get_by_role("button", name="Take it over").click()
    page.locator("#drawer [name=by]").fill("Ana Adviser")
    page.locator("#drawer .step-form").get_by_role("button", name="Take it over").click()
    expect(page.locator("#form [name=name]")).to_have_value("Square 3-3")
    expect(form(page)).to_contain_text("2 ticked")
    form(page).get_by_role("button", name="Send for review").click()
    told(page, "In review")
    zone = int(page.url.split("zones_to_review/")[1].split("&")[0])
    version = record(page, service, zone)["version"]
    ask(page, "POST", f"{service}/risk-zones/{zone}/steps", {"step": "publish", "by": "Ben"}, version)
    opened(page, service, f"{AT}&open=risk_zones/{zone}")
    drawer = page.locator("#drawer")
    drawer.get_by_role("button", name="Withdraw").click()
    step = drawer.locator(".step-form")
    expect(step.get_by_role("button", name="Withdraw")).to_be_disabled()
    step.get_by_role("button", name="Cancel").click()
    expect(step).to_be_hidden()
    drawer.get_by_role("button", name="Replace with a new draft").click()
    expect(form(page)).to_contain_text("In place of", ignore_case=True)
    filled(page, "Square 3-3, smaller")
    form(page).get_by_role("button", name="Save draft").click()
    expect(form(page)).to_contain_text("saved as")
    draft = [
        z
        for z in ask(page, "GET", f"{service}/collections/zones_to_review/items")["features"]
        if z["properties"]["replaces"]
    ]
    assert [z["properties"]["replaces"] for z in draft] == [zone]
    assert wrong == []


def test_an_ended_zone_is_looked_at_again_and_withdrawn_with_its_number(heard: tuple, service: str) -> None:
    page, wrong = heard
    zone = a_zone(page, service)
    for version, step in enumerate(("send", "publish", "expire"), 1):
        by = "Ben Reviewer" if step == "publish" else "Ana Adviser"
        ask(page, "POST", f"{service}/risk-zones/{zone}/steps", {"step": step, "by": by}, version)
    opened(page, service)
    page.locator("#to-review").click()
    told(page, "Past their end · 1")
    drawer = page.locator("#drawer")
    drawer.locator(".found button").click()
    drawer.get_by_role("button", name="Look at it again").click()
    step = drawer.locator(".step-form")
    step.locator("[name=by]").fill("Cai Adviser")
    step.locator("[name=valid_to]").fill("2026-11-20")
    step.get_by_role("button", name="Look at it again").click()
    told(page, "A draft again, by Cai Adviser")
    told(page, "18 Oct – 20 Nov 2026")
    drawer.get_by_role("button", name="Withdraw").click()
    step.locator("[name=by]").fill("Cai Adviser")
    step.locator("[name=code]").fill("RZ-9999")
    expect(step.get_by_role("button", name="Withdraw")).to_be_disabled()
    step.locator("[name=code]").fill("RZ-0002")
    step.get_by_role("button", name="Withdraw").click()
    told(page, "Withdrawn by Cai Adviser")
    expect(page.locator("#to-review .count")).to_have_text("0")
    assert record(page, service, zone)["properties"]["status"] == "withdrawn"
    assert wrong == []


def test_a_reading_room_and_another_day_have_no_tools_that_write(heard: tuple, service: str) -> None:
    page, wrong = heard
    for query in ("audience=hct", "as_of=2026-10-10"):
        opened(page, service, f"{AT}&{query}")
        assert page.locator("#tools button").count() == 1
        page.keyboard.press("r")
        assert page.locator("#form").is_hidden()
        assert page.locator("#to-review").is_hidden()
    assert wrong == []


def test_hostile_texts_stay_texts(heard: tuple, service: str) -> None:
    page, wrong = heard
    name = HOSTILE[:290]
    zone = a_zone(page, service, name=name, basis=HOSTILE, author=HOSTILE[:190])
    opened(page, service)
    page.locator("#to-review").click()
    page.locator("#drawer .found button").first.click()
    told(page, "<img src=x onerror=window.CANARY=1>")
    page.locator("#drawer").get_by_role("button", name="Edit").click()
    page.locator("#form .matrix").wait_for()
    ask(
        page, "PATCH", f"{service}/collections/risk_zones/items/{zone}", {"properties": {"basis": f"more {HOSTILE}"}}, 1
    )
    page.locator("#form [name=name]").fill(f"{name[:200]} changed")
    form(page).get_by_role("button", name="Save draft").click()
    form(page).locator(".conflict").wait_for()
    assert page.evaluate("window.CANARY") is None
    assert page.locator("#drawer img, #form img, #form script").count() == 0
    assert wrong == []


def test_a_phone_marks_a_zone_without_scrolling_sideways(browser: Browser, service: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    opened(page, service)
    page.get_by_role("button", name="Mark a risk zone").tap()
    page.locator("#form .drawer-head").wait_for()
    page.locator("#form .matrix").wait_for(state="attached")
    for lat, lon in reversed(INSIDE[1:]):  # the upper ones first: from then on the sheet makes room
        page.touchscreen.tap(*spot(page, lat, lon))
    page.locator("#bar").get_by_role("button", name="Finish").tap()
    expect(form(page)).to_contain_text("3 corners")
    page.get_by_role("button", name="The whole screen for the form").tap()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("#form .zone-form").evaluate("e => e.scrollWidth <= e.clientWidth")
    filled(page)
    form(page).get_by_role("button", name="Save draft").tap()
    expect(form(page)).to_contain_text("saved as RZ-")
    assert wrong == []
    page.close()


def test_evidence_is_narrowed_before_it_is_ticked(heard: tuple, service: str, gridded: Callable) -> None:
    other = gridland.incident(21, "2026-10-05", 3, 3).replace("Battles", "Riots")
    assert gridded("incidents", "\n".join([gridland.HEAD, other]), "other.csv", source="exercise").landed
    page, wrong = heard
    opened(page, service)
    page.keyboard.press("r")
    page.locator("#form .matrix").wait_for()
    page.keyboard.press("c")
    page.locator("#corner-lines").fill("5.301, 10.301\n5.301, 10.399\n5.399, 10.399\n5.399, 10.301")
    expect(form(page)).to_contain_text("3 incidents inside the shape, last 90 days · 0 ticked")
    form(page).get_by_role("combobox", name="All types").select_option("Riots")
    expect(form(page).locator(".evidence li")).to_have_count(2)  # one, and what is known to the district only
    form(page).get_by_role("button", name="Tick these 1").click()
    expect(form(page)).to_contain_text("1 ticked")
    form(page).get_by_role("combobox", name="All types").select_option("")
    expect(form(page).locator(".evidence input:checked")).to_have_count(1)
    form(page).get_by_role("button", name="Tick all").click()
    expect(form(page)).to_contain_text("3 ticked")
    assert wrong == []


def test_suggestions_are_dismissed_together(heard: tuple, service: str) -> None:
    page, wrong = heard
    opened(page, service)
    page.locator("#to-review").click()
    page.get_by_role("button", name="Suggest from incidents").click()
    page.get_by_role("button", name="Dismiss all of them").click()
    page.locator("#drawer .together [name=by]").fill("Ana Adviser")
    page.locator("#drawer .together").get_by_role("button").click()
    told(page, "none is suggested")
    assert wrong == []
