"""Where do areas of different actors share ground and days? Kept up with every import and edit, identity included."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

import orjson
from sqlalchemy import Connection, text

from geoapp.db import by_index
from geoapp.model import DOMAINS
from geoapp.overlay.counts import INSIDE
from geoapp.overlay.ground import Pair, Progress, array, grounds, unions
from geoapp.overlay.measure import measure
from geoapp.overlay.pairs import settle

_EPOCH = date(1970, 1, 1).toordinal()
SHORT = {"non_state_armed": "nsag", "private_security": "psc"}
OPEN = 10_000_000
"""A day number beyond every calendar: a period without a beginning or an end."""

COUNT_AT_ONCE = 500
"""New overlaps whose inside is counted in the same transaction; the counts of a bulk load are queued instead."""

FEW = 20
"""Areas whose overlaps are brought up to date by plans made once."""

MANY = 1_000
"""Rows written by one transaction that the planner must know of."""

_NEAR = text("""
    SELECT d.id, g.id
    FROM unnest(CAST(:footprints AS bigint[])) AS d (id)
    JOIN facts.footprint AS f ON f.operation_id = :operation AND f.id = d.id
    JOIN facts.footprint AS g ON g.operation_id = :operation AND g.geom && f.geom
""")
_PARTS = text("""
    SELECT p.area_id, p.footprint_id, a.actor_id, a.positioning = 'presence', c.lineage,
        coalesce(lower(p.valid) - DATE '1970-01-01', -:open), coalesce(upper(p.valid) - DATE '1970-01-01', :open)
    FROM facts.area_part AS p
    JOIN facts.area AS a ON a.operation_id = p.operation_id AND a.id = p.area_id
    JOIN facts.actor AS c ON c.operation_id = a.operation_id AND c.id = a.actor_id
    WHERE p.operation_id = :operation AND p.area_id = ANY (:ids)
""")
_PARTS_ON = text(_PARTS.text.replace("p.area_id = ANY", "p.footprint_id = ANY"))
_UPSERT = text(f"""
    WITH incoming AS (
        SELECT w.*, inside.incidents, inside.risk
        FROM (
            SELECT u.a, u.b, a.actor_id AS actor_a, b.actor_id AS actor_b, u.ground_id, CAST(:relations AS jsonb) ->> (a.domain || ' ' || b.domain) AS relation,
                a.domain AS domain_a, b.domain AS domain_b, ARRAY[a.subject, b.subject] AS subjects,
                daterange(DATE '1970-01-01' + u.starts, DATE '1970-01-01' + u.ends) AS period, u.together::datemultirange AS together,
                u.days, g.km2, least(1, g.km2 / a.km2) AS share_a, least(1, g.km2 / b.km2) AS share_b,
                greatest(a.handling, b.handling) AS handling
            FROM unnest(CAST(:a AS bigint[]), CAST(:b AS bigint[]), CAST(:ground AS bigint[]), CAST(:starts AS int[]),
                CAST(:ends AS int[]), CAST(:days AS int[]), CAST(:together AS text[])) AS u (a, b, ground_id, starts, ends, days, together)
            JOIN facts.area AS a ON a.operation_id = :operation AND a.id = u.a
            JOIN facts.area AS b ON b.operation_id = :operation AND b.id = u.b
            JOIN facts.ground AS g ON g.operation_id = :operation AND g.id = u.ground_id
        ) AS w
        LEFT JOIN LATERAL ({INSIDE} AND :count) AS inside ON true
    )
    INSERT INTO facts.overlap AS o (operation_id, handling, area_a, area_b, actor_a, actor_b, ground_id, relation, domain_a, domain_b,
        subjects, period, together, days, km2, share_a, share_b, incidents, risk, recorded_by)
    SELECT :operation, i.handling, i.a, i.b, i.actor_a, i.actor_b, i.ground_id, i.relation, i.domain_a, i.domain_b, i.subjects,
        i.period, i.together, i.days, i.km2, i.share_a, i.share_b, i.incidents, i.risk, calc.member()
    FROM incoming AS i
    ORDER BY i.km2 DESC, i.a, i.b
    ON CONFLICT (operation_id, area_a, area_b) DO UPDATE SET
        handling = excluded.handling, actor_a = excluded.actor_a, actor_b = excluded.actor_b,
        ground_id = excluded.ground_id, relation = excluded.relation,
        domain_a = excluded.domain_a, domain_b = excluded.domain_b, subjects = excluded.subjects,
        period = excluded.period, together = excluded.together, days = excluded.days, km2 = excluded.km2,
        share_a = excluded.share_a, share_b = excluded.share_b, incidents = excluded.incidents, risk = excluded.risk,
        ended = NULL, ended_on = NULL, last_ground = NULL,
        reopened_on = CASE WHEN o.ended IS NULL THEN o.reopened_on ELSE (SELECT calc.today()) END
    WHERE (o.handling, o.actor_a, o.actor_b, o.ground_id, o.relation, o.domain_a, o.domain_b, o.subjects, o.together, o.km2, o.share_a,
        o.share_b) IS DISTINCT FROM (excluded.handling, excluded.actor_a, excluded.actor_b, excluded.ground_id, excluded.relation, excluded.domain_a,
        excluded.domain_b, excluded.subjects, excluded.together, excluded.km2, excluded.share_a, excluded.share_b)
    RETURNING o.id
