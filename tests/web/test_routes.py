"""A convoy officer asks for a way: typed and clicked, with what it crosses, on one machine."""

from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Page

from tests.access.test_route import lattice, road


@pytest.fixture
def page(browser: Browser) -> Page:
    return browser.new_page(viewport={"width": 1440, "height": 900})


@pytest.fixture
def heard(page: Page) -> list[str]:
    """Requests that leave the machine, errors of the page and answers that are none."""
    wrong: list[str] = []
    page.on(
        "request", lambda r: None if r.url.startswith(("http://127.0.0.1", "data:", "blob:")) else wrong.append(r.url)
    )
    page.on("pageerror", lambda error: wrong.append(str(error)))
    return wrong


def test_a_way_is_asked_for_by_keyboard_and_told(page: Page, heard: list[str], address: str, gridded: Callable) -> None:
    assert gridded("roads", lattice()).landed
    page.goto(f"{address}/routes", wait_until="networkidle")
    page.keyboard.press("Tab")  # the first is the skip link to the question
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("5.15, 10.05")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("Square 4-1")
    page.locator("[name=departure]").fill("2026-03-01T08:00")
    page.locator("[name=to]").press("Enter")
    page.locator(".way").first.wait_for()
    notify = page.locator("#notify").inner_text()
    assert [name in notify for name in ("First Brigade", "Town Police", "Secret Force")] == [True, True, False]
    assert "no permission" in notify
    assert (
        page.evaluate("document.querySelectorAll('.leaflet-overlay-pane canvas, .leaflet-overlay-pane path').length")
        > 0
    )
    page.get_by_role("button", name="Same as a table").click()
    assert "row 1" in page.locator("#strip table").inner_text()
    with page.expect_download() as came:
        page.get_by_role("button", name="GPX").click()
    track = ElementTree.parse(came.value.path()).getroot()
    gpx = "{http://www.topografix.com/GPX/1/1}"
    points = [(float(p.attrib["lat"]), float(p.attrib["lon"])) for p in track.iter(f"{gpx}trkpt")]
    assert (points[0], points[-1]) == ((5.15, 10.05), (5.15, 10.45))
    assert "TLP:" in track.findtext(f"{gpx}metadata/{gpx}desc", "")
    asked = page.url
    page.goto(asked, wait_until="networkidle")
    page.locator(".way").first.wait_for()
    assert heard == []


def test_a_blocked_way_says_where_and_a_place_that_is_not_there_too(
    page: Page, heard: list[str], address: str, gridded: Callable
) -> None:
    assert gridded("roads", [road("only", (0, 0), (3, 0), opstatus=3)]).landed
    page.goto(f"{address}/routes?from=Square 0-0&to=Square 3-0", wait_until="networkidle")
    page.get_by_text("No way was found", exact=True).wait_for()
    assert "only: closed" in page.locator("#ways").inner_text()
    page.locator("[name=from]").fill("Nowhere at all")
    page.get_by_role("button", name="Find ways").click()
    page.locator("#ways").get_by_text("There is no place").wait_for()
    assert heard == []
