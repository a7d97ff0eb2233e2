"""The road network and ways through it, beside Dijkstra in memory, and beside pgRouting where the server has it."""

import json
import resource
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import numpy as np
import psycopg
from sqlalchemy import Engine

from geoapp import access, db, ingest

SIDE = 317
"""Places along each edge of a square of streets: 317 × 317 of them have 200,344 streets between."""


def roads(path: Path) -> np.ndarray:
    """The streets as a file: each row and column is one road through slightly displaced places, which are returned."""
    rng = np.random.default_rng(3)
    at = np.stack(np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij"), axis=-1) * 0.01
    at = np.round(at + rng.uniform(-0.002, 0.002, at.shape) + (20, 2), 6)
    lines = [at[i] for i in range(SIDE)] + [at[:, i] for i in range(SIDE)]
    features = [
        {"type": "Feature", "geometry": {"type": "LineString", "coordinates": line.tolist()},
         "properties": {"source_key": f"s{n}", "name": f"Street {n}", "fclass": int(rng.integers(1, 7)), "srftpe": int(rng.integers(0, 4))}}
        for n, line in enumerate(lines)
    ]  # fmt: skip
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return at


def ways(
    engine: Engine,
    plain: psycopg.Connection,
    context: db.Context,
    folder: Path,
    timed: Callable[..., float],
    line: Callable[..., None],
) -> None:
    """Building, searching, weighing anew and answering whole questions on a network of 200,000 edges."""
    at = roads(folder / "streets.geojson")
    report = ingest.run(engine, context, "roads", folder / "streets.geojson", limits=ingest.SHELL)
    assert report.created == 2 * SIDE, report
    kept, rng = access.NetworkCache(), np.random.default_rng(5)
    spots = [tuple(at[tuple(rng.integers(0, SIDE, 2))] + 0.001) for _ in range(80)]
    question = access.RouteRequest((spots[0], spots[1]), datetime(2026, 3, 1, tzinfo=UTC))
    with db.transaction(engine, context) as connection:
        built = timed(lambda: kept.roads(connection))
        made = kept.roads(connection)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{f'network of {len(made.network.line):,} edges, built':<34}{built * 1000:>12,.1f} ms   goal ≤ 60,000; this process {memory:,.0f} MiB, goal ≤ 2,048", flush=True)  # fmt: skip
        access.ask(connection, kept, question)
        whole = [timed(lambda q=replace(question, waypoints=pair): access.ask(connection, kept, q))
                 for pair in zip(spots[::2], spots[1::2], strict=True)]  # fmt: skip
        three = [timed(lambda q=replace(question, waypoints=pair, alternatives=3): access.ask(connection, kept, q))
                 for pair in zip(spots[:10:2], spots[1:10:2], strict=True)]  # fmt: skip
        fresh = [replace(question, roads=tuple(made.id[9 * n : 9 * n + 9].tolist())) for n in range(15)]
        first = [timed(lambda q=q, pair=pair: access.ask(connection, kept, replace(q, waypoints=pair)))
                 for q, pair in zip(fresh, zip(spots[10::2], spots[11::2], strict=True), strict=False)]  # fmt: skip
    hours = made.hours(4)
    weighed = made.search.weigh(hours, np.zeros(len(hours), dtype=bool))
    pairs = [tuple(int(n) for n in rng.integers(0, made.search.nodes, 2)) for _ in range(200)]
    weighed.cheapest([(pairs[0][0], 0)], [(pairs[0][1], 0)])
    quick = median(timed(lambda p=p: weighed.cheapest([(p[0], 0)], [(p[1], 0)])) for p in pairs)
    exact = median(timed(lambda p=p: weighed.cheapest([(p[0], 0)], [(p[1], 0)], exact=True)) for p in pairs[:7])
    line("cheapest way, p50", quick, "scipy Dijkstra", exact, "goal ≤ 2 ms")
    if plain.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pgrouting'").fetchone():
        plain.execute("CREATE EXTENSION IF NOT EXISTS pgrouting")
        plain.execute("CREATE TABLE street (id bigint, source bigint, target bigint, cost float8)")
        with plain.cursor().copy("COPY street FROM STDIN") as sink:
            for n, (a, b) in enumerate(zip(made.network.tail.tolist(), made.network.head.tolist(), strict=True)):
                sink.write_row((n, a, b, float(hours[n])))
        plain.execute("VACUUM ANALYZE street")
        asked = (
            "SELECT * FROM pgr_dijkstra('SELECT id, source, target, cost FROM street', %s::bigint, %s::bigint, false)"
        )
        theirs = median(timed(lambda p=p: plain.execute(asked, p).fetchall()) for p in pairs[:7])
        line("cheapest way, p50", quick, "pgr_dijkstra", theirs, "goal ≤ 0.05")
    print(f"{'whole answer with segments, p50':<34}{median(whole) * 1000:>12,.1f} ms   goal ≤ 50", flush=True)
    line("first with new weights, p50", median(first), "one way", median(whole), "goal ≤ 50 ms")
    line("the same with three ways, p50", median(three), "one way", median(whole), "goal ≤ 500 ms")
