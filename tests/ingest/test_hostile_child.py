"""A child that a hostile file has taken over says what it likes: nothing of it runs, lands, fills memory or hangs."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, text

from geoapp import db
from geoapp.ingest import frames, readers
from geoapp.ingest.kinds import every, get
from geoapp.ingest.sandbox import Limits
from geoapp.ingest.staged import ROW
from geoapp.ingest.staging import table
from tests.gridland import HEAD, incident

COLUMNS = [*ROW, *get("incidents").staged]
GOOD = {
    "row_no": "2", "handling": "AMBER", "source": "x", "source_event_id": "e1", "occurred_from": "2026-02-10", "occurred_to": "2026-02-10",
    "time_precision": "day", "lon": "10.2", "lat": "5.2", "geo_precision": "settlement", "event_type": "Battles",
    "taxonomy": "local", "actors": "[]", "redistributable": "true", "country": "Gridland",
}  # fmt: skip


def frame(type_: str, payload: Any, length: int | None = None) -> bytes:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return type_.encode("latin-1") + (len(body) if length is None else length).to_bytes(4, "big") + body


def row(**cells: str) -> bytes:
    held = GOOD | cells
    return (",".join('"' + held[c].replace('"', '""') + '"' if held.get(c) else "" for c in COLUMNS) + "\n").encode()


def head(**change: Any) -> bytes:
    return frame("H", {"source": "x", "columns": COLUMNS, "guesses": None} | change)


def end(rows: Any = 1, rejected: Any = 0, **more: Any) -> bytes:
    return frame("E", {"rows": rows, "rejected": rejected, "more": []} | more)


def finding(**change: Any) -> dict[str, Any]:
    return {"severity": "warning", "row": 1, "column": None, "code": "a", "message": "m", "hint": "h"} | change


ONE = frame("D", row())
SQL = 'a" text); INSERT INTO facts.member VALUES (1); COMMIT; --'
DEEP: Any = "[" * 200_000
FORGED: dict[str, tuple[bytes, str]] = {
    # the header
    "SQL as a column": (head(columns=[*COLUMNS[:-1], SQL]) + ONE + end(), "reader-not-trusted"),
    "quotes in a column": (head(columns=[*COLUMNS[:-1], 'coun"try']) + ONE + end(), "reader-not-trusted"),
    "the same column twice": (head(columns=[*COLUMNS[:-1], COLUMNS[1]]) + ONE + end(), "reader-not-trusted"),
    "columns of another kind": (head(columns=[*ROW, *get("sites").staged]) + ONE + end(), "reader-not-trusted"),
    "no columns": (head(columns=[]) + ONE + end(), "reader-not-trusted"),
    "columns that are no text": (head(columns=[1, None]) + ONE + end(), "reader-not-trusted"),
    "a header twice": (head() + head() + ONE + end(), "reader-not-trusted"),
    "no header": (ONE + end(), "reader-not-trusted"),
    "an end without a header": (end(), "reader-not-trusted"),
    "a header that says more": (head(sql="x") + ONE + end(), "reader-not-trusted"),
    "a source of a megabyte": (head(source="x" * 100_000) + ONE + end(), "reader-not-trusted"),
    "guesses that are no words": (head(guesses={"columns": {"a": [1]}, "headers": [], "names": []}) + ONE + end(), "reader-not-trusted"),
    # JSON
    "deep JSON": (frame("H", DEEP.encode()), "reader-not-trusted"),
    "deep JSON, closed": (frame("H", b'{"a":' + b"[" * 17 + b"]" * 17 + b"}"), "reader-not-trusted"),
    "half a string": (frame("H", b'{"a": "' + b'\\"' * 200_000), "reader-not-trusted"),
    "no JSON": (frame("H", b"\xff\xfe{"), "reader-not-trusted"),
    "NaN in JSON": (head() + ONE + frame("E", b'{"rows": NaN, "rejected": 0, "more": []}'), "reader-not-trusted"),
    # numbers
    "fewer rows than said": (head() + ONE + end(5), "reader-not-trusted"),
    "more rows than said": (head() + ONE + ONE + end(1), "reader-not-trusted"),
    "no rows rejected, one missing": (head() + end(1), "reader-not-trusted"),
    "rejected less than none": (head() + ONE + end(0, -1), "reader-not-trusted"),
    "rows as text": (head() + ONE + end("1"), "reader-not-trusted"),
    "rows without end": (head() + ONE + end(10**30), "reader-not-trusted"),
    "progress backwards": (head() + frame("P", {"rows": -5, "of": None}) + ONE + end(), "reader-not-trusted"),
    "more findings than none": (head() + ONE + end(more=[{"severity": "error", "code": "x", "count": -1}]), "reader-not-trusted"),
    # findings
    "a finding of another severity": (head() + frame("F", [finding(severity="fatal")]) + ONE + end(), "reader-not-trusted"),
    "a finding without a code": (head() + frame("F", [{"message": "x"}]) + ONE + end(), "reader-not-trusted"),
    "a code that is markup": (head() + frame("F", [finding(code="<script>")]) + ONE + end(), "reader-not-trusted"),
    "a finding as long as a book": (head() + frame("F", [finding(message="x" * 10_000)]) + ONE + end(), "reader-not-trusted"),
    "a zero byte in a finding": (head() + frame("F", [finding(message="a\0b")]) + ONE + end(), "reader-not-trusted"),
    "findings that are no list": (head() + frame("F", {"a": 1}) + ONE + end(), "reader-not-trusted"),
    "findings without end": (head() + frame("F", [finding()] * 20_000) * 6 + ONE + end(), "reader-not-trusted"),
    "refused without a reason": (frame("X", []), "reader-not-trusted"),
    # frames
    "an unknown frame": (head() + frame("Q", b"SELECT 1") + ONE + end(), "reader-not-trusted"),
    "a frame of no ASCII": (head() + frame("\xff", b"") + ONE + end(), "reader-not-trusted"),
    "a header of four gigabytes": (frame("H", b"{}", 2**32 - 1), "reader-not-trusted"),
    "rows of four gigabytes": (head() + frame("D", b"1", 2**32 - 1), "reader-not-trusted"),
    "progress as long as a book": (head() + frame("P", b" " * 5000) + ONE + end(), "reader-not-trusted"),
    "rows after the end": (head() + ONE + end() + ONE, "reader-not-trusted"),
    "an end after the end": (head() + ONE + end() + end(), "reader-not-trusted"),
    "rows after what was counted": (head() + frame("C", {"rows": 1, "rejected": 1, "more": []}) + ONE + end(), "reader-not-trusted"),
    "counted twice": (head() + frame("C", {"rows": 1, "rejected": 1, "more": []}) * 2 + end(), "reader-not-trusted"),
    "counted without an end": (head() + ONE + frame("C", {"rows": 1, "rejected": 0, "more": []}), "not-readable-to-its-end"),
    "rows after a refusal": (frame("X", [finding(severity="error")]) + ONE, "reader-not-trusted"),
    "cut off in a head": (head() + ONE + b"E\0\0", "not-readable-to-its-end"),
    "cut off in the rows": (head() + frame("D", row(), 5000), "not-readable-to-its-end"),
    "cut off before the end": (head() + ONE, "not-readable-to-its-end"),
    "nothing": (b"", "not-readable-to-its-end"),
    # rows
    "text for a number": (head() + frame("D", row(fatalities="many")) + end(), "not-storable"),
    "NaN for a longitude": (head() + frame("D", row(lon="NaN")) + end(), "not-storable"),
    "a longitude without end": (head() + frame("D", row(lon="Infinity")) + end(), "not-storable"),
    "a day without end": (head() + frame("D", row(occurred_to="infinity")) + end(), "not-storable"),
    "a handling that is none": (head() + frame("D", row(handling="PUBLIC")) + end(), "not-storable"),
    "no handling": (head() + frame("D", row(handling="")) + end(), "not-storable"),
    "a row before the first": (head() + frame("D", row(row_no="-1")) + end(), "not-storable"),
    "a number out of range": (head() + frame("D", row(fatalities="99999999999")) + end(), "not-storable"),
    "actors that are no JSON": (head() + frame("D", row(actors="[{")) + end(), "not-storable"),
    "actors without a bottom": (head() + frame("D", row(actors="[" * 200_000)) + end(), "not-storable"),
    "too many cells": (head() + frame("D", row()[:-1] + b",x\n") + end(), "not-storable"),
    "too few cells": (head() + frame("D", b"2,x\n") + end(), "not-storable"),
    "no CSV": (head() + frame("D", b'2,"never closed') + end(), "not-storable"),
    "a zero byte in a cell": (head() + frame("D", row(event_type="a\0b")) + end(), "not-storable"),
    "no UTF-8": (head() + frame("D", b"\xff\xff\xff\n") + end(), "not-storable"),
    "a precision that is none": (head() + frame("D", row(geo_precision="'; DROP TABLE facts.incident; --")) + end(), "not-storable"),
    "an end mark among the rows": (head() + frame("D", row() + b"\\.\n" + row(row_no="3", source_event_id="e2")) + end(2), "reader-not-trusted|not-storable"),
}  # fmt: skip


class Spawned:
    """A reader that is another program: what `readers.start` gives, of a process of its own."""

    def __init__(self, script: str, folder: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, cwd=folder
        )
        self.stdin, self.stdout = self.process.stdin, self.process.stdout
        self.kill, self.wait = self.process.kill, self.process.wait

    def close(self) -> None:
        self.kill()
        self.wait()
        assert self.stdin is not None and self.stdout is not None
        self.stdin.close()
        self.stdout.close()


@pytest.fixture
def hostile(bring: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable:
    """An import whose child, a real process, says these bytes, and then does what `after` says."""

    def run(said: bytes, after: str = "", kind: str = "incidents", **more: Any) -> Any:
        (tmp_path / "said").write_bytes(said)
        script = (
            f"import sys, time\nsys.stdin.buffer.read()\nout = sys.stdout.buffer\n"
            f"out.write(open({str(tmp_path / 'said')!r}, 'rb').read())\nout.flush()\n{after}\n"
        )
        monkeypatch.setattr(readers, "start", lambda folder: Spawned(script, folder))
        return bring(kind, f"{HEAD}\n{incident(1, '2026-02-10', 2, 2)}\n", "a.csv", **more)

    return run


def untouched(engine: Engine, context: db.Context) -> bool:
    with db.transaction(engine, context) as connection:
        return connection.execute(
            text("SELECT (SELECT count(*) FROM facts.incident) + (SELECT count(*) FROM facts.batch)")
        ).scalar() == 0  # fmt: skip


@pytest.mark.parametrize("name", FORGED)
def test_what_a_hostile_child_says_is_a_finding(engine: Engine, context: db.Context, hostile: Callable, name: str) -> None:  # fmt: skip
    said, code = FORGED[name]
    report = hostile(said)
    assert not report.landed
    errors = {f.code for f in report.findings if f.severity == "error"}
    assert errors & set(code.split("|")), report.findings
    assert (report.batch, report.created) == (None, 0)
    assert all("Traceback" not in f.message for f in report.findings)
    assert untouched(engine, context)
    json.dumps(report.as_dict())


def test_the_same_child_may_say_what_is_true(engine: Engine, context: db.Context, hostile: Callable) -> None:
    """The forgeries above fail for what is forged in them, not for the rest."""
    report = hostile(head() + frame("F", [finding()]) + frame("P", {"rows": 1, "of": 1}) + ONE + end(more=[
        {"severity": "warning", "code": "a", "count": 7}
    ]))  # fmt: skip
    assert (report.landed, report.rows, report.created) == (True, 1, 1)
    assert [f["message"] for f in report.as_dict()["findings"]] == ["m", "And 7 more of the same."]
    assert not untouched(engine, context)


def test_a_child_that_never_ends_is_ended(engine: Engine, context: db.Context, hostile: Callable) -> None:
    began = time.monotonic()
    report = hostile(head() + ONE, "while True: time.sleep(1)", limits=Limits(seconds=2))
    assert time.monotonic() - began < 10
    assert "not-readable-to-its-end" in {f.code for f in report.findings}
    assert untouched(engine, context)


def test_a_child_that_stays_after_its_end_is_not_waited_for(hostile: Callable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "LAST_WORDS_S", 0.5)
    began = time.monotonic()
    assert hostile(head() + ONE + end(), "time.sleep(60)").landed
    assert time.monotonic() - began < 20


def test_rows_without_end_stop_at_the_limit(engine: Engine, context: db.Context, hostile: Callable) -> None:
    report = hostile(head(), f"while True: out.write({ONE!r})", limits=Limits(row_bytes=1_000_000))
    assert {f.code for f in report.findings} == {"reader-not-trusted"}
    assert untouched(engine, context)


@pytest.mark.parametrize(
    ("geom", "code"),
    [
        ("POINT(1 2)", "not-storable"),
        ("POLYGON((0 0, 1e9 0, 1 1, 0 0))", "not-storable"),
        ("POLYGON((0 0, nan 0, 1 1, 0 0))", "not-storable"),
        ("'); DROP TABLE facts.area; --", "not-storable"),
    ],
)
def test_shapes_that_are_none(hostile: Callable, geom: str, code: str) -> None:
    held = {
        "row_no": "2", "source_key": "k", "name": "n", "hazard_type": "SHA", "handling": "GREEN", "geom": geom,
        "shape_hash": "h", "km2": "1", "mid": geom, "low": geom,
    }  # fmt: skip
    columns = [*ROW, *get("hazards").staged]
    cells = ",".join(f'"{held[c]}"' if c in held else "" for c in columns)
    report = hostile(head(columns=columns) + frame("D", f"{cells}\n".encode()) + end(), kind="hazards")
    assert not report.landed
    assert code in {f.code for f in report.findings}, report.findings


def test_every_staged_column_has_a_declared_type() -> None:
    for kind in every():
        assert isinstance(table(kind.staged), psycopg.sql.Composed), kind.key
    with pytest.raises(KeyError):
        table({"a": "text); COMMIT; --"})
