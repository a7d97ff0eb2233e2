"""Who is meant by the names in a file: actors found by name, made when new, their chain of command kept."""

from typing import Any

from sqlalchemy import Connection

from geoapp import overlay
from geoapp.ingest.load import ImportBatch, run
from geoapp.ingest.parse import plain


def actors(connection: Connection, batch: ImportBatch, parents: bool) -> None:
    """Match the staged actors (actor, acronym, origin, domain, kind, and parent when `parents`) to the register.

    Every staged row gets `actor_id`, and `domain` becomes the register's where it knows better.
    """
    above = "parent" if parents else "NULL::text"
    staged = run(
        connection,
        f"""
        SELECT actor, max(acronym), max(origin), max(domain), max(kind), max({above}), min(handling)
        FROM staging GROUP BY actor
        """,
    )
    known, own = _known(connection, batch)
    rows = {plain(str(r[0])): r for r in staged}
    for row in list(rows.values()):
        parent = str(row[5]) if row[5] else ""
        if parent and plain(parent) not in rows and plain(parent) not in known:
            rows[plain(parent)] = (parent, None, row[2], row[3], None, None, row[6])
    known |= _written(connection, batch, _ADD, [(key, None, row) for key, row in rows.items() if key not in known])
    known |= _written(
        connection, batch, _KNOW_BETTER, [(key, known[key][0], row) for key, row in rows.items() if key not in own]
    )
    _command(connection, batch, {known[k][0]: known[plain(str(r[5]))][0] for k, r in rows.items() if r[5]})
    run(
        connection,
        "CREATE TEMPORARY TABLE named (name text PRIMARY KEY, id bigint, own bigint, domain text) ON COMMIT DROP",
    )
    run(
        connection,
        """
        INSERT INTO named SELECT * FROM unnest(
            CAST(:names AS text[]), CAST(:ids AS bigint[]), CAST(:own AS bigint[]), CAST(:domains AS text[]))
        """,
        names=[r[0] for r in staged],
        ids=[known[plain(str(r[0]))][0] for r in staged],
        own=[own.get(plain(str(r[0])), known[plain(str(r[0]))][0]) for r in staged],
        domains=[known[plain(str(r[0]))][1] for r in staged],
    )
    run(connection, "ALTER TABLE staging ADD COLUMN actor_id bigint, ADD COLUMN named_id bigint")
    run(
        connection,
        "UPDATE staging AS s SET actor_id = n.id, named_id = n.own, domain = n.domain FROM named AS n WHERE n.name = s.actor",
    )


def _known(connection: Connection, batch: ImportBatch) -> tuple[dict[str, tuple[int, Any]], dict[str, int]]:
    """Who is meant by a name, as its key: id and domain; and, of names of actors that were merged into others, the row that has
    the name, by which claims that came under it are found again."""
    known: dict[str, tuple[int, Any]] = {}
    own: dict[str, int] = {}
    rows = run(
        connection,
        """
        SELECT a.name_key, a.id, coalesce(a.merged_into, a.id), coalesce(k.domain, a.domain), a.other_names
        FROM calc.actor AS a
        LEFT JOIN facts.actor AS k ON k.operation_id = a.operation_id AND k.id = a.merged_into
        WHERE a.operation_id = :operation
        """,
        operation=batch.operation_id,
    )
    for _, id_, meant, domain, others in rows:
        for other in str(others or "").split(";"):
            if plain(other) and plain(other) not in known:
                known[plain(other)] = (int(str(meant)), domain)
                own[plain(other)] = int(str(id_))
    for key, id_, meant, domain, _ in rows:
        known[str(key)] = (int(str(meant)), domain)
        own.pop(str(key), None)
        if meant != id_:
            own[str(key)] = int(str(id_))
    return known, own


