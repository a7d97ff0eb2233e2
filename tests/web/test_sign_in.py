"""Whoever comes to an instance with accounts signs in by its page, works by their role, and leaves."""

from playwright.sync_api import Browser, expect
from sqlalchemy import Engine

from geoapp import accounts
from tests.conftest import PASSWORD
from tests.web.coming_in import come_in, invited, set_password, sign_in


def test_a_newcomer_sets_a_password_signs_in_works_and_leaves(browser: Browser, guarded: str, owner: Engine) -> None:
    page = browser.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    set_password(page, invited(owner, guarded, "amina@example.org", "Amina K.", "security_adviser"))
    # a place that was asked for is gone on to once one has signed in
    page.goto(f"{guarded}/operations/grid/map?datetime=2026-01-01/2026-06-30")
    sign_in(page, "Amina@example.org", "not the password at all")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    expect(page.get_by_label("Mail address")).to_have_value("Amina@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#layers, .layers").first).to_be_visible()
    assert "/operations/grid/map?datetime=2026-01-01/2026-06-30" in page.url
    expect(page.get_by_role("button", name="Sign out")).to_have_attribute("title", "Amina K. is signed in")
    assert page.evaluate("document.cookie") == ""  # no script reads the session
    # somebody ends it from elsewhere: the next page says to sign in
    with owner.begin() as connection:
        accounts.disable(connection, "amina@example.org")
    page.goto(f"{guarded}/operations/grid/overlaps")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert wrong == []
    page.close()


def test_signing_out_leads_to_the_door(browser: Browser, guarded: str, owner: Engine) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    come_in(page, invited(owner, guarded, "guest@example.org", "", "viewer", "hct"), "guest@example.org")
    page.goto(f"{guarded}/operations/grid/overlaps")
    expect(page.get_by_label("In the room").locator("option")).to_have_text(["Humanitarian Country Team"])
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"{guarded}/operations/grid/overlaps")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.close()


def test_nobody_is_asked_for_a_name_who_has_signed_in(browser: Browser, guarded: str, owner: Engine) -> None:
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    come_in(page, invited(owner, guarded, "amina@example.org", "Amina K.", "security_adviser"), "amina@example.org")
    page.goto(f"{guarded}/operations/grid/map?at=11/5.35/10.35", wait_until="networkidle")
    page.get_by_role("button", name="Mark a risk zone").click()
    expect(page.get_by_label("Handling").first).to_be_visible()
    expect(page.get_by_label("Your name")).to_have_count(0)
    page.goto(f"{guarded}/operations/grid/overlaps?tab=mine", wait_until="networkidle")
    expect(page.get_by_text("No overlap has the owner Amina K.")).to_be_visible()
    expect(page.get_by_role("button", name="Not me")).to_have_count(0)
    page.goto(f"{guarded}/operations/grid/overlaps?audience=cmwg_mixed", wait_until="networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    page.close()
