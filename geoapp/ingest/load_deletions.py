"""What a source took back: its events leave the map and the counts, the history keeps them, and an old export does not
bring them in again. Withdrawing the batch of deletions does."""

from sqlalchemy import Connection

from geoapp.db import coarser_forms
from geoapp.ingest.load import ImportBatch, Landed, run
from geoapp.ingest.report import Finding
from geoapp.overlay import add_incidents, recount_near, subtract_incidents


def deletions(connection: Connection, batch: ImportBatch) -> Landed:
    """Land staged deletions: events that are not newer than their deletion are removed, and the deletion is remembered.

    A deletion without a moment of its own is one of now.
    """
    with coarser_forms(connection):
        return _take_back(connection, batch)


def _take_back(connection: Connection, batch: ImportBatch) -> Landed:
    values = {"operation": batch.operation_id, "batch": batch.id}
    run(
        connection,
        """
        CREATE TEMPORARY TABLE deletion ON COMMIT DROP AS
        SELECT s.source, s.source_event_id, max(coalesce(s.deleted_ts, now())) AS deleted_ts, max(s.row_no) AS row_no
        FROM staging AS s GROUP BY 1, 2
        """,
    )
    run(connection, "ANALYZE deletion")
    run(
        connection,
        """
        CREATE TEMPORARY TABLE hit ON COMMIT DROP AS
        SELECT t.operation_id, t.id, t.source, t.source_event_id, t.geom, t.finest, t.geo_precision, t.pcode, t.valid, d.row_no, coalesce(t.source_ts > d.deleted_ts, false) AS newer,
            t.batch_id IS NULL AND t.version > 1 AS by_hand
        FROM facts.incident AS t JOIN deletion AS d USING (source, source_event_id) WHERE t.operation_id = :operation
        """,
        **values,
    )
    noted = run(
        connection,
        """
        INSERT INTO facts.incident_deletion (operation_id, source, source_event_id, batch_id, deleted_ts, removed_at)
        SELECT :operation, d.source, d.source_event_id, :batch, d.deleted_ts, coalesce(
            (SELECT max(now()) FROM hit AS h
                WHERE h.source = d.source AND h.source_event_id = d.source_event_id AND NOT h.newer),
            (SELECT max(e.removed_at) FROM facts.incident_deletion AS e WHERE e.operation_id = :operation
                AND e.source = d.source AND e.source_event_id = d.source_event_id
                AND NOT EXISTS (SELECT FROM hit AS h WHERE h.source = d.source AND h.source_event_id = d.source_event_id)))
        FROM deletion AS d
        WHERE NOT EXISTS (
            SELECT FROM facts.incident_deletion AS e
            WHERE e.operation_id = :operation AND e.source = d.source AND e.source_event_id = d.source_event_id
                AND e.deleted_ts >= d.deleted_ts)
            OR EXISTS (SELECT FROM hit AS h
                WHERE h.source = d.source AND h.source_event_id = d.source_event_id AND NOT h.newer)
        RETURNING source_event_id
        """,
        **values,
    )
    gone = "(SELECT t.* FROM calc.incident AS t JOIN hit AS h ON h.id = t.id AND NOT h.newer)"
    subtract_incidents(connection, batch.operation_id, gone)
    removed = run(
        connection,
        """
        DELETE FROM facts.incident AS t USING hit AS h
        WHERE t.operation_id = :operation AND t.id = h.id AND NOT h.newer RETURNING t.source_event_id
        """,
        **values,
    )
    recount_near(connection, batch.operation_id, "(SELECT geom FROM hit WHERE NOT newer)")
    count_orphans(connection, batch.operation_id, batch.id)
    read = int(str(run(connection, "SELECT count(*) FROM staging")[0][0]))
    gone_for_good = len(set(removed))
    return Landed(
        created=len(noted),
        unchanged=read - len(noted),
        removed=gone_for_good,
        findings=_told(connection, gone_for_good),
    )


def _told(connection: Connection, removed: int) -> list[Finding]:
    absent, newer = run(
        connection,
        """
        SELECT count(*) FILTER (WHERE h.id IS NULL), count(DISTINCT h.source_event_id) FILTER (WHERE h.newer)
        FROM deletion AS d LEFT JOIN hit AS h USING (source, source_event_id)
        """,
    )[0]
    findings = [
        Finding(
            "warning", None, None, "events-removed",
            f"{removed:,} events were removed; {absent:,} of the file are not here; {newer:,} are newer and were kept.",
            "The history keeps what was removed; withdrawing this batch brings it back.",
        )
    ]  # fmt: skip
    for row, event, was_newer in run(
        connection, "SELECT DISTINCT row_no, source_event_id, newer FROM hit WHERE newer OR by_hand ORDER BY 1"
    ):
        if was_newer:
            code, words = "newer-than-its-deletion", "has changed since it was deleted, and was kept"
        else:
            code, words = "was-corrected-by-hand", "had been corrected by hand here, and was removed"
        findings.append(
            Finding("warning", int(str(row)), "event_id", code, f"{event} {words}.", "Look whether that is right.")
        )
    return findings


