"""The two lists about aid work: recognised by their columns, withheld days are spans, and no place is taken for exact."""

from collections.abc import Callable

from sqlalchemy import Engine, text

from geoapp import db

AWSD = """Incident ID,Year,Month,Day,Country,Region,District,City,Total killed,Means of attack,Attack context,Latitude,Longitude,Actor type,Actor name,Details,Verified,Source
1,2026,3,5,Gridland,Half 0,Square 1-1,Town,2,Shooting,Ambush,5.15,10.15,Unknown,Unknown,Two staff were killed.,Verified,Media
2,2026,March,,Gridland,Half 0,Square 1-1,,0,Kidnapping,Raid,5.15,10.15,Unknown,,Staff were taken.,Verified,Media
3,2025,,,Gridland,Half 0,,,1,Landmine,Unknown,5.15,10.15,Unknown,,A vehicle.,Verified,Media
4,2026,2,31,Gridland,Half 0,,,1,Landmine,Unknown,5.15,10.15,Unknown,,A day that is none.,Verified,Media
"""
SIND = """Date,Event Description,Country,Admin 1,Latitude,Longitude,Geo Precision,Location of Incident,Reported Perpetrator,Reported Perpetrator Name,Weapon Carried/Used,Aid Workers Killed,Aid Workers Injured,Aid Workers Kidnapped,Aid Workers Arrested,SiND Event ID
#date,#description,#country,#adm1,#geo+lat,#geo+lon,#geo+precision,#loc,#group,#group+name,#event+weapon,#affected+killed,#affected+injured,#affected+kidnapped,#affected+arrested,#event+code
2026-03-05,An office was entered.,Gridland,Half 0,5.15,10.15,25 km,Office,NSA,No Information,Firearms,0,1,0,0,77001
2026-03-06,A clinic was hit.,Gridland,Half 0,5.15,10.15,25 km,Clinic,NSA,No Information,Shelling,0,0,0,0,77002
"""


def rows(engine: Engine, source: str) -> list[tuple]:
    with db.transaction(engine, db.Context("grid")) as connection:
        asked = text("""
            SELECT source_event_id, lower(valid)::text, (upper(valid) - 1)::text, time_precision, geo_precision,
                event_type, fatalities, pcode FROM facts.incident WHERE source = :source ORDER BY 1
        """)
        return [tuple(r) for r in connection.execute(asked, {"source": source})]


def test_awsd(engine: Engine, gridded: Callable) -> None:
    report = gridded("incidents", AWSD.replace("4,2026,2,31", "4,2026,2,28"), "awsd.csv")
    assert (report.landed, report.created) == (True, 4)
    assert rows(engine, "awsd") == [
        ("1", "2026-03-05", "2026-03-05", "day", "near", "Shooting", 2, "GD0011"),
        ("2", "2026-03-01", "2026-03-31", "month", "adm2", "Kidnapping", 0, "GD0011"),
        ("3", "2025-01-01", "2025-12-31", "unknown", "adm1", "Landmine", 1, None),
        ("4", "2026-02-28", "2026-02-28", "day", "adm1", "Landmine", 1, None),
    ]
    with db.transaction(engine, db.Context("grid")) as connection:
        assert connection.execute(text("SELECT sum(n) FROM facts.incident_bin WHERE z = 5")).scalar() is not None
    assert gridded("incidents", AWSD.replace("4,2026,2,31", "4,2026,2,28"), "awsd.csv").unchanged == 4


def test_a_day_that_is_none_is_rejected(gridded: Callable) -> None:
    report = gridded("incidents", AWSD, "awsd.csv")
    assert (report.rejected, [f.row for f in report.findings if f.severity == "error"]) == (1, [5])


def test_insecurity_insight(engine: Engine, gridded: Callable) -> None:
    report = gridded("incidents", SIND, "kika.csv")
    assert (report.landed, report.created) == (True, 2), report.as_dict()
    assert [(r[0], r[4], r[5]) for r in rows(engine, "sind")] == [
        ("77001", "near", "Aid workers injured"), ("77002", "near", "Incident affecting aid work"),
    ]  # fmt: skip
