"""The map as people open it: served for real, drawn by a browser, clicked, and silent towards every other machine."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.gridland import square

VIEW = "datetime=2026-01-01/2026-06-30&at=9/5.3/10.3"
"""The middle of the four squares that First Brigade and Water Aid Group share, in their time."""

COLOURS = """() => {
    const seen = new Set();
    for (const canvas of document.querySelectorAll("#map canvas")) {
        if (!canvas.width || !canvas.height) continue;
        for (const colour of new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer))
            seen.add(colour);
    }
    return seen.size;
}"""
"""How many colours the tiles on the map have, see-through being one."""


@pytest.fixture
def visit(browser: Browser) -> Iterator[tuple[Page, list[str], list[str]]]:
    """A page, the tiles that came, and everything that should not have happened."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    tiles: list[str] = []
    wrong: list[str] = []

    def came(answer: Any) -> None:
        if "/tiles/" in answer.url and answer.status == 200:
            tiles.append(answer.url)
        elif answer.status >= 400:
            wrong.append(f"{answer.status} {answer.url}")

    def asked(request: Any) -> None:
        if urlsplit(request.url).scheme not in ("data", "blob") and urlsplit(request.url).hostname != "127.0.0.1":
            wrong.append(request.url)

    page.on("request", asked)
    page.on("response", came)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    yield page, tiles, wrong
    page.close()


def middle_of_map(page: Page) -> tuple[float, float]:
    box = page.locator("#map").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def wait_for_colours(page: Page) -> None:
    for _ in range(100):
        if page.evaluate(COLOURS) > 5:
            return
        page.wait_for_timeout(200)
    pytest.fail("nothing was drawn")


def test_the_map_is_drawn_and_a_click_tells_what_lies_there(visit: tuple, address: str) -> None:
    page, tiles, wrong = visit
    page.goto(f"{address}/map?{VIEW}", wait_until="networkidle")
    wait_for_colours(page)
    asked = [parse_qs(urlsplit(url).query)["collections"][0].split(",") for url in tiles]
    assert all("areas_of_operation" in names and "overlaps" in names for names in asked), "one request a tile"
    assert len({urlsplit(url).path for url in tiles}) == len(tiles)
    wait_for_colours(page)
    page.mouse.click(*middle_of_map(page))
    drawer = page.locator("#drawer")
    drawer.get_by_text("First Brigade").first.wait_for()
    told = drawer.inner_text()
    assert "Water Aid Group" in told
    drawer.get_by_role("button").filter(has_text="Overlap").first.click()
    assert "km²" in drawer.inner_text()
    assert "Secret Force" not in told
    assert wrong == []


def test_no_tile_outside_the_world_is_asked_for(visit: tuple, address: str) -> None:
    page, tiles, wrong = visit
    for at in ("3/84/0", "2/0/179", "4/85/-179"):
        page.goto(f"{address}/map?at={at}", wait_until="networkidle")
        page.wait_for_timeout(300)
        assert page.locator("#trouble").is_hidden()
    assert tiles
    assert wrong == []


def test_a_layer_that_cannot_be_drawn_leaves_the_others(visit: tuple, address: str) -> None:
    page, _, _ = visit
    broken = {"on": True}

    def serve(route: Route) -> None:
        if broken["on"] and "overlaps" in parse_qs(urlsplit(route.request.url).query)["collections"][0]:
            route.fulfill(status=500, json={"title": "Something went wrong"})
        else:
            route.continue_()

    page.route("**/tiles/**", serve)
    page.goto(f"{address}/map?{VIEW}", wait_until="networkidle")
    page.locator("#trouble").wait_for()
    assert "Part of the map did not load: Overlaps." in page.locator("#trouble").inner_text()
    wait_for_colours(page)
    broken["on"] = False
    page.locator("label[for=layer-overlaps]").click()
    page.locator("#trouble").wait_for(state="hidden")
    with page.expect_response(lambda answer: "collections=overlaps&" in answer.url and answer.ok):
        page.locator("label[for=layer-overlaps]").click()
    page.wait_for_timeout(300)
    assert page.locator("#trouble").is_hidden()


def test_another_period_asks_for_no_base_map(visit: tuple, address: str, gridded: Callable) -> None:
    land = [(square(-5, -5, 20, 20), {"class": "land", "name": "Gridland"})]
    assert gridded("basemap", land, "land.geojson").created == 1
    page, tiles, wrong = visit
    page.goto(f"{address}/map?{VIEW}", wait_until="networkidle")
    wait_for_colours(page)
    assert all("basemap" in url for url in tiles)
    tiles.clear()
    with page.expect_response(lambda answer: "/tiles/" in answer.url):
        page.locator("#from").fill("2026-02-01")
        page.locator("#from").press("Enter")
    page.wait_for_timeout(500)
    assert tiles
    assert not any("basemap" in url for url in tiles)
    assert wrong == []


def test_another_room_is_told_less_by_the_same_click(visit: tuple, address: str) -> None:
    page, _, wrong = visit
    page.goto(f"{address}/map?{VIEW}&audience=public", wait_until="networkidle")
    page.mouse.click(*middle_of_map(page))
    drawer = page.locator("#drawer")
    drawer.wait_for()
    page.wait_for_load_state("networkidle")
    assert "Brigade" not in drawer.inner_text()
    assert "Water Aid" not in drawer.inner_text()
    assert "Brigade" not in page.content()
    assert wrong == []


def test_the_register_lists_who_with_whom(visit: tuple, address: str) -> None:
    page, _, wrong = visit
    page.goto(f"{address}/overlaps", wait_until="networkidle")
    table = page.locator("#table")
    table.get_by_text("Water Aid Group").first.wait_for()
    assert "First Brigade" in table.inner_text()
    assert wrong == []
