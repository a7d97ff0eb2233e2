"""Is a map on paper whole, true to its room, and the same twice?"""

import re
import subprocess
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import mgrs
import pytest
from pypdf import PdfReader
from sqlalchemy import Engine

from geoapp import db
from geoapp.draw import features, paper
from geoapp.errors import BadRequest, NotAcceptable, NotFound
from geoapp.scope import Scope, parse_moment, parse_period
from layers import get

SPRING = Scope("grid", "internal", period=parse_period("2026-01-01/2026-06-30"), member="tester", purpose="export")


def drawn(engine: Engine, path: Path, scope: Scope = SPRING, **asked: object) -> paper.Made:
    return paper.write(engine, scope, path, **asked)  # type: ignore[arg-type]


def words(path: Path) -> str:
    return _words(path.read_bytes())


@lru_cache(maxsize=2)
def _words(data: bytes) -> str:
    """The words of a PDF: to find them takes seconds, and several things are asked of the same file."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(data)).pages).split())


def everything(path: Path) -> str:
    """All bytes of a PDF, its streams unpacked, and its words: what a search of the file would find."""
    data = path.read_bytes()
    streams = [data]
    for found in re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL):
        try:
            streams.append(zlib.decompress(found[1]))
        except zlib.error:
            streams.append(found[1])
    return b"\n".join(streams).decode("latin-1") + words(path)


def test_a_sheet_says_all_of_itself_and_is_the_same_twice(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    made = drawn(engine, tmp_path / "one.pdf", title="Grid ${7*7} {{x}} $a^2$", contact="desk@example.org")
    assert made.number == "GRD001_overview_a3_20261018"
    with db.transaction(engine, SPRING.context()) as connection:
        assert made.records["overlaps"] == features.count(connection, get("overlaps"), SPRING) > 0
    said = words(tmp_path / "one.pdf")
    for part in (
        "Grid ${7*7} {{x}} $a^2$", "As of", "18 Oct 2026", made.number, "TLP:RED", "EXERCISE", "1 Jan 2026 – 30 Jun 2026",
        "Absence of data is not absence of risk.", "do not imply official endorsement or acceptance by", "Sources.",
        "COD-AB v01", "desk@example.org", "Unknown", "Largest overlaps", "First Brigade", "Water Aid Group", "WGS 84 / UTM 32N",
        "areas geodesic", "km²", "gives no permission",
    ):  # fmt: skip
        assert part in said, (part, said)
    assert said.count("TLP:RED") == 4  # both ends of both banners
    drawn(engine, tmp_path / "two.pdf", title="Grid ${7*7} {{x}} $a^2$", contact="desk@example.org")
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()
    reader = PdfReader(tmp_path / "one.pdf")
    assert "/CreationDate" not in (reader.metadata or {})
    fonts = reader.pages[0]["/Resources"]["/Font"]
    for name in fonts:
        font = fonts[name]["/DescendantFonts"][0] if "/DescendantFonts" in fonts[name] else fonts[name]
        assert font["/Subtype"] in ("/CIDFontType2", "/TrueType")
        assert "/FontFile2" in font["/FontDescriptor"]
    assert "/XObject" not in reader.pages[0]["/Resources"] or not any(
        each.get_object()["/Subtype"] == "/Image" for each in reader.pages[0]["/Resources"]["/XObject"].values()
    )


def test_a_pdf_says_where_its_map_is(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    drawn(engine, tmp_path / "map.pdf", size="a4", orientation="portrait")
    page = PdfReader(tmp_path / "map.pdf").pages[0]
    assert [round(float(each) * 25.4 / 72) for each in page.mediabox[2:]] == [210, 297]
    viewport = page["/VP"][0]
    measure = viewport["/Measure"]
    assert measure["/Subtype"] == "/GEO"
    assert measure["/GCS"]["/EPSG"] == 32632
    lats, lons = [float(v) for v in measure["/GPTS"][0::2]], [float(v) for v in measure["/GPTS"][1::2]]
    # Gridland is 10 to 11 east, 5 to 6 north, and lies in the frame
    assert min(lats) < 5 < 6 < max(lats)
    assert min(lons) < 10 < 11 < max(lons)
    left, bottom, right, top = (float(v) for v in viewport["/BBox"])
    # the first corner is the lower left one, then clockwise, as /LPTS says
    assert lats[0] == pytest.approx(lats[3], abs=0.02)
    assert lats[1] > lats[0]
    assert lons[1] == pytest.approx(lons[0], abs=0.02)
    assert list(measure["/LPTS"]) == [0, 0, 0, 1, 1, 1, 1, 0]
    high = (lats[1] - lats[0]) * 110.57
    wide = (lons[2] - lons[1]) * 111.32 * 0.995
    assert wide / high == pytest.approx((right - left) / (top - bottom), rel=0.01)


@pytest.mark.parametrize("suffix", ["pdf", "svg"])
def test_a_room_is_told_nothing_above_its_reach(engine: Engine, gridded: Callable, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"map.{suffix}"
    drawn(engine, path)
    look = everything if suffix == "pdf" else Path.read_text
    assert "Secret Force" in look(path)
    assert "TLP:RED" in look(path)
    for room in ("hct", "cmwg_mixed", "public"):
        drawn(engine, path, replace(SPRING, audience=room))
        assert "Secret" not in look(path), room
        assert "TLP:RED" not in look(path), room
        said = words(path) if suffix == "pdf" else look(path)
        assert "withheld from this room" in said, room
        assert "Corrections:" in said, "the end of what is said in the foot"


def test_an_svg_has_a_named_group_a_layer(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    drawn(engine, tmp_path / "map.svg", layers=("areas_of_operation", "risk_zones", "incidents"))
    first = (tmp_path / "map.svg").read_text()
    for name in ("areas_of_operation", "risk_zones", "incidents", "boundaries", "names", "beside"):
        assert f'<g id="{name}' in first
    assert 'id="overlaps"' not in first
    assert "First Brigade" in first  # text is text
    drawn(engine, tmp_path / "map.svg", layers=("areas_of_operation", "risk_zones", "incidents"))
    assert (tmp_path / "map.svg").read_text() == first


def test_a_png_has_300_dots_an_inch(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    from PIL import Image

    drawn(engine, tmp_path / "map.png", size="a4")
    with Image.open(tmp_path / "map.png") as picture:
        assert picture.size == (3507, 2480)
        assert round(picture.info["dpi"][0]) == 300
        assert "Software" not in picture.info


def test_every_theme_is_drawn(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    for name, each in paper.THEMES.items():
        made = drawn(engine, tmp_path / f"{name}.pdf", theme=name, size="a4")
        assert made.number == f"GRD{each.number:03d}_{name}_a4_20261018"
        assert each.question in words(tmp_path / f"{name}.pdf")


def test_a_legend_holds_every_class_that_is_drawn_on_every_paper(
    engine: Engine, gridded: Callable, tmp_path: Path
) -> None:
    for size, orientation in (("a4", "portrait"), ("a4", "landscape")):
        drawn(engine, tmp_path / "map.pdf", size=size, orientation=orientation)
        said = words(tmp_path / "map.pdf")
        for part in (
            "Areas of operation",
            "Civil",
            "Military",
            "Unknown",
            "Risk zones",
            "Very high",
            "Incidents",
            "Armed clash",
        ):
            assert part in said, (size, orientation, part)
        assert "Not in this legend" not in said
        assert "known only roughly and are not drawn" in said


def test_an_empty_map_says_why(engine: Engine, gridded: Callable, nobody: None, tmp_path: Path) -> None:
    path = tmp_path / "map.pdf"
    drawn(engine, path, replace(SPRING, period=parse_period("1990-01-01/1990-12-31")), theme="overlaps")
    assert "Nothing is left to draw here" in words(path)
    drawn(engine, path, replace(SPRING, as_of=parse_moment("1990-01-01")), theme="overlaps")
    assert "Nothing was known here on 1 Jan 1990; the first record is of" in words(path)
    drawn(engine, path, replace(SPRING, audience="public"), theme="overlaps")
    assert "All of this is withheld from this room." in words(path)


def test_what_cannot_be_drawn_is_refused_and_leaves_nothing(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    for name, asked, error in (
        ("map.pdf", {"theme": "everything"}, NotFound),
        ("map.pdf", {"layers": ("areas_of_operation", "nothing")}, NotFound),
        ("map.pdf", {"size": "a2"}, BadRequest),
        ("map.pdf", {"orientation": "upright"}, BadRequest),
        ("map.docx", {}, NotAcceptable),
        ("map.png", {"theme": "atlas"}, NotAcceptable),
    ):
        with pytest.raises(error):
            drawn(engine, tmp_path / name, **asked)
    with pytest.raises(BadRequest):
        drawn(engine, tmp_path / "map.pdf", replace(SPRING, audience="nobody"))
    with pytest.raises(NotFound):
        drawn(engine, tmp_path / "map.pdf", replace(SPRING, operation="elsewhere"))
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_is_drawn_in_a_transaction_of_somebody_else(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    with db.transaction(engine, SPRING.context()) as connection:
        one = paper.sheet(connection, SPRING, tmp_path / "one.pdf", theme="overlaps")
        two = paper.sheet(connection, SPRING, tmp_path / "two.svg", layers=("overlaps",), size="a4")
    assert one.records["overlaps"] == two.records["overlaps"] > 0


def test_gdal_reads_where_the_map_is(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    import shutil

    tool = shutil.which("gdalinfo")
    if tool is None:
        pytest.skip("gdalinfo is not on this machine; the dictionary is read by another parser above")
    drawn(engine, tmp_path / "map.pdf")
    said = subprocess.run([tool, str(tmp_path / "map.pdf")], capture_output=True, text=True, check=True).stdout
    assert "UTM zone 32N" in said
    assert "NEATLINE=POLYGON" in said


def test_the_squares_of_mgrs_have_their_letters_and_digits(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    west, south, east, north = 10.31, 5.31, 10.52, 5.48
    drawn(engine, tmp_path / "a.pdf", SPRING.within((west, south, east, north)), theme="risk", size="a4", grid="mgrs")
    said = words(tmp_path / "a.pdf").split()
    middle = mgrs.MGRS().toMGRS((south + north) / 2, (west + east) / 2, MGRSPrecision=1)
    # zone and letters of the square of 100 km; lines of ten kilometres are named by their kilometres
    assert {middle[:3], middle[3:5], f"{middle[5]}0", f"{middle[6]}0"} <= set(said)
    with pytest.raises(BadRequest, match="no grid"):
        drawn(engine, tmp_path / "b.pdf", grid="utm")
