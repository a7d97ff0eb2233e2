"""Two actors that are one become one, and one that was two becomes two; each step is kept and can be undone.

Claims, units and names move; numbers of claims and of overlaps, and what is written on these, stay as they are. Overlaps with one
that both shared ground with are one then, under the older number, and two again when the step is undone. An overlap that there would
be no more is taken away as by any other change: what somebody wrote on is kept without ground, and has it again when
the step is undone.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine, text

from geoapp import overlay
from geoapp.db import Context, again, transaction
from geoapp.errors import BadRequest, Conflict, NotFound
from geoapp.record.noun import add, at_version, current
from geoapp.record.register_of_actors import ACTORS, recount
from geoapp.writing import lock_operation

MOST = 1_000
"""Claims that are named when one is split."""


class _Undone(Exception):
    """Leaves the transaction: all was done, and nothing of it stays."""


Step = Callable[[Connection], dict[str, Any]]


@again
def take(engine: Engine, context: Context, step: Step, *, check: bool = False) -> dict[str, Any]:
    """What follows from a step; with `check` it is taken, looked at and undone: nothing of it stays."""
    found: dict[str, Any] = {}
    with suppress(_Undone), transaction(engine, context) as connection:
        found = step(connection)
        if check:
            raise _Undone
    return found


def merge(connection: Connection, kept: int, other: int, version: int) -> dict[str, Any]:
    """Make one actor of two: claims, units and names of `other` become those of `kept`, whose version is `version`.

    Answers the `step`, how many `areas`, `claims` of presence, `units` and `names` moved, and by code the overlaps that it `ends`,
    that it `joins` into others, that it `parts` again, and that it `begins`. Raises NotFound, PreconditionFailed, and Conflict where the two cannot be one.
    """
    operation = lock_operation(connection, "actor")
    mine, theirs = current(connection, ACTORS, kept), current(connection, ACTORS, other)
    at_version(ACTORS, kept, mine, version)
    for each in (mine, theirs):
        if each["merged_into"] is not None:
            raise Conflict(f"{each['name']} was merged already.", hint="Look at the register as it is now.")
    if kept == other:
        raise Conflict("An actor is not merged with itself.", hint="Name the other one.")
    if mine["domain"] != theirs["domain"]:
        raise Conflict(
            f"{mine['name']} is {mine['domain']}, {theirs['name']} is {theirs['domain']}.",
            hint="Rooms are told of them by their domain: correct it first, then merge.",
        )
    moved = {"areas": overlay.areas_of(connection, operation, [other])}
    asked = {"operation": operation, "kept": kept, "other": other}
    moved["units"] = list(connection.execute(_UNITS, asked | {"of": other}).scalars())
    moved["names"] = list(connection.execute(_MERGED, asked).scalars())
    stood_under = kept in moved["units"]
    moved["units"] = [each for each in moved["units"] if each != kept]
    if stood_under:
        connection.execute(_TAKE_ITS_PLACE, asked)
    step = connection.execute(
        _KEEP, asked | moved | {"kind": "merge", "actor": kept, "name": theirs["name"], "stood_under": stood_under}
    ).scalar_one()
    # the version that others have read is no longer what is there
    connection.execute(_NEW_VERSION, {"operation": operation, "id": kept})
    connection.execute(_INTO, asked)
    return {"step": step, "kept": kept} | _move(connection, operation, moved, [other], kept)


def split(
    connection: Connection, actor: int, name: str, areas: Sequence[int], units: Sequence[int], version: int
) -> dict[str, Any]:
    """Make two actors of one: these areas, claims and units go to a new one of that name, otherwise like the old.

    Answers as `merge` does, with the new actor's id as `made`. Raises NotFound, PreconditionFailed, BadRequest.
    """
    operation = lock_operation(connection, "actor")
    was = current(connection, ACTORS, actor)
    at_version(ACTORS, actor, was, version)
    if was["merged_into"] is not None:
        raise Conflict(f"{was['name']} was merged already.", hint="Look at the register as it is now.")
    if len(areas) + len(units) > MOST:
        raise BadRequest("These are too many at once.", hint=f"{MOST:,} areas and units at most.")
    of = set(overlay.areas_of(connection, operation, [actor]))
    under = set(connection.execute(_UNITS, {"operation": operation, "of": actor}).scalars())
    for where, given, known in (("areas", areas, of), ("units", units, under)):
        foreign = sorted(set(given) - known)
        if foreign:
            raise BadRequest(
                f"{was['name']} has no {where[:-1]} {foreign[0]}.", hint="Choose among its own.",
                errors=[{"where": where, "what": f"has {foreign[0]}, which is none of it"}],
            )  # fmt: skip
    if not areas and not units:
        raise BadRequest(
            "Nothing goes to the new actor.", hint="Choose areas or units; an actor of its own is simply written.",
            errors=[{"where": "areas", "what": "is required"}],
        )  # fmt: skip
    like = {each: was[each] for each in ("domain", "kind", "origin", "parent", "handling")}
    made, _ = add(connection, ACTORS, None, like | {"name": name})
    moved: dict[str, list[int]] = {"areas": sorted(set(areas)), "units": sorted(set(units)), "names": []}
    step = connection.execute(
        _KEEP,
        {"operation": operation, "kind": "split", "actor": actor, "other": made, "name": name, "stood_under": False}
        | moved,
    ).scalar_one()
    connection.execute(_NEW_VERSION, {"operation": operation, "id": actor})
    return {"step": step, "kept": actor, "made": made} | _move(connection, operation, moved, [actor], made)


def undo(connection: Connection, actor: int, step: int) -> dict[str, Any]:
    """Undo a step of an actor: what it moved, and is still where it was moved to, goes back. An actor that was split off goes.

    Answers as `merge` does. Raises NotFound, and Conflict where later steps stand on it.
    """
    operation = lock_operation(connection, "actor")
    asked = {"operation": operation, "actor": actor, "step": step}
    was = connection.execute(_STEP, asked).one_or_none()
    if was is None:
        raise NotFound(f"There is no step {step} of actor {actor}.")
    if was.undone_at is not None:
        raise Conflict("This step was undone already.", hint="Look at the actor as it is now.")
    at, back = (actor, was.other_id) if was.kind == "merge" else (was.other_id, actor)
    if connection.execute(_LATER, asked | {"at": at, "back": back, "merged": was.kind == "merge"}).scalar():
        raise Conflict("A later step stands on this one.", hint="Undo the later one first.")
    moved = dict(connection.execute(_STILL, asked | {"at": at}).mappings().one())
    connection.execute(_UNDO, asked)
    if was.kind == "merge":
        connection.execute(_APART, {"operation": operation, "other": back})
        if was.stood_under:
            connection.execute(_BELOW_AGAIN, {"operation": operation, "kept": actor, "other": back})
    connection.execute(_NEW_VERSION, {"operation": operation, "id": actor})
    left = was.other_id if was.kind == "split" else None
    return {"step": step, "kept": actor} | _move(connection, operation, moved, [at], back, left)


def _move(
    connection: Connection,
    operation: int,
    moved: dict[str, list[int]],
    of: Sequence[int],
    to: int,
    left: int | None = None,
) -> dict[str, Any]:
    """Give claims, units and names to an actor, and bring overlaps up to date; what followed. An actor that is `left` goes."""
    of_whom = connection.execute(_INVOLVED, {"operation": operation, "of": [to, *of, *moved["units"]]}).scalars().all()
    involved = overlay.areas_of(connection, operation, of_whom)
    before = _overlaps(connection, operation, involved)
    apart = set(connection.execute(_JOINED, {"operation": operation}).scalars())
    presence = connection.execute(_MOVE_AREAS, {"operation": operation, "to": to, "ids": moved["areas"]}).scalars()
    claims = sum(1 for each in presence if each)
    connection.execute(_MOVE_UNITS, {"operation": operation, "to": to, "ids": moved["units"]})
    connection.execute(_MOVE_NAMES, {"operation": operation, "to": to, "ids": moved["names"]})
    if left is not None:
        deleted = connection.execute(_LEAVE, {"operation": operation, "id": left}).rowcount
        if not deleted:
            raise Conflict(
                "The actor that was split off has more by now than it was given.",
                hint="Merge it into the other one: that keeps everything.",
            )
    path = overlay.circle(connection, operation)
    if path:
        raise Conflict(
            f"The chain of command would lead back to itself: {' → '.join(path)}.",
            hint="Correct under whom they stand first.",
        )
    below = overlay.follow(connection, operation)
    areas = {*moved["areas"], *overlay.areas_of(connection, operation, below)}
    recount(connection, operation, sorted(areas))
    overlay.settle(connection, operation, [to, *of])
    now = _overlaps(connection, operation, involved)
    joined = set(connection.execute(_JOINED, {"operation": operation}).scalars())
    return {
        "areas": len(moved["areas"]) - claims, "claims": claims, "units": len(moved["units"]), "names": len(moved["names"]),
        "ends": sorted(code for id_, code in before.items() if id_ not in now and id_ not in joined),
        "joins": sorted(code for id_, code in before.items() if id_ in joined),
        "parts": sorted(code for id_, code in now.items() if id_ not in before and id_ in apart),
        "begins": sorted(code for id_, code in now.items() if id_ not in before and id_ not in apart),
    }  # fmt: skip


def _overlaps(connection: Connection, operation: int, areas: Sequence[int]) -> dict[int, str]:
    """The overlaps of areas, on whatever day: their codes by their id."""
    rows = connection.execute(_CODES, {"operation": operation, "areas": list(areas)})
    return {row.id: row.code for row in rows}


_UNITS = text(
    "SELECT id FROM facts.actor WHERE operation_id = :operation AND parent_id = :of AND merged_into IS NULL ORDER BY id"
)
_MERGED = text("SELECT id FROM facts.actor WHERE operation_id = :operation AND merged_into = :other ORDER BY id")
_TAKE_ITS_PLACE = text("""
    UPDATE facts.actor AS a SET parent_id = o.parent_id FROM facts.actor AS o
    WHERE a.operation_id = :operation AND a.id = :kept AND o.operation_id = a.operation_id AND o.id = :other