def count_orphans(connection: Connection, operation_id: int, batch_id: int | None = None) -> None:
    """Reports of an event that is no longer there: the first of them is the event now and is counted, others are reports
    of it. With a batch, withdrawing that batch undoes it."""
    run(
        connection,
        """
        CREATE TEMPORARY TABLE orphan ON COMMIT DROP AS
        SELECT r.id, r.geom, first_value(r.source) OVER w AS source, first_value(r.source_event_id) OVER w AS event,
            (r.source, r.source_event_id) = (first_value(r.source) OVER w, first_value(r.source_event_id) OVER w) AS first
        FROM facts.incident AS r
        WHERE r.operation_id = :operation AND r.same_as_event IS NOT NULL AND NOT EXISTS (
            SELECT FROM facts.incident AS t WHERE t.operation_id = :operation AND t.source = r.same_as_source
                AND t.source_event_id = r.same_as_event)
        WINDOW w AS (PARTITION BY r.same_as_source, r.same_as_event ORDER BY r.source, r.source_event_id, r.finest)
        """,
        operation=operation_id,
    )
    run(
        connection,
        """
        UPDATE facts.incident AS t SET same_as_source = CASE WHEN o.first THEN NULL ELSE o.source END,
            same_as_event = CASE WHEN o.first THEN NULL ELSE o.event END,
            batch_id = coalesce(CAST(:batch AS bigint), t.batch_id)
        FROM orphan AS o WHERE t.operation_id = :operation AND t.id = o.id
        """,
        operation=operation_id,
        batch=batch_id,
    )
    add_incidents(
        connection, operation_id, "(SELECT t.* FROM calc.incident AS t JOIN orphan AS o ON o.id = t.id AND o.first)"
    )
    recount_near(connection, operation_id, "orphan")
    run(connection, "DROP TABLE orphan")


def bring_back(connection: Connection, operation_id: int, batch_id: int) -> int:
    """Undo a batch of deletions: what it removed is there again as it last was, unless it came back newer, another
    deletion holds, or the import that brought it was withdrawn; how many rows. They are not counted yet."""
    values = {"operation": operation_id, "batch": batch_id}
    run(
        connection,
        """
        CREATE TEMPORARY TABLE lifted ON COMMIT DROP AS
        SELECT source, source_event_id, removed_at FROM facts.incident_deletion
        WHERE operation_id = :operation AND batch_id = :batch AND removed_at IS NOT NULL
        """,
        **values,
    )
    run(
        connection,
        "DELETE FROM facts.incident_deletion WHERE operation_id = :operation AND batch_id = :batch",
        **values,
    )
    run(
        connection,
        """
        UPDATE facts.incident_deletion AS d SET removed_at = l.removed_at FROM lifted AS l
        WHERE d.operation_id = :operation AND d.source = l.source AND d.source_event_id = l.source_event_id
            AND d.removed_at IS NULL
        """,
        **values,
    )
    columns = [
        str(r[0])
        for r in run(
            connection,
            """
            SELECT attname FROM pg_attribute WHERE attrelid = 'facts.incident'::regclass AND attnum > 0
                AND NOT attisdropped AND attname NOT IN ('version', 'recorded_at', 'recorded_by')
            """,
        )
    ]
    back = run(
        connection,
        f"""
        INSERT INTO facts.incident ({", ".join(columns)}, version, recorded_by)
        SELECT {", ".join(f'(e.was)."{c}"' for c in columns)}, e.version + 1, calc.member()
        FROM (
            SELECT DISTINCT ON (h.row_id) h.row_id, jsonb_populate_record(NULL::facts.incident, h.row) AS was,
                (g.row ->> 'version')::int AS version
            FROM lifted AS l
            JOIN calc.history AS g ON g.operation_id = :operation AND g.subject = 'incident'
                AND upper(g.recorded) = l.removed_at AND g.row ->> 'source' = l.source
                AND g.row ->> 'source_event_id' = l.source_event_id
            JOIN calc.history AS h ON h.operation_id = :operation AND h.subject = 'incident' AND h.row_id = g.row_id
            LEFT JOIN facts.batch AS b ON b.operation_id = :operation AND b.id = (h.row ->> 'batch_id')::bigint
            WHERE b.withdrawn_at IS NULL
                AND NOT EXISTS (SELECT FROM facts.incident AS t WHERE t.operation_id = :operation
                    AND t.source = l.source AND t.source_event_id = l.source_event_id)
                AND NOT EXISTS (SELECT FROM facts.incident_deletion AS d WHERE d.operation_id = :operation
                    AND d.source = l.source AND d.source_event_id = l.source_event_id
                    AND NOT coalesce((h.row ->> 'source_ts')::timestamptz > d.deleted_ts, false))
            ORDER BY h.row_id, upper(h.recorded) DESC
        ) AS e RETURNING id
        """,
        **values,
    )  # fmt: skip
    return len(back)
