"""Drawing on the map: corners are put on what lies beside, borders are followed and shared, a shape is cut, joined, widened."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import Engine

from geoapp.draw import assets
from tests.gridland import square
from tests.web.test_record_forms import begun, stored


@pytest.fixture
def heard(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page, wrong
    page.close()


def click(page: Page, lat: float, lon: float, off: tuple[int, int] = (0, 0)) -> None:
    """A click on the map so many pixels off a place, by the page's own map."""
    at = page.evaluate(
        """async ([lat, lon, from]) => {
            const { map } = await (await import(`${from}/map/tiles.js`)).mounted;
            const { x, y } = map.latLngToContainerPoint([lat, lon]);
            const box = map.getContainer().getBoundingClientRect();
            return [box.x + x, box.y + y];
        }""",
        [lat, lon, assets.address()],
    )
    page.mouse.move(at[0] + off[0], at[1] + off[1])
    page.mouse.click(at[0] + off[0], at[1] + off[1])


def closer(page: Page) -> None:
    """So close that the handles of a district's corners lie apart."""
    page.evaluate(
        """async (from) => (await (await import(`${from}/map/tiles.js`)).mounted)
            .map.setView([5.35, 10.35], 11, { animate: false })""",
        assets.address(),
    )


def drawn(page: Page, engine: Engine) -> list[Any]:
    sql = """SELECT ST_AsText(f.geom), f.subject FROM facts.hazard_area AS h
        JOIN facts.footprint AS f ON f.operation_id = h.operation_id AND f.id = h.footprint_id
        WHERE h.source_key LIKE 'hand-%' ORDER BY h.id DESC LIMIT 1"""
    page.locator("#form .chips label", has_text="Suspected").click()
    page.get_by_role("button", name="Record the hazard area").click()
    expect(page.locator("#form")).to_be_hidden()
    return stored(engine, sql)


def snapping(page: Page) -> Locator:
    return page.locator("#bar button", has_text="Snap")


