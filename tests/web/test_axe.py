"""Can the pages be used without eyes and without a mouse, as far as a program can tell? axe-core finds nothing serious."""

import pytest
from playwright.sync_api import Browser

from tests.js.__main__ import TOOLS, fetch
from web.pages import PAGES

FOUND = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations
    .filter((each) => ["serious", "critical"].includes(each.impact))
    .map((each) => `${each.id}: ${each.nodes.map((node) => node.target).join(" · ")}`)"""


@pytest.fixture(scope="module")
def axe() -> str:
    fetch()
    return (TOOLS / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("size", [(1366, 800), (390, 844)], ids=["desk", "phone"])
def test_nothing_serious_is_found_on_a_page(browser: Browser, address: str, axe: str, size: tuple[int, int]) -> None:
    page = browser.new_page(viewport={"width": size[0], "height": size[1]})
    for each in PAGES:
        page.goto(f"{address}/{each.path}", wait_until="networkidle")
        page.evaluate(axe)
        assert page.evaluate("axe.version") == "4.10.3"
        assert page.evaluate(FOUND) == [], each.name
    page.close()


def test_nothing_serious_is_found_when_something_is_open(browser: Browser, address: str, axe: str) -> None:
    page = browser.new_page(viewport={"width": 1366, "height": 800})
    page.goto(f"{address}/map?datetime=2026-01-01/2026-06-30&at=9/5.3/10.3", wait_until="networkidle")
    page.evaluate(axe)
    for key, shown in (("t", "#drawer .in-view"), ("f", "#files h2"), ("?", "#help h2")):
        page.keyboard.press(key)
        page.locator(shown).first.wait_for()
        assert page.evaluate(FOUND) == [], key
    page.close()
