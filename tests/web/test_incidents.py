"""What is going on: figures, chart, table and hot spots, by keyboard too, on one machine and for each room."""

import csv
import re
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.gridland import HEAD, incident

LINES = [incident(100 + n, f"2026-10-{10 + n}", 7, 7) for n in range(6)]
LINES += [incident(200 + n, f"2026-08-{10 + n}", 1, 1, type="Protests,Peaceful protest") for n in range(3)]
LINES += [incident(300, "2026-10-01", 2, 2, precision=3), incident(301, "2026-09-01", 60, 60)]
LINES += [incident(400 + n, f"2026-06-{10 + n}", 7, 7) for n in range(4)]
"""August to October: six armed clashes in GD0177, three protests in GD0011, one clash known to GD0022 only, one in no
district; four clashes in the three months before."""


@pytest.fixture
def heard(browser: Browser) -> list[str]:
    """Requests that leave the machine, and errors of the page."""
    return []


@pytest.fixture(params=[(1440, 900), (390, 844)], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, heard: list[str]) -> Page:
    made = browser.new_page(viewport={"width": request.param[0], "height": request.param[1]})
    made.on(
        "request", lambda r: None if r.url.startswith(("http://127.0.0.1", "data:", "blob:")) else heard.append(r.url)
    )
    made.on("pageerror", lambda error: heard.append(str(error)))
    return made


@pytest.fixture
def busy(gridded: Callable) -> None:
    report = gridded("incidents", "\n".join([HEAD, *LINES]), "more.csv", source="exercise", handling="GREEN")
    assert report.landed, report.as_dict()


def come(page: Page, where: str) -> None:
    """Open the page, whose figures, list and hot spots come one after the other, and wait for the last of them."""
    page.goto(where, wait_until="networkidle")
    for part in ("#list", "#spots"):
        expect(page.locator(part)).not_to_be_empty()
    expect(page.locator(".skeleton")).to_have_count(0)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
    raise AssertionError(f"Tab never comes to {selector}")


def test_counted_by_hand(page: Page, heard: list[str], busy: None, address: str) -> None:
    come(page, f"{address}/incidents")
    figures = page.locator(".figure b").all_inner_texts()
    assert figures == ["11", "+7", "0", "3"]
    assert "1 without a known place, 1 in no district" in page.locator("#figures").inner_text().replace("\n", " ")
    assert page.locator(".chart .bar").count() == 6
    assert page.locator("#table tbody tr").first.inner_text().split()[:2] == ["Square", "7-7"]
    spot = page.locator(".spot")
    assert spot.count() == 1
    assert [w in spot.inner_text() for w in ("Square 7-7", "6 incidents", "Rising")] == [True] * 3
    assert [w in page.locator("#spots").inner_text() for w in ("At least 5", "10 km", "14 days")] == [True] * 3
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert heard == []


def test_by_keyboard_alone(page: Page, heard: list[str], busy: None, address: str) -> None:
    come(page, f"{address}/incidents")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the skip link to the figures
    tab_to(page, ".chart .bar")
    assert "Oct 2026: 7 incidents; Armed clash 7" in page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert "Aug 2026: 3 incidents; Protest 3" in page.evaluate("document.activeElement.getAttribute('aria-label')")
    page.keyboard.press("Home")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")  # the chart as a table
    rows = page.locator("#chart tbody tr").all_inner_texts()
    assert [r.split("\t")[-1] for r in rows] == ["0", "4", "0", "3", "1", "7"]
    tab_to(page, "[data-sort=change]")
    page.keyboard.press("Enter")
    assert page.locator("#table th[aria-sort=descending]").inner_text().strip() == "Change"
    assert page.evaluate("document.activeElement.dataset.sort") == "change"
    tab_to(page, ".spot")
    page.keyboard.press("Enter")
    assert page.locator(".spot[aria-pressed=true]").count() == 1
    page.wait_for_timeout(800)
    come(page, page.url)
    expect(page.locator(".spot[aria-pressed=true]")).to_have_count(1)  # the address keeps the hot spot
    chosen = page.locator("#list")
    expect(chosen.locator(".chart-head")).to_contain_text(re.compile(r"^Single incidents6 of \d+ of the chosen months"))
    expect(chosen.locator(".list-filters")).to_contain_text("Square 7-7, 6 incidents")
    expect(chosen.locator("tbody tr")).to_have_count(6)
    to_map = chosen.get_by_role("link", name="Show on map").evaluate("link => link.search")
    asked = {name: values[0] for name, values in parse_qs(to_map[1:]).items() if name in ("only", "datetime")}
    counts = page.request.get(f"{address}/counts", params=asked | {"layers": "incidents"}).json()
    assert counts["layers"]["incidents"]["count"] == 6
    page.keyboard.press("Escape")
    expect(page.locator(".spot[aria-pressed=true]")).to_have_count(0)
    assert "spot=" not in page.url
    expect(chosen.locator(".chart-head")).to_contain_text(re.compile(r"(\d+) of \1 of the chosen months"))
    assert page.locator("#table th[aria-sort=descending]").inner_text().strip() == "Change"
    assert heard == []


