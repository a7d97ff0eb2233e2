"""What leaves for military systems: no friend, no foe, no tasking; every part where it is, stale when it ends."""

import re
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as Xml

import pyogrio
import pytest
import shapely
from sqlalchemy import Engine

from geoapp import export
from geoapp.errors import TooLarge
from geoapp.export.formats import _cot, dpk
from geoapp.export.formats._pieces import parts
from geoapp.scope import Scope
from layers import get

SCOPE = Scope("grid", purpose="export", member="tester")
NVG = "{https://tide.act.nato.int/schemas/2012/10/nvg}"
NEVER = re.compile(r"^(t-|a-[fhsjk])")


def events(path: Path) -> list[Xml.Element]:
    with zipfile.ZipFile(path) as archive:
        manifest = Xml.fromstring(archive.read("MANIFEST/manifest.xml"))
        assert (manifest.tag, manifest.get("version")) == ("MissionPackageManifest", "2")
        assert {p.get("name") for p in manifest.iter("Parameter")} >= {"uid", "name", "onReceiveImport"}
        named = {c.get("zipEntry"): c.get("ignore") for c in manifest.iter("Content")}
        assert set(named) == set(archive.namelist()) - {"MANIFEST/manifest.xml"}
        found = [Xml.fromstring(archive.read(name)) for name, ignored in named.items() if ignored == "false"]
    assert all(f"{e.get('uid')}/{e.get('uid')}.cot" in named for e in found)
    return found


def is_an_event_of_version_2(event: Xml.Element) -> None:
    """Raise where an event is not what the definition of Cursor on Target events, version 2.0, says; no package has it
    as a schema."""
    assert event.tag == "event" and not event.tail
    assert set(event.attrib) == {"version", "uid", "type", "time", "start", "stale", "how", "opex"}
    assert event.get("opex") == "e", "of an exercise"
    assert float(event.get("version")) >= 2
    assert event.get("uid")
    assert re.fullmatch(r"a-[nu](-[A-Z])+|u-d-f|b-m-r", event.get("type"))
    assert re.fullmatch(r"[hm](-\w+)*", event.get("how"))
    for name in ("time", "start", "stale"):
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", event.get(name))
        assert datetime.fromisoformat(event.get(name)), "a day and an hour that there are"
    assert event.get("start") <= event.get("stale")
    assert [child.tag for child in event] == ["point", "detail"]
    assert set(event[0].attrib) == {"lat", "lon", "hae", "ce", "le"}
    assert all(re.fullmatch(r"-?\d+(\.\d+)?", number) for number in event[0].attrib.values())
    assert -90 <= float(event[0].get("lat")) <= 90
    assert -180 <= float(event[0].get("lon")) <= 180


