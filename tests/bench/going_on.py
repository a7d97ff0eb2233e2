"""What is going on among a million incidents: counts by district and month beside GROUP BY, hot spots beside the bare DBSCAN."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from uuid import uuid4

import psycopg
from sqlalchemy import Engine

from geoapp import db, ingest, overlay, record
from geoapp.draw import features, tile
from geoapp.scope import Scope
from layers import get
from layers._gathered import DEGREE_KM, KM, LEAST
from tests.bench import made

DAYS = 3600
"""Over which the incidents lie: 90 of these days have 25,000 to the million."""
LAST = made.FIRST + timedelta(days=DAYS - 1)
BY_HAND = """
    SELECT pcode, event_type, date_trunc('month', lower(valid)) AS month, count(*), sum(fatalities)
    FROM facts.incident WHERE lower(valid) >= %s AND lower(valid) < %s GROUP BY 1, 2, 3
"""
BARE = f"""
    SELECT ST_ClusterDBSCAN(ST_Scale(ST_SetSRID(geom, 0), {DEGREE_KM}, {DEGREE_KM}), {KM}, {LEAST}) OVER ()
    FROM facts.incident WHERE lower(valid) >= %s AND lower(valid) < %s AND geo_precision IN ('exact', 'settlement')
"""


def districts(path: Path) -> None:
    """The 80 districts that the incidents name, as a grid."""
    features_ = []
    for n in range(80):
        west, south = 20 + n % 10, n // 10 * 1.25
        ring = [[west, south], [west + 1, south], [west + 1, south + 1.25], [west, south + 1.25], [west, south]]
        names = {"adm2_pcode": f"XX{n:02}", "adm2_name": f"D{n}", "adm1_pcode": f"XX{n % 10}x", "adm1_name": f"R{n % 10}",
                 "adm0_pcode": "XX", "version": "v01", "lang": "en", "valid_on": "2020-01-01"}  # fmt: skip
        features_.append(
            {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": names}
        )
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features_}), encoding="utf-8")


def going_on(
    engine: Engine,
    plain: psycopg.Connection,
    context: db.Context,
    folder: Path,
    count: int,
    timed: Callable[..., float],
    line: Callable[..., None],
) -> None:
    """Trends of a quarter and of five years, hot spots of 90 days, and one cold tile of them."""
    districts(folder / "districts.geojson")
    made.incidents(count, folder / "going_on.csv", days=DAYS)
    assert ingest.run(engine, context, "boundaries", folder / "districts.geojson").landed
    report = ingest.run(engine, context, "incidents", folder / "going_on.csv", source="exercise", limits=ingest.SHELL)
    assert report.created == count, report
    plain.execute("VACUUM ANALYZE")
    for months in (3, 60):
        span = overlay.Span.ending(LAST, months)

        def trends(span: overlay.Span = span) -> None:
            with db.transaction(engine, context) as connection:
                overlay.trends(connection, span)

        def by_hand(span: overlay.Span = span) -> None:
            plain.execute(BY_HAND, (span.earlier, span.stop)).fetchall()

        line(f"district × month counts, {months} and {months}", median(timed(trends) for _ in range(9)), "GROUP BY on incidents",
             median(timed(by_hand) for _ in range(3)), "goal ≤ 200 ms")  # fmt: skip
    layer = get("hot_spots")
    scope = Scope(context.operation, period=(LAST - timedelta(days=89), LAST), member=context.member)
    ends = (LAST - timedelta(days=89), LAST + timedelta(days=1))
    found: list[dict[str, object]] = []

    def bare() -> None:
        plain.execute(BARE, ends).fetchall()

    def spots() -> None:
        nonlocal found
        with db.transaction(engine, scope.context()) as connection:
            found = features.rows(connection, layer, scope)

    def cold(place: tuple[int, int]) -> None:
        with db.transaction(engine, scope.context()) as connection:
            tile.packed(tile.tile(connection, layer, scope, 8, *place))

    theirs = median(timed(bare) for _ in range(5))
    ours = median(timed(spots) for _ in range(5))
    line(f"{len(found):,} hot spots of 90 days", ours, "the bare DBSCAN", theirs, "")
    tiles = median(timed(lambda place=place: cold(place)) for place in ((143, 125), (145, 124), (147, 122)) * 2)
    line("cold tile of them at zoom 8, p50", tiles, "the bare DBSCAN", theirs, "goal ≤ 300 ms")
    one_more(engine, plain, context, folder, timed, line)


def one_more(
    engine: Engine, plain: psycopg.Connection, context: db.Context, folder: Path,
    timed: Callable[..., float], line: Callable[..., None],
) -> None:  # fmt: skip
    """One incident written by hand, with its cells, its district and the overlaps it falls in, beside one bare INSERT."""
    made.areas(300, folder / "ground.gpkg")
    assert ingest.run(engine, context, "areas", folder / "ground.gpkg").landed
    overlay.count_queued(engine, context)
    plain.execute("VACUUM ANALYZE")
    plain.execute(
        "CREATE TABLE bare_incident (LIKE facts.incident INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING IDENTITY)"
    )
    rows = plain.execute(
        "SELECT ST_X(label), ST_Y(label) FROM facts.ground WHERE km2 > 0 ORDER BY id LIMIT 60"
    ).fetchall()
    told = {"event_type": "Battles", "occurred_from": LAST.isoformat(), "geo_precision": "exact", "location": "Here"}

    def write(place: tuple[float, float]) -> None:
        with db.transaction(engine, context) as connection:
            record.add(connection, record.NOUNS["incidents"], {"type": "Point", "coordinates": list(place)}, told)

    def bare(place: tuple[float, float]) -> None:
        plain.execute(
            "INSERT INTO bare_incident (operation_id, finest, coarsest, source, source_event_id, time_precision, geo_precision,"
            " event_type, taxonomy, geom) VALUES (1, 0, 0, 'bare', %s, 'day', 'exact', 'Battles', 'local',"
            " ST_SetSRID(ST_MakePoint(%s, %s), 4326))", (uuid4().hex, *place),
        )  # fmt: skip

    write(rows[0])
    ours = median(timed(lambda place=place: write(place)) for place in rows[1:])
    theirs = median(timed(lambda place=place: bare(place)) for place in rows)
    line("one incident by hand, p50", ours, "one bare INSERT", theirs, "goal ≤ 10 ms")
