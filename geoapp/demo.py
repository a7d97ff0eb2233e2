"""The exercise country, loaded through the importers as anybody's files would be."""

import csv
from collections.abc import Callable
from datetime import date

from sqlalchemy import Engine, create_engine, text

from geoapp import TOP, db, ingest, overlay, record
from geoapp.errors import SetupError
from geoapp.model import FACTS

KEY, TITLE, TODAY = "kavarra", "Kavarra 2026", date(2026, 10, 18)
FOLDER = TOP / "data" / "demo"
FILES: tuple[tuple[str, str, str | None], ...] = (
    ("boundaries", "kvr_admin0.geojson", None),
    ("boundaries", "kvr_admin1.geojson", None),
    ("boundaries", "kvr_admin2.geojson", None),
    ("basemap", "kvr_admin0.geojson", None),
    ("basemap", "kvr_rivers.geojson", None),
    ("basemap", "kvr_towns.geojson", None),
    ("roads", "kvr_roads.gpkg", None),
    ("sites", "kvr_sites.csv", None),
    ("hazards", "kvr_hazards.zip", None),
    ("presence", "kvr_3w_2026-10.xlsx", None),
    ("areas", "kvr_areas.kml", None),
    ("areas", "kvr_areas_partners.gpkg", None),
    ("risk_zones", "kvr_risk_zones.gpkg", None),
    ("arrangements", "kvr_arrangements.geojson", None),
    ("security_levels", "kvr_security_levels.geojson", None),
    ("constraints", "kvr_constraints.csv", None),
    ("constraints", "kvr_constraints_drawn.geojson", None),
    ("road_reports", "kvr_road_reports.csv", None),
    ("incidents", "kvr_incidents_2025.csv", "exercise"),
    ("incidents", "kvr_incidents_2026.csv", "exercise"),
)
"""Kind, file, and the source to name: incidents are in ACLED's columns but are nobody's data."""


def load(owner_url: str, engine: Engine, progress: Callable[..., None], say: Callable[[str], None]) -> str:
    """Bring the exercise to the database, where it is not there yet; the operation's key.

    A load that was cut off is taken up again: files that landed change nothing. Raises SetupError when one is refused.
    """
    context = db.Context(KEY, member="local")
    with db.transaction(engine, context) as connection:
        there = connection.execute(text("SELECT calc.operation()")).scalar()
        landed = connection.execute(text("SELECT count(*) FROM facts.batch WHERE withdrawn_at IS NULL")).scalar_one()
    if there is None:
        owner = create_engine(owner_url)
        record.add_operation(
            owner, KEY, TITLE, exercise=True, today=TODAY, organisation="the exercise staff", time_zone="Etc/GMT-6"
        )
        owner.dispose()
    if landed >= len(FILES):
        give_history(owner_url)
        describe_actors(engine, context)
        return KEY
    for place, (kind, name, source) in enumerate(FILES, 1):
        say(f"  {place:>2}/{len(FILES)}  {kind}: {name}")
        report = ingest.run(engine, context, kind, FOLDER / name, source=source, progress=progress)
        if not report.landed:
            first = report.findings[0].message if report.findings else "no reason was given"
            raise SetupError(f"The exercise's {name} did not land: {first}", hint="The checkout may be damaged.")
    overlay.count_queued(engine, context)
    say("         the eight weeks before: entered, revised, disputed, taken back")
    give_history(owner_url)  # before anything is written by hand: what somebody has changed is left as it is
    describe_actors(engine, context)
    return KEY


def describe_actors(engine: Engine, context: db.Context) -> None:
    """Write what is known of the exercise's actors (`data/demo/actors.csv`) as by hand, once: while nobody has written of any."""
    with db.transaction(engine, context) as connection:
        known = {row.name: row.id for row in connection.execute(text("SELECT a.name, a.id FROM facts.actor AS a"))}
        if connection.execute(
            text("SELECT EXISTS (SELECT FROM facts.actor AS a WHERE a.batch_id IS NULL)")
        ).scalar_one():
            return
        with (FOLDER / "actors.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                said = {name: value for name, value in row.items() if value and name != "name"}
                noun, id_ = record.NOUNS["actors"], known[row["name"]]
                record.change(connection, noun, id_, None, said, record.read(connection, noun, id_)["version"])


def give_history(owner_url: str) -> None:
    """Let the exercise's records have been entered over the eight weeks before its day (`data/demo/history.sql`), once, and
    only while nobody has changed any of them.

    The times of records are the database's to set: the triggers that do it can be set aside by the owner of the tables
    alone, and are, for this one transaction. The role that serves owns nothing and cannot. Raises SetupError where the
    exercise's operation is no exercise.
    """
    owner = create_engine(owner_url)
    try:
        with owner.begin() as connection:
            connection.execute(text("SELECT calc.enter(:key, 'internal', 'local', '', 'record', '')"), {"key": KEY})
            exercise, touched = connection.execute(text(_TOUCHED)).one()
            if not exercise:
                raise SetupError(f"The operation {KEY!r} is no exercise: the times of its records stay as they are.")
            if not touched:
                for table in FACTS:
                    connection.exec_driver_sql(f"ALTER TABLE facts.{table} DISABLE TRIGGER remember")
                # what the files changed of each other while they were loaded is no history
                connection.exec_driver_sql("DELETE FROM facts.history WHERE operation_id = calc.operation()")
                # beneath the policies, as anybody who records: no other operation is in reach
                connection.exec_driver_sql(f"SET LOCAL ROLE {db.APP_ROLE}")
                connection.exec_driver_sql((FOLDER / "history.sql").read_text(encoding="utf-8"))
                connection.exec_driver_sql("RESET ROLE")
                for table in FACTS:
                    connection.exec_driver_sql(f"ALTER TABLE facts.{table} ENABLE TRIGGER remember")
    finally:
        owner.dispose()


_TOUCHED = """
    SELECT coalesce((SELECT o.exercise FROM facts.operation AS o WHERE o.operation_id = calc.operation()), false),
        EXISTS (SELECT FROM facts.history AS h WHERE h.operation_id = calc.operation() AND (h.replaced_by = 'R. Reviewer'
            OR upper(h.recorded) > (SELECT max(b.landed_at) FROM facts.batch AS b WHERE b.operation_id = h.operation_id)))
        OR EXISTS (SELECT FROM facts.incident WHERE operation_id = calc.operation() AND batch_id IS NULL
            UNION ALL SELECT FROM facts.risk_zone WHERE operation_id = calc.operation() AND batch_id IS NULL
            UNION ALL SELECT FROM facts.hazard_area WHERE operation_id = calc.operation() AND batch_id IS NULL
            UNION ALL SELECT FROM facts.arrangement WHERE operation_id = calc.operation() AND batch_id IS NULL
            UNION ALL SELECT FROM facts.access_constraint WHERE operation_id = calc.operation() AND batch_id IS NULL
            UNION ALL SELECT FROM facts.security_area WHERE operation_id = calc.operation() AND batch_id IS NULL
            UNION ALL SELECT FROM facts.road_report WHERE operation_id = calc.operation() AND batch_id IS NULL)
"""
"""Whether it is an exercise; whether its history was made already, or somebody has changed or written something since."""
