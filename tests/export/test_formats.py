"""Files that leave: every format holds every record and field, read back by other programs, with its words about itself."""

import csv
import gzip
import io
import json
import zipfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import fastkml
import geopandas
import openpyxl
import pyogrio
import pytest
import shapely
from fastapi.testclient import TestClient
from lxml import etree
from mapbox_vector_tile.Mapbox import vector_tile_pb2 as mvt
from pmtiles.reader import MemorySource, Reader, all_tiles
from sqlalchemy import Engine

from geoapp import db, export
from geoapp.app import create_app
from geoapp.draw import features
from geoapp.errors import BadRequest, NotAcceptable, NotFound
from geoapp.export.formats import FORMATS
from geoapp.scope import Scope
from geoapp.settings import Settings
from layers import get
from tests.draw import single_file

SCOPE = Scope("grid", purpose="export", member="tester")
KML = "{http://www.opengis.net/kml/2.2}"
NVG = "{https://tide.act.nato.int/schemas/2012/10/nvg}"
GPX = "{http://www.topografix.com/GPX/1/1}"
TEXTS = ["=1+2", "+A1", "-2", "@SUM(A1)", "\t=1", "<b>&amp;\"'", "${globalThis}", "قرية", "Côte d’Ivoire", "a\x0bb"]


