"""Who is in the register of actors, and what is known of one: who it is, under whom, where it operates, and with whom it meets?

A room is told of actors whose areas it is shown as recorded, by the policies alone; where each operates comes from the layers, so
that nothing here says more than the map does. What people judged of an actor is read in rooms that record.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from geoapp.audiences import Room
from geoapp.draw import features
from geoapp.draw.query import source
from geoapp.errors import NotFound
from geoapp.model.subjects import CLAIMS
from geoapp.names import plain
from geoapp.scope import Scope, known
from layers import STACK, Layer, get

MOST = 2_000
"""Actors that a list holds."""
SHOWN = 8
"""Overlaps, and incidents, that are named of one actor."""
NAMED_DAYS = 365
"""Days in which incidents are looked for that name an actor."""


def _list_of(table: str) -> Layer:
    """The layer that lists the rows of a table."""
    return next(layer for layer in STACK if layer.listing is not None and layer.reads[0] == table)


AREAS, PRESENCE, OVERLAPS, INCIDENTS = (
    *(get(each) for each in CLAIMS.values()),
    _list_of("overlap"),
    _list_of("incident"),
)
DUE = {
    "over": "a.review_due < {today}",
    "month": "a.review_due < {today} + 31",
    "none": "a.review_due IS NULL",
}
"""The ways in which a list is narrowed by when an actor is to be looked at again."""
_TODAY = "(SELECT least((calc.as_of() AT TIME ZONE 'UTC')::date, calc.today()))"
_JUDGED = (
    "a.other_names, a.mandate, a.mission, a.role, a.why_mapped, a.works_in, a.method, a.interlocutor, a.interlocutor_on,"
    " a.interlocutor_by, a.interlocutor_note, a.source, a.reliability, a.credibility, a.reviewed_on, a.review_due"
)
_PLAIN = "a.id, a.name, a.acronym, a.origin, a.domain, a.kind, a.handling::text AS handling"


def register(
    connection: Connection, scope: Scope, *, q: str = "", filters: Mapping[str, str | None] | None = None
) -> dict[str, Any]:
    """The actors that the room is told of, by domain and name: `all` of them, and those that meet the words `q` and the filters
    (`domain`, `origin`, `kind`, `interlocutor`, `due`) as `actors`, MOST at most, each with how many stand directly under it.

    Where the room is not told what was judged, nobody meets a filter by it.
    """
    given = {name: value for name, value in (filters or {}).items() if value}
    clauses = [f"a.{name} = :{name}" for name in given if name != "due"]
    if "due" in given:
        clauses.append(DUE[given["due"]].format(today=_TODAY))
    words = plain(q).split()[:8]
    if words:
        clauses.append(
            "lower(concat_ws(' ', '', a.name_key, a.acronym, calc_names.words)) LIKE ALL (CAST(:words AS text[]))"
        )
    sql = f"""
        SELECT {_PLAIN}, a.interlocutor, a.interlocutor_on, a.review_due, a.review_due < {_TODAY} AS overdue,
            p.name AS under, (
                SELECT count(*) FROM facts.actor AS u
                WHERE u.operation_id = a.operation_id AND u.parent_id = a.id AND u.merged_into IS NULL) AS units
        FROM calc.actor AS a
        LEFT JOIN facts.actor AS p ON p.operation_id = a.operation_id AND p.id = a.parent_id
        CROSS JOIN LATERAL (SELECT lower(concat_ws(' ', a.other_names, (
            SELECT string_agg(m.name, ' ') FROM facts.actor AS m
            WHERE m.operation_id = a.operation_id AND m.merged_into = a.id AND (SELECT calc.may_write())))) AS words
        ) AS calc_names
        WHERE a.merged_into IS NULL AND {" AND ".join(clauses) or "true"}
        ORDER BY a.domain, a.name, a.id LIMIT {MOST}
    """
    found = connection.execute(text(known(sql, scope)), given | {"words": [f"%{word}%" for word in words]})
    every = connection.execute(text(known(_COUNTED, scope))).mappings().one()
    return dict(every) | {"actors": [dict(row) for row in found.mappings()]}


_COUNTED = f"""
    SELECT count(*) AS all, coalesce(jsonb_object_agg(d.domain, d.n) FILTER (WHERE d.domain IS NOT NULL), '{{}}') AS domains,
        sum(d.overdue) AS overdue
    FROM (
        SELECT a.domain, count(*) AS n, count(*) FILTER (WHERE a.review_due < {_TODAY}) AS overdue
        FROM calc.actor AS a WHERE a.merged_into IS NULL GROUP BY a.domain
    ) AS d
