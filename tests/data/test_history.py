"""The exercise has a past: entered, revised, disputed and taken back over eight weeks, by the owner of the database alone."""

import csv
import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import ProgrammingError

from geoapp import db, demo, ingest, record
from geoapp.cluster import Urls
from geoapp.draw import features
from geoapp.errors import SetupError
from geoapp.scope import Scope
from layers import STACK, get

FILES = [each for each in demo.FILES if each[1] in ("kvr_admin2.geojson", "kvr_areas.kml", "kvr_risk_zones.gpkg", "kvr_incidents_2026.csv")]  # fmt: skip
NAMES = (
    "boundaries",
    "areas_of_operation",
    "overlaps",
    "risk_zones",
    "incidents",
    "rough_incidents",
    "incident_counts",
)


def counts(engine: Engine, day: date | None = None) -> dict[str, int]:
    as_of = datetime(day.year, day.month, day.day, 23, tzinfo=UTC) if day else None
    scope = Scope(demo.KEY, as_of=as_of)
    with db.transaction(engine, scope.context()) as connection:
        return {name: features.count(connection, get(name), scope) for name in NAMES}


def load(engine: Engine, urls: Urls, *, exercise: bool = True) -> None:
    owner = create_engine(urls.owner)
    record.add_operation(owner, demo.KEY, demo.TITLE, exercise=exercise, today=demo.TODAY if exercise else None)
    owner.dispose()
    for kind, name, source in FILES if exercise else FILES[:1]:
        assert ingest.run(engine, db.Context(demo.KEY), kind, demo.FOLDER / name, source=source).landed


def dice(key: str, sides: int) -> int:
    return int(hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()[:8], 16) % sides


def test_the_exercise_has_a_past_and_the_same_present(engine: Engine, gridded: Callable, urls: Urls) -> None:
    def elsewhere() -> list:
        with db.transaction(engine, db.Context("grid")) as connection:
            return list(connection.execute(text("SELECT id, version, recorded_at FROM facts.incident ORDER BY id")))

    load(engine, urls)
    now, other = counts(engine), elsewhere()
    demo.give_history(urls.owner)
    assert counts(engine) == counts(engine, demo.TODAY) == now, "what is known today is as it was"
    assert elsewhere() == other, "no other operation is touched"
    assert set(counts(engine, date(2026, 8, 22)).values()) == {0}
    weeks = [counts(engine, day) for day in (date(2026, 9, 13), date(2026, 9, 26), date(2026, 10, 8))]
    for name in ("areas_of_operation", "overlaps", "incidents"):
        assert 0 < weeks[0][name] < weeks[1][name] < weeks[2][name] < now[name], name
    with db.transaction(engine, db.Context(demo.KEY)) as connection:
        told = text("SELECT subject, row ->> 'status', count(DISTINCT row_id) FROM calc.history GROUP BY 1, 2")
        kept = {(row[0], row[1]): row[2] for row in connection.execute(told)}
        disputed = connection.execute(
            text("SELECT count(*) FROM calc.history WHERE subject = 'area' AND (row ->> 'disputed')::boolean")
        ).scalar_one()
        revised = connection.execute(
            text(
                "SELECT count(*) FROM calc.history AS h JOIN facts.incident AS i ON i.id = h.row_id WHERE h.subject = 'incident'"
            )
        ).scalar_one()
    assert kept["risk_zone", "draft"] - 1 == kept["risk_zone", "in_review"] == now["risk_zones"] == 9
    waiting = {}
    for room in ("internal", "hct"):
        scope = Scope(demo.KEY, room)
        with db.transaction(engine, scope.context()) as connection:
            waiting[room] = [
                (row["code"], row["status"], row["author"], row["version"])
                for row in features.rows(connection, get("zones_to_review"), scope)
            ]
    assert waiting == {"internal": [("RZ-0010", "in_review", "S. Adviser", 2)], "hct": []}
    assert disputed > 0
    with (demo.FOLDER / "kvr_incidents_2026.csv").open(encoding="utf-8", newline="") as file:
        events = [row["event_id_cnty"] for row in csv.DictReader(file)]
    assert revised == sum(dice(f"revised{event}", 12) == 0 for event in events), "the same wherever it is loaded"
    before = counts(engine, date(2026, 10, 1))
    demo.give_history(urls.owner)
    assert counts(engine, date(2026, 10, 1)) == before, "once is enough"


