"""Every field of every kind, written by other programs in every format that it is read from, is what is staged, or is told.

The reader runs in this process: what its sandbox does is tested elsewhere, and many files are read here.
"""

import csv
import io
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import fiona
import numpy as np
import openpyxl
import orjson
import pandas as pd
import pyogrio
import pytest
import shapely
from fiona.crs import CRS
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from geoapp.codes import codes
from geoapp.ingest import child, kinds
from geoapp.ingest.columns import RefusedFile
from geoapp.ingest.sandbox import Limits
from tests.gridland import point, square

Row = dict[str, Any]
Cell = tuple[Any, str]
"""What is written, and what is staged of it."""

Draw = Callable[[Random], Cell]
LETTERS = "abcdefgxyzÀÉîñöřşŁœßЖдяسلامبقرية中村ཀ𝞋0189 ,;'\"-.()/&"


def said(rng: Random) -> str:
    """A few words in several scripts, with all that delimits fields."""
    drawn = "".join(rng.choices(LETTERS, k=rng.randint(3, 20)))
    return " ".join(f"w{drawn}x".split())


def words(rng: Random) -> Cell:
    return (text := said(rng)), text


def day(first: int, last: int, *, endless: bool = False) -> Draw:
    def draw(rng: Random) -> Cell:
        if endless and rng.random() < 0.2:
            return date(9999, 12, 31), ""
        return (drawn := date(rng.randint(first, last), rng.randint(1, 12), rng.randint(1, 28))), str(drawn)

    return draw


def number(first: int, last: int, before: str = "") -> Draw:
    def draw(rng: Random) -> Cell:
        drawn = rng.randint(first, last)
        return (f"{before}{drawn}" if before else drawn), f"{before}{drawn}"

    return draw


def one_of(*cells: str | Cell) -> Draw:
    return lambda rng: (cell, cell) if isinstance(cell := rng.choice(cells), str) else cell


def moment(rng: Random) -> Cell:
    drawn = rng.randint(10**9, 2 * 10**9)
    return drawn, datetime.fromtimestamp(drawn, UTC).isoformat()


def coded(name: str) -> Draw:
    """A code of a list, its label, or a word that is in no list, of which it must be told."""
    known = one_of(*((written, code) for code, label in codes(name).items() for written in (code, label)))
    return lambda rng: known(rng) if rng.random() < 0.8 else words(rng)


EARLY, LATE, SOON = day(1990, 2010), day(2011, 2035, endless=True), day(2011, 2035)
TLP = one_of("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED")
PCODE, KEY, YES = number(10**4, 10**5, "XX"), number(10**6, 10**9, "K-"), one_of(("yes", "true"), ("no", "false"))

