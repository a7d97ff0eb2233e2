"""How does one get from here to there, whose ground does the way cross, and whom does one inform?

A route describes a way on the roads as they are recorded. It grades nobody and clears nothing: the choice stays with
people, and absence of data is not absence of risk.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring
from sqlalchemy import Connection

from geoapp import geometry
from geoapp.access.crossed import Crossed, crossed
from geoapp.access.roads import Kept, Ways
from geoapp.access.search import FORBIDDEN, UNIT_S, Ends, Weighed
from geoapp.codes import codes, say
from geoapp.errors import BadRequest, Refused

MAX_POINTS, MAX_OFF_KM, MAX_LEVEL = 20, 20.0, 5
TRULY_OTHER = 0.7
"""An alternative shares less than this part of its length with those before it."""
DETOUR, PENALTY = 1.6, 1.5
"""An alternative takes at most this many times the hours of the first; roads of earlier ones count this many times."""
OPENING = 2**20
"""What a forbidden edge costs when the question is where the way is blocked: more than any way round."""


@dataclass(frozen=True)
class Question:
    """From where over what to where (longitude, latitude), when, with what, and what is not to be crossed."""

    waypoints: tuple[tuple[float, float], ...]
    departure: datetime
    vehicle: int = 4
    closed: bool = True
    """Closed and abandoned roads are not gone."""
    hazards: bool = True
    """Hazard areas that are not cleared or cancelled are not crossed."""
    risk_level: int | None = None
    """Zones of this level and above are not crossed."""
    actors: tuple[int, ...] = ()
    """Actors whose areas of operation are not crossed."""
    roads: tuple[int, ...] = ()
    risk: float = 0.0
    """How much longer an hour in a zone of level 1 seems; level 5 seems five times that."""
    alternatives: int = 1

    def check(self) -> None:
        """Raises BadRequest with what cannot be asked."""
        if not 2 <= len(self.waypoints) <= MAX_POINTS:
            raise BadRequest(f"A route has 2 to {MAX_POINTS} waypoints, not {len(self.waypoints):,}.")
        if any(not (abs(lon) <= 180 and abs(lat) <= 90) for lon, lat in self.waypoints):
            raise BadRequest("A waypoint lies outside the world.", hint="Longitude first: [20.5, 5.2].")
        known = [code for code in codes("vehicle_classes") if code != "0"]
        if str(self.vehicle) not in known:
            raise BadRequest(
                f"There is no vehicle class {self.vehicle}.",
                hint="One of " + ", ".join(f"{c} {say('vehicle_classes', c)}" for c in known),
            )
        if self.risk_level is not None and not 1 <= self.risk_level <= MAX_LEVEL:
            raise BadRequest(f"Risk levels go from 1 to {MAX_LEVEL}.")
        if not 0 <= self.risk <= 100 or not 1 <= self.alternatives <= 3:
            raise BadRequest("`weigh.risk` is 0 to 100, `alternatives` 1 to 3.")


@dataclass(frozen=True)
class _Spot:
    """A waypoint brought to the nearest road: `part` is how far along the edge's line, 0 to 1."""

    edge: int
    part: float
    off_km: float


@dataclass(frozen=True)
class _Piece:
    """A part of an edge as it is gone, from `start` to `end` of its line (`start` > `end` against it)."""

    edge: int
    start: float
    end: float


@dataclass
class _Side:
    """Everything that a question's rules say about the network: the costs, and why an edge is forbidden."""

    hours: NDArray[np.float64]
    reasons: dict[int, str]
    weighed: Weighed
    crossed: Crossed


