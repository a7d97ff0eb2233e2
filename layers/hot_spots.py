"""Where and when did incidents gather, and is it going on?"""

from layers._base import Field, Layer, Rule, Style, Symbol
from layers._palette import INK
from layers._sql import DAY, ONCE, PLACED, UNIT_OF_CODE

KM = 10
"""How near incidents lie to each other in a hot spot, at most."""
MOST_KM = 3 * KM
"""How far one reaches from end to end, at most: a chain of incidents across a country is no one place."""
LEAST = 5
"""How many incidents make one."""
DAYS = 14
"""How many days pass between one incident of it and the next, at most; and the days that are compared with those before."""
MARGIN_KM = 2
"""How far the drawn ground reaches beyond the outermost incidents."""
WINDOW_DAYS = 90
"""How long before today the days begin when none were asked for."""
DEGREE_KM = 111.195
"""A degree of latitude. A degree of longitude is that times the cosine of the middle latitude of the incidents: in this
plane distances north to south are true, and those from east to west are true at that latitude."""

WORDS = f"At least {LEAST} incidents within {KM} km of each other, no more than {DAYS} days apart; what reaches farther than {MOST_KM} km is parted"
"""What a hot spot is, in words."""


def _course(width: float, dash: tuple[float, ...], tint: float) -> Symbol:
    return Symbol(fill=INK, fill_opacity=tint, stroke=INK, width=width, dash=dash, casing=True)


