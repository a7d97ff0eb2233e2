"""What one room may not see, no question of it can find: by SQL, by tile, by count, by number."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from geoapp import db, ingest, record, upgrade
from geoapp.cluster import Cluster, Urls
from geoapp.draw import features, panel
from geoapp.draw.tile import tile
from geoapp.errors import NotFound, SetupError
from geoapp.scope import Scope
from layers import STACK, get
from tests.gridland import INCIDENTS, area, incident, square

ROOMS = ("internal", "hct", "cmwg_mixed", "military_counterpart", "public")


def test_without_context_everything_is_empty(engine: Engine, gridded: Callable) -> None:
    with engine.connect() as connection:
        tables = connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'facts' AND tablename <> 'alembic_version'")
        )
        for (name,) in tables.all():
            assert connection.execute(text(f"SELECT count(*) FROM facts.{name}")).scalar() == 0, name


def test_the_context_ends_with_the_transaction(engine: Engine, context: db.Context, gridded: Callable) -> None:
    with db.transaction(engine, context) as connection:
        assert connection.execute(text("SELECT count(*) FROM facts.area")).scalar()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM facts.area")).scalar() == 0


def test_hidden_rows_change_nothing_that_others_are_told(engine: Engine, gridded: Callable) -> None:
    def told(audience: str) -> list[object]:
        scope = Scope("grid", audience, member="tester")
        with db.transaction(engine, scope.context()) as connection:
            return [panel.panel(connection, scope)] + [
                (features.geojson(connection, layer, scope), features.extent(connection, layer, scope),
                 [tile(connection, layer, scope, z, x, y) for z, x, y in ((6, 33, 31), (9, 270, 248))])
                for layer in STACK
            ]  # fmt: skip

    before = {room: told(room) for room in ROOMS if room != "internal"}
    assert gridded("areas", [area("h1", "Hidden Ones", "military", square(3, 3, 4, 4), handling="RED")]).landed
    assert gridded("incidents", "\n".join([INCIDENTS.split("\n")[0], incident(99, "2026-03-01", 3, 3)]), "more.csv",
                   source="exercise", handling="RED").landed  # fmt: skip
    for room, what in before.items():
        assert told(room) == what, room


def test_a_hidden_record_is_as_none(engine: Engine, gridded: Callable) -> None:
    with db.transaction(engine, db.Context("grid")) as connection:
        hidden = connection.execute(text("SELECT id FROM facts.area WHERE source_key = 'areas:s1'")).scalar_one()
    scope = Scope("grid", "hct")
    with db.transaction(engine, scope.context()) as connection:
        for id_ in (hidden, 987654321):
            with pytest.raises(NotFound, match=f"has no record {id_}"):
                features.one(connection, get("areas_of_operation"), scope, id_)


@pytest.mark.parametrize("audience", ROOMS[1:])
def test_other_rooms_write_nothing(engine: Engine, gridded: Callable, audience: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        db.transaction(engine, db.Context("grid", audience)) as c,
    ):
        c.execute(
            text(
                "INSERT INTO facts.actor (operation_id, name, name_key, handling) VALUES (calc.operation(), 'x', 'x', 'CLEAR')"
            )
        )
    with db.transaction(engine, db.Context("grid", audience)) as connection:
        assert connection.execute(text("UPDATE facts.area SET name = 'x'")).rowcount == 0
        assert connection.execute(text("DELETE FROM facts.incident")).rowcount == 0


@pytest.mark.parametrize(
    "attack",
    ["SELECT ST_EstimatedExtent('facts', 'incident', 'geom')", "SET ROLE geoapp_owner", "ALTER TABLE facts.area DISABLE ROW LEVEL SECURITY",
     "DROP POLICY seen ON facts.area", "CREATE TABLE facts.x (i int)", "UPDATE facts.audience SET clearance = 'RED'",
     "DELETE FROM facts.history", "COPY facts.area TO '/tmp/x'", "SELECT pg_read_file('/etc/passwd')"],
)  # fmt: skip
def test_the_application_may_not(engine: Engine, attack: str) -> None:
    with pytest.raises(ProgrammingError), db.transaction(engine, db.Context("grid")) as connection:
        connection.execute(text(attack))


def test_a_rule_nobody_can_read_is_the_strictest(urls: Urls, gridded: Callable) -> None:
    owner = create_engine(urls.owner)
    with owner.connect() as connection:
        connection.execute(text("UPDATE facts.audience SET rules = '{\"sites\": \"exakt\"}' WHERE key = 'hct'"))
        connection.execute(text(f"SET LOCAL ROLE {db.APP_ROLE}"))
        db.set_context(connection, db.Context("grid", "hct"))
        assert connection.execute(
            text("SELECT calc.precision_of('sites'), calc.precision_of('roads')")
        ).one() == (5, 0)  # fmt: skip
        db.set_context(connection, db.Context("grid", "nobody"))
        assert connection.execute(
            text("SELECT calc.precision_of('roads'), calc.clearance(), calc.shown_subjects(), calc.may_write()")
        ).one() == (5, None, [], False)
        connection.rollback()
    owner.dispose()


def test_a_server_whose_owner_is_no_superuser(cluster: Cluster, urls: Urls) -> None:
    made = cluster.create_database("plain")
    owner = create_engine(urls.owner, isolation_level="AUTOCOMMIT")
    inside = create_engine(made.owner, isolation_level="AUTOCOMMIT")
    url = make_url(made.owner).set(username="plain_owner", password="secret")
    try:
        with owner.connect() as connection, inside.connect() as there:
            connection.exec_driver_sql("CREATE ROLE plain_owner LOGIN PASSWORD 'secret' NOSUPERUSER")
            connection.exec_driver_sql("ALTER DATABASE plain OWNER TO plain_owner")
            connection.exec_driver_sql(f"GRANT {db.APP_ROLE}, {db.SHOWN_ROLE} TO plain_owner")
            for extension in ("postgis", "btree_gist"):
                there.exec_driver_sql(f"CREATE EXTENSION {extension}")
            with pytest.raises(SetupError, match="backtrace_functions"):
                upgrade.migrate(url.render_as_string(hide_password=False))
            connection.exec_driver_sql("GRANT SET ON PARAMETER backtrace_functions TO plain_owner")
        upgrade.migrate(url.render_as_string(hide_password=False))
        plain = create_engine(url)
        record.add_operation(plain, "small", "Small")
        with plain.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM facts.area")).scalar() == 0
        plain.dispose()
        app = db.engine(url.render_as_string(hide_password=False))
        with db.transaction(app, db.Context("small")) as connection:
            assert connection.execute(text("SELECT count(*) FROM facts.audience")).scalar() == 5
        app.dispose()
    finally:
        inside.dispose()
        cluster.drop_database("plain")
        with owner.connect() as connection:
            connection.exec_driver_sql("DROP OWNED BY plain_owner")  # what it may set is of the whole server
            connection.exec_driver_sql("DROP ROLE plain_owner")
        owner.dispose()


def test_what_an_import_changed_is_as_before_for_every_room_once_it_is_withdrawn(
    engine: Engine, context: db.Context, gridded: Callable
) -> None:
    """Also for rooms that are shown a coarser form of it, which rooms that record are not shown themselves."""

    def told(room: str) -> list[dict[str, object]]:
        scope = Scope("grid", room, member="tester")
        with db.transaction(engine, scope.context()) as connection:
            found = features.rows(connection, get("incidents"), scope)
        return [{k: v for k, v in row.items() if k != "version"} for row in found]

    before = {room: told(room) for room in ROOMS}
    assert before["hct"]
    line = incident(1, "2026-02-11", 2, 2, timestamp="1800000000", notes="Another note.")
    report = gridded("incidents", "\n".join([INCIDENTS.split("\n")[0], line]), "later.csv", source="exercise")
    assert report.updated == 1
    assert told("hct") != before["hct"]
    ingest.withdraw(engine, context, report.batch)
    assert {room: told(room) for room in ROOMS} == before


def test_rows_that_may_not_be_passed_on_are_in_no_export(engine: Engine, gridded: Callable) -> None:
    head = INCIDENTS.split("\n")[0]
    assert gridded("incidents", "\n".join([head, incident(500, "2026-03-01", 3, 3)]), "acled.csv").landed
    counts = {}
    for purpose in ("view", "export"):
        scope = Scope("grid", purpose=purpose)  # type: ignore[arg-type]
        with db.transaction(engine, scope.context()) as connection:
            counts[purpose] = {r["source"] for r in features.rows(connection, get("incidents"), scope)}
    assert counts == {"view": {"exercise", "acled"}, "export": {"exercise"}}


def test_the_spatial_index_works_under_the_policies(engine: Engine, context: db.Context, gridded: Callable) -> None:
    with db.transaction(engine, context) as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = "\n".join(
            r[0]
            for r in connection.execute(
                text("EXPLAIN SELECT id FROM facts.incident WHERE geom && ST_MakeEnvelope(0, 0, 1, 1, 4326)")
            )
        )
    assert "ix_incident_geom" in plan
