"""What does a way cross, piece by piece, at the moment somebody passes? It is cut where it enters or leaves something that
is recorded there, and where night or another day begins."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import shapely
from shapely.ops import substring

from geoapp.access.crossed import KINDS
from geoapp.access.passage import Span, day_of, hours_of, moment_of, spans
from geoapp.access.road_network import RoadNetwork
from geoapp.access.route_request import Piece, RouteRequest, RuledNetwork

Inside = dict[str, tuple[int, ...]]
"""The ids of each kind of fact that a piece lies in, whenever they hold."""


def _parts(roads: RoadNetwork, ruled: RuledNetwork, pieces: list[Piece]) -> Iterator[tuple[Piece, Inside]]:
    """The pieces cut where they enter or leave what is recorded there, each with what its middle lies in."""
    for piece in pieces:
        line = roads.network.line[piece.edge]
        facts = [(kind, fact) for kind in KINDS for fact in ruled.crossed.of(kind, piece.edge)]
        cuts = {piece.start, piece.end}
        for shape in {id(s): s for s in (ruled.crossed.shape(*f) for f in facts)}.values():
            if not shapely.covers(shape, line):
                meets = shapely.get_coordinates(shapely.intersection(line, shapely.boundary(shape)))
                cuts |= set(shapely.line_locate_point(line, shapely.points(meets), normalized=True).tolist())
        low, high = sorted((piece.start, piece.end))
        stops = sorted((c for c in cuts if low <= c <= high), reverse=piece.start > piece.end)
        for start, end in pairwise(stops):
            if abs(end - start) < 1e-9:
                continue
            inside: dict[str, list[int]] = {kind: [] for kind in KINDS}
            if facts:
                middle = shapely.line_interpolate_point(line, (start + end) / 2, normalized=True)
                for kind, fact in facts:
                    if shapely.intersects(ruled.crossed.shape(kind, fact), middle):
                        inside[kind].append(fact)
            yield Piece(piece.edge, start, end), {kind: tuple(ids) for kind, ids in inside.items()}


def segments_of(roads: RoadNetwork, ruled: RuledNetwork, pieces: list[Piece], request: RouteRequest) -> dict[str, Any]:
    """A route segment by segment, with its sums, its stops for the night, and whom it concerns.

    `hours` is on the road; `elapsed_hours` counts the nights that are not travelled as well. A stop for the
    night is where the night begins: which place near there is fit for it is for people to say.
    """
    segments: list[dict[str, Any]] = []
    stops: list[dict[str, Any]] = []
    begun = clock = hours_of(request.departure)
    km = hours = 0.0
    last: Any = None
    for piece, inside in _parts(roads, ruled, pieces):
        line, road = roads.network.line[piece.edge], int(roads.network.road[piece.edge])
        part = abs(piece.end - piece.start)
        length, time = float(roads.network.length_km[piece.edge]) * part, float(ruled.hours[piece.edge]) * part
        lon = float(roads.network.lon[roads.network.tail[piece.edge]])
        for span in spans(clock, time, lon, request.night):
            clock = span.ends
            if span.stands:
                stops.append(_stop(ruled, line, piece, inside, span, km))
                last = None
                continue
            day, share = day_of(span.begins), span.end - span.start
            held = {kind: tuple(i for i in ids if ruled.crossed.facts[kind][i].holds(day, dark=span.dark))
                    for kind, ids in inside.items()}  # fmt: skip
            status = ruled.reports.status(roads, road, day)
            actors = tuple(sorted({ruled.crossed.facts["areas"][i].about["actor"] for i in held["areas"]}))
            same = (
                roads.name[road], int(roads.road_class[road]), status["status"], status["status_recorded"], status["stale"],
                span.dark, actors, *(held[kind] for kind in KINDS if kind != "areas"),
            )  # fmt: skip
            if same != last:
                segments.append(_segment(roads, ruled, road, held, status, span, km, hours))
                last = same
            here = segments[-1]
            begin, end = (piece.start + (piece.end - piece.start) * at for at in (span.start, span.end))
            here["lines"].append(_between(line, begin, end))
            here["km"] += length * share
            here["hours"] += time * share
            here["leaves"] = span.ends
            km, hours = km + length * share, hours + time * share
    sums = _sums(segments)
    features = []
    for number, segment in enumerate(segments, 1):
        lines = segment.pop("lines")
        segment["number"], segment["km"], segment["hours"] = number, round(segment["km"], 3), round(segment["hours"], 4)
        segment["leaves"] = moment_of(segment["leaves"]).isoformat()
        joined = shapely.line_merge(shapely.multilinestrings(lines)) if len(lines) > 1 else lines[0]
        features.append({"type": "Feature", "id": number, "geometry": _geojson(joined), "properties": segment})
    return {
        "type": "FeatureCollection", "features": features, "km": round(km, 2), "hours": round(hours, 3),
        "elapsed_hours": round(clock - begun, 3), "leaves": moment_of(begun).isoformat(),
        "arrives": moment_of(clock).isoformat(), "stops": stops, **sums,
    }  # fmt: skip


def _between(line: Any, begin: float, end: float) -> Any:
    """A part of a line in the direction of travel; most edges are travelled whole, and need not be cut."""
    if {begin, end} == {0.0, 1.0}:
        return line if begin == 0 else shapely.reverse(line)
    return substring(line, begin, end, normalized=True)


def _facts(ruled: RuledNetwork, kind: str, ids: tuple[int, ...]) -> list[dict[str, Any]]:
    return [ruled.crossed.facts[kind][i].as_dict() for i in ids]


def _actors(ruled: RuledNetwork, areas: tuple[int, ...]) -> list[dict[str, Any]]:
    facts = [ruled.crossed.facts["areas"][i] for i in areas]
    found = {f.about["actor"]: {"id": f.about["actor"], "name": f.name, "domain": f.about["domain"]} for f in facts}
    return [found[i] for i in sorted(found)]


def _segment(
    roads: RoadNetwork,
    ruled: RuledNetwork,
    road: int,
    held: Inside,
    status: dict[str, Any],
    span: Span,
    km: float,
    hours: float,
) -> dict[str, Any]:
    zones = _facts(ruled, "zones", held["zones"])
    return {
        "road": roads.name[road], "road_id": int(roads.id[road]), "road_class": int(roads.road_class[road]),
        "surface": int(roads.surface[road]), **status, "practicability": int(ruled.limit[road]),
        "from_km": round(km, 3), "from_hours": round(hours, 4), "km": 0.0, "hours": 0.0, "lines": [],
        "arrives": moment_of(span.begins).isoformat(), "leaves": span.ends, "night": span.dark,
        "risk_level": max((z["level"] for z in zones), default=0), "zones": zones,
        **{kind: _facts(ruled, kind, held[kind]) for kind in ("hazards", "constraints", "arrangements", "checkpoints")},
        "actors": _actors(ruled, held["areas"]),
    }  # fmt: skip


def _stop(ruled: RuledNetwork, line: Any, piece: Piece, inside: Inside, span: Span, km: float) -> dict[str, Any]:
    """A night on the way: where, from when to when, and what lies there in any of its hours."""
    at = shapely.line_interpolate_point(line, piece.start + (piece.end - piece.start) * span.start, normalized=True)
    days = {day_of(span.begins), day_of(span.ends)}
    held = {kind: tuple(i for i in ids if any(ruled.crossed.facts[kind][i].holds(day, dark=True) for day in days))
            for kind, ids in inside.items()}  # fmt: skip
    return {
        "at": [round(at.x, 6), round(at.y, 6)], "km": round(km, 2), "from": moment_of(span.begins).isoformat(),
        "until": moment_of(span.ends).isoformat(), "hours": round(span.ends - span.begins, 2),
        **{kind: _facts(ruled, kind, held[kind]) for kind in ("zones", "hazards", "constraints")},
        "actors": _actors(ruled, held["areas"]),
    }  # fmt: skip


def _sums(segments: list[dict[str, Any]]) -> dict[str, Any]:
    """What the whole way adds up to."""

    def km(wanted: Callable[[dict[str, Any]], Any]) -> float:
        return float(round(sum(s["km"] for s in segments if wanted(s)), 2))

    by_level: dict[int, float] = defaultdict(float)
    for segment in segments:
        if segment["risk_level"]:
            by_level[segment["risk_level"]] += segment["km"]
    everyone = sorted({a["id"]: a for s in segments for a in s["actors"]}.values(), key=lambda a: str(a["name"]))
    armed = [a for a in everyone if a["domain"] != "civil"]
    return {
        "highest_risk": max(by_level, default=0),
        "km_by_risk": {level: round(length, 2) for level, length in sorted(by_level.items(), reverse=True)},
        "km_in_zones": km(lambda s: s["zones"]), "km_in_hazards": km(lambda s: s["hazards"]),
        "km_restricted": km(lambda s: s["status"] == "restricted"),
        "km_without_report": km(lambda s: s["status"] == "unspecified"), "km_stale": km(lambda s: s["stale"]),
        "km_on_armed_ground": km(lambda s: any(a["domain"] != "civil" for a in s["actors"])),
        "night_km": km(lambda s: s["night"]), "notify": armed, "actors": everyone,
        **{kind: list({f["id"]: f for s in segments for f in s[kind]}.values())
           for kind in ("zones", "hazards", "constraints", "arrangements", "checkpoints")},
    }  # fmt: skip


def _geojson(line: Any) -> dict[str, Any]:
    return dict(shapely.geometry.mapping(shapely.set_precision(line, 1e-7, mode="pointwise")))
