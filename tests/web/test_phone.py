"""In one hand: a bar of five, the map first, a sheet with three stops, targets for a finger, nothing wider than the screen."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from geoapp.draw import assets
from web.pages import PAGES

SIZES = [(390, 844), (320, 640)]
TOO_SMALL = """() => [...document.querySelectorAll("button, a, summary, select, input:not([type=range], [type=checkbox], [type=radio])")]
    .filter((each) => each.checkVisibility() && !each.closest(".skip, table, label, p, .grip, [aria-hidden=true]"))
    .map((each) => [each.outerHTML.slice(0, 80), each.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.width < 43.5 || box.height < 43.5)).map(([words]) => words)"""
"""What a finger can press and is smaller than 44 px, text links, cells of tables and what is hidden from readers aside."""


@pytest.fixture(params=SIZES, ids=["390", "320"])
def phone(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=True, is_mobile=True)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page, wrong
    context.close()


def stop(page: Page, of: str) -> str:
    return page.locator(of).get_attribute("data-stop") or ""


def height(page: Page, of: str) -> float:
    page.wait_for_timeout(300)
    box = page.locator(of).bounding_box()
    assert box is not None
    return box["height"]


def test_every_page_fits_and_can_be_pressed(phone: tuple, address: str) -> None:
    page, wrong = phone
    width = page.viewport_size["width"]
    for where in ["../..", *(each.path for each in PAGES)]:  # first the page before any operation
        page.goto(f"{address}/{where}", wait_until="networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, where
        assert page.evaluate(TOO_SMALL) == [], where
    assert wrong == []


def test_the_bar_leads_to_every_page(phone: tuple, address: str) -> None:
    page, wrong = phone
    page.goto(f"{address}/map?as_of=2026-06-30", wait_until="networkidle")
    bar = page.get_by_role("navigation", name="Pages, for a thumb")
    expect(bar.locator("> *")).to_have_text(["Map", "List", "Route", "More"], use_inner_text=True)
    more = bar.get_by_text("More")
    more.tap()
    for each in PAGES:
        if each.thumb is None:
            expect(bar.get_by_role("link", name=each.title, exact=True)).to_be_visible()
    page.locator("#map").tap(position={"x": 60, "y": 60})  # beside the list
    expect(bar.locator("details")).not_to_have_attribute("open", "")
    bar.get_by_role("link", name="List").tap()
    page.wait_for_url("**/overlaps**")
    assert "as_of=2026-06-30" in page.url, "the date goes along"
    page.goto(f"{address}/map", wait_until="networkidle")
    expect(bar.locator("> *")).to_have_count(5)
    bar.get_by_role("link", name="Report").tap()
    expect(page.locator("#form")).to_be_visible()
    assert page.url.split("?")[0].endswith("/map"), "without a new page"
    assert wrong == []


def test_the_map_comes_first_and_the_sheet_has_three_stops(phone: tuple, address: str) -> None:
    page, wrong = phone
    page.goto(f"{address}/map?at=9/5.3/10.3&datetime=2026-01-01/2026-06-30", wait_until="networkidle")
    view = page.viewport_size["height"]
    assert stop(page, "#layers") == "low"
    assert height(page, "#layers") == 120
    assert height(page, "#map") > view / 2
    expect(page.locator("#days")).to_be_in_viewport()
    grip = page.locator("#layers > .grip")
    grip.tap()
    assert (stop(page, "#layers"), height(page, "#layers")) == ("half", view / 2)
    expect(page.locator("#layer-list").get_by_text("Overlaps", exact=True)).to_be_attached()
    grip.tap()
    assert stop(page, "#layers") == "full"
    assert height(page, "#layers") > view * 0.75
    grip.focus()
    page.keyboard.press("ArrowDown")
    assert stop(page, "#layers") == "half"
    assert height(page, "#layers") == view / 2
    box = grip.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + 8
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 60, steps=4)
    page.mouse.move(x, view - 80, steps=4)
    page.mouse.up()
    assert stop(page, "#layers") == "low"
    page.locator("#map").tap(position={"x": page.viewport_size["width"] / 2, "y": 30})
    page.locator("#drawer h2").wait_for()
    assert stop(page, "#drawer") == "half"
    assert height(page, "#drawer") == view / 2
    bar = page.locator(".thumb").bounding_box()
    drawer = page.locator("#drawer").bounding_box()
    assert drawer["y"] + drawer["height"] <= bar["y"] + 1
    assert wrong == []


def test_a_very_low_screen_keeps_its_map(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 256})
    page.goto(f"{address}/map", wait_until="networkidle")
    assert page.locator("#map").bounding_box()["height"] >= 240
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.close()


@pytest.mark.parametrize("allowed", [True, False])
def test_where_this_device_is(browser: Browser, address: str, allowed: bool) -> None:
    more: dict[str, Any] = {"permissions": ["geolocation"]} if allowed else {}
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, geolocation={"latitude": 5.3, "longitude": 10.3, "accuracy": 40}, **more
    )
    page = context.new_page()
    asked: list[str] = []
    page.goto(f"{address}/map", wait_until="networkidle")
    page.on("request", lambda request: asked.append(request.url))
    button = page.get_by_role("button", name="Where this device is")
    button.click()
    if allowed:
        page.wait_for_url("**at=12/5.3000/10.3000**")
        expect(button).to_have_attribute("aria-pressed", "true")
        assert not any("accuracy" in url or "/here" in url for url in asked)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "false")
    else:
        expect(page.locator("#trouble")).to_contain_text("not allowed to say where it is")
        # it stays, whatever is drawn afterwards
        page.evaluate(
            f"import('{assets.address()}/map/tiles.js').then((m) => m.mounted).then(({{ tiles }}) => void tiles.fire('drawn'))"
        )
        expect(page.locator("#trouble")).to_contain_text("not allowed to say where it is")
        expect(button).to_have_attribute("aria-pressed", "false")
    context.close()