""".replace("count(*) AS all", "coalesce(sum(d.n), 0)::int AS all").replace(
    "sum(d.overdue)", "coalesce(sum(d.overdue), 0)::int"
)


def one(connection: Connection, scope: Scope, room: Room, id_: int) -> dict[str, Any]:
    """All that the room is told of an actor: `actor`, its `chain` (all above and below it, with whom each stands under), its
    `areas` and those of the actors below it, its `sectors` of presence, with whom it `shares` ground, and in rooms that record the
    incidents `reported` by a source that names it as a party, and the `steps` by which it was merged or split.

    Raises NotFound, the same for an actor that the room is not told of as for none.
    """
    row = connection.execute(text(known(_ONE, scope)), {"id": id_}).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no actor {id_}.")
    actor = dict(row)
    chain = [dict(each) for each in connection.execute(text(known(_CHAIN, scope)), {"id": id_}).mappings()]
    below = [each["id"] for each in chain if each["below"]]
    found = {
        "actor": actor, "chain": chain, "recorded": room.may_write,
        "withheld": {each.name: said for each in (AREAS, PRESENCE, OVERLAPS) if (said := room.withheld(each))},
        "areas": _areas(connection, scope, room, [id_, *below]), "sectors": _presence(connection, scope, room, id_),
        "shares": _overlaps(connection, scope, room, actor["name"]),
    }  # fmt: skip
    if room.may_write:
        found["reported"] = _incidents(connection, scope, actor)
    if room.may_write and scope.as_of is None:
        found["steps"] = [dict(each) for each in connection.execute(text(_STEPS), {"id": id_}).mappings()]
    return found


_ONE = f"""
    SELECT {_PLAIN}, {_JUDGED}, a.review_due < {_TODAY} AS overdue, a.version, a.recorded_at, a.recorded_by, a.parent_id,
        p.name AS under, a.merged_into, ARRAY(
            SELECT m.name FROM facts.actor AS m
            WHERE m.operation_id = a.operation_id AND m.merged_into = a.id AND (SELECT calc.may_write()) ORDER BY m.name
        ) AS merged
    FROM calc.actor AS a
    LEFT JOIN facts.actor AS p ON p.operation_id = a.operation_id AND p.id = a.parent_id
    WHERE a.id = :id
"""
_CHAIN = """
    WITH RECURSIVE above AS (
        SELECT a.id, a.parent_id, ARRAY[a.id] AS path FROM facts.actor AS a WHERE a.id = :id
        UNION ALL
        SELECT p.id, p.parent_id, u.path || p.id FROM above AS u
        JOIN facts.actor AS p ON p.id = u.parent_id AND p.id <> ALL (u.path)
    ), top AS (
        SELECT id FROM above ORDER BY cardinality(path) DESC LIMIT 1
    ), down AS (
        SELECT a.id, NULL::bigint AS under, ARRAY[a.id] AS path FROM facts.actor AS a JOIN top AS t ON t.id = a.id
        UNION ALL
        SELECT c.id, d.id, d.path || c.id FROM down AS d
        JOIN facts.actor AS c ON c.parent_id = d.id AND c.id <> ALL (d.path) AND c.merged_into IS NULL
    )
    SELECT a.id, a.name, a.acronym, a.domain, a.kind, d.under, cardinality(d.path) AS level,
        d.path @> ARRAY[CAST(:id AS bigint)] AND a.id <> :id AS below
    FROM down AS d JOIN facts.actor AS a ON a.id = d.id
    ORDER BY d.path LIMIT 500
