"""The map in one file: what is in it, what is not, and what it does in a browser that has no network."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import Engine

from geoapp import export
from geoapp.draw import single
from geoapp.errors import Forbidden, TooLarge
from geoapp.scope import Scope, parse_period
from layers import get
from tests.draw.single_file import data, rings, titles
from tests.gridland import area, point, square

NASTY = "${document.title='ran'}`</script><script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">'\u202eKavarra"


def scope(audience: str = "internal", **more: object) -> Scope:
    return Scope("grid", audience, purpose="export", member="tester", **more)  # type: ignore[arg-type]


def made(engine: Engine, path: Path, audience: str = "internal", layers: str = "all") -> str:
    export.write(engine, scope(audience), export.layers_of(layers), path)
    return path.read_text(encoding="utf-8")


@pytest.fixture
def opened(engine: Engine, gridded: Callable, tmp_path: Path, browser: Browser) -> Iterator[Callable[..., Page]]:
    """A function that opens Gridland's file from the disk without a network, and fails on any request or error of the page."""
    asked: list[str] = []
    contexts = []

    def run(width: int = 1366, height: int = 800, audience: str = "internal") -> Page:
        path = tmp_path / "map.html"
        made(engine, path, audience)
        context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: asked.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: asked.append(str(error)))
        page.goto(path.as_uri())
        expect(page.locator("html[data-ready=true]")).to_be_attached()
        assert asked.pop(0) == path.as_uri()
        return page

    yield run
    for context in contexts:
        context.close()
    assert asked == []


def test_it_holds_every_layer_and_says_what_it_is(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    page = made(engine, tmp_path / "a.html", "hct")
    read = data(page)
    assert set(read["layers"]) == {layer.name for layer in export.EVERYTHING}
    for words in ("TLP:AMBER", "EXERCISE", "Humanitarian Country Team", "Absence of data is not absence of risk.",
                  "do not imply official endorsement", "What this room does not see", "Sources", "18 Oct 2026"):  # fmt: skip
        assert words in page
    unscripted = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"""(?:src|href)=["'](?!data:|#)|@import|url\((?!data:|#)""", unscripted)


def test_the_same_snapshot_gives_the_same_bytes(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    first, second = (made(engine, tmp_path / f"{n}.html") for n in range(2))
    when = re.compile(r"Made [0-9T:+-]+\.")
    assert when.sub("", first) == when.sub("", second)


def test_borders_are_shared_and_places_have_five_decimals(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    read = data(made(engine, tmp_path / "a.html", layers="boundaries"))
    districts = list(read["layers"]["boundaries"]["rows"])
    lines = [line for row in districts for part in read["shapes"][row[1]][1] for line in part]
    assert len(lines) > len({n if n >= 0 else ~n for n in lines}), "neighbours have lines in common"
    corners = {place for row in districts for ring in rings(read, row[1]) for place in ring}
    assert all(x % 10_000 == 0 and y % 10_000 == 0 for x, y in corners), "Gridland's corners are tenths of a degree"


@pytest.mark.parametrize("audience", ["hct", "cmwg_mixed", "military_counterpart", "public"])
def test_what_a_room_must_not_see_is_not_in_the_bytes(
    engine: Engine, gridded: Callable, bring: Callable, tmp_path: Path, audience: str
) -> None:
    marked = [area("x1", "CANARY-ACTOR", "military", square(1.23, 4.56, 1, 1), name="CANARY-AREA", handling="RED")]
    assert bring("areas", marked).landed
    kept = made(engine, tmp_path / "internal.html")
    assert "CANARY-ACTOR" in kept
    page = made(engine, tmp_path / "a.html", audience)
    assert "CANARY" not in page
    assert "Secret Force" not in page
    read = data(page)
    corners = {
        place for n, shape in enumerate(read["shapes"]) if shape[0] == 3 for ring in rings(read, n) for place in ring
    }
    assert (1012300, 545600) not in corners


def test_what_may_not_be_passed_on_is_in_no_file(
    engine: Engine, gridded: Callable, bring: Callable, tmp_path: Path
) -> None:
    lon, lat = point(3, 3)
    row = "event_id_cnty,event_date,time_precision,event_type,sub_event_type,actor1,location,latitude,longitude,geo_precision,source,notes,fatalities,disorder_type,year,iso,country"
    event = f"GRD77,2026-10-01,1,Battles,Armed clash,One,CANARYPLACE,{lat},{lon},1,ACLED,CANARYNOTE,3,Political violence,2026,999,Gridland"
    report = bring("incidents", f"{row}\n{event}\n", "acled.csv", source="acled")
    assert report.landed, report.as_dict()
    assert "CANARYPLACE" not in made(engine, tmp_path / "a.html")


def test_nothing_left_is_refused_and_a_withheld_layer_is_told(
    engine: Engine, gridded: Callable, nobody: None, tmp_path: Path
) -> None:
    with pytest.raises(Forbidden):
        made(engine, tmp_path / "a.html", "public", "overlaps")
    assert not (tmp_path / "a.html").exists()
    page = made(engine, tmp_path / "b.html", "hct", "overlaps,zones_to_review")
    assert "Zones to review: This is withheld from this room" in page


def test_too_many_points_are_counted_and_too_many_shapes_refused() -> None:
    import shapely

    layer = get("incidents")
    records = single.Records(layer, layer.fields)
    for n in range(5):
        places = shapely.to_wkb(shapely.points([(10 + n / 5 + i / 50_000, 5) for i in range(5_000)]))
        records.add([(i, place, *([None] * len(layer.fields))) for i, place in enumerate(places)])
    assert records.total == 25_000
    assert records.rows == []
    cells = records.cells()
    assert sum(n for _, _, n in cells) == 25_000
    assert len(cells) <= single.CELLS + 1
    shapes = single.Records(get("roads"), get("roads").fields)
    with pytest.raises(TooLarge) as refused:
        shapes.add([(1, None)] * (single.MOST + 1))
    assert refused.value.hint


def sought(page: Page, words: str) -> Locator:
    """The first record in the list that has these words."""
    page.locator("#days [name=all]").click()
    page.locator("#search").fill(words)
    found = page.locator("#list tr").filter(has_text=words).first.locator("button")
    expect(found).to_be_visible()
    return found


def test_a_click_opens_what_lies_there(opened: Callable[..., Page]) -> None:
    page = opened()
    sought(page, "OV-0001").click()
    expect(page.locator(".told")).to_contain_text("OV-0001")
    page.locator(".leaflet-popup-close-button").click()
    expect(page.locator(".told")).to_have_count(0)
    box = page.locator("#map").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".told")).to_be_visible()
    said = []
    for _ in range(int(page.locator(".told-more span").inner_text().split()[2])):
        said.append(page.locator(".told-title").inner_text())
        page.get_by_role("button", name="Next").click()
    assert "Water Aid Group" in said


