"""Files and help, from every page, at a desk and on a phone: the address of a file asks what the page asks."""

import csv
import io
import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from web.pages import PAGES


@pytest.fixture(params=[(1366, 800), (390, 844)], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    width, height = request.param
    made = browser.new_page(viewport={"width": width, "height": height})
    problems: list[str] = []
    made.on("pageerror", lambda error: problems.append(str(error)))
    yield made
    made.close()
    assert not problems


def taken(page: Page) -> tuple[str, dict[str, list[str]]]:
    parts = urlsplit(page.locator("#take").get_attribute("href"))
    return parts.path.rsplit("/", 1)[1], parse_qs(parts.query)


def test_what_is_listed_is_what_is_exported(page: Page, address: str) -> None:
    page.goto(f"{address}/overlaps?relation=civil_military")
    expect(page.locator("#counted")).to_contain_text("listed")
    page.get_by_role("button", name="Export what is listed").click()
    page.locator("#files").get_by_text("CSV").click()
    name, asked = taken(page)
    assert name == "overlaps.csv"
    assert asked["relation"] == ["civil_military"]
    told = int(page.locator("#take").inner_text().split(", ")[1].split()[0])
    body = page.request.get(page.locator("#take").evaluate("link => link.href")).text()
    assert len(list(csv.reader(io.StringIO(body)))) - 2 == told > 0
    page.keyboard.press("Escape")
    page.locator("#tab-gaps").click()
    expect(page.locator("#counted")).to_contain_text("gap")
    page.get_by_role("button", name="Export what is listed").click()
    assert taken(page)[0] == "gaps.csv"


@pytest.mark.parametrize("name", [each.name for each in PAGES])
def test_every_page_has_files_and_help(page: Page, address: str, name: str) -> None:
    path = next(each.path for each in PAGES if each.name == name)
    page.goto(f"{address}/{path}?audience=cmwg_mixed&as_of=2026-10-17")
    page.locator("#open-files").click()
    files = page.locator("#files")
    expect(files).to_contain_text("What this room does not get")
    expect(files.locator(".held")).to_contain_text("Sites")
    files.get_by_text("Everything").click()
    file, asked = taken(page)
    assert file == "all.gpkg"
    assert asked == {"audience": ["cmwg_mixed"], "as_of": ["2026-10-17"]}
    page.keyboard.press("Escape")
    expect(files).not_to_be_visible()
    page.locator("#open-help").click()
    expect(page.locator("#help")).to_contain_text("How to read it")
    expect(page.locator("#help")).to_contain_text("A tour of five minutes")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    page.keyboard.press("Escape")
    expect(page.locator("#help")).not_to_be_visible()
    assert page.evaluate("document.activeElement.id") == "open-help"


def test_the_view_of_the_map_is_its_layers_frame_and_days(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1366, "height": 800})
    page.goto(f"{address}/map?datetime=2026-02-01/2026-05-31&at=9/5.3/10.3&layers=overlaps,risk_zones")
    page.keyboard.press("f")
    expect(page.locator("#take")).to_be_visible()
    name, asked = taken(page)
    assert name == "overlaps,risk_zones.gpkg"
    assert asked["datetime"] == ["2026-02-01/2026-05-31"]
    west, south, east, north = map(float, asked["bbox"][0].split(","))
    assert west < 10.3 < east
    assert south < 5.3 < north
    assert page.request.get(page.locator("#take").evaluate("link => link.href")).ok
    page.get_by_label("Grid").select_option("mgrs")
    expect(page.locator("#print-view")).to_have_attribute("href", re.compile("grid=mgrs"))
    page.keyboard.press("Escape")
    # a letter that is written in a field of what was closed is no command
    expect(page.locator("#open-files")).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.close()


def test_the_pages_of_the_tour_are_there(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1366, "height": 800})
    page.goto(f"{address}/overlaps")
    links = page.locator("#help .tour a").evaluate_all("links => links.map((link) => link.href)")
    assert len(links) == 6
    assert [page.request.get(link).status for link in links] == [200] * 6
    page.close()
