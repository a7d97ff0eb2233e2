"""Then and now in a browser: two maps that move together, a list whose numbers tie both, and play that shows what is already here."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text

from geoapp import db
from tests.gridland import area, square


@pytest.fixture
def then(engine: Engine, gridded: Callable) -> str:
    """The moment before a dozen changes to Gridland, as the address writes it."""
    long = {"date_from": "2026-01-01", "date_to": "2026-12-31"}
    first = [area("e0", "Clinic", "civil", square(8, 1), **long), area("e1", "Depot", "civil", square(8, 3), **long)]
    assert gridded("areas", first, "a.geojson").landed
    with db.transaction(engine, db.Context("grid")) as connection:
        moment: str = connection.execute(text("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')")).scalar_one()  # fmt: skip
    more = [
        area("e0", "Clinic", "civil", square(8, 2), **long),
        area("e1", "Depot", "civil", square(8, 3), **long | {"date_to": "2026-10-05"}),
        area("e2", "Patrol", "military", square(0, 0, 2, 2), **long | {"date_from": "2026-10-10"}),
        area("e3", "<b>Guard</b>", "military", square(3, 3), **long | {"date_from": "2026-08-01"}),
    ]
    assert gridded("areas", more, "b.geojson").landed
    return moment


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    made = browser.new_page(viewport={"width": 1440, "height": 900})
    wrong: list[str] = []
    made.on("pageerror", lambda error: wrong.append(str(error)))
    made.on("response", lambda answer: wrong.append(answer.url) if answer.status >= 400 else None)
    made.on("request", lambda asked: wrong.append(asked.url) if urlsplit(asked.url).hostname not in ("127.0.0.1", None) else None)  # fmt: skip
    yield made
    made.close()
    assert wrong == []


def opened(page: Page, address: str, then: str, more: str = "") -> None:
    page.goto(f"{address}/then-and-now?then={then}&then_on=2026-10-01{more}")
    expect(page.locator("#changes .change").first).to_be_visible()
    expect(page.locator("#changes")).to_have_attribute("aria-busy", "false")


def row(page: Page, words: str) -> Any:
    return page.locator(".change").filter(has_text=words)


def test_what_happened_and_what_was_learned_stand_apart(page: Page, address: str, then: str) -> None:
    opened(page, address, then)
    overlaps = page.locator("section.changed").filter(has=page.get_by_role("heading", name="overlaps"))
    expect(overlaps.locator(".sum")).to_have_text("0 + 2 = 2")
    expect(overlaps.locator(".apart")).to_have_text(["Happened between", "Only learned"])
    areas = page.locator("section.changed").filter(has=page.get_by_role("heading", name="areas of operation"))
    expect(areas.locator(".sum")).to_have_text("3 + 2 − 1 = 4")
    expect(areas.locator("ul").first).to_contain_text("Patrol")
    expect(areas.locator("ul").last).to_contain_text("<b>Guard</b>")
    expect(row(page, "<b>Guard</b>").filter(has_not_text="OV-")).to_contain_text("true since 1 Aug 2026, learned")
    expect(row(page, "Depot")).to_contain_text("To: 31 Dec 2026 → 5 Oct 2026")
    expect(page.locator(".then .side-counts")).to_have_text("0 overlaps · 1 risk zone")
    expect(page.locator(".now .side-counts")).to_have_text("2 overlaps · 1 risk zone")
    expect(page.locator("#stamp")).to_contain_text("cannot be changed")
    assert page.locator(".then .tools-rail").count() == 0
    # the same day leaves what was learned
    page.get_by_text("Same day, then and now").click()
    expect(page.locator(".apart").filter(has_text="Happened between")).to_have_count(0)
    expect(page.locator("#changes h2")).to_have_text("What was learned of 18 Oct 2026")
    asked = parse_qs(urlsplit(page.url).query)
    assert asked["days"] == ["same"] and asked["then"] == [then]


def test_numbers_tie_the_list_to_both_maps(page: Page, address: str, then: str) -> None:
    opened(page, address, then)
    for words, before, after in (("Patrol", "gone", "here"), ("Depot", "here", "gone"), ("Clinic", "here", "here")):
        n = row(page, words).last.get_attribute("data-n")
        for side, there in (("then", before), ("now", after)):
            disc = (
                page.locator(f".side-of.{side} .leaflet-marker-icon.tie")
                .filter(has_text=n)
                .and_(page.get_by_text(n or "", exact=True))
            )
            expect(disc).to_have_count(1)
            assert ("gone" in (disc.get_attribute("class") or "")) == (there == "gone"), (words, side)
    # a record that has moved is outlined where it was; only changes outlines the others too
    expect(page.locator(".side-of.now .leaflet-overlay-pane canvas.leaflet-zoom-animated").first).to_be_attached()
    row(page, "Depot").click()
    expect(page).to_have_url(re.compile("at=11/"))


def test_both_maps_show_one_extent_whichever_is_moved(page: Page, address: str, then: str) -> None:
    opened(page, address, then, "&at=9/5.5/10.5")
    for side in ("now", "then"):
        before = page.url
        box = page.locator(f".side-of.{side} .folium-map").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] / 2 - 90, box["y"] + box["height"] / 2 - 60, steps=6)
        page.mouse.up()
        expect(page).not_to_have_url(before)
        places = page.evaluate(
            """() => ["then", "now"].map((side) => [...document.querySelectorAll(`.side-of.${side} canvas.leaflet-tile`)]
                .map((tile) => { const map = tile.closest(".folium-map").getBoundingClientRect(), box = tile.getBoundingClientRect();
                    return [Math.round(box.x - map.x), Math.round(box.y - map.y)]; }))"""
        )
        alike = [(a, b) for a in places[0] for b in places[1] if max(abs(a[0] - b[0]), abs(a[1] - b[1])) <= 1]
        assert alike, f"no tile of one map lies where one of the other does, to the pixel: {side}, {places}"


def test_it_asks_for_the_tiles_of_each_moment(page: Page, address: str, then: str) -> None:
    tiles: list[dict[str, list[str]]] = []
    page.on(
        "request", lambda asked: tiles.append(parse_qs(urlsplit(asked.url).query)) if "/tiles/" in asked.url else None
    )
    with page.expect_request(lambda asked: "/tiles/" in asked.url and "as_of=" in asked.url):
        opened(page, address, then)
    page.wait_for_load_state("networkidle")
    assert {(each.get("as_of", [""])[0][:16], each["datetime"][0]) for each in tiles} == {
        (then[:16], "2026-10-01/2026-10-01"), ("", "2026-10-18/2026-10-18"),
    }  # fmt: skip


def test_swipe_and_only_changes_are_one_click_away_and_in_the_address(page: Page, address: str, then: str) -> None:
    opened(page, address, then)
    page.get_by_text("Swipe").click()
    slider = page.get_by_role("slider", name="How much of the earlier map")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    assert page.locator("#sides").evaluate("each => each.style.getPropertyValue('--swipe')") == "49%"
    left, right = (page.locator(f".side-of.{side}").bounding_box() for side in ("then", "now"))
    assert left == right, "one lies over the other"
    page.get_by_text("Only changes").click()
    page.wait_for_load_state("networkidle")
    assert parse_qs(urlsplit(page.url).query)["mode"] == ["changes"]
    page.reload()
    expect(page.get_by_role("radio", name="Only changes")).to_be_checked()


def test_on_a_phone_one_map_and_the_list_below(browser: Browser, address: str, then: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    opened(page, address, then)
    expect(page.locator(".side-of.now")).to_be_visible()
    expect(page.locator(".side-of.then")).to_be_hidden()
    page.locator(".which").get_by_text("Then").click()
    expect(page.locator(".side-of.then")).to_be_visible()
    expect(page.locator(".side-of.now")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    row(page, "Patrol").last.scroll_into_view_if_needed()
    for box in (each.bounding_box() for each in page.locator(".switches label:visible").all()):
        assert box is not None and box["height"] >= 44
    page.close()


def test_it_opens_from_the_map_with_the_days_that_were_chosen(page: Page, address: str, then: str) -> None:
    page.goto(f"{address}/map?audience=internal&datetime=2026-09-24/2026-10-10&at=9/5.5/10.5")
    page.get_by_role("link", name="Then and now").click()
    page.wait_for_url("**/then-and-now?**")
    asked = parse_qs(urlsplit(page.url).query)
    assert (asked["then"], asked["now_on"], asked["at"]) == (["2026-09-24"], ["2026-10-10"], ["9/5.5000/10.5000"])


def test_a_room_is_shown_what_it_is_told_and_why_not_more(page: Page, address: str, then: str) -> None:
    page.goto(f"{address}/then-and-now?then={then}&audience=public")
    expect(page.locator(".not-told").first).to_contain_text("withheld")
    assert "Patrol" not in page.locator("#changes").inner_text()


def test_play_shows_each_step_when_its_tiles_are_here(page: Page, address: str, then: str) -> None:
    page.goto(f"{address}/map?datetime=2026-01-01/2026-02-28&at=9/5.5/10.5")
    page.wait_for_load_state("networkidle")
    come: list[str] = []
    page.on(
        "response",
        lambda answer: (
            come.append(parse_qs(urlsplit(answer.url).query)["datetime"][0]) if "/tiles/" in answer.url else None
        ),
    )
    page.evaluate(
        """() => { window.shown = []; const replace = history.replaceState.bind(history);
            history.replaceState = (...of) => { const days = new URLSearchParams(of[2].split("?")[1]).get("datetime");
                if (window.shown.at(-1)?.[0] !== days) window.shown.push([days, performance.now(),
                    performance.getEntriesByType("resource").filter((each) => each.name.includes("/tiles/") && decodeURIComponent(each.name).includes(days)).length]);
                replace(...of); }; performance.setResourceTimingBufferSize(5000); }"""
    )
    play = page.get_by_role("button", name="Move the period on, step by step")
    play.focus()
    page.keyboard.press("Enter")
    expect(play).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("datetime=2026-04-01"))
    page.keyboard.press("Enter")
    expect(play).to_have_attribute("aria-pressed", "false")
    shown = page.evaluate("window.shown")
    assert [days for days, *_ in shown[:3]] == [
        "2026-02-01/2026-03-31",
        "2026-03-01/2026-04-30",
        "2026-04-01/2026-05-31",
    ]
    assert all(tiles for _, _, tiles in shown), "the tiles of a step were fetched before it was shown"
    assert all(b[1] - a[1] >= 500 for a, b in zip(shown, shown[1:], strict=False)), "two steps a second at most"
    page.wait_for_load_state("networkidle")
    asked_twice = {days: come.count(days) for days, *_ in shown}
    per_step = set(asked_twice.values())
    assert len(per_step) == 1, json.dumps(asked_twice)
