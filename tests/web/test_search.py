"""A place is found on the map by its name or its coordinates, by keyboard, on a desk and on a phone."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect


@pytest.fixture(params=[(1366, 800), (390, 844)], ids=["desk", "phone"])
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = request.param
    opened = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
    opened.goto(f"{address}/map?audience=internal")
    yield opened
    opened.close()


def test_a_name_is_chosen_from_what_may_be_meant(page: Page, gridded: Callable) -> None:
    page.get_by_role("button", name="Find a place").click()
    field = page.get_by_role("combobox", name="Place, P-code, coordinates, MGRS")
    expect(field).to_be_focused()
    field.type("Square 3-4")
    expect(page.locator(".map-search [role=option]").first).to_contain_text("Square 3-4")
    field.press("ArrowDown")
    field.press("Enter")
    expect(page.locator("#said")).to_contain_text("Square 3-4")
    field.press("Escape")
    expect(field).to_be_hidden()
    expect(page.get_by_role("button", name="Find a place")).to_be_focused()


def test_coordinates_are_understood_and_what_is_no_place_is_told(page: Page, gridded: Callable) -> None:
    expect(page.locator("#said")).to_contain_text("incidents")  # what the map counts is said last on opening
    page.locator("#find").click()
    field = page.get_by_role("combobox", name="Place, P-code, coordinates, MGRS")
    field.fill("nowhere at all")
    field.press("Enter")
    expect(page.locator(".search-told")).not_to_be_empty()
    field.fill("5.5, 20.5")
    field.press("Enter")
    expect(page.locator(".search-told")).to_be_hidden()
    expect(page.locator("#said")).to_contain_text("5.5")
