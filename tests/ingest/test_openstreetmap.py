"""An OpenStreetMap extract becomes roads in UNSDI-T's words; one that is cut off, empty or lies is refused, and nothing
is lost."""

import json
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

import osmium
import pytest
import shapely
from osmium.osm.mutable import Node, Way
from sqlalchemy import Engine, text

from geoapp import db
from geoapp.ingest.sandbox import Limits
from tests.ingest.reading import read

Ways = Sequence[tuple[int, list[int], dict[str, str]]]
NODES = {n: (10 + n / 100, 5 + (n % 3) / 100) for n in range(1, 40)}
WAYS: Ways = (
    (
        1,
        [1, 2, 3],
        {"highway": "primary", "name": "Long Road", "surface": "asphalt", "maxspeed": "50", "bridge": "yes"},
    ),
    (
        2,
        [4, 5, 6],
        {"highway": "tertiary", "ref": "T 7", "surface": "fine_gravel", "maxspeed": "30 mph", "oneway": "-1"},
    ),
    (3, [7, 8], {"highway": "track", "tunnel": "no", "oneway": "no", "maxspeed": "none"}),
    (4, [9, 10, 11, 9], {"highway": "residential", "junction": "roundabout"}),
    (5, [12, 13], {"waterway": "river"}),
    (6, [14, 15], {"highway": "proposed"}),
    (7, [16, 17, 18, 16], {"highway": "pedestrian", "area": "yes"}),
)


def extract(folder: Path, ways: Ways = WAYS, nodes: dict[int, tuple[float, float]] = NODES) -> bytes:
    path = folder / "made.osm.pbf"
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for number, (lon, lat) in nodes.items():
            writer.add_node(Node(id=number, location=(lon, lat)))
        for number, stands_on, tags in ways:
            writer.add_way(Way(id=number, nodes=stands_on, tags=tags))
    return path.read_bytes()


def test_roads_of_an_extract(tmp_path: Path) -> None:
    rows, findings = read(tmp_path, "roads", extract(tmp_path), "x.osm.pbf")
    assert findings == []
    names = ("source_key", "name", "road_class", "surface", "bridge", "tunnel", "oneway")
    assert [tuple(r[n] for n in names) for r in rows] == [
        ("1", "Long Road", "2", "1", "true", "false", "false"), ("2", "T 7", "4", "2", "false", "false", "true"),
        ("3", "", "6", "0", "false", "false", "false"), ("4", "", "5", "0", "false", "false", "true"),
    ]  # fmt: skip
    assert [round(float(r["speed_kmh"] or 0)) for r in rows] == [50, 48, 0, 0]
    line = shapely.get_coordinates(shapely.from_wkb(rows[0]["geom"])).round(6).tolist()
    assert line == [list(NODES[n]) for n in (1, 2, 3)]
    against = shapely.get_coordinates(shapely.from_wkb(rows[1]["geom"])).round(6).tolist()
    assert against == [list(NODES[n]) for n in (6, 5, 4)]


USED: Sequence[dict[str, str]] = (
    {"highway": "primary", "hgv": "no"}, {"highway": "primary", "4wd_only": "yes"},
    {"highway": "primary", "impassable": "yes"}, {"highway": "primary", "smoothness": "impassable"},
    {"highway": "primary", "motorcar": "no"}, {"highway": "primary", "access": "military"},
    {"highway": "primary", "maxweight": "12"}, {"highway": "footway"}, {"highway": "track", "ford": "yes"},
    {"highway": "track", "winter_road": "yes"}, {"highway": "primary"},
)  # fmt: skip


def test_tags_say_the_same_in_an_extract_and_in_geojson(tmp_path: Path) -> None:
    extracted, told = read(
        tmp_path,
        "roads",
        extract(tmp_path, [(n, [n, n + 1], tags) for n, tags in enumerate(USED, 1)]),
        "x.osm.pbf",
    )
    lines = [{"type": "LineString", "coordinates": [NODES[n], NODES[n + 1]]} for n in range(1, len(USED) + 1)]
    every = {name: None for tags in USED for name in tags}
    drawn = json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": line, "properties": every | tags | {"osm_id": str(n)}}
        for n, (line, tags) in enumerate(zip(lines, USED, strict=True), 1)
    ]})  # fmt: skip
    listed, told_too = read(tmp_path, "roads", drawn, "x.geojson")
    names = ("source_key", "op_status", "practicability", "seasonal")
    assert [[row[n] for n in names] for row in extracted] == [[row[n] for n in names] for row in listed]
    assert [(row["op_status"], row["practicability"]) for row in extracted] == [
        ("unspecified", "3"), ("unspecified", "3"), ("closed", "0"), ("closed", "0"), ("closed", "0"),
        ("restricted", "0"), ("unspecified", "4"), ("unspecified", "1"), ("unspecified", "0"), ("unspecified", "0"),
        ("unspecified", "0"),
    ]  # fmt: skip
    codes = sorted((f["code"], f["row"] - 1) for f in told)
    assert codes == [
        ("road-barred", 5), ("road-for-light-vehicles", 1), ("road-for-light-vehicles", 2), ("road-for-light-vehicles", 7),
        ("road-for-light-vehicles", 8), ("road-impassable", 3), ("road-impassable", 4), ("road-limited", 6),
        ("road-of-a-season", 10), ("road-with-a-ford", 9),
    ]  # fmt: skip
    assert sorted(f["code"] for f in told_too) == [code for code, _ in codes]


