"""Slides: every record is a native shape of its own name in the group of its layer, and nothing else leaves with it."""

import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE
from sqlalchemy import Engine

from geoapp import audiences
from geoapp.db import transaction
from geoapp.draw import slides
from geoapp.draw.slides.ground import PT
from geoapp.draw.slides.legend import arranged
from geoapp.draw.slides.table import HEAD, ROW, fitted
from geoapp.draw.slides.themes import OVERLAPS
from geoapp.errors import BadRequest
from geoapp.scope import Scope
from layers import get
from tests import gridland

SPRING = (date(2026, 1, 1), date(2026, 3, 31))
ABOUT = {"disclaimer": "Names do not imply endorsement.", "note": "Absence of data is not absence of risk."}
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"


def deck(engine: Engine, path: Path, audience: str = "internal", **more: Any) -> dict[str, int]:
    scope = Scope("grid", audience, period=SPRING, member="tester", purpose="export")
    with transaction(engine, scope.context()) as connection:
        return slides.write(connection, scope, audiences.room(connection, scope), path, ABOUT, **more)


def words(path: Path) -> str:
    """Every part of the file, one after the other."""
    with zipfile.ZipFile(path) as file:
        return "\n".join(file.read(name).decode("utf-8", "replace") for name in file.namelist())


def groups(slide: Any) -> dict[str, Any]:
    return {shape.name: shape for shape in slide.shapes if shape.shape_type == MSO_SHAPE_TYPE.GROUP}


def test_each_record_is_a_named_shape_in_the_group_of_its_layer(
    engine: Engine, gridded: Callable, tmp_path: Path
) -> None:
    counts = deck(engine, tmp_path / "a.pptx")
    made = Presentation(str(tmp_path / "a.pptx"))
    slide = next(each for each in made.slides if each.shapes.title.text == "Who shares ground with whom")
    names = [shape.name for shape in groups(slide)["Overlaps"].shapes]
    assert len(names) == counts["overlaps"]
    assert any(
        name.startswith("OV-") and {"First Brigade", "Water Aid Group"} == set(name.split(" · ")[1].split(" / "))
        for name in names
    )
    areas = groups(slide)["Areas of operation"]
    assert {"First Brigade", "Water Aid Group", "Secret Force"} <= {shape.name for shape in areas.shapes}
    assert all(shape.shape_type in (MSO_SHAPE_TYPE.FREEFORM, MSO_SHAPE_TYPE.AUTO_SHAPE) for shape in areas.shapes)
    table = next(shape.table for shape in slide.shapes if shape.has_table)
    said = [[cell.text for cell in row.cells] for row in table.rows]
    assert said[0] == ["#", "Sides", "Districts", "Shared ground"]
    assert {name for row in said[1:] for name in row[1].split("\n")} >= {"First Brigade", "Water Aid Group"}
    assert len({number for number, *_ in said}) == len(said)


