"""Who stands under whom? Each actor's lineage, by which overlaps leave out a chain of command, and circles, which no chain has."""

from collections.abc import Sequence

from sqlalchemy import Connection, text

_UP = """
    WITH RECURSIVE up AS (
        SELECT a.id, a.parent_id, ARRAY[a.id] AS lineage FROM facts.actor AS a WHERE a.operation_id = :operation
        UNION ALL
        SELECT u.id, p.parent_id, u.lineage || p.id FROM up AS u
        JOIN facts.actor AS p ON p.operation_id = :operation AND p.id = u.parent_id AND p.id <> ALL (u.lineage)
    )
"""
_FOLLOW = text(f"""
    {_UP}, longest AS (
        SELECT DISTINCT ON (id) id, lineage FROM up ORDER BY id, cardinality(lineage) DESC
    )
    UPDATE facts.actor AS a SET lineage = l.lineage FROM longest AS l
    WHERE a.operation_id = :operation AND a.id = l.id AND a.lineage <> l.lineage
    RETURNING a.id
""")
_CIRCLES = text(f"{_UP} SELECT u.lineage FROM up AS u WHERE u.parent_id = u.id ORDER BY u.id")
_CUT = text("UPDATE facts.actor SET parent_id = NULL WHERE operation_id = :operation AND id = ANY (:ids)")
_NAMES = text("SELECT id, name FROM facts.actor WHERE operation_id = :operation AND id = ANY (:ids)")
_AREAS = text("SELECT id FROM facts.area WHERE operation_id = :operation AND actor_id = ANY (:actors) ORDER BY id")


def follow(connection: Connection, operation: int) -> list[int]:
    """Bring every actor's lineage (itself and all above it) to who stands under whom; the actors whose lineage changed."""
    return [row[0] for row in connection.execute(_FOLLOW, {"operation": operation})]


def circle(connection: Connection, operation: int) -> list[str]:
    """The names along a chain of command that leads back to where it began, the first of them again at the end; none if there
    is no such chain."""
    found = connection.execute(_CIRCLES, {"operation": operation}).first()
    if found is None:
        return []
    rows = connection.execute(_NAMES, {"operation": operation, "ids": found[0]})
    names = {row.id: str(row.name) for row in rows}
    return [names[id_] for id_ in (*found[0], found[0][0])]


def cut_circles(connection: Connection, operation: int) -> None:
    """Cut each circle once: its first actor in the register stands under nobody."""
    found = connection.execute(_CIRCLES, {"operation": operation}).scalars().all()
    if found:
        connection.execute(_CUT, {"operation": operation, "ids": sorted({min(each) for each in found})})


def areas_of(connection: Connection, operation: int, actors: Sequence[int]) -> list[int]:
    """The areas of some actors, presence among them."""
    found = connection.execute(_AREAS, {"operation": operation, "actors": list(actors)})
    return list(found.scalars())
