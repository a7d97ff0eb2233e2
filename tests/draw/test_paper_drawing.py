"""Are the parts of a sheet where they should be, whatever it is about: type, labels, projection, titles, disclaimers?"""

import re
from collections import Counter
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.patches import PathPatch
from matplotlib.text import Text

from geoapp import TOP
from geoapp.draw.paper import furniture, legend, names, plates, records, typeface
from geoapp.draw.paper.asked import Asked
from geoapp.draw.paper.beside import lists_have_room, locator_height
from geoapp.draw.paper.glyphs import GLYPHS, SIDES
from geoapp.draw.paper.labels import Ground, around, within
from geoapp.draw.paper.lists import Entry
from geoapp.draw.paper.page import MM, ORIENTATIONS, SIZES, Box, Page, page
from geoapp.draw.paper.pen import Sheet, hatch_lines, outline
from geoapp.draw.paper.projection import Frame, edge, fit
from geoapp.draw.paper.records import Drawn
from geoapp.draw.paper.themes import THEMES
from geoapp.draw.paper.told import area_disclaimers, country
from layers import STACK, get

PAGES = [page(size, orientation) for size in SIZES for orientation in ORIENTATIONS]


def test_glyphs_and_markers_are_those_of_the_screen() -> None:
    script = (TOP / "web" / "static" / "lib" / "glyphs.js").read_text()
    assert set(re.findall(r"^  (\w+): ", script, re.MULTILINE)) == set(GLYPHS)
    used = {rule.symbol for layer in STACK for rule in layer.style.rules}
    assert {symbol.glyph for symbol in used if symbol.glyph} <= set(GLYPHS)
    assert {symbol.marker for symbol in used if symbol.marker} <= {*SIDES, "circle", "ring"}


def test_parts_of_a_page_do_not_meet() -> None:
    for on in PAGES:
        parts = [on.title, on.map, *on.columns, on.foot, Box(0, 0, on.width, on.banner),
                 Box(0, on.height - on.banner, on.width, on.height)]  # fmt: skip
        for at, one in enumerate(parts):
            assert one.width > 0
            assert one.height > 0
            assert all(not one.meets(other) for other in parts[at + 1 :]), on
        assert min(on.type.values()) >= 7


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(0, 300), st.floats(5, 80), st.floats(4, 12)), max_size=60))
def test_labels_never_lie_on_one_another(asked: list[tuple[float, float, float, float]]) -> None:
    ground = Ground(Box(0, 0, 300, 300))
    for x, y, wide, high in asked:
        found = ground.first(wide, high, around(x, y, wide, high, 4))
        if found:
            assert found.width == pytest.approx(wide)
    for at, one in enumerate(ground.taken):
        assert 0 <= one.left
        assert one.top <= 300
        assert all(not one.meets(other) for other in ground.taken[at + 1 :])


def test_a_label_stands_in_the_seen_part_of_its_shape() -> None:
    shape = shapely.Polygon(
        [(-500, -500), (500, -500), (500, 0), (-500, 40)], [[(-10, -10), (10, -10), (10, 10), (-10, 10)]]
    )
    for x, y in within(shape, Box(0, 0, 100, 100)):
        assert shapely.contains_xy(shape, x, y)
        assert 0 <= x <= 100


@pytest.mark.parametrize(
    ("extent", "named", "epsg"),
    [
        ((85.2, -14.3, 87.6, -11.6), "UTM 45S", 32745),
        ((14.4, 2.2, 27.5, 11.1), "Transverse Mercator 21° E", 32634),
        ((-170, -60, 170, 75), "World Equidistant", 4087),
        ((177, -19, 180, -16), "UTM 60S", 32760),
        ((30, 4, 30, 4), "UTM 36N", 32636),
    ],
)
def test_an_extent_lies_in_its_frame(extent: tuple[float, float, float, float], named: str, epsg: int | None) -> None:
    for on in PAGES:
        frame = fit(extent, on.map)
        assert named in frame.name
        assert frame.crs.to_epsg() == epsg
        west, south, east, north = extent
        at = frame.place([west, west, east, east], [south, north, south, north])
        assert (at[:, 0] >= on.map.left - 0.01).all()
        assert (at[:, 0] <= on.map.right + 0.01).all()
        assert (at[:, 1] >= on.map.bottom - 0.01).all()
        assert (at[:, 1] <= on.map.top + 0.01).all()
        if epsg == 4087:
            assert frame.degrees()[0] <= -170 < 170 <= frame.degrees()[2]
            continue
        corner = frame.place(*np.array(frame.corners()).T)
        assert corner[0] == pytest.approx([on.map.left, on.map.bottom], abs=0.01)
        assert corner[2] == pytest.approx([on.map.right, on.map.top], abs=0.01)


