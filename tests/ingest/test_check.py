"""A check says what landing then does, and leaves nothing; the rows that do not land come back as a file that lands."""

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from shapely import from_geojson, get_coordinates
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from geoapp import db
from geoapp.cli import imports as command
from geoapp.cli.app import app
from geoapp.errors import BadRequest, Conflict
from geoapp.ingest import on_map, rejected
from geoapp.ingest.report import Report
from geoapp.ingest.returned import REASON, ROW
from geoapp.model import Base
from geoapp.model.subjects import FIELDED
from tests import gridland

SITES = "\n".join([
    "name,type,lat,lon,handling,remark",
    *(f"Well {n},water_point,5.{n:02},10.{n:02},GREEN,fine" for n in range(12)),
    "=HYPERLINK(1),water_point,north,10.2,RED,-12.5",
    "+one,water_point,5.5,,AMBER,@me",
])  # fmt: skip


def everything(engine: Engine, context: db.Context) -> dict[str, Any]:
    """The rows of every table, and what has been counted as changed; those with locked fields by their views."""
    views = {*FIELDED, "history"}
    with db.transaction(engine, context) as connection:
        return {
            table.name: connection.execute(
                text(
                    "SELECT count(*), sum(hashtextextended(t::text, 0))"
                    f" FROM {'calc' if table.name in views else 'facts'}.{table.name} AS t"
                )
            ).one()
            for table in Base.metadata.sorted_tables
        }  # fmt: skip


def same(report: Report) -> dict[str, Any]:
    said = report.as_dict()
    return {
        name: said[name] for name in said if name not in ("batch", "landed", "check", "look", "job", "overlaps", "map")
    }


def one_area(actor: str, x: float = 10.0, y: float = 5.0) -> dict[str, Any]:
    ring = [[x, y], [x + 0.6, y], [x + 0.6, y + 0.6], [x, y]]
    return {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]},
            "properties": {"actor": actor, "domain": "military", "name": f"Area of {actor}"}}  # fmt: skip


def collection(*features: dict[str, Any]) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)})


def test_a_check_says_what_landing_does_and_leaves_no_trace(
    gridded: Callable, engine: Engine, context: db.Context
) -> None:
    files: list[tuple[str, Any, str]] = [
        ("areas", collection(one_area("Newcomers"), one_area("Others", 10.3)), "a.geojson"), ("sites", SITES, "s.csv"),
        *gridland.FILES,
    ]  # fmt: skip
    for kind, content, name in files:
        more = {"source": "exercise"} if kind == "incidents" else {}
        before = everything(engine, context)
        checked = gridded(kind, content, name, check=True, **more)
        assert everything(engine, context) == before, kind
        assert (checked.check, checked.landed, checked.batch, checked.lands) == (True, False, None, True)
        assert checked.map is not None
        assert checked.map["records"] == checked.created + checked.updated, kind
        landed = gridded(kind, content, name, checked=checked.checked, **more)
        assert landed.landed
        assert same(landed) == same(checked), kind
        assert landed.map is None
        assert json.dumps(landed.overlaps, default=str) == json.dumps(checked.overlaps, default=str)
    assert checked.created == 0, "the exercise's files were there before"


EVENTS = """event_id_cnty,event_date,event_type,geo_precision,latitude,longitude,admin1,admin2,timestamp,country
M1,2026-02-01,Battles,1,5.51,10.21,,,100,Gridland
M2,2026-02-01,Battles,1,5.52,10.21,,,100,Gridland
M3,2026-02-02,Battles,3,5.5,10.2,,,100,Gridland
"""


def drawn(report: Report) -> list[tuple[str, str, int]]:
    assert report.map is not None
    assert report.map["outline"]["type"].startswith("Multi")
    west, south, east, north = report.map["bbox"]
    found = []
    for each in report.map["features"]:
        for x, y in get_coordinates(from_geojson(json.dumps(each["geometry"]))):
            assert west < x < east and south < y < north  # noqa: PT018
        found.append((each["properties"]["fate"], each["geometry"]["type"], each["properties"]["n"]))
    return sorted(found)


