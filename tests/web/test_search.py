"""The one search, on every page: records and places are found by keyboard, on a desk and on a phone, and open on the map."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect


@pytest.fixture(params=[(1366, 800), (390, 844)], ids=["desk", "phone"])
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = request.param
    opened = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
    opened.goto(f"{address}/map?audience=internal")
    yield opened
    opened.close()


def field(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Search this operation")


def test_a_record_is_chosen_by_keyboard_and_opens_in_the_drawer(page: Page, gridded: Callable) -> None:
    page.locator("#open-find").click()
    expect(field(page)).to_be_focused()
    field(page).press_sequentially("crosing")
    options = page.locator("#find-list [role=option]")
    expect(options).to_have_count(1)
    expect(page.locator("#said")).to_contain_text("1 result in 1 group")
    field(page).press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    field(page).press("Enter")
    expect(page.locator("#drawer")).to_contain_text("Crossing")
    expect(field(page)).to_be_hidden()


def test_what_is_chosen_stays_so_when_more_arrives(page: Page, gridded: Callable) -> None:
    page.locator("#open-find").click()
    field(page).fill("first")
    expect(page.get_by_role("group", name="Actors").get_by_role("option")).to_have_count(2)
    field(page).press("ArrowDown")
    field(page).press("ArrowDown")
    chosen = page.locator("#find-list [aria-selected=true] b")
    expect(chosen).to_have_text("First Battalion")
    field(page).press_sequentially(" ba")
    expect(page.get_by_role("group", name="Actors").get_by_role("option")).to_have_count(1)
    expect(chosen).to_have_text("First Battalion")
    field(page).press("Escape")
    expect(field(page)).to_be_hidden()
    expect(page.locator("#open-find")).to_be_focused()


def test_coordinates_are_marked_and_what_is_nothing_is_told(page: Page, gridded: Callable) -> None:
    page.locator("#find").click()
    field(page).fill("nowhere at all")
    expect(page.locator(".find-told")).to_contain_text("nothing that is called nowhere at all")
    field(page).fill("5.5, 20.5")
    expect(page.get_by_role("group", name="Coordinates").get_by_role("option")).to_have_count(1)
    field(page).press("Enter")
    expect(page.locator("#said")).to_contain_text("5.5")
    expect(page).to_have_url(re.compile(r"at=11/5\.5000?(?:/|%2F)20\.5|at=11%2F5\.5000%2F20\.5"))


def test_from_another_page_the_record_opens_on_the_map(page: Page, address: str, gridded: Callable) -> None:
    page.goto(f"{address}/overlaps?audience=internal")
    page.locator("h1").first.wait_for(state="attached")
    page.keyboard.press("/")
    field(page).fill("grd5")
    expect(page.get_by_role("group", name="Incidents").get_by_role("option")).to_have_count(1)
    field(page).press("Enter")
    page.wait_for_url(re.compile("/map"))
    expect(page.locator("#drawer")).to_contain_text("Armed clash")
    expect(page.locator("#drawer")).to_contain_text("Place 5")


def test_an_actor_opens_its_page_and_notes_are_looked_in_when_asked(page: Page, gridded: Callable) -> None:
    page.locator("#open-find").click()
    field(page).fill("a note.")
    expect(page.locator(".find-told")).to_contain_text("nothing that is called a note.")
    page.get_by_role("button", name="Look in the notes of incidents as well").click()
    expect(page.get_by_role("group", name="Incidents", exact=True).get_by_role("option").first).to_contain_text(
        "Note: A note."
    )
    field(page).fill("health hands")
    expect(page.get_by_role("group", name="Actors").get_by_role("option")).to_have_count(1)
    field(page).press("Enter")
    page.wait_for_url(re.compile("/actor-register"))
    expect(page.get_by_role("heading", name="Health Hands")).to_be_visible()