def keep_split(connection: Connection, batch: ImportBatch, key: str) -> None:
    """Give staged rows of a claim that was split off to the actor that it went to. `key` is SQL over the staged row `s` for the
    claim's key."""
    run(
        connection,
        f"""
        UPDATE staging AS s SET actor_id = a.actor_id, domain = a.domain
        FROM facts.area AS a
        JOIN facts.actor_step AS t ON t.operation_id = a.operation_id AND t.kind = 'split' AND t.undone_at IS NULL
            AND t.areas @> ARRAY[a.id]
        JOIN facts.actor AS o ON o.operation_id = t.operation_id AND o.id = t.other_id
            AND coalesce(o.merged_into, o.id) = a.actor_id
        WHERE a.operation_id = :operation AND a.source_key = {key}
        """,
        operation=batch.operation_id,
    )


_SAID = """
    unnest(CAST(:keys AS text[]), CAST(:ids AS bigint[]), CAST(:names AS text[]), CAST(:acronyms AS text[]),
        CAST(:origins AS text[]), CAST(:domains AS text[]), CAST(:kinds AS text[]), CAST(CAST(:handlings AS text[]) AS facts.handling[]))
    AS n (key, id, name, acronym, origin, domain, kind, handling)
"""
_ADD = f"""
    INSERT INTO facts.actor (operation_id, batch_id, recorded_by, handling, name, name_key, acronym, origin, domain, kind)
    SELECT :operation, :batch, calc.member(), n.handling, n.name, n.key, n.acronym, coalesce(n.origin, 'unknown'),
        coalesce(n.domain, 'unknown'), n.kind
    FROM {_SAID}
    RETURNING name_key, id, domain
"""
_KNOW_BETTER = f"""
    UPDATE facts.actor AS a SET domain = CASE WHEN a.domain = 'unknown' THEN coalesce(n.domain, a.domain) ELSE a.domain END,
        origin = CASE WHEN a.origin = 'unknown' THEN coalesce(n.origin, a.origin) ELSE a.origin END,
        kind = coalesce(a.kind, n.kind), acronym = coalesce(a.acronym, n.acronym), handling = least(a.handling, n.handling)
    FROM {_SAID}
    WHERE a.operation_id = :operation AND a.id = n.id AND a.batch_id IS NOT NULL AND (
        (a.domain = 'unknown' AND coalesce(n.domain, 'unknown') <> 'unknown')
        OR (a.origin = 'unknown' AND coalesce(n.origin, 'unknown') <> 'unknown')
        OR (a.kind IS NULL AND n.kind IS NOT NULL)
        OR (a.acronym IS NULL AND n.acronym IS NOT NULL)
        OR a.handling > n.handling)
    RETURNING a.name_key, a.id, a.domain
"""
"""What the file knows better of actors that are in the register; not of those that were written or corrected by hand."""


def _written(
    connection: Connection, batch: ImportBatch, statement: str, said: list[tuple[str, int | None, tuple[Any, ...]]]
) -> dict[str, tuple[int, Any]]:
    """What was written of these actors (key, id, and what the file says of them): each one's id and domain by its key."""
    if not said:
        return {}
    columns = zip(*((key, id_, *row[:5], row[6]) for key, id_, row in said), strict=True)
    names = ("keys", "ids", "names", "acronyms", "origins", "domains", "kinds", "handlings")
    binds = dict(zip(names, map(list, columns), strict=True))
    rows = run(connection, statement, operation=batch.operation_id, batch=batch.id, **binds)
    return {str(key): (int(str(id_)), domain) for key, id_, domain in rows}


def _command(connection: Connection, batch: ImportBatch, parents: dict[int, int]) -> None:
    """Set who stands under whom, and each actor's lineage. Who was written or corrected by hand stands where that says; a circle
    in the file is cut where it closes."""
    run(
        connection,
        """
        UPDATE facts.actor AS a SET parent_id = p.parent
        FROM unnest(CAST(:ids AS bigint[]), CAST(:parents AS bigint[])) AS p (id, parent)
        WHERE a.operation_id = :operation AND a.id = p.id AND p.parent <> p.id AND a.batch_id IS NOT NULL
            AND a.parent_id IS DISTINCT FROM p.parent
        """,
        operation=batch.operation_id, ids=list(parents), parents=list(parents.values()),
    )  # fmt: skip
    overlay.cut_circles(connection, batch.operation_id)
    overlay.follow(connection, batch.operation_id)
