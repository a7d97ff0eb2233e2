"""What a spreadsheet did to a file is told: some rows by their number, a file as a whole by its reason, and then nothing
of it lands."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from geoapp import db
from tests.ingest.reading import read

HEAD = "id,date,event type,lat,lon,pcode"


def listed(*rows: str) -> str:
    return "\n".join([HEAD, *rows])


def row(
    number: int, *, ident: str = "", day: str = "2026-02-10", lat: str = "", lon: str = "", pcode: str = "GD0000"
) -> str:
    return f"{ident or f'E{number}'},{day},Clash,{lat or f'5.2{number}'},{lon or f'10.2{number}'},{pcode}"


WHOLE = {
    "no-coordinates": [row(i, lat=" ", lon=" ") for i in range(9)],
    "whole-degrees": [row(i, lat=str(5 + i), lon=str(10 + i)) for i in range(9)],
    "latitude-is-longitude": [row(i, lat=f"5.2{i}", lon=f"5.2{i}") for i in range(9)],
    "decimal-point-lost": [row(i, lat=f"-126{i}22", lon=f"8622{i}3") for i in range(9)],
    "ids-shortened": [row(i, ident="1.23E+11") for i in range(9)],
    "dates-mangled": [row(i, day="45332" if i % 2 else "13/02/2026") for i in range(9)],
    "spreadsheet-errors": [row(i, day="########") for i in range(9)],
    "pcodes-lost-zeros": [row(i, pcode="101" if i % 2 else "1101") for i in range(9)],
}


@pytest.mark.parametrize("code", WHOLE)
def test_a_file_that_is_damaged_as_a_whole(tmp_path: Path, code: str) -> None:
    _, findings = read(tmp_path, "incidents", listed(*WHOLE[code]))
    whole = [f for f in findings if f["row"] is None]
    assert code in [f["code"] for f in whole], findings
    assert all(f["hint"] for f in whole)


def test_all_places_at_0_0(tmp_path: Path) -> None:
    _, findings = read(tmp_path, "incidents", listed(*(row(i, lat="0", lon="0") for i in range(9))))
    assert "no-coordinates" in [f["code"] for f in findings if f["row"] is None]


def test_nothing_of_such_a_file_lands(engine: Engine, context: db.Context, bring: Callable) -> None:
    report = bring("incidents", listed(*WHOLE["whole-degrees"]), "list.csv")
    assert (report.landed, report.batch) == (False, None)
    with db.transaction(engine, context) as connection:
        assert connection.execute(text("SELECT count(*) FROM facts.incident")).scalar() == 0


ROWS = {
    "spreadsheet-error": row(20, day="#REF!"),
    "id-shortened": row(20, ident="1.23E+11"),
    "date-is-a-number": row(20, day="45332"),
    "decimal-point-lost": row(20, lat="-126722", lon="862213"),
}


@pytest.mark.parametrize("code", ROWS)
def test_one_damaged_row_of_many_is_a_finding(tmp_path: Path, code: str) -> None:
    good = [row(i, day="13/02/2026") for i in range(30, 60)]
    rows, findings = read(tmp_path, "incidents", listed(*good, ROWS[code]))
    assert len(rows) == len(good)
    assert (code, 32) in [(f["code"], f["row"]) for f in findings if f["severity"] == "error"]


def test_an_error_where_nothing_hangs_on_it_is_left_out(tmp_path: Path) -> None:
    rows, findings = read(tmp_path, "incidents", listed(row(1, pcode="#N/A"), row(2)))
    assert [r["pcode"] for r in rows] == ["", "GD0000"]
    assert [(f["severity"], f["row"]) for f in findings if f["code"] == "spreadsheet-error"] == [("warning", 2)]


def test_what_only_looks_like_it_is_read(tmp_path: Path) -> None:
    """All dates as numbers have one rule; a place at whole degrees among others is a place."""
    rows, findings = read(
        tmp_path,
        "incidents",
        listed(*(row(i, day=f"4533{i}") for i in range(5)), row(6, day="45338", lat="5", lon="10")),
    )
    assert [r["occurred_from"] for r in rows][:2] == ["2024-02-08", "2024-02-09"]
    assert (len(rows), [f for f in findings if f["severity"] == "error"]) == (6, [])
