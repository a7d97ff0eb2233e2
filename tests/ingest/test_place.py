"""One place in every notation of columns and cells comes in as that place, no more exact than it was written."""

from pathlib import Path

import pytest

from tests.ingest.reading import read

PLACE = {
    "degrees": ("latitude,longitude", "-12.6722,86.2213"),
    "decimal comma": ("latitude;longitude", "-12,6722;86,2213"),
    "degrees, minutes, seconds": ("lat,lon", '"12°40\'19.92""S","86°13\'16.68""E"'),
    "minutes with decimals": ("lat,lon", "12 40.332 S,86 13.278 E"),
    "one cell": ("coordinates", '"-12.6722, 86.2213"'),
    "one cell with decimal commas": ("coordinates", '"-12,6722; 86,2213"'),
    "one cell in minutes": ("GPS", '"12°40\'19.92""S 86°13\'16.68""E"'),
    "mgrs": ("MGRS", "45L VF 15446 98990"),
    "mgrs in the cell of a pair": ("coordinates", "45LVF1544698990"),
    "mgrs in columns": ("GZD,100km square,easting,northing", "45L,VF,15446,98990"),
    "utm in columns": ("UTM zone,easting,northing", "45L,415445,8598990"),
    "utm with a hemisphere": ("zone,hemisphere,easting,northing", "45,S,415445,8598990"),
    "utm zone and its half in one": ("UTM zone,easting,northing", "45 South,415445,8598990"),
    "utm of the band's letter for the half": ("UTM zone,easting,northing", "45S,415445,8598990"),
    "utm in x and y": ("UTM zone,x,y", "45L,415445,8598990"),
    "utm in one cell": ("coordinates", "45L 415445 8598990"),
}


def listed(head: str, cells: str) -> str:
    mark = ";" if ";" in head else ","
    return f"id{mark}date{mark}event type{mark}{head}\n7{mark}2026-02-10{mark}Clash{mark}{cells}\n"


@pytest.mark.parametrize("name", PLACE)
@pytest.mark.parametrize("kind", ["incidents", "sites"])
def test_ways_of_saying_where(tmp_path: Path, name: str, kind: str) -> None:
    head, cells = PLACE[name]
    text = listed(head, cells) if kind == "incidents" else listed(head, cells).replace("event type", "name")
    rows, findings = read(tmp_path, kind, text)
    assert len(rows) == 1, findings
    assert float(rows[0]["lat"]) == pytest.approx(-12.6722, abs=2e-4)
    assert float(rows[0]["lon"]) == pytest.approx(86.2213, abs=2e-4)
    if kind == "incidents":
        assert rows[0]["geo_precision"] == "settlement"


@pytest.mark.parametrize(
    ("head", "cells", "precision"),
    [
        ("MGRS", "45LVF1598", "near"), ("MGRS", "45LVF19", "near"), ("MGRS", "45LVF", "adm1"),
        ("MGRS", "45LVF154989", "settlement"), ("UTM zone,easting,northing", "45L,415000,8599000", "near"),
    ],
)  # fmt: skip
def test_a_square_is_no_point(tmp_path: Path, head: str, cells: str, precision: str) -> None:
    rows, _ = read(tmp_path, "incidents", listed(head, cells))
    assert [r["geo_precision"] for r in rows] == [precision]


def test_a_site_in_a_coarse_square_is_told(tmp_path: Path) -> None:
    rows, findings = read(tmp_path, "sites", "name,mgrs\nClinic,45LVF1598\nStore,45LVF15449899\n")
    assert len(rows) == 2
    assert [(f["code"], f["row"]) for f in findings if f["code"] == "coarse-place"] == [("coarse-place", 2)]


def test_the_first_notation_that_a_row_fills_in_counts(tmp_path: Path) -> None:
    text = "id,date,event type,lat,lon,mgrs\n1,2026-02-10,Clash,5.25,10.25,\n2,2026-02-10,Clash,,,45LVF1544698990\n"
    rows, findings = read(tmp_path, "incidents", text)
    assert [round(float(r["lat"]), 3) for r in rows] == [5.25, -12.672]
    assert not [f for f in findings if f["severity"] == "error"]


def test_the_half_of_the_globe_is_not_guessed(tmp_path: Path) -> None:
    text = listed("UTM zone,easting,northing", "36,500000,1000000")
    rows, findings = read(tmp_path, "incidents", text)
    assert not rows
    assert "hemisphere-not-said" in {f["code"] for f in findings}
    rows, findings = read(tmp_path, "incidents", text, bbox=[32, 8, 34, 10])
    assert [round(float(r["lat"]), 2) for r in rows] == [9.05]
    assert "hemisphere-inferred" in {f["code"] for f in findings}


@pytest.mark.parametrize(
    ("head", "cells"),
    [("MGRS", "45L VF 154 9899"), ("coordinates", "north of the bridge"), ("UTM zone,easting,northing", "61N,500000,1000000"),
     ("UTM zone,easting,northing", "36N,50,1000000"), ("lat,lon", "12°61'S,86°E")],
)  # fmt: skip
def test_what_is_no_place_is_told_with_its_cell(tmp_path: Path, head: str, cells: str) -> None:
    rows, findings = read(tmp_path, "incidents", listed(head, cells))
    assert not rows
    told = [f for f in findings if f["code"] == "not-a-coordinate"]
    assert [f["row"] for f in told] == [2]


def test_eastings_without_a_zone_are_refused(tmp_path: Path) -> None:
    _, findings = read(tmp_path, "incidents", listed("easting,northing", "500000,1000000"))
    assert [f["code"] for f in findings] == ["missing-columns"]
    assert "utm zone" in findings[0]["message"]
