"""What can be reached from a hub within some hours, what is cut off, and which single piece of road holds up most?"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geoapp.access.hold_up import hold_up
from geoapp.access.network_cache import NetworkCache
from geoapp.access.passage import Window
from geoapp.access.road_network import RoadNetwork
from geoapp.access.route_request import RouteRequest, RuledNetwork
from geoapp.access.rules import apply_rules, road_network
from geoapp.access.search import UNIT_S, CostedSearch
from geoapp.access.trees import FORBIDDEN
from geoapp.access.waypoints import MAX_OFF_KM, ends, nearest
from geoapp.errors import BadRequest
from layers._sql import UNIT_ON

MAX_HOURS, SITE_OFF_KM = 240.0, 5.0
"""A site further than this from a road that carries the vehicle is cut off: the rest of the way is not on any map."""

MOST_LINES = 8_000
"""Edges drawn of one quarter of the hours."""

_PLACES = text(f"""
    SELECT 'site' AS what, s.id, s.name, s.facility_type AS kind, ST_X(s.geom) AS lon, ST_Y(s.geom) AS lat
    FROM facts.site AS s
    UNION ALL
    SELECT 'district', b.id, coalesce(b.name, b.pcode), b.pcode, ST_X(f.label), ST_Y(f.label)
    FROM calc.boundary AS b
    JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
    WHERE b.level = (SELECT max(d.level) FROM facts.boundary AS d) AND {UNIT_ON.format("b", "CAST(:day AS date)")}
    ORDER BY 1, 2
""")


def reach(
    connection: Connection,
    kept: NetworkCache,
    hub: tuple[float, float],
    hours: float,
    rules: RouteRequest,
    *,
    bands: bool = False,
) -> dict[str, Any]:
    """Every site and district of the room with the hours it takes from the hub (None: cut off), and the pieces of road
    without which most of them would be lost.

    `rules` says vehicle, day and what is not crossed; its waypoints are not read. A site further than 5 km from a road is
    cut off, a district when its middle is further than 20 km; `off_road_km` says how far each is. What is forbidden is
    what any day from the departure until those hours have passed forbids; hours are on the road, without waiting for daylight. Raises
    BadRequest, and Refused when the hub is far from every road. With `bands` the roads that are reached come along, by
    quarters of those hours.
    """
    if not 0 < hours <= MAX_HOURS:
        raise BadRequest(f"Hours go from 0 to {MAX_HOURS:.0f}.")
    roads = road_network(connection, kept)
    west, east = float(roads.network.lon.min()), float(roads.network.lon.max())
    ruled = apply_rules(connection, kept, roads, rules, Window.of(rules.departure, hours, west, east))
    start = nearest(roads, ruled, rules.vehicle, *hub)
    places = [dict(row) for row in connection.execute(_PLACES, {"day": rules.departure.date()}).mappings()]
    with ruled.costed.lock:
        sources = ends(ruled.costed, roads, start, leaving=True)
        away = ruled.costed.everywhere([e[:2] for e in sources]) * UNIT_S
        entries = _entries(roads, ruled, rules.vehicle, away, places)
        pieces = hold_up(roads, ruled.costed, places, entries, start, sources)
    for place, (seconds, _) in zip(places, entries, strict=True):
        place["hours"] = round(seconds / 3600, 2) if np.isfinite(seconds) else None
    within = [p for p in places if p["hours"] is not None and p["hours"] <= hours]
    return {
        "hub": {"lon": hub[0], "lat": hub[1], "off_road_km": round(start.off_km, 2)}, "within_hours": hours,
        "vehicle_class": rules.vehicle, "day": rules.departure.date().isoformat(),
        "places": sorted(places, key=lambda p: (p["hours"] is None, p["hours"], p["name"])),
        "reached": len(within), "later": sum(p["hours"] is not None for p in places) - len(within),
        "cut_off": sum(p["hours"] is None for p in places), "hold_up": pieces, "season": rules.season,
        "network_as_of": roads.as_of.isoformat(timespec="seconds"), "network_complete": roads.complete,
        "bands": _bands(roads, ruled.costed, away / 3600, hours) if bands else [],
    }  # fmt: skip


def as_geojson(found: dict[str, Any]) -> dict[str, Any]:
    """The same answer as a FeatureCollection: places, pieces of road that hold up, roads by hours."""
    within = found["within_hours"]

    def feature(geometry: str, coordinates: Any, **properties: Any) -> dict[str, Any]:
        return {"type": "Feature", "geometry": {"type": geometry, "coordinates": coordinates}, "properties": properties}

    features = [
        feature("Point", [p["lon"], p["lat"]], kind=p["what"], name=p["name"], hours=p["hours"],
                reached="cut off" if p["hours"] is None else "reached" if p["hours"] <= within else "later")
        for p in found["places"]
    ]  # fmt: skip
    features += [feature("Point", h["at"], kind="hold up", name=h["road"], places=h["places"], names=h["names"])
                 for h in found["hold_up"]]  # fmt: skip
    features += [
        feature("MultiLineString", b["lines"], kind="roads", until_hours=b["until_hours"]) for b in found["bands"]
    ]
    rest = {key: value for key, value in found.items() if key not in ("places", "hold_up", "bands")}
    return {"type": "FeatureCollection", "features": features, **rest}


def _bands(roads: RoadNetwork, costed: CostedSearch, away: NDArray[np.float64], hours: float) -> list[dict[str, Any]]:
    """The roads that are reached by each quarter of the hours: an edge belongs to the quarter in which its farther end is."""
    usable = (costed.arcs[::2] < FORBIDDEN) | (costed.arcs[1::2] < FORBIDDEN)
    until = np.where(usable, np.maximum(away[roads.network.tail], away[roads.network.head]), np.inf)
    made = []
    for quarter in range(4):
        low, high = hours * quarter / 4, hours * (quarter + 1) / 4
        here = np.flatnonzero((until <= high) & ((until > low) | (quarter == 0)))
        if len(here) > MOST_LINES:  # what is drawn small needs no footpaths
            here = here[np.argsort(roads.road_class[roads.network.road[here]], kind="stable")[:MOST_LINES]]
        lines = shapely.simplify(roads.network.line[here], 2e-4)
        merged = shapely.line_merge(shapely.multilinestrings(lines)) if len(lines) else None
        parts = [] if merged is None else shapely.get_parts(merged)
        coordinates = [np.round(shapely.get_coordinates(part), 5).tolist() for part in parts]
        made.append({"until_hours": round(high, 2), "lines": coordinates})
    return made


def _entries(
    roads: RoadNetwork, ruled: RuledNetwork, vehicle: int, away: NDArray[np.float64], places: Sequence[dict[str, Any]]
) -> list[tuple[float, int]]:
    """Seconds to each place over the nearer end of the road beside it, and that end's node (-1 where there is none)."""
    found: list[tuple[float, int]] = []
    for place in places:
        spot = nearest(roads, ruled, vehicle, place["lon"], place["lat"], far=False)
        place["off_road_km"] = round(spot.off_km, 2)
        if spot.off_km > (SITE_OFF_KM if place["what"] == "site" else MAX_OFF_KM):
            found.append((np.inf, -1))
            continue
        into = ends(ruled.costed, roads, spot, leaving=False)
        best = min(((float(away[e.node]) + e.cost * UNIT_S, e.node) for e in into), default=(np.inf, -1))
        found.append(best)
    return found
