"""Whoever comes to an instance with accounts signs in by its page, works by their role, and leaves."""

from datetime import timedelta

from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine

from geoapp import accounts
from tests.conftest import PASSWORD


def come_in(page: Page, link: str, email: str) -> None:
    """Set a password by the link, and sign in."""
    page.goto(link)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Set password").click()
    page.get_by_label("Mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Operations", exact=True)).to_be_visible()


def test_a_newcomer_sets_a_password_signs_in_works_and_leaves(browser: Browser, guarded: str, owner: Engine) -> None:
    with owner.begin() as connection:
        accounts.add(connection, "amina@example.org", "Amina K.", "grid", "security_adviser", [])
        link = accounts.issue(connection, "amina@example.org", "link", timedelta(hours=1))
    page = browser.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(f"{guarded}/password?link={link}")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    # a place that was asked for is gone on to once one has signed in
    page.goto(f"{guarded}/operations/grid/map?datetime=2026-01-01/2026-06-30")
    page.get_by_label("Mail address").fill("Amina@example.org")
    page.get_by_label("Password").fill("not the password at all")
    page.get_by_role("button", name="Sign in").click()
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
    with owner.begin() as connection:
        accounts.add(connection, "guest@example.org", "", "grid", "viewer", ["hct"])
        link = accounts.issue(connection, "guest@example.org", "link", timedelta(hours=1))
    page = browser.new_page(viewport={"width": 390, "height": 844})
    come_in(page, f"{guarded}/password?link={link}", "guest@example.org")
    page.goto(f"{guarded}/operations/grid/overlaps")
    expect(page.get_by_label("In the room").locator("option")).to_have_text(["Humanitarian Country Team"])
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.goto(f"{guarded}/operations/grid/overlaps")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.close()


def test_nobody_is_asked_for_a_name_who_has_signed_in(browser: Browser, guarded: str, owner: Engine) -> None:
    with owner.begin() as connection:
        accounts.add(connection, "amina@example.org", "Amina K.", "grid", "security_adviser", [])
        link = accounts.issue(connection, "amina@example.org", "link", timedelta(hours=1))
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    come_in(page, f"{guarded}/password?link={link}", "amina@example.org")
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
