"""Who is meant by the names in a file: actors found by name, made when new, their chain of command kept."""

from sqlalchemy import Connection

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
    known = {
        str(key): (int(str(id_)), domain)
        for key, id_, domain in run(
            connection,
            "SELECT name_key, id, domain FROM facts.actor WHERE operation_id = :operation",
            operation=batch.operation_id,
        )
    }
    rows = {plain(str(r[0])): r for r in staged}
    for row in list(rows.values()):
        parent = str(row[5]) if row[5] else ""
        if parent and plain(parent) not in rows and plain(parent) not in known:
            rows[plain(parent)] = (parent, None, row[2], row[3], None, None, row[6])
    for key, (name, acronym, origin, domain, kind, _, handling) in rows.items():
        found = known.get(key)
        if found is None:
            made = run(
                connection,
                """
                INSERT INTO facts.actor (operation_id, batch_id, recorded_by, handling, name, name_key, acronym,
                    origin, domain, kind)
                VALUES (:operation, :batch, calc.member(), CAST(:handling AS facts.handling), :name, :key, :acronym,
                    coalesce(:origin, 'unknown'), coalesce(:domain, 'unknown'), :kind) RETURNING id, domain
                """,
                operation=batch.operation_id, batch=batch.id, handling=handling, name=name, key=key,
                acronym=acronym, origin=origin, domain=domain, kind=kind,
            )  # fmt: skip
            known[key] = (int(str(made[0][0])), made[0][1])
        else:
            changed = run(
                connection,
                """
                UPDATE facts.actor SET domain = CASE WHEN domain = 'unknown' THEN coalesce(:domain, domain) ELSE domain END,
                    origin = CASE WHEN origin = 'unknown' THEN coalesce(:origin, origin) ELSE origin END,
                    kind = coalesce(kind, :kind), acronym = coalesce(acronym, :acronym),
                    handling = least(handling, CAST(:handling AS facts.handling))
                WHERE operation_id = :operation AND id = :id AND (
                    (domain = 'unknown' AND coalesce(:domain, 'unknown') <> 'unknown')
                    OR (origin = 'unknown' AND coalesce(:origin, 'unknown') <> 'unknown')
                    OR (kind IS NULL AND CAST(:kind AS text) IS NOT NULL)
                    OR (acronym IS NULL AND CAST(:acronym AS text) IS NOT NULL)
                    OR handling > CAST(:handling AS facts.handling))
                RETURNING domain
                """,
                operation=batch.operation_id, id=found[0], domain=domain, origin=origin, kind=kind,
                acronym=acronym, handling=handling,
            )  # fmt: skip
            if changed:
                known[key] = (found[0], changed[0][0])
    _command(connection, batch, {known[k][0]: known[plain(str(r[5]))][0] for k, r in rows.items() if r[5]})
    run(connection, "CREATE TEMPORARY TABLE named (name text PRIMARY KEY, id bigint, domain text) ON COMMIT DROP")
    run(
        connection,
        """
        INSERT INTO named SELECT * FROM unnest(
            CAST(:names AS text[]), CAST(:ids AS bigint[]), CAST(:domains AS text[]))
        """,
        names=[r[0] for r in staged],
        ids=[known[plain(str(r[0]))][0] for r in staged],
        domains=[known[plain(str(r[0]))][1] for r in staged],
    )
    run(connection, "ALTER TABLE staging ADD COLUMN actor_id bigint")
    run(connection, "UPDATE staging AS s SET actor_id = n.id, domain = n.domain FROM named AS n WHERE n.name = s.actor")


def _command(connection: Connection, batch: ImportBatch, parents: dict[int, int]) -> None:
    """Set who stands under whom, and each actor's lineage (itself and all above it; a circle is cut where it closes)."""
    run(
        connection,
        """
        UPDATE facts.actor AS a SET parent_id = p.parent
        FROM unnest(CAST(:ids AS bigint[]), CAST(:parents AS bigint[])) AS p (id, parent)
        WHERE a.operation_id = :operation AND a.id = p.id AND p.parent <> p.id AND a.parent_id IS DISTINCT FROM p.parent
        """,
        operation=batch.operation_id, ids=list(parents), parents=list(parents.values()),
    )  # fmt: skip
    run(
        connection,
        """
        WITH RECURSIVE up AS (
            SELECT a.id, a.parent_id, ARRAY[a.id] AS lineage FROM facts.actor AS a WHERE a.operation_id = :operation
            UNION ALL
            SELECT u.id, p.parent_id, u.lineage || p.id FROM up AS u
            JOIN facts.actor AS p ON p.operation_id = :operation AND p.id = u.parent_id AND p.id <> ALL (u.lineage)
        ), longest AS (
            SELECT DISTINCT ON (id) id, lineage FROM up ORDER BY id, cardinality(lineage) DESC
        )
        UPDATE facts.actor AS a SET lineage = l.lineage FROM longest AS l
        WHERE a.operation_id = :operation AND a.id = l.id AND a.lineage <> l.lineage
        """,
        operation=batch.operation_id,
    )