# kind → header → the staged column, and what may be written there
FIELDS: dict[str, dict[str, tuple[str, Draw]]] = {
    "sites": {
        "name": ("name", words), "facility type": ("facility_type", coded("facility_types")), "operator": ("operator", words),
        "status": ("status", words), "pcode": ("pcode", PCODE), "valid_from": ("valid_from", EARLY), "valid_to": ("valid_to", LATE),
    },
    "incidents": {
        "event_date": ("occurred_from", EARLY), "event_type": ("event_type", words), "sub_event_type": ("sub_event_type", words),
        "country": ("country", words), "admin1": ("admin1", words), "admin2": ("admin2", words), "pcode": ("pcode", PCODE),
        "location": ("location", words), "killed": ("fatalities", number(0, 500)), "description": ("notes", words), "source": ("source_names", words),
    },
    "road_reports": {
        "op_status": ("op_status", coded("road_status")), "observed_on": ("observed_on", EARLY), "road": ("road", words), "road_name": ("road_name", words),
        "vehicles": ("practicability", number(1, 6)), "reason": ("reason", coded("constraint_categories")), "source": ("source", words),
        "valid_from": ("valid_from", SOON), "valid_to": ("valid_to", one_of((date(2036, 1, 1), "2036-01-01"))),
        "stale_days": ("stale_days", number(1, 3000)), "note": ("note", words),
    },
    "constraints": {
        "category": ("category", coded("constraint_categories")), "severity": ("severity", number(0, 5)), "reported_on": ("reported_on", EARLY),
        "name": ("name", words), "pcode": ("pcode", PCODE), "valid_from": ("valid_from", SOON),
        "valid_to": ("valid_to", one_of((date(2036, 1, 1), "2036-01-01"))), "description": ("description", words), "source": ("source", words),
    },
    "presence": {
        "organisation": ("actor", words), "acronym": ("acronym", words), "org type": ("org_type", coded("org_types")),
        "cluster": ("sector_text", words), "activity": ("activity", words), "status": ("status", one_of("planned", ("Ongoing", "active"))),
        "admin1": ("name1", words), "admin1 pcode": ("code1", PCODE), "admin2": ("name2", words), "admin2 pcode": ("code2", PCODE),
        "admin3": ("name3", words), "admin3 pcode": ("code3", PCODE), "locality": ("name4", words),
        "start date": ("date_from", EARLY), "end date": ("date_to", LATE),
    },
    "deletions": {"deleted_timestamp": ("deleted_ts", moment)},
    "areas": {
        "actor": ("actor", words), "name": ("name", words), "acronym": ("acronym", words), "origin": ("origin", coded("origins")),
        "domain": ("domain", coded("domains")), "kind": ("kind", coded("actor_kinds")), "parent": ("parent", words),
        "positioning": ("positioning", coded("positioning")), "sector": ("sector", coded("sectors")), "activity": ("activity", words),
        "status": ("status", coded("presence_status")), "date_from": ("date_from", EARLY), "date_to": ("date_to", LATE), "source": ("source", words),
        "reliability": ("reliability", one_of(*"ABCDEF")), "credibility": ("credibility", number(1, 6)), "disputed": ("disputed", YES),
    },
    "risk_zones": {
        "name": ("name", words), "threat": ("threat_category", coded("threat_categories")), "likelihood": ("likelihood", number(1, 5)),
        "impact": ("impact", number(1, 5)), "applies_to": ("applies_to", words), "basis": ("basis", words), "valid_from": ("valid_from", EARLY),
        "valid_to": ("valid_to", SOON), "time_of_day": ("time_of_day", words), "residual_level": ("residual_level", number(1, 5)),
    },
    "hazards": {
        "name": ("name", words), "hazard_type": ("hazard_type", coded("hazard_types")), "hazard_status": ("hazard_status", coded("hazard_status")),
        "hazards": ("hazards", words), "reported_on": ("reported_on", EARLY), "source": ("source", words),
    },
    "arrangements": {
        "arrangement_type": ("arrangement_type", coded("arrangement_types")), "name": ("name", words), "parties": ("parties", words),
        "valid_from": ("valid_from", EARLY), "valid_to": ("valid_to", SOON), "source": ("source", words), "note": ("note", words),
    },
    "security_levels": {
        "security_level": ("security_level", number(1, 6)), "name": ("name", words), "valid_from": ("valid_from", EARLY),
        "valid_to": ("valid_to", LATE), "source": ("source", words),
    },
    "roads": {
        "name": ("name", words), "fclass": ("road_class", number(1, 7)), "srftpe": ("surface", number(1, 6)), "srfcond": ("condition", number(1, 4)),
        "isseasonal": ("seasonal", number(1, 2)), "curntprac": ("practicability", number(1, 6)), "gdwthrprac": ("practicability_dry", number(1, 6)),
        "bdwthrprac": ("practicability_wet", number(1, 6)), "opstatus": ("op_status", coded("road_status")), "sec": ("security", one_of(*"ABCDE")),
        "curntspeed": ("speed_kmh", number(1, 120)), "bridge": ("bridge", YES), "tunnel": ("tunnel", YES), "oneway": ("oneway", YES),
    },
    "boundaries": {
        "adm2_name": ("name", words), "adm1_pcode": ("parent_pcode", PCODE), "version": ("cod_version", words), "lang": ("lang", one_of("fr")),
        "valid_on": ("valid_from", EARLY), "valid_to": ("valid_to", LATE),
    },
    "basemap": {"class": ("class", one_of("land", "lake", "border")), "name": ("name", words), "rank": ("rank", number(1, 9))},
}  # fmt: skip
KEYS = {"incidents": ("event id", "source_event_id"), "deletions": ("event_id_cnty", "source_event_id"), "boundaries": ("adm2_pcode", "pcode"),
        "presence": None, "basemap": None, "road_reports": ("report id", "source_key"), "areas": ("area id", "source_key"),
        "risk_zones": ("zone id", "source_key"), "constraints": ("con_id", "source_key"), "hazards": ("haz_id", "source_key"),
        "arrangements": ("arr_id", "source_key"), "security_levels": ("sls id", "source_key"), "sites": ("site id", "source_key"),
        "roads": ("segment id", "source_key")}  # fmt: skip