""")
_BELOW_AGAIN = text("""
    UPDATE facts.actor AS a SET parent_id = o.id FROM facts.actor AS o
    WHERE a.operation_id = :operation AND a.id = :kept AND o.operation_id = a.operation_id AND o.id = :other
        AND a.parent_id IS NOT DISTINCT FROM o.parent_id
""")
_INTO = text("UPDATE facts.actor SET merged_into = :kept WHERE operation_id = :operation AND id = :other")
_APART = text("UPDATE facts.actor SET merged_into = NULL WHERE operation_id = :operation AND id = :other")
_NEW_VERSION = text("UPDATE facts.actor SET version = version + 1 WHERE operation_id = :operation AND id = :id")
_KEEP = text("""
    INSERT INTO facts.actor_step (operation_id, recorded_by, handling, kind, actor_id, other_id, other_name, areas, units, names,
        stood_under, taken_by)
    SELECT :operation, calc.member(), a.handling, :kind, :actor, :other, :name, CAST(:areas AS bigint[]), CAST(:units AS bigint[]),
        CAST(:names AS bigint[]), :stood_under, calc.member()
    FROM facts.actor AS a WHERE a.operation_id = :operation AND a.id = :actor
    RETURNING id
""")
_STEP = text("""
    SELECT s.kind, s.other_id, s.stood_under, s.undone_at FROM facts.actor_step AS s
    WHERE s.operation_id = :operation AND s.id = :step AND s.actor_id = :actor