def ask(connection: Connection, kept: Kept, question: Question) -> dict[str, Any]:
    """The answer as a mapping: `routes` (each a FeatureCollection of segments with its sums), or `blocked` with what would
    open the way. Raises BadRequest, and Refused when a waypoint is far from every road that the room sees."""
    question.check()
    ways, side = ready(connection, kept, question)
    spots = [nearest(ways, question.vehicle, lon, lat) for lon, lat in question.waypoints]
    asked = {
        "vehicle_class": question.vehicle, "departure": question.departure.isoformat(),
        "day": question.departure.date().isoformat(),
        "waypoints": [{"off_road_km": round(s.off_km, 2)} for s in spots],
    }  # fmt: skip
    found = _ways(ways, side, spots, question.alternatives)
    if not found:
        return asked | {"routes": [], "blocked": _blocked(ways, side, spots)}
    return asked | {"routes": [_told(ways, side, pieces, question) for pieces in found]}


def ready(connection: Connection, kept: Kept, question: Question) -> tuple[Ways, _Side]:
    """The network as the room sees it, with the question's rules applied. Raises Refused when there is no road."""
    ways = kept.ways(connection)
    if not len(ways.network.line):
        raise Refused("No road is recorded that this room may see.", hint="Import roads first.", code="no-roads")
    return ways, _side(connection, kept, ways, question)


def nearest(ways: Ways, vehicle: int, lon: float, lat: float, *, far: bool = True) -> _Spot:
    """The nearest point of a road that the vehicle can be on. With `far`, raises Refused when that is more than
    MAX_OFF_KM away."""
    point = shapely.Point(lon, lat)
    edge = ways.nearest(vehicle, point)
    if edge is None:
        raise Refused(
            f"No road is recorded for {say('vehicle_classes', vehicle).lower()}.", hint="Choose a lighter vehicle.",
            code="no-roads",
        )  # fmt: skip
    line = ways.network.line[edge]
    along = float(shapely.line_locate_point(line, point, normalized=True))
    on = shapely.line_interpolate_point(line, along, normalized=True)
    off = float(geometry.length_km(np.array([shapely.LineString([point, on])], dtype=object))[0])
    if far and off > MAX_OFF_KM:
        raise Refused(
            f"{lat:.4f}, {lon:.4f} is {off:,.0f} km from the nearest road.",
            hint="Choose a place by a road, or import the roads that are missing.", code="far-from-roads",
        )  # fmt: skip
    return _Spot(edge, along, off)


def _side(connection: Connection, kept: Kept, ways: Ways, question: Question) -> _Side:
    day = question.departure.date()
    rules = (question.vehicle, day, question.closed, question.hazards, question.risk_level, question.actors,
             question.roads, question.risk)  # fmt: skip
    ground: Crossed = kept.for_room(connection, ("ground", day), lambda: crossed(connection, ways.network, day))
    made: _Side = kept.for_room(connection, ("side", *rules), lambda: _weighed(ways, ground, question))
    return made


def _weighed(ways: Ways, ground: Crossed, question: Question) -> _Side:
    network, count = ways.network, len(ways.network.line)
    road = network.road
    level = ground.level(count)
    # the first that holds is the one that is told
    rules: list[tuple[str, NDArray[np.bool_]]] = [
        ("too narrow or weak for the vehicle",
         (ways.practicability[road] > 0) & (ways.practicability[road] < question.vehicle)),
        ("closed", np.isin(ways.status[road], ("closed", "abandoned")) & question.closed),
        ("hazard area", ground.any("hazards", count) & question.hazards),
        ("risk zone", (level >= question.risk_level) if question.risk_level else np.zeros(count, dtype=bool)),
        ("actor's area", _on_areas_of(ground, question.actors, count)),
        ("left out", np.isin(ways.id[road], question.roads)),
    ]  # fmt: skip
    reasons: dict[int, str] = {}
    for reason, where in rules:
        for edge in np.flatnonzero(where).tolist():
            reasons.setdefault(edge, reason)
    forbidden = np.zeros(count, dtype=bool)
    forbidden[list(reasons)] = True
    hours = ways.hours(question.vehicle)
    return _Side(hours, reasons, ways.search.weigh(hours * (1 + question.risk * level), forbidden), ground)


