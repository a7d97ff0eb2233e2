"""Which row of the register does a piece of an overlap belong to? One for each two actors, kept through merges and splits."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from geoapp.model import HANDLING
from geoapp.overlay.ground import array, unions

_INVOLVED = text("""
    SELECT a.id FROM facts.actor AS a
    WHERE a.operation_id = :operation AND (a.id = ANY (:actors) OR a.merged_into = ANY (:actors)
        OR a.id = ANY (ARRAY(SELECT m.merged_into FROM facts.actor AS m WHERE m.operation_id = :operation AND m.id = ANY (:actors))))
""")
_PIECES = text("""
    WITH mine AS (
        SELECT o.id, o.pair_id FROM facts.overlap AS o WHERE o.operation_id = :operation AND o.actor_a = ANY (:actors)
        UNION SELECT o.id, o.pair_id FROM facts.overlap AS o WHERE o.operation_id = :operation AND o.actor_b = ANY (:actors)
    )
    SELECT o.id, o.pair_id, coalesce(a.merged_into, o.actor_a) AS a, coalesce(b.merged_into, o.actor_b) AS b, o.km2
    FROM facts.overlap AS o
    LEFT JOIN facts.actor AS a ON a.operation_id = o.operation_id AND a.id = o.actor_a
    LEFT JOIN facts.actor AS b ON b.operation_id = o.operation_id AND b.id = o.actor_b
    WHERE o.operation_id = :operation AND (
        o.id = ANY (ARRAY(SELECT s.id FROM mine AS s)) OR o.pair_id = ANY (ARRAY(SELECT s.pair_id FROM mine AS s)))
    ORDER BY o.km2 DESC, o.area_a, o.area_b
""")
"""The pieces of some actors, and the others of the rows that these have: each with its actors as they are after merges."""
_ROWS = text("""
    SELECT p.id, p.number, coalesce(a.merged_into, p.actor_a) AS a, coalesce(b.merged_into, p.actor_b) AS b, p.joined_into
    FROM facts.overlap_pair AS p
    LEFT JOIN facts.actor AS a ON a.operation_id = p.operation_id AND a.id = p.actor_a
    LEFT JOIN facts.actor AS b ON b.operation_id = p.operation_id AND b.id = p.actor_b
    WHERE p.operation_id = :operation
        AND (p.actor_a = ANY (:actors) AND p.actor_b = ANY (:actors) OR p.id = ANY (CAST(:pairs AS bigint[])))
""")
_WRITTEN = text("SELECT calc.written(CAST(:ids AS bigint[]))")
_ADD = text("""
    WITH numbered AS (
        INSERT INTO facts.change (operation_id, subject, number)
        SELECT :operation, 'overlap.number', coalesce(max(p.number), 0) + cardinality(CAST(:a AS bigint[]))
        FROM facts.overlap_pair AS p WHERE p.operation_id = :operation
        ON CONFLICT (operation_id, subject) DO UPDATE SET number = facts.change.number + cardinality(CAST(:a AS bigint[]))
        RETURNING number - cardinality(CAST(:a AS bigint[])) AS before
    )
    INSERT INTO facts.overlap_pair (operation_id, number, actor_a, actor_b, recorded_by)
    SELECT :operation, n.before + u.place, u.a, u.b, calc.member()
    FROM unnest(CAST(:a AS bigint[]), CAST(:b AS bigint[])) WITH ORDINALITY AS u (a, b, place) CROSS JOIN numbered AS n
    ORDER BY u.place
    RETURNING id, actor_a, actor_b
""")
_TAKE_OVER = text("""
    UPDATE facts.overlap_pair SET actor_a = :a, actor_b = :b WHERE operation_id = :operation AND id = :id
""")
_JOIN = text("""
    UPDATE facts.overlap_pair AS p SET joined_into = u.kept
    FROM unnest(CAST(:ids AS bigint[]), CAST(:into AS bigint[])) AS u (id, kept)
    WHERE p.operation_id = :operation AND p.id = u.id AND p.joined_into IS DISTINCT FROM u.kept
""")
_GIVE = text("""
    UPDATE facts.overlap AS o SET pair_id = u.pair, reopened_on = CASE
        WHEN o.pair_id IS NULL AND EXISTS (
            SELECT FROM facts.overlap AS e
            WHERE e.operation_id = o.operation_id AND e.pair_id = u.pair AND e.ended IS NOT NULL AND e.handling <= o.handling
                AND e.subjects <@ o.subjects
        ) AND NOT EXISTS (
            SELECT FROM facts.overlap AS s
            WHERE s.operation_id = o.operation_id AND s.pair_id = u.pair AND s.ended IS NULL
        ) THEN (SELECT calc.today()) ELSE o.reopened_on END
    FROM unnest(CAST(:ids AS bigint[]), CAST(:pairs AS bigint[])) AS u (id, pair)
    WHERE o.operation_id = :operation AND o.id = u.id
""")
"""Gives pieces their rows. One that opens a pair again says so, unless who is shown it could not know that the pair had ended."""
_SHOW = text("SELECT calc.show_pairs(CAST(:ids AS bigint[]))")
_GROUNDS = text("""
    SELECT o.pair_id, o.handling::text, array_agg(DISTINCT o.ground_id) AS grounds FROM facts.overlap AS o
    WHERE o.operation_id = :operation AND o.pair_id = ANY (CAST(:pairs AS bigint[])) AND o.ground_id IS NOT NULL
    GROUP BY 1, 2
