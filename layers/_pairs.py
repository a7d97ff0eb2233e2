"""One row for two actors that share ground: what both lists of overlaps say of the pieces that a room is shown."""

from layers._sql import PERIOD

NOTES = """
                FROM facts.overlap_note AS n
                JOIN facts.overlap_pair AS j ON j.operation_id = n.operation_id AND j.id = n.pair_id
                WHERE n.operation_id = p.operation_id AND (j.id = p.id OR j.joined_into = p.id) AND n.withdrawn_at IS NULL"""
"""What is noted on an overlap, or on one that was joined into it, and was not withdrawn."""
NEWEST = "ORDER BY n.written_at DESC, n.id DESC LIMIT 1"
NOTED = f"""
            (SELECT n.words{NOTES} {NEWEST}) AS note,
            (SELECT (n.written_at AT TIME ZONE 'UTC')::date{NOTES} {NEWEST}) AS noted_on,
            (SELECT count(*)::int{NOTES}) AS note_count"""
CODE = "'OV-' || lpad(p.number::text, 4, '0') AS code"
ALSO = """(
            SELECT string_agg('OV-' || lpad(j.number::text, 4, '0'), ', ' ORDER BY j.number) FROM facts.overlap_pair AS j
            WHERE j.operation_id = p.operation_id AND j.joined_into = p.id) AS also"""
"""The numbers of those that were joined into it."""
INCIDENTS = "calc.for_audience(o.incidents, 'incidents')"
RISK = "calc.highest_for_audience(o.risk, 'risk_zones')"
"""What lies inside a piece `o`, of what the room is told."""
FIRST_KNOWN = """(
            SELECT min(CASE WHEN o.version = 1 THEN o.recorded_at ELSE coalesce((
                SELECT min(lower(h.recorded)) FROM facts.history AS h
                WHERE h.operation_id = o.operation_id AND h.subject = 'overlap' AND h.row_id = o.id), o.recorded_at) END)::date
            FROM facts.overlap AS o WHERE o.operation_id = (SELECT calc.operation()) AND o.pair_id = t.id)"""
"""The day on which the first of its pieces was first computed: its earlier versions say when the first of them was recorded."""

_KNOWN = """CASE WHEN cardinality(s.grounds) = 1 THEN s.grounds[1] ELSE (
            SELECT u.id FROM facts.ground AS u WHERE u.operation_id = s.operation_id AND u.members = s.grounds) END"""
"""The ground of all of these pieces, where it is kept: of a pair's present ones up to each handling it is."""
_UNION = "(SELECT ST_Multi(ST_Union(m.{0} ORDER BY m.id)) FROM facts.ground AS m WHERE m.id = ANY (s.grounds))"
_SIZE = "(SELECT ST_Area(ST_Union(m.geom ORDER BY m.id)::geography) / 1e6 FROM facts.ground AS m WHERE m.id = ANY (s.grounds))"


def pieces(ground: str, told: str, where: str = "true") -> str:
    """A FROM clause: `s`, the pieces of each pair together, of which one is near the box, with what is `told` of them; its row of
    the register `p`; `g`, their ground as one. `ground` is SQL for a piece's ground."""
    there = f"{ground} IS NOT NULL AND {where} AND {PERIOD.format('o.period')}"
    shapes = ", ".join(
        f"CASE WHEN k.id IS NULL THEN {_UNION.format(name)} ELSE k.{name} END AS {name}"
        for name in ("geom", "low", "mid")
    )
    return f"""
        FROM (
            SELECT o.operation_id, o.pair_id, array_agg(DISTINCT {ground} ORDER BY {ground}) AS grounds, {told}
            FROM facts.overlap AS o
            LEFT JOIN facts.area AS a ON a.operation_id = o.operation_id AND a.id = o.area_a
            LEFT JOIN facts.area AS b ON b.operation_id = o.operation_id AND b.id = o.area_b
            WHERE {there} AND o.pair_id IN (
                SELECT o.pair_id FROM facts.ground AS n
                JOIN facts.overlap AS o ON o.operation_id = n.operation_id AND {ground} = n.id
                WHERE n.geom && :box AND {there}
            )
            GROUP BY o.operation_id, o.pair_id
        ) AS s
        JOIN calc.overlap_pair AS p ON p.operation_id = s.operation_id AND p.id = s.pair_id
        LEFT JOIN facts.ground AS k ON k.operation_id = s.operation_id AND k.id = {_KNOWN}
        CROSS JOIN LATERAL (
            SELECT {shapes}, CASE WHEN k.id IS NULL THEN {_SIZE} ELSE k.km2 END AS km2,
                CASE WHEN k.id IS NULL THEN ST_PointOnSurface({_UNION.format("geom")}) ELSE k.label END AS label
        ) AS g
        LEFT JOIN facts.actor AS ca ON ca.operation_id = s.operation_id AND ca.id = s.first
        LEFT JOIN facts.actor AS cb ON cb.operation_id = s.operation_id AND cb.id = s.second"""


def sides(a: str, b: str) -> str:
    """What is told of the two actors of a piece `o`, whose ids are `a` and `b`: the one with the lower id is the first."""
    turned = f"{a} > {b}"
    return f"""min(least({a}, {b})) AS first, min(greatest({a}, {b})) AS second,
                min(CASE WHEN {turned} THEN o.domain_b ELSE o.domain_a END) AS domain_a,
                min(CASE WHEN {turned} THEN o.domain_a ELSE o.domain_b END) AS domain_b, min(o.relation) AS relation,
                max(CASE WHEN {turned} THEN o.share_b ELSE o.share_a END) AS share_a,
                max(CASE WHEN {turned} THEN o.share_a ELSE o.share_b END) AS share_b,
                CASE WHEN NOT bool_or(lower_inf(o.period)) THEN min(lower(o.period)) END AS starts,
                CASE WHEN NOT bool_or(upper_inf(o.period)) THEN max(upper(o.period)) END AS ends,
                range_agg(o.together) AS together, count(*)::int AS places, max(o.handling) AS handling,
                max(o.recorded_at) AS recorded_at"""


DAYS = """CASE WHEN NOT (lower_inf(s.together) OR upper_inf(s.together)) THEN (
                SELECT sum(upper(d.span) - lower(d.span))::int FROM unnest(s.together) AS d (span)) END"""
"""Days on which the two are at one of these places together; NULL when they have no end."""
