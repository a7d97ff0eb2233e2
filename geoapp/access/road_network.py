"""The roads of an operation as arrays, and what it takes to drive each."""

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from hashlib import blake2b
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geoapp.access.network import Network, build
from geoapp.access.search import Search
from geoapp.codes import FOLDER

_FACTS = """r.id, r.version, r.name, r.road_class, r.surface, r.condition, r.practicability, r.practicability_dry,
        r.practicability_wet, r.op_status, r.speed_kmh, r.oneway, r.recorded_at::date AS recorded"""
_ROADS = text(
    f"SELECT {_FACTS}, r.bridge OR r.tunnel AS apart, ST_AsBinary(r.geom) AS wkb FROM calc.road AS r ORDER BY r.id"
)
_AS_THEY_ARE = text(f"SELECT {_FACTS} FROM calc.road AS r")
_DRAWN = text("""
    SELECT r.id, r.bridge OR r.tunnel AS apart, ST_AsBinary(r.geom) AS wkb FROM facts.road AS r WHERE r.id = ANY(:ids)
""")


@cache
def travel() -> Mapping[str, Mapping[str, float]]:
    """Speeds and factors of `data/travel.csv` by kind and code."""
    found: dict[str, dict[str, float]] = {}
    with (FOLDER.parent / "travel.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found.setdefault(row["kind"], {})[row["code"]] = float(row["value"])
    return found


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """A network with the facts of its roads, one entry a road, and the search over it."""

    network: Network
    search: Search
    drawn: tuple[bytes, ...]
    """What each road's line was when the network was built, as a hash."""
    as_of: datetime
    """When the roads of the network were read; the facts of its roads may be newer."""
    complete: bool
    """Whether every road of the room is in it."""
    id: NDArray[np.int64]
    version: NDArray[np.int64]
    name: NDArray[Any]
    road_class: NDArray[np.int64]
    surface: NDArray[np.int64]
    condition: NDArray[np.int64]
    practicability: NDArray[np.int64]
    practicability_dry: NDArray[np.int64]
    practicability_wet: NDArray[np.int64]
    status: NDArray[Any]
    speed_kmh: NDArray[np.float64]
    oneway: NDArray[np.bool_]
    recorded: NDArray[Any]
    _passable: dict[bytes, tuple[NDArray[np.int64], shapely.STRtree]] = field(default_factory=dict)

    def limit(self, season: str) -> NDArray[np.int64]:
        """The heaviest vehicle class of each road now or in a season; what is not known of a season is as it is now."""
        if season == "now":
            return self.practicability.copy()
        of_season = self.practicability_dry if season == "dry" else self.practicability_wet
        return np.where(of_season > 0, of_season, self.practicability)

    def nearest(self, limit: NDArray[np.int64], vehicle: int, point: Any) -> int | None:
        """The nearest edge that a vehicle of this class can be on, whatever else forbids it; None when there is none."""
        carries = (limit == 0) | (limit >= vehicle)
        key = carries.tobytes()
        found = self._passable.get(key)
        if found is None:
            edges = np.flatnonzero(carries[self.network.road])
            tree = (
                self.network.tree if len(edges) == len(self.network.line) else shapely.STRtree(self.network.line[edges])
            )
            if len(self._passable) > 12:
                self._passable.clear()
            found = self._passable[key] = edges, tree
        edges, tree = found
        return int(edges[tree.nearest(point)]) if len(edges) else None

    def hours(self, vehicle: int, status: NDArray[Any] | None = None) -> NDArray[np.float64]:
        """Hours along each edge for a vehicle class (1–6), whatever forbids it: length over the road's own speed, or
        its class's slowed by surface, condition and restrictions, at most the vehicle's."""
        table, road = travel(), self.network.road

        def of(kind: str, codes: NDArray[Any], default: float) -> NDArray[np.float64]:
            values = table[kind]
            known = {code: values.get(str(code), default) for code in set(codes.tolist())}
            return np.array([known[code] for code in codes.tolist()])

        kmh = of("class_kmh", self.road_class, 25) * of("surface", self.surface, 0.8)
        kmh *= of("condition", self.condition, 1)
        kmh = np.where(np.isnan(self.speed_kmh) | (self.speed_kmh <= 0), kmh, self.speed_kmh)
        slowed = of("status", self.status if status is None else status, 1)
        kmh = np.minimum(kmh * slowed, table["vehicle_kmh"][str(vehicle)])
        return np.asarray(self.network.length_km / kmh[road])


def load(connection: Connection, step: Callable[[str], None] = lambda words: None) -> RoadNetwork:
    """The network of every road that the room sees, built now. `step` is told what is begun, and may raise to stop it."""
    step("reading roads")
    read_at = datetime.now(UTC)
    rows = connection.execute(_ROADS).mappings().all()
    lines = np.asarray(shapely.from_wkb(np.array([bytes(r["wkb"]) for r in rows], dtype=object)), dtype=object)
    network = build(lines, np.array([r["apart"] for r in rows], dtype=bool), step)
    drawn = tuple(_drawn(r) for r in rows)
    return RoadNetwork(network, Search(network), drawn, read_at, complete=True, **_columns(rows))


def restored(
    network: Network, order: NDArray[np.int64], drawn: Sequence[bytes], as_of: datetime,
    id_: NDArray[np.int64], version: NDArray[np.int64],
) -> RoadNetwork:  # fmt: skip
    """A network that was built before, without the facts of its roads: it serves after `refreshed` has read them."""
    known = {"id": id_, "version": version}
    return RoadNetwork(network, Search(network, order), tuple(drawn), as_of, complete=True, **(_columns(()) | known))


def refreshed(connection: Connection, old: RoadNetwork) -> RoadNetwork | None:
    """The same network with the facts of its roads as they are now; None when it may not serve any more.

    It may serve this room when every road in it is one that the room sees now, drawn as it is drawn now: then all
    that an answer can tell was read just now or is the shape of a road that may be seen. Roads that were added are not
    in it, and `complete` says so. A road that is gone, hidden from the room, or drawn otherwise ends it.
    """
    rows = {row["id"]: row for row in connection.execute(_AS_THEY_ARE).mappings()}
    here = [rows.get(i) for i in old.id.tolist()]
    kept = [row for row in here if row is not None]
    if len(kept) < len(here):
        return None
    made = _columns(kept)
    changed = np.flatnonzero(made["version"] != old.version)
    if len(changed):
        drawn = {r["id"]: _drawn(r) for r in connection.execute(_DRAWN, {"ids": old.id[changed].tolist()}).mappings()}
        if any(drawn.get(int(old.id[n])) != old.drawn[n] for n in changed):
            return None
    return replace(old, complete=len(rows) == len(kept), _passable={}, **made)


def _drawn(row: Any) -> bytes:
    return blake2b(bytes(row["wkb"]), digest_size=16, key=b"apart" if row["apart"] else b"").digest()


def _columns(rows: Sequence[Any]) -> dict[str, Any]:
    """The facts of roads as arrays."""

    def whole(name: str) -> NDArray[np.int64]:
        return np.array([row[name] for row in rows], dtype=np.int64)

    def words(name: str) -> NDArray[Any]:
        made = np.empty(len(rows), dtype=object)
        made[:] = [row[name] for row in rows]
        return made

    numbers = ("id", "version", "road_class", "surface", "condition", "practicability", "practicability_dry",
               "practicability_wet")  # fmt: skip
    return {name: whole(name) for name in numbers} | {
        "name": words("name"), "status": words("op_status"), "recorded": words("recorded"),
        "speed_kmh": np.array([np.nan if row["speed_kmh"] is None else row["speed_kmh"] for row in rows], dtype=np.float64),
        "oneway": np.array([row["oneway"] for row in rows], dtype=bool),
    }  # fmt: skip
