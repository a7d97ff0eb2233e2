"""What is the state of an operation: how much is there, what is new, how old are its data, what is due?

One statement an operation, under the policies: a room reads counts of what it is shown, and nothing of the rest.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, text

from geoapp.audiences import HIGHEST, Room
from layers._sql import UNIT_ON

NEWS_DAYS = 7
"""How far back news go when no day is named."""
SOON_DAYS = 7
ENDING_DAYS = 14
"""Within how many days an overlap's due day, and a risk zone's last day, are told as near."""
LISTED = 12
"""How many lines of news, and of what is due of one kind, are told at most; what is left out is counted."""


@dataclass(frozen=True)
class Source:
    """One kind of data: its layer, the subject of its rights, its table, the day that tells how new a row is, and after how
    many days without a newer one it is told as late."""

    layer: str
    title: str
    one: str
    many: str
    subject: str
    table: str
    day: str
    every: int
    rows: str = "true"


_RECORDED = "least(s.recorded_at::date, (SELECT calc.today()))"
_BEGAN = "lower(s.valid)"
SOURCES = (
    Source("areas_of_operation", "Areas of operation", "area of operation", "areas of operation", "areas_of_operation",
           "area", _BEGAN, 7, "s.positioning <> 'presence'"),
    Source("presence", "Presence (3W)", "row of presence", "rows of presence", "presence", "area_part", _BEGAN, 31,
           "s.subject LIKE 'presence.%'"),
    Source("incidents", "Incidents", "incident", "incidents", "incident_counts", "incident", _BEGAN, 7),
    Source("risk_zones", "Risk zones", "risk zone", "risk zones", "risk_zones", "risk_zone", _BEGAN, 14),
    Source("road_reports", "Reports on roads", "report on a road", "reports on roads", "roads", "road_report",
           "s.observed_on", 7),
    Source("access_constraints", "Access constraints", "access constraint", "access constraints", "access_constraints",
           "access_constraint", "s.reported_on", 14),
    Source("hazards", "Explosive hazards", "hazard", "hazards", "hazards", "hazard_area",
           f"coalesce(s.reported_on, {_RECORDED})", 180),
    Source("arrangements", "Arrangements", "arrangement", "arrangements", "arrangements", "arrangement", _BEGAN, 31),
    Source("security_levels", "Security levels", "security level", "security levels", "security_levels", "security_area",
           _BEGAN, 90),
    Source("sites", "Sites", "site", "sites", "sites", "site", _RECORDED, 90),
    Source("roads", "Roads", "road", "roads", "roads", "road", _RECORDED, 365),
    Source("boundaries", "Boundaries", "boundary", "boundaries", "boundaries", "boundary", _RECORDED, 365),
)  # fmt: skip
TABLES = tuple(
    sorted(
        {source.table for source in SOURCES} | {"overlap", "overlap_pair", "actor", "ground", "footprint", "area_part"}
    )
)
"""The tables that an overview is made from."""

_TO_DO = """p.status NOT IN ('resolved', 'dismissed') AND EXISTS (
        SELECT FROM facts.overlap AS o WHERE o.operation_id = p.operation_id AND o.pair_id = p.id AND o.ground_id IS NOT NULL
            AND NOT coalesce(upper(o.period) <= (SELECT calc.today()), false))"""
"""Somebody has to look at it: the two share ground on some day to come, of what the room is shown."""
_CODE = "'OV-' || lpad(p.number::text, 4, '0')"


def _source(source: Source) -> str:
    """Newest day up to today and number of a source's rows. Of incidents the counts by month say the number: they are few,
    and hold what a room knows by its count alone."""
    counted = "count(*)"
    if source.table == "incident":
        counted = "(SELECT coalesce(sum(t.n), 0) FROM facts.incident_tally AS t)"
    return (
        f"SELECT '{source.layer}' AS name, {counted}::int AS n,"
        f" max({source.day}) FILTER (WHERE {source.day} BETWEEN DATE '1900-01-01' AND (SELECT calc.today())) AS newest"
        f" FROM facts.{source.table} AS s WHERE {source.rows}"
    )


def _news(source: Source) -> str:
    return (
        f"SELECT '{source.layer}' AS name, {_RECORDED} AS day,"
        f" (count(*) FILTER (WHERE s.version = 1))::int AS added, (count(*) FILTER (WHERE s.version > 1))::int AS changed"
        f" FROM facts.{source.table} AS s WHERE s.recorded_at >= :since AND {source.rows} GROUP BY 2"
    )


_NEW_OVERLAPS = """
    SELECT 'overlaps' AS name, least(s.at::date, (SELECT calc.today())) AS day, (count(*) FILTER (WHERE s.new))::int AS added,
        (count(*) FILTER (WHERE NOT s.new))::int AS changed
    FROM (
        SELECT greatest(max(o.recorded_at), max(p.recorded_at)) AS at,
            bool_and(o.version = 1 AND o.recorded_at >= :since) AND max(p.version) = 1 AS new
        FROM facts.overlap AS o
        JOIN facts.overlap_pair AS p ON p.operation_id = o.operation_id AND p.id = o.pair_id
        WHERE o.ground_id IS NOT NULL GROUP BY o.pair_id
    ) AS s WHERE s.at >= :since GROUP BY 2
