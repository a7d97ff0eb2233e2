"""What an independent program wrote is what is staged, in every format of tables and of shapes, or it is told."""

import csv
import io
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import fiona
import openpyxl
import pytest
from fiona.crs import CRS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geoapp.ingest import spreadsheet_damage
from tests.gridland import square
from tests.ingest.reading import read

WORDS = st.text(
    st.characters(codec="utf-8", categories=("L", "N", "Zs"), include_characters=",;'\"-.()\n"), min_size=1, max_size=30
)
NOTHING = {str(word) for word in spreadsheet_damage._EMPTY.to_pylist()}
"""What a cell says that holds nothing: no name is one of these."""
NAMES = (
    WORDS.map(lambda text: " ".join(text.split()))
    .filter(lambda text: any(c.isalpha() for c in text))
    .filter(lambda text: text not in NOTHING)
)
MARKS = st.sampled_from(["CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED"])
DAYS = st.dates(date(1990, 1, 1), date(2035, 1, 1))
DEGREES = st.floats(-80, 80).map(lambda value: round(value, 5)).filter(lambda value: abs(value) > 0.01)
SITE = st.fixed_dictionaries(
    {"Site ID": st.integers(100, 10**6).map(lambda n: f"S-{n}"), "Name": NAMES, "Operator": NAMES, "Latitude": DEGREES,
     "Longitude": DEGREES, "Start": DAYS, "TLP": MARKS}
)  # fmt: skip
EXPECTED = {"source_key": "Site ID", "name": "Name", "operator": "Operator", "valid_from": "Start", "handling": "TLP"}


def as_csv(rows: list[dict[str, Any]], delimiter: str = ",") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def as_xlsx(rows: list[dict[str, Any]]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append(list(row.values()))
    book.save(out)
    return out.getvalue()


TABLES = {"a.csv": as_csv, "b.csv": lambda rows: as_csv(rows, ";"), "c.xlsx": as_xlsx}


@pytest.mark.parametrize("name", TABLES)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(SITE, min_size=2, max_size=5, unique_by=lambda row: row["Site ID"]))
def test_a_table_says_what_was_written(name: str, rows: list[dict[str, Any]], tmp_path: Path) -> None:
    staged, findings = read(tmp_path, "sites", TABLES[name](rows), name)
    told = {finding["row"] for finding in findings}
    by_row = {int(row["row_no"]): row for row in staged}
    for number, written in enumerate(rows, 2):
        if number in told:
            continue
        found = by_row[number]
        assert {key: found[key] for key in EXPECTED} == {key: str(written[header]) for key, header in EXPECTED.items()}
        assert (float(found["lat"]), float(found["lon"])) == (written["Latitude"], written["Longitude"])


AREA = st.fixed_dictionaries(
    {"source_key": st.integers(100, 10**6).map(lambda n: f"A-{n}"), "actor": NAMES, "date_from": DAYS.map(str),
     "handling": MARKS, "domain": st.sampled_from(["military", "civil", "police"])}
)  # fmt: skip


@pytest.mark.parametrize("driver", ["GPKG", "GeoJSON"])
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(AREA, min_size=2, max_size=4, unique_by=lambda row: row["source_key"]))
def test_shapes_say_what_was_written(driver: str, rows: list[dict[str, Any]], tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer"
        schema = {"geometry": "Polygon", "properties": dict.fromkeys(rows[0], "str")}
        with fiona.open(path, "w", driver, schema, crs=CRS.from_epsg(4326)) as sink:
            for place, row in enumerate(rows):
                sink.write({"geometry": square(place, 0), "properties": row})
        content = path.read_bytes()
    staged, findings = read(tmp_path, "areas", content, "layer.bin")
    told = {finding["row"] for finding in findings}
    found = {row["source_key"]: row for row in staged}
    for row in rows:
        if row["source_key"] in found:
            assert {key: found[row["source_key"]][key] for key in row} == row
            assert float(found[row["source_key"]]["km2"]) > 0
        else:
            assert told
