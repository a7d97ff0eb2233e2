"""What is known only roughly is in items, tables and files with its precision, drawn as such, and never counted twice."""

import csv
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import openpyxl
import pyogrio
import pytest
import shapely
from sqlalchemy import Engine

from geoapp import db, export
from geoapp.draw import features, panel
from geoapp.draw.tile import tile
from geoapp.scope import Scope
from layers import get
from tests.gridland import point, square

AWSD_HEAD = "Incident ID,Year,Month,Day,Country,Region,District,City,Total killed,Means of attack,Attack context,Latitude,Longitude"
SIND_HEAD = (
    "Date,Event Description,Country,Admin 1,Latitude,Longitude,Location of Incident,Weapon Carried/Used,Aid Workers Killed,"
    "Aid Workers Injured,Aid Workers Kidnapped,Aid Workers Arrested,SiND Event ID"
)
UCDP_HEAD = (
    "id,type_of_violence,dyad_name,side_a,side_b,where_prec,where_coordinates,adm_1,adm_2,latitude,longitude,country,"
    "date_prec,date_start,date_end,best,low,high,source_headline"
)
PROVINCES = [
    (square(5 * half, 0, 5, 10), {"adm1_pcode": f"GD0{half}", "adm1_name": f"Half {half}", "adm0_pcode": "GD",
                                  "version": "v01", "lang": "en", "valid_on": "2020-01-01"})
    for half in (0, 1)
]  # fmt: skip


def ucdp(number: int, precision: int, column: float, row: float, kind: int = 1, district: bool = True) -> str:
    lon, lat = point(column, row)
    where = f"Square {int(column)}-{int(row)}" if district else ""
    return (
        f"{number},{kind},A - B,A,B,{precision},Place,Half {int(column) // 5},{where},{lat},{lon},Gridland,1,2026-03-01,"
        f"2026-03-01,2,1,3,News"
    )


UCDP = "\n".join(
    [UCDP_HEAD, ucdp(1, 1, 1, 1), ucdp(2, 1, 1, 2, kind=2), ucdp(3, 2, 3, 3, kind=3), ucdp(4, 2, 3, 3), ucdp(5, 3, 7, 7),
     ucdp(6, 3, 7, 7), ucdp(7, 3, 2, 2, kind=3), ucdp(8, 4, 6, 6, district=False), ucdp(9, 6, 4, 4, district=False)]
)  # fmt: skip
"""Two known to the settlement; two within 25 km of square 3-3; two known to district 7-7 and one to 2-2; one to province
Half 1; one to the country."""


def rows(engine: Engine, name: str, audience: str = "internal") -> list[dict[str, Any]]:
    scope = Scope("grid", audience)
    with db.transaction(engine, scope.context()) as connection:
        return features.rows(connection, get(name), scope)


@pytest.fixture
def known(bring: Callable) -> Callable:
    """Gridland's districts and provinces with UCDP's nine events."""
    from tests.gridland import DISTRICTS

    assert bring("boundaries", DISTRICTS, "admin2.geojson").landed
    assert bring("boundaries", PROVINCES, "admin1.geojson").landed
    assert bring("incidents", UCDP, "ucdp.csv").created == 9
    return bring


def test_every_event_is_in_one_of_both_layers(engine: Engine, known: Callable) -> None:
    placed = {row["source_event_id"] for row in rows(engine, "incidents")}
    rough = {row["source_event_id"]: row["drawn_as"] for row in rows(engine, "rough_incidents")}
    assert placed == {"1", "2"}
    assert rough == {
        "3": "ring",
        "4": "ring",
        "5": "district",
        "6": "district",
        "7": "district",
        "8": "province",
        "9": "country",
    }
    units = {row["name"]: (row["n"], row["fatalities"]) for row in rows(engine, "rough_unit_counts")}
    assert units == {"Square 7-7": (2, 4), "Square 2-2": (1, 2), "Half 1": (1, 2)}
    drawn = len(placed) + 2 + sum(n for n, _ in units.values())
    assert drawn + 1 == 9, "nothing is drawn twice, and one is told as known to the country only"