def _csv(rows: list[Row], delimiter: str = ",") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def _pandas(rows: list[Row]) -> bytes:
    return pd.DataFrame(rows).to_csv(index=False, sep=";").encode("utf-8-sig")


def _xlsx(rows: list[Row]) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append(list(row.values()))
    book.save(out)
    return out.getvalue()


TABLES: dict[str, Callable[[list[Row]], bytes]] = {"csv": _csv, "pandas.csv": _pandas, "xlsx": _xlsx}
DRIVERS = {"gpkg": "GPKG", "geojson": "GeoJSON", "fgb": "FlatGeobuf", "zip": "ESRI Shapefile", "kml": "LIBKML"}


def shape(kind: str, place: int) -> dict[str, Any]:
    if kind in ("sites", "incidents", "road_reports", "constraints"):
        return {"type": "Point", "coordinates": point(place, 0)}
    if kind == "roads":
        lon, lat = point(place, 0)
        return {"type": "LineString", "coordinates": [(lon, lat), (lon + 0.1, lat + 0.1)]}
    return square(place, 0)


def features(kind: str, rows: list[Row], suffix: str, folder: Path) -> bytes:
    """The rows with shapes, written by fiona, KML by pyogrio."""
    path, shapes = folder / f"layer.{'shp' if suffix == 'zip' else suffix}", [shape(kind, n) for n in range(len(rows))]
    types = {name: ({int: "int32"} if suffix == "fgb" else {int: "int32", date: "date"}).get(type(value), "str:254" if suffix == "zip" else "str") for name, value in rows[0].items()}  # fmt: skip
    if suffix == "kml":
        wkb = np.array([shapely.to_wkb(shapely.geometry.shape(each)) for each in shapes], dtype=object)
        data = [np.array([str(row[name]) for row in rows], dtype=object) for name in rows[0]]
        pyogrio.raw.write(
            path, wkb, data, list(rows[0]), geometry_type=shapes[0]["type"], crs="EPSG:4326", driver="LIBKML"
        )
        return path.read_bytes()
    schema = {"geometry": shapes[0]["type"], "properties": types}
    more = {"SPATIAL_INDEX": "NO"} if suffix == "fgb" else {}  # an index puts features into another order
    with fiona.open(path, "w", DRIVERS[suffix], schema, crs=CRS.from_epsg(4326), encoding="UTF-8", **more) as sink:
        sink.writerecords(
            {
                "geometry": each,
                "properties": {name: str(value) if types[name] == "str" else value for name, value in row.items()},
            }
            for each, row in zip(shapes, rows, strict=True)
        )
    if suffix != "zip":
        return path.read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for part in sorted(folder.glob("layer.*")):
            archive.write(part, part.name)
    return packed.getvalue()