def test_a_check_draws_what_would_be_new_changed_and_taken_back(
    gridded: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    sites = gridded("sites", SITES, "s.csv", check=True)
    assert sum(n for _, _, n in drawn(sites)) == 12, "points that are close together are one"
    assert len(drawn(sites)) < 12
    known = one_area("Newcomers")
    known["properties"]["id"] = "N-1"
    assert gridded("areas", collection(known), "a.geojson").landed
    again = gridded("areas", collection(one_area("Newcomers", 10.2), one_area("Others", 10.3)), "a.geojson", check=True)
    assert drawn(again) == [("new", "Polygon", 1)] * 2, "an unnamed place elsewhere is another area"
    known["properties"]["sector"] = "WSH"
    assert drawn(gridded("areas", collection(known), "a.geojson", check=True)) == [("changed", "Polygon", 1)]

    events = gridded("incidents", EVENTS, "e.csv", check=True)
    assert drawn(events) == [("new", "Point", 2)], "the third is known to its province alone"
    assert events.map is not None
    assert (events.map["records"], events.map["without_place"], events.map["left_out"]) == (3, 1, 0)
    assert gridded("incidents", EVENTS, "e.csv").landed
    gone = gridded("deletions", "event_id_cnty,deleted_timestamp\nM1,1790000000\nM2,1790000000\n", "d.csv", check=True)
    assert drawn(gone) == [("removed", "Point", 2)]

    monkeypatch.setattr(on_map, "SHAPES", 1)
    two = gridded("areas", collection(one_area("Newcomers", 10.2), one_area("Others", 10.3)), "a.geojson", check=True)
    assert two.map is not None
    assert (len(drawn(two)), two.map["left_out"]) == (1, 1), "the largest are kept, and the rest is told"


def test_overlaps_that_arise_are_told(gridded: Callable, engine: Engine, context: db.Context) -> None:
    with db.transaction(engine, context) as connection:
        before = connection.execute(text("SELECT count(*) FROM facts.overlap WHERE ground_id IS NOT NULL")).scalar_one()
    landed = gridded("areas", collection(one_area("Newcomers")), "a.geojson")
    assert landed.overlaps is not None
    with db.transaction(engine, context) as connection:
        after = connection.execute(text("SELECT count(*) FROM facts.overlap WHERE ground_id IS NOT NULL")).scalar_one()
    assert landed.overlaps["arise"] == after - before > 0
    assert {"Newcomers"} & {landed.overlaps["largest"][0]["a"], landed.overlaps["largest"][0]["b"]}


def test_a_check_does_not_hold_when_something_else_landed(gridded: Callable) -> None:
    checked = gridded("areas", collection(one_area("Newcomers")), "a.geojson", check=True)
    assert gridded("areas", collection(one_area("Meanwhile")), "meanwhile.geojson").landed
    with pytest.raises(Conflict, match=r"areas.*have changed \(B-\d+ meanwhile.geojson\)"):
        gridded("areas", collection(one_area("Newcomers")), "a.geojson", checked=checked.checked)


def test_the_surest_kind_is_taken_and_another_is_offered(gridded: Callable) -> None:
    for kind, content, name in gridland.FILES:
        if kind in ("presence", "boundaries"):
            found = gridded(None, content, name, check=True)
            assert found.look is not None
            assert (found.kind, found.look["kinds"][0]["key"]) == (kind, kind)
            wrong = gridded("sites", content, name, check=True)
            assert not wrong.lands
            assert wrong.look is not None
            assert wrong.look["kinds"][0]["key"] == kind
    with pytest.raises(BadRequest):
        gridded(None, "colour,taste\nred,sweet\n", "x.csv", check=True)


def test_columns_are_told_with_what_they_were_taken_for(bring: Callable) -> None:
    report = bring("sites", SITES.replace("type,lat", "site type,lat"), "s.csv", check=True)
    said = {column["header"]: column for column in report.understood}
    assert (said["name"]["name"], said["name"]["by"], said["name"]["cell"]) == ("name", "name", "Well 0")
    assert (said["remark"]["name"], said["remark"]["by"], said["remark"]["cell"]) == (None, None, "fine")
    assert said["lat"]["sure"] > 0.9
    assert report.matched == {"coordinates": 12}


def test_every_row_that_does_not_land_comes_back_and_lands_when_mended(
    bring: Callable, engine: Engine, context: db.Context
) -> None:
    report = bring("sites", SITES, "wells.csv")
    assert (report.landed, report.created, report.rejected) == (True, 12, 2)
    with db.transaction(engine, context) as connection:
        name, kept = rejected.kept(connection, batch=report.batch)
    assert (name, kept.rows, kept.handling) == ("wells.csv", 2, "RED")
    written = rejected.write(kept, "csv").decode("utf-8-sig")
    head, first, second = csv.reader(io.StringIO(written))
    assert head == ["name", "type", "lat", "lon", "handling", "remark", REASON, ROW]
    assert first[:6] == ["'=HYPERLINK(1)", "water_point", "north", "10.2", "RED", "-12.5"], "a number is no formula"
    assert first[7] == "14"
    assert "'north' is no latitude" in first[6]
    assert (second[0], second[5], second[7]) == ("'+one", "'@me", "15")
    mended = written.replace("north", "5.7").replace("5.5,,", "5.5,10.5,")
    again = bring("sites", mended, "wells.csv")
    assert (again.landed, again.created, again.rejected, again.rejected_rows) == (True, 2, 0, None)
    with db.transaction(engine, context) as connection:
        names = set(connection.execute(text("SELECT name FROM facts.site")).scalars())
    assert {"=HYPERLINK(1)", "+one"} <= names


def test_a_workbook_of_rejected_rows_runs_nothing_and_lands_when_mended(bring: Callable, tmp_path: Path) -> None:
    book = Workbook()
    for line in csv.reader(io.StringIO(SITES)):
        book.active.append(["'" + cell if cell.startswith("=") else cell for cell in line])
    book.save(tmp_path / "made.xlsx")
    report = bring("sites", (tmp_path / "made.xlsx").read_bytes(), "wells.xlsx")
    assert report.rejected_rows is not None
    (tmp_path / "rejected.xlsx").write_bytes(rejected.write(report.rejected_rows, "xlsx"))
    sheet = load_workbook(tmp_path / "rejected.xlsx").active
    assert "f" not in {cell.data_type for row in sheet for cell in row}
    assert sheet["A2"].value == "'=HYPERLINK(1)", "as it came"
    sheet["D3"] = "10.5"
    sheet["C2"] = "5.7"
    sheet.parent.save(tmp_path / "mended.xlsx")
    assert bring("sites", (tmp_path / "mended.xlsx").read_bytes(), "wells.xlsx").created == 2


def test_what_begins_with_an_apostrophe_keeps_it() -> None:
    assert [rejected.guarded(cell) for cell in ("'=a", "'a", "=a", "-1", "+", "")] == [
        "''=a",
        "'a",
        "'=a",
        "-1",
        "'+",
        "",
    ]


def test_of_a_file_that_is_refused_all_rows_come_back(bring: Callable) -> None:
    mostly = "name,type,lat,lon\nA,x,1,2\nB,x,here,2\nC,x,there,2\n"
    report = bring("sites", mostly, "s.csv")
    assert not report.landed
    assert report.rejected_rows is not None
    rows = list(csv.DictReader(io.StringIO(rejected.write(report.rejected_rows, "csv").decode("utf-8-sig"))))
    assert [row["name"] for row in rows] == ["A", "B", "C"]
    assert "nothing was found in this row" in rows[0][REASON]
    assert "is no latitude" in rows[1][REASON]
    without = bring("sites", "title,colour\nA,red\n", "s.csv")
    assert without.rejected_rows is not None
    (row,) = csv.DictReader(io.StringIO(rejected.write(without.rejected_rows, "csv").decode("utf-8-sig")))
    assert "olumn" in row[REASON]


def test_features_come_back_as_features(bring: Callable) -> None:
    fine = [one_area(f"Actor {n}", 10 + n / 10) for n in range(9)]
    wrong = one_area("Backwards")
    wrong["properties"] |= {"valid_from": "2026-03-01", "valid_to": "2026-02-01"}
    report = bring("areas", collection(*fine, wrong), "a.geojson")
    assert (report.landed, report.rejected) == (True, 1), report.as_dict()["groups"]
    assert report.rejected_rows is not None
    back = json.loads(rejected.write(report.rejected_rows, "geojson"))
    (feature,) = back["features"]
    assert feature["geometry"] == wrong["geometry"]
    assert feature["properties"]["actor"] == "Backwards"
    feature["properties"]["valid_to"] = "2026-04-01"
    assert bring("areas", json.dumps(back), "a.geojson").created == 1


def test_rows_rejected_in_landing_come_back_as_they_came(gridded: Callable) -> None:
    (content,) = [content for kind, content, _ in gridland.FILES if kind == "presence"]
    lines = str(content).splitlines()
    code = next(cell for cell in lines[-1].split(",") if cell.startswith("GD"))
    report = gridded("presence", "\n".join([*lines, lines[-1].replace(code, "GD9999")]), "3w.csv")
    assert report.rejected == 1
    assert report.rejected_rows is not None
    *_, row = csv.reader(io.StringIO(rejected.write(report.rejected_rows, "csv").decode("utf-8-sig")))
    assert "GD9999" in row
    assert "No boundary has the P-code GD9999" in row[-2]


def test_only_rooms_that_may_see_them_are_given_rejected_rows(
    bring: Callable, engine: Engine, context: db.Context
) -> None:
    report = bring("sites", SITES, "wells.csv")
    from geoapp.errors import NotFound

    for room in ("public", "hct"):
        with db.transaction(engine, db.Context("grid", room)) as connection, pytest.raises(NotFound):
            rejected.kept(connection, batch=report.batch)
    with db.transaction(engine, context) as connection:
        connection.execute(text("UPDATE facts.rejected SET kept_until = now() - interval '1 day'"))
    with db.transaction(engine, context) as connection, pytest.raises(NotFound):
        rejected.kept(connection, batch=report.batch)


def test_the_sheets_of_a_workbook_are_told(bring: Callable, tmp_path: Path) -> None:
    book = Workbook()
    book.active.title = "About"
    book.active.append(["This file lists wells"])
    for title, hidden in (("Wells", False), ("Old", True)):
        sheet = book.create_sheet(title)
        sheet.sheet_state = "hidden" if hidden else "visible"
        for line in csv.reader(io.StringIO(SITES)):
            sheet.append(["'" + cell if cell.startswith("=") else cell for cell in line])
    book.save(tmp_path / "made.xlsx")
    content = (tmp_path / "made.xlsx").read_bytes()
    found = bring("sites", content, "w.xlsx", check=True)
    assert found.look is not None
    assert found.look["sheet"] == "Wells"
    assert [(s["name"], s["rows"], s["hidden"]) for s in found.look["sheets"]] == [
        ("About", 1, False), ("Wells", 15, False), ("Old", 15, True),
    ]  # fmt: skip
    assert bring("sites", content, "w.xlsx", options={"sheet": "Old"}, check=True).lands


def test_the_shell_keeps_which_column_is_which_for_the_next_file(
    gridded: Callable, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def opened() -> Iterator[tuple[None, None, Engine]]:
        yield None, None, engine

    monkeypatch.setattr(command, "opened", opened)
    first, second = tmp_path / "march.csv", tmp_path / "april.csv"
    head = "When,Written on,What happened,Latitude,Longitude\n"
    first.write_text(head + "2026-03-12,2026-03-20,Clash,5.25,10.25\n")
    second.write_text(head + "2026-04-12,2026-04-20,Clash,5.25,10.25\n")

    def shell(*words: str | Path) -> str:
        said = CliRunner().invoke(app, [*map(str, words), "-O", "grid"])
        assert said.exit_code == 0, said.output
        return said.output

    chosen = ("--column", "date=Written on", "--column", "notes=")
    shell("import", "incidents", first, "--source", "list", *chosen, "--check", "--save-template", "Monthly list")
    (kept,) = json.loads(shell("templates", "--json"))
    assert (kept["source"], kept["columns"]["date"], kept["columns"]["notes"]) == ("list", "Written on", "")
    shell("import", "incidents", second, "--template", "Monthly list")
    with db.transaction(engine, db.Context("grid")) as connection:
        days = (
            connection.execute(text("SELECT lower(valid)::text FROM facts.incident WHERE source = 'list'"))
            .scalars()
            .all()
        )
    assert days == ["2026-04-20"]
    assert "date='Written on'" in " ".join(shell("templates").split())
    assert json.loads(shell("templates", "--delete", "Monthly list", "--json")) == []
