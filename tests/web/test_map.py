"""The map as people open it: served for real, drawn by a browser, clicked, and silent towards every other machine."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

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


def test_the_map_is_drawn_and_a_click_tells_what_lies_there(visit: tuple, address: str) -> None:
    page, tiles, wrong = visit
    page.goto(f"{address}/map?{VIEW}", wait_until="networkidle")
    page.wait_for_timeout(500)
    assert any("/areas_of_operation/" in url for url in tiles)
    assert any("/overlaps/" in url for url in tiles)
    assert page.evaluate(COLOURS) > 5, "nothing was drawn"
    page.mouse.click(*middle_of_map(page))
    drawer = page.locator("#drawer")
    drawer.get_by_text("First Brigade").first.wait_for()
    told = drawer.inner_text()
    assert "Water Aid Group" in told
    drawer.get_by_role("button").filter(has_text="Overlap").first.click()
    assert "km²" in drawer.inner_text()
    assert "Secret Force" not in told
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
