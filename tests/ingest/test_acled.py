"""ACLED in every column set it has had: one core, the same numbers, the words of today."""

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Engine, text

from geoapp import db
from tests.gridland import HEAD, incident
from tests.ingest.reading import read

EVENT = {
    "event_id_cnty": "GRD7", "event_date": "2023-02-10", "year": "2023", "time_precision": "1",
    "disorder_type": "Political violence", "event_type": "Battles", "sub_event_type": "Armed clash", "actor1": "One Party",
    "assoc_actor_1": "", "inter1": "State forces", "actor2": "Other Party", "assoc_actor_2": "", "inter2": "Rebel group",
    "interaction": "State forces-Rebel group", "civilian_targeting": "", "iso": "999", "region": "Grid",
    "country": "Gridland", "admin1": "Half 0", "admin2": "Square 2-2", "admin3": "", "location": "Place 7",
    "latitude": "5.25", "longitude": "10.25", "geo_precision": "1", "source": "Radio", "source_scale": "National",
    "notes": "A note.", "fatalities": "3", "tags": "", "timestamp": "1700000000",
}  # fmt: skip
TODAY = tuple(EVENT)
BEFORE_MARCH_2023 = (
    "data_id", "iso", "event_id_cnty", "event_id_no_cnty", "event_date", "year", "time_precision", "event_type",
    "sub_event_type", "actor1", "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2", "interaction", "region",
    "country", "admin1", "admin2", "admin3", "location", "latitude", "longitude", "geo_precision", "source",
    "source_scale", "notes", "fatalities", "timestamp", "iso3",
)  # fmt: skip
BEFORE_2019 = (
    "GWNO", "EVENT_ID_CNTY", "EVENT_ID_NO_CNTY", "EVENT_DATE", "YEAR", "TIME_PRECISION", "EVENT_TYPE", "ACTOR1",
    "ALLY_ACTOR_1", "INTER1", "ACTOR2", "ALLY_ACTOR_2", "INTER2", "INTERACTION", "COUNTRY", "ADMIN1", "ADMIN2", "ADMIN3",
    "LOCATION", "LATITUDE", "LONGITUDE", "GEO_PRECISION", "SOURCE", "NOTES", "FATALITIES",
)  # fmt: skip
OLD = {"data_id": "9001", "event_id_no_cnty": "7", "iso3": "GRD", "inter1": "1", "inter2": "2", "interaction": "12"}


def table(columns: tuple[str, ...], *events: dict[str, str]) -> str:
    lines = [",".join(columns)]
    for event in events:
        known = {name.lower(): value for name, value in (EVENT | event).items()}
        lines.append(",".join(known.get(name.lower(), "") for name in columns))
    return "\n".join(lines) + "\n"