def test_a_scale_is_a_number_that_people_can_say() -> None:
    for extent in ((85.2, -14.3, 87.6, -11.6), (14.4, 2.2, 27.5, 11.1), (30, 4, 30.1, 4.1)):
        scale = fit(extent, PAGES[0].map).scale
        digits = f"{scale:.0f}".rstrip("0")
        assert len(digits) <= 3, scale


TITLES = (
    "Kavarra: overlaps", "w" * 400, "long words of a title " * 19, "${7*7} `${alert(1)}` $x^2$ \\frac{1}{2} " * 9,
    "‏كافارا: مناطق العمليات والتداخل‎ ‮evil‬ " * 9, "卡瓦拉：行动区域 " * 40, "line\nbreak\ttab\x00nul",
)  # fmt: skip


@pytest.mark.parametrize("title", TITLES)
def test_any_title_stands_in_its_place(title: str) -> None:
    for on in PAGES:
        room = on.title.width * 0.6
        size, lines = furniture._title(title[:400], room, on)
        assert 1 <= len(lines) <= 3
        assert size >= 7
        assert all(typeface.width(line, size, 600) <= room + 0.5 for line in lines)
        facts = 0 if on.orientation == "landscape" else 2 * on.type["small"] + 12
        assert len(lines) * size * 1.2 + on.type["subtitle"] * 1.4 <= on.title.height - facts
        sheet = Sheet(on.width, on.height)
        sheet.part("title")
        for line in lines:
            sheet.text(10, 10, line, size, weight=600)


def test_arabic_is_shaped_and_what_has_no_typeface_is_a_box() -> None:
    joined, apart = typeface.width("بيت", 20), sum(typeface.width(letter, 20) for letter in "بيت")
    assert joined < apart * 0.9  # letters in the middle of a word are narrower than letters alone
    assert typeface.drawable("a\U0001f6f8b\x00c\n d") == f"a{typeface.NO_SIGN}bc d"
    assert typeface.drawable("‮gnp.exe") == "gnp.exe"


def test_hatches_are_wide_enough_for_a_grey_printer() -> None:
    square = outline(np.array([shapely.box(0, 0, 100, 100)], dtype=object))
    assert square is not None
    for layer in STACK:
        for rule in layer.style.rules:
            if rule.symbol.hatch:
                pitch = max(rule.symbol.hatch_px * 0.75, 1.5 * MM)
                at = hatch_lines(square.get_extents(), 45, pitch).vertices
                apart = np.abs(np.diff(at[0::2] @ [-np.sqrt(0.5), np.sqrt(0.5)]))
                assert apart.min() >= 1.5 * MM - 1e-6


def test_a_hole_stays_a_hole() -> None:
    shape = shapely.Polygon([(0, 0), (10, 0), (10, 10), (0, 10)], [[(4, 4), (6, 4), (6, 6), (4, 6)]])
    path = outline(np.array([shape, shapely.box(20, 0, 30, 10)], dtype=object))
    assert path is not None
    assert list(path.codes).count(path.MOVETO) == 3
    rings = path.to_polygons()
    signs = [np.sign(np.sum(r[:-1, 0] * r[1:, 1] - r[1:, 0] * r[:-1, 1])) for r in rings]
    assert signs[0] == -signs[1]
    assert outline(np.array([shapely.Point(1, 1)], dtype=object)) is None


def test_disclaimers_follow_the_extent() -> None:
    assert area_disclaimers((85, -15, 88, -11)) == []
    assert any("Abyei" in words for words in area_disclaimers((24, 3, 36, 12)))
    assert any("Line of Control" in words for words in area_disclaimers((74, 33, 76, 35)))
    assert any("Malvinas" in words for words in area_disclaimers((-62, -53, -57, -50)))