def test_the_panel_counts_what_cannot_be_drawn(engine: Engine, known: Callable) -> None:
    scope = Scope("grid", period=(None, None))
    with db.transaction(engine, scope.context()) as connection:
        found = panel.counts(connection, scope, ["rough_incidents", "incidents"])
    rules = [rule.value for rule in get("rough_incidents").style.rules]
    told = dict(zip(rules, found["rough_incidents"]["classes"], strict=True))
    assert told == {"ring": 2, "district": 3, "province": 1, "no_boundary": 0, "country": 1}
    assert (found["rough_incidents"]["count"], found["incidents"]["count"]) == (7, 2)


def test_a_ring_is_as_wide_as_the_place_may_be_off(engine: Engine, known: Callable) -> None:
    scope = Scope("grid")
    with db.transaction(engine, scope.context()) as connection:
        found, matched = features.geojson(connection, get("rough_incidents"), scope)
    import orjson

    shapes = {f["properties"]["source_event_id"]: f for f in map(orjson.loads, found)}
    assert matched == 7
    ring = shapely.geometry.shape(shapes["3"]["geometry"])
    lon, lat = point(3, 3)
    (x, y) = ring.centroid.coords[0]
    assert (x, y) == pytest.approx((lon, lat), abs=1e-6)
    west, south, east, north = ring.bounds
    assert (north - south) / 2 * 111.195 == pytest.approx(25, rel=0.01)
    assert (east - west) / 2 * 111.195 * math.cos(math.radians(lat)) == pytest.approx(25, rel=0.01)
    assert shapes["3"]["properties"]["within_km"] == 25
    for event in "56789":
        assert shapes[event]["geometry"] is None, "no geometry says more than is known"
    assert shapes["8"]["properties"]["pcode"] is None
    assert shapes["5"]["properties"]["pcode"] == "GD0177"


def test_tiles_draw_the_rings_and_the_units(engine: Engine, known: Callable) -> None:
    scope = Scope("grid")
    x, y, z = int((10.35 + 180) / 360 * 2**7), 62, 7
    with db.transaction(engine, scope.context()) as connection:
        rings = mapbox_vector_tile.decode(tile(connection, get("rough_incidents"), scope, z, x, y))
        units = mapbox_vector_tile.decode(tile(connection, get("rough_unit_counts"), scope, z, x, y))
    assert [f["properties"]["drawn_as"] for f in rings["rough_incidents"]["features"]] == ["ring", "ring"]
    named = {f["properties"]["name"] for f in units["rough_unit_counts"]["features"]}
    assert named == {"Square 2-2", "Half 1"}, "square 7-7 lies in the tile to the north"


