"""The page Actors: one is chosen, read, corrected; two are merged after what would follow was seen, and parted again."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.test_axe import FOUND, axe  # noqa: F401


@pytest.fixture(params=[(1366, 768), (390, 844)], ids=["desk", "phone"])
def page(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Page]:
    made = browser.new_page(viewport={"width": request.param[0], "height": request.param[1]})
    wrong: list[str] = []
    made.on("pageerror", lambda error: wrong.append(str(error)))
    made.on(
        "request", lambda r: None if r.url.startswith(("http://127.0.0.1", "data:", "blob:")) else wrong.append(r.url)
    )
    made.goto(f"{address}/actor-register", wait_until="networkidle")
    yield made
    made.close()
    assert wrong == []


def choose(page: Page, name: str) -> None:
    page.locator("#listed .actor-row", has_text=name).first.click()
    expect(page.locator("#opened h2")).to_have_text(name)


def test_one_is_found_and_read(page: Page) -> None:
    expect(page.locator("#counted")).to_have_text(re.compile(r"^\d+$"))
    page.get_by_label("Name, acronym, former name").fill("battalion")
    expect(page.locator("#listed .actor-row")).to_have_count(1)
    expect(page.locator("#hidden-by")).to_contain_text("hidden by")
    choose(page, "First Battalion")
    expect(page.locator("#chain .unit-row")).to_have_text(
        [re.compile("^Army"), re.compile("^First Brigade"), re.compile("^First Battalion")]
    )
    assert page.locator("#chain ul ul ul > li").count() == 1, "a tree for readers is a nested list"
    expect(page.locator(".claims tbody tr")).to_have_count(1)
    expect(page.locator(".claims tbody .when .unseen")).to_have_text("1 Jan – 30 Jun 2026, ended")
    expect(page.locator(".claims tbody .claim-days i")).to_be_visible()
    page.locator("#chain .unit-row", has_text="First Brigade").click()
    expect(page.locator("#opened h2")).to_have_text("First Brigade")
    expect(page.locator("#shared")).to_contain_text("Water Aid Group")
    page.reload(wait_until="networkidle")
    expect(page.locator("#opened h2")).to_have_text("First Brigade")


def test_a_new_one_is_written_and_corrected_whatever_it_is_called(page: Page) -> None:
    hostile = '<img src=x onerror="window.ran=1">'
    page.get_by_role("button", name="New actor").click()
    form = page.locator("#form")
    form.locator("input[name=name]").fill(hostile)
    form.get_by_role("button", name="Record the actor").click()
    expect(page.locator("#opened h2")).to_have_text(hostile)
    page.get_by_role("button", name="Edit").click()
    form.locator("textarea[name=mandate]").fill("{{ 7*7 }} <b>bold</b>")
    form.locator("input[name=parent]").fill(hostile)
    form.get_by_role("button", name="Save the correction").click()
    expect(form).to_contain_text("makes a circle")
    form.locator("input[name=parent]").fill("Army")
    form.get_by_role("button", name="Save the correction").click()
    expect(page.locator(".who-facts")).to_contain_text("{{ 7*7 }} <b>bold</b>")
    expect(page.locator(".one-head")).to_contain_text("under Army")
    assert page.evaluate("window.ran") is None


def test_two_are_merged_after_what_would_follow_was_seen_and_parted_again(page: Page) -> None:
    choose(page, "Water Aid Group")
    page.get_by_role("button", name="Merge").click()
    dialog = page.locator(".step-dialog")
    dialog.get_by_label("Which entry is the same actor?").select_option(label="Well Diggers")
    expect(dialog.locator(".follows")).to_contain_text("1 claim of presence moves")
    dialog.get_by_role("button", name="Merge").click()
    expect(page.locator("#opened .steps")).to_contain_text("Well Diggers was merged into Water Aid Group")
    expect(page.locator("#listed .actor-row", has_text="Well Diggers")).to_have_count(0)
    page.locator("#opened .steps").get_by_role("button", name="Undo").click()
    expect(dialog.locator(".follows")).to_be_visible()
    dialog.get_by_role("button", name="Undo").click()
    expect(page.locator("#listed .actor-row", has_text="Well Diggers")).to_have_count(1)
    expect(page.locator("#opened .steps")).to_contain_text("undone")


def test_one_is_split(page: Page) -> None:
    choose(page, "First Brigade")
    page.get_by_role("button", name="Split").click()
    dialog = page.locator(".step-dialog")
    expect(dialog.get_by_role("button", name="Split")).to_be_disabled()
    dialog.get_by_label("Unit: First Battalion").check()
    dialog.get_by_label("Name of the new actor").fill("Second Brigade")
    dialog.get_by_label("Name of the new actor").press("Tab")
    expect(dialog.locator(".follows")).to_contain_text("1 unit")
    dialog.get_by_role("button", name="Split").click()
    expect(page.locator("#listed .actor-row", has_text="Second Brigade")).to_have_count(1)


def test_nothing_serious_is_found_with_one_open_a_dialog_and_a_form(page: Page, axe: str) -> None:  # noqa: F811
    choose(page, "First Brigade")
    page.evaluate(axe)
    assert page.evaluate(FOUND) == []
    page.get_by_role("button", name="Merge").click()
    assert page.evaluate(FOUND) == []
    page.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Edit").click()
    expect(page.locator("#form input[name=name]")).to_be_visible()
    assert page.evaluate(FOUND) == []


def test_a_room_that_reads_is_offered_nothing_to_write(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 1366, "height": 768})
    page.goto(f"{address}/actor-register?audience=hct", wait_until="networkidle")
    expect(page.locator("#listed .actor-row").first).to_be_visible()
    for name in ("New actor", "Edit", "Merge", "Split"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    expect(page.locator("#filters")).not_to_contain_text("Interlocutor")
    expect(page.locator("#opened")).to_contain_text("told in rooms that record")
    page.close()
