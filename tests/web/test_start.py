"""The start page and the picker of operations, in a browser: at a desk and on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import create_engine

from geoapp import record
from geoapp.cluster import Urls


@pytest.fixture(params=[(1366, 800), (390, 844)], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, urls: Urls) -> Iterator[Page]:
    owner = create_engine(urls.owner)
    record.add_operation(owner, "void", "Nothing Yet")
    owner.dispose()
    width, height = request.param
    made = browser.new_page(viewport={"width": width, "height": height})
    problems: list[str] = []
    made.on("pageerror", lambda error: problems.append(str(error)))
    yield made
    made.close()
    assert not problems


def test_from_the_start_to_a_map_and_by_the_picker_to_another(page: Page, address: str) -> None:
    root = address.split("/operations/")[0]
    page.goto(root)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    expect(page.get_by_role("heading", name="How old the data are")).to_be_visible()
    page.get_by_label("In the room").select_option("public")
    page.wait_for_url("**audience=public**")
    expect(page.get_by_text("withheld from this room").first).to_be_visible()
    page.goto(root)
    page.get_by_role("link", name="Overlaps", exact=True).click()
    page.wait_for_url("**/operations/grid/overlaps?**")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    page.locator("#operations summary").click()
    page.locator("#operations").get_by_role("link", name="Nothing Yet").click()
    page.wait_for_url("**/operations/void/overlaps?audience=internal")
    page.get_by_role("link", name="Nothing recorded yet").click()
    expect(page.get_by_role("heading", name="What to do first in Nothing Yet")).to_be_visible()
    page.get_by_role("link", name="Import boundaries").click()
    page.wait_for_url("**/operations/void/import?**kind=boundaries")


def test_the_picker_closes_by_escape_and_gives_focus_back(page: Page, address: str) -> None:
    page.goto(f"{address}/overlaps")
    summary = page.locator("#operations summary")
    summary.click()
    expect(page.locator("#operations a[aria-current=true]")).to_contain_text("Gridland")
    page.keyboard.press("Escape")
    expect(page.locator("#operations")).not_to_have_attribute("open", "")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
