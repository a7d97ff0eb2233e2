"""Is the exercise country whole? Its files can be read, fit together, and stay small."""

import csv
import json
import sqlite3
import zipfile
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import fiona
import numpy as np
import openpyxl
import pyogrio
import pytest
import shapely

DATA = Path(__file__).resolve().parents[2] / "data"
DEMO = DATA / "demo"
FILES = sorted(p for p in DEMO.iterdir() if p.name.startswith("kvr_"))
ACLED = [
    "event_id_cnty",
    "event_date",
    "year",
    "time_precision",
    "disorder_type",
    "event_type",
    "sub_event_type",
    "actor1",
    "assoc_actor_1",
    "inter1",
    "actor2",
    "assoc_actor_2",
    "inter2",
    "interaction",
    "civilian_targeting",
    "iso",
    "region",
    "country",
    "admin1",
    "admin2",
    "admin3",
    "location",
    "latitude",
    "longitude",
    "geo_precision",
    "source",
    "source_scale",
    "notes",
    "fatalities",
    "tags",
    "timestamp",
]


def codes(name: str) -> list[dict[str, str]]:
    with (DATA / "codes" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def units(level: int) -> tuple[list[dict[str, Any]], np.ndarray]:
    features = json.loads((DEMO / f"kvr_admin{level}.geojson").read_text(encoding="utf-8"))["features"]
    shapes = shapely.from_geojson([json.dumps(f["geometry"]) for f in features])
    return [f["properties"] for f in features], np.asarray(shapes)


@cache
def incidents() -> list[dict[str, str]]:
    rows = []
    for year in (2025, 2026):
        with (DEMO / f"kvr_incidents_{year}.csv").open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            rows += list(reader)
            assert reader.fieldnames == ACLED
    return rows


@cache
def areas() -> list[dict[str, Any]]:
    found = []
    for name in ("kvr_areas.kml", "kvr_areas_partners.gpkg"):
        meta, _, wkb, values = pyogrio.raw.read(DEMO / name)
        for place, shape in enumerate(shapely.from_wkb(wkb)):
            row = {field: column[place] for field, column in zip(meta["fields"], values, strict=True)}
            found.append({**row, "shape": shape})
    return found


def rows_of(name: str) -> list[dict[str, str]]:
    with (DEMO / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_files_are_small() -> None:
    assert len(FILES) == 19
    assert max(p.stat().st_size for p in FILES) < 1_000_000
    assert sum(p.stat().st_size for p in FILES) < 5_000_000


@pytest.mark.parametrize("path", sorted((DATA / "codes").glob("*.csv")), ids=lambda p: p.stem)
def test_lists_have_each_code_once(path: Path) -> None:
    rows = codes(path.stem)
    assert rows
    first = [tuple(list(r.values())[:3]) if path.stem == "risk_matrix" else list(r.values())[0:1] for r in rows]
    if path.stem != "acled_events":
        assert len({tuple(f) for f in first}) == len(rows)
    assert all((r.get("label") or r.get("sub_event_type") or r.get("level") or "").strip() for r in rows)


def test_relations_are_all_pairs_of_domains() -> None:
    assert len(codes("relations")) == 28
    assert len(codes("acled_events")) == 25
    assert len(codes("risk_matrix")) == 25


@pytest.mark.parametrize(("level", "count"), [(0, 1), (1, 6), (2, 45)])
def test_units_follow_the_schema(level: int, count: int) -> None:
    rows, shapes = units(level)
    assert len(rows) == count
    assert shapely.is_valid(shapes).all()
    pcodes = [r[f"adm{level}_pcode"] for r in rows]
    assert len(set(pcodes)) == count
    for row, shape in zip(rows, shapes, strict=True):
        assert row["lang"] == "en"
        assert row["version"] == "v01"
        assert row["valid_on"] == "2026-01-15"
        assert row["valid_to"] is None
        assert row["area_sqkm"] > 100
        assert shape.contains(shapely.Point(row["center_lon"], row["center_lat"]))
        for upper in range(level):
            assert row[f"adm{level}_pcode"].startswith(row[f"adm{upper}_pcode"])
            assert row[f"adm{upper}_name"]


def test_districts_partition_the_country() -> None:
    _, districts = units(2)
    assert shapely.coverage_is_valid(districts)
    for level in (0, 1):
        _, upper = units(level)
        assert shapely.coverage_is_valid(upper)
        assert set(map(tuple, shapely.get_coordinates(upper))) <= set(map(tuple, shapely.get_coordinates(districts)))
        assert shapely.area(upper).sum() == pytest.approx(shapely.area(districts).sum(), rel=1e-9)
    west, south, east, north = shapely.total_bounds(districts)
    assert west > 85.2
    assert south > -14.3
    assert east < 87.6
    assert north < -11.6


def test_towns_and_rivers_are_on_land() -> None:
    country = units(0)[1][0].buffer(0.001)
    shapely.prepare(country)
    towns = json.loads((DEMO / "kvr_towns.geojson").read_text(encoding="utf-8"))["features"]
    rivers = json.loads((DEMO / "kvr_rivers.geojson").read_text(encoding="utf-8"))["features"]
    assert 65 <= len(towns) <= 80
    assert len({f["properties"]["name"] for f in towns}) == len(towns)
    assert [f["properties"]["name"] for f in towns if f["properties"]["rank"] == 1] == ["Velmar"]
    assert {f["properties"]["class"] for f in rivers} == {"river", "lake"}
    shapes = shapely.from_geojson([json.dumps(f["geometry"]) for f in [*towns, *rivers]])
    assert shapely.covers(country, shapes).all()


def test_roads_are_one_network() -> None:
    with fiona.open(DEMO / "kvr_roads.gpkg") as layer:
        rows = [dict(f["properties"]) for f in layer]
        lines = [shapely.geometry.shape(f["geometry"]) for f in layer]
    assert 3_000 <= len(rows) <= 6_000
    assert {r["FClass"] for r in rows} == {2, 3, 4, 6}
    assert {r["OpStatus"] for r in rows} == {0, 1, 2, 3, 4}
    assert sum(r["bridge"] for r in rows) >= 25
    assert len({r["SourceID"] for r in rows}) == len(rows)
    assert all(0 < r["Length_KM"] < 12 and 0 <= r["Sec"] <= 5 for r in rows)
    root: dict[Any, Any] = {}

    def find(node: Any) -> Any:
        while root.setdefault(node, node) != node:
            root[node] = node = root[root[node]]
        return node

    for line in lines:
        root[find(line.coords[0])] = find(line.coords[-1])
    sizes = Counter(find(line.coords[0]) for line in lines)
    assert len(sizes) == 3, "the mainland and two islands"
    assert sizes.most_common(1)[0][1] / len(lines) > 0.9


def test_geopackages_have_a_layer_each() -> None:
    for name, layer in (("kvr_roads", "roads"), ("kvr_areas_partners", "areas"), ("kvr_risk_zones", "risk_zones")):
        base = sqlite3.connect(DEMO / f"{name}.gpkg")
        assert base.execute("SELECT table_name, srs_id FROM gpkg_contents").fetchall() == [(layer, 4326)]
        base.close()


def test_incidents_are_events_of_the_list() -> None:
    pairs = {(r["event_type"], r["sub_event_type"]) for r in codes("acled_events")}
    rows = incidents()
    assert 4_500 <= len(rows) <= 5_500
    assert {(r["event_type"], r["sub_event_type"]) for r in rows} <= pairs
    assert [r["event_id_cnty"] for r in rows] == [f"QVR{n}" for n in range(1, len(rows) + 1)]
    days = [date.fromisoformat(r["event_date"]) for r in rows]
    assert min(days) >= date(2025, 5, 1)
    assert max(days) <= date(2026, 10, 18)
    assert {r["country"] for r in rows} == {"Kavarra"}
    precision = Counter(r["geo_precision"] for r in rows)
    assert precision["1"] / len(rows) == pytest.approx(0.70, abs=0.03)
    assert precision["2"] / len(rows) == pytest.approx(0.22, abs=0.03)
    assert precision["3"] / len(rows) == pytest.approx(0.08, abs=0.02)


def test_incidents_lie_in_the_district_they_name() -> None:
    names, shapes = units(2)
    tree = shapely.STRtree(shapely.buffer(shapes, 0.0002))
    rows = incidents()
    points = shapely.points([(float(r["longitude"]), float(r["latitude"])) for r in rows])
    inside = {(int(i), names[int(u)]["adm2_name"], names[int(u)]["adm1_name"])
              for i, u in zip(*tree.query(points, predicate="within"), strict=True)}  # fmt: skip
    assert all((i, r["admin2"], r["admin1"]) in inside for i, r in enumerate(rows))


def test_presence_has_tags_and_known_districts() -> None:
    book = openpyxl.load_workbook(DEMO / "kvr_3w_2026-10.xlsx", read_only=True)
    header, tags, *rows = book.active.iter_rows(values_only=True)
    book.close()
    assert header[:4] == ("Organisation", "Acronym", "Organisation type", "Cluster")
    assert all(str(t).startswith("#") for t in tags)
    assert 1_300 <= len(rows) <= 1_700
    assert len({r[0] for r in rows}) == 16
    known = {(r["adm1_pcode"], r["adm2_pcode"], r["adm2_name"]) for r in units(2)[0]}
    assert {(r[7], r[9], r[8]) for r in rows} <= known
    assert all(r[10].year == 2026 and (r[11] is None or r[10] <= r[11]) for r in rows)
    for name, place in (("org_types", 2), ("sectors", 3)):
        words = {w.lower() for r in codes(name) for w in (r["label"], *r["synonyms"].split("|"))}
        plain = {"".join(c if c.isalnum() else " " for c in str(r[place]).lower()) for r in rows}
        assert plain <= words


def test_areas_name_actors_of_every_domain() -> None:
    rows = areas()
    assert len(rows) == 80
    assert len({r["source_key"] for r in rows}) == 80
    actors = {r["actor"] for r in rows}
    assert 32 <= len(actors) <= 38
    assert {r["domain"] for r in rows} == {r["code"] for r in codes("domains")}
    kinds = {(r["domain"], r["code"]) for r in codes("actor_kinds")}
    assert all((r["domain"], r["kind"]) in kinds for r in rows if r["kind"])
    assert {r["parent"] for r in rows if r["parent"]} >= {"Joint Command", "3rd Brigade", "UN mission"}
    for name in ("handling", "positioning"):
        assert {r[name] for r in rows} <= {r["code"] for r in codes(name)}
    assert {r["status"] for r in rows} <= {r["code"] for r in codes("presence_status")}
    assert all(not r["date_to"] or r["date_from"] <= r["date_to"] for r in rows)
    assert any(not r["date_to"] for r in rows)
    assert all(r["shape"].is_valid and r["shape"].area > 0 for r in rows)


def test_few_areas_are_for_few_eyes() -> None:
    share = Counter(r["handling"] for r in areas())
    assert share["GREEN"] + share["AMBER"] >= 70
    assert share["AMBER+STRICT"] >= 2
    assert share["RED"] >= 1


def test_areas_of_different_actors_meet() -> None:
    rows = areas()
    above = {r["actor"]: r["parent"] for r in rows}

    def line(actor: str) -> set[str]:
        found: set[str] = set()
        while actor:
            found.add(actor)
            actor = above.get(actor, "")
        return found

    meet = 0
    for place, one in enumerate(rows):
        for other in rows[place + 1 :]:
            apart = one["actor"] not in line(other["actor"]) and other["actor"] not in line(one["actor"])
            ends = min(one["date_to"] or "9999", other["date_to"] or "9999")
            if apart and max(one["date_from"], other["date_from"]) <= ends:
                meet += one["shape"].intersection(other["shape"]).area > 1e-6
    assert 40 <= meet <= 150


def test_risk_zones_follow_the_matrix() -> None:
    with fiona.open(DEMO / "kvr_risk_zones.gpkg") as layer:
        rows = [dict(f["properties"]) for f in layer]
    level = {(int(r["likelihood"]), int(r["impact"])): int(r["level"]) for r in codes("risk_matrix")}
    assert len(rows) == 9
    assert {level[r["likelihood"], r["impact"]] for r in rows} >= {1, 2, 3, 4, 5} - {1}
    assert all("2026-10-01" <= r["valid_from"] <= r["valid_to"] <= "2026-11-20" for r in rows)
    assert {r["threat_category"] for r in rows} <= {r["code"] for r in codes("threat_categories")}


def test_hazards_are_a_shapefile_with_its_projection() -> None:
    with zipfile.ZipFile(DEMO / "kvr_hazards.zip") as archive:
        assert {Path(n).suffix for n in archive.namelist()} >= {".shp", ".shx", ".dbf", ".prj"}
    with fiona.open(f"zip://{DEMO / 'kvr_hazards.zip'}") as layer:
        rows = [dict(f["properties"]) for f in layer]
        assert layer.crs.to_epsg() == 4326
    assert len(rows) == 12
    assert {r["haz_type"] for r in rows} == {"SHA", "CHA"}
    assert {r["haz_status"] for r in rows} == {r["code"] for r in codes("hazard_status")}


def test_sites_lie_in_the_district_of_their_pcode() -> None:
    names, shapes = units(2)
    by_pcode = {r["adm2_pcode"]: s for r, s in zip(names, shapes, strict=True)}
    rows = rows_of("kvr_sites.csv")
    assert 140 <= len(rows) <= 190
    assert {r["facility_type"] for r in rows} <= {r["code"] for r in codes("facility_types")}
    for row in rows:
        assert by_pcode[row["pcode"]].contains(shapely.Point(float(row["longitude"]), float(row["latitude"])))


def test_what_is_known_of_access_fits_the_lists_the_units_and_the_roads() -> None:
    code = {name: {row["code"] for row in codes(name)} for name in ("constraint_categories", "road_status")}
    words = {row["code"] for row in codes("arrangement_types")} | {
        word for row in codes("arrangement_types") for word in row["synonyms"].split("|")
    }
    agreed = json.loads((DEMO / "kvr_arrangements.geojson").read_text(encoding="utf-8"))["features"]
    assert len(agreed) == 3
    assert all(f["properties"]["arr_type"] in words for f in agreed)
    assert sum(f["properties"]["date_to"] is None for f in agreed) == 1, "only the ceasefire is open"
    levels = json.loads((DEMO / "kvr_security_levels.geojson").read_text(encoding="utf-8"))["features"]
    assert [f["geometry"] for f in levels] == [
        f["geometry"] for f in json.loads((DEMO / "kvr_admin1.geojson").read_text(encoding="utf-8"))["features"]
    ]
    pcodes = {u["adm2_pcode"] for u in units(2)[0]} | {u["adm1_pcode"] for u in units(1)[0]}
    constraints = rows_of("kvr_constraints.csv")
    assert {r["pcode"] for r in constraints} - {""} <= pcodes
    assert {int(r["severity"]) for r in constraints} == {0, 1, 2, 3, 4, 5}
    assert {r["category"] for r in constraints} >= {"hostilities", "interference", "denial_of_needs"}
    drawn = json.loads((DEMO / "kvr_constraints_drawn.geojson").read_text(encoding="utf-8"))["features"]
    assert {f["properties"]["category"] for f in drawn} <= code["constraint_categories"]
    reports = rows_of("kvr_road_reports.csv")
    meta, _, _, values = pyogrio.raw.read(DEMO / "kvr_roads.gpkg")
    numbers = set(values[list(meta["fields"]).index("SourceID")])
    assert len(reports) == 25
    assert {r["road"] for r in reports} - {""} <= numbers
    assert all(r["road"] or r["road_name"] or r["latitude"] for r in reports)
    stale = [
        r for r in reports if (date(2026, 10, 18) - date.fromisoformat(r["observed_on"])).days > int(r["stale_days"])
    ]
    assert 3 <= len(stale) <= 8
    assert all("EXERCISE" in r["source"] for r in [*constraints, *reports])
    assert all("EXERCISE" in f["properties"]["source"] for f in [*agreed, *levels, *drawn])
