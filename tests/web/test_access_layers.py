"""What the map says beside hazards and constraints, read in a real browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.gridland import square
from tests.ingest.test_access_facts import CONSTRAINTS
from tests.layers.test_access import FREE


@pytest.fixture
def page(browser: Browser, gridded: Callable) -> Iterator[tuple[Page, list[str]]]:
    """A page of Gridland with two hazard areas and a constraint, and everything that went wrong on it."""
    area = [
        (square(n, 0), {"id": f"H{n}", "type": "SHA", "status": state}) for n, state in enumerate(("open", "reduced"))
    ]
    assert gridded("hazards", area).landed
    assert gridded("constraints", f"{CONSTRAINTS}\nhostilities,4,2026-09-01,,GD0044,,,,C1", "constraints.csv").landed
    opened = browser.new_page(viewport={"width": 1440, "height": 900})
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    yield opened, wrong
    opened.close()


def test_hazards_are_never_shown_without_saying_what_no_polygon_means(page: tuple, address: str) -> None:
    tab, wrong = page
    tab.goto(f"{address}/map?layers=hazards,access_severity&at=9/5.3/10.3", wait_until="networkidle")
    assert FREE in tab.inner_text(".map-foot .note")
    tab.click("#layer-hazards-more")
    expect(tab.locator("#layer-hazards-open .legend-line", has_text="Suspected, open")).to_contain_text("1")  # counted
    lines = tab.locator("#layer-hazards-open .legend-line").all_inner_texts()
    assert [" ".join(line.split()) for line in lines if not line.endswith("0")] == [
        "Suspected, open 1",
        "Suspected, reduced 1",
    ]
    assert len(lines) == 8
    tab.keyboard.press("t")
    tab.wait_for_selector("#drawer table")
    assert FREE in tab.inner_text("#drawer .drawer-foot")
    assert "Access severity by district" in tab.inner_text("#drawer table")
    tab.uncheck("#layer-hazards")
    assert FREE not in tab.inner_text(".map-foot .note")
    assert "No constraint recorded does not mean that there is access." in tab.inner_text(".map-foot .note")
    assert wrong == []


def test_a_room_is_told_that_constraints_are_withheld(page: tuple, address: str) -> None:
    tab, wrong = page
    tab.goto(f"{address}/map?audience=cmwg_mixed&layers=access_constraints,access_severity", wait_until="networkidle")
    expect(tab.locator(".layer-line.withheld", has_text="Access severity by district")).to_be_visible()
    lines = tab.locator(".layer-line.withheld").all_inner_texts()
    told = {line.split("\n")[0].strip() for line in lines}
    assert told >= {
        "Constraints on access",
        "Areas with a constraint",
        "Roads with a constraint",
        "Access severity by district",
    }
    assert wrong == []