""")

Two = tuple[int, int]


@dataclass
class _Row:
    """A row of the register, and for which two actors it stands now."""

    id: int
    of: Two
    number: int
    written: bool
    joined_into: int | None


def settle(connection: Connection, operation_id: int, actors: Collection[int]) -> None:
    """Give every piece of an overlap of these actors its row of the register, and join the rows of actors that are one now.

    Of the rows of the same two actors the oldest that somebody has written on is kept, else the oldest; the others are joined into
    it and have their pieces back when their actors are two again. A row none of whose pieces is of its actors any more goes with
    them: they were split off, or were another's all along. The caller holds the operation's write lock and sees everything.
    """
    if not actors:
        return
    involved = _names(connection, operation_id, actors)
    pieces = [
        (row.id, row.pair_id, (min(row.a, row.b), max(row.a, row.b)))
        for row in connection.execute(_PIECES, {"operation": operation_id, "actors": involved})
    ]
    had = sorted({pair for _, pair, _ in pieces if pair is not None})
    met = _names(connection, operation_id, {*actors, *(actor for _, _, of in pieces for actor in of)})
    rows = _rows(connection, {"operation": operation_id, "actors": met, "pairs": had})
    # one that ended because its two actors are one now stays where it was
    wanted = dict.fromkeys(of for _, _, of in pieces if of[0] != of[1])
    _take_over(connection, operation_id, rows, pieces, wanted)
    kept = _kept(rows)
    new = [of for of in wanted if of not in kept]
    if new:
        made = connection.execute(_ADD, {"operation": operation_id} | _sides(new))
        kept |= {(row.actor_a, row.actor_b): row.id for row in made}
    _join(connection, operation_id, rows, kept)
    moved = [(id_, kept[of]) for id_, pair, of in pieces if of[0] != of[1] and pair != kept[of]]
    if moved:
        connection.execute(
            _GIVE,
            {"operation": operation_id, "ids": array(m[0] for m in moved), "pairs": array(m[1] for m in moved)},
        )
    touched = array(sorted({*had, *(row.id for row in rows), *kept.values()}))
    connection.execute(_SHOW, {"ids": touched})
    _unite(connection, operation_id, touched)


def _rows(connection: Connection, asked: dict[str, Any]) -> list[_Row]:
    found = connection.execute(_ROWS, asked).all()
    written = set(connection.execute(_WRITTEN, {"ids": array(row.id for row in found)}).scalars())
    return [
        _Row(row.id, (min(row.a, row.b), max(row.a, row.b)), row.number, row.id in written, row.joined_into)
        for row in found
    ]


def _names(connection: Connection, operation_id: int, actors: Collection[int]) -> list[int]:
    """These actors, those that were merged into them, and those that they were merged into."""
    found = connection.execute(_INVOLVED, {"operation": operation_id, "actors": list(actors)})
    return sorted({*actors, *found.scalars()})


def _sides(some: Collection[Two]) -> dict[str, str]:
    return {"a": array(of[0] for of in some), "b": array(of[1] for of in some)}


def _kept(rows: Iterable[_Row]) -> dict[Two, int]:
    """Of the rows of each two actors the one that is kept."""
    found: dict[Two, _Row] = {}
    for row in sorted(rows, key=lambda row: (not row.written, row.number)):
        found.setdefault(row.of, row)
    return {of: row.id for of, row in found.items()}


def _take_over(
    connection: Connection,
    operation_id: int,
    rows: list[_Row],
    pieces: list[tuple[int, int | None, Two]],
    wanted: Collection[Two],
) -> None:
    """Rows all of whose pieces are of other two actors now become theirs, so that number and discussion stay with the ground."""
    by_id = {row.id: row for row in rows}
    went: dict[int, list[Two]] = defaultdict(list)
    for _, pair, of in pieces:
        if pair is not None:
            went[pair].append(of)
    left = [id_ for id_, to in went.items() if by_id[id_].of not in wanted and by_id[id_].of not in to]
    for id_ in sorted(left, key=lambda each: by_id[each].number):
        row, to = by_id[id_], [of for of in went[id_] if of[0] != of[1]]
        # its two actors may be one now, and its pieces have ended for that
        if not to or row.of[0] == row.of[1]:
            continue
        free = [of for of in to if not any(other.of == of for other in rows)]
        target = (free or to)[0]
        for each in [other for other in rows if other.of == row.of]:
            each.of = target
            connection.execute(_TAKE_OVER, {"operation": operation_id, "id": each.id, "a": target[0], "b": target[1]})


def _join(connection: Connection, operation_id: int, rows: list[_Row], kept: dict[Two, int]) -> None:
    into = [(row.id, None if kept[row.of] == row.id else kept[row.of]) for row in rows]
    if into:
        connection.execute(
            _JOIN, {"operation": operation_id, "ids": array(i[0] for i in into), "into": array(i[1] for i in into)}
        )


def _unite(connection: Connection, operation_id: int, pairs: str) -> None:
    """Keep the union of the grounds of each of these pairs: of all of them, and of those up to each handling, so that a room is
    told of what it sees without putting it together anew."""
    by: dict[int, dict[str, list[int]]] = defaultdict(dict)
    for pair, handling, grounds in connection.execute(_GROUNDS, {"operation": operation_id, "pairs": pairs}):
        by[pair][handling] = grounds
    sets: set[tuple[int, ...]] = set()
    for of in by.values():
        seen: set[int] = set()
        for handling in HANDLING:
            seen.update(of.get(handling, ()))
            sets.add(tuple(sorted(seen)))
    unions(connection, operation_id, sorted(each for each in sets if len(each) > 1))