""")
_STANDING = text("""
    SELECT o.id, o.area_a, o.area_b FROM facts.overlap AS o
    WHERE o.operation_id = :operation AND o.ground_id IS NOT NULL
        AND (o.area_a = ANY (:areas) OR o.area_b = ANY (:areas))
""")
"""The pieces of some areas as they are now."""

_DELETE = text("""
    DELETE FROM facts.overlap AS o WHERE o.operation_id = :operation AND o.id = ANY (ARRAY(SELECT calc.unwritten(:ids)))
""")
_END = text("""
    UPDATE facts.overlap AS o SET ended = w.why, ended_on = (SELECT calc.today()), last_ground = o.ground_id,
        ground_id = NULL, km2 = 0, share_a = 0, share_b = 0, incidents = NULL, risk = NULL
    FROM (
        SELECT o.id, CASE
            WHEN a.actor_id = b.actor_id OR a.actor_id = ANY (d.lineage) OR b.actor_id = ANY (c.lineage) THEN 'actors'
            WHEN NOT EXISTS (
                SELECT FROM facts.area_part AS p
                JOIN facts.area_part AS q ON q.operation_id = p.operation_id AND q.area_id = b.id AND q.valid && p.valid
                WHERE p.operation_id = a.operation_id AND p.area_id = a.id
            ) THEN 'days' ELSE 'ground' END AS why
        FROM facts.overlap AS o
        JOIN facts.area AS a ON a.operation_id = o.operation_id AND a.id = o.area_a
        JOIN facts.area AS b ON b.operation_id = o.operation_id AND b.id = o.area_b
        JOIN facts.actor AS c ON c.operation_id = a.operation_id AND c.id = a.actor_id
        JOIN facts.actor AS d ON d.operation_id = b.operation_id AND d.id = b.actor_id
        WHERE o.operation_id = :operation AND o.id = ANY (:ids)
    ) AS w
    WHERE o.operation_id = :operation AND o.id = w.id
""")
"""Ends pieces whose areas are there: one actor's now or one's above the other, else without a common day, else ground."""


def relation(domain_a: str, domain_b: str) -> str:
    """The pair's relation, such as `civil_military`; the same whichever comes first."""
    first, second = sorted((domain_a, domain_b), key=DOMAINS.index)
    return f"{SHORT.get(first, first)}_{SHORT.get(second, second)}"


RELATIONS = orjson.dumps({f"{a} {b}": relation(a, b) for a in DOMAINS for b in DOMAINS}).decode()


def count_rows(connection: Connection, *tables: str) -> None:
    """Tell the planner how many rows these tables have now: it takes what this transaction wrote for nothing, and would
    pair everything with everything."""
    connection.execute(text("SELECT calc.count_rows(VARIADIC :tables)"), {"tables": list(tables)})


def refresh(
    connection: Connection, operation_id: int, areas: Sequence[int], progress: Progress = lambda done, of: None
) -> int:
    """Bring every piece of an overlap that these areas have up to date, and the register with them; how many pieces appeared
    or changed.

    `progress` is called with the pieces of ground computed so far, and how many there are to compute.
    The caller holds the operation's write lock (`lock_operation`) and sees everything (audience `internal`).
    A piece that ended is deleted when nobody has written on its pair, and otherwise kept without ground, and says why.
    """
    if not areas:
        return 0
    areas = list(areas)
    by_index(connection, few=len(areas) <= FEW)
    asked = {"operation": operation_id, "open": OPEN}
    parts = connection.execute(_PARTS, asked | {"ids": areas}).all()
    measure(connection, operation_id, parts)
    pieces = _pieces(connection, asked, set(areas), parts)
    pairs: set[Pair] = {(min(p[2], p[3]), max(p[2], p[3])) for p in pieces}
    shared = grounds(connection, operation_id, list(pairs), progress)
    if len(pairs) > MANY:
        count_rows(connection, "ground")
    found: dict[Pair, list[tuple[int, int, int]]] = defaultdict(list)
    for a, b, mine, other, starts, ends in pieces:
        ground, km2 = shared[min(mine, other), max(mine, other)]
        if km2 > 0:
            found[min(a, b), max(a, b)].append((ground, starts, ends))
    rows = _rows(connection, operation_id, found)
    asked_for = {name: array(values) for name, values in rows.items()}
    few = len(found) <= COUNT_AT_ONCE
    changed = connection.execute(
        _UPSERT, {"operation": operation_id, "count": few, "relations": RELATIONS} | asked_for
    ).all()
    if len(changed) > MANY:
        count_rows(connection, "overlap")
    settle(connection, operation_id, {part[2] for part in parts})
    # after the new ones have their row: it keeps its number when one piece stands in the place of another
    _end(connection, operation_id, areas, set(found))
    return len(changed)


