"""Files as spreadsheets, R, ArcGIS and OpenStreetMap write them: nothing lost without a word, nothing changed in meaning."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fiona
import openpyxl
import pytest
from fiona.crs import CRS
from sqlalchemy import Engine, text

from geoapp import db
from tests.gridland import collection, square
from tests.ingest.reading import read

LIST = "id,date,type,latitude,longitude"


def codes(findings: list[dict[str, Any]]) -> set[str]:
    return {finding["code"] for finding in findings}


def shapefile(records: list[dict[str, Any]], *, encoding: str = "utf-8", cpg: str | None = None) -> bytes:
    """A zipped shapefile of squares with these attributes, its texts in an encoding, its .cpg saying what it is told to."""
    import tempfile

    with tempfile.TemporaryDirectory() as name:
        schema = {"geometry": "Polygon", "properties": dict.fromkeys(records[0], "str:80")}
        path = Path(name) / "a.shp"
        with fiona.open(path, "w", "ESRI Shapefile", schema, crs=CRS.from_epsg(4326), encoding=encoding) as sink:
            for place, record in enumerate(records):
                sink.write({"geometry": square(place, 0), "properties": record})
        path.with_suffix(".cpg").unlink(missing_ok=True)
        if cpg:
            path.with_suffix(".cpg").write_text(cpg)
        sink_ = io.BytesIO()
        with zipfile.ZipFile(sink_, "w") as archive:
            for part in Path(name).iterdir():
                archive.write(part, part.name)
        return sink_.getvalue()


# who may see it

RED = ["handling", "TLP", "tlp_level", "Classification", "TLP Colour", "Marking", "Information sensitivity"]


@pytest.mark.parametrize("header", RED)
@pytest.mark.parametrize("cell", ["RED", "tlp:red", "TLP RED", "Red"])
def test_red_stays_red_in_a_table(tmp_path: Path, header: str, cell: str) -> None:
    rows, _ = read(
        tmp_path, "incidents", f"{LIST},{header}\nX1,2026-03-01,Abduction,5,10,{cell}\nX2,2026-03-01,Robbery,5,10,\n"
    )
    assert [row["handling"] for row in rows] == ["RED", "AMBER"]


@pytest.mark.parametrize(
    ("kind", "table"),
    [
        ("sites", "name,lat,lon,TLP\nA,5,10,RED\n"),
        ("presence", "Organisation,Cluster,Admin2 P-code,TLP\nA,Health,GL0101,RED\n"),
        ("presence", "Organisation,Cluster,Admin2 P-code,x\n#org,#sector,#adm2+code,#meta+handling\nA,Health,GL0101,RED\n"),
        ("deletions", "event_id_cnty,TLP\nX1,RED\n"),
        ("constraints", "category,severity,reported on,pcode,TLP\ninterference,3,2026-01-01,GL01,RED\n"),
    ],
)  # fmt: skip
def test_red_stays_red_in_every_kind(tmp_path: Path, kind: str, table: str) -> None:
    assert [row["handling"] for row in read(tmp_path, kind, table)[0]] == ["RED"]


def test_a_marking_under_any_header_is_one(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, "incidents", f"{LIST},Remark 2\nX1,2026-03-01,Abduction,5,10,TLP:RED\n")
    assert rows[0]["handling"] == "RED"


def test_a_marking_that_cannot_be_read_stops_the_file(tmp_path: Path) -> None:
    rows, findings = read(
        tmp_path, "incidents", f"{LIST},Classification\nX1,2026-03-01,Abduction,5,10,UN Strictly Confidential\n"
    )
    assert rows == []
    assert "marking-not-read" in codes(findings)


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("Security classification", "NATO SECRET"), ("Marking", "OFFICIAL-SENSITIVE"), ("Confidentialité", "Diffusion restreinte"),
        ("Column 9", "UN CONFIDENTIAL"),
    ],
)  # fmt: skip
def test_a_marking_of_another_system_stops_every_kind(tmp_path: Path, header: str, cell: str) -> None:
    line = {"type": "LineString", "coordinates": [[10, 5], [10.1, 5]]}
    road = {"type": "Feature", "geometry": line, "properties": {"osm_id": "w1", "highway": "primary", header: cell}}
    drawn = json.dumps({"type": "FeatureCollection", "features": [road]})
    for kind, content, name in (
        ("roads", drawn, "a.geojson"),
        ("presence", f"Organisation,P-code,{header}\nA,XX01,{cell}\n", "a.csv"),
    ):
        rows, findings = read(tmp_path, kind, content, name)
        assert (rows, "marking-not-read" in codes(findings)) == ([], True), kind


def test_levels_are_read_in_french_and_words_of_notes_are_no_marking(tmp_path: Path) -> None:
    table = "Organisation,P-code,Classification,Remark\nA,XX01,Rouge,The secret is out\nB,XX01,Vert,NATO SECRET was on the wall\n"
    rows, _ = read(tmp_path, "presence", table)
    assert [row["handling"] for row in rows] == ["RED", "GREEN"]


def test_a_classification_of_something_else_is_no_marking(tmp_path: Path) -> None:
    rows, findings = read(tmp_path, "incidents", f"{LIST},Classification\nX1,2026-03-01,Abduction,5,10,Criminal\n")
    assert rows[0]["handling"] == "AMBER"
    assert "unknown-handling" not in codes(findings)


def test_one_red_row_holds_the_presence_of_its_organisation(
    engine: Engine, context: db.Context, gridded: Callable
) -> None:
    head = "Organisation,Cluster,Activity,Admin2 P-code,Start date,End date,TLP\n"
    row = "Quiet Aid,Health,{},{},2026-01-01,2026-12-31,{}\n"
    report = gridded(
        "presence", head + row.format("clinics", "GD0001", "") + row.format("shelter", "GD0002", "RED"), "a.csv"
    )
    assert report.landed, report.findings
    with db.transaction(engine, context) as connection:
        found = connection.execute(
            text("SELECT DISTINCT a.handling::text, p.handling::text FROM facts.area AS a JOIN facts.area_part AS p ON p.area_id = a.id"
                 " JOIN facts.actor AS c ON c.id = a.actor_id WHERE c.name = 'Quiet Aid'")
        ).all()  # fmt: skip
    assert [tuple(row) for row in found] == [("RED", "RED")]


# tables


def test_line_breaks_in_quoted_headers_lose_no_row(tmp_path: Path) -> None:
    head = '"ID","Date of\nincident","Type of\nincident","Latitude","Longitude","Notes"\n'
    body = "".join(f'"R{n}","2026-03-0{n}","Robbery","5.0{n}","10.0{n}","a\nb"\n' for n in range(1, 8))
    rows, findings = read(tmp_path, "incidents", "Incidents of March\n\n" + head + body)
    assert [row["source_event_id"] for row in rows] == [f"R{n}" for n in range(1, 8)]
    assert "row-length" not in codes(findings)
    _, findings = read(tmp_path, "incidents", head + body + '"R8","2026-03-08"\n')
    assert [finding["row"] for finding in findings if finding["code"] == "row-length"] == [9]


def test_semicolons_with_decimal_commas_and_commas_in_notes(tmp_path: Path) -> None:
    table = "Référence;Date;Type;Latitude;Longitude;Commentaires\n" + "".join(
        f"S{n};{n}/03/2026;Vol;11,{n}35;21,{n}3;à midi, sur la route, trois hommes, armés, partis\n"
        for n in range(13, 20)
    )
    rows, _ = read(tmp_path, "incidents", table)
    assert [(row["source_event_id"], row["lat"], row["lon"]) for row in rows][0] == ("S13", "11.1335", "21.133")
    assert len(rows) == 7


@pytest.mark.parametrize("marker", ["NA", "N/A", "-", "null", "NULL", "NaN", "<Null>"])
def test_markers_of_no_value_are_no_value(tmp_path: Path, marker: str) -> None:
    table = (
        "Organisation,Acronym,Cluster,Activity,Admin2 P-code,Start date,End date\n"
        f"Aid Alpha,{marker},{marker},{marker},GL0101,2026-01-01,{marker}\n{marker},{marker},Health,x,GL0101,,\n"
    )
    rows, findings = read(tmp_path, "presence", table)
    assert [(r["actor"], r["acronym"], r["sector_text"], r["activity"], r["date_to"]) for r in rows] == [
        ("Aid Alpha", "", "", "", "")
    ]
    assert [finding["row"] for finding in findings if finding["code"] == "no-actor"] == [3]


def workbook(hidden: str) -> bytes:
    book = openpyxl.Workbook()
    old, new = book.active, book.create_sheet("2026")
    old.title, old.sheet_state = "2019", hidden
    for sheet, year, rows in ((old, 2019, 9), (new, 2026, 3)):
        sheet.append(LIST.split(","))
        for n in range(rows):
            sheet.append([f"X{n}", f"{year}-01-0{n + 1}", "Robbery", 5, 10])
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


@pytest.mark.parametrize("hidden", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_not_taken_for_the_visible_one(tmp_path: Path, hidden: str) -> None:
    rows, findings = read(tmp_path, "incidents", workbook(hidden), "a.xlsx")
    assert {row["occurred_from"][:4] for row in rows} == {"2026"}
    assert "sheet-chosen" in codes(findings)
    rows, findings = read(tmp_path, "incidents", workbook(hidden), "a.xlsx", sheet="2019")
    assert ({row["occurred_from"][:4] for row in rows}, codes(findings) & {"sheet-chosen"}) == ({"2019"}, set())
    assert codes(read(tmp_path, "incidents", workbook(hidden), "a.xlsx", sheet="2030")[1]) == {"no-such-sheet"}


# text


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("latin-1", ["Société d'eau", "Bébédjia", "Moïssala", "São Tomé"]), ("cp1252", ["L’entrée du marché"]),
        ("cp1256", ["الهلال الأحمر", "منظمة الإغاثة"]), ("cp1256", ["الفاشر"]), ("utf-8", ["Peñón", "الفاشر"]),
        ("utf-8-sig", ["Peñón"]), ("utf-16", ["Peñón", "الفاشر"]), ("cp1251", ["Красный Крест"]),
    ],
)  # fmt: skip
def test_text_is_what_its_bytes_are(tmp_path: Path, encoding: str, names: list[str]) -> None:
    table = "name,lat,lon\n" + "".join(f"{name},5,10\n" for name in names)
    assert [row["name"] for row in read(tmp_path, "sites", table.encode(encoding))[0]] == names


@pytest.mark.parametrize(
    ("encoding", "cpg", "told"),
    [
        ("ISO-8859-1", "UTF-8", True), ("ISO-8859-1", None, True), ("cp1256", None, True), ("cp1256", "UTF-8", True),
        ("utf-8", "ISO-8859-1", False), ("utf-8", None, False), ("utf-8", "UTF-8", False), ("cp1256", "1256", False),
    ],
)  # fmt: skip
def test_a_cpg_that_lies_loses_no_text(tmp_path: Path, encoding: str, cpg: str | None, told: bool) -> None:
    names = ["الفاشر", "منظمة الإغاثة"] if encoding == "cp1256" else ["Bébédjia", "Moïssala"]
    content = shapefile([{"name": name, "type": "CHA"} for name in names], encoding=encoding, cpg=cpg)
    rows, findings = read(tmp_path, "hazards", content, "a.zip")
    assert [row["name"] for row in rows] == names
    assert ("encoding-guessed" in codes(findings)) is told


# dates


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2025/01/28 00:00:00", "2025-01-28"), ("2025/01/28T10:00:00Z", "2025-01-28"), ("1738022400000", "2025-01-28"),
        ("9999-12-31", ""), ("2999-12-31", ""), ("9999/12/31 00:00:00", ""), ("31/12/9999", ""),
    ],
)  # fmt: skip
def test_dates_and_no_end(tmp_path: Path, cell: str, day: str) -> None:
    rows, _ = read(
        tmp_path, "presence", f"Organisation,Admin2 P-code,Start date,End date\nA,GL0101,2020-01-01,{cell}\n"
    )
    assert rows[0]["date_to"] == day
    rows, _ = read(tmp_path, "sites", f"name,lat,lon,valid_from,valid_to\nA,5,10,2020-01-01,{cell}\n")
    assert rows[0]["valid_to"] == day


def test_a_day_that_nobody_can_mean_is_told(tmp_path: Path) -> None:
    rows, findings = read(tmp_path, "incidents", f"{LIST}\nX1,9026-03-01,Robbery,5,10\nX2,2026-03-01,Robbery,5,10\n")
    assert [row["source_event_id"] for row in rows] == ["X2"]
    assert "date-out-of-range" in codes(findings)


# what is the same thing


def test_numbers_that_only_count_rows_are_no_identity(gridded: Callable) -> None:
    first = f"{LIST}\n1,2026-03-01,Robbery,5.2,10.2\n2,2026-03-02,Robbery,5.3,10.3\n"
    second = f"{LIST}\n1,2026-04-01,Murder,5.4,10.4\n2,2026-04-02,Murder,5.5,10.5\n"
    assert gridded("incidents", first, "a.csv", source="list").created == 2
    report = gridded("incidents", second, "b.csv", source="list")
    assert (report.created, report.updated) == (2, 0)
    assert "serial-numbers" in {f.code for f in report.findings}
    again = gridded("incidents", second, "b.csv", source="list")
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)


def test_the_id_of_a_map_file_is_kept_so_that_it_can_be_corrected(gridded: Callable) -> None:
    def points(kind: str, day: str) -> str:
        return collection([
            ({"type": "Point", "coordinates": [10.2 + n / 10, 5.2]}, {"id": f"INC-00{n}", "date": day, "type": kind}) for n in (1, 2)
        ])  # fmt: skip

    assert gridded("incidents", points("Robbery", "2026-03-01"), "a.geojson", source="list").created == 2
    report = gridded("incidents", points("Murder", "2026-03-02"), "b.geojson", source="list")
    assert (report.created, report.updated) == (0, 2)


def test_unnamed_polygons_of_one_actor_stay_apart(tmp_path: Path) -> None:
    shapes = [(square(n, 0), {"actor": "A", "domain": "military", "positioning": "control"}) for n in range(5)]
    rows, _ = read(tmp_path, "areas", collection(shapes), "a.geojson")
    assert len({row["source_key"] for row in rows}) == 5


# map files


def test_field_names_cut_to_ten_characters_are_understood(tmp_path: Path) -> None:
    content = shapefile([{
        "organisati": "Aid Zeta", "name": "North block", "positionin": "patrol_area", "actor_doma": "military",
        "valid_from": "2026-01-01", "reliabilit": "B", "credibilit": "2", "classifica": "RED",
    }])  # fmt: skip
    row = read(tmp_path, "areas", content, "a.zip")[0][0]
    assert (row["actor"], row["name"], row["domain"], row["positioning"]) == (
        "Aid Zeta",
        "North block",
        "military",
        "patrol_area",
    )
    assert (row["reliability"], row["credibility"], row["handling"]) == ("B", "2", "RED")


def test_a_polygon_beside_a_network_link_lands(tmp_path: Path) -> None:
    link = "<NetworkLink><Link><href>http://127.0.0.1:9/x.kml</href></Link></NetworkLink>"
    ring = "10,5 10.1,5 10.1,5.1 10,5"
    drawn = (
        "<Placemark><name>N</name><ExtendedData><Data name='actor'><value>A</value></Data></ExtendedData><Polygon>"
        f"<outerBoundaryIs><LinearRing><coordinates>{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>"
    )
    kml = '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'
    rows, findings = read(tmp_path, "areas", kml.format(link + drawn), "a.kml")
    assert [row["actor"] for row in rows] == ["A"]
    assert "network-link" in codes(findings)
    assert codes(read(tmp_path, "areas", kml.format(link), "b.kml")[1]) == {"network-link"}


@pytest.mark.parametrize(
    ("tags", "status", "vehicles"),
    [
        ({}, "unspecified", "0"), ({"highway": "proposed"}, "closed", "0"), ({"highway": "construction"}, "closed", "0"),
        ({"highway": "abandoned"}, "abandoned", "0"), ({"access": "no"}, "closed", "0"),
        ({"access": "no", "motor_vehicle": "yes"}, "unspecified", "0"), ({"access": "private"}, "restricted", "0"),
        ({"access": "military"}, "restricted", "0"), ({"motor_vehicle": "no"}, "closed", "0"),
        ({"maxweight": "3.5"}, "unspecified", "3"), ({"maxweight": "12 t"}, "unspecified", "4"),
        ({"maxweight": "none"}, "unspecified", "0"), ({"vehicle": "no"}, "closed", "0"), ({"motorcar": "no"}, "closed", "0"),
        ({"motorcar": "yes", "access": "no"}, "unspecified", "0"), ({"highway": "no"}, "closed", "0"),
        ({"highway": "platform"}, "closed", "0"), ({"highway": "razed"}, "abandoned", "0"),
        ({"hgv": "no"}, "unspecified", "3"), ({"hgv": "yes"}, "unspecified", "0"),
        ({"4wd_only": "yes"}, "unspecified", "3"), ({"4wd_only": "recommended"}, "unspecified", "0"),
        ({"impassable": "yes"}, "closed", "0"), ({"smoothness": "impassable"}, "closed", "0"),
        ({"smoothness": "very_horrible", "4wd_only": "yes"}, "unspecified", "2"), ({"smoothness": "bad"}, "unspecified", "0"),
        ({"highway": "steps"}, "unspecified", "1"), ({"highway": "path"}, "unspecified", "2"),
        ({"highway": "path", "motor_vehicle": "yes"}, "unspecified", "0"), ({"hgv": "no", "status": "open"}, "open", "3"),
        ({"impassable": "yes", "status": "open"}, "closed", "0"), ({"maxweight": "3.5", "curntprac": "5"}, "unspecified", "5"),
    ],
)  # fmt: skip
def test_tags_of_openstreetmap_are_read_in_every_format(
    tmp_path: Path, tags: dict[str, str], status: str, vehicles: str
) -> None:
    line = {"type": "LineString", "coordinates": [[10, 5], [10.1, 5]]}
    properties = {"osm_id": "w1", "highway": "primary", "access": None, "motor_vehicle": None, "maxweight": None} | tags
    held = json.dumps(
        {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": line, "properties": properties}]}
    )
    row = read(tmp_path, "roads", held, "a.geojson")[0][0]
    assert (row["op_status"], row["practicability"]) == (status, vehicles)