def test_an_operation_has_three_letters() -> None:
    assert country("CF", "anything") == "CAF"
    assert country("QV", "kavarra") == "KVR"
    assert len(country("", "aa")) == 3


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_no_word_of_a_disclaimer_is_cut(size: str, orientation: str) -> None:
    whole = " ".join(["Names do not imply acceptance.", *area_disclaimers((24, 3, 36, 12))])
    told = SimpleNamespace(sources="Boundaries: COD-AB.", disclaimer=whole, withheld="Records above AMBER.", contact="")
    set_: list[str] = []
    sheet = SimpleNamespace(text=lambda x, y, words, *_, **__: set_.append(words))
    furniture.foot(sheet, page(size, orientation), told)
    assert whole in " ".join(set_)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_foot_is_as_high_as_what_is_withheld_needs(size: str, orientation: str) -> None:
    withheld = " ".join(f"Layer {n}: what is told of it is not as recorded, by its rule “admin{n}”." for n in range(40))
    told = SimpleNamespace(
        sources="None.", disclaimer="Names imply nothing.", withheld=withheld, contact="Corrections: us."
    )
    plain = page(size, orientation)
    on = page(size, orientation, foot=furniture.foot_height(plain, told))
    assert on.map.height < plain.map.height
    assert furniture.foot_height(on, told) == pytest.approx(on.foot.height), "it depends on nothing but the width"
    set_: list[tuple[float, float, str]] = []
    furniture.foot(SimpleNamespace(text=lambda x, y, words, *_, **__: set_.append((x, y, words))), on, told)
    last = [words for x, _, words in set_ if x > on.foot.left + on.foot.width / 3]
    assert " ".join(last[1:]) == f"{withheld} Corrections: us."
    assert all(on.foot.bottom <= y <= on.foot.top for _, y, _ in set_)


SHORT = {"scale": (150.0, 34.0), "north": (28.0, 38.0), "note": (240.0, 60.0)}


def _left_over(extent: tuple[float, float, float, float], own: list[shapely.Geometry]) -> tuple[Frame, float]:
    """The frame that an operation gets, and how much of it lies under the plates, in square points."""
    shapes = np.array(own, dtype=object)
    plain = fit(extent, page("a4").map)
    frame = plates.clearing(plain, extent, shapes, lambda _: SHORT)
    stood = plates.place(frame.box, SHORT, frame.draw(shapes))
    assert not any(one.meets(two) for one, two in combinations(stood.values(), 2))
    at = frame.place(*edge(extent))
    assert (at >= [frame.box.left, frame.box.bottom]).all()
    assert (at <= [frame.box.right, frame.box.top]).all()
    assert plain.scale <= frame.scale <= plain.scale * plates.WIDEST
    under = shapely.box(*zip(*((b.left, b.bottom, b.right, b.top) for b in stood.values()), strict=True))
    drawn = frame.draw(shapes)
    return frame, float(shapely.area(shapely.intersection(drawn[:, None], under[None])).sum())


def test_plates_stand_where_nothing_of_the_operation_is_drawn() -> None:
    # one corner is taken: the plate that stands there goes to the free one and the scale stays
    frame, under = _left_over((10, 0, 14, 3), [shapely.box(10, 0, 12, 1), shapely.box(11.6, 1, 12.4, 2.6)])
    assert under == 0
    assert frame.scale == fit((10, 0, 14, 3), frame.box).scale
    # a tip in every corner, and a whole rectangle: the map is drawn smaller until it clears them
    for own in ([shapely.box(10, 0, 14, 3)], [shapely.Polygon([(10, 0), (12, 1), (14, 0), (14, 3), (12, 2), (10, 3)])]):
        frame, under = _left_over((10, 0, 14, 3), own)
        assert under == 0
    # an operation without boundaries keeps its frame
    assert plates.clearing(frame, (10, 0, 14, 3), np.empty(0, dtype=object), lambda _: SHORT) is frame