def test_layers_are_switched_and_found(opened: Callable[..., Page]) -> None:
    page = opened()
    page.locator("#days [name=all]").click()
    before = page.locator("#list .listed summary").all_inner_texts()
    assert any("Overlaps" in each for each in before)
    page.locator("#layer-overlaps").uncheck()
    assert not any("Overlaps" in each for each in page.locator("#list .listed summary").all_inner_texts())
    page.keyboard.press("/")
    page.keyboard.type("SQUARE 3-3")
    expect(page.locator("#list")).to_contain_text("Square 3-3")
    page.locator("#search").fill("no such words")
    expect(page.locator("#list")).to_contain_text("Nothing in this file has these words")


def test_days_narrow_what_is_drawn_listed_and_counted(opened: Callable[..., Page]) -> None:
    page = opened()
    count = page.locator(".layer-line:has(#layer-areas_of_operation) .count")
    page.locator("#days [name=all]").click()
    everything = int(count.inner_text())
    page.locator("#days [name=from]").fill("2026-08-01")
    page.locator("#days [name=to]").fill("2026-08-31")
    page.locator("#days [name=to]").press("Tab")
    assert 0 < int(count.inner_text()) < everything
    expect(page.locator("#days output")).to_contain_text("1 – 31 Aug 2026")
    page.locator("#days [name=back]").click()
    expect(page.locator("#days output")).to_contain_text("1 – 31 Jul 2026")


def test_texts_of_records_are_texts(
    engine: Engine, gridded: Callable, bring: Callable, opened: Callable[..., Page]
) -> None:
    assert bring("areas", [area("n1", NASTY, "civil", square(7, 7, 2, 2), name=NASTY)]).landed
    page = opened()
    sought(page, "onerror").click()
    expect(page.locator(".told-title")).to_have_text(re.compile(re.escape("${document.title='ran'}`</script>")))
    assert page.locator(".told img, #list img").count() == 0
    assert page.title() == "Gridland (EXERCISE) · TLP:RED"


def test_a_phone_has_the_map_first_and_two_sheets(opened: Callable[..., Page]) -> None:
    page = opened(390, 844)
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    expect(page.locator("#layers")).to_be_hidden()
    page.get_by_role("button", name="Layers", exact=True).click()
    expect(page.locator("#layers")).to_be_visible()
    page.get_by_role("button", name="List and search").click()
    expect(page.locator("#layers")).to_be_hidden()
    expect(page.locator("#search")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#search")).to_be_hidden()


def test_keys_alone_are_enough(opened: Callable[..., Page]) -> None:
    page = opened()
    sought(page, "OV-0001").press("Enter")
    expect(page.locator(".told")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".told")).to_have_count(0)
    page.locator(".folium-map").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".told")).to_be_visible()


def test_paper_has_title_legend_day_and_scale(opened: Callable[..., Page]) -> None:
    page = opened()
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    for part in (".banner", ".head h1", ".printed-days", "#scale-bar", "#map .note", ".paper-foot"):
        expect(page.locator(part).first).to_be_visible()
    legend = page.locator("#layer-list")
    for words in ("Areas of operation", "Military", "Unknown"):
        expect(legend.get_by_text(words, exact=True).first).to_be_visible()
    expect(page.locator(".about")).to_contain_text("do not imply official endorsement")
    for part in ("#days", ".found-side .field", ".sheets", ".opacity"):
        expect(page.locator(part).first).to_be_hidden()
    box = page.locator("#map").bounding_box()
    assert box
    assert box["height"] <= 600, "banner, title and map are on the first page"


def test_titles_are_those_of_the_map(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    page = made(engine, tmp_path / "a.html", layers="areas_of_operation")
    assert "First Brigade" in titles(page, "areas_of_operation")
    assert json.dumps(date(2026, 1, 1).isoformat()) in page


def test_a_map_without_a_record_says_so_on_its_face(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    words = "Nothing is left to draw here after this room’s rules and the days asked for."
    for days, said in (("1990-01-01/1990-01-31", True), ("2026-03-01/2026-03-31", False)):
        scope = Scope("grid", period=parse_period(days), purpose="export")
        export.write(engine, scope, [get("boundaries"), get("overlaps")], tmp_path / "a.html")
        assert (f'role="status">{words}' in (tmp_path / "a.html").read_text(encoding="utf-8")) is said