def read(path: Path) -> list[dict[str, Any]]:
    """The sites of a file as name → text, by a reader that is not ours."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            head, tags, *rows = csv.reader(file)
        assert all(tag.startswith("#") for tag in tags)
        return [dict(zip(head, row, strict=True)) for row in rows]
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path)["sites"]
        head, _, *rows = sheet.iter_rows()
        assert {c.data_type for row in rows for c in row if isinstance(c.value, str)} == {"s"}
        return [{h.value: c.value for h, c in zip(head, row, strict=True)} for row in rows]
    if path.suffix == ".html":
        return [{"name": name} for name in single_file.titles(path.read_text(encoding="utf-8"), "sites")]
    if path.suffix == ".dpk":
        with zipfile.ZipFile(path) as archive:
            events = [Xml.fromstring(archive.read(name)) for name in archive.namelist() if name.endswith(".cot")]
        return [{"name": event.find("detail/contact").get("callsign")} for event in events]
    if path.suffix == ".nvg":
        return [{"name": each.get("label")} for each in Xml.parse(path).getroot().iter(f"{NVG}point")]
    if path.suffix in (".kml", ".kmz"):
        document = zipfile.ZipFile(path).read("doc.kml") if path.suffix == ".kmz" else path.read_bytes()
        root = Xml.fromstring(document)
        return [
            {d.get("name"): d.findtext(f"{KML}value") for d in mark.iter(f"{KML}Data")}
            for mark in root.iter(f"{KML}Placemark")
        ]
    if path.suffix == ".parquet":
        return geopandas.read_parquet(path).to_dict("records")
    if path.suffix == ".pmtiles":
        return list(tiles_of(path)["sites"].values())
    return pyogrio.read_dataframe(path, layer="sites").to_dict("records")


def held_against_the_schema(document: bytes) -> None:
    """Raise where a document is not what the KML 2.2 schema of the OGC says."""
    schema = etree.XMLSchema(file=Path(fastkml.__file__).with_name("schema") / "ogckml22.xsd")
    schema.assertValid(etree.fromstring(document))


def tiles_of(path: Path) -> dict[str, dict[int, dict[str, Any]]]:
    """The records in the last zoom of a PMTiles file by layer and number, each once, however many tiles it reaches into."""
    source = MemorySource(path.read_bytes())
    last, found = Reader(source).header()["max_zoom"], defaultdict(dict)
    for (z, _, _), packed in all_tiles(source):
        for layer in mvt.tile.FromString(gzip.decompress(packed)).layers if z == last else ():
            for each in layer.features:
                pairs = zip(each.tags[::2], each.tags[1::2], strict=True)
                found[layer.name][each.id] = {layer.keys[k]: layer.values[v].string_value for k, v in pairs}
    return found


@pytest.mark.parametrize("suffix", [suffix for suffix, form in export.LAYER_FORMATS.items() if form.records])
def test_every_layer_format_holds_every_record_as_it_is(
    engine: Engine, bring: Callable, tmp_path: Path, suffix: str
) -> None:
    sites = [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [n / 10, 1]},
         "properties": {"id": f"S{n}", "name": f"{text} {n}", "type": "clinic"}}
        for n, text in enumerate(TEXTS)
    ]  # fmt: skip
    assert bring("sites", json.dumps({"type": "FeatureCollection", "features": sites})).created == len(TEXTS)
    path = tmp_path / f"sites{suffix}"
    assert export.write(engine, SCOPE, [get("sites")], path) == {"sites": len(TEXTS)}
    with db.transaction(engine, SCOPE.context()) as connection:
        known = sorted(str(row["name"]) for row in features.rows(connection, get("sites"), SCOPE))
    told = (
        [name.replace("\x0b", "") for name in known] if suffix in (".kml", ".kmz", ".xlsx", ".dpk", ".nvg") else known
    )
    found = sorted(str(row["name"]).removeprefix("'") for row in read(path))
    assert found == sorted(told)


@pytest.mark.parametrize("form", [f for f in FORMATS if f.many and f.records], ids=lambda f: f.suffix)
def test_formats_of_many_layers_hold_them_all(engine: Engine, gridded: Callable, tmp_path: Path, form: Any) -> None:
    path = tmp_path / f"all{form.suffix}"
    counts = export.write(engine, SCOPE, export.EVERYTHING, path)
    assert counts["incidents"] == 4
    if form.suffix == ".xlsx":
        found = {s.title: s.max_row - 2 for s in openpyxl.load_workbook(path) if s.title != "About"}
    elif form.suffix == ".html":
        told = single_file.data(path.read_text(encoding="utf-8"))["layers"]
        found = {name: len(layer["rows"]) for name, layer in told.items()}
    elif form.suffix == ".pmtiles":
        found = {name: len(records) for name, records in tiles_of(path).items()}
    elif form.suffix in (".dpk", ".nvg"):
        # one record may be several drawings there: tests/export/test_military.py counts them
        titles = {layer.title: layer.name for layer in export.EVERYTHING}
        if form.suffix == ".nvg":
            groups = Xml.parse(path).getroot().findall(f"{NVG}g")[1:]
            held = {titles[g.get("label")] for g in groups if g.find(f"{NVG}point") is not None or len(g) > 1}
        else:
            with zipfile.ZipFile(path) as archive:
                events = [archive.read(name) for name in archive.namelist() if name.endswith(".cot")]
            held = {titles[Xml.fromstring(e).findtext("detail/remarks").split("\n")[0]] for e in events}
        assert held == {name for name, n in counts.items() if n}
        return
    else:
        inside = f"/vsizip/{path}/doc.kml" if form.suffix == ".kmz" else path
        if form.suffix in (".kml", ".kmz"):
            held_against_the_schema(zipfile.ZipFile(path).read("doc.kml") if inside != path else path.read_bytes())
        names = [name for name, _ in pyogrio.list_layers(inside) if name != "layer_styles"]
        titles = {layer.title: layer.name for layer in export.EVERYTHING}
        found = {titles.get(n, n): pyogrio.read_info(inside, layer=n)["features"] for n in names}
    # GDAL does not list a KML folder without placemarks
    assert {name: n for name, n in found.items() if n} == {name: n for name, n in counts.items() if n}


def test_a_kml_of_areas_is_read_by_gdal_with_its_shapes(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    for suffix in (".kml", ".gpkg"):
        export.write(engine, SCOPE, [get("areas_of_operation")], tmp_path / f"areas{suffix}")
    drawn = pyogrio.read_dataframe(tmp_path / "areas.kml")
    kept = pyogrio.read_dataframe(tmp_path / "areas.gpkg", layer="areas_of_operation")
    assert shapely.equals_exact(
        shapely.normalize(shapely.union_all(drawn.geometry.to_numpy())),
        shapely.normalize(shapely.union_all(kept.geometry.to_numpy())),
        1e-6,
    )


def test_a_file_says_for_whom_it_is(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    scope = Scope("grid", "hct", purpose="export", member="tester")
    for suffix in (".xlsx", ".kml", ".geojson"):
        export.write(engine, scope, [get("hazards")], tmp_path / f"h{suffix}")
    sheet = openpyxl.load_workbook(tmp_path / "h.xlsx")["About"]
    about = {row[0].value: row[1].value for row in sheet.iter_rows()}
    assert about == json.loads((tmp_path / "h.geojson").read_text(encoding="utf-8"))["about"] | {
        "made_at": about["made_at"]
    }
    assert about["drawn_for"] == "Humanitarian Country Team"
    assert about["warning"] in (tmp_path / "h.kml").read_text(encoding="utf-8")


def test_what_cannot_be_written_is_said(engine: Engine, gridded: Callable, tmp_path: Path) -> None:
    with pytest.raises(NotAcceptable, match=r"no export to \.docx"):
        export.write(engine, SCOPE, [get("sites")], tmp_path / "sites.docx")
    with pytest.raises(NotAcceptable, match=r"no export to \.gpx"):
        export.write(engine, SCOPE, [get("sites")], tmp_path / "sites.gpx")
    with pytest.raises(BadRequest, match="holds one layer"):
        export.write(engine, SCOPE, [get("sites"), get("roads")], tmp_path / "two.csv")
    with pytest.raises(NotFound):
        export.layers_of("castles")
    assert list(tmp_path.iterdir()) == []


ROADS = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[0.1, 0.1], [1.1, 0.1]]},
         "properties": {"id": "R1", "name": "East <road> & more", "class": "primary"}},
    ],
}  # fmt: skip
ASKED = {
    "waypoints": {"coordinates": [[0.2, 0.1], [1.0, 0.1]]}, "departure": "2026-10-22T08:00:00Z",
    "names": ["Vélmar", "Orlosk & Co"],
}  # fmt: skip


@pytest.fixture
def client(engine: Engine, bring: Callable) -> TestClient:
    assert bring("roads", json.dumps(ROADS)).landed
    return TestClient(create_app(Settings(), engine))


@pytest.mark.parametrize("suffix", export.ROUTE_FORMATS)
def test_a_route_as_a_file(client: TestClient, suffix: str) -> None:
    answer = client.post(f"/operations/grid/routes/file{suffix}", json=ASKED)
    assert answer.status_code == 200, answer.text
    form = export.ROUTE_FORMATS[suffix]
    assert answer.headers["content-type"].split(";")[0] == form.media
    assert answer.headers["cache-control"] == "no-store"
    name = answer.headers["content-disposition"].split('"')[1]
    assert name == f"velmar-orlosk-co_2026-10-22_TLP-RED{form.suffix}"
    told = client.get("/operations/grid/audit", params={"subject": "route"}).json()["entries"]
    assert [(each["did"], each["record"], each["told"]["bytes"]) for each in told] == [
        ("exported", suffix.removeprefix("."), len(answer.content))
    ]
    route = client.post(
        "/operations/grid/routes", json={k: v for k, v in ASKED.items() if k != "names"}
    ).json()["routes"][0]  # fmt: skip
    corners = [tuple(c) for f in route["features"] for c in f["geometry"]["coordinates"]]
    if form.suffix == ".gpx":
        root = Xml.fromstring(answer.content)
        assert [w.findtext(f"{GPX}name") for w in root.iter(f"{GPX}wpt")] == ASKED["names"]
        drawn = [(float(p.get("lon")), float(p.get("lat"))) for p in root.iter(f"{GPX}trkpt")]
        assert sum(drawn, ()) == pytest.approx(sum(corners, ()), abs=1e-6)
        assert "no permission" in root.findtext(f"{GPX}metadata/{GPX}desc")
    elif form.suffix == ".kml":
        held_against_the_schema(answer.content)
        root = Xml.fromstring(answer.content)
        assert len(list(root.iter(f"{KML}Placemark"))) == 2 + len(route["features"])
        assert "East <road> & more" in [d.text.split(";")[0] for d in root.iter(f"{KML}description")]
    elif form.suffix == ".dpk":
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            (name,) = (each for each in archive.namelist() if each.endswith(".cot"))
            event = Xml.fromstring(archive.read(name))
        assert event.get("type") == "b-m-r"
        assert event.get("start") == "2026-10-22T08:00:00.000Z" < event.get("stale") < "2026-10-22T12:00"
        drawn = [tuple(map(float, link.get("point").split(","))) for link in event.iter("link")]
        lats_and_lons = list(dict.fromkeys((round(y, 6), round(x, 6)) for x, y in corners))
        assert list(dict.fromkeys((round(y, 6), round(x, 6)) for y, x in drawn))[-len(lats_and_lons) :] == lats_and_lons
        assert [link.get("callsign") for link in event.iter("link") if link.get("type") == "b-m-p-w"] == ASKED["names"]
        assert "no permission" in event.findtext("detail/remarks")
    else:
        body = answer.json()
        assert body["features"] == route["features"]
        assert "no permission" in body["description"]


def test_a_route_file_that_cannot_be(client: TestClient) -> None:
    here = "/operations/grid/routes/file"
    assert client.post(f"{here}.csv", json=ASKED).status_code == 406
    assert client.post(f"{here}.gpx", json=ASKED | {"way": 2}).status_code == 404
    assert client.post(f"{here}.gpx", json=ASKED | {"names": ["one"]}).status_code == 400


def test_rows_come_in_batches_of_which_one_is_in_memory(
    engine: Engine, gridded: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction(engine, db.Context("grid")) as connection:
        rows = db.streamed(connection, "SELECT generate_series(1, :n)", {"n": 12}, 5)
        assert [[row[0] for row in part] for part in rows] == [[1, 2, 3, 4, 5], [6, 7, 8, 9, 10], [11, 12]]
    monkeypatch.setattr("geoapp.export.formats._base.BATCH", 3)
    scope, seen = Scope("grid", member="tester", purpose="export"), []
    counts = export.write(engine, scope, [get("incidents")], tmp_path / "a.gpkg", lambda step, n, of: seen.append(n))
    n = counts["incidents"]
    assert (
        seen == [*range(3, n, 3), n] and pyogrio.read_info(tmp_path / "a.gpkg", layer="incidents")["features"] == n > 3
    )


def test_markings_are_written_in_one_way_and_rings_go_one_way(
    engine: Engine, gridded: Callable, tmp_path: Path
) -> None:
    scope = Scope("grid", member="tester", purpose="export")
    for suffix in (".gpkg", ".csv", ".geojson", ".pmtiles"):
        export.write(engine, scope, [get("areas_of_operation")], tmp_path / f"a{suffix}")
    found = pyogrio.read_dataframe(tmp_path / "a.gpkg", layer="areas_of_operation")
    with (tmp_path / "a.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = {row["handling"] for row in csv.DictReader(file) if not row["handling"].startswith("#")}
    assert set(found["handling"]) == listed and all(said.startswith("TLP:") for said in listed)
    features = json.loads((tmp_path / "a.geojson").read_bytes())["features"]
    assert {each["properties"]["handling"] for each in features} == listed
    tiles = pyogrio.read_dataframe(tmp_path / "a.pmtiles", layer="areas_of_operation")
    assert set(tiles["handling"]) == listed
    assert shapely.is_ccw(shapely.get_exterior_ring(shapely.get_parts(found.geometry.values))).all()
