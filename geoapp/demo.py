"""The exercise country, loaded through the importers as anybody's files would be."""

from collections.abc import Callable
from datetime import date

from sqlalchemy import Engine, create_engine, text

from geoapp import TOP, db, ingest, overlay, record
from geoapp.errors import SetupError

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
        return KEY
    for place, (kind, name, source) in enumerate(FILES, 1):
        say(f"  {place:>2}/{len(FILES)}  {kind}: {name}")
        report = ingest.run(engine, context, kind, FOLDER / name, source=source, progress=progress)
        if not report.landed:
            first = report.findings[0].message if report.findings else "no reason was given"
            raise SetupError(f"The exercise's {name} did not land: {first}", hint="The checkout may be damaged.")
    overlay.count_queued(engine, context)
    return KEY