def test_other_months(page: Page, heard: list[str], busy: None, address: str) -> None:
    come(page, f"{address}/incidents")
    page.locator("[name=months]").select_option("1")
    page.locator("[name=until]").select_option("2026-06")
    expect(page.locator(".figure b").first).to_have_text("4")
    assert "months=1" in page.url
    assert "until=2026-06" in page.url
    page.get_by_text("lie so close in place and time").wait_for()
    page.locator("[name=until]").select_option("2022-01")
    page.get_by_text("No incident is recorded from 1 Dec 2021").wait_for()
    assert heard == []


def test_the_table_leaves_as_a_file(page: Page, busy: None, address: str) -> None:
    come(page, f"{address}/incidents")
    with page.expect_download() as came:
        page.get_by_role("button", name="CSV").click()
    rows = list(csv.reader(came.value.path().read_text(encoding="utf-8-sig").splitlines()))
    assert rows[1][0] == "#adm2+code"
    assert rows[2][:3] + rows[2][5:8] == ["GD0177", "Square 7-7", "Battles", "6", "4", "2"]
    assert rows[2][10].startswith("TLP:")
    assert len(rows) == 2 + page.locator("#table tbody tr").count()


def test_rooms(page: Page, heard: list[str], busy: None, address: str) -> None:
    come(page, f"{address}/incidents?audience=public")
    assert "Only as counts" in page.locator("#spots").inner_text()
    assert page.locator(".spot").count() == 0
    text = (
        page.locator(".told").inner_text() if page.viewport_size["width"] > 1199 else page.locator("body").inner_text()
    )
    assert "Square 7-7" not in text  # these are GREEN, the public is shown CLEAR
    assert page.get_by_role("link", name="Report an incident").count() == 0
    come(page, f"{address}/incidents")
    assert page.get_by_role("link", name="Report an incident").count() == 1
    assert heard == []


def test_single_incidents_follow_chart_table_and_address(
    page: Page, heard: list[str], busy: None, address: str
) -> None:
    come(page, f"{address}/incidents")
    lines = page.locator("#list tbody tr")
    all_ = lines.count()
    assert all_ >= 9
    days = page.locator("#list tbody tr td:first-child").all_inner_texts()
    assert days[0].endswith("Oct 2026")
    page.locator(".chart .bar:not(.faint)").first.focus()
    page.keyboard.press("Enter")  # August
    page.wait_for_url("**month=2026-08**")
    expect(lines).to_have_count(3)
    come(page, page.url)
    expect(lines).to_have_count(3)
    page.get_by_role("button", name="Clear all").click()
    expect(lines).to_have_count(all_)
    page.get_by_role("button", name="Square 7-7").first.click()
    page.wait_for_url("**district=GD0177**")
    expect(lines).to_have_count(6)
    if page.viewport_size["width"] < 768:  # what is not set lies behind one line
        page.locator("#list .fold summary").click()
    page.locator("#list [name=deaths]").select_option("25")
    page.get_by_text("Nothing matches").wait_for()
    page.locator("#list [name=deaths]").select_option("")
    expect(lines).to_have_count(6)
    link = lines.first.get_by_role("link")
    assert "Armed clash" in (link.get_attribute("aria-label") or "")
    link.click()
    expect(page.locator("#drawer")).to_contain_text("2026")
    assert "open=incidents/" in page.url
    assert heard == []


def test_a_room_of_counts_is_told_why_there_is_no_list(page: Page, heard: list[str], busy: None, address: str) -> None:
    come(page, f"{address}/incidents?audience=public")
    expect(page.locator("#list")).to_contain_text("Single incidents are withheld from this room")
    assert page.locator("#list tr").count() == 0
    assert heard == []


def test_no_percentage_against_months_without_data(page: Page, gridded: Callable, address: str) -> None:
    lines = [incident(500 + n, f"2026-{5 + n % 6:02d}-{2 + n % 15:02d}", 7, 7) for n in range(120)]
    assert gridded("incidents", "\n".join([HEAD, *lines]), "more.csv", source="exercise", handling="GREEN").landed
    come(page, f"{address}/incidents?months=3&until=2026-10")
    figures = page.locator("#figures")
    assert "No data for" not in figures.inner_text()
    assert "%" in figures.inner_text()
    page.locator("[name=months]").select_option("6")
    expect(figures).to_contain_text("No data for")
    assert "%" not in figures.inner_text()