"""
_DUE_OVERLAPS = f"""
    SELECT 'overlap' AS kind, p.id, p.due AS day, {_CODE} AS code, concat_ws(' and ', s.first, s.second) AS words,
        p.status AS state
    FROM calc.overlap_pair AS p
    CROSS JOIN LATERAL (
        SELECT min(a.name) AS first, max(a.name) AS second FROM facts.overlap AS o
        JOIN facts.actor AS a ON a.operation_id = o.operation_id AND a.id IN (o.actor_a, o.actor_b)
        WHERE o.operation_id = p.operation_id AND o.pair_id = p.id AND o.ground_id IS NOT NULL
    ) AS s
    WHERE p.joined_into IS NULL AND {_TO_DO} AND p.due <= (SELECT calc.today()) + {SOON_DAYS}
"""
_ENDING = f"""
    SELECT 'zone' AS kind, z.id, upper(z.valid) - 1 AS day, 'RZ-' || lpad(z.number::text, 4, '0') AS code, z.name AS words,
        z.status AS state
    FROM facts.risk_zone AS z
    WHERE z.status = 'published'
        AND upper(z.valid) - 1 BETWEEN (SELECT calc.today()) AND (SELECT calc.today()) + {ENDING_DAYS}
"""
_IN_REVIEW = """
    SELECT 'review' AS kind, z.id, z.recorded_at::date AS day, 'RZ-' || lpad(z.number::text, 4, '0') AS code,
        z.name AS words, z.status AS state
    FROM facts.risk_zone AS z WHERE z.status = 'in_review'
"""
_STALE = """
    SELECT count(*)::int AS n, min(p.observed_on) AS oldest
    FROM (
        SELECT DISTINCT ON (p.road_id) p.observed_on, p.stale_days FROM facts.road_report AS p
        WHERE p.valid @> (SELECT calc.today()) ORDER BY p.road_id, p.observed_on DESC, p.id DESC
    ) AS p WHERE p.observed_on + p.stale_days < (SELECT calc.today())
"""
_WITHIN = (
    "SELECT coalesce(jsonb_agg(to_jsonb(d) ORDER BY d.day, d.code), '[]') FROM (({0} ORDER BY 3, 2 LIMIT {1})) AS d"
)
_UNITS = f"""
    SELECT f.low AS geom FROM facts.boundary AS u
    JOIN facts.footprint AS f ON f.operation_id = u.operation_id AND f.id = u.footprint_id
    WHERE u.level = (
        SELECT l.level FROM (SELECT level, count(*) AS n FROM facts.boundary GROUP BY level) AS l
        ORDER BY (l.n BETWEEN 2 AND 60) DESC, l.level LIMIT 1)
        AND {UNIT_ON.format("u", "(SELECT calc.today())")}
    LIMIT 400
"""
_AREAS = """
    SELECT a.domain AS class, f.low AS geom FROM facts.area AS a
    JOIN facts.area_part AS p ON p.operation_id = a.operation_id AND p.area_id = a.id AND p.valid @> (SELECT calc.today())
    JOIN facts.footprint AS f ON f.operation_id = p.operation_id AND f.id = p.footprint_id
    WHERE a.positioning <> 'presence' ORDER BY f.km2 DESC LIMIT 80