def test_numbers_and_counted_signs_never_lie_on_one_another() -> None:
    on, layer = page("a4"), next(each for each in STACK if each.name == "incidents")
    rule = layer.style.rules[0]
    random = np.random.default_rng(7)
    at = random.uniform([100, 200], [400, 400], (160, 2))
    rows = [{"id": n, "n": 1 + n % 60, "sum": (1 + n % 60) * xy} for n, xy in enumerate(at)]
    drawn = Drawn(layer, [rule] * len(at), shapely.points(at), [dict(row) for row in rows])
    apart = records.apart(drawn)
    signs = [records.stands(apart, place) for place in range(len(apart.rows))]
    for (x, y, r), (x2, y2, r2) in combinations(signs, 2):
        assert np.hypot(x - x2, y - y2) >= r + r2
    assert sum(row["n"] for row in apart.rows) == sum(row["n"] for row in rows)
    assert len(apart.geoms) == len(apart.rules) == len(apart.rows) > 10
    # the numbers of a list: each on free ground or among those that are left out, which the map says
    ground, sheet = Ground(on.map), Sheet(on.width, on.height)
    sheet.part("names", on.map)
    names.markers(sheet, ground, apart)
    before = len(ground.taken)
    listed = Drawn(
        STACK[0], [rule] * 40, np.array([shapely.box(250, 290, 290, 320)] * 40), [{"id": n} for n in range(40)]
    )
    left = names.numbers(sheet, ground, listed, [Entry(n, {}, (n,)) for n in range(40)])
    discs = ground.taken[before:]
    assert len(discs) + len(left) == 40
    assert discs
    assert left
    assert not any(
        disc.meets(other) for at, disc in enumerate(discs) for other in [*ground.taken[:before], *discs[at + 1 :]]
    )
    names.left_out(sheet, on, ground, "Overlaps", left)
    said = " ".join(text.get_text() for axes in sheet.figure.axes for text in axes.findobj(Text))
    assert f"no room on the map for {left[0]}" in said


@pytest.mark.parametrize("on", PAGES)
def test_the_legend_of_every_theme_is_whole_on_every_paper(on: Page) -> None:
    for theme in THEMES.values():
        found = [
            legend.Block(layer, layer.title, tuple((rule, 1) for rule in layer.style.rules if rule.on)[:7])
            for layer in STACK
            if layer.name in theme.layers and layer.name != "basemap"
        ]
        last = on.columns[-1]
        columns = [*on.columns[:-1], Box(last.left, last.bottom + locator_height(on) + 6, last.right, last.top)]
        sheet = Sheet(on.width, on.height)
        sheet.part("beside")
        legend.draw(sheet, on, columns, found)
        said = [text.get_text() for text in sheet.axes.findobj(Text)]
        assert not [each for each in said if each.startswith("Not in this legend")], (theme.name, on)


def test_arabic_is_drawn_as_shapes_beneath_its_text() -> None:
    sheet = Sheet(200, 100)
    sheet.part("words")
    for said in ("كافارا ٢٠٢٦: مناطق العمل", "Kavarra 2026"):
        sheet.text(10, 10, said, 12)
    seen = [each for each in sheet.axes.get_children() if isinstance(each, Text) and each.get_text()]
    assert [(each.get_text(), each.get_alpha()) for each in seen] == [
        ("كافارا ٢٠٢٦: مناطق العمل", 0), ("Kavarra 2026", None)
    ]  # fmt: skip
    (letters,) = (each for each in sheet.axes.get_children() if isinstance(each, PathPatch))
    assert letters.get_path().get_extents().width == pytest.approx(typeface.width(seen[0].get_text(), 12), abs=3)
    assert typeface.latin("Ouham Pendé") and not typeface.latin("Somalia الصومال") and not typeface.latin("Κάβαρα")


def test_lists_have_a_column_where_the_legend_leaves_them_no_room() -> None:
    def drawn(name: str) -> Drawn:
        layer = get(name)
        rows = [{"id": n, "name": "", "category": "", "severity": 3} for n in range(20)]
        return Drawn(layer, rows=rows, counts=Counter({rule.value: 9 for rule in layer.style.rules}))

    access = THEMES["access"]
    for among, room in ((access.layers, False), (("access_constraints",), True)):
        found = {name: drawn(name) for name in among if name != "basemap"}
        assert lists_have_room(page("a4"), access, found) is room
        assert lists_have_room(page("a4", listing=True), access, found)
    one, two = page("a4"), page("a4", listing=True)
    assert two.map.width < one.map.width and two.columns[-1].right == one.columns[-1].right
    assert not two.columns[0].meets(two.columns[1]) and not two.columns[0].meets(two.map)


def test_a_room_that_is_told_counts_has_them_on_its_map() -> None:
    for withheld, drawn, left in (("incidents", "incident_counts", "incidents"), ("", "incidents", "incident_counts")):
        room = SimpleNamespace(shows=lambda layer, withheld=withheld: layer.name != withheld)
        for theme in ("overview", "risk"):
            names = {layer.name for layer in Asked(theme).of(room)[1] if room.shows(layer)}
            assert drawn in names and left not in names
    assert get("incident_counts").happens