"""


def _areas(connection: Connection, scope: Scope, room: Room, actors: list[int]) -> list[dict[str, Any]]:
    """The areas of operation of actors as the layer tells them, with `of`, whose each is, and the box around it."""
    told = [
        each.name
        for each in features.shown(AREAS, room.hidden(AREAS))
        if each.name not in ("actor", "acronym", "under")
    ]
    columns = ", ".join(f't."{name}"' for name in told)
    sql = f"""
        SELECT t.id, {columns}, x.actor_id AS of, c.name AS of_name, ARRAY[ST_XMin(t.geom), ST_YMin(t.geom), ST_XMax(t.geom),
            ST_YMax(t.geom)] AS bbox
        FROM ({source(AREAS, scope)}) AS t
        JOIN facts.area AS x ON x.id = t.id
        JOIN facts.actor AS c ON c.operation_id = x.operation_id AND c.id = x.actor_id
        WHERE x.actor_id = ANY (:actors)
        ORDER BY x.actor_id <> :first, c.name, t.period_start NULLS FIRST, t.id LIMIT 500
    """
    binds = scope.binds() | {"actors": actors, "first": actors[0]}
    return [dict(row) for row in connection.execute(text(known(sql, scope)), binds).mappings()]


def _presence(connection: Connection, scope: Scope, room: Room, actor: int) -> list[dict[str, Any]]:
    """What it does by sector, as the layer of presence tells it: in how many units, named where few, and from when to when."""
    told = {each.name for each in features.shown(PRESENCE, room.hidden(PRESENCE))}
    said = {
        name: f't."{name}"' if name in told else "NULL"
        for name in ("sector", "pcode", "place", "period_start", "period_end")
    }
    sql = f"""
        SELECT {said["sector"]}::text AS sector, count(DISTINCT {said["pcode"]}::text) AS units, array_agg(DISTINCT t.area) AS claims,
            (array_agg(DISTINCT {said["place"]}::text))[1:{SHOWN}] AS places, min({said["period_start"]}::date) AS period_start,
            CASE WHEN bool_or({said["period_end"]}::date IS NULL) THEN NULL ELSE max({said["period_end"]}::date) END AS period_end
        FROM ({source(PRESENCE, scope)}) AS t
        JOIN facts.area AS x ON x.id = t.area
        WHERE x.actor_id = :actor GROUP BY 1 ORDER BY 1
    """
    return [dict(r) for r in connection.execute(text(known(sql, scope)), scope.binds() | {"actor": actor}).mappings()]


def _overlaps(connection: Connection, scope: Scope, room: Room, name: str) -> dict[str, Any]:
    """How many overlaps it is in as the layer tells them (`all`), and the largest of them with whom each is."""
    told = {each.name for each in features.shown(OVERLAPS, room.hidden(OVERLAPS))}
    if not room.shows(OVERLAPS) or not {"actor_a", "actor_b"} <= told:
        return {"all": None, "largest": []}
    said = {
        each: f't."{each}"' if each in told else "NULL"
        for each in ("km2", "status", "period_start", "period_end", "code")
    }
    sql = f"""
        SELECT t.id, {said["code"]} AS code, CASE t.actor_a WHEN :name THEN t.actor_b ELSE t.actor_a END AS actor,
            CASE t.actor_a WHEN :name THEN t.domain_b ELSE t.domain_a END AS domain, {said["km2"]} AS km2,
            {said["status"]} AS status, {said["period_start"]} AS period_start, {said["period_end"]} AS period_end,
            count(*) OVER () AS n
        FROM ({source(OVERLAPS, scope)}) AS t WHERE :name IN (t.actor_a, t.actor_b)
        ORDER BY {said["km2"]}::float8 DESC NULLS LAST, t.id LIMIT {SHOWN}
    """
    rows = [dict(r) for r in connection.execute(text(known(sql, scope)), scope.binds() | {"name": name}).mappings()]
    return {"all": rows[0]["n"] if rows else 0, "largest": [{k: v for k, v in r.items() if k != "n"} for r in rows]}


def _incidents(connection: Connection, scope: Scope, actor: Mapping[str, Any]) -> dict[str, Any]:
    """The incidents of the last NAMED_DAYS whose source names it, or a name that it has, as a party: how many, and the newest."""
    names = [
        actor["name"],
        *actor["merged"],
        *(each.strip() for each in (actor["other_names"] or "").split(";") if each.strip()),
    ]
    sql = f"""
        SELECT t.id, t.occurred_from, t.event_type, t.sub_event_type, t.location, t.source, count(*) OVER () AS n
        FROM ({source(INCIDENTS, scope)}) AS t
        JOIN calc.incident AS i ON i.id = t.id
        WHERE lower(i.valid) > {_TODAY} - {NAMED_DAYS} AND EXISTS (
            SELECT FROM jsonb_array_elements(i.actors) AS p (party) WHERE p.party ->> 'label' = ANY (:names))
        ORDER BY t.occurred_from DESC, t.id LIMIT {SHOWN}
    """
    rows = [dict(r) for r in connection.execute(text(known(sql, scope)), scope.binds() | {"names": names}).mappings()]
    return {"all": rows[0]["n"] if rows else 0, "newest": [{k: v for k, v in r.items() if k != "n"} for r in rows]}


_STEPS = """
    SELECT s.id, s.kind, s.actor_id, s.other_id, a.name, s.other_name, cardinality(s.areas) AS areas, cardinality(s.units) AS units,
        s.taken_at, s.taken_by, s.undone_at, s.undone_by
    FROM facts.actor_step AS s
    LEFT JOIN facts.actor AS a ON a.operation_id = s.operation_id AND a.id = s.actor_id
    WHERE :id IN (s.actor_id, s.other_id)
    ORDER BY s.taken_at DESC, s.id DESC LIMIT 50
"""