"""
_ZONES = """
    SELECT z.level::text AS class, f.low AS geom FROM facts.risk_zone AS z
    JOIN facts.footprint AS f ON f.operation_id = z.operation_id AND f.id = z.footprint_id
    WHERE z.status = 'published' AND z.valid @> (SELECT calc.today()) ORDER BY z.level LIMIT 60
"""
WIDTH, HEIGHT = 320, 220
"""The small picture, in pixels: shapes as paths in it."""
_PATH = "ST_AsSVG(ST_Simplify(ST_SnapToGrid(ST_Affine(s.geom, b.k, 0, 0, b.k, b.x, b.y), 0.5), 0.7), 1, 1)"
_PICTURE = f"""
    WITH units AS MATERIALIZED ({_UNITS}), areas AS MATERIALIZED ({_AREAS}), zones AS MATERIALIZED ({_ZONES}), box AS (
        SELECT m.k, {WIDTH} / 2.0 - m.k * m.x AS x, -{HEIGHT} / 2.0 - m.k * m.y AS y
        FROM (
            SELECT least({WIDTH - 16} / greatest(ST_XMax(e.box) - ST_XMin(e.box), 1),
                    {HEIGHT - 16} / greatest(ST_YMax(e.box) - ST_YMin(e.box), 1)) AS k,
                (ST_XMin(e.box) + ST_XMax(e.box)) / 2 AS x, (ST_YMin(e.box) + ST_YMax(e.box)) / 2 AS y
            FROM (SELECT coalesce((SELECT ST_Extent(u.geom) FROM units AS u), (SELECT ST_Extent(a.geom) FROM areas AS a),
                (SELECT ST_Extent(z.geom) FROM zones AS z)) AS box) AS e
        ) AS m
    )
    SELECT coalesce(jsonb_agg(jsonb_build_array(d.layer, d.class, d.path)), '[]') FROM (
        SELECT 'boundaries' AS layer, NULL AS class, {_PATH} AS path FROM units AS s, box AS b
        UNION ALL SELECT 'areas_of_operation', s.class, {_PATH} FROM areas AS s, box AS b
        UNION ALL SELECT 'risk_zones', s.class, {_PATH} FROM zones AS s, box AS b
    ) AS d WHERE d.path <> ''
"""

_OVERVIEW = text(f"""
    SELECT jsonb_build_object(
        'handling', {HIGHEST},
        'changed_at', (SELECT max(b.landed_at) FROM facts.batch AS b),
        'open', (SELECT count(*) FROM facts.overlap_pair AS p WHERE {_TO_DO}),
        'unowned', (SELECT count(*) FROM calc.overlap_pair AS p WHERE {_TO_DO} AND p.owner IS NULL),
        'areas', (SELECT count(*) FROM facts.area AS a
            WHERE a.positioning <> 'presence' AND a.valid @> (SELECT calc.today())),
        'zones', (SELECT count(*) FROM facts.risk_zone AS z
            WHERE z.status = 'published' AND z.valid @> (SELECT calc.today())),
        'lately', (SELECT coalesce(sum(t.n), 0) FROM facts.incident_tally AS t
            WHERE t.month BETWEEN date_trunc('month', (SELECT calc.today())) - interval '2 months' AND (SELECT calc.today())),
        'sources', (SELECT jsonb_object_agg(s.name, jsonb_build_object('n', s.n, 'newest', s.newest))
            FROM ({" UNION ALL ".join(map(_source, SOURCES))}) AS s),
        'news', (SELECT coalesce(jsonb_agg(to_jsonb(n) ORDER BY n.day DESC, n.added + n.changed DESC, n.name), '[]')
            FROM ({" UNION ALL ".join((*map(_news, SOURCES), _NEW_OVERLAPS))}) AS n),
        'overlaps', ({_WITHIN.format(_DUE_OVERLAPS, LISTED)}),
        'ending', ({_WITHIN.format(_ENDING, LISTED)}),
        'review', ({_WITHIN.format(_IN_REVIEW, LISTED)}),
        'stale', (SELECT to_jsonb(s) FROM ({_STALE}) AS s),
        'picture', ({_PICTURE})
    )
