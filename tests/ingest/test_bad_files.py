"""A bad file gets a finding or a refusal: never a trace, a half import, a hang, a foreign file or a call outside."""

import gzip
import io
import json
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest
import shapely
from sqlalchemy import Engine, text

from geoapp import db
from geoapp.errors import BadRequest
from geoapp.ingest import confine
from tests.gridland import HEAD, PRESENCE, area, collection, incident, square

RING = [[10, 5], [10.1, 5], [10.1, 5.1], [10, 5.1], [10, 5]]


def zipped(**files: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return sink.getvalue()


def polygon(coordinates: object) -> str:
    return collection([({"type": "Polygon", "coordinates": coordinates}, {"actor": "A", "domain": "civil"})])  # type: ignore[dict-item]


def shapefile(*suffixes: str) -> bytes:
    """Two squares as a zipped shapefile with only some of its files."""
    with tempfile.TemporaryDirectory() as name:
        frame = gpd.GeoDataFrame(
            {"actor": ["A", "B"]}, geometry=[shapely.box(10, 5, 11, 6), shapely.box(12, 5, 13, 6)], crs=4326
        )
        frame.to_file(Path(name) / "a.shp")
        return zipped(**{f"a.{s}": (Path(name) / f"a.{s}").read_bytes() for s in suffixes})


def package(change: str) -> bytes:
    """A GeoPackage of one square, changed by SQL."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "a.gpkg"
        gpd.GeoDataFrame({"actor": ["A"]}, geometry=[shapely.box(10, 5, 11, 6)], crs=4326).to_file(path, layer="a")
        with closing(sqlite3.connect(path)) as opened:
            for (trigger,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                opened.execute(f'DROP TRIGGER "{trigger}"')
            opened.executescript(change)
            opened.commit()
        return path.read_bytes()


ENDLESS = """
    ALTER TABLE a RENAME TO b; DELETE FROM gpkg_contents; DELETE FROM gpkg_geometry_columns;
    CREATE VIEW a AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
        SELECT i AS fid, (SELECT geom FROM b LIMIT 1) AS geom, 'A' || i AS actor FROM n;
    INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES ('a', 'features', 'a', 4326);
    INSERT INTO gpkg_geometry_columns VALUES ('a', 'geom', 'POLYGON', 4326, 0, 0);
"""
LYING = "UPDATE a SET geom = CAST(substr(geom, 1, 40) || x'0103000000FFFFFF7F' AS BLOB)"
SHEET = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


def workbook(sheet: bytes) -> bytes:
    """A workbook whose one sheet is this XML."""
    sink = io.BytesIO()
    openpyxl.Workbook().save(sink)
    with zipfile.ZipFile(sink) as archive:
        return zipped(**{n: archive.read(n) for n in archive.namelist()} | {"xl/worksheets/sheet1.xml": sheet})


def link() -> bytes:
    """A zip whose one entry is a symbolic link out of it."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        entry = zipfile.ZipInfo("a.geojson")
        entry.create_system, entry.external_attr = 3, 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    return sink.getvalue()


KML = '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'
BAD: dict[str, tuple[str, object, str, str]] = {
    "empty": ("incidents", b"", "a.csv", "empty"),
    "binary": ("incidents", b"a,b\0c\n1,2", "a.csv", "binary"),
    "wrong kind of file": ("areas", "a,b\n1,2\n", "a.csv", "wrong-format"),
    "missing columns": ("incidents", "place,who\nVelmar,somebody\n", "a.csv", "missing-columns"),
    "no p-codes": ("presence", "Organisation,Cluster,District\nA,Health,X\n", "a.csv", "unknown-place"),
    "p-codes that match nothing": ("presence", "Organisation,Cluster,Admin2 P-code\nA,Health,XX99\n", "a.csv", "unknown-place"),
    "vrt named geojson": ("areas", '<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>/etc/passwd</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>', "a.geojson", "not-allowed"),
    "network link": ("areas", KML.format("<NetworkLink><Link><href>http://127.0.0.1:9/x.kml</href></Link></NetworkLink>"), "a.kml", "network-link"),
    "entities": ("areas", '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY x SYSTEM "file:///etc/passwd">]><kml><name>&x;</name></kml>', "a.kml", "entities"),
    "nested": ("areas", '{"type":"GeometryCollection","geometries":[' * 100_000, "a.geojson", "nested-too-deep"),
    "bomb": ("areas", gzip.compress(b" " * 60_000_000), "a.geojson.gz", "unpacks-too-large"),
    "zip path": ("areas", zipped(**{"../../evil.geojson": b"{}"}), "a.zip", "path-escapes"),
    "zip of nothing": ("areas", zipped(**{"a.txt": b"x"}), "a.zip", "nothing-known-inside"),
    "zip cut off": ("areas", zipped(**{"a.geojson": b"{}" * 500})[:200], "a.zip", "unpacks-too-large|damaged|unreadable|wrong-format"),
    "nan": ("areas", polygon([RING]).replace("10.1", "NaN", 1), "a.geojson", "not-finite|empty|unreadable"),
    "out of range": ("areas", polygon([[[x * 40, y] for x, y in RING]]), "a.geojson", "out-of-range"),
    "antimeridian": ("areas", polygon([[[-179, 0], [179, 0], [179, 1], [-179, 1], [-179, 0]]]), "a.geojson", "antimeridian"),
    "empty polygon": ("areas", polygon([]), "a.geojson", "empty"),
    "a line": ("areas", collection([({"type": "LineString", "coordinates": RING}, {"actor": "A"})]), "a.geojson", "wrong-type"),
    "million vertices": ("areas", polygon([[[10 + i * 1e-7, 5] for i in range(300_000)] + [[10, 6], [10, 5]]]), "a.geojson", "too-many-vertices|too-large|unreadable"),
    "swapped axes": ("incidents", "\n".join([HEAD, *(incident(i, "2026-02-10", 2, 2).replace("5.25,10.25", "125.25,5.25") for i in range(4))]), "a.csv", "swapped-axes"),
    "zone without an end": ("risk_zones", collection([(square(0, 0), {"name": "x", "likelihood": 1, "impact": 1, "valid_from": "2026-01-01", "valid_to": None})]), "a.geojson", "no-valid-to|missing-columns"),
    "outside the matrix": ("risk_zones", collection([(square(0, 0), {"name": "x", "likelihood": 9, "impact": 1, "valid_to": "2026-12-01"})]), "a.geojson", "outside-the-matrix"),
    "html": ("areas", "<html><script>alert(1)</script></html>", "a.geojson", "unknown-format"),
    "no shx": ("areas", shapefile("shp", "dbf", "prj"), "a.zip", "half-a-shapefile"),
    "no dbf": ("areas", shapefile("shp", "shx", "prj"), "a.zip", "half-a-shapefile"),
    "a query without end": ("areas", package(ENDLESS), "a.gpkg", "views-only|no-crs|no-fitting-layer"),
    "a shape that lies about its size": ("areas", package(LYING), "a.gpkg", "empty"),
    "workbook that unpacks without end": ("incidents", workbook(SHEET + b"<row><c><v>1</v></c></row>" * 8_000_000), "a.xlsx", "unpacks-too-large"),
    "workbook cut off": ("incidents", workbook(SHEET[:40]), "a.xlsx", "damaged"),
    "workbook with a far corner": ("incidents", workbook(SHEET + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'), "a.xlsx", "missing-columns|too-many-columns|damaged"),
    "link in a zip": ("areas", link(), "a.zip", "path-escapes"),
    "many files in a zip": ("areas", zipped(**{f"{i}.geojson": b"{}" for i in range(5000)}), "a.zip", "too-many-entries"),
    "wide table": ("incidents", ",".join(f"c{i}" for i in range(5000)) + "\n", "a.csv", "too-many-columns"),
    "folders in folders": ("areas", KML.format("<Folder>" * 20_000 + "</Folder>" * 20_000), "a.kml", "unreadable|nested-too-deep|nothing-in-it"),
    "metres taken for degrees": ("areas", polygon([[[x * 1000, y * 1000] for x, y in RING]]), "a.geojson", "out-of-range"),
    "cut geojson": ("areas", collection([area("a", "A", "civil", square(0, 0))])[:120], "a.geojson", "unreadable"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_refused_with_a_reason(engine: Engine, context: db.Context, bring: Callable, name: str) -> None:
    kind, content, file, code = BAD[name]
    report = bring(kind, content, file)
    assert not report.landed
    assert {f.code for f in report.findings} & set(code.split("|")), report.findings
    assert all(f.message and "Traceback" not in f.message and "/tmp" not in f.message for f in report.findings)
    with db.transaction(engine, context) as connection:
        assert connection.execute(text("SELECT count(*) FROM facts.batch")).scalar() == 0
    json.dumps(report.as_dict())


def test_a_quote_that_is_never_closed_is_told(gridded: Callable) -> None:
    text_ = (
        'id,date,event type,lat,lon,notes\n1,2026-01-01,Clash,5,10,"so it began\n'
        + "2,2026-01-02,Clash,5,10,x\n" * 5000
    )
    report = gridded("incidents", text_, "list.csv", source="list")
    assert (report.rows, "cell-cut" in {f.code for f in report.findings}) == (1, True)


def test_a_lists_own_numbers_are_kept(gridded: Callable) -> None:
    """Numbers that begin again with each sheet would otherwise make the same event new for every corrected word."""
    first, second = (
        f"id,date,event type,lat,lon,location\n7,2026-01-01,Clash,5.2,10.2,{place}\n" for place in ("A", "B")
    )
    assert gridded("incidents", first, "list.csv", source="list").created == 1
    report = gridded("incidents", second, "list.csv", source="list")
    assert (report.created, report.updated) == (0, 1)


def test_good_rows_land_beside_bad_ones(engine: Engine, gridded: Callable) -> None:
    rows = [
        HEAD,
        *(incident(i, "2026-02-10", 2, 2) for i in range(10, 20)),
        incident(20, "no day", 2, 2),
        incident(21, "2026-02-10", 2, 2) + ",too,long",
    ]
    report = gridded("incidents", "\n".join(rows), "a.csv", source="exercise")
    assert (report.landed, report.rows, report.created, report.rejected) == (True, 12, 10, 2)
    assert {(f.code, f.row) for f in report.findings} >= {("not-a-date", 12), ("row-length", 13)}


def test_shapes_are_mended_and_say_so(gridded: Callable) -> None:
    bow = {"type": "Polygon", "coordinates": [[[10, 5], [10.2, 5.2], [10.2, 5], [10, 5.2], [10, 5]]]}
    high = {"type": "Polygon", "coordinates": [[[x, y, 7] for x, y in RING]]}
    report = gridded("areas", [area("b", "Bow", "civil", bow), area("z", "High", "civil", high)])
    assert report.landed
    assert {f.code for f in report.findings if f.severity == "repaired"} == {"repaired-self-intersection", "dropped-z"}


def test_dates_that_mean_two_things(gridded: Callable) -> None:
    report = gridded("presence", PRESENCE.replace("2026-02-01", "02/03/2026"), "a.csv")
    assert "date-two-ways" in {f.code for f in report.findings}
    settled = gridded("presence", PRESENCE.replace("2026-02-01", "13/03/2026"), "b.csv")
    assert "date-two-ways" not in {f.code for f in settled.findings}


def test_latin_1_is_read_and_told(gridded: Callable) -> None:
    report = gridded("presence", PRESENCE.replace("Well Diggers", "Société d'eau").encode("latin-1"), "a.csv")
    assert report.landed
    assert "encoding-guessed" in {f.code for f in report.findings}


def test_two_files_at_once(engine: Engine, context: db.Context, gridded: Callable) -> None:
    reports = []

    def go(n: int) -> None:
        reports.append(
            gridded("areas", [area(f"t{n}", f"Twin {n}", "military", square(6 + n * 0.5, 6, 2, 2))], f"t{n}.geojson")
        )

    threads = [threading.Thread(target=go, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [r.landed for r in reports] == [True, True]
    with db.transaction(engine, context) as connection:
        found = connection.execute(text("SELECT count(*) FROM facts.overlap AS o JOIN facts.area AS a ON a.id = o.area_a"
                                        " JOIN facts.area AS b ON b.id = o.area_b WHERE a.source_key LIKE 'areas:t%' AND b.source_key LIKE 'areas:t%'"))  # fmt: skip
        assert found.scalar() == 1


def test_nothing_calls_outside(bring: Callable) -> None:
    with socket.socket() as trap:
        trap.bind(("127.0.0.1", 0))
        trap.listen()
        trap.settimeout(0.3)
        port = trap.getsockname()[1]
        for name, content in (
            (
                "a.geojson",
                f"<OGRVRTDataSource><OGRVRTLayer name='x'><SrcDataSource>/vsicurl/http://127.0.0.1:{port}/x</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
            ),
            (
                "a.kml",
                KML.format(f"<NetworkLink><Link><href>http://127.0.0.1:{port}/x.kml</href></Link></NetworkLink>"),
            ),
            (
                "b.geojson",
                json.dumps(
                    {
                        "type": "FeatureCollection",
                        "features": [],
                        "crs": {"type": "link", "properties": {"href": f"http://127.0.0.1:{port}/crs"}},
                    }
                ),
            ),
        ):
            bring("areas", content, name)
        with pytest.raises(TimeoutError):
            caller, _ = trap.accept()
            with caller:
                pytest.fail(f"somebody called: {caller.recv(200)!r}")


def test_without_namespaces_the_child_still_makes_no_socket() -> None:
    tried = """
from geoapp.ingest import confine
import socket
import subprocess
import sys
confine._LIBC.unshare = lambda *_: -1
assert confine.confine("/tmp", 3 << 30, 60)["no_network"]
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
    try:
        socket.socket(family)
    except PermissionError:
        print("refused")
"""
    done = subprocess.run([sys.executable, "-c", tried], capture_output=True, text=True, check=True, cwd=confine.ROOT)  # noqa: S603
    assert done.stdout.split() == ["refused"] * 3


def test_rows_of_a_wrong_length_are_told_when_no_row_is_right(bring: Callable) -> None:
    report = bring("sites", "name,lat,lon\nA,1,2,3\nB,1,2,3\n", "a.csv")
    assert not report.landed
    assert [(f.code, f.row) for f in report.findings if f.row] == [("row-length", 2), ("row-length", 3)]


def test_an_unknown_kind_is_the_askers_mistake(bring: Callable) -> None:
    with pytest.raises(BadRequest, match="no import kind"):
        bring("weather", "x", "a.csv")


def test_no_job_folder_is_left(bring: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    bring("areas", b"x", "a.geojson")
    assert not list(tmp_path.glob("geoapp-job-*"))
