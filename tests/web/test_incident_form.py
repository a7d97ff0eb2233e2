"""An incident is reported on the map, corrected, and joined with another source's report: by mouse and by keys alone."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text

from geoapp import db

DESK = {"width": 1440, "height": 900}


@pytest.fixture
def elsewhere() -> list[str]:
    return []


@pytest.fixture
def page(browser: Browser, address: str, elsewhere: list[str]) -> Iterator[Page]:
    opened = browser.new_page(viewport=DESK)
    opened.on(
        "request",
        lambda r: (
            elsewhere.append(r.url) if "//127.0.0.1" not in r.url and not r.url.startswith(("data:", "blob:")) else None
        ),
    )
    opened.on("pageerror", lambda e: elsewhere.append(str(e)))
    opened.goto(f"{address}/map?at=10/5.25/10.25")
    expect(opened.locator("#counts")).to_contain_text("incident")
    yield opened
    assert elsewhere == []
    opened.close()


def known(engine: Engine) -> list[tuple]:
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        return [tuple(r) for r in connection.execute(text(
            "SELECT event_type, location, notes_neutral, pcode, version FROM calc.incident WHERE source = 'hand' AND finest = 0"
        ))]  # fmt: skip


def test_an_incident_is_reported_and_corrected(page: Page, engine: Engine) -> None:
    page.get_by_role("button", name="Report an incident").click()
    page.locator("[name=event_type]").select_option("Battles")
    page.locator("[name=sub_event_type]").select_option("Armed clash")
    page.get_by_role("button", name="Record the incident").click()
    expect(page.locator("[data-field=geometry] .wrong")).to_be_visible()
    page.locator("[name=place]").fill("5.25, 10.25")
    page.locator("[name=place]").press("Enter")
    expect(page.locator("[data-field=geometry]")).to_contain_text("5.25000, 10.25000")
    page.locator("[name=location]").fill("<img src=x onerror=alert(1)> ${1}")
    page.locator("[name=notes]").fill("An exchange of fire was reported.")
    expect(page.locator(".rooms")).to_contain_text("to settlement")
    page.get_by_role("button", name="Record the incident").click()
    drawer = page.locator("#drawer")
    expect(drawer).to_contain_text("<img src=x onerror=alert(1)> ${1}")
    assert known(engine) == [
        ("Battles", "<img src=x onerror=alert(1)> ${1}", "An exchange of fire was reported.", "GD0022", 1)
    ]
    drawer.get_by_role("button", name="Correct").click()
    page.locator("[name=location]").fill("Crossing")
    page.get_by_role("button", name="Save the correction").click()
    expect(drawer).to_contain_text("Crossing")
    assert known(engine)[0][1] == "Crossing"


def test_by_keys_alone_and_the_draft_keeps_itself(page: Page, engine: Engine, address: str) -> None:
    page.locator(".folium-map").focus()
    page.keyboard.press("n")
    expect(page.locator("[name=event_type]")).to_be_focused()
    page.keyboard.type("Riots")
    page.locator("[name=notes]").focus()
    page.keyboard.type("A crowd was reported.")
    page.locator(".folium-map").focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-field=geometry] .hint-line")).to_contain_text("5.2")
    page.wait_for_timeout(600)
    page.goto(f"{address}/map?tool=incident")
    expect(page.locator(".form-note")).to_contain_text("is back")
    assert page.locator("[name=notes]").input_value() == "A crowd was reported."
    page.get_by_role("button", name="Record the incident").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#drawer")).to_contain_text("A crowd was reported.")
    assert [row[0] for row in known(engine)] == ["Riots"]
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()


def test_somebody_else_s_correction_is_shown_and_not_lost(page: Page, engine: Engine) -> None:
    page.get_by_role("button", name="Report an incident").click()
    page.locator("[name=event_type]").select_option("Riots")
    page.locator("[name=place]").fill("5.25, 10.25")
    page.locator("[name=place]").press("Enter")
    expect(page.locator("[data-field=geometry]")).to_contain_text("5.25000")
    page.get_by_role("button", name="Record the incident").click()
    page.locator("#drawer").get_by_role("button", name="Correct").click()
    expect(page.locator("[name=location]")).to_be_visible()
    with db.transaction(engine, db.Context("grid", member="other")) as connection:
        connection.execute(text("UPDATE facts.incident SET notes_neutral = 'Theirs' WHERE source = 'hand'"))
    page.locator("[name=location]").fill("Mine")
    page.get_by_role("button", name="Save the correction").click()
    expect(page.locator(".conflict")).to_contain_text("Theirs")
    page.get_by_role("button", name="Take what is there").click()
    expect(page.locator("[name=notes]")).to_have_value("Theirs")


def test_two_reports_become_one_event(page: Page, engine: Engine) -> None:
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        day = connection.execute(
            text("SELECT lower(valid) FROM facts.incident WHERE source_event_id = 'GRD1'")
        ).scalar_one()
    page.get_by_role("button", name="Report an incident").click()
    page.locator("[name=event_type]").select_option("Battles")
    page.locator("[name=occurred_from]").fill(day.isoformat())
    page.locator("[name=place]").fill("5.26, 10.26")
    page.locator("[name=place]").press("Enter")
    expect(page.locator("[data-field=geometry]")).to_contain_text("5.26000")
    page.get_by_role("button", name="Record the incident").click()
    expect(page.locator("#drawer")).to_be_visible()
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        id_ = connection.execute(text("SELECT id FROM facts.incident WHERE source = 'hand'")).scalar_one()
    page.goto(page.url.split("?")[0] + f"?datetime=2026-01-01/2026-10-18&point=5.26,10.26&open=incidents/{id_}")
    drawer = page.locator("#drawer")
    expect(drawer.get_by_role("button", name="Same event")).to_be_visible()
    drawer.get_by_role("button", name="Same event").click()
    expect(drawer).to_contain_text("Both are kept")
    expect(drawer.get_by_role("button", name="Not the same")).to_be_visible()
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        assert (
            connection.execute(text("SELECT count(*) FROM facts.incident WHERE same_as_event IS NOT NULL")).scalar()
            == 1
        )


@pytest.mark.parametrize("audience", ["hct", "public"])
def test_a_room_that_reads_has_no_such_tool(browser: Browser, address: str, audience: str) -> None:
    page = browser.new_page(viewport=DESK)
    page.goto(f"{address}/map?audience={audience}&tool=incident")
    expect(page.locator("#tools button")).to_have_count(1)
    expect(page.locator("#form")).to_be_hidden()
    page.close()


def test_on_a_phone(browser: Browser, address: str, gridded: Callable) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{address}/map?tool=incident")
    expect(page.locator("[name=event_type]")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
