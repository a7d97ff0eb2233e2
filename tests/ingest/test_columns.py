"""A plain list's columns are guessed, told, and chosen otherwise by a person; what nobody has is a clear error."""

import json
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import Engine, text

from geoapp import ingest
from geoapp.db import Context, transaction
from geoapp.errors import BadRequest
from tests.ingest.reading import read

LIST = "No,When,Date of report,What happened,Place name,Latitude,Longitude,Remarks\n7,2026-02-10,2026-02-12,Clash,Velmar,5.25,10.25,x\n"


def told(findings: list[dict]) -> list[str]:
    return [f["message"] for f in findings if f["code"] == "columns-guessed"]


def test_guesses_are_told(tmp_path: Path) -> None:
    rows, findings = read(tmp_path, "incidents", LIST)
    assert [(r["occurred_from"], r["event_type"], r["location"]) for r in rows] == [("2026-02-10", "Clash", "Velmar")]
    assert len(told(findings)) == 1
    for guess in ("date <- 'When'", "event_type <- 'What happened'", "location <- 'Place name'", "id <- 'No'"):
        assert guess in told(findings)[0]
    assert "Latitude" not in told(findings)[0]


def test_columns_that_were_said_are_taken_and_no_guess(tmp_path: Path) -> None:
    said = {"date": "Date of report", "event_type": "what happened", "location": "Place name", "id": "No", "notes": ""}
    rows, findings = read(tmp_path, "incidents", LIST, columns=said)
    assert [(r["occurred_from"], r["event_type"], r["notes"]) for r in rows] == [("2026-02-12", "Clash", "")]
    assert told(findings) == []


def test_a_header_that_no_word_fits_is_found_when_it_is_said(tmp_path: Path) -> None:
    text = "Register of the office\n\nZzz,Qqq,Latitude,Longitude\n2026-02-10,Clash,5.25,10.25\n"
    _, findings = read(tmp_path, "incidents", text)
    assert "missing-columns" in [f["code"] for f in findings]
    rows, _ = read(tmp_path, "incidents", text, columns={"date": "Zzz", "event_type": "Qqq"})
    assert [(r["occurred_from"], r["event_type"], r["row_no"]) for r in rows] == [("2026-02-10", "Clash", "4")]


@pytest.mark.parametrize(
    ("said", "code", "word"),
    [({"colour": "When"}, "no-such-column", "event_type"), ({"date": "Datum"}, "no-such-header", "When")],
)
def test_unknown_names_are_clear_errors(tmp_path: Path, said: dict[str, str], code: str, word: str) -> None:
    rows, findings = read(tmp_path, "incidents", LIST, columns=said)
    assert not rows
    assert [f["code"] for f in findings] == [code]
    assert word in findings[0]["hint"]


def test_what_a_source_or_a_tag_names_is_no_guess(tmp_path: Path) -> None:
    tagged = LIST.replace("\n", "\n#event+id,#date+occurred,,#event+type,#loc+name,#geo+lat,#geo+lon,#description\n", 1)
    rows, findings = read(tmp_path, "incidents", tagged)
    assert (len(rows), told(findings)) == (1, [])


def test_pairs_of_the_shell() -> None:
    assert ingest.columns_said(["date=Date of event", "notes="]) == {"columns": {"date": "Date of event", "notes": ""}}
    assert ingest.columns_said([]) == {}
    with pytest.raises(BadRequest):
        ingest.columns_said(["date"])
    with pytest.raises(BadRequest):
        ingest.columns_said(["date=A", "date=B"])


def test_over_http(address: str, gridded: Callable) -> None:
    def send(columns: str | None) -> httpx2.Response:
        data = {"kind": "incidents", "source": "list"} | ({"columns": columns} if columns else {})
        return httpx2.post(f"{address}/imports", data=data, files={"file": ("list.csv", LIST)}, timeout=60)

    first = send(None)
    assert first.status_code == 201, first.text
    assert first.json()["columns"]["columns"]["date"] == "When"
    assert "Date of report" in first.json()["columns"]["headers"]
    second = send(json.dumps({"date": "Date of report"}))
    assert (second.status_code, second.json()["updated"]) == (201, 1)
    assert send("[1]").status_code == 400
    assert send('{"date": "Datum"}').status_code == 422


OF_UNITS = {
    "constraints": (
        "facts.access_constraint",
        "category,severity,reported on,Where\n",
        "hostilities,3,2026-02-0{n},GD00{n}0\n",
    ),
    "sites": ("facts.site", "name,lat,lon,Where\n", "Store {n},5.{n}5,10.05,GD000{n}\n"),
    "incidents": ("facts.incident", "date,event type,lat,lon,Where\n", "2026-03-0{n},Clash,5.{n}5,10.05,GD000{n}\n"),
}


@pytest.mark.parametrize("kind", OF_UNITS)
def test_a_column_of_units_is_known_by_what_stands_in_it(
    kind: str, gridded: Callable, engine: Engine, context: Context
) -> None:
    table, head, line = OF_UNITS[kind]
    report = gridded(kind, head + "".join(line.format(n=n) for n in range(1, 5)), "list.csv", source="here")
    assert (report.landed, report.created) == (True, 4), report.as_dict()
    assert [f.column for f in report.findings if f.code == "columns-guessed" and "P-codes" in f.message] == ["Where"]
    with transaction(engine, context) as connection:
        stored = connection.execute(
            text(f"SELECT pcode FROM {table} WHERE pcode IS NOT NULL AND batch_id = :batch"), {"batch": report.batch}
        )
        made = ("GD00{}0" if kind == "constraints" else "GD000{}").format
        assert sorted(stored.scalars()) == [made(n) for n in range(1, 5)]
