"""One staged row an event: the newest, with the actors of all its rows, and no event that its source has deleted."""

from sqlalchemy import Connection

from geoapp.ingest.load import ImportBatch, drop_duplicates, run
from geoapp.ingest.report import Finding


def one_row_an_event(connection: Connection) -> list[Finding]:
    """Keep one staged row an event: its newest. An event told once for each actor keeps all of its actors."""
    run(
        connection,
        """
        CREATE TEMPORARY TABLE repeated ON COMMIT DROP AS
        SELECT source, source_event_id FROM staging GROUP BY 1, 2 HAVING count(*) > 1
        """,
    )
    if run(connection, "SELECT FROM repeated LIMIT 1") == []:
        return []
    run(
        connection,
        """
        CREATE TEMPORARY TABLE told ON COMMIT DROP AS
        SELECT k.row_no AS kept, s.row_no, s.actors
        FROM (
            SELECT DISTINCT ON (s.source, s.source_event_id) s.*
            FROM staging AS s JOIN repeated USING (source, source_event_id)
            ORDER BY s.source, s.source_event_id, s.source_ts DESC NULLS LAST, s.row_no DESC
        ) AS k
        JOIN staging AS s ON s.source = k.source AND s.source_event_id = k.source_event_id
            AND s.source_ts IS NOT DISTINCT FROM k.source_ts AND s.occurred_from = k.occurred_from
            AND s.event_type = k.event_type
        WHERE k.taxonomy = 'acled'
        """,
    )
    merged = run(
        connection,
        """
        UPDATE staging AS s SET actors = m.actors FROM (
            SELECT a.kept, jsonb_agg(a.actor ORDER BY a.row_no, a.place) AS actors
            FROM (
                SELECT DISTINCT ON (t.kept, a.actor ->> 'label') t.kept, t.row_no, a.place, a.actor
                FROM told AS t
                CROSS JOIN LATERAL jsonb_array_elements(coalesce(t.actors, '[]'))
                    WITH ORDINALITY AS a (actor, place)
                WHERE t.kept IN (SELECT kept FROM told GROUP BY kept HAVING count(DISTINCT actors) > 1)
                ORDER BY t.kept, a.actor ->> 'label', t.row_no, a.place
            ) AS a GROUP BY a.kept
        ) AS m WHERE s.row_no = m.kept RETURNING s.row_no
        """,
    )
    findings = []
    if merged:
        gone = run(
            connection,
            """
            DELETE FROM staging AS s USING told AS t
            WHERE s.row_no = t.row_no AND t.row_no <> t.kept AND t.kept = ANY (:merged) RETURNING s.row_no
            """,
            merged=[r[0] for r in merged],
        )
        findings.append(
            Finding(
                "repaired", None, "actor1", "one-row-per-actor",
                f"{len(merged) + len(gone):,} rows tell {len(merged):,} events once for each actor; each is one event here,"
                " with all of its actors.", "Nothing needs to be done.",
            )
        )  # fmt: skip
    order = "source_ts DESC NULLS LAST, row_no DESC"
    return findings + drop_duplicates(connection, ["source", "source_event_id"], prefer=order)


def leave_out_deleted(connection: Connection, batch: ImportBatch) -> list[Finding]:
    """Take out staged rows that the source took back, unless they are newer; a finding for each."""
    rows = run(
        connection,
        """
        DELETE FROM staging AS s USING (
            SELECT source, source_event_id, max(deleted_ts) AS deleted_ts FROM facts.incident_deletion
            WHERE operation_id = :operation GROUP BY 1, 2
        ) AS d
        WHERE s.source = d.source AND s.source_event_id = d.source_event_id
            AND NOT coalesce(s.source_ts > d.deleted_ts, false)
        RETURNING s.row_no, s.source_event_id, d.deleted_ts::date
        """,
        operation=batch.operation_id,
    )
    return [
        Finding(
            "warning", int(str(row)), "source_event_id", "deleted-at-source",
            f"{event} was taken back by its source on {day}; the row is not newer and was left out.",
            "Get a new export; or withdraw the batch of deletions, and import this file again.",
        )
        for row, event, day in sorted(rows, key=lambda r: int(str(r[0])))
    ]  # fmt: skip
