"""What has no form of its own is written by the one that the schema feeds: by mouse and by keys, on a desk and on a phone."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import Engine, text

from geoapp import db
from geoapp.draw import assets
from tests.access.test_route import road

OTHERS = ["Hazard area", "Arrangement", "Access constraint", "Security level area", "Site", "Road", "Road report"]


@pytest.fixture
def heard(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page, wrong
    page.close()


def begun(page: Page, address: str, title: str) -> Locator:
    """The form for a record of this kind, opened by keys."""
    page.goto(f"{address}/map?at=9/5.35/10.35")
    page.locator("#tools button").nth(3).wait_for()
    page.keyboard.press({"Area of operation": "a", "Risk zone": "r", "Incident": "n"}.get(title, "m"))
    if title in OTHERS:
        page.locator("#drawer .found button", has=page.get_by_text(title, exact=True)).click()
    form = page.locator("#form")
    form.locator("form").wait_for()
    return form


def stored(engine: Engine, sql: str) -> list[Any]:
    with db.transaction(engine, db.Context("grid", member="tester")) as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def test_a_hazard_is_written_corrected_beside_somebody_else_and_taken_away(
    heard: tuple, address: str, engine: Engine
) -> None:
    page, wrong = heard
    form = begun(page, address, "Hazard area")
    form.get_by_role("button", name="Record the hazard area").click()
    expect(form.locator(".foot-message")).to_have_text("2 fields to mend.")
    expect(form.locator("[data-field=hazard_type] .wrong")).to_have_text("Type is required.")
    form.locator(".chips label", has_text="Suspected").click()
    expect(form.locator(".foot-message")).to_have_text("1 field to mend.")
    page.locator("#corner-lines").fill("5.30, 10.30\n5.40, 10.30\n5.40, 10.40")
    expect(form.locator("[data-field=geometry]")).to_contain_text("3 corners")
    expect(form.locator(".foot-message")).to_be_empty()
    form.locator("[name=name]").fill("Old line")
    expect(form.locator(".rooms")).to_contain_text("Humanitarian Country Team")
    page.wait_for_timeout(600)
    form = begun(page, address, "Hazard area")
    expect(form).to_contain_text("is back")
    form.get_by_role("button", name="Record the hazard area").click()
    drawer = page.locator("#drawer")
    expect(drawer).to_contain_text("Suspected hazardous area")
    drawer.get_by_role("button", name="Correct").click()
    form.locator("[name=name]").fill("Old line, longer")
    stored(engine, "UPDATE facts.hazard_area SET hazards = 'UXO' WHERE name = 'Old line' RETURNING id")
    form.get_by_role("button", name="Save the correction").click()
    conflict = form.locator(".conflict")
    expect(conflict).to_contain_text("Somebody else changed this hazard area: it is at version 2")
    expect(conflict).to_contain_text("UXO")
    conflict.get_by_role("button", name="Keep mine on top of it").click()
    form.get_by_role("button", name="Save the correction").click()
    expect(drawer).to_contain_text("Old line, longer")
    sql = "SELECT name, hazards FROM facts.hazard_area WHERE source_key LIKE 'hand-%'"
    assert stored(engine, sql) == [("Old line, longer", "UXO")]
    drawer.get_by_role("button", name="Correct").click()
    form.get_by_role("button", name="Take it away").click()
    form.locator(".foot-message .danger").click()
    expect(form).to_be_hidden()
    assert stored(engine, sql) == []
    assert wrong == []


def test_an_area_is_drawn_for_an_actor_of_the_register_and_changed(heard: tuple, address: str, engine: Engine) -> None:
    page, wrong = heard
    form = begun(page, address, "Area of operation")
    page.locator("#corner-lines").fill("5.30, 10.30\n5.40, 10.30\n5.40, 10.40\n5.30, 10.40")
    expect(form.locator("[data-field=geometry]")).to_contain_text("4 corners")
    actor = form.locator("[name=actor]")
    actor.fill("brigade f")
    expect(form.locator("#names-of-actor option")).to_have_count(1)
    expect(form.locator("#names-of-actor option")).to_have_attribute("value", "First Brigade")
    foreseen = form.locator(".what-if")
    expect(foreseen).to_contain_text("name the actor")
    actor.fill("Frist Brigade")
    form.get_by_role("button", name="Record the area").click()
    expect(form.locator("[data-field=actor] .wrong")).to_contain_text("not in the register")
    actor.fill("First Brigade")
    expect(foreseen.locator("tbody tr")).to_have_count(2)
    expect(foreseen).to_contain_text("Water Aid Group")
    expect(
        form.get_by_role("button", name="Record the area, open 1 overlap")
    ).to_be_visible()  # its other one is a place more of a row that there is
    form.locator("[name=name]").fill("Crossing post")
    form.locator("[name=positioning]").select_option("checkpoint")
    form.locator("[name=reliability]").select_option("C")
    form.get_by_role("button", name="Record the area").click()
    drawer = page.locator("#drawer")
    expect(drawer).to_contain_text("Crossing post")
    expect(drawer).to_contain_text("Checkpoint")
    sql = """SELECT a.version, p.handling::text, (SELECT count(*) FROM facts.overlap AS o WHERE a.id IN (o.area_a, o.area_b))
        FROM facts.area AS a JOIN facts.area_part AS p ON p.area_id = a.id WHERE a.name = 'Crossing post'"""
    assert stored(engine, sql) == [(1, "AMBER", 2)]  # Water Aid Group until June, Late Comers from July
    drawer.get_by_role("button", name="Correct").click()
    form.locator("[name=period_end]").fill("2025-12-31")
    expect(foreseen).to_contain_text("1 overlap would end: OV-")  # the other row has its first place still
    form.get_by_role("button", name="Save the correction").click()
    expect(form).to_be_hidden()
    assert stored(engine, sql) == [(2, "AMBER", 0)]
    assert wrong == []


def test_a_constraint_lies_along_a_line_or_at_a_place(heard: tuple, address: str, engine: Engine) -> None:
    page, wrong = heard
    for way, corners, kind in (
        ("Along a road or way", "5.30, 10.30\n5.40, 10.40", "MULTILINESTRING"),
        ("A place", "", "POINT"),
    ):
        form = begun(page, address, "Access constraint")
        form.get_by_role("button", name=way).click()
        if corners:
            page.locator("#corner-lines").fill(corners)
            expect(form.locator("[data-field=geometry]")).to_contain_text("2 corners")
        else:
            form.locator("[name=place]").fill("5.35, 10.35")
            form.locator("[name=place]").press("Enter")
            expect(form.locator("[data-field=geometry]")).to_contain_text("5.35000")
        form.locator("[name=category]").select_option("interference")
        form.locator(".chips label", has_text="Moderate").click()
        form.locator("[name=name]").fill(kind)
        expect(form.locator("[name=reported_on]")).to_have_value("2026-10-18")
        form.get_by_role("button", name="Record the access constraint").click()
        expect(page.locator("#drawer")).to_contain_text(kind)
        sql = f"SELECT GeometryType(geom), severity FROM facts.access_constraint WHERE name = '{kind}'"
        assert stored(engine, sql) == [(kind, 2)]  # Moderate is 2 of 0 to 5
    assert wrong == []


def test_an_arrangement_that_must_end_says_so_beside_the_field(heard: tuple, address: str) -> None:
    page, wrong = heard
    form = begun(page, address, "Arrangement")
    page.locator("#corner-lines").fill("5.30, 10.30\n5.40, 10.30\n5.40, 10.40")
    expect(form.locator("[data-field=geometry]")).to_contain_text("3 corners")
    form.locator("[name=name]").fill("Pause")
    form.locator("[name=arrangement_type]").select_option("humanitarian_pause")
    form.get_by_role("button", name="Record the arrangement").click()
    expect(form.locator("[data-field=period_end] .wrong")).to_have_text("To is required.")
    form.locator("[name=period_end]").fill("2026-10-20")
    expect(form.locator(".foot-message")).to_be_empty()
    form.get_by_role("button", name="Record the arrangement").click()
    expect(page.locator("#drawer")).to_contain_text("Humanitarian pause")
    assert wrong == []


def test_a_road_is_chosen_by_a_click_and_reported_on(
    heard: tuple, address: str, engine: Engine, gridded: Callable
) -> None:
    assert gridded("roads", [road("Trunk", (3, 3), (5, 3))], "roads.geojson").landed
    page, wrong = heard
    form = begun(page, address, "Road report")
    page.locator(".folium-map").focus()
    ((lon, lat),) = stored(
        engine, "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) AS p FROM facts.road) AS r"
    )
    page.evaluate(
        """([lat, lon, from]) => import(`${from}/map/tiles.js`).then(({ mounted }) => mounted)
            .then(({ map }) => map.setView([lat, lon], 12, { animate: false }))""",
        [lat, lon, assets.address()],
    )
    page.keyboard.press("Space")
    expect(form.locator("[data-field=road_id] .hint-line")).to_contain_text("Trunk")
    form.locator(".chips label", has_text="Closed").click()
    form.get_by_role("button", name="Record the road report").click()
    expect(page.locator("#drawer")).to_contain_text("Closed")
    assert stored(engine, "SELECT op_status, observed_on::text FROM facts.road_report") == [("closed", "2026-10-18")]
    assert wrong == []


def test_every_form_fits_a_phone(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    for title in ["Area of operation", "Risk zone", "Incident", *OTHERS]:
        form = begun(page, address, title)
        form.get_by_role("button", name="The whole screen for the form").click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, title
        assert form.locator("form").evaluate("e => e.scrollWidth <= e.clientWidth"), title
        mended_one_by_one(form)
    page.close()


def mended_one_by_one(form: Locator) -> None:
    """Empty what is filled in already, send, then mend each field that is named: its words go, and it out of the count. What is
    pointed at on the map stays, which lies under the form here."""
    for box in form.locator("[data-field] :is(input[type=text], input[type=date], textarea):visible").all():
        box.fill("")
    form.locator("button.primary").last.click()
    said = form.locator("[data-field]:has(> .wrong[data-said])")
    expect(said.first).to_be_visible()
    named = [each.get_attribute("data-field") or "" for each in said.all()]
    left = len(named)
    for name in named:
        expect(form.locator(".foot-message")).to_have_text(f"{left} field{'s' * (left > 1)} to mend.")
        home = form.locator(f"[data-field={name}]")
        if name in ("geometry", "road"):
            continue
        if home.locator("[name=grades]").count():
            home.locator("[name=grades]").first.check(force=True)  # under its cell of the matrix
        elif home.locator(".chips label").count():
            home.locator(".chips label").first.click()
        elif home.locator("select").count():
            home.locator("select").first.select_option(index=1)
        elif home.locator("input[type=date]").count():
            home.locator("input[type=date]").first.fill("2026-10-18")
        else:
            home.locator("input, textarea").first.fill("Word")
        expect(home.locator(":scope > .wrong[data-said]")).to_have_count(0)
        left -= 1
    assert named and left == len({"geometry", "road"} & set(named))
    expect(form.locator(".foot-message")).to_have_text(f"{left} field{'s' * (left > 1)} to mend." if left else "")


def test_a_reading_room_is_offered_nothing_to_write(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/map?audience=hct")
    expect(page.locator("#tools button")).to_have_count(1)
    page.keyboard.press("m")
    assert page.locator("#form").is_hidden()
    page.close()
