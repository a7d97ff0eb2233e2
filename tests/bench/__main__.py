"""Measures in a cluster of its own that keeps its promises (fsync on), and prints one line a figure, with its ratio."""

import argparse
import asyncio
import resource
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import geopandas as gpd
import psycopg
import shapely
from sqlalchemy import create_engine, text

from geoapp import db, ingest, overlay, pool, record, upgrade
from geoapp.cluster import Cluster, Urls
from geoapp.draw import tile
from geoapp.draw.tile_store import TileStore
from geoapp.scope import Scope
from geoapp.writing import lock_operation
from layers import get
from tests.bench import made
from tests.bench.doors import doors
from tests.bench.finding import searches
from tests.bench.going_on import going_on
from tests.bench.handing import handing
from tests.bench.people import people
from tests.bench.tiles import tiles
from tests.bench.ways import ways

CONTEXT = db.Context("bench", member="bench")
PLAIN = """
    CREATE TABLE plain AS
    SELECT a.id AS a, b.id AS b, ST_Intersection(a.geom, b.geom) AS geom,
        ST_Area(ST_Intersection(a.geom, b.geom)::geography) / 1e6 AS km2
    FROM shape AS a JOIN shape AS b ON a.id < b.id AND a.actor_id <> b.actor_id AND ST_Intersects(a.geom, b.geom)
"""
SHAPES = """
    CREATE TABLE shape AS SELECT a.id, a.actor_id, f.geom FROM facts.area AS a
    JOIN facts.area_part AS p ON p.operation_id = a.operation_id AND p.area_id = a.id
    JOIN facts.footprint AS f ON f.operation_id = p.operation_id AND f.id = p.footprint_id
"""
TYPED = """
    CREATE TABLE typed (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source text NOT NULL, source_event_id text NOT NULL,
        valid daterange NOT NULL, source_ts timestamptz, geo_precision text, event_type text, sub_event_type text,
        admin1 text, admin2 text, location text, actors jsonb, fatalities int, notes text,
        geom geometry(Point, 4326) NOT NULL, UNIQUE (source, source_event_id));
    CREATE INDEX ON typed USING gist (geom);
    CREATE INDEX ON typed (lower(valid))
"""
INSERTED = """
    INSERT INTO typed (source, source_event_id, valid, source_ts, geo_precision, event_type, sub_event_type, admin1,
        admin2, location, actors, fatalities, notes, geom)
    SELECT 'acled', event_id_cnty, daterange(event_date::date, event_date::date, '[]'), to_timestamp(timestamp::bigint),
        geo_precision, event_type, sub_event_type, admin1, admin2, location,
        jsonb_build_array(jsonb_build_object('label', actor1), jsonb_build_object('label', actor2)), fatalities::int,
        notes, ST_SetSRID(ST_MakePoint(longitude::float8, latitude::float8), 4326) FROM bare
"""
RAW_TILE = """
    SELECT ST_AsMVT(t, 'areas', 4096, 'geom') FROM (
        SELECT a.id, ST_AsMVTGeom(ST_Transform(a.geom, 3857), ST_TileEnvelope(%(z)s, %(x)s, %(y)s)) AS geom
        FROM shape AS a WHERE a.geom && ST_Transform(ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4326)
    ) AS t
"""


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def line(what: str, ours: float, beside: str, theirs: float, goal: str) -> None:
    """Print one figure with the one beside it."""
    print(f"{what:<34}{ours * 1000:>12,.1f} ms   {beside:<22}{theirs * 1000:>12,.1f} ms   × {ours / theirs:<8.3f}{goal}", flush=True)  # fmt: skip


