"""Claims of presence and areas of operation: one area each, its parts on interned footprints."""

from sqlalchemy import Connection

from geoapp.ingest.load import ImportBatch, Landed, drop_duplicates, footprints, run, upsert
from geoapp.ingest.load_actors import actors
from geoapp.ingest.report import Finding

_AREA = (
    "source_key", "actor_id", "domain", "subject", "name", "positioning", "sector", "activity", "status", "source",
    "reliability", "credibility", "disputed", "valid",
)  # fmt: skip


def areas(connection: Connection, batch: ImportBatch) -> Landed:
    """Land staged areas of operation: one area, one part each."""
    findings = drop_duplicates(connection, ["source_key"])
    actors(connection, batch, parents=True)
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
            coalesce(s.disputed, false) AS disputed, daterange(s.date_from, s.date_to, '[]') AS valid, 0::float8 AS km2
        FROM staging AS s
        """,
    )
    run(
        connection,
        "UPDATE incoming AS n SET km2 = a.km2 FROM facts.area AS a"
        " WHERE a.operation_id = :operation AND a.source_key = n.source_key",
        operation=batch.operation_id,
    )
    landed = upsert(connection, batch, "area", ["source_key"], [*_AREA, "km2"])
    run(
        connection,
        """
        CREATE TEMPORARY TABLE parts ON COMMIT DROP AS
        SELECT l.id AS area_id, n.handling, n.subject, s.footprint_id, n.valid, n.status, n.activity, s.row_no
        FROM landed AS l JOIN incoming AS n USING (row_no) JOIN staging AS s USING (row_no)
        """,
    )
    moved = _parts(connection, batch, replace=True)
    ids = {int(str(r[0])) for r in run(connection, "SELECT id FROM landed WHERE fate <> 'unchanged'")}
    changed_shape = moved - ids
    landed.updated += len(changed_shape)
    landed.unchanged -= len(changed_shape)
    landed.areas = sorted(ids | moved)
    landed.findings = findings
    return landed


def _parts(connection: Connection, batch: ImportBatch, *, replace: bool) -> set[int]:
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
            n.activity, to_jsonb(n) ->> 'pcode',
            CASE WHEN to_jsonb(n) ? 'source_rows'
                THEN ARRAY(SELECT e::int FROM jsonb_array_elements_text(to_jsonb(n) -> 'source_rows') AS e)
                ELSE ARRAY[n.row_no] END
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


def presence(connection: Connection, batch: ImportBatch) -> Landed:
    """Land staged 3W rows: an area per organisation and sector, a part per administrative unit and period.

    A row whose P-code no boundary of the operation has is rejected with its row number.
    """
    run(
        connection,
        """
        ALTER TABLE staging ADD COLUMN footprint_id bigint, ADD COLUMN origin text, ADD COLUMN domain text,
            ADD COLUMN kind text
        """,
    )
    run(
        connection,
        """
        UPDATE staging AS s SET footprint_id = b.footprint_id FROM (
            SELECT DISTINCT ON (pcode) pcode, footprint_id FROM facts.boundary
            WHERE operation_id = :operation ORDER BY pcode, upper(valid) DESC NULLS FIRST, cod_version DESC
        ) AS b WHERE b.pcode = s.pcode
        """,
        operation=batch.operation_id,
    )
    lost = run(connection, "DELETE FROM staging WHERE footprint_id IS NULL RETURNING row_no, pcode, place")
    findings = [
        Finding(
            "error", int(str(row)), "pcode", "unknown-place",
            f"No boundary has the P-code {pcode} ({place})." if pcode else f"The row has no P-code ({place}).",
            "Import the boundaries that the file was made for, or correct the code.", str(pcode or place or ""),
        )
        for row, pcode, place in sorted(lost, key=lambda r: int(str(r[0])))
    ]  # fmt: skip
    run(
        connection,
        """
        UPDATE staging SET domain = CASE org_type WHEN '440' THEN 'military' ELSE 'civil' END,
            origin = CASE org_type WHEN '437' THEN 'international' WHEN '438' THEN 'international'
                WHEN '447' THEN 'international' WHEN '434' THEN 'foreign' WHEN '435' THEN 'national'
                WHEN '441' THEN 'national' WHEN '504' THEN 'national' ELSE 'unknown' END,
            kind = CASE org_type WHEN '437' THEN 'ingo' WHEN '441' THEN 'nngo' WHEN '447' THEN 'un_agency'
                WHEN '435' THEN 'government_central' WHEN '433' THEN 'donor' WHEN '434' THEN 'embassy'
                WHEN '431' THEN 'academic' WHEN '439' THEN 'media' WHEN '444' THEN 'private_sector'
                WHEN '446' THEN 'religious' WHEN '504' THEN 'local_ngo_cbo' END
        """,
    )
    actors(connection, batch, parents=False)
    run(
        connection,
        """
        CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS
        SELECT min(s.row_no) AS row_no, max(s.handling) AS handling,
            'presence:' || s.actor_id || ':' || coalesce(s.sector, lower(s.sector_text), '') AS source_key, s.actor_id,
            s.domain, 'presence.' || s.domain AS subject, NULL::text AS name, 'presence' AS positioning,
            coalesce(s.sector, s.sector_text) AS sector,
            left(string_agg(DISTINCT s.activity, '; '), 500) AS activity,
            CASE WHEN bool_or(coalesce(s.status, 'active') = 'active') THEN 'active' ELSE min(s.status) END AS status,
            CAST(:source AS text) AS source, NULL::text AS reliability, NULL::text AS credibility, false AS disputed,
            daterange(
                CASE WHEN bool_or(s.date_from IS NULL) THEN NULL ELSE min(s.date_from) END,
                CASE WHEN bool_or(s.date_to IS NULL) THEN NULL ELSE max(s.date_to) END, '[]') AS valid, 0::float8 AS km2
        FROM staging AS s GROUP BY 3, 4, 5, 6, 9
        """,
        source=batch.source,
    )
    run(
        connection,
        "UPDATE incoming AS n SET km2 = a.km2 FROM facts.area AS a"
        " WHERE a.operation_id = :operation AND a.source_key = n.source_key",
        operation=batch.operation_id,
    )
    upsert(connection, batch, "area", ["source_key"], [*_AREA, "km2"])
    run(
        connection,
        """
        CREATE TEMPORARY TABLE parts ON COMMIT DROP AS
        SELECT l.id AS area_id, n.handling, n.subject, s.footprint_id, daterange(s.date_from, s.date_to, '[]') AS valid,
            max(s.status) AS status, left(string_agg(DISTINCT s.activity, '; '), 500) AS activity,
            min(s.pcode) AS pcode, min(s.row_no) AS row_no, array_agg(s.row_no ORDER BY s.row_no) AS source_rows
        FROM staging AS s
        JOIN incoming AS n ON n.actor_id = s.actor_id
            AND n.sector IS NOT DISTINCT FROM coalesce(s.sector, s.sector_text)
        JOIN landed AS l ON l.row_no = n.row_no
        GROUP BY 1, 2, 3, 4, 5
        """,
    )
    moved = _parts(connection, batch, replace=False)
    ids = {int(str(r[0])) for r in run(connection, "SELECT id FROM landed WHERE fate <> 'unchanged'")}
    rows = run(
        connection,
        """
        SELECT cardinality(p.source_rows), t.xmin::text = pg_current_xact_id()::xid::text
        FROM parts AS p JOIN facts.area_part AS t ON t.operation_id = :operation AND t.area_id = p.area_id
            AND t.footprint_id = p.footprint_id AND t.valid = p.valid
        """,
        operation=batch.operation_id,
    )
    written = sum(int(str(n)) for n, now in rows if now)
    same = sum(int(str(n)) for n, now in rows if not now)
    return Landed(created=written, unchanged=same, rejected=len(lost), areas=sorted(ids | moved), findings=findings)