def test_what_was_taken_back_was_there(engine: Engine, urls: Urls) -> None:
    load(engine, urls)
    demo.give_history(urls.owner)
    with db.transaction(engine, db.Context(demo.KEY)) as connection:
        gone = connection.execute(
            text(
                "SELECT row_id, lower(recorded) FROM calc.history WHERE subject = 'area' AND row ->> 'name' LIKE '%taken back%'"
            )
        ).all()
        assert (
            connection.execute(text("SELECT count(*) FROM facts.area WHERE name LIKE '%taken back%'")).scalar_one() == 0
        )
    assert gone
    scope = Scope(demo.KEY, as_of=gone[0][1])
    with db.transaction(engine, scope.context()) as connection:
        assert gone[0][0] in {row["id"] for row in features.rows(connection, get("areas_of_operation"), scope)}


def test_what_somebody_has_changed_is_left_alone(engine: Engine, urls: Urls) -> None:
    load(engine, urls)
    with db.transaction(engine, db.Context(demo.KEY)) as connection:
        connection.execute(
            text("UPDATE facts.risk_zone SET name = 'By hand' WHERE id = (SELECT min(id) FROM facts.risk_zone)")
        )
    demo.give_history(urls.owner)
    assert set(counts(engine, demo.TODAY).values()) == {0}


def test_only_an_exercise_and_only_its_owner(engine: Engine, urls: Urls) -> None:
    load(engine, urls, exercise=False)
    with pytest.raises(SetupError, match="no exercise"):
        demo.give_history(urls.owner)
    with (
        pytest.raises(ProgrammingError, match="must be owner"),
        db.transaction(engine, db.Context(demo.KEY)) as connection,
    ):
        connection.exec_driver_sql("ALTER TABLE facts.incident DISABLE TRIGGER remember")
    with db.transaction(engine, db.Context(demo.KEY)) as connection:
        connection.execute(text("UPDATE facts.boundary SET recorded_at = '2020-01-01'"))
        times = connection.execute(text("SELECT DISTINCT recorded_at >= now() FROM facts.boundary")).scalars().all()
    assert times == [True], "whoever writes is given the time of writing"


def test_a_version_dated_after_the_clock_is_kept(engine: Engine, urls: Urls) -> None:
    """An exercise of next year is played today: what is changed is remembered all the same."""
    load(engine, urls)
    owner = create_engine(urls.owner)
    with owner.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE facts.risk_zone DISABLE TRIGGER remember")
        connection.exec_driver_sql("UPDATE facts.risk_zone SET recorded_at = now() + interval '1 year'")
        connection.exec_driver_sql("ALTER TABLE facts.risk_zone ENABLE TRIGGER remember")
    owner.dispose()
    with db.transaction(engine, db.Context(demo.KEY)) as connection:
        connection.execute(text("UPDATE facts.risk_zone SET name = 'By hand'"))
    with db.transaction(engine, db.Context(demo.KEY)) as connection:
        kept = connection.execute(text("SELECT count(*) FROM calc.history WHERE subject = 'risk_zone'")).scalar_one()
    assert kept == 9


def test_every_layer_can_be_drawn_as_of_each_week(engine: Engine, urls: Urls) -> None:
    load(engine, urls)
    demo.give_history(urls.owner)
    for day in (datetime(2026, 8, 25, tzinfo=UTC), datetime(2026, 9, 25, tzinfo=UTC)):
        scope = Scope(demo.KEY, as_of=day)
        with db.transaction(engine, scope.context()) as connection:
            for layer in STACK:
                rows = features.rows(connection, layer, scope)
                assert len({row["id"] for row in rows}) == len(rows), layer.name