def _on_areas_of(ground: Crossed, actors: tuple[int, ...], count: int) -> NDArray[np.bool_]:
    hit = np.zeros(count, dtype=bool)
    if actors:
        for edge, areas in ground.edges["areas"].items():
            hit[edge] = any(ground.facts["areas"][area][5] in actors for area in areas)
    return hit


def _ends(weighed: Weighed, ways: Ways, spot: _Spot, *, leaving: bool) -> Ends:
    """The nodes at either end of a waypoint's edge, with the cost of the part of the edge between."""
    along, against = weighed.arcs[2 * spot.edge], weighed.arcs[2 * spot.edge + 1]
    tail, head = int(ways.network.tail[spot.edge]), int(ways.network.head[spot.edge])
    to_head, to_tail = (along, against) if leaving else (against, along)
    ends = [(head, to_head, 1 - spot.part), (tail, to_tail, spot.part)]
    return [(node, round(float(cost) * part)) for node, cost, part in ends if cost < FORBIDDEN]


def _leg(ways: Ways, weighed: Weighed, a: _Spot, b: _Spot) -> tuple[int, list[_Piece]] | None:
    found = None
    sources, targets = _ends(weighed, ways, a, leaving=True), _ends(weighed, ways, b, leaving=False)
    if sources and targets:
        found = weighed.cheapest(sources, targets)
    best = None if found is None else (found[0], _pieces(ways, a, b, found[1], sources, targets))
    if a.edge == b.edge:
        cost = int(weighed.arcs[2 * a.edge + (b.part < a.part)])
        straight = round(cost * abs(b.part - a.part))
        if cost < FORBIDDEN and (best is None or straight <= best[0]):
            return straight, [_Piece(a.edge, a.part, b.part)]
    return best


