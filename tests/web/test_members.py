"""An administrator invites somebody on the page Members, who comes in by the link and sees their own line."""

from collections.abc import Callable

from playwright.sync_api import Browser, expect
from sqlalchemy import Engine

from tests.web.coming_in import come_in, invited


def test_somebody_is_invited_comes_in_and_is_removed(
    browser: Browser, guarded: str, owner: Engine, quick: Callable
) -> None:
    page, wrong = browser.new_page(viewport={"width": 1366, "height": 768}), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    come_in(page, invited(owner, guarded, "boss@example.org", "B. Oss", "administrator"), "boss@example.org")
    page.goto(f"{guarded}/operations/grid/overlaps")
    page.locator("#operations summary").click()
    page.get_by_role("link", name="Members of Gridland").click()
    page.get_by_role("button", name="Invite").click()
    page.get_by_label("Mail address").fill("guest@example.org")
    page.get_by_label("Name").fill("<b>G. Uest</b>")
    page.locator("#member select").select_option(label="Planner")
    expect(page.get_by_role("checkbox", name="Public")).to_be_hidden()
    page.locator("#member select").select_option(label="Viewer")
    page.get_by_role("checkbox", name="Public").check()
    page.locator("#member").get_by_role("button", name="Invite").click()
    given = page.get_by_label("Link for guest@example.org").input_value()
    line = page.get_by_role("row").filter(has_text="guest@example.org")
    expect(line).to_contain_text("<b>G. Uest</b>")
    expect(line).to_contain_text("invited, link until")
    # the link is in no address and gone with the page
    page.reload()
    expect(line).to_be_visible()
    expect(page.locator("#given")).to_be_hidden()
    guest = browser.new_page(viewport={"width": 390, "height": 844})
    come_in(guest, given, "guest@example.org")
    guest.goto(f"{guarded}/operations/grid/member")
    expect(guest.get_by_role("row").filter(has_text="@example.org")).to_have_count(1)
    expect(guest.get_by_role("button", name="Invite")).to_be_hidden()
    expect(guest.get_by_role("table").last).to_contain_text("Members, their roles and rooms")
    assert guest.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Change <b>G. Uest</b>").click()
    page.get_by_role("button", name="Remove from the operation").click()
    page.locator("#member").get_by_role("button", name="Remove").click()
    expect(line).to_have_count(0)
    guest.reload()
    expect(guest.locator("body")).to_contain_text("There is no operation")
    # the last administrator stays, and is told why
    page.get_by_role("button", name="Change B. Oss").click()
    page.get_by_role("button", name="Leave the operation").click()
    page.get_by_role("button", name="Leave", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="last administrator")).to_be_visible()
    assert wrong == []
    guest.close()
    page.close()
