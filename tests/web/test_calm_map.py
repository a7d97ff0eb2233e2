"""Calm at first sight: what says little is off and told, markers are counted, no word lies under a tool, few requests."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from geoapp.draw import assets
from tests.gridland import INCIDENTS, area, incident, square

MAP = f"import('{assets.address()}/map/tiles.js').then((m) => m.mounted)"
"""The map of the page: Leaflet's, its tiles and its labels."""
BOTH = re.compile("(First|Second|Water) Aid Group and (First|Second|Water) Aid Group")
SHARED = "datetime=2026-01-01/2026-06-30&at=9/5.3/10.3"


@pytest.fixture(params=[(1366, 800), (390, 844)], ids=["desk", "phone"])
def seen(request: pytest.FixtureRequest, browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    width, height = request.param
    page = browser.new_page(viewport={"width": width, "height": height})
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page, wrong
    page.close()


def test_overlaps_of_civil_actors_are_off_and_told(browser: Browser, address: str, gridded: Callable) -> None:
    partners = [area(name, name, "civil", square(2, 2, 3, 3)) for name in ("First Aid Group", "Second Aid Group")]
    assert gridded("areas", partners, source="partners").landed
    page = browser.new_page(viewport={"width": 1366, "height": 800})
    page.goto(f"{address}/map?{SHARED}", wait_until="networkidle")
    line = page.locator("#layer-list label.legend-line").filter(has_text="Civil – civil")
    expect(line.locator("input")).not_to_be_checked()
    off = int(line.locator(".count").inner_text())
    assert off > 0
    expect(page.locator("#layer-list")).to_contain_text(f"{off} of these not drawn: Civil – civil.")
    expect(page.locator("#counts")).to_contain_text(f"({off} not drawn)")
    rule = "({ tiles }) => [!!tiles.shownRule('overlaps', { domains: 'civil|civil' }), !!tiles.shownRule('overlaps', { domains: 'civil|military' })]"
    assert page.evaluate(f"{MAP}.then({rule})") == [False, True]
    # a click and the table tell of what is drawn, and of nothing else
    drawer = page.locator("#drawer")
    inside = "{ lat: 5.45, lng: 10.45 }"
    click = f"{MAP}.then(({{ map }}) => map.fire('click', {{ latlng: {inside}, containerPoint: map.latLngToContainerPoint({inside}) }}))"
    page.evaluate(click)
    drawer.get_by_text("All records here").or_(drawer.locator(".found, .state")).first.wait_for()
    assert not BOTH.search(drawer.inner_text())
    page.locator("#in-view").click()
    drawer.locator(".in-view").wait_for()
    assert not BOTH.search(drawer.inner_text())
    calm = drawer.locator(".in-view tbody tr").count()
    line.locator("input").check()
    expect(page.locator("#layer-list")).not_to_contain_text("of these not drawn")
    page.locator("#in-view").click()
    drawer.locator(".in-view").get_by_text(BOTH).first.wait_for()
    assert drawer.locator(".in-view tbody tr").count() > calm
    page.evaluate(click)
    expect(drawer).to_contain_text(BOTH)
    page.keyboard.press("Escape")
    assert "classes=overlaps:civil|civil" in page.evaluate("decodeURIComponent(location.search)")
    page.reload(wait_until="networkidle")
    assert page.evaluate(f"{MAP}.then({rule})") == [True, True]
    page.get_by_role("button", name="Reset").click()
    assert "classes=" not in page.url
    page.close()


def test_no_word_lies_under_a_tool(seen: tuple, address: str) -> None:
    page, wrong = seen
    for view in ("at=8/5.3/10.3", "at=9/5.3/10.3", "at=10/5.5/10.5"):
        page.goto(f"{address}/map?datetime=2026-01-01/2026-06-30&{view}", wait_until="networkidle")
        # names come after the shapes that they stand on, and no request tells when they are drawn
        written, under = page.evaluate(f"""{MAP}.then(async ({{ labels }}) => {{
            for (let waits = 0; waits < 100 && !(labels.draw(), labels.written.length); waits += 1) {{
                await new Promise((resolve) => setTimeout(resolve, 200));
            }}
            const over = labels.covered();
            const meet = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
            return [labels.written.length, labels.written.filter((box) => over.some((each) => meet(box, each))).length];
        }})""")
        assert written > 0, view
        assert under == 0, view
    assert wrong == []


def test_markers_on_one_another_are_one_disc_with_their_number(
    browser: Browser, address: str, gridded: Callable
) -> None:
    rows = [incident(700 + n, "2026-03-01", 3, 3) for n in range(12)]
    text = "\n".join([INCIDENTS.split("\n")[0], *rows])
    assert gridded("incidents", text, "more.csv", source="crowd", handling="GREEN").created == 12
    page = browser.new_page(viewport={"width": 1366, "height": 800})
    page.goto(f"{address}/map?{SHARED}&layers=incidents", wait_until="networkidle")
    page.wait_for_timeout(500)
    found: dict[str, Any] = page.evaluate(f"""{MAP}.then(({{ tiles, labels }}) => {{
        labels.draw();
        const ids = new Set([...tiles.features("incidents")].map(([feature]) => feature.props._id));
        const grouped = labels.clusters.map((each) => each.found.length);
        const most = labels.clusters.toSorted((a, b) => b.found.length - a.found.length)[0];
        return {{ ids: ids.size, grouped, at: [most.x - 120, most.y - 120] }};
    }})""")
    assert max(found["grouped"]) >= 12
    assert sum(found["grouped"]) <= found["ids"]
    box = page.locator("#map .folium-map").bounding_box()
    before = page.evaluate(f"{MAP}.then(({{ map }}) => map.getZoom())")
    page.mouse.click(box["x"] + found["at"][0], box["y"] + found["at"][1])
    page.wait_for_timeout(1500)
    closer = page.evaluate(f"{MAP}.then(({{ map }}) => map.getZoom())")
    assert closer > before or page.locator("#drawer h2").is_visible()
    page.close()


def test_the_first_view_is_thirty_requests_and_300_kb_at_most(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1366, "height": 800})
    asked: list[Any] = []
    page.on("requestfinished", lambda request: asked.append(request))
    page.goto(f"{address}/map?datetime=2026-01-01/2026-06-30", wait_until="networkidle")
    page.wait_for_timeout(1000)
    bodies = sum(request.sizes()["responseBodySize"] for request in asked)
    assert len(asked) <= 30, [request.url for request in asked]
    assert bodies <= 300_000
    assert not any(
        name in request.url for request in asked for name in ("/forms/", "drawer.js", "overlap.js", "inspect.js")
    )
    page.close()