def test_a_deck_needs_no_repair(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    deck(engine, tmp_path / "a.pptx")
    with zipfile.ZipFile(tmp_path / "a.pptx") as file:
        names = file.namelist()
        assert len(names) == len(set(names))
        assert not [name for name in names if name.endswith((".png", ".jpg", ".emf")) and "thumbnail" not in name]
        parts = [
            name for name in names if name.startswith("ppt/slides/slide") or name.startswith("ppt/slideMasters/slide")
        ]
        assert len(parts) >= 5
        for name in parts:
            root = etree.fromstring(file.read(name))
            ids = Counter(each.get("id") for each in root.iter(f"{P}cNvPr"))
            assert [each for each, n in ids.items() if n > 1] == [], name
            assert all(each.get("name") is not None for each in root.iter(f"{P}cNvPr"))
            for path in root.iter(f"{A}path"):
                assert int(path.get("w")) > 0 and int(path.get("h")) > 0
                steps = [etree.QName(step).localname for step in path]
                assert steps[0] == "moveTo" and steps.count("lnTo") >= steps.count("moveTo")
                for point in path.iter(f"{A}pt"):
                    assert 0 <= int(point.get("x")) <= int(path.get("w")) and 0 <= int(point.get("y")) <= int(
                        path.get("h")
                    )


def test_a_hole_is_a_path_of_its_own_in_the_same_shape(engine: Engine, bring: Callable, tmp_path: Path) -> None:
    ring = gridland.square(1, 1, 6, 6)
    ring["coordinates"].append(gridland.square(3, 3, 2, 2)["coordinates"][0][::-1])
    assert bring("boundaries", gridland.DISTRICTS).landed
    assert bring("areas", [gridland.area("h1", "Ring Brigade", "military", ring)]).landed
    deck(engine, tmp_path / "a.pptx")
    made = Presentation(str(tmp_path / "a.pptx"))
    slide = next(each for each in made.slides if each.shapes.title.text == "Who shares ground with whom")
    (shape,) = groups(slide)["Areas of operation"].shapes
    assert shape.name == "Ring Brigade"
    assert len(list(shape._element.iter(f"{A}moveTo"))) == 2
    assert shape._element.find(f".//{A}pattFill") is not None


def test_the_same_snapshot_gives_the_same_bytes(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    deck(engine, tmp_path / "a.pptx")
    deck(engine, tmp_path / "b.pptx")
    assert (tmp_path / "a.pptx").read_bytes() == (tmp_path / "b.pptx").read_bytes()


def test_handling_and_notes_are_on_every_slide(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    deck(engine, tmp_path / "a.pptx")
    made = Presentation(str(tmp_path / "a.pptx"))
    master = [shape.text_frame.text for shape in made.slide_masters[0].shapes if shape.has_text_frame]
    assert master.count("TLP:RED") == 2 and "EXERCISE" in master
    for slide in made.slides:
        assert slide.has_notes_slide
        assert "Withheld from this room:" in slide.notes_slide.notes_text_frame.text
        assert ABOUT["disclaimer"] in slide.notes_slide.notes_text_frame.text


@pytest.mark.parametrize("title", ["خريطة المشاركة ${7*7}", "A‏b " + "x${y}" * 100, "a\x0bb <&> \"'"])
def test_any_title_is_only_text(engine: Engine, gridded: Callable, tmp_path: Path, title: str) -> None:
    deck(engine, tmp_path / "a.pptx", title=title, themes=("overlaps",))
    first = Presentation(str(tmp_path / "a.pptx")).slides[0].shapes.title
    kept = title.replace("\x0b", "")
    assert first.text.rstrip("…") == kept[: len(first.text.rstrip("…"))] and len(first.text) <= 140
    if title.startswith("خ"):
        assert first.text_frame.paragraphs[0]._p.pPr.get("rtl") == "1"


def test_a_room_gets_no_byte_of_what_is_above_it(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    deck(engine, tmp_path / "all.pptx")
    deck(engine, tmp_path / "hct.pptx", "hct")
    assert "Secret Force" in words(tmp_path / "all.pptx")
    assert "Secret Force" not in words(tmp_path / "hct.pptx")
    assert "First Brigade" in words(tmp_path / "hct.pptx")


def test_where_everything_is_withheld_the_deck_says_so(engine: Engine, nobody: None, tmp_path: Path) -> None:
    assert deck(engine, tmp_path / "a.pptx", "public") == {}
    said = words(tmp_path / "a.pptx")
    assert "Brigade" not in said and "Water Aid" not in said
    made = Presentation(str(tmp_path / "a.pptx"))
    last = "\n".join(shape.text_frame.text for shape in made.slides[-1].shapes if shape.has_text_frame)
    assert "No slide “Who shares ground with whom”: it is withheld from this room." in last
    assert "Overlaps are withheld from this room by its rule" in last


def test_an_unknown_theme_is_refused(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="no slide"):
        deck(engine, tmp_path / "a.pptx", themes=("moon",))
    assert not (tmp_path / "a.pptx").exists()


def test_what_a_table_says_is_never_cut() -> None:
    listed, layer = OVERLAPS.tables[0], get("overlaps")
    long = "Third Mechanised Infantry Brigade of the Northern Regional Command, Joint Operations Sector East"
    row = {
        "id": 1,
        "actor_a": long,
        "actor_b": "كتيبة " * 20,
        "districts": ", ".join(f"District {n}" for n in range(40)),
        "km2": 5,
    }
    plain = row | {"actor_a": "1st Brigade", "actor_b": "Aid", "districts": "Velmar"}
    wide, high = 340 * PT, 300 * PT
    held = fitted(wide, high, layer, listed, [row] * 10)
    assert held.said[0][0] == [long, row["actor_b"]] and held.size == 11 and 0 < len(held.rows) < 10
    assert held.said[0][1] == ["District 0, District 1, District 2, District 3, District 4 and 35 more"]
    assert HEAD + sum(held.heights) <= high and held.heights[0] > 10 * 11 * PT
    easy = fitted(wide, high, layer, listed, [plain] * 8)
    assert len(easy.rows) == 8 and easy.size == 12 and set(easy.heights) == {ROW}
    assert len(fitted(wide, ROW, layer, listed, [row]).rows) == 1 and not fitted(wide, high, layer, listed, []).rows
    zones, counts = get("risk_zones"), get("presence_counts")
    few, many = counts.style.rules[:2]
    lines = arranged([(counts, few, 3), (counts, many, 2), (zones, zones.style.rules[0], 1)])
    assert [[rule for _, rule, _ in line] for line in lines] == [[None], [few, many], [None], [zones.style.rules[0]]]