""")
_LATER = text("""
    SELECT EXISTS (
        SELECT FROM facts.actor AS a WHERE a.operation_id = :operation AND a.id IN (:at, :back) AND a.merged_into IS NOT NULL
            AND NOT (:merged AND a.id = :back AND a.merged_into = :at))
        OR (SELECT count(*) FROM facts.actor AS a WHERE a.operation_id = :operation AND a.id IN (:at, :back)) < 2
""")
_STILL = text("""
    SELECT ARRAY(SELECT a.id FROM facts.area AS a
            WHERE a.operation_id = s.operation_id AND a.id = ANY (s.areas) AND a.actor_id = :at ORDER BY a.id) AS areas,
        ARRAY(SELECT u.id FROM facts.actor AS u
            WHERE u.operation_id = s.operation_id AND u.id = ANY (s.units) AND u.parent_id = :at ORDER BY u.id) AS units,
        ARRAY(SELECT n.id FROM facts.actor AS n
            WHERE n.operation_id = s.operation_id AND n.id = ANY (s.names) AND n.merged_into = :at ORDER BY n.id) AS names
    FROM facts.actor_step AS s WHERE s.operation_id = :operation AND s.id = :step
""")
_UNDO = text("""
    UPDATE facts.actor_step SET undone_at = now(), undone_by = calc.member() WHERE operation_id = :operation AND id = :step
""")
_INVOLVED = text("""
    SELECT a.id FROM facts.actor AS a WHERE a.operation_id = :operation AND (a.id = ANY (:of) OR a.lineage && CAST(:of AS bigint[]))
""")
_CODES = text("""
    SELECT DISTINCT p.id, 'OV-' || lpad(p.number::text, 4, '0') AS code FROM facts.overlap AS o
    JOIN facts.overlap_pair AS p ON p.operation_id = o.operation_id AND p.id = o.pair_id
    WHERE o.operation_id = :operation AND o.ground_id IS NOT NULL AND (o.area_a = ANY (:areas) OR o.area_b = ANY (:areas))
""")
_JOINED = text("""
    SELECT p.id FROM facts.overlap_pair AS p
    WHERE p.operation_id = :operation AND p.joined_into IS NOT NULL
""")
_MOVE_AREAS = text("""
    UPDATE facts.area SET actor_id = :to WHERE operation_id = :operation AND id = ANY (CAST(:ids AS bigint[]))
    RETURNING positioning = 'presence'
""")
_MOVE_UNITS = text("""
    UPDATE facts.actor SET parent_id = :to WHERE operation_id = :operation AND id = ANY (CAST(:ids AS bigint[]))
""")
_MOVE_NAMES = text("""
    UPDATE facts.actor SET merged_into = :to WHERE operation_id = :operation AND id = ANY (CAST(:ids AS bigint[]))
""")
_LEAVE = text("""
    DELETE FROM facts.actor AS t WHERE t.operation_id = :operation AND t.id = :id
        AND NOT EXISTS (SELECT FROM facts.area AS a WHERE a.operation_id = t.operation_id AND a.actor_id = t.id)
        AND NOT EXISTS (SELECT FROM facts.actor AS u WHERE u.operation_id = t.operation_id AND t.id IN (u.parent_id, u.merged_into))
        AND NOT EXISTS (SELECT FROM facts.actor_step AS s WHERE s.operation_id = t.operation_id AND s.actor_id = t.id)
""")
