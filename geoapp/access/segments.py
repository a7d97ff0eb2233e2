"""What does a way cross, piece by piece? It is cut where it enters or leaves a zone, a hazard or an actor's ground."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import shapely
from shapely.ops import substring

from geoapp.access.question import Piece, Question, Side
from geoapp.access.roads import Ways


def _parts(ways: Ways, side: Side, pieces: list[Piece]) -> Iterator[tuple[Piece, dict[str, tuple[int, ...]]]]:
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
                Piece(piece.edge, start, end),
                {kind: tuple(fact for k, fact in inside if k == kind) for kind in ("zones", "hazards", "areas")},
            )


def told(ways: Ways, side: Side, pieces: list[Piece], question: Question) -> dict[str, Any]:
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
    ways: Ways, side: Side, road: int, crossing: dict[str, tuple[int, ...]], day: date, km: float, hours: float
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