def read(kind: str, content: bytes, suffix: str, folder: Path) -> tuple[dict[int, Row], list[Row], list[Row]]:
    """The staged rows by their row of the file, the findings, and what each column was taken for."""
    inside = folder / "in"
    inside.mkdir()
    path = inside / f"file.{suffix}"
    path.write_bytes(content)
    request = {"path": str(path), "folder": str(folder), "kind": kind, "source": None, "options": {}, "limits": asdict(Limits()), "mode": "stage"}  # fmt: skip
    said, before = io.BytesIO(), sys.stdout
    sys.stdout = SimpleNamespace(buffer=said)  # type: ignore[assignment]
    findings: list[Row] = []
    try:
        child.read(request)
    except RefusedFile as refused:
        findings.append({"row": None, "column": None, "code": refused.code, "message": refused.message})
    finally:
        sys.stdout = before
    columns, staged, understood = [], b"", []
    frames = io.BytesIO(said.getvalue())
    while head := frames.read(5):
        payload = frames.read(int.from_bytes(head[1:], "big"))
        if head[:1] == b"H":
            columns = orjson.loads(payload)["columns"]
        elif head[:1] == b"D":
            staged += payload
        elif head[:1] == b"F":
            findings += orjson.loads(payload)
        elif head[:1] == b"U":
            understood = orjson.loads(payload)["columns"]
    rows = [dict(zip(columns, row, strict=True)) for row in csv.reader(io.StringIO(staged.decode(), newline=""))]
    return {int(row["row_no"]): row for row in rows}, findings, understood


def equal(staged: str, expected: str) -> bool:
    if staged == expected:
        return True
    try:
        return float(staged) == float(expected)
    except ValueError:
        return False


CASES = [(kind.key, suffix) for kind in kinds.every() if "table" in kind.reads for suffix in TABLES] + [
    (kind.key, suffix) for kind in kinds.every() if "vector" in kind.reads for suffix in DRIVERS
]


@pytest.mark.parametrize(("kind", "suffix"), CASES)
@settings(max_examples=2, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(rng=st.randoms(use_true_random=False).map(lambda drawn: Random(drawn.getrandbits(64))))
def test_what_was_written_is_what_is_staged_or_it_is_told(kind: str, suffix: str, rng: Random) -> None:
    fields = FIELDS[kind] | {"tlp": ("handling", TLP)}
    if key := KEYS[kind]:
        fields = {key[0]: (key[1], KEY), **fields}
    drawn = [{header: draw(rng) for header, (_, draw) in fields.items()} for _ in range(20)]
    rows = [{header: cell[0] for header, cell in row.items()} for row in drawn]
    located = suffix in TABLES and kind in ("sites", "incidents", "road_reports", "constraints")
    if located:
        rows = [row | dict(zip(("longitude", "latitude"), point(n, 0), strict=True)) for n, row in enumerate(rows)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        content = TABLES[suffix](rows) if suffix in TABLES else features(kind, rows, suffix, folder)
        staged, findings, understood = read(kind, content, suffix.rsplit(".", 1)[-1], folder)
    taken = {column["header"]: column["name"] for column in understood}
    told = {(finding["row"], finding["column"]) for finding in findings}
    for header in fields:
        cut = next(
            (h for h in taken if h in (header, header.capitalize(), header[:10])),
            None,
        )
        assert cut is not None, f"{header} is not among {list(taken)}"
        assert taken[cut] is not None or (None, cut) in told, (
            f"{header} is not used, and nothing is told of it: {findings}"
        )
        for number, row in enumerate(drawn, 2):
            if number not in staged:
                assert any(finding["row"] == number and finding["severity"] == "error" for finding in findings), (
                    row,
                    findings,
                )
            elif not equal(staged[number][fields[header][0]], row[header][1]):
                assert (number, cut) in told, (header, row[header], staged[number][fields[header][0]], findings)
    if kind not in ("presence", "deletions", "basemap", "boundaries") and len(staged) == len(drawn):
        _as_placed(kind, staged)


def _as_placed(kind: str, staged: dict[int, Row]) -> None:
    for number, row in staged.items():
        if "lon" in row:
            assert (float(row["lon"]), float(row["lat"])) == pytest.approx(point(number - 2, 0), abs=1e-6)
        else:
            written = shapely.geometry.shape(shape(kind, number - 2))
            assert shapely.equals_exact(shapely.from_wkb(row["geom"]).centroid, written.centroid, tolerance=1e-6)
