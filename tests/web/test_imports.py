"""An information manager looks at the columns that were guessed, chooses another, and the first import is replaced."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import Engine, text

from geoapp import db

LIST = "Day reported,When,What happened,Latitude,Longitude\n2026-02-12,2026-02-10,Clash,5.25,10.25\n"


@pytest.mark.parametrize("size", [{"width": 1440, "height": 900}, {"width": 390, "height": 844}])
def test_columns_are_chosen_and_the_file_comes_in_again(
    browser: Browser, address: str, engine: Engine, context: db.Context, gridded: Callable, tmp_path: Path, size: dict
) -> None:
    page = browser.new_page(viewport=size)
    wrong: list[str] = []
    page.on(
        "request", lambda r: None if r.url.startswith(("http://127.0.0.1", "data:", "blob:")) else wrong.append(r.url)
    )
    page.on("pageerror", lambda error: wrong.append(str(error)))
    (tmp_path / "list.csv").write_text(LIST)
    page.goto(f"{address}/import", wait_until="networkidle")
    page.locator("#upload [name=kind]").select_option("incidents")
    page.locator("#upload [name=file]").set_input_files(tmp_path / "list.csv")
    page.locator("#upload [name=source]").fill("list")
    page.locator("#land").press("Enter")
    page.locator(".columns").wait_for()
    assert "date <- 'When'" in page.locator(".findings").inner_text()
    date = page.locator(".columns [name=date]")
    assert date.input_value() == "When"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    date.focus()
    date.press("Home")  # "Not in the file", then "Day reported"
    date.press("ArrowDown")
    assert date.input_value() == "Day reported"
    with page.expect_response(lambda r: r.request.method == "DELETE") as gone:
        page.get_by_role("button", name="Import again with these columns").press("Enter")
    assert gone.value.ok
    page.wait_for_function("document.querySelector('.columns [name=date]')?.value === 'Day reported'")
    with db.transaction(engine, context) as connection:
        days = connection.execute(text("SELECT lower(valid)::text FROM facts.incident WHERE source = 'list'")).scalars()
        assert days.all() == ["2026-02-12"]
    assert wrong == []
    page.close()
