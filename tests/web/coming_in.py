"""How somebody comes in, in tests of the browser."""

from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from geoapp import accounts
from tests.conftest import PASSWORD


def invited(owner: Engine, at: str, email: str, name: str, role: str, *rooms: str) -> str:
    """The address by which a new member of Gridland sets a password."""
    with owner.begin() as connection:
        accounts.add(connection, email, name, "grid", role, rooms)
        return f"{at}/password?link={accounts.issue(connection, email, 'link', timedelta(hours=1))}"


def set_password(page: Page, link: str) -> None:
    """By the link; the page to sign in follows."""
    page.goto(link)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same again").fill(PASSWORD)
    page.get_by_role("button", name="Set password").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    """With what is asked on the page to sign in."""
    page.get_by_label("Mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def come_in(page: Page, link: str, email: str) -> None:
    """Set a password by the link, and sign in."""
    set_password(page, link)
    sign_in(page, email)
    expect(page.get_by_role("heading", name="Operations", exact=True)).to_be_visible()
