"""Areas of operation: one area each, its parts on interned footprints."""

from sqlalchemy import Connection

from geoapp.ingest.identity import hold_back
from geoapp.ingest.kind import Identity, both
from geoapp.ingest.load import ImportBatch, Landed, drop_duplicates, footprints, kept_by_hand, run, upsert
from geoapp.ingest.load_actors import actors, keep_split

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
_OTHER_GROUND = """NOT EXISTS (SELECT FROM facts.area_part AS p
    WHERE p.operation_id = :operation AND p.area_id = t.id AND p.footprint_id = s.footprint_id)"""


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
    kept, told = kept_by_hand(connection, batch, "area", ["source_key"], AREA, _OTHER_GROUND)
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
    landed.unchanged += kept
    landed.rejected, landed.findings = rejected, findings + held + told
    return landed


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