def _end(connection: Connection, operation_id: int, areas: list[int], standing: set[Pair]) -> None:
    """Take away the pieces of these areas that stand no longer; those of pairs somebody wrote on stay, without ground, and say why."""
    known = connection.execute(_STANDING, {"operation": operation_id, "areas": areas}).all()
    ids = [r[0] for r in known if (r[1], r[2]) not in standing]
    if ids:
        for statement in (_DELETE, _END):
            connection.execute(statement, {"operation": operation_id, "ids": ids})


def _pieces(
    connection: Connection, asked: dict[str, int], changed: set[int], mine: Sequence[Any]
) -> list[tuple[int, int, int, int, int, int]]:
    """Part × part that may share ground and do share days: areas, footprints, first day, day after the last.

    The database finds the boxes that meet; the rest is arithmetic and is done here.
    """
    near = connection.execute(
        _NEAR, {"operation": asked["operation"], "footprints": sorted({p[1] for p in mine})}
    ).all()  # fmt: skip
    others = connection.execute(_PARTS_ON, asked | {"ids": sorted({n[1] for n in near})}).all()
    on: dict[int, list[Any]] = defaultdict(list)
    for part in others:
        on[part[1]].append(part)
    beside: dict[int, list[int]] = defaultdict(list)
    for footprint, other in near:
        beside[footprint].append(other)
    pieces = []
    for area, footprint, actor, presence, lineage, starts, ends in mine:
        for other in beside[footprint]:
            for b_area, b_footprint, b_actor, b_presence, b_lineage, b_starts, b_ends in on[other]:
                if (
                    b_area == area
                    or (b_area < area and b_area in changed)
                    or (presence and b_presence)
                    or b_actor in lineage
                    or actor in b_lineage
                    or b_actor == actor
                ):
                    continue
                first, last = max(starts, b_starts), min(ends, b_ends)
                if first < last:
                    pieces.append((area, b_area, footprint, b_footprint, first, last))
    return pieces


def _rows(
    connection: Connection, operation_id: int, found: dict[Pair, list[tuple[int, int, int]]]
) -> dict[str, list[Any]]:
    """The columns of the overlaps that are computed here, one entry a pair of areas; days as numbers, None for open."""
    members = {pair: tuple(sorted({p[0] for p in parts})) for pair, parts in found.items()}
    merged = unions(connection, operation_id, sorted({m for m in members.values() if len(m) > 1}))
    rows = []
    for (a, b), parts in found.items():
        ground = members[a, b]
        starts, ends = min(p[1] for p in parts), max(p[2] for p in parts)
        rows.append((
            a, b, ground[0] if len(ground) == 1 else merged[ground][0],
            None if starts <= -OPEN else starts, None if ends >= OPEN else ends,
            days_together((p[1], p[2]) for p in parts), _spans({(p[1], p[2]) for p in parts}),
        ))  # fmt: skip
    columns = zip(*rows, strict=True) if rows else ((),) * 7
    return dict(zip(("a", "b", "ground", "starts", "ends", "days", "together"), map(list, columns), strict=True))


def _spans(periods: set[tuple[int, int]]) -> str:
    """Periods of day numbers as the text of a multirange, in the quotes of an array."""
    return '"{' + ",".join(f"[{_day(starts)},{_day(ends)})" for starts, ends in sorted(periods)) + '}"'


@cache
def _day(number: int) -> str:
    return "" if abs(number) >= OPEN else date.fromordinal(_EPOCH + number).isoformat()


def days_together(periods: Iterable[tuple[int, int]]) -> int | None:
    """Days in the union of half-open periods of day numbers; None when one is open at either end."""
    total, until = 0, -OPEN
    for starts, ends in sorted(periods):
        if starts <= -OPEN or ends >= OPEN:
            return None
        total += max(0, ends - max(starts, until))
        until = max(until, ends)
    return total