LAYER = Layer(
    name="hot_spots",
    title="Hot spots",
    question="Where and when did incidents gather, and is it going on?",
    group="Security",
    shape="polygon",
    subject="incidents",
    happens=True,
    reads=("incident", "boundary"),
    printed=(
        ("Mostly in", "district"),
        ("Days", "first_day", "last_day"),
        ("Incidents", "n"),
        ("Deaths reported", "fatalities"),
        ("Mostly", "event_type"),
        ("Course", "course"),
        ("Lately, before", "recent", "before"),
    ),
    geometry="h.geom",
    whole=True,
    on=False,
    sql=f"""
        WITH span AS MATERIALIZED (
            SELECT coalesce(lower(a.p), CASE WHEN a.p IS NULL THEN a.today - {WINDOW_DAYS} ELSE DATE '-infinity' END) AS first,
                coalesce(upper(a.p), a.today + 1) AS stop
            FROM (SELECT CAST(:period AS daterange) AS p, (SELECT calc.today()) AS today) AS a
        ), seen AS MATERIALIZED (
            SELECT i.id, i.event_type, i.fatalities, i.pcode, lower(i.valid) AS day, i.geom AS place
            FROM facts.incident AS i
            WHERE lower(i.valid) >= (SELECT s.first FROM span AS s) AND lower(i.valid) < (SELECT s.stop FROM span AS s)
                AND {PLACED.format("i")} AND i.time_precision IN ('day', 'week')
                AND {ONCE}
        ), scale AS MATERIALIZED (
            SELECT {DEGREE_KM} * cos(radians((min(ST_Y(s.place)) + max(ST_Y(s.place))) / 2)) AS x,
                CAST({DEGREE_KM} AS float8) AS y
            FROM seen AS s
        ), near AS (
            SELECT p.place, p.first, ST_ClusterDBSCAN(ST_Scale(ST_SetSRID(p.place, 0), c.x, c.y), {KM}, {LEAST})
                OVER (ORDER BY p.first, e.nth) AS spot
            FROM (
                SELECT s.place, min(s.id) AS first, least(count(*), {LEAST})::int AS n FROM seen AS s GROUP BY s.place
            ) AS p
            JOIN generate_series(1, {LEAST}) AS e (nth) ON e.nth <= p.n
            CROSS JOIN scale AS c
        ), parted AS (
            SELECT m.place, m.spot, ST_ClusterKMeans(ST_Scale(ST_SetSRID(m.place, 0), c.x, c.y), 1, {MOST_KM / 2})
                OVER (PARTITION BY m.spot ORDER BY m.first) AS part
            FROM (
                SELECT e.place, min(e.spot) AS spot, min(e.first) AS first FROM near AS e WHERE e.spot IS NOT NULL
                GROUP BY e.place
            ) AS m
            CROSS JOIN scale AS c
        ), begun AS (
            SELECT s.*, n.spot, n.part,
                s.day - lag(s.day) OVER (PARTITION BY n.spot, n.part ORDER BY s.day, s.id) > {DAYS} AS anew
            FROM seen AS s JOIN parted AS n ON n.place = s.place
        ), cut AS (
            SELECT b.*, count(*) FILTER (WHERE b.anew) OVER (PARTITION BY b.spot, b.part ORDER BY b.day, b.id) AS piece
            FROM begun AS b
        ), hot AS (
            SELECT min(c.id) AS id, count(*)::int AS n, min(c.day) AS first_day, max(c.day) AS last_day,
                coalesce(sum(c.fatalities), 0)::int AS fatalities,
                mode() WITHIN GROUP (ORDER BY c.event_type) AS event_type,
                mode() WITHIN GROUP (ORDER BY c.pcode) AS pcode, count(DISTINCT c.pcode)::int AS districts,
                count(*) FILTER (WHERE c.day >= s.stop - {DAYS})::int AS recent,
                count(*) FILTER (WHERE c.day >= s.stop - 2 * {DAYS} AND c.day < s.stop - {DAYS})::int AS before,
                ST_ConvexHull(ST_Collect(c.place)) AS hull
            FROM cut AS c CROSS JOIN span AS s GROUP BY c.spot, c.part, c.piece, s.stop HAVING count(*) >= {LEAST}
        ), h AS (
            SELECT t.*, ST_SetSRID(ST_Scale(
                ST_Buffer(ST_Scale(ST_SetSRID(t.hull, 0), c.x, c.y), {MARGIN_KM}, 4), 1 / c.x, 1 / c.y), 4326) AS geom
            FROM hot AS t CROSS JOIN scale AS c
            WHERE ST_Expand(t.hull, {MARGIN_KM} / c.x, {MARGIN_KM} / c.y) && :box
        )
        SELECT h.id, (
                SELECT b.name FROM facts.boundary AS b WHERE b.pcode = h.pcode AND {UNIT_OF_CODE.format("b", DAY)}
            ) AS district, h.districts, h.n, h.first_day, h.last_day, h.fatalities, h.event_type, h.recent, h.before,
            CASE WHEN h.recent > h.before THEN 'rising' WHEN h.recent < h.before THEN 'falling'
                WHEN h.recent > 0 THEN 'steady' ELSE 'past' END AS course,
            {KM} AS within_km, {LEAST} AS least, {DAYS} AS gap_days, {{geom}} AS geom
        FROM h
        """,
    fields=(
        Field("district", "Mostly in", hxl="#adm2+name"),
        Field("districts", "Districts", "integer", popup=False, hxl="#meta+count+districts"),
        Field("n", "Incidents", "integer", hxl="#meta+count"),
        Field("first_day", "First", "date", hxl="#date+start"),
        Field("last_day", "Last", "date", hxl="#date+end"),
        Field("fatalities", "Reported deaths", "integer", hxl="#affected+killed"),
        Field("event_type", "Most often reported as", hxl="#event+type"),
        Field("recent", f"In the last {DAYS} days", "integer", hxl="#meta+count+recent"),
        Field("before", f"In the {DAYS} days before", "integer", hxl="#meta+count+before"),
        Field("course", "Course", code="courses", hxl="#status+course"),
        Field("within_km", "Incidents lie within", "integer", "km", hxl="#meta+distance"),
        Field("least", "At least", "integer", "incidents", hxl="#meta+least"),
        Field("gap_days", "No more apart than", "integer", "days", hxl="#meta+gap"),
    ),
    style=Style(
        by="course",
        label="n",
        note=f"{WORDS}; of those known to the settlement and dated to the week or better.",
        rules=(
            Rule("rising", f"More in the last {DAYS} days than before", _course(2.4, (), 0.26)),
            Rule("steady", "As many", _course(1.8, (10, 3), 0.17)),
            Rule("falling", "Fewer", _course(1.6, (4, 3), 0.1)),
            Rule("past", f"None in the last {2 * DAYS} days", _course(1.2, (1, 4), 0.04)),
        ),
    ),
    warning="Absence of data is not absence of risk.",
)