def test_files_hold_them_without_a_point(engine: Engine, known: Callable, tmp_path: Path) -> None:
    scope = Scope("grid", purpose="export")
    for suffix in (".csv", ".xlsx", ".gpkg", ".kml", ".geojson"):
        counts = export.write(engine, scope, [get("rough_incidents")], tmp_path / f"rough{suffix}")
        assert counts == {"rough_incidents": 7}
    with (tmp_path / "rough.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))[1:]
    assert {row["source_event_id"]: bool(row["latitude"]) for row in lines} == {
        "3": True, "4": True, "5": False, "6": False, "7": False, "8": False, "9": False,
    }  # fmt: skip
    sheet = openpyxl.load_workbook(tmp_path / "rough.xlsx")["rough_incidents"]
    head = [cell.value for cell in sheet[1]]
    at = head.index("latitude") + 1
    assert sorted(sheet.cell(row, at).value is None for row in range(3, 10)) == [False] * 2 + [True] * 5
    frame = pyogrio.read_dataframe(tmp_path / "rough.gpkg", layer="rough_incidents")
    assert (len(frame), int(frame.geometry.isna().sum())) == (7, 5)
    assert (tmp_path / "rough.kml").read_text(encoding="utf-8").count("<Placemark") == 7


def test_types_of_ucdp_have_classes(engine: Engine, known: Callable) -> None:
    found = {row["source_event_id"]: row["class"] for n in ("incidents", "rough_incidents") for row in rows(engine, n)}
    assert {event: found[event] for event in "123"} == {
        "1": "Battles",
        "2": "Battles",
        "3": "Violence against civilians",
    }
    scope = Scope("grid")
    with db.transaction(engine, scope.context()) as connection:
        classes = panel.counts(connection, scope, ["incidents"])["incidents"]["classes"]
    assert classes[0] == 2, "two clashes, and none of another class"
    assert sum(classes) == 2


def test_lists_about_aid_work_without_boundaries_are_seen_and_told(engine: Engine, bring: Callable) -> None:
    """An operation without boundaries: what is near a place has its ring, what would need a boundary is told, nothing is lost."""
    awsd = [AWSD_HEAD] + [
        f"{n},2026,3,{n},Gridland,{region},{district},{city},1,{means},Ambush,{point(2, 2)[1]},{point(2, 2)[0]}"
        for n, region, district, city, means in (
            (1, "Half 0", "Square 2-2", "Town", "Shooting"), (2, "Half 0", "Square 2-2", "", "Landmine"),
            (3, "Half 0", "", "", "Kidnapping"), (4, "", "", "", "Unknown"),
        )
    ]  # fmt: skip
    lon, lat = point(5, 5)
    sind = [SIND_HEAD, f"2026-03-04,Told.,Gridland,Half 1,{lat},{lon},Office,Gun,0,1,0,0,S1"]
    assert bring("incidents", "\n".join(awsd), "awsd.csv").created == 4
    assert bring("incidents", "\n".join(sind), "sind.csv").created == 1
    assert rows(engine, "incidents") == []
    found = {
        (row["source"], row["source_event_id"]): (row["drawn_as"], row["class"])
        for row in rows(engine, "rough_incidents")
    }
    assert found == {
        ("awsd", "1"): ("ring", "Violence against civilians"), ("awsd", "2"): ("no_boundary", "Explosions/Remote violence"),
        ("awsd", "3"): ("no_boundary", "Violence against civilians"), ("awsd", "4"): ("country", "Unknown"),
        ("sind", "S1"): ("ring", "Violence against civilians"),
    }  # fmt: skip
    assert rows(engine, "rough_unit_counts") == []


def test_rooms(engine: Engine, known: Callable) -> None:
    assert len(rows(engine, "rough_incidents", "hct")) == 7
    for room in ("cmwg_mixed", "military_counterpart", "public"):
        assert rows(engine, "rough_incidents", room) == rows(engine, "rough_unit_counts", room) == []


def test_what_holds_records_is_on_when_the_map_opens(engine: Engine, bring: Callable) -> None:
    """Presence, hazards and sites where there are no areas, what is known roughly where no incident has a place; not where there are."""
    from tests.gridland import AREAS, DISTRICTS, PRESENCE

    def on() -> set[str]:
        scope = Scope("grid")
        with db.transaction(engine, scope.context()) as connection:
            return {layer["name"] for layer in panel.frame(connection, scope)["layers"] if layer["on"]}

    standing = {"presence_counts", "rough_incidents", "rough_unit_counts", "hazards", "sites"}
    assert not on() & standing
    bring("boundaries", DISTRICTS, "admin2.geojson")
    assert bring("presence", PRESENCE, "3w.csv").landed
    assert on() & standing == {"presence_counts"}
    assert bring("incidents", "\n".join([UCDP_HEAD, ucdp(5, 3, 7, 7)]), "ucdp.csv").created == 1
    assert bring("hazards", [(square(1, 1), {"name": "Field", "haz_type": "CHA"})], "hazards.geojson").landed
    assert on() & standing == standing - {"sites"}
    assert bring("sites", "id,name,type,lat,lon\nS-1,Clinic,hospital,5.05,10.05\n", "sites.csv").landed
    assert on() & standing == standing
    assert bring("areas", AREAS, "areas.geojson").landed
    assert bring("incidents", "\n".join([UCDP_HEAD, ucdp(1, 1, 1, 1)]), "more.csv").created == 1
    assert not on() & standing


def test_gridland_still_says_what_it_said(engine: Engine, gridded: Callable) -> None:
    assert len(rows(engine, "incidents")) == 4
    assert [row["source_event_id"] for row in rows(engine, "rough_incidents")] == ["GRD4"]
