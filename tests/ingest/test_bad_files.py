"""A bad file gets a finding or a refusal: never a trace, a half import, a hang, a foreign file or a call outside."""

import gzip
import io
import json
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from geoapp import db
from geoapp.errors import BadRequest
from geoapp.ingest import sandbox
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


KML = '<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>{}</Document></kml>'
BAD: dict[str, tuple[str, object, str, str]] = {
    "empty": ("incidents", b"", "a.csv", "empty"),
    "binary": ("incidents", b"a,b\0c\n1,2", "a.csv", "binary"),
    "wrong kind of file": ("areas", "a,b\n1,2\n", "a.csv", "wrong-format"),
    "missing columns": ("incidents", "place,who\nVelmar,somebody\n", "a.csv", "missing-columns"),
    "no p-codes": ("presence", "Organisation,Cluster,District\nA,Health,X\n", "a.csv", "missing-columns"),
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
from geoapp.ingest import sandbox
import socket
import subprocess
import sys
sandbox._LIBC.unshare = lambda *_: -1
assert sandbox.confine("/tmp", 3 << 30, 60)["no_network"]
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
    try:
        socket.socket(family)
    except PermissionError:
        print("refused")
"""
    done = subprocess.run([sys.executable, "-c", tried], capture_output=True, text=True, check=True, cwd=sandbox.ROOT)  # noqa: S603
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
