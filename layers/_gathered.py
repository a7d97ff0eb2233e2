"""Which incidents gather, by distance and by days: what hot spots are made of, and what a list of one is narrowed by."""

from layers._sql import ONCE, PLACED

KM = 10
"""How near incidents lie to each other in a hot spot, at most."""
MOST_KM = 3 * KM
"""How far one reaches from end to end, at most: a chain of incidents across a country is no one place."""
LEAST = 5
"""How many incidents make one."""
DAYS = 14
"""How many days pass between one incident of it and the next, at most; and the days that are compared with those before."""
WINDOW_DAYS = 90
"""How long before today the days begin when none were asked for."""
DEGREE_KM = 111.195
"""A degree of latitude. A degree of longitude is that times the cosine of the middle latitude of the incidents: in this
plane distances north to south are true, and those from east to west are true at that latitude."""


_GATHERED = f"""
        WITH span AS MATERIALIZED (
            SELECT coalesce(lower(a.p), CASE WHEN a.p IS NULL THEN a.today - {WINDOW_DAYS} ELSE DATE '-infinity' END) AS first,
                coalesce(upper(a.p), a.today + 1) AS stop
            FROM (SELECT {{period}} AS p, (SELECT calc.today()) AS today) AS a
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
        ), sized AS (
            SELECT c.*, count(*) OVER (PARTITION BY c.spot, c.part, c.piece) AS size FROM cut AS c
        )
"""
"""`{period}` is a daterange."""

GATHERED = _GATHERED.format(period="CAST(:period AS daterange)")
"""CTEs: `span`, the days of a period; `scale`, kilometres a degree; `sized`, every incident that gathers, with the cluster
(`spot`), the part of it and the piece of its days that it is in, and how many this piece has."""

SCATTERED = f"""
        SELECT count(*)::int AS places, coalesce(sum(g.n), 0)::int AS incidents
        FROM (SELECT count(*) AS n, max(c.size) AS size FROM sized AS c GROUP BY c.spot) AS g WHERE g.size < {LEAST}
"""
"""SELECT among these: at how many places incidents gather and form no hot spot, and how many they are."""

SPOT = f"""t.id IN ({_GATHERED.format(period="CAST('[' || replace(split_part(:spot, ':', 2), '/', ',') || ']' AS daterange)")}
    SELECT c.id FROM sized AS c JOIN sized AS o ON (o.spot, o.part, o.piece) = (c.spot, c.part, c.piece)
    WHERE c.size >= {LEAST} AND o.id = CAST(split_part(:spot, ':', 1) AS bigint))"""
"""The incidents of a hot spot, `id:first day/last day` in `:spot`: its number and the days in which it was looked for."""