CORE = ("source", "source_event_id", "occurred_from", "event_type", "lon", "lat", "geo_precision", "time_precision", "fatalities",
        "admin1", "location", "redistributable")  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "more"),
    [
        (TODAY, {}), (TODAY, {"inter1": "1", "inter2": "2.0"}), (BEFORE_MARCH_2023, OLD), (BEFORE_2019, OLD),
        (tuple(c for c in TODAY if c != "sub_event_type"), {}), (tuple(reversed(TODAY)), {}),
        (tuple(c.upper().replace("_", " ") for c in TODAY), {name.upper().replace("_", " "): v for name, v in EVENT.items()}),
    ],
)  # fmt: skip
def test_each_column_set_is_the_same_event(tmp_path: Path, columns: tuple[str, ...], more: dict[str, str]) -> None:
    rows, findings = read(tmp_path, "incidents", table(columns, more))
    assert [f for f in findings if f["severity"] == "error"] == []
    assert [tuple(r[name] for name in CORE) for r in rows] == [
        ("acled", "GRD7", "2023-02-10", "Battles", "10.25", "5.25", "settlement", "day", "3", "Half 0", "Place 7", "false")
    ]  # fmt: skip
    assert [(a["label"], a["kind"]) for a in json.loads(rows[0]["actors"])] == [
        ("One Party", "State forces"), ("Other Party", "Rebel group"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "day", ["2023-02-10", "10 February 2023", "10-Feb-23", "10-02-23", "20230210", "10/02/2023", "February 10, 2023"]
)
def test_dates_as_acled_wrote_them(tmp_path: Path, day: str) -> None:
    other = {
        "event_id_cnty": "GRD8",
        "event_date": {"10-02-23": "31-12-19", "10/02/2023": "31/12/2019"}.get(day, "20191231"),
    }
    rows, _ = read(tmp_path, "incidents", table(TODAY, {"event_date": f'"{day}"'}, other))
    assert [r["occurred_from"] for r in rows] == ["2023-02-10", "2019-12-31"]


@pytest.mark.parametrize(
    ("written", "inter1", "event_type", "sub"),
    [
        ("Battle-No change of territory", "1", "Battles", "Armed clash"),
        ("Battle-Government regains territory", "1", "Battles", "Government regains territory"),
        ("Headquarters or base established", "2", "Strategic developments", "Headquarters or base established"),
        ("Riots/Protests", "6", "Protests", ""), ("Riots/Protests", "5", "Riots", ""),
        ("Remote violence", "1", "Explosions/Remote violence", ""), ("VIOLENCE AGAINST CIVILIANS", "1", "Violence against civilians", ""),
    ],
)  # fmt: skip
def test_event_types_of_before_2019(tmp_path: Path, written: str, inter1: str, event_type: str, sub: str) -> None:
    rows, findings = read(tmp_path, "incidents", table(BEFORE_2019, OLD | {"event_type": written, "inter1": inter1}))
    assert [(r["event_type"], r["sub_event_type"]) for r in rows] == [(event_type, sub)]
    assert not [f for f in findings if f["severity"] == "error"]


def test_misspelt_words_are_read_and_told(tmp_path: Path) -> None:
    rows, findings = read(
        tmp_path, "incidents",
        table(TODAY, {"event_type": "Violence aganist civilians", "sub_event_type": "ATTACK"},
              {"event_id_cnty": "GRD8", "event_type": "protests", "sub_event_type": "Excessive force against protestors"},
              {"event_id_cnty": "GRD9", "event_type": "Picnic"}),
    )  # fmt: skip
    assert [(r["event_type"], r["sub_event_type"]) for r in rows] == [
        ("Violence against civilians", "Attack"), ("Protests", "Excessive force against protesters"),
    ]  # fmt: skip
    told = {(f["severity"], f["code"], f["row"]) for f in findings}
    assert {("repaired", "misspelt", 2), ("error", "unknown-event-type", 4)} <= told


def test_an_extract_without_numbers_stays_acleds(tmp_path: Path) -> None:
    columns = tuple(c for c in TODAY if c != "event_id_cnty")
    rows, findings = read(tmp_path, "incidents", table(columns, {}, {"event_date": "2023-02-11"}))
    assert {r["redistributable"] for r in rows} == {"false"}
    assert len({r["source_event_id"] for r in rows}) == 2
    assert "no-event-ids" in {f["code"] for f in findings}


def test_the_answer_of_acleds_service(tmp_path: Path) -> None:
    body = json.dumps(
        {"status": 200, "success": True, "count": 1, "data": [EVENT | {"fatalities": 3, "latitude": 5.25}]}
    )
    rows, findings = read(tmp_path, "incidents", body, "read.json")
    assert [(r["source_event_id"], r["fatalities"], r["lat"]) for r in rows] == [("GRD7", "3", "5.25")]
    assert findings == []


def excel(rows: list[list[Any]]) -> bytes:
    book, sink = openpyxl.Workbook(), io.BytesIO()
    for line in rows:
        book.active.append(line)
    book.save(sink)
    return sink.getvalue()


def open_document(rows: list[list[Any]]) -> bytes:
    cells = "".join(
        "<table:table-row>" + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' if cell != ""
            else "<table:table-cell/>" for cell in line
        ) + "</table:table-row>" for line in rows
    )  # fmt: skip
    spaces = " ".join(f'xmlns:{p}="urn:oasis:names:tc:opendocument:xmlns:{p}:1.0"' for p in ("office", "table", "text"))
    content = (
        f'<?xml version="1.0"?><office:document-content {spaces} office:version="1.2"><office:body><office:spreadsheet>'
        f'<table:table table:name="Events">{cells}</table:table></office:spreadsheet></office:body></office:document-content>'
    )
    manifest = (
        '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return sink.getvalue()


@pytest.mark.parametrize(("make", "name"), [(excel, "a.xlsx"), (open_document, "a.ods")])
def test_titles_above_the_header(tmp_path: Path, make: Callable, name: str) -> None:
    rows = [
        ["Armed conflict events, Gridland"],
        ["Downloaded", "2026-01-02"],
        [],
        list(TODAY),
        [EVENT[c] for c in TODAY],
    ]
    staged, findings = read(tmp_path, "incidents", make([[*line, *[""] * (31 - len(line))] for line in rows]), name)
    assert [(r["source_event_id"], r["row_no"]) for r in staged] == [("GRD7", "5")], findings


def test_one_row_for_each_actor_is_one_event(engine: Engine, context: db.Context, gridded: Callable) -> None:
    one, two = incident(9, "2026-02-10", 2, 2), incident(10, "2026-02-10", 3, 3)
    alone = one.replace("Other Party,,Rebel group", ",,")
    other = one.replace("One Party,,State forces,Other Party,,Rebel group", "Other Party,,Rebel group,,,")
    third = one.replace("One Party,,State forces,Other Party,,Rebel group", "Third Party,,Civilians,,,")
    report = gridded("incidents", "\n".join([HEAD, alone, two, other, third]), "monadic.csv", source="monadic")
    assert (report.created, report.rejected) == (2, 0)
    assert {f.code for f in report.findings} == {"one-row-per-actor"}
    with db.transaction(engine, context) as connection:
        actors = connection.execute(text("""
            SELECT jsonb_path_query_array(actors, '$[*].label') FROM calc.incident
            WHERE source = 'monadic' ORDER BY source_event_id DESC
        """)).scalars().all()  # fmt: skip
    assert actors == [["One Party", "Other Party", "Third Party"], ["One Party", "Other Party"]]
    again = gridded("incidents", "\n".join([HEAD, alone, two, other, third]), "monadic.csv", source="monadic")
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)


def test_an_older_state_of_an_event_in_the_same_file_is_no_actor_of_it(
    engine: Engine, context: db.Context, gridded: Callable
) -> None:
    newer = incident(9, "2026-02-10", 2, 2, timestamp="1800000000").replace("One Party", "New Party")
    report = gridded("incidents", "\n".join([HEAD, newer, incident(9, "2026-02-10", 2, 2)]), "a.csv", source="twice")
    assert {f.code for f in report.findings} == {"repeated-in-file"}
    with db.transaction(engine, context) as connection:
        query = text("SELECT actors -> 0 ->> 'label' FROM calc.incident WHERE source = 'twice'")
        assert connection.execute(query).scalars().all() == ["New Party"]
