"""Tables for people: codes beside their words, numbers and days as such, places in degrees and MGRS, tags, filters."""

import csv
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from xml.etree import ElementTree as Xml

import openpyxl
import pytest
from sqlalchemy import Engine

from geoapp import export
from geoapp.codes import codes
from geoapp.coordinates import from_mgrs
from geoapp.scope import Scope
from layers import get

SCOPE = Scope("grid", purpose="export", member="tester")


def test_a_sheet_is_ready_to_be_worked_with(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    export.write(engine, SCOPE, [get("overlaps"), get("incidents")], tmp_path / "o.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "o.xlsx")["overlaps"]
    head, tags, *rows = sheet.iter_rows()
    names = [cell.value for cell in head]
    assert names[names.index("relation") + 1] == "relation_words"
    assert names[-3:] == ["latitude", "longitude", "mgrs"]
    assert all(tag.value.startswith("#") for tag in tags)
    found = [dict(zip(names, (cell.value for cell in row), strict=True)) for row in rows]
    assert {row["relation_words"] for row in found} == {codes("relations")[row["relation"]] for row in found}
    assert all(isinstance(row["km2"], float) and isinstance(row["days"], int) for row in found)
    assert all(isinstance(row["period_start"], datetime) for row in found)
    for row in found:
        spot = from_mgrs(row["mgrs"])
        assert (spot.lat, spot.lon) == pytest.approx((row["latitude"], row["longitude"]), abs=2e-5)
    assert sheet.freeze_panes == "C3"
    assert sheet.auto_filter.ref == f"A2:{head[-1].column_letter}{len(rows) + 2}"
    widths = {letter: dimension.width for letter, dimension in sheet.column_dimensions.items()}
    assert all(widths[cell.column_letter] >= len(cell.value) for cell in head)


def test_a_csv_has_the_same_words(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    export.write(engine, SCOPE, [get("overlaps")], tmp_path / "o.csv")
    with (tmp_path / "o.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))[1:]
    assert rows
    for row in rows:
        assert row["relation_words"] == codes("relations")[row["relation"]]
        assert row["status_words"] == codes("overlap_status")[row["status"]]
        assert from_mgrs(row["mgrs"]).lat == pytest.approx(float(row["latitude"]), abs=2e-5)


def test_a_geopackage_tells_titles_words_and_colours(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    path, layer = tmp_path / "o.gpkg", get("overlaps")
    export.write(engine, SCOPE, [layer, get("roads")], path)
    with sqlite3.connect(path) as connection:
        titles = dict(
            connection.execute(
                "SELECT column_name, title FROM gpkg_data_columns WHERE table_name = 'overlaps'"
            ).fetchall()
        )
        words = dict(
            connection.execute(
                "SELECT c.value, c.description FROM gpkg_data_columns AS d JOIN gpkg_data_column_constraints AS c"
                " USING (constraint_name) WHERE d.table_name = 'overlaps' AND d.column_name = 'relation'"
            ).fetchall()
        )
        qml, sld = connection.execute(
            "SELECT styleQML, styleSLD FROM layer_styles WHERE f_table_name = 'overlaps'"
        ).fetchone()
    connection.close()
    assert titles["km2"] == "Shared ground (km²)"
    assert set(titles) == {field.name for field in layer.fields}
    assert words == dict(codes("relations"))
    style = Xml.fromstring(qml.split("\n", 1)[1])
    assert {a.get("field"): a.get("name") for a in style.iter("alias")} == titles
    assert [c.get("label") for c in style.iter("category")] == [rule.label for rule in layer.style.rules]
    ns = "{http://www.opengis.net/sld}"
    assert [t.text for t in Xml.fromstring(sld).iterfind(f".//{ns}Rule/{ns}Title")] == [
        rule.label for rule in layer.style.rules
    ]