def _pieces(ways: Ways, a: _Spot, b: _Spot, arcs: list[int], sources: Ends, targets: Ends) -> list[_Piece]:
    search = ways.search
    if arcs:
        begun, ended = int(search.tail[arcs[0]]), int(search.head[arcs[-1]])
    else:
        common = [(extra + more, node) for node, extra in sources for other, more in targets if node == other]
        begun = ended = min(common)[1]
    first = _Piece(a.edge, a.part, 1.0 if begun == ways.network.head[a.edge] else 0.0)
    last = _Piece(b.edge, 1.0 if ended == ways.network.head[b.edge] else 0.0, b.part)
    middle = [_Piece(arc // 2, float(arc % 2), float(1 - arc % 2)) for arc in arcs]
    return [p for p in (first, *middle, last) if p.start != p.end]


def _whole(ways: Ways, weighed: Weighed, spots: list[_Spot]) -> tuple[int, list[_Piece]] | None:
    cost, pieces = 0, []
    with weighed.lock:
        for a, b in pairwise(spots):
            leg = _leg(ways, weighed, a, b)
            if leg is None:
                return None
            cost += leg[0]
            pieces += leg[1]
    return cost, pieces


def _ways(ways: Ways, side: _Side, spots: list[_Spot], wanted: int) -> list[list[_Piece]]:
    """The cheapest way and those that truly differ from it: found where the roads of earlier ones cost more."""
    best = _whole(ways, side.weighed, spots)
    if best is None:
        return []
    found = [best[1]]
    changed: dict[int, int] = {}
    for _ in range(wanted * 2 if wanted > 1 else 0):
        if len(found) == wanted:
            break
        for piece in found[-1]:
            for arc in (2 * piece.edge, 2 * piece.edge + 1):
                cost = int(side.weighed.arcs[arc])
                if cost < FORBIDDEN:
                    changed[arc] = min(round(changed.get(arc, cost) * PENALTY), FORBIDDEN - 1)
        with side.weighed.changed(changed):
            other = _whole(ways, side.weighed, spots)
        if other is None or _cost(side, other[1]) > DETOUR * _cost(side, found[0]):
            break
        if all(_shared(ways, other[1], earlier) < TRULY_OTHER for earlier in found):
            found.append(other[1])
    return found


def _cost(side: _Side, pieces: list[_Piece]) -> float:
    return float(sum(side.hours[p.edge] * abs(p.end - p.start) for p in pieces))


def _shared(ways: Ways, pieces: list[_Piece], earlier: list[_Piece]) -> float:
    known = {p.edge for p in earlier}
    lengths = [(ways.network.length_km[p.edge] * abs(p.end - p.start), p.edge in known) for p in pieces]
    total = sum(length for length, _ in lengths)
    return sum(length for length, same in lengths if same) / total if total else 1.0


def _parts(ways: Ways, side: _Side, pieces: list[_Piece]) -> Iterator[tuple[_Piece, dict[str, tuple[int, ...]]]]:
    """The pieces cut where they enter or leave a zone, a hazard or an area, each with what its middle lies in."""
    for piece in pieces:
        line = ways.network.line[piece.edge]
        facts = [(kind, fact) for kind in ("zones", "hazards", "areas") for fact in side.crossed.of(kind, piece.edge)]
        cuts = {piece.start, piece.end}
        for shape in {id(s): s for s in (side.crossed.shape(*f) for f in facts)}.values():
            if not shapely.covers(shape, line):
                meets = shapely.get_coordinates(shapely.intersection(line, shapely.boundary(shape)))
                cuts |= set(shapely.line_locate_point(line, shapely.points(meets), normalized=True).tolist())
        low, high = sorted((piece.start, piece.end))
        stops = sorted((c for c in cuts if low <= c <= high), reverse=piece.start > piece.end)
        for start, end in pairwise(stops):
            if abs(end - start) < 1e-9:
                continue
            middle = shapely.line_interpolate_point(line, (start + end) / 2, normalized=True)
            inside = [f for f in facts if shapely.intersects(side.crossed.shape(*f), middle)]
            yield (
                _Piece(piece.edge, start, end),
                {kind: tuple(fact for k, fact in inside if k == kind) for kind in ("zones", "hazards", "areas")},
            )


def _told(ways: Ways, side: _Side, pieces: list[_Piece], question: Question) -> dict[str, Any]:
    """A route segment by segment: a new one begins where the road, its status, a zone or an actor's ground changes."""
    segments: list[dict[str, Any]] = []
    km = hours = 0.0
    last: Any = None
    for piece, crossing in _parts(ways, side, pieces):
        part = abs(piece.end - piece.start)
        length, time = float(ways.network.length_km[piece.edge]) * part, float(side.hours[piece.edge]) * part
        road = int(ways.network.road[piece.edge])
        actors = {side.crossed.facts["areas"][area][5] for area in crossing["areas"]}
        same = (
            ways.name[road],
            ways.status[road],
            int(ways.road_class[road]),
            crossing["zones"],
            crossing["hazards"],
            actors,
        )
        if same != last:
            segments.append(_segment(ways, side, road, crossing, question.departure.date(), km, hours))
            last = same
        here = segments[-1]
        here["lines"].append(substring(ways.network.line[piece.edge], piece.start, piece.end, normalized=True))
        here["km"] += length
        here["hours"] += time
        km, hours = km + length, hours + time
    features = []
    for number, segment in enumerate(segments, 1):
        lines = segment.pop("lines")
        segment["number"], segment["km"], segment["hours"] = number, round(segment["km"], 3), round(segment["hours"], 4)
        joined = shapely.line_merge(shapely.multilinestrings(lines)) if len(lines) > 1 else lines[0]
        features.append({"type": "Feature", "id": number, "geometry": _geojson(joined), "properties": segment})
    everyone = {a["id"]: a for s in segments for a in s["actors"]}
    return {
        "type": "FeatureCollection", "features": features, "km": round(km, 2), "hours": round(hours, 3),
        "highest_risk": max((s["risk_level"] for s in segments), default=0),
        "km_in_zones": round(sum(s["km"] for s in segments if s["zones"]), 2),
        "km_in_hazards": round(sum(s["km"] for s in segments if s["hazards"]), 2),
        "notify": sorted((a for a in everyone.values() if a["domain"] != "civil"), key=lambda a: str(a["name"])),
        "actors": sorted(everyone.values(), key=lambda a: str(a["name"])),
    }  # fmt: skip


def _segment(
    ways: Ways, side: _Side, road: int, crossing: dict[str, tuple[int, ...]], day: date, km: float, hours: float
) -> dict[str, Any]:
    facts = side.crossed.facts
    zones = [{"id": z, "name": facts["zones"][z][1], "level": facts["zones"][z][2]} for z in crossing["zones"]]
    actors = {facts["areas"][a][5]: facts["areas"][a] for a in crossing["areas"]}
    return {
        "road": ways.name[road], "road_id": int(ways.id[road]), "road_class": int(ways.road_class[road]),
        "surface": int(ways.surface[road]), "status": ways.status[road],
        "status_recorded": ways.recorded[road].isoformat() if ways.status[road] != "unspecified" else None,
        "status_age_days": max(0, (day - ways.recorded[road]).days) if ways.status[road] != "unspecified" else None,
        "from_km": round(km, 3), "from_hours": round(hours, 4), "km": 0.0, "hours": 0.0, "lines": [],
        "risk_level": max((z["level"] for z in zones), default=0), "zones": zones,
        "hazards": [{"id": h, "name": facts["hazards"][h][1]} for h in crossing["hazards"]],
        "actors": [{"id": i, "name": row[1], "domain": row[2]} for i, row in sorted(actors.items())],
    }  # fmt: skip


def _geojson(line: Any) -> dict[str, Any]:
    return dict(shapely.geometry.mapping(shapely.set_precision(line, 1e-7, mode="pointwise")))


def _blocked(ways: Ways, side: _Side, spots: list[_Spot]) -> dict[str, Any]:
    """Where the way is blocked, and what would open it: the way with the fewest forbidden pieces of road."""
    opened = np.where(side.weighed.arcs >= FORBIDDEN, FORBIDDEN, side.weighed.arcs)
    for edge in side.reasons:
        hours = max(1, round(side.hours[edge] * 3600 / UNIT_S))
        opened[2 * edge : 2 * edge + 2] = min(hours + OPENING, FORBIDDEN - 1)
    found = _whole(ways, Weighed(ways.search, opened), spots)
    if found is None:
        islands = [int(ways.network.island[ways.network.tail[s.edge]]) for s in spots]
        return {
            "what": "No road that is recorded joins these places, whatever were open.",
            "would_open": [], "islands": islands,
        }  # fmt: skip
    stops: list[dict[str, Any]] = []
    for piece in found[1]:
        if piece.edge not in side.reasons:
            continue
        road = int(ways.network.road[piece.edge])
        stop: dict[str, Any] = {"reason": side.reasons[piece.edge], "road": ways.name[road]}
        stop["names"] = [side.crossed.facts[kind][i][1] for kind in _NAMED.get(stop["reason"], ())
                         for i in side.crossed.of(kind, piece.edge)]  # fmt: skip
        if not stops or {k: stops[-1][k] for k in stop} != stop:
            at = shapely.get_coordinates(ways.network.line[piece.edge])[0].tolist()
            stops.append(stop | {"at": at, "roads": []})
        stops[-1]["roads"].append(int(ways.id[road]))
    return {
        "what": f"Every way is blocked in {len(stops)} {'place' if len(stops) == 1 else 'places'} or more.",
        "would_open": stops,
    }


_NAMED = {"hazard area": ("hazards",), "risk zone": ("zones",), "actor's area": ("areas",)}
