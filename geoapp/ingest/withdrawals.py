"""An import is taken back as a whole: what it made goes, what it changed returns to what it was."""

from sqlalchemy import Connection, Engine, text

from geoapp import overlay
from geoapp.db import Context, again, coarser_forms, transaction
from geoapp.errors import NotFound
from geoapp.ingest import provinces
from geoapp.ingest.load_deletions import bring_back, count_orphans
from geoapp.model import FACTS
from geoapp.observe import event
from geoapp.writing import lock_operation


@again
def withdraw(engine: Engine, context: Context, batch_id: int) -> dict[str, int]:
    """Take a batch back as a whole: rows it made go, rows it changed return to what they were; how many of each.

    Raises NotFound when there is no such batch, or it was withdrawn before.
    """
    with transaction(engine, context) as connection:
        operation_id = lock_operation(connection, "batch")
        values = {"operation": operation_id, "batch": batch_id}
        found = connection.execute(
            text("""
                UPDATE facts.batch SET withdrawn_at = now(), withdrawn_by = calc.member()
                WHERE operation_id = :operation AND id = :batch AND withdrawn_at IS NULL RETURNING kind
            """),
            values,
        ).scalar()
        if found is None:
            raise NotFound(f"There is no batch {batch_id} to withdraw.", hint="`GET …/imports` lists them.")
        areas = [
            r[0]
            for r in connection.execute(
                text("""
                    SELECT id FROM facts.area WHERE operation_id = :operation AND batch_id = :batch
                    UNION SELECT area_id FROM facts.area_part WHERE operation_id = :operation AND batch_id = :batch
                """),
                values,
            )
        ]
        with coarser_forms(connection):
            done = _undo(connection, operation_id, batch_id, str(found), values)
            connection.execute(text(_MERGED), values)
        overlay.refresh(connection, operation_id, areas)
        overlay.count_few(connection, operation_id)
    event("withdraw", context, batch=batch_id, **done)
    return done


def _undo(
    connection: Connection, operation_id: int, batch_id: int, found: str, values: dict[str, int]
) -> dict[str, int]:
    """Every row of the batch as it was before it, and the counts of incidents with them."""
    done = {"removed": 0, "restored": 0}
    if found in ("incidents", "deletions"):
        touched = "(SELECT * FROM calc.incident AS t WHERE t.operation_id = :operation AND t.batch_id = {})"
        mine = touched.format(int(batch_id))
        connection.execute(
            text(f"CREATE TEMPORARY TABLE touched ON COMMIT DROP AS SELECT geom FROM {mine} AS t"),
            values,
        )
        overlay.subtract_incidents(connection, operation_id, mine)
    for table in sorted(set(FACTS) - {"overlap", "overlap_pair"}, key=lambda t: (t != "area_part", t != "area", t)):
        for fate, count in _take_back(connection, table, values).items():
            done[fate] += count
    connection.execute(
        text("DELETE FROM facts.base_feature WHERE operation_id = :operation AND batch_id = :batch"), values
    )
    if found == "boundaries":
        done["restored"] += provinces.bring_back(connection, operation_id)
    if found == "deletions":
        done["restored"] += bring_back(connection, operation_id, batch_id)
    if found in ("incidents", "deletions"):
        connection.execute(text(_TAKEN_BACK), values)
        restored = """(
            SELECT t.* FROM calc.incident AS t WHERE t.operation_id = :operation AND t.recorded_at = now()
        )"""
        overlay.add_incidents(connection, operation_id, restored)
        overlay.recount_near(connection, operation_id, "touched")
        overlay.recount_near(connection, operation_id, restored)
        count_orphans(connection, operation_id)
    return done


_MERGED = """
    UPDATE facts.area AS a SET actor_id = c.merged_into FROM facts.actor AS c
    WHERE a.operation_id = :operation AND c.operation_id = a.operation_id AND c.id = a.actor_id AND c.merged_into IS NOT NULL
"""
"""An area that is as it was before the batch is of the actor that its own was merged into since."""
_TAKEN_BACK = """
    DELETE FROM facts.incident AS t USING facts.incident_deletion AS d
    WHERE t.operation_id = :operation AND t.recorded_at = now() AND d.operation_id = :operation
        AND d.source = t.source AND d.source_event_id = t.source_event_id
        AND NOT coalesce(t.source_ts > d.deleted_ts, false)
"""
"""A state that is restored may be one that the source took back since."""


def _take_back(connection: Connection, table: str, values: dict[str, int]) -> dict[str, int]:
    """Restore rows of the batch to their last version from a batch that stands; remove those that have none."""
    columns = [
        r[0]
        for r in connection.execute(
            text("""
                SELECT attname FROM pg_attribute
                WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 AND NOT attisdropped
                    AND attname NOT IN ('operation_id', 'id', 'version', 'recorded_at', 'recorded_by')
            """),
            {"table": f"facts.{table}"},
        )
    ]
    listed = ", ".join(f'"{c}"' for c in columns)
    earlier = ", ".join(f'(e.was)."{c}"' for c in columns)
    restored = connection.execute(
        text(f"""
            UPDATE facts.{table} AS t SET ({listed}) = ROW ({earlier})
            FROM (
                SELECT DISTINCT ON (h.row_id) h.row_id, jsonb_populate_record(NULL::facts.{table}, h.row) AS was
                FROM calc.history AS h
                LEFT JOIN facts.batch AS b ON b.operation_id = :operation AND b.id = (h.row ->> 'batch_id')::bigint
                WHERE h.operation_id = :operation AND h.subject = '{table}' AND b.withdrawn_at IS NULL
                ORDER BY h.row_id, upper(h.recorded) DESC
            ) AS e
            WHERE t.operation_id = :operation AND t.batch_id = :batch AND t.id = e.row_id RETURNING t.id
        """),
        values,
    ).all()
    keep = {
        "actor": "AND NOT EXISTS (SELECT FROM facts.area AS a WHERE a.operation_id = :operation AND a.actor_id = t.id)"
        " AND NOT EXISTS (SELECT FROM facts.actor AS c WHERE c.operation_id = :operation AND c.parent_id = t.id"
        " AND c.batch_id IS DISTINCT FROM :batch)"
        " AND t.merged_into IS NULL AND NOT EXISTS (SELECT FROM facts.actor AS m"
        " WHERE m.operation_id = :operation AND m.merged_into = t.id) AND NOT EXISTS (SELECT FROM facts.actor_step AS s"
        " WHERE s.operation_id = :operation AND s.actor_id = t.id)"
        # whose overlaps are kept
        " AND t.id <> ALL (ARRAY(SELECT unnest(ARRAY[o.actor_a, o.actor_b]) FROM facts.overlap AS o"
        " WHERE o.operation_id = :operation AND o.ended = 'area'))",
        "area": "AND NOT EXISTS (SELECT FROM facts.area_part AS p"
        " WHERE p.operation_id = :operation AND p.area_id = t.id)",
    }.get(table, "")
    removed = connection.execute(
        text(f"""
            DELETE FROM facts.{table} AS t WHERE t.operation_id = :operation AND t.batch_id = :batch {keep}
            RETURNING t.id
        """),
        values,
    ).all()
    return {"restored": len(restored), "removed": len(removed)}
