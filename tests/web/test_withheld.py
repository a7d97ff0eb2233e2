"""A room that may see nothing is told that it is withheld, on every page; it is never asked to import a file."""

import pytest
from playwright.sync_api import Browser, Page, expect


@pytest.fixture(params=[(1366, 800), (390, 844)], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Page:
    return browser.new_page(viewport={"width": request.param[0], "height": request.param[1]})


def test_incidents(page: Page, nobody: None, address: str) -> None:
    page.goto(f"{address}/incidents?audience=public", wait_until="networkidle")
    rule = "Incidents are withheld from this room by its rule “incidents: withheld”."
    expect(page.locator("#table")).to_contain_text(rule)
    expect(page.locator("#spots")).to_contain_text(rule)
    assert page.locator("#figures").inner_text() == "", "figures that are withheld are no zeros"
    assert "is recorded" not in page.locator("main").inner_text().replace("Absence of data", "")
    assert page.get_by_role("link", name="Import a file").count() == 0


def test_the_register(page: Page, nobody: None, address: str) -> None:
    for tab, rule in (
        ("overlaps", "overlaps: withheld"),
        ("doubles", "presence: withheld"),
        ("gaps", "presence: withheld"),
    ):
        page.goto(f"{address}/overlaps?audience=public&tab={tab}&q=nothing", wait_until="networkidle")
        expect(page.locator("#table")).to_contain_text(rule)
        assert "None yet" not in page.locator("#table").inner_text()
        assert page.get_by_role("link", name="Import a file").count() == 0


def test_the_map(page: Page, nobody: None, address: str) -> None:
    page.goto(f"{address}/map?audience=public&layers=roads", wait_until="networkidle")
    page.mouse.click(page.viewport_size["width"] * 0.6, 300)
    expect(page.locator("#drawer")).to_contain_text("Incidents are withheld from this room")
    expect(page.locator("#drawer")).to_contain_text("Nothing shown here")
    title = page.locator(".layer-line.withheld", has_text="Overlaps")
    expect(title).to_have_count(2)  # those that ended too
    for each in title.all():
        assert each.get_attribute("title") == "Overlaps are withheld from this room by its rule “overlaps: withheld”."