""")


def overview(connection: Connection, room: Room, today: date, since: date | None = None) -> dict[str, Any]:
    """The state of the connection's operation as the room may know it, on its day `today`.

    `figures` of today (numbers, None where withheld), `held` (how many records of each kind, of all days), `sources` (newest day and age against how often newer ones should come),
    `news` since the day `since` (by default NEWS_DAYS before today), `due` by day, `picture` (paths of SVG in a picture of
    WIDTH × HEIGHT), `handling` (highest, None when the room is shown nothing), `empty` when nothing is recorded.
    """
    since = since or today - timedelta(days=NEWS_DAYS)
    found: dict[str, Any] = connection.execute(_OVERVIEW, {"since": since}).scalar_one()
    shown = {source.layer: room.precision(source.subject) != "withheld" for source in SOURCES}
    overlaps = room.precision("overlaps") != "withheld"
    sources = [_aged(source, found["sources"][source.layer], today, shown[source.layer]) for source in SOURCES]
    return {
        "handling": found["handling"],
        "changed_at": found["changed_at"],
        "since": since,
        "figures": {
            "overlaps": found["open"] if overlaps else None,
            "areas": found["areas"] if shown["areas_of_operation"] else None,
            "zones": found["zones"] if shown["risk_zones"] else None,
            "incidents": int(found["lately"]) if shown["incidents"] else None,
        },
        "held": [
            {"layer": source.layer, "n": each["n"], "words": source.one if each["n"] == 1 else source.many}
            for source, each in zip(SOURCES, sources, strict=True)
            if each["n"]
        ],
        "sources": sources,
        "newest": max((each["newest"] for each in sources if each["newest"] and each["dated"]), default=None),
        "late": sum(each["late"] for each in sources),
        "news": [_told(line, today) for line in found["news"]],
        "due": _due(found, room, today),
        "picture": {"width": WIDTH, "height": HEIGHT, "paths": found["picture"]},
        "empty": not any(each["n"] for each in sources),
        "boundaries": found["sources"]["boundaries"]["n"] > 0,
    }


def _aged(source: Source, found: dict[str, Any], today: date, shown: bool) -> dict[str, Any]:
    newest = date.fromisoformat(found["newest"]) if found["newest"] and shown else None
    age = (today - newest).days if newest else None
    return {
        "layer": source.layer, "title": source.title, "n": found["n"] if shown else 0, "shown": shown, "newest": newest,
        "age": age, "every": source.every, "late": age is not None and age > source.every,
        "share": min(1.0, age / source.every) if age is not None else 0.0, "dated": source.day != _RECORDED,
    }  # fmt: skip


_WORDS = {source.layer: (source.one, source.many) for source in SOURCES} | {"overlaps": ("overlap", "overlaps")}


def _told(line: dict[str, Any], today: date) -> dict[str, Any]:
    """A line of news: the day, and what came and was changed on it, in words."""
    one, many = _WORDS[line["name"]]
    parts = [
        f"{n:,} {one if n == 1 else many} {what}"
        for n, what in ((line["added"], "new"), (line["changed"], "changed")) if n
    ]  # fmt: skip
    day = date.fromisoformat(line["day"])
    return {"layer": line["name"], "day": day, "today": day == today, "words": ", ".join(parts)}


_CALM = {"over": False, "today": False}


def _due(found: dict[str, Any], room: Room, today: date) -> list[dict[str, Any]]:
    """What somebody has to look at, by day; what has no day comes last."""
    lines = [
        each | {"day": date.fromisoformat(each["day"])} for each in (*found["overlaps"], *found["ending"], *found["review"])
    ]  # fmt: skip
    for each in lines:
        each |= {"over": each["kind"] == "overlap" and each["day"] < today, "today": each["day"] == today}
    lines.sort(key=lambda each: (each["day"], each["code"]))
    if found["stale"]["n"]:
        lines.append(
            {"kind": "stale", "n": found["stale"]["n"], "day": date.fromisoformat(found["stale"]["oldest"])} | _CALM
        )
    if found["unowned"] and "owner" not in room.hidden("overlaps"):
        lines.append({"kind": "unowned", "n": found["unowned"], "day": None} | _CALM)
    return lines
