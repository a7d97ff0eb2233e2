"""A large network is built once, by a job, and kept in the database for the room it was built for: every process reads it."""

import io
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime

import numpy as np
import orjson
import shapely
from sqlalchemy import Connection, Engine, text

from geoapp import db
from geoapp.access.network import Built, Network
from geoapp.access.road_network import RoadNetwork, load, refreshed, restored

LARGE = 20_000
"""Points of roads from which on building takes longer than a request may: some two seconds on one core."""

_IS_LARGE = text("""
    SELECT coalesce(sum(ST_NPoints(r.geom)), 0) >= CAST(:points AS bigint) FROM calc.road AS r
""")
_STORED = text("""
    SELECT n.content, n.built_at FROM facts.network AS n
    WHERE CAST(:since AS timestamptz) IS NULL OR n.built_at > :since
""")
_KEEP = text("""
    INSERT INTO facts.network (operation_id, audience, clearance, precision, built_at, content)
    SELECT calc.operation(), calc.audience(), calc.clearance(), calc.precision_of('roads'), :built_at, :content
""")
_FIELDS = ("lon", "lat", "tail", "head", "road", "length_km", "island")


def is_large(connection: Connection) -> bool:
    """Whether the roads that this room sees take a job to be joined to a network."""
    return bool(connection.execute(_IS_LARGE, {"points": LARGE}).scalar_one())


def stored(connection: Connection, since: datetime | None = None) -> RoadNetwork | None:
    """What was kept for this room of roads read later than `since`, without the facts of its roads; None where there is nothing."""
    row = connection.execute(_STORED, {"since": since}).one_or_none()
    if row is None:
        return None
    with np.load(io.BytesIO(row.content), allow_pickle=False) as read:
        lines = shapely.from_ragged_array(
            shapely.GeometryType.LINESTRING, read["points"], (read["starts"],)
        )  # fmt: skip
        built = Built(**orjson.loads(read["built"].tobytes()))
        network = Network(line=np.asarray(lines), built=built, **{name: read[name] for name in _FIELDS})
        drawn = [each.tobytes() for each in read["drawn"]]
        return restored(network, read["order"], drawn, row.built_at, read["id"], read["version"])


def keep(connection: Connection, roads: RoadNetwork) -> None:
    """Keep a network for this room in place of what was kept; nothing, when it may not serve the room any more.

    Writers of the operation wait meanwhile: a road that is hidden takes what was kept with it, and what is kept here was
    looked at after it.
    """
    db.wait_for_writers(connection)
    if refreshed(connection, roads) is None:
        return
    network = roads.network
    _, points, (starts,) = shapely.to_ragged_array(network.line)
    held = io.BytesIO()
    np.savez(
        held, **{name: getattr(network, name) for name in _FIELDS}, points=points, starts=starts, order=roads.search.order,
        drawn=np.frombuffer(b"".join(roads.drawn), dtype=np.uint8).reshape(len(roads.drawn), -1),
        built=np.frombuffer(orjson.dumps(asdict(network.built)), dtype=np.uint8), id=roads.id, version=roads.version,
    )  # fmt: skip
    connection.execute(text("DELETE FROM facts.network AS n WHERE n.audience = calc.audience()"))
    connection.execute(_KEEP, {"built_at": roads.as_of, "content": held.getvalue()})


def build(engine: Engine, context: db.Context, step: Callable[[str], None]) -> RoadNetwork:
    """Build the network of a room, to be kept by `keep`. `step` is told what is begun, and may raise to stop it."""
    with db.transaction(engine, context) as connection:
        roads = load(connection, step)
    step("ordering junctions")
    roads.search.order  # noqa: B018
    return roads
