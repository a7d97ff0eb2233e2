"""Where on the roads does a place lie? On the nearest road that the vehicle may be on; on an open one that is hardly
further where that one is closed to it."""

import numpy as np
import shapely

from geoapp import geometry
from geoapp.access.road_network import RoadNetwork
from geoapp.access.route_request import End, Passed, RuledNetwork, Waypoint
from geoapp.access.search import CostedSearch
from geoapp.access.trees import FORBIDDEN
from geoapp.codes import say
from geoapp.errors import Refused

MAX_OFF_KM = 20.0
FURTHER_KM = 0.1
"""How much further than the nearest road an open one may be and still be the one that is meant."""

AT_NODE_KM = 0.005
"""A waypoint this near to where roads meet is there, and may leave by any of them."""

_DEGREE_KM = 111.32


def nearest(
    roads: RoadNetwork, ruled: RuledNetwork, vehicle: int, lon: float, lat: float, *, far: bool = True
) -> Waypoint:
    """The nearest point of a road that the vehicle can be on. With `far`, raises Refused when that is more than
    MAX_OFF_KM away."""
    point = shapely.Point(lon, lat)
    edge = roads.nearest(ruled.limit, vehicle, point)
    if edge is None:
        raise Refused(
            f"No road is recorded for {say('vehicle_classes', vehicle).lower()}.", hint="Choose a lighter vehicle.",
            code="no-roads",
        )  # fmt: skip
    passed = None
    if edge in ruled.reasons:
        other = _open_beside(roads, ruled, point, edge)
        if other is not None:
            moved = shapely.distance(roads.network.line[other], point) - shapely.distance(
                roads.network.line[edge], point
            )
            if moved * _DEGREE_KM > AT_NODE_KM:
                passed = Passed(roads.name[int(roads.network.road[edge])], ruled.reasons[edge])
            edge = other
    line = roads.network.line[edge]
    along = float(shapely.line_locate_point(line, point, normalized=True))
    on = shapely.line_interpolate_point(line, along, normalized=True)
    off = float(geometry.length_km(np.array([shapely.LineString([point, on])], dtype=object))[0])
    if far and off > MAX_OFF_KM:
        raise Refused(
            f"{lat:.4f}, {lon:.4f} is {off:,.0f} km from the nearest road.",
            hint="Choose a place by a road, or import the roads that are missing.", code="far-from-roads",
        )  # fmt: skip
    for end in (0.0, 1.0):
        if abs(along - end) * float(roads.network.length_km[edge]) <= AT_NODE_KM:
            along = end
    return Waypoint(edge, along, off, passed)


def _open_beside(roads: RoadNetwork, ruled: RuledNetwork, point: shapely.Point, edge: int) -> int | None:
    """The nearest edge that no rule forbids, if it is at most FURTHER_KM further off than this one."""
    reach = float(shapely.distance(roads.network.line[edge], point)) + FURTHER_KM / _DEGREE_KM
    near = roads.network.tree.query(point, predicate="dwithin", distance=reach).tolist()
    away = [(float(shapely.distance(roads.network.line[e], point)), e) for e in near if e not in ruled.reasons]
    return min(away)[1] if away else None


def ends(costed: CostedSearch, roads: RoadNetwork, spot: Waypoint, *, leaving: bool) -> list[End]:
    """The two ends of a waypoint's edge that can be reached (or left), each with what the part between costs; an end
    at which the waypoint lies costs nothing, whatever the edge is."""
    along, against = costed.arcs[2 * spot.edge], costed.arcs[2 * spot.edge + 1]
    tail, head = int(roads.network.tail[spot.edge]), int(roads.network.head[spot.edge])
    to_head, to_tail = (along, against) if leaving else (against, along)
    both = [(head, to_head, 1 - spot.part, 1.0), (tail, to_tail, spot.part, 0.0)]
    return [End(node, round(float(cost) * part), at) for node, cost, part, at in both if cost < FORBIDDEN or part == 0]
