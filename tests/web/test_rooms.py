"""The page of a room: what it does not see, and a rule changed on it."""

import pytest
from playwright.sync_api import Browser, Page, expect


@pytest.fixture(params=[(1366, 800), (390, 844)], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Page:
    return browser.new_page(viewport={"width": request.param[0], "height": request.param[1]})


def test_a_rule_is_changed_and_stays_in_the_history(page: Page, address: str) -> None:
    page.goto(f"{address}/rooms?room=cmwg_mixed")
    zones = page.locator("#layers tr", has_text="Risk zones").first
    expect(zones).to_contain_text("by district")
    expect(zones).to_contain_text("1 of 1")
    page.get_by_role("button", name="Change the rule of Risk zones").click()
    page.locator("#rule select[name=precision]").select_option("withheld")
    page.locator("#rule textarea").fill("Not yet agreed")
    page.get_by_role("button", name="Keep this rule").click()
    expect(zones).to_contain_text("0 of 1")
    expect(page.locator("#history")).to_contain_text("Not yet agreed")
    page.goto(f"{address}/rooms?audience=cmwg_mixed")
    expect(page.locator("#layers")).to_contain_text(
        "Risk zones are withheld from this room by its rule “risk zones: withheld”."
    )
    assert " of 1" not in page.locator("#layers tr", has_text="Risk zones").first.locator(".end").inner_text()
    expect(page.locator("#rules")).to_be_hidden()
