"""What does each edge of the network cross on a day? Areas of operation, risk zones and hazard areas, as the room sees them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geoapp.access.network import Network

_FACTS = {
    "zones": """
        SELECT z.id, z.name, z.level, f.id, ST_AsBinary(f.geom)
        FROM facts.risk_zone AS z
        JOIN facts.footprint AS f ON f.operation_id = z.operation_id AND f.id = z.footprint_id
        WHERE z.status = 'published' AND z.valid @> CAST(:day AS date) ORDER BY z.id
    """,
    "hazards": """
        SELECT h.id, coalesce(h.name, h.hazard_type), h.hazard_type, f.id, ST_AsBinary(f.geom)
        FROM facts.hazard_area AS h
        JOIN facts.footprint AS f ON f.operation_id = h.operation_id AND f.id = h.footprint_id
        WHERE h.hazard_status NOT IN ('cancelled', 'cleared') ORDER BY h.id
    """,
    "areas": """
        SELECT a.id, c.name, c.domain, f.id, ST_AsBinary(f.geom), c.id
        FROM facts.area_part AS p
        JOIN facts.area AS a ON a.operation_id = p.operation_id AND a.id = p.area_id
        JOIN facts.actor AS c ON c.operation_id = a.operation_id AND c.id = a.actor_id
        JOIN facts.footprint AS f ON f.operation_id = p.operation_id AND f.id = p.footprint_id
        WHERE a.positioning <> 'presence' AND p.valid @> CAST(:day AS date) ORDER BY a.id
    """,
}


@dataclass(frozen=True)
class Crossed:
    """Facts of each kind by id, and which of them each edge crosses."""

    facts: dict[str, dict[int, tuple[Any, ...]]]
    edges: dict[str, dict[int, list[int]]]
    """Kind → edge → ids."""
    shapes: dict[int, Any]
    """The footprints of the facts, by their id."""

    def shape(self, kind: str, fact: int) -> Any:
        """Where a fact is."""
        return self.shapes[self.facts[kind][fact][3]]

    def of(self, kind: str, edge: int) -> list[int]:
        """The ids of the facts of a kind that an edge crosses."""
        return self.edges[kind].get(edge, [])

    def any(self, kind: str, count: int) -> NDArray[np.bool_]:
        """Which of the first `count` edges cross a fact of this kind."""
        hit = np.zeros(count, dtype=bool)
        hit[list(self.edges[kind])] = True
        return hit

    def level(self, count: int) -> NDArray[np.int64]:
        """The highest level of a risk zone that each edge crosses; 0 for none."""
        levels = np.zeros(count, dtype=np.int64)
        for edge, zones in self.edges["zones"].items():
            levels[edge] = max(self.facts["zones"][zone][2] for zone in zones)
        return levels


def crossed(connection: Connection, network: Network, day: date) -> Crossed:
    """What the network's edges cross on a day."""
    facts: dict[str, dict[int, tuple[Any, ...]]] = {}
    edges: dict[str, dict[int, list[int]]] = {}
    known: dict[int, Any] = {}
    for kind, sql in _FACTS.items():
        rows = [tuple(row) for row in connection.execute(text(sql), {"day": day})]
        facts[kind] = {row[0]: row for row in rows}
        edges[kind] = {}
        if not rows or not len(network.line):
            continue
        # a district that stands under many claims is compared once
        shapes = {row[3]: row[4] for row in rows}
        geoms = shapely.from_wkb([bytes(wkb) for wkb in shapes.values()])
        shapely.prepare(geoms)
        known.update(zip(shapes, geoms, strict=True))
        place, hit = network.tree.query(geoms, predicate="intersects")
        on: dict[int, list[int]] = {}
        for shape, edge in zip(np.array(list(shapes))[place].tolist(), hit.tolist(), strict=True):
            on.setdefault(shape, []).append(edge)
        for row in rows:
            for edge in on.get(row[3], []):
                here = edges[kind].setdefault(edge, [])
                if row[0] not in here:
                    here.append(row[0])
    return Crossed(facts, edges, known)