def test_a_data_package_holds_every_record_neutrally(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    layers = [layer for layer in export.EVERYTHING if layer.name != "boundaries"]
    counts = export.write(engine, SCOPE, layers, tmp_path / "all.dpk")
    assert counts["overlaps"] and counts["incidents"] == 4
    found = events(tmp_path / "all.dpk")
    assert {e.get("type") for e in found} <= {"a-n-G", "a-u-G", "u-d-f"}
    assert not [e.get("type") for e in found if NEVER.match(e.get("type"))]
    assert len({e.get("uid") for e in found}) == len(found)
    for event in found:
        is_an_event_of_version_2(event)
        at = event.find("point")
        assert 5 <= float(at.get("lat")) <= 6
        assert 10 <= float(at.get("lon")) <= 11
        assert {at.get(name) for name in ("hae", "ce", "le")} == {"9999999.0"}
        if event.get("type") == "u-d-f":
            ring = [link.get("point") for link in event.iter("link")]
            assert ring[0] == ring[-1]
            assert all(5 <= float(corner.split(",")[0]) <= 6 for corner in ring), "latitude comes first"
            assert -(2**31) <= int(event.find("detail/fillColor").get("value")) < 2**31


def test_stale_is_the_end_of_validity_and_a_second_file_replaces(
    engine: Engine, gridded: Callable, tmp_path: Path
) -> None:
    areas = [get("areas_of_operation")]
    export.write(engine, SCOPE, areas, tmp_path / "a.gpkg")
    frame = pyogrio.read_dataframe(tmp_path / "a.gpkg", layer="areas_of_operation")
    ends = {row.actor: row.period_end for row in frame.itertuples()}
    export.write(engine, SCOPE, areas, tmp_path / "a.dpk")
    export.write(engine, SCOPE, areas, tmp_path / "again.dpk")
    found = events(tmp_path / "a.dpk")
    for event in found:
        name = event.find("detail/contact").get("callsign")
        after = datetime.fromisoformat(str(ends[name])[:10]).replace(tzinfo=UTC) + timedelta(days=1)
        assert datetime.fromisoformat(event.get("stale")) == after
    assert {e.get("uid") for e in found} == {e.get("uid") for e in events(tmp_path / "again.dpk")}


@pytest.mark.parametrize(
    ("first", "last", "start", "stale"),
    [
        ("2026-01-01", "2026-06-30", "2026-01-01", "2026-07-01"),
        ("2026-01-01", None, "2026-01-01", "2026-10-25"),
        ("2026-12-01", None, "2026-12-01", "2026-12-08"),
        (None, None, "2026-10-18", "2026-10-25"),
        (None, "2026-06-30", "2026-07-01", "2026-07-01"),
    ],
    ids=["both", "open", "open, still to come", "no days", "ended, no first day"],
)
def test_a_validity_never_ends_before_it_starts(first: str | None, last: str | None, start: str, stale: str) -> None:
    first_day, last_day = (day and date.fromisoformat(day) for day in (first, last))
    found = _cot.validity(first_day, last_day, datetime(2026, 10, 18, tzinfo=UTC))
    assert found == tuple(datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (start, stale))


def test_a_shape_with_holes_is_cut_and_nothing_is_lost() -> None:
    plate = shapely.box(0, 0, 10, 10)
    for n in range(4):
        plate = plate.difference(shapely.Point(2 + 2 * n, 2 + 2 * n).buffer(0.7))
    assert len(plate.interiors) == 4
    pieces = list(parts(shapely.MultiPolygon([plate, shapely.box(20, 0, 21, 1)])))
    assert all(not piece.interiors and piece.is_valid for piece in pieces)
    assert sum(piece.area for piece in pieces) == pytest.approx(plate.area + 1)
    assert shapely.union_all(pieces).symmetric_difference(plate.union(shapely.box(20, 0, 21, 1))).area < 1e-9


def test_a_package_for_phones_has_an_end(
    engine: Engine, gridded: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dpk, "MAX_EVENTS", 20)
    with pytest.raises(TooLarge, match="holds 20 events"):
        export.write(engine, SCOPE, [get("boundaries")], tmp_path / "b.dpk")
    assert list(tmp_path.glob("*")) == []


def test_colours_are_signed_argb() -> None:
    assert _cot.argb("#FFFFFF", 1) == -1
    assert _cot.argb("#010203", 0) == 0x010203
    assert _cot.argb(None, 1) == 0


def test_an_overlay_is_neutral_or_unknown_and_longitude_comes_first(
    engine: Engine, gridded: Callable, tmp_path: Path
) -> None:
    layers = [get("areas_of_operation"), get("incidents"), get("overlaps")]
    export.write(engine, SCOPE, layers, tmp_path / "o.nvg")
    export.write(engine, SCOPE, [layers[0]], tmp_path / "o.gpkg")
    root = Xml.parse(tmp_path / "o.nvg").getroot()
    assert (root.tag, root.get("version")) == (f"{NVG}nvg", "2.0.2")
    assert root.get("classification") == "TLP:RED"
    symbols = {each.get("symbol").removeprefix("app6d:") for each in root.iter() if each.get("symbol")}
    assert symbols
    for symbol in symbols:
        assert len(symbol) == 20 and symbol.isdigit()
        assert symbol[2:4] in ("11", "14"), "the exercise, unknown or neutral"
    areas = root.findall(f"{NVG}g")[1]
    drawn = [
        shapely.Polygon([tuple(map(float, c.split(","))) for c in each.get("points").split()])
        for each in areas.iter(f"{NVG}polygon")
    ]
    kept = pyogrio.read_dataframe(tmp_path / "o.gpkg", layer="areas_of_operation").geometry.to_numpy()
    assert sum(shape.area for shape in drawn) == pytest.approx(sum(shape.area for shape in kept))
    for point in root.iter(f"{NVG}point"):
        assert 10 <= float(point.get("x")) <= 11
        assert 5 <= float(point.get("y")) <= 6
