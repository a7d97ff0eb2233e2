"""An information manager checks a file, sees what it would change, chooses another column, and lands it: in two steps."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import Engine, text

from geoapp import db
from tests.gridland import PRESENCE

LIST = "Day reported,When,What happened,Latitude,Longitude\n2026-02-12,2026-02-10,Clash,5.25,10.25\n"
SIZES = [{"width": 1366, "height": 800}, {"width": 390, "height": 844}]


@pytest.fixture(params=SIZES, ids=["desktop", "phone"])
def page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Any:
    """The page of imports, at two sizes; nothing of it is wrong or asked elsewhere."""
    made = browser.new_page(viewport=request.param, accept_downloads=True)
    made.set_default_timeout(120_000)
    wrong: list[str] = []
    made.on(
        "request", lambda r: None if r.url.startswith(("http://127.0.0.1", "data:", "blob:")) else wrong.append(r.url)
    )
    made.on("pageerror", lambda error: wrong.append(str(error)))
    made.goto(f"{address}/import", wait_until="networkidle")
    yield made
    assert made.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert wrong == []
    made.close()


def check(page: Page, path: Path, **fields: str) -> None:
    page.locator("#upload [name=file]").set_input_files(path)
    for name, value in fields.items():
        control = page.locator(f"#upload [name={name}]")
        control.select_option(value) if name == "kind" else control.fill(value)
    page.locator("#check").press("Enter")
    page.locator(".two-steps").wait_for()


def rows(engine: Engine, context: db.Context, sql: str) -> Any:
    with db.transaction(engine, context) as connection:
        return connection.execute(text(sql)).scalars().all()


def test_columns_are_chosen_before_the_file_lands(
    page: Page, engine: Engine, context: db.Context, tmp_path: Path
) -> None:
    (tmp_path / "list.csv").write_text(LIST)
    check(page, tmp_path / "list.csv", kind="incidents", source="list")
    page.locator(".columns").wait_for()
    assert "date <- 'When'" in page.locator(".findings").inner_text()
    date = page.locator(".columns [name=date]")
    assert date.input_value() == "When"
    date.focus()
    date.press("Home")  # "Not in the file", then "Day reported"
    date.press("ArrowDown")
    assert date.input_value() == "Day reported"
    page.get_by_role("button", name="Check again with these columns").press("Enter")
    expect(page.locator(".columns [name=date]")).to_have_value("Day reported")
    stored = "SELECT lower(valid)::text FROM facts.incident WHERE source = 'list'"
    assert rows(engine, context, stored) == [], "nothing lands before it is asked for"
    page.locator("#land").wait_for()
    page.keyboard.press("Control+Enter")
    page.get_by_text("Landed 1 row.").wait_for()
    assert rows(engine, context, stored) == ["2026-02-12"]
    page.get_by_role("button", name="Save as template").press("Enter")
    page.get_by_role("form", name="Save as template").get_by_label("Name").fill("Office list")
    page.keyboard.press("Enter")
    expect(page.locator("#templates .batch")).to_contain_text("Office list")
    (tmp_path / "next.csv").write_text(LIST.replace("02-1", "03-1"))
    check(page, tmp_path / "next.csv", kind="incidents", source="")
    expect(page.get_by_role("region", name="Columns")).to_contain_text("by template “Office list”")
    expect(page.locator(".columns [name=date]")).to_have_value("Day reported")
    page.get_by_role("button", name="Delete template Office list").press("Enter")
    expect(page.locator("#templates .batch")).to_have_count(0)
    expect(page.locator("#template-field")).to_be_hidden()


def test_a_file_is_recognised_and_what_stays_out_is_a_file(
    page: Page, engine: Engine, context: db.Context, tmp_path: Path
) -> None:
    lost = PRESENCE.splitlines()[-1].replace("GD0000", "GD9999").replace("Pump Friends", "Newcomers")
    (tmp_path / "3w.csv").write_text("\n".join([*PRESENCE.splitlines(), lost, lost.replace("9999", "0001")]))
    check(page, tmp_path / "3w.csv")
    shown = page.locator("#report").inner_text()
    for words in (
        "Presence of organisations (3W)",
        "6 rows would land",
        "No boundary has the P-code GD9999",
        "HXL tag",
    ):
        assert words in shown, words
    effect = page.locator("#effect").inner_text()
    assert "If you land it" in effect
    assert "overlap" in effect
    drawn = page.get_by_role("img", name="Where it lands: 1 new")
    assert drawn.locator(".landing-area.new").count() == 1, "five rows are as before"
    assert drawn.locator(".landing-outline").count() == 1
    with page.expect_download() as saved:
        page.locator(".rejected-rows").get_by_role("link", name="CSV").click()
    assert "GD9999" in Path(saved.value.path()).read_text(encoding="utf-8-sig")
    assert saved.value.suggested_filename == "3w_rejected_TLP-GREEN.csv"
    # the check is kept: the page can be left and the file landed later
    page.get_by_role("button", name="Keep for an hour").click()
    assert rows(engine, context, "SELECT id FROM facts.actor WHERE name = 'Newcomers'") == []
    page.reload(wait_until="networkidle")
    page.locator("#landed").get_by_role("button", name="Look").click()
    page.locator("#land").click()
    page.get_by_text("Landed 6 rows.").wait_for()
    assert len(rows(engine, context, "SELECT id FROM facts.actor WHERE name = 'Newcomers'")) == 1
    page.locator("#landed").get_by_role("link", name="1 rejected row as CSV").wait_for()


def test_another_kind_is_offered_and_a_sheet_chosen(page: Page, tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "October"
    for sheet in (book.active, book.create_sheet("November")):
        for line in PRESENCE.splitlines():
            sheet.append(line.split(","))
    book["November"].append(["Late Comers", "Health", "GD0001", "2026-03-01", "2026-04-30"])
    book.save(tmp_path / "3w.xlsx")
    check(page, tmp_path / "3w.xlsx", kind="sites")
    assert "Nothing would land" in page.locator("#report").inner_text()
    page.get_by_role("button", name="Take it as Presence of organisations (3W)").click()
    page.locator("#land").wait_for()
    sheet = page.locator("[name=sheet]")
    assert sheet.locator("option").all_inner_texts() == ["October · 7 rows", "November · 8 rows"]
    with page.expect_response(lambda r: r.request.method == "POST"):
        sheet.select_option("November")
    page.locator(".verdict", has_text="6 rows would land").wait_for()


def test_what_changed_since_the_check_is_said(page: Page, gridded: Callable, tmp_path: Path) -> None:
    (tmp_path / "sites.csv").write_text("name,type,lat,lon\nWell,water_point,5.2,10.2\n")
    check(page, tmp_path / "sites.csv", kind="sites")
    assert gridded("sites", "name,type,lat,lon\nOther,water_point,5.3,10.3\n", "meanwhile.csv").landed
    page.locator("#land").click()
    page.get_by_text("Since the check, sites have changed").wait_for()
    page.get_by_role("button", name="Try again").click()
    page.locator("#land").click()
    page.get_by_text("Landed 1 row.").wait_for()


def test_that_known_identifiers_are_the_same_things_is_said_on_the_page(page: Page, tmp_path: Path) -> None:
    head = "site id,name,lat,lon\n"
    (tmp_path / "a.csv").write_text(head + "\n".join(f"W-{n},Well {n},5.{n},10.1" for n in range(1, 6)))
    (tmp_path / "b.csv").write_text(
        head + "W-1,Clinic,5.9,10.9\n" + "\n".join(f"W-{n},Well {n},5.{n},10.1" for n in range(2, 6))
    )
    check(page, tmp_path / "a.csv", kind="sites")
    page.keyboard.press("Control+Enter")
    page.get_by_text("Landed 5 rows.").wait_for()
    check(page, tmp_path / "b.csv", kind="sites")
    page.get_by_text("W-1 is known as 'Well 1'; the row says 'Clinic'").wait_for()
    page.locator("#moved").press("Enter")
    page.locator("#moved").wait_for(state="detached")
    page.locator("#effect .figures div", has_text="changed").filter(has_text="1").wait_for()


def test_near_names_are_confirmed_row_by_row_and_remembered(
    page: Page, engine: Engine, context: db.Context, tmp_path: Path
) -> None:
    head, placed = "Organisation,Cluster,Province,District\n", "A,Health,Half 0,Square 0-0\n" * 8
    text_of = head + placed + "A,Health,Half 0,Sqare 0-1\nA,Health,Half 0,Sqare 0-1\nA,Health,Half 0,Sqare 0-2\n"
    (tmp_path / "3w.csv").write_text(text_of)
    check(page, tmp_path / "3w.csv", kind="presence", source="office")
    near = page.get_by_role("form", name="Names that come near")
    expect(near.locator("tbody tr")).to_have_count(2)
    near.get_by_label("Unit of Half 0/Sqare 0-1").select_option("GD0001")
    near.get_by_label("Unit of Half 0/Sqare 0-2").select_option("other")
    near.get_by_label("P-code for Half 0/Sqare 0-2").fill("GD0009")
    near.get_by_role("button", name="Check again with these places").click()
    expect(near).to_contain_text("Half 0 / Sqare 0-1 is GD0001")
    expect(near.locator("tbody tr")).to_have_count(0)
    page.locator("#land").click()
    page.get_by_text("Landed 11 rows.").wait_for()
    pcodes = "SELECT DISTINCT p.pcode FROM facts.area_part AS p JOIN calc.area AS a ON a.id = p.area_id WHERE a.source = 'office' ORDER BY 1"
    assert rows(engine, context, pcodes) == ["GD0000", "GD0001", "GD0009"]
    (tmp_path / "next.csv").write_text(text_of.replace("A,", "B,"))
    check(page, tmp_path / "next.csv", kind="presence", source="office")
    expect(page.locator("#report")).to_contain_text("11 rows would land")
    expect(near).to_have_count(0)