def test_corners_snap_to_districts_and_their_border_is_shared_to_the_last_digit(
    heard: tuple, address: str, engine: Engine
) -> None:
    page, wrong = heard
    begun(page, address, "Hazard area")
    expect(snapping(page)).to_have_attribute(
        "title", "snaps to what lies beside; S, or Alt held down, leaves corners where they are put"
    )
    # near three corners of the district 3-3 and on two of its edges: what is stored is that district's own footprint
    for lat, lon, off in ((5.3, 10.3, (6, -5)), (5.3, 10.4, (-6, 4)), (5.4, 10.4, (5, 5)), (5.4, 10.3, (-4, -6))):
        click(page, lat, lon, off)
    expect(page.locator("#bar")).to_contain_text("4 corners · 123 km²")
    page.keyboard.press("Enter")
    expect(page.locator("#bar")).to_contain_text("drag a corner")
    assert drawn(page, engine)[0][1] == "boundaries"
    # without it a corner stays where it is put
    begun(page, address, "Hazard area")
    expect(snapping(page)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("s")
    expect(snapping(page)).to_have_attribute("aria-pressed", "false")
    click(page, 5.3, 10.3, (6, -5))
    page.keyboard.press("s")
    expect(snapping(page)).to_have_attribute(
        "title", "snaps to what lies beside; S, or Alt held down, leaves corners where they are put"
    )
    click(page, 5.35, 10.4, (5, 0))
    click(page, 5.4, 10.35, (0, -5))
    page.keyboard.press("Enter")
    # along the border of that district, whose corner lies between
    expect(page.locator("#bar")).to_contain_text("4 corners")
    ((shape, subject),) = drawn(page, engine)
    assert subject == "hazards"
    assert "10.4 5.4" in shape and "10.3 5.3," not in shape
    assert wrong == []


def test_a_shape_is_cut_joined_and_widened_by_mouse_and_by_keys(heard: tuple, address: str, engine: Engine) -> None:
    page, wrong = heard
    form = begun(page, address, "Hazard area")
    shape = form.locator("[data-field=geometry]")
    said = shape.locator("[role=status]")
    closer(page)
    page.locator("#corner-lines").fill("5.30, 10.30\n5.30, 10.40\n5.40, 10.40\n5.40, 10.30")
    expect(shape).to_contain_text("4 corners · 123 km²")
    shape.get_by_role("button", name="Cut", exact=True).press("Enter")
    shape.get_by_role("button", name="Along a line").last.press("Enter")
    click(page, 5.32, 10.28)
    click(page, 5.32, 10.42)
    page.keyboard.press("Enter")
    expect(shape).to_contain_text("2 pieces")
    shape.get_by_role("button", name="Keep 98 km²").press("Enter")
    expect(said).to_have_text("The piece of 98 km² was kept.")
    shape.get_by_role("button", name="Merge").press("Enter")
    shape.get_by_label("District").fill("Square 4-3")
    shape.get_by_label("District").press("Enter")
    expect(said).to_have_text("122.6 km² were added.")
    shape.get_by_role("button", name="Cut", exact=True).press("Enter")
    shape.get_by_role("button", name="All but what lies in a record").press("Enter")
    click(page, 5.35, 10.45)
    shape.get_by_role("button", name="Keep what lies in Square 4-3").press("Enter")
    expect(said).to_contain_text("97.8 km² outside of it were taken away.")
    shape.get_by_role("button", name="Buffer").press("Enter")
    shape.get_by_label("Metres").fill("-20000")
    shape.get_by_label("Metres").press("Enter")
    expect(shape.locator(".wrong")).to_contain_text("Nothing would be left of it.")
    page.locator("#bar").get_by_role("button", name="Undo").click()
    page.locator("#bar").get_by_role("button", name="Undo").click()
    expect(shape).to_contain_text("4 corners · 98 km²")
    shape.get_by_role("button", name="A district or record").press("Enter")
    shape.get_by_label("District").fill("Square 4-3")
    shape.get_by_label("District").press("Enter")
    expect(shape).to_contain_text("4 corners · 123 km²")
    assert drawn(page, engine)[0][1] == "boundaries", "the district's own shape"
    assert square(4, 3)["coordinates"][0][0] == [10.4, 5.3]
    assert wrong == []


def test_what_is_saved_without_a_connection_is_sent_once_when_it_is_back(
    heard: tuple, address: str, engine: Engine
) -> None:
    page, wrong = heard
    form = begun(page, address, "Site")
    form.locator("[name=name]").fill("Well at the ford")
    form.locator("[name=place]").fill("5.35, 10.35")
    form.get_by_role("button", name="Find").click()
    expect(form.locator("[data-field=geometry]")).to_contain_text("5.35000, 10.35000")
    page.context.set_offline(True)
    form.get_by_role("button", name="Record the site").click()
    note = page.locator(".outbox")
    expect(note).to_contain_text("1 record kept in this browser, sent when the connection is back.")
    expect(form).to_be_hidden()
    page.context.set_offline(False)
    expect(note).to_contain_text("Site Well at the ford was sent and is recorded.")
    sql = "SELECT name, version FROM facts.site WHERE source_key LIKE 'hand-%'"
    assert stored(engine, sql) == [("Well at the ford", 1)]
    # the answer to the next one is lost, and the page is left: it is there once, as it was written last
    form = begun(page, address, "Site")
    form.locator("[name=name]").fill("Second well")
    form.locator("[name=place]").fill("5.36, 10.36")
    form.get_by_role("button", name="Find").click()
    expect(form.locator("[data-field=geometry]")).to_contain_text("5.36000, 10.36000")

    def lost(route: Any) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/collections/sites/items?*", lost)
    form.get_by_role("button", name="Record the site").click()
    expect(note).to_contain_text("1 record kept in this browser")
    page.unroute("**/collections/sites/items?*")
    page.reload()
    expect(note).to_contain_text("Site Second well was sent and is recorded.")
    assert stored(engine, f"{sql} ORDER BY id") == [("Well at the ford", 1), ("Second well", 2)]
    # what somebody else has changed meanwhile is not overwritten
    page.evaluate("document.querySelector('.outbox button.bare')?.click()")
    page.goto(
        f"{address}/map?at=9/5.35/10.35&layers=sites&open=sites/{stored(engine, 'SELECT max(id) FROM facts.site')[0][0]}"
    )
    page.locator("#drawer").get_by_role("button", name="Correct").click()
    form.locator("[name=status]").fill("closed")
    page.context.set_offline(True)
    form.get_by_role("button", name="Save the correction").click()
    expect(note).to_contain_text("1 record kept")
    stored(engine, "UPDATE facts.site SET status = 'open' WHERE name = 'Second well' RETURNING id")
    page.context.set_offline(False)
    expect(note).to_contain_text("somebody else changed it meanwhile")
    note.get_by_role("button", name="Open it").click()
    form.get_by_role("button", name="Save the correction").click()
    expect(form.locator(".conflict")).to_contain_text("closed")
    assert wrong == []
