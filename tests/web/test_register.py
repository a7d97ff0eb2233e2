"""The register as a meeting works down it: tabs, orders, many rows at once, going back, on paper."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text

from geoapp import db


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    made = browser.new_page(viewport={"width": 1366, "height": 800})
    problems: list[str] = []
    made.on("pageerror", lambda error: problems.append(str(error)))
    yield made
    made.close()
    assert not problems


def codes(page: Page) -> list[str]:
    return page.locator("#table tbody th[scope=row] b").all_inner_texts()


@pytest.fixture
def write(engine: Engine, context: db.Context, gridded: Callable) -> Callable[..., None]:
    """Somebody else, writing on the overlap of a code, or changing its pieces."""

    def run(code: str, assignment: str, of_pieces: str = "") -> None:
        with db.transaction(engine, context) as connection:
            connection.execute(
                text(f"UPDATE facts.overlap_pair SET {assignment} WHERE number = :number"), {"number": int(code[3:])}
            )
            if of_pieces:
                of = "SELECT p.id FROM facts.overlap_pair AS p WHERE p.number = :number"
                connection.execute(
                    text(f"UPDATE facts.overlap SET {of_pieces} WHERE pair_id = ({of})"), {"number": int(code[3:])}
                )

    return run


def test_several_rows_at_once_and_a_row_that_somebody_else_changed(
    page: Page, address: str, write: Callable, engine: Engine, context: db.Context
) -> None:
    page.goto(f"{address}/overlaps?sort=code")
    expect(page.locator("#table tbody tr").first).to_be_visible()
    first, second = codes(page)[:2]
    for code in (first, second):
        page.get_by_label(f"Select {code}").check()
    expect(page.get_by_text("2 selected")).to_be_visible()
    write(second, "owner = 'Somebody else'")
    page.get_by_label("Status for all selected").select_option("acknowledged")
    page.get_by_label("Owner for all selected").fill("Amina K.")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator(".bulk-result")).to_contain_text("none was written on")
    refused = page.locator(".bulk-refused").last
    expect(refused).to_contain_text(second)
    expect(refused).to_contain_text("Somebody else")
    expect(page.locator("#table tbody tr").first).not_to_contain_text("Amina K.")
    refused.get_by_role("button", name="Set it with the others").click()
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator(".bulk-result")).to_contain_text("2 rows set")
    with db.transaction(engine, context) as connection:
        kept = connection.execute(
            text("SELECT owner, status FROM calc.overlap_pair WHERE number IN (:a, :b)"),
            {"a": int(first[3:]), "b": int(second[3:])},
        ).all()
    assert [tuple(row) for row in kept] == [("Amina K.", "acknowledged")] * 2


def test_mine_is_the_name_given_in_this_browser(page: Page, address: str, write: Callable) -> None:
    page.goto(f"{address}/overlaps?sort=code")
    expect(page.locator("#table tbody tr").first).to_be_visible()
    code = codes(page)[0]
    write(code, "owner = 'Amina K.', due = DATE '2026-10-20'", "period = daterange(lower(period), NULL)")
    page.locator("#tab-mine").click()
    page.get_by_label("Name").fill("amina k.")
    page.get_by_role("button", name="Show mine").click()
    expect(page.locator("#table tbody tr")).to_have_count(1)
    assert codes(page) == [code]
    page.reload()
    expect(page.locator("#table tbody tr")).to_have_count(1)
    page.locator("#tab-due").click()
    expect(page.locator("#tab-due span")).to_have_text("1")
    expect(page.locator("#table tbody tr")).to_have_count(1)
    assert codes(page) == [code]
    page.locator("#filters [name=owner]").select_option("none")
    expect(page.get_by_text("Nothing matches")).to_be_visible()


def test_new_since_a_day(page: Page, address: str) -> None:
    page.goto(f"{address}/overlaps?tab=since&since=2020-01-01")
    expect(page.locator("#tab-since")).to_contain_text("New since 1 Jan 2020")
    expect(page.locator("#tab-overlaps span")).to_have_text(re.compile(r"^\d+$"))
    everything = page.locator("#tab-overlaps span").inner_text()
    expect(page.locator("#tab-since span")).to_have_text(everything)
    page.goto(f"{address}/overlaps?tab=since&since=2100-01-01")
    expect(page.locator("#tab-since span")).to_have_text("0")


def test_a_room_without_owners_has_no_tab_for_mine_and_no_boxes(page: Page, address: str) -> None:
    page.goto(f"{address}/overlaps?audience=hct")
    expect(page.locator("#table tbody tr").first).to_be_visible()
    expect(page.locator("#tab-mine")).to_be_hidden()
    expect(page.locator("#filters [name=owner]")).to_have_count(0)
    expect(page.locator("#table input[type=checkbox]")).to_have_count(0)


def test_a_heading_sorts_both_ways(page: Page, address: str) -> None:
    page.goto(f"{address}/overlaps")
    heading = page.get_by_role("columnheader", name="km²")
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    down = codes(page)
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    page.wait_for_url("**sort=-km2**")
    assert sorted(codes(page)) == sorted(down)
    assert codes(page)[0] != down[0]


def test_going_back_shows_what_was_saved(page: Page, address: str, write: Callable) -> None:
    page.goto(f"{address}/overlaps?sort=code")
    expect(page.locator("#table tbody tr").first).to_be_visible()
    code = codes(page)[0]
    page.goto(f"{address}/import")
    write(code, "owner = 'While away'")
    page.go_back()
    expect(page.locator("#table tbody tr").first).to_contain_text("While away")


def test_the_whole_list_is_printed_with_its_title_and_as_of_date(page: Page, address: str) -> None:
    page.add_init_script(
        "window.print = () => (window.printed = document.querySelector('#print-sheet').innerText || 'x')"
    )
    page.goto(f"{address}/overlaps?relation=civil_military")
    expect(page.locator("#counted")).to_contain_text("listed")
    matched = int(page.locator("#counted").inner_text().split(" · ")[-1].split()[0])
    page.get_by_role("button", name="Print all rows").click()
    sheet = page.locator("#print-sheet")
    expect(sheet.locator("tbody tr")).to_have_count(matched)
    assert page.evaluate("window.printed")
    told = sheet.evaluate("(each) => each.textContent")
    assert "Overlaps: Gridland" in told
    assert "As of 18 Oct 2026" in told
    assert "Relation Civil–military" in told
    page.emulate_media(media="print")
    expect(sheet).to_be_visible()
    expect(page.locator(".banner")).to_be_visible()
    expect(page.locator("#table")).to_be_hidden()


@pytest.mark.parametrize("width", [800, 1366])
def test_the_drawer_lies_beside_the_table(browser: Browser, address: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800})
    page.goto(f"{address}/overlaps")
    page.locator("#table tbody tr").first.click()
    expect(page.locator("#drawer")).to_be_visible()
    table, drawer = page.locator(".table-box").bounding_box(), page.locator("#drawer").bounding_box()
    assert table["x"] + table["width"] <= drawer["x"] + 1
    assert drawer["x"] + drawer["width"] <= width + 1
    page.close()


def test_on_a_phone_the_register_fits(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{address}/overlaps")
    expect(page.locator("#table tbody tr").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.locator("#filters [name=relation]")).to_be_hidden()
    page.locator("#filters .fold summary").click()
    page.locator("#filters [name=relation]").select_option(index=1)
    expect(page.locator("#filters > .chip.on [name=relation]")).to_be_visible()  # what hides rows is never folded away
    expect(page.locator("#filters .fold [name=status]")).to_be_visible()
    page.get_by_role("button", name="Clear all").click()
    page.locator("#tab-due").click()
    expect(page.get_by_text("Nothing is due")).to_be_visible()
    page.close()


def test_the_map_is_narrowed_as_the_list_is_and_leads_back_to_it(page: Page, address: str) -> None:
    page.goto(f"{address}/overlaps?q=water&share=10&from=2026-02-01&sort=-km2")
    expect(page.locator("#counted")).to_contain_text("listed")
    listed, every = re.findall(r"(\d+) listed|of (\d+)", page.locator("#counted").inner_text())[::-1]
    n, of = int(listed[0]), int(every[1])
    assert 0 < n < of
    page.get_by_role("link", name="Show on map").click()
    line = page.get_by_role("region", name="What the map is narrowed to")
    expect(line).to_contain_text(f"{n} of {of} overlaps · “water”, Share ≥ 10 %")
    expect(page.locator("#counts")).to_contain_text(f"{n} overlap")
    expect(page.locator("#days")).to_have_text("1 Feb 2026 – open")
    page.keyboard.press("t")
    expect(page.locator("#drawer .in-view")).to_be_visible()
    assert page.locator("#drawer .in-view tbody tr", has_text="OV-").count() == n
    line.get_by_role("link", name="Back to the list").click()
    expect(page.locator("#counted")).to_contain_text(f"{n} listed")
    expect(page.locator('#filters [name="q"]')).to_have_value("water")
    expect(page.get_by_text("Sorted: km², the other way round")).to_be_visible()
    page.go_back()
    expect(line).to_contain_text(f"{n} of {of} overlaps")
    line.get_by_role("button", name="All overlaps").click()
    expect(line).to_have_count(0)
    expect(page.locator("#counts")).to_contain_text(f"{of} overlaps")
    assert "only=" not in page.url
    assert "sorted=" not in page.url
