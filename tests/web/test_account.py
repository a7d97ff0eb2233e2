"""Somebody opens their own account: makes a token and revokes it, ends a session, changes the password."""

from playwright.sync_api import Browser, expect
from sqlalchemy import Engine

from tests.conftest import PASSWORD
from tests.web.coming_in import come_in, invited, sign_in


def test_one_sees_to_ones_own_account(browser: Browser, guarded: str, owner: Engine, quick: None) -> None:
    name = "<b>Amina</b> K."
    page, wrong = browser.new_page(viewport={"width": 390, "height": 844}), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    come_in(page, invited(owner, guarded, "amina@example.org", name, "planner"), "amina@example.org")
    other = browser.new_context().new_page()
    other.goto(f"{guarded}/sign-in")
    sign_in(other, "amina@example.org")
    expect(other.get_by_role("heading", name="Operations", exact=True)).to_be_visible()
    page.goto(f"{guarded}/operations/grid/overlaps")
    page.get_by_role("link", name=f"Account of {name}").click()
    expect(page.get_by_text(f"{name} · amina@example.org")).to_be_visible()
    # a token for one room reads
    page.get_by_role("button", name="Make a token").click()
    form = page.locator("#asked-for")
    form.get_by_label("Name").fill("QGIS")
    form.locator("[name=operation]").select_option(label="Gridland")
    form.locator("[name=room]").select_option(label="Public")
    expect(form.locator("[name=reads]")).to_be_disabled()
    form.get_by_role("button", name="Make it").click()
    token = page.get_by_label("Token QGIS").input_value()
    line = page.get_by_role("row").filter(has_text="QGIS")
    expect(line).to_contain_text("Gridland, Public")
    expect(line).to_contain_text("reading only")
    items = f"{guarded}/operations/grid/collections/areas_of_operation/items?audience=public&f=json"
    asked = {"headers": {"Authorization": f"Bearer {token}"}}
    assert page.request.get(items, **asked).ok
    page.reload()
    expect(line).to_be_visible()
    expect(page.get_by_label("Token QGIS")).to_have_count(0)  # shown once
    page.get_by_role("button", name="Revoke QGIS").click()
    form.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("You have none.")).to_be_visible()
    assert page.request.get(items, **asked).status == 401
    # the other session is ended
    page.get_by_role("button", name="Sign out the session of").click()
    expect(page.locator("#sessions").get_by_role("row")).to_have_count(2)
    other.reload()
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    # another password
    for label, typed in (
        ("Present password", "a wrong one"),
        ("New password", PASSWORD * 2),
        ("The same again", PASSWORD * 2),
    ):
        page.get_by_label(label).fill(typed)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("alert").filter(has_text="another one")).to_be_visible()
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password is changed")).to_be_visible()
    sign_in(other, "amina@example.org", PASSWORD * 2)
    expect(other.get_by_role("heading", name="Operations", exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Sign out everywhere").click()
    form.get_by_role("button", name="Sign out everywhere").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert wrong == []
    other.context.close()
    page.close()
