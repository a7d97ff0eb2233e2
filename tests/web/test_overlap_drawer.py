"""An overlap can be read and written on however it was opened: by a click, from a table, from the register, by address."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import Engine, text

from geoapp import db

VIEW = "datetime=2026-01-01/2026-06-30&at=9/5.3/10.3"
"""The middle of the four squares that First Brigade and Water Aid Group share, in their time."""

PAIR = re.compile("First Brigade and Water Aid Group|Water Aid Group and First Brigade")
BETWEEN = "SELECT p.id, p.status FROM facts.overlap_pair AS p JOIN facts.overlap AS o ON o.pair_id = p.id WHERE o.km2 > 0 AND EXISTS ({0} o.area_a AND c.name = :a) AND EXISTS ({0} o.area_b AND c.name = :b)".format(
    "SELECT FROM facts.area AS a JOIN facts.actor AS c ON c.id = a.actor_id WHERE a.id ="
)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    made = browser.new_page(viewport={"width": 1440, "height": 900})
    yield made
    made.close()


@pytest.fixture
def stored(engine: Engine, context: db.Context, gridded: Callable) -> Callable[..., tuple[int, str]]:
    """The id and the status of an overlap of Gridland, by its actors."""

    def look(a: str = "First Brigade", b: str = "Water Aid Group") -> tuple[int, str]:
        with db.transaction(engine, context) as connection:
            found = connection.execute(text(BETWEEN), {"a": a, "b": b}).all()
            found = found or connection.execute(text(BETWEEN), {"a": b, "b": a}).all()
        (row,) = found
        return row[0], row[1]

    return look


def by_click(page: Page, address: str, _: int) -> None:
    page.goto(f"{address}/map?{VIEW}&layers=basemap,overlaps", wait_until="networkidle")
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def from_the_list(page: Page, address: str, _: int) -> None:
    page.goto(f"{address}/map?{VIEW}&layers=basemap,boundaries,areas_of_operation,overlaps", wait_until="networkidle")
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.locator("#drawer").get_by_role("button", name="All records here").click()
    page.locator("#drawer .found").get_by_role("button", name=PAIR).click()


def from_the_table(page: Page, address: str, _: int) -> None:
    page.goto(f"{address}/map?{VIEW}", wait_until="networkidle")
    page.locator("#in-view").click()
    page.locator("#drawer .in-view").get_by_role("button", name=PAIR).click()


def from_the_register(page: Page, address: str, id_: int) -> None:
    page.goto(f"{address}/overlaps", wait_until="networkidle")
    page.locator(f'#table tr[data-id="{id_}"] .row-open').click()


def by_the_map_s_address(page: Page, address: str, id_: int) -> None:
    page.goto(f"{address}/map?{VIEW}&open=overlaps/{id_}", wait_until="networkidle")


def by_the_address_of_a_click(page: Page, address: str, id_: int) -> None:
    page.goto(f"{address}/map?{VIEW}&open=overlaps/{id_}&point=5.3,10.3", wait_until="networkidle")


def by_the_register_s_address(page: Page, address: str, id_: int) -> None:
    page.goto(f"{address}/overlaps?open=overlaps/{id_}", wait_until="networkidle")


WAYS = [by_click, from_the_list, from_the_table, from_the_register, by_the_map_s_address, by_the_address_of_a_click,
        by_the_register_s_address]  # fmt: skip


@pytest.mark.parametrize("opened", WAYS, ids=lambda way: way.__name__)
def test_an_overlap_is_written_on_however_it_was_opened(
    page: Page, address: str, stored: Callable, opened: Callable
) -> None:
    id_, before = stored()
    assert before == "new"
    opened(page, address, id_)
    status = page.locator('#drawer select[name="status"]')
    status.wait_for()
    with page.expect_response(lambda answer: answer.request.method == "PATCH") as answer:
        status.select_option("agreed")
    assert (answer.value.status, answer.value.url.split("?")[0]) == (200, f"{address}/overlaps/{id_}")
    page.locator("#drawer").get_by_text("Status kept").wait_for()
    assert stored() == (id_, "agreed")


def test_a_field_that_was_refused_shows_what_is_stored(page: Page, address: str, stored: Callable) -> None:
    id_, _ = stored()
    by_the_register_s_address(page, address, id_)
    broken = {"title": "It cannot be written now", "detail": "Try again in a minute.", "status": 503}
    page.route("**/overlaps/*", lambda route: route.fulfill(status=503, json=broken))
    drawer = page.locator("#drawer")
    status, owner = drawer.locator('select[name="status"]'), drawer.locator('input[name="owner"]')
    status.focus()
    status.select_option("agreed")
    drawer.get_by_text("Status was not kept.").wait_for()
    assert status.input_value() == "new"
    owner.fill("Somebody")
    owner.press("Enter")
    drawer.get_by_text("Owner was not kept.").wait_for()
    assert owner.input_value() == ""
    page.unroute("**/overlaps/*")
    drawer.get_by_role("button", name="Set owner again").click()
    drawer.get_by_text("Owner kept").wait_for()
    assert owner.input_value() == "Somebody"
    assert stored() == (id_, "new")


MET = "\n".join(
    ["Organisation,Cluster,Admin2 P-code,Start date,End date", "#org+name,#sector,#adm2+code,#date+start,#date+end",
     "Clear Water,WASH,GD0000,2026-01-16,2026-03-15", "Clear Water,WASH,GD0001,2026-05-01,2026-08-31",
     "Clear Water,WASH,GD0199,2026-09-01,"]
)  # fmt: skip
"""In First Brigade's ground until 15 March, again in May and June of its time; in Late Comers' from their first day,
1 July, to the end of August; and in square 9-9, where nobody else is, to no end."""


def test_the_days_shown_are_those_of_the_parts_that_meet(
    page: Page, address: str, stored: Callable, gridded: Callable
) -> None:
    assert gridded("presence", MET, "met.csv").landed
    asked = []
    page.on("response", lambda answer: asked.append((answer.status, answer.url)))
    spans = page.locator("#drawer .spans")
    for army, own, together in (
        ("First Brigade", ["1 Jan – 30 Jun 2026"], "16 Jan – 30 Jun 2026"),
        ("Late Comers", ["1 Jul – 31 Dec 2026"], "1 Jul – 31 Aug 2026"),
    ):
        id_, _ = stored("Clear Water", army)
        by_the_register_s_address(page, address, id_)
        page.locator("#drawer .span-bar").first.wait_for()
        met = ["16 Jan – 15 Mar 2026", "1 May – 31 Aug 2026"] if army == "First Brigade" else ["1 May – 31 Aug 2026"]
        for name, days in (("Clear Water", met), (army, own)):
            bars = spans.locator(f'span[title="{name}"] + .span-track .span-bar')
            assert [each.get_attribute("title") for each in bars.all()] == days
            card = page.locator("#drawer .actor").filter(has_text=name)
            assert all(each in card.inner_text() for each in days)
            assert "1 Sep 2026" not in card.inner_text()
        assert together in spans.locator(".span-words").inner_text()
    assert [each for each in asked if each[0] >= 400] == []
    public = page.request.get(f"{address}/overlaps/{id_}/places?audience=public")
    assert (public.status, page.request.get(f"{address}/overlaps/{10**9}/places").status) == (404, 404)
    assert "Clear Water" not in public.text()


def test_a_note_is_added_and_withdrawn_in_the_drawer_and_told_in_the_register(
    page: Page, address: str, stored: Callable
) -> None:
    id_, _ = stored()
    by_the_register_s_address(page, address, id_)
    section = page.locator("#drawer").get_by_role("region", name="Notes")
    section.get_by_text("Nothing is noted yet.").wait_for()
    for words in ("They meet <b>at</b> the well.", "Of another overlap."):
        section.get_by_label("New note").fill(words)
        section.get_by_label("Your name").fill("Amina K.")
        section.get_by_role("button", name="Add note").click()
        section.locator("li", has_text=words).wait_for()
        assert section.get_by_label("New note").input_value() == ""
    entries = section.locator("ol > li")
    assert [each.locator("p").last.inner_text() for each in entries.all()] == ["Of another overlap.", "They meet <b>at</b> the well."]  # fmt: skip
    line = page.locator(f'#table tr[data-id="{id_}"]')
    line.get_by_text("2 notes").wait_for()
    entries.first.get_by_role("button", name="Withdraw").click()
    section.get_by_label("Why is it withdrawn?").fill("Entered on the wrong one.")
    section.get_by_role("button", name="Withdraw", exact=True).click()
    section.get_by_text("Withdrawn by Amina K.").wait_for()
    assert "Entered on the wrong one." in entries.first.inner_text()
    line.get_by_text("1 note", exact=False).wait_for()
    # what is refused stays in its field
    page.route("**/notes?*", lambda route: route.fulfill(status=503, json={"title": "Not now", "status": 503, "detail": "", "hint": ""}))  # fmt: skip
    section.get_by_label("New note").fill("Kept here.")
    section.get_by_role("button", name="Add note").click()
    section.get_by_role("alert").get_by_text("Not now").wait_for()
    assert section.get_by_label("New note").input_value() == "Kept here."
    page.unroute("**/notes?*")
    # a room that reads sees the thread and writes nothing
    page.goto(f"{address}/overlaps?audience=hct&open=overlaps/{id_}", wait_until="networkidle")
    section.get_by_text("They meet <b>at</b> the well.").wait_for()
    assert section.get_by_role("button").count() == 0