def test_it_lands_and_lands_again_as_before(
    engine: Engine, context: db.Context, bring: Callable, tmp_path: Path
) -> None:
    content = extract(tmp_path)
    report = bring("roads", content, "x.osm.pbf")
    assert (report.landed, report.created) == (True, 4), report.as_dict()
    assert bring("roads", content, "x.osm.pbf").unchanged == 4
    cut = bring("roads", content[: len(content) // 2], "x.osm.pbf")
    assert (cut.landed, {f.code for f in cut.findings}) == (False, {"damaged"})
    with db.transaction(engine, context) as connection:
        assert connection.execute(text("SELECT count(*) FROM facts.road")).scalar() == 4


def test_roads_at_the_edge_of_an_extract(tmp_path: Path) -> None:
    ways = [
        (1, [1, 2, 99, 3, 4], {"highway": "primary"}),
        (2, [98, 5], {"highway": "primary"}),
        (3, [5, 6], {"highway": "primary"}),
    ]
    rows, findings = read(tmp_path, "roads", extract(tmp_path, ways), "x.osm.pbf")
    assert [(r["source_key"], len(shapely.from_wkb(r["geom"]).geoms)) for r in rows] == [("1", 2), ("3", 1)]
    assert {("nodes-missing", None), ("empty", 3)} <= {(f["code"], f["row"]) for f in findings}


def block(kind: bytes, body: bytes, size: int | None = None) -> bytes:
    """One block of a PBF; its header may lie about the size of its body."""
    header = b"\x0a" + bytes([len(kind)]) + kind + b"\x18" + varint(len(body) if size is None else size)
    return struct.pack(">I", len(header)) + header + body


def varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_cut_off_anywhere(tmp_path: Path, share: float) -> None:
    many = [(i, [1 + i % 38, 2 + i % 38], {"highway": "primary", "name": f"Road {i * 7919}"}) for i in range(1, 9000)]
    content = extract(tmp_path, many)
    rows, findings = read(tmp_path, "roads", content[: int(len(content) * share)], "x.osm.pbf")
    assert not rows
    assert [f["code"] for f in findings] == ["damaged"]
    assert str(tmp_path) not in findings[0]["message"]


def lies(folder: Path) -> dict[str, tuple[bytes, str]]:
    whole = extract(folder)
    first = 4 + struct.unpack(">I", whole[:4])[0]
    return {
        "empty": (b"", "empty"),
        "head only": (whole[: first + 20], "damaged"),
        "no roads": (extract(folder, [WAYS[4]]), "no-roads"),
        "nodes only": (extract(folder, []), "no-roads"),
        "a body of 2 GB": (whole + block(b"OSMData", b"", 2**31 - 1), "damaged"),
        "a body larger than a block may be": (whole + block(b"OSMData", b"\0" * 100, 2**26), "damaged"),
        "unpacks to more than it says": (whole + block(b"OSMData", b"\x10" + varint(2**31 - 1) + b"\x1a\x02xx"), "damaged"),
        "a header of 4 GB": (whole + b"\xff\xff\xff\xff" + b"\0" * 50, "damaged"),
        "no body at all": (whole + block(b"OSMData", b"\xff" * 200), "damaged"),
        "not a pbf": (b"PBF" * 500, "wrong-format"),
    }  # fmt: skip


@pytest.mark.parametrize("name", [
    "empty", "head only", "no roads", "nodes only", "a body of 2 GB", "a body larger than a block may be",
    "unpacks to more than it says", "a header of 4 GB", "no body at all", "not a pbf",
])  # fmt: skip
def test_refused_with_a_reason(tmp_path: Path, name: str) -> None:
    content, code = lies(tmp_path)[name]
    rows, findings = read(tmp_path, "roads", content, "x.osm.pbf")
    assert not rows
    assert [f["code"] for f in findings] == [code], findings
    assert findings[0]["hint"]


def test_more_roads_than_allowed(tmp_path: Path) -> None:
    _, findings = read(tmp_path, "roads", extract(tmp_path), "x.osm.pbf", limits=Limits(rows=3))
    assert [f["code"] for f in findings] == ["too-many-rows"]


def test_an_extract_is_no_list_of_sites(tmp_path: Path) -> None:
    _, findings = read(tmp_path, "sites", extract(tmp_path), "x.osm.pbf")
    assert [f["code"] for f in findings] == ["wrong-format"]


@pytest.mark.parametrize(
    ("now", "dry", "wet"),
    [
        ("5", "6", "3"),
        ("Heavy Truck (<20 MT)", "Truck + Trailer (>20 MT)", "4WD (<3.5 MT)"),
        ("heavy truck", "truck with trailer", "4x4"),
    ],
)
def test_practicability_by_season(
    engine: Engine, context: db.Context, bring: Callable, now: str, dry: str, wet: str
) -> None:
    line = {"type": "LineString", "coordinates": [[10, 5], [10.1, 5.1]]}
    report = bring(
        "roads", [(line, {"RoadID": "A", "FClass": 2, "CurntPrac": now, "GdWthrPrac": dry, "BdWthrPrac": wet})]
    )
    assert report.landed, report.as_dict()
    with db.transaction(engine, context) as connection:
        row = connection.execute(
            text("SELECT practicability, practicability_dry, practicability_wet FROM facts.road")
        ).one()
    assert tuple(row) == (5, 6, 3)