def overlaps(cluster: Cluster, count: int, folder: Path) -> None:
    """The overlaps of `count` areas anew, one reshaped area, and cold tiles."""
    urls = cluster.urls()
    engine, plain = db.engine(urls.app), psycopg.connect(urls.owner.replace("+psycopg", ""), autocommit=True)
    frame = made.areas(count, folder / "areas.gpkg")
    took = seconds(lambda: ingest.run(engine, CONTEXT, "areas", folder / "areas.gpkg"))
    print(f"{f'import of {count:,} areas, overlaps too':<34}{took * 1000:>12,.1f} ms", flush=True)
    plain.execute("TRUNCATE facts.overlap, facts.ground CASCADE")
    plain.execute(SHAPES)
    plain.execute("CREATE INDEX ON shape USING gist (geom)")
    plain.execute("VACUUM ANALYZE")
    with db.transaction(engine, CONTEXT) as connection:
        ids = list(connection.execute(text("SELECT id FROM facts.area ORDER BY id")).scalars())

    def refresh() -> None:
        with db.transaction(engine, CONTEXT) as connection:
            overlay.refresh(connection, lock_operation(connection, "area"), ids)

    ours = seconds(refresh)
    line(f"overlaps of {count:,} areas, stored", ours, "plain SQL", seconds(lambda: plain.execute(PLAIN)), "goal ≤ 1.5")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = seconds(lambda: gpd.overlay(frame, frame, how="intersection", keep_geom_type=True))
    line(f"overlaps of {count:,} areas, stored", ours, "geopandas.overlay", theirs, "goal ≤ 0.1")
    plain.execute("VACUUM ANALYZE")
    with db.transaction(engine, CONTEXT) as connection:
        asked = text("SELECT a.id, a.version, ST_AsBinary(s.geom) FROM facts.area AS a JOIN shape AS s USING (id)"
                     " ORDER BY a.id LIMIT 60")  # fmt: skip
        plain.execute("GRANT SELECT ON shape TO geoapp_app")
        rows = connection.execute(asked).all()

    def reshape(id_: int, version: int, wkb: bytes) -> None:
        moved = shapely.transform(shapely.from_wkb(wkb), lambda c: c + 0.01)
        with db.transaction(engine, CONTEXT) as connection:
            record.reshape_area(connection, id_, shapely.to_wkb(moved), version)

    one = "SELECT ST_Intersection(a.geom, b.geom) FROM shape AS a JOIN shape AS b ON ST_Intersects(a.geom, b.geom) AND a.id = %s"

    def by_hand(id_: int) -> None:
        plain.execute(one, (id_,)).fetchall()

    ours = median(seconds(partial(reshape, *row)) for row in rows)
    theirs = median(seconds(partial(by_hand, row[0])) for row in rows)
    line("one changed area, p50", ours, "its ST_Intersections", theirs, "goal ≤ 10 ms")
    layer, scope = get("areas_of_operation"), Scope("bench")

    def raw_tile(z: int, x: int, y: int) -> None:
        plain.execute(RAW_TILE, {"z": z, "x": x, "y": y}).fetchall()

    def cold_tile(z: int, x: int, y: int) -> None:
        with db.transaction(engine, CONTEXT) as connection:
            tile.packed(tile.tile(connection, layer, scope, z, x, y))

    runner = asyncio.Runner()
    store = TileStore(pool.make(engine))

    def served_tile(z: int, x: int, y: int) -> None:
        store._kept.clear()
        runner.run(store.tile(scope, [layer], z, x, y))

    for z in (4, 6, 8, 10):
        spots = sorted({(int((lon + 180) / 360 * 2**z), int((0.5 - lat / 360) * 2**z))
                        for lon in (20.2, 20.9, 21.7) for lat in (0.3, 1.1, 1.9)})  # fmt: skip
        cold, served, raw = [], [], []
        for x, y in spots * 3:
            raw.append(seconds(partial(raw_tile, z, x, y)))
            cold.append(seconds(partial(cold_tile, z, x, y)))
            served.append(seconds(partial(served_tile, z, x, y)))
        line(f"cold tile at zoom {z}, p50", median(cold), "raw ST_AsMVT", median(raw), "goal ≤ 1 to zoom 8")
        line("  as the server draws it, p50", median(served), "raw ST_AsMVT", median(raw), "")
    runner.run(store.close())
    runner.close()
    doors(engine, plain, seconds, line)
    plain.close()
    engine.dispose()


