"""Single fields are withheld by the database: whatever SQL a room runs, as the role that serves it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import ProgrammingError

from geoapp import audiences, db, gazetteer, record
from geoapp.cluster import Urls
from geoapp.draw import features
from geoapp.errors import BadRequest
from geoapp.model.subjects import CLAIMS, FIELDED, SINGLY
from geoapp.scope import Scope
from layers import STACK, get
from tests.gridland import area, square

TOLD = "Told by A. Source"


def ask(engine: Engine, sql: str, room: str = "hct", **more: Any) -> list[tuple[Any, ...]]:
    with db.transaction(engine, db.Context("grid", room, **more)) as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


def rule(connection: Connection, room: str, subject: str, **said: Any) -> None:
    read = record.rule_version(connection, room, subject)
    record.set_rule(connection, room, subject, {"precision": "exact"} | said, read)


@pytest.fixture
def told(engine: Engine, gridded: Callable, context: db.Context) -> tuple[int, datetime]:
    """An incident by hand with all that stays inside, changed once; its number, and a moment between."""
    said = {
        "event_type": "Battles", "occurred_from": "2026-05-12", "location": "Crossing", "notes_raw": TOLD, "handling": "GREEN",
        "source_names": TOLD, "notes": "An exchange of fire was reported.", "sub_event_type": "Armed clash",
    }  # fmt: skip
    shape = {"type": "Point", "coordinates": [10.23, 5.23]}
    with db.transaction(engine, context) as connection:
        id_, version = record.add(connection, record.INCIDENTS, shape, said)
        overlap = connection.execute(text("SELECT id, version FROM calc.overlap_pair ORDER BY id LIMIT 1")).one()
        record.change_overlap(connection, overlap.id, {"owner": TOLD}, overlap.version)
    between = datetime.now(UTC)
    with db.transaction(engine, context) as connection:
        record.change(connection, record.INCIDENTS, id_, None, {"notes_raw": f"{TOLD}, again"}, version)
        overlap = connection.execute(text("SELECT id, version FROM calc.overlap_pair ORDER BY id LIMIT 1")).one()
        record.change_overlap(connection, overlap.id, {"owner": f"{TOLD}, again"}, overlap.version)
    return id_, between


def test_the_serving_role_has_no_right_to_read_them(urls: Urls) -> None:
    owner = create_engine(urls.owner)
    with owner.connect() as connection:
        read = {
            table: set(columns)
            for table, columns in connection.execute(
                text("""
                SELECT c.relname, array_agg(a.attname::text) FROM pg_class AS c
                JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                WHERE c.relnamespace = 'facts'::regnamespace AND c.relkind = 'r'
                    AND NOT has_column_privilege('geoapp_app', c.oid, a.attnum, 'SELECT') GROUP BY 1
            """)
            )  # fmt: skip
        }
    owner.dispose()
    assert read == {table: {*subject.fields, *subject.recorders} for table, subject in FIELDED.items()} | {
        "history": {"row"}
    }


def test_every_layer_has_the_fields_that_can_be_withheld_singly() -> None:
    claims = set(CLAIMS.values())  # which are of one table
    for key, fields in SINGLY.items():
        keys = claims if key in claims else {key}
        assert fields <= {field.name for layer in STACK if layer.subject in keys for field in layer.fields}, key


def test_what_is_told_inside_stays_inside(engine: Engine, told: tuple[int, datetime]) -> None:
    """Now, as it was, in the history, and in the form at the settlement that the room reads; who records reads it."""
    _, between = told
    kept = ("notes_raw", "source_names", "actors")
    for room, seen in (("hct", 0), ("internal", 2)):
        for at in ("calc.incident", "calc.known_incident"):
            (row,) = ask(engine, f"SELECT count(*), {', '.join(f'count(i.{name})' for name in kept)} FROM {at} AS i"
                                 " WHERE i.source = 'hand'", room)  # fmt: skip
            assert row[0] > 0
            assert (row[1] > 0, row[2] > 0, row[3] > 0) == (seen > 0,) * 3, (room, at)
        ((then,),) = ask(
            engine, "SELECT min(i.notes_raw) FROM calc.known_incident AS i WHERE i.source = 'hand'", room, as_of=between
        )
        assert then == (TOLD if seen else None)
        found = ask(engine, "SELECT h.row::text FROM calc.history AS h", room)
        assert found and any(TOLD in row for (row,) in found) == (seen > 0)
        ((owner,),) = ask(engine, "SELECT max(o.owner) FROM calc.overlap_pair AS o", room)
        assert owner == (f"{TOLD}, again" if seen else None)
    for sql in (
        "notes_raw FROM facts.incident",
        "* FROM facts.overlap_pair",
        "row FROM facts.history",
        "o FROM facts.overlap_pair AS o",
    ):
        for room in ("hct", "internal"):
            with pytest.raises(ProgrammingError, match="permission denied"):
                ask(engine, f"SELECT {sql}", room)


def test_nothing_is_told_by_an_error_or_a_guess(engine: Engine, told: tuple[int, datetime]) -> None:
    """A condition that fails on what is withheld, an order by it, a search in it: all of them meet NULL."""
    assert ask(engine, f"SELECT i.id FROM calc.incident AS i WHERE i.notes_raw LIKE '%{TOLD}%'") == []
    assert ask(engine, "SELECT i.id FROM calc.incident AS i WHERE 1 / (length(i.notes_raw) - 17) = 1") == []
    orders = {tuple(ask(engine, f"SELECT o.id FROM calc.overlap_pair AS o ORDER BY o.owner {way}, o.id")) for way in ("", "DESC")}  # fmt: skip
    assert len(orders) == 1
    with pytest.raises(ProgrammingError, match="permission denied"):
        ask(engine, "UPDATE facts.overlap_pair AS o SET status = o.owner RETURNING o.owner", "internal")


CASES = (
    ("incidents", "incidents", "incident", {"location": "location", "notes": "notes_neutral"}),
    ("roads", "roads", "road", {"speed_kmh": "speed_kmh"}),
    ("areas_of_operation.military", "areas_of_operation", "area", {"source": "source"}),
    ("overlaps", "overlaps", "overlap_pair", {"strategy": "strategy"}),
)


def test_a_rule_withholds_single_fields(
    engine: Engine, gridded: Callable, context: db.Context, told: tuple[int, datetime]
) -> None:
    """Of incidents, roads, areas of some domain, overlaps: in SQL and at the doors, until the rule is taken back. A field that
    records hang together by is told; and what is withheld stays so until somebody says otherwise."""
    gridded("areas", [area("z1", "Named brigade", "military", square(1, 1, 1, 1), source="A patrol", date_from="2026-02-13")], "named.geojson")  # fmt: skip
    road = ({"type": "LineString", "coordinates": [[10.1, 5.1], [10.2, 5.1]]}, {"osm_id": 1, "highway": "primary", "maxspeed": "60"})  # fmt: skip
    gridded("roads", [road], "roads.geojson", source="osm")
    asked = {}
    for _, _, table, withheld in CASES:
        where = "WHERE t.domain = 'military'" if table == "area" else ""
        asked[table] = (
            f"SELECT count(*), {', '.join(f'count(t.{c})' for c in withheld.values())} FROM calc.{table} AS t {where}"
        )
    before = {table: ask(engine, sql)[0] for table, sql in asked.items()}
    assert min(min(row) for row in before.values()) > 0, before
    with db.transaction(engine, context) as connection:
        for subject, _, table, withheld in CASES:
            rule(
                connection,
                "hct",
                subject,
                precision="settlement" if table == "incident" else "exact",
                withheld=list(withheld),
            )
        for subject, name in (("incidents", "fatalities"), ("incidents", "source"), ("roads", "practicability")):
            with pytest.raises(BadRequest, match="these fields alone can be withheld"):
                rule(connection, "public", subject, withheld=[name])
    scope = Scope("grid", "hct")
    with db.transaction(engine, scope.context()) as connection:
        room = audiences.room(connection, scope)
        for subject, layer, table, withheld in CASES:
            (row,) = connection.execute(text(asked[table])).all()
            assert tuple(row) == (before[table][0], *(0 for _ in withheld)), table
            rows = [
                r for r in features.rows(connection, get(layer), scope) if r.get("domain", "military") == "military"
            ]
            assert rows, layer
            assert not any(r[name] for r in rows for name in withheld), layer
            # of forces alone: the others' sources are told, so that the column stays
            assert (set(withheld) <= audiences.rules_of(room, [get(layer)])[0].withheld) == (table != "area")
    assert min(ask(engine, asked["area"], "internal")[0]) > 0
    owned = "SELECT calc.told('overlaps/owner'), calc.told('overlaps/strategy')"
    assert ask(engine, owned) == [(True, False)]
    with db.transaction(engine, context) as connection:
        rule(connection, "hct", "overlaps", reason="Looked at again")
        for subject in ("incidents", "roads", "areas_of_operation.military"):
            record.remove_rule(connection, "hct", subject, record.rule_version(connection, "hct", subject))
    assert ask(engine, owned) == [(True, False)]
    assert [ask(engine, asked[table])[0] for table in ("incident", "road", "area")] == [
        before[t] for t in ("incident", "road", "area")
    ]


def test_what_was_withheld_from_a_room_as_a_whole_is_in_its_rules() -> None:
    """The revision that moves it: every subject that has the field, with and without a domain; nothing is told anew."""
    from importlib import import_module

    moved = import_module("migrations.versions.2026_11_27_single_fields").withheld_by
    rules = {
        "areas_of_operation.civil": "admin2",
        "overlaps": {"precision": "exact", "withheld": ["due"], "dates": "day"},
    }
    assert moved(rules, {"owner", "reliability"}) == {
        "areas_of_operation.civil": {"precision": "admin2", "withheld": ["reliability"]},
        "areas_of_operation": {"precision": "exact", "withheld": ["reliability"]},
        "overlaps": {"precision": "exact", "withheld": ["due", "owner"], "dates": "day"},
    }
    assert json.dumps(moved({}, set())) == "{}"


def test_names_of_units_are_withheld_wherever_they_are_told(
    engine: Engine, gridded: Callable, context: db.Context
) -> None:
    """In a room that is told P-codes and shapes alone no layer, list or search names a unit."""
    named = [layer for layer in STACK if layer.units]
    with db.transaction(engine, context) as connection:
        rule(connection, "hct", "boundaries", withheld=["name"])
        with pytest.raises(BadRequest):
            rule(connection, "hct", "boundaries", withheld=["pcode"])
    with pytest.raises(ProgrammingError):
        ask(engine, "SELECT name FROM facts.boundary")
    assert set(ask(engine, "SELECT name, names FROM calc.boundary")) == {(None, None)}
    assert ask(engine, "SELECT row FROM calc.history WHERE subject = 'boundary' AND row ? 'name'") == []
    told = {room: dict[str, set[Any]]() for room in ("hct", "internal")}
    for room, found in told.items():
        scope = Scope("grid", room)
        with db.transaction(engine, scope.context()) as connection:
            asked = audiences.room(connection, scope)
            for layer in (get("boundaries"), *named):
                rows = [json.loads(each)["properties"] for each in features.geojson(connection, layer, scope)[0]]
                found[layer.name] = {row[name] for row in rows for name in (layer.units or ("name",))}
                assert set(layer.units) <= asked.hidden(layer) or room == "internal"
            assert bool(gazetteer.listed(connection, "Square 2-2", scope)) is (room == "internal")
    assert all(values <= {None} for values in told["hct"].values())
    assert {name for name, values in told["internal"].items() if values - {None}} >= {
        "boundaries", "overlaps", "presence", "presence_counts", "incident_counts", "gaps", "doubles",
    }  # fmt: skip
