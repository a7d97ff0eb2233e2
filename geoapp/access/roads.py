"""The roads of an operation as arrays, what it takes to drive each, and their network, kept until a road changes."""

import csv
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from threading import Lock, RLock
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geoapp.access.network import Network, build
from geoapp.access.search import Search
from geoapp.codes import FOLDER

KEPT = 24
"""Networks, what they cross, and weighed searches kept in memory."""

_ROADS = text("""
    SELECT r.id, r.name, r.road_class, r.surface, r.condition, r.practicability, r.op_status, r.speed_kmh, r.oneway,
        r.bridge OR r.tunnel AS apart, r.recorded_at::date AS recorded, ST_AsBinary(r.geom) AS wkb
    FROM facts.road AS r ORDER BY r.id
""")
_ROOM = text("""
    SELECT calc.operation(), calc.clearance()::text, calc.precision_of('roads'),
        (SELECT number FROM facts.change WHERE subject = 'road')
""")
_GROUND = text("""
    SELECT calc.operation(), current_setting('geoapp.audience'), string_agg(c.subject || '=' || c.number, ' ' ORDER BY c.subject)
    FROM facts.change AS c
    WHERE c.subject IN ('road', 'risk_zone', 'hazard_area', 'area', 'area_part', 'actor', 'audience')
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
class Ways:
    """A network with the facts of its roads, one entry a road, and the search over it."""

    network: Network
    search: Search
    id: NDArray[np.int64]
    name: NDArray[Any]
    road_class: NDArray[np.int64]
    surface: NDArray[np.int64]
    condition: NDArray[np.int64]
    practicability: NDArray[np.int64]
    status: NDArray[Any]
    speed_kmh: NDArray[np.float64]
    recorded: NDArray[Any]
    _passable: dict[int, tuple[NDArray[np.int64], shapely.STRtree]] = field(default_factory=dict)

    def nearest(self, vehicle: int, point: Any) -> int | None:
        """The nearest edge that a vehicle of this class can be on, whatever else forbids it; None when there is none."""
        if vehicle not in self._passable:
            limit = self.practicability[self.network.road]
            edges = np.flatnonzero((limit == 0) | (limit >= vehicle))
            self._passable[vehicle] = edges, shapely.STRtree(self.network.line[edges])
        edges, tree = self._passable[vehicle]
        return int(edges[tree.nearest(point)]) if len(edges) else None

    def hours(self, vehicle: int) -> NDArray[np.float64]:
        """Hours along each edge for a vehicle class (1–6), whatever forbids it: length over the road's own speed, or
        its class's slowed by surface, condition and restrictions, at most the vehicle's."""
        table, road = travel(), self.network.road

        def of(kind: str, codes: NDArray[Any], default: float) -> NDArray[np.float64]:
            values = table[kind]
            return np.array([values.get(str(c), default) for c in codes])

        kmh = of("class_kmh", self.road_class, 25) * of("surface", self.surface, 0.8)
        kmh *= of("condition", self.condition, 1)
        kmh = np.where(np.isnan(self.speed_kmh) | (self.speed_kmh <= 0), kmh, self.speed_kmh)
        kmh = np.minimum(kmh * of("status", self.status, 1), table["vehicle_kmh"][str(vehicle)])
        return np.asarray(self.network.length_km / kmh[road])


class Kept:
    """What was made for earlier questions, by who asked and what it was made from; the longest unused goes first."""

    def __init__(self, limit: int = KEPT) -> None:
        self._lock, self._limit = Lock(), limit
        self._made: OrderedDict[Any, tuple[Any, Any]] = OrderedDict()
        self._making: dict[Any, RLock] = {}

    def get(self, key: Any, version: Any, make: Callable[[], Any]) -> Any:
        """What was made under this key from this version; made now when it was not, while others wait for this key only."""
        with self._lock:
            making = self._making.setdefault(key, RLock())
        with making:
            with self._lock:
                found = self._made.get(key)
            if found is None or found[0] != version:
                found = version, make()
            with self._lock:
                self._made[key] = found
                self._made.move_to_end(key)
                while len(self._made) > self._limit:
                    self._making.pop(self._made.popitem(last=False)[0], None)
            return found[1]

    def ways(self, connection: Connection) -> "Ways":
        """The network as this transaction's room sees the roads; built when a road has changed since."""
        *room, version = connection.execute(_ROOM).one()
        made: Ways = self.get(("ways", *room), version, lambda: load(connection))
        return made

    def for_room(self, connection: Connection, ways: "Ways", key: Any, make: Callable[[], Any]) -> Any:
        """What follows from this very network and from zones, hazards and areas as this transaction's room sees them.

        The network is part of the version: a road that changes between two statements would otherwise leave what one
        network crosses under the numbers of another's edges.
        """
        *room, version = connection.execute(_GROUND).one()
        return self.get((*room, key), (version, ways), make)


def load(connection: Connection) -> Ways:
    """The network of every road that the room sees."""
    rows = connection.execute(_ROADS).all()
    columns = list(zip(*rows, strict=True)) if rows else [()] * 12
    (id_, name, road_class, surface, condition, practicability, status, speed, oneway, apart, recorded, wkb) = columns
    network = build(
        np.asarray(shapely.from_wkb(np.array([bytes(w) for w in wkb], dtype=object)), dtype=object),
        np.array(apart, dtype=bool),
    )

    def whole(column: Any) -> NDArray[np.int64]:
        return np.array(column, dtype=np.int64)

    return Ways(
        network, Search(network, np.array(oneway, dtype=bool)), whole(id_), np.array(name, object), whole(road_class),
        whole(surface), whole(condition), whole(practicability), np.array(status, object),
        np.array([np.nan if s is None else s for s in speed], dtype=np.float64), np.array(recorded, object),
    )  # fmt: skip
