"""Areas of operation: one area each, its parts on interned footprints."""

from sqlalchemy import Connection

from geoapp.ingest.identity import hold_back
from geoapp.ingest.kind import Identity, both
from geoapp.ingest.load import ImportBatch, Landed, drop_duplicates, footprints, run, upsert
from geoapp.ingest.load_actors import actors, keep_split
from geoapp.ingest.report import Finding

AREA = (
    "source_key", "actor_id", "domain", "subject", "name", "positioning", "sector", "activity", "status", "source",
    "reliability", "credibility", "disputed", "valid",
)  # fmt: skip
AREA_IDENTITY = Identity(
    "area",
    both("name", "positioning")
    | {"actor": ("(SELECT a.name FROM facts.actor AS a WHERE a.operation_id = t.operation_id AND a.id = t.actor_id)", "s.actor")},
    stored="""(SELECT f.geom FROM facts.area_part AS p
        JOIN facts.footprint AS f ON f.operation_id = p.operation_id AND f.id = p.footprint_id
        WHERE p.operation_id = t.operation_id AND p.area_id = t.id ORDER BY p.id DESC LIMIT 1)""",
    join="t.source_key = 'areas:' || s.source_key",
    also=both("sector", "activity", "status"),
)  # fmt: skip


def areas(connection: Connection, batch: ImportBatch) -> Landed:
    """Land staged areas of operation: one area, one part each. What was corrected by hand stays as it is, and is told: a file of
    areas does not say when it knew what it says."""
    findings = drop_duplicates(connection, ["source_key"])
    rejected, held = hold_back(connection, batch.operation_id, AREA_IDENTITY, moved=batch.moved)
    actors(connection, batch, parents=True)
    keep_split(connection, batch, "'areas:' || s.source_key")
    run(
        connection,
        "UPDATE staging SET positioning = 'area_of_operations'"
        " WHERE domain = 'civil' AND positioning IN ('patrol_area', 'boundary')",
    )
    footprints(connection, batch, "'areas.' || s.domain")
    run(
        connection,
        """
        CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS
        SELECT s.row_no, s.handling, 'areas:' || s.source_key AS source_key, s.actor_id,
            s.domain, 'areas.' || s.domain AS subject, s.name, s.positioning, s.sector, s.activity,
            coalesce(s.status, 'active') AS status, s.source, s.reliability, s.credibility,
            coalesce(s.disputed, false) AS disputed, daterange(s.date_from, s.date_to, '[]') AS valid, s.km2
        FROM staging AS s
        """,
    )
    by_hand = _kept_by_hand(connection, batch)
    run(
        connection,
        "UPDATE incoming AS n SET km2 = a.km2 FROM facts.area AS a"
        " WHERE a.operation_id = :operation AND a.source_key = n.source_key",
        operation=batch.operation_id,
    )
    landed = upsert(connection, batch, "area", ["source_key"], [*AREA, "km2"])
    run(
        connection,
        """
        CREATE TEMPORARY TABLE parts ON COMMIT DROP AS
        SELECT l.id AS area_id, n.handling, n.subject, s.footprint_id, n.valid, n.status, n.activity, NULL AS pcode,
            ARRAY[s.row_no] AS source_rows
        FROM landed AS l JOIN incoming AS n USING (row_no) JOIN staging AS s USING (row_no)
        """,
    )
    moved = parts(connection, batch, replace=True)
    ids = {int(str(r[0])) for r in run(connection, "SELECT id FROM landed WHERE fate <> 'unchanged'")}
    changed_shape = moved - ids
    landed.updated += len(changed_shape)
    landed.unchanged -= len(changed_shape)
    landed.areas = sorted(ids | moved)
    landed.unchanged += len(by_hand)
    different = [
        Finding(
            "warning", row, "source_key", "kept-by-hand", f"{key} was corrected by hand here: the correction was kept.",
            "Correct it by hand where the source is right.", key,
        )
        for row, key, differs in by_hand if differs
    ]  # fmt: skip
    landed.rejected, landed.findings = rejected, findings + held + different
    return landed


def _kept_by_hand(connection: Connection, batch: ImportBatch) -> list[tuple[int, str, bool]]:
    """Take the rows of areas that were corrected by hand out of `incoming`: row, the file's key, whether it says otherwise."""
    was, now = (", ".join(f"{of}.{column}" for column in ("handling", *AREA)) for of in "tn")
    found = run(
        connection,
        f"""
        WITH kept AS (
            SELECT n.row_no, s.source_key, ({was}) IS DISTINCT FROM ({now}) OR NOT EXISTS (
                SELECT FROM facts.area_part AS p WHERE p.operation_id = :operation AND p.area_id = t.id
                    AND p.footprint_id = s.footprint_id) AS differs
            FROM incoming AS n JOIN staging AS s USING (row_no)
            JOIN calc.area AS t ON t.operation_id = :operation AND t.source_key = n.source_key
            WHERE t.batch_id IS NULL AND t.version > 1
        ), gone AS (
            DELETE FROM incoming AS n USING kept AS k WHERE n.row_no = k.row_no
        )
        SELECT row_no, source_key, differs FROM kept ORDER BY row_no
        """,
        operation=batch.operation_id,
    )
    return [(int(str(row)), str(key), bool(differs)) for row, key, differs in found]


def parts(connection: Connection, batch: ImportBatch, *, replace: bool) -> set[int]:
    """Bring area_part to the temporary table `parts`; the areas whose ground or days changed.

    With `replace`, an area has one part, and the file says all there is of it.
    """
    values = {"operation": batch.operation_id, "batch": batch.id}
    moved: set[int] = set()
    if replace:
        # changed where it stands, not removed and added: withdrawing the batch gives the earlier part back
        changed_ground = run(
            connection,
            """
            UPDATE facts.area_part AS t SET footprint_id = n.footprint_id, valid = n.valid, handling = n.handling,
                subject = n.subject, status = n.status, activity = n.activity, batch_id = :batch
            FROM parts AS n
            WHERE t.operation_id = :operation AND t.area_id = n.area_id
                AND (t.footprint_id, t.valid) IS DISTINCT FROM (n.footprint_id, n.valid)
            RETURNING t.area_id
            """,
            **values,
        )
        moved |= {int(str(r[0])) for r in changed_ground}
    changed = run(
        connection,
        """
        UPDATE facts.area_part AS t SET handling = n.handling, subject = n.subject, status = n.status,
            activity = n.activity, batch_id = :batch
        FROM parts AS n
        WHERE t.operation_id = :operation AND t.area_id = n.area_id AND t.footprint_id = n.footprint_id
            AND t.valid = n.valid
            AND (t.handling, t.subject, t.status, t.activity)
                IS DISTINCT FROM (n.handling, n.subject, n.status, n.activity)
        RETURNING t.area_id
        """,
        **values,
    )
    added = run(
        connection,
        """
        INSERT INTO facts.area_part (operation_id, batch_id, recorded_by, handling, area_id, subject, footprint_id,
            valid, status, activity, pcode, source_rows)
        SELECT :operation, :batch, calc.member(), n.handling, n.area_id, n.subject, n.footprint_id, n.valid, n.status,
            n.activity, n.pcode, n.source_rows
        FROM parts AS n
        WHERE NOT EXISTS (
            SELECT FROM facts.area_part AS t
            WHERE t.operation_id = :operation AND t.area_id = n.area_id AND t.footprint_id = n.footprint_id
                AND t.valid = n.valid)
        RETURNING area_id
        """,
        **values,
    )
    return moved | {int(str(r[0])) for r in changed} | {int(str(r[0])) for r in added}