def import_incidents(urls: Urls, count: int, folder: Path) -> None:
    """`count` incidents from a CSV file beside the same file by COPY into a bare table and from there into a typed one with
    its indexes; and the memory it took."""
    engine, plain = db.engine(urls.app), psycopg.connect(urls.owner.replace("+psycopg", ""), autocommit=True)
    path = folder / "incidents.csv"
    made.incidents(count, path)
    plain.execute(f"CREATE TABLE bare ({', '.join(f'{name} text' for name in made.HEAD)})".encode())

    def copy() -> None:
        with plain.cursor().copy("COPY bare FROM STDIN (FORMAT csv, HEADER)") as sink, path.open("rb") as file:
            while block := file.read(1 << 20):
                sink.write(block)

    plain.execute(TYPED.encode())
    copied = seconds(copy)
    inserted = copied + seconds(lambda: plain.execute(INSERTED))
    report = None

    def bring() -> None:
        nonlocal report
        report = ingest.run(engine, CONTEXT, "incidents", path, source="exercise", limits=ingest.SHELL)

    ours = seconds(bring)
    assert report is not None and report.created == count, report
    line(f"import of {count:,} incidents", ours, "COPY, INSERT, indexes", inserted, "goal ≤ 3")
    line(f"import of {count:,} incidents", ours, "COPY alone", copied, "")
    memory = [resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(f"{'memory: this process, its largest child':<34}{memory[0]:>12,.0f} MiB {memory[1]:,.0f} MiB (goal ≤ 1,024)", flush=True)  # fmt: skip
    plain.execute("VACUUM ANALYZE")
    tiles(engine, plain, CONTEXT.operation, seconds, line)
    plain.close()
    engine.dispose()


def find_ways(urls: Urls, folder: Path) -> None:
    """A network of streets, and ways through it."""
    engine, plain = db.engine(urls.app), psycopg.connect(urls.owner.replace("+psycopg", ""), autocommit=True)
    ways(engine, plain, CONTEXT, folder, seconds, line)
    plain.close()
    engine.dispose()


def tell(urls: Urls, count: int, folder: Path) -> None:
    """What is going on among `count` incidents."""
    engine, plain = db.engine(urls.app), psycopg.connect(urls.owner.replace("+psycopg", ""), autocommit=True)
    going_on(engine, plain, CONTEXT, folder, count, seconds, line)
    plain.close()
    engine.dispose()


def search(urls: Urls, count: int, folder: Path) -> None:
    """The one search over `count` incidents."""
    engine = db.engine(urls.app)
    path = folder / "incidents.csv"
    made.incidents(count, path)
    ingest.run(engine, CONTEXT, "incidents", path, source="exercise", limits=ingest.SHELL)
    with psycopg.connect(urls.owner.replace("+psycopg", ""), autocommit=True) as plain:
        plain.execute("VACUUM ANALYZE")
    searches(engine, lambda what, took: print(f"{f'{what}, {count:,} incidents':<62}{took}", flush=True))
    engine.dispose()


def main() -> None:
    """Every measurement, in a cluster below a folder that is removed at the end."""
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument("--areas", type=int, default=10_000)
    parser.add_argument("--incidents", type=int, default=1_000_000)
    parser.add_argument(
        "--only", choices=("ways", "incidents", "going_on", "handing", "areas"), help="Measure this alone."
    )
    parser.add_argument(
        "what",
        nargs="?",
        choices=("people", "finding"),
        help="A room full of people, or the one search, in place of the others.",
    )
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--more-incidents", type=int, default=0, help="Beside those of the exercise country.")
    parser.add_argument("--serve", default="", help="Further arguments for the server, such as --serve='--workers 2'.")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="geoapp-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        if asked.what == "people":
            bounded = min(max(asked.people, 1), 500), min(max(asked.seconds, 5), 600)
            people(
                folder,
                count=bounded[0],
                seconds=bounded[1],
                incidents=asked.more_incidents,
                arguments=asked.serve.split(),
            )
            return
        cluster = Cluster(folder)
        with cluster.running() as urls:
            upgrade.migrate(urls.owner)
            upgrade.register(urls.owner, urls.app)
            owner = create_engine(urls.owner)
            record.add_operation(owner, "bench", "Measured")
            owner.dispose()
            if asked.what == "finding":
                search(cluster.create_database("finding", template="geoapp"), asked.incidents, folder)
                return
            if asked.only in (None, "incidents"):
                # first, while this process is small: what a child takes is measured from its parent's size upwards
                import_incidents(cluster.create_database("incidents", template="geoapp"), asked.incidents, folder)
            if asked.only in (None, "going_on"):
                tell(cluster.create_database("going_on", template="geoapp"), asked.incidents, folder)
            if asked.only in (None, "ways"):
                find_ways(cluster.create_database("ways", template="geoapp"), folder)
            if asked.only in (None, "handing"):
                handing(cluster, cluster.create_database("handing", template="geoapp"), folder, seconds, line)
            if asked.only in (None, "areas"):
                overlaps(cluster, asked.areas, folder)


if __name__ == "__main__":
    main()
