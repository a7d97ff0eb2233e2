"""Which roads is a report about? By number, by place or by name; then staged reports become facts."""

from sqlalchemy import Connection

from geoapp.ingest.identity import hold_back
from geoapp.ingest.kind import Identity, both
from geoapp.ingest.load import ImportBatch, Landed, drop_duplicates, kept_by_hand, run, upsert
from geoapp.ingest.report import Finding

NEAR_M = 100
"""How far from a road a place may lie that is taken for a place on it."""

_PLAIN = "trim(regexp_replace(lower({0}), '[^[:alnum:]]+', ' ', 'g'))"
"""A road's name as it is matched: no case, no dashes or dots."""

STALE_DAYS = 30
"""Days after which a report on a road is stale when it does not say."""

_REPORT = Identity(
    "road_report",
    {"status": ("t.op_status", "s.op_status")},
    also=both("reason", "observed_on", "note"),
    stored="(SELECT r.geom FROM facts.road AS r WHERE r.operation_id = t.operation_id AND r.id = t.road_id)",
    staged="""(SELECT ST_Collect(r.geom) FROM matched AS m
        JOIN facts.road AS r ON r.operation_id = t.operation_id AND r.id = m.road_id WHERE m.row_no = s.row_no)""",
)


def road_reports(connection: Connection, batch: ImportBatch) -> Landed:
    """Land staged reports, each on every road it is about. A report that is on no known road is rejected."""
    findings = drop_duplicates(connection, ["source_key"])
    # few rows look for their road among many: by index
    run(connection, "SET LOCAL enable_nestloop = on")
    run(connection, "CREATE TEMPORARY TABLE matched (row_no int, road_id bigint, key text) ON COMMIT DROP")
    findings += _by_number(connection, batch)
    findings += _by_place(connection, batch)
    findings += _by_name(connection, batch)
    held, told = hold_back(connection, batch.operation_id, _REPORT, moved=batch.moved)
    findings += told
    lost = run(connection, "DELETE FROM staging AS s WHERE NOT EXISTS (SELECT FROM matched AS m WHERE m.row_no = s.row_no) RETURNING s.row_no")  # fmt: skip
    run(connection, "SET LOCAL enable_nestloop = off")
    run(
        connection,
        f"""
        CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS
        SELECT row_number() OVER (ORDER BY s.row_no, m.key) AS row_no, s.handling,
            s.source_key || CASE WHEN row_number() OVER (PARTITION BY s.row_no ORDER BY m.key) = 1 THEN ''
                ELSE ' on ' || m.key END AS source_key,
            m.road_id, s.op_status, s.practicability::smallint AS practicability, s.reason, s.source, s.observed_on,
            coalesce(s.stale_days, {STALE_DAYS})::smallint AS stale_days, s.note,
            daterange(s.valid_from, s.valid_to, '[]') AS valid, s.source_key AS report
        FROM staging AS s JOIN matched AS m USING (row_no)
        """,
    )
    columns = [
        "source_key", "road_id", "op_status", "practicability", "reason", "source", "observed_on", "stale_days", "note",
        "valid",
    ]  # fmt: skip
    kept, by_hand = kept_by_hand(
        connection, batch, "road_report", ["source_key"], columns, staged="s.source_key = n.report"
    )
    landed = upsert(connection, batch, "road_report", ["source_key"], columns)
    moved = run(
        connection,
        """
        DELETE FROM facts.road_report AS t USING facts.road AS r, (SELECT DISTINCT n.report FROM incoming AS n) AS n
        WHERE t.operation_id = :operation AND r.operation_id = :operation AND r.id = t.road_id
            AND t.source_key = n.report || ' on ' || r.source_key
            AND NOT EXISTS (SELECT FROM incoming AS i WHERE i.source_key = t.source_key)
            AND NOT (t.batch_id IS NULL AND t.version > 1)
        RETURNING t.id
        """,
        operation=batch.operation_id,
    )
    landed.updated += len(moved)
    landed.unchanged += kept
    landed.rejected, landed.findings = len(lost) + held, findings + by_hand
    return landed


def _by_number(connection: Connection, batch: ImportBatch) -> list[Finding]:
    """Rows that name a road by its number at the source, or by the one it has here."""
    run(
        connection,
        """
        INSERT INTO matched (row_no, road_id, key)
        SELECT s.row_no, r.id, r.source_key FROM staging AS s
        JOIN facts.road AS r ON r.operation_id = :operation AND r.source_key = s.road
        UNION ALL
        SELECT s.row_no, r.id, r.source_key FROM staging AS s
        JOIN facts.road AS r ON r.operation_id = :operation AND r.id = CASE WHEN s.road ~ '^[0-9]{1,18}$' THEN s.road::bigint END
        WHERE NOT EXISTS (SELECT FROM facts.road AS o WHERE o.operation_id = :operation AND o.source_key = s.road)
        """,
        operation=batch.operation_id,
    )
    lost = run(
        connection,
        """
        SELECT s.row_no, s.road, s.geom IS NOT NULL OR s.road_name IS NOT NULL FROM staging AS s
        WHERE s.road IS NOT NULL AND NOT EXISTS (SELECT FROM matched AS m WHERE m.row_no = s.row_no) ORDER BY s.row_no
        """,
    )
    return [
        Finding(
            "warning" if other else "error", int(str(row)), "road", "unknown-road",
            f"No road has the number {road}" + ("; the place or name of the row was used." if other else "."),
            "Correct it, name the road, or give coordinates on it.",
        )
        for row, road, other in lost
    ]  # fmt: skip


def _by_place(connection: Connection, batch: ImportBatch) -> list[Finding]:
    """Rows with a place: the nearest road of a point, every road that a line runs along; of that name when it has one."""
    run(
        connection,
        f"""
        CREATE TEMPORARY TABLE nearest ON COMMIT DROP AS
        SELECT s.row_no, r.id AS road_id, r.source_key AS key, r.name, r.metres, r.along
        FROM staging AS s
        CROSS JOIN LATERAL (
            SELECT o.id, o.source_key, o.name,
                ST_Distance(o.geom::geography, ST_SetSRID(s.geom, 4326)::geography) AS metres,
                ST_Dimension(s.geom) = 1 AND ST_DWithin(
                    ST_ClosestPoint(o.geom, ST_Centroid(o.geom))::geography, ST_SetSRID(s.geom, 4326)::geography, {NEAR_M}) AS along
            FROM (
                SELECT w.* FROM calc.road AS w
                WHERE w.operation_id = :operation AND w.geom && ST_SetSRID(ST_Expand(s.geom,
                    {NEAR_M} / 111320.0 / greatest(cos(radians(ST_Y(ST_Centroid(s.geom)))), 0.02),
                    {NEAR_M} / 110540.0), 4326)
            ) AS o
        ) AS r
        WHERE s.geom IS NOT NULL AND r.metres <= {NEAR_M} AND NOT EXISTS (SELECT FROM matched AS m WHERE m.row_no = s.row_no)
        """,
        operation=batch.operation_id,
    )
    run(
        connection,
        f"""
        INSERT INTO matched (row_no, road_id, key)
        SELECT n.row_no, n.road_id, n.key FROM nearest AS n WHERE n.along
        UNION ALL
        SELECT * FROM (
            SELECT DISTINCT ON (n.row_no) n.row_no, n.road_id, n.key
            FROM nearest AS n JOIN staging AS s USING (row_no)
            WHERE NOT EXISTS (SELECT FROM nearest AS a WHERE a.row_no = n.row_no AND a.along)
            ORDER BY n.row_no, s.road_name IS NULL OR {_PLAIN.format("n.name")} = {_PLAIN.format("s.road_name")} DESC, n.metres, n.road_id
        ) AS one
        """,
    )
    told = run(
        connection,
        """
        SELECT m.row_no, count(*), min(coalesce(n.name || ' (' || n.key || ')', n.key)), max(n.metres)
        FROM matched AS m JOIN nearest AS n USING (row_no, road_id) GROUP BY m.row_no ORDER BY m.row_no
        """,
    )
    lost = run(
        connection,
        """
        SELECT s.row_no FROM staging AS s
        WHERE s.geom IS NOT NULL AND NOT EXISTS (SELECT FROM matched AS m WHERE m.row_no = s.row_no) ORDER BY s.row_no
        """,
    )
    return [
        Finding(
            "warning", int(str(row)), None, "road-by-place",
            f"Taken for {road}, {float(str(metres)):.0f} m from the place."
            if int(str(count)) == 1 else f"Taken for {count} pieces of road along the line, such as {road}.",
            "Look at it on the map, or give the road's number.",
        )
        for row, count, road, metres in told
    ] + [
        Finding(
            "error", int(str(row)), None, "no-road-near", f"No road lies within {NEAR_M} m of the place.",
            "Correct the place, or give the road's number.",
        )
        for (row,) in lost
    ]  # fmt: skip


def _by_name(connection: Connection, batch: ImportBatch) -> list[Finding]:
    """Rows that only name their road: every piece that bears the name, when these are one road without a gap."""
    run(
        connection,
        f"""
        CREATE TEMPORARY TABLE bearing ON COMMIT DROP AS
        SELECT w.row_no, w.road_name, r.id AS road_id, r.source_key AS key,
            ST_ClusterDBSCAN(r.geom, 0.0001, 1) OVER (PARTITION BY w.row_no) AS part
        FROM (
            SELECT s.row_no, s.road_name FROM staging AS s WHERE s.geom IS NULL AND s.road_name IS NOT NULL
                AND NOT EXISTS (SELECT FROM matched AS m WHERE m.row_no = s.row_no)
        ) AS w JOIN facts.road AS r ON r.operation_id = :operation AND {_PLAIN.format("r.name")} = {_PLAIN.format("w.road_name")}
        """,
        operation=batch.operation_id,
    )
    run(
        connection,
        """
        INSERT INTO matched (row_no, road_id, key)
        SELECT b.row_no, b.road_id, b.key FROM bearing AS b
        WHERE NOT EXISTS (SELECT FROM bearing AS o WHERE o.row_no = b.row_no AND o.part <> b.part)
        """,
    )
    lost = run(
        connection,
        """
        SELECT s.row_no, s.road_name, count(DISTINCT b.part) FROM staging AS s LEFT JOIN bearing AS b USING (row_no)
        WHERE s.geom IS NULL AND s.road_name IS NOT NULL
            AND NOT EXISTS (SELECT FROM matched AS m WHERE m.row_no = s.row_no)
        GROUP BY s.row_no, s.road_name ORDER BY s.row_no
        """,
    )
    return [
        Finding("error", int(str(row)), "road_name", "unknown-road", f"No road bears the name {name}.", "Correct it, or give the road's number.")
        if not count else
        Finding(
            "error", int(str(row)), "road_name", "road-name-twice",
            f"{count} roads that do not meet bear the name {name}.", "Give the road's number, or coordinates on it.",
        )
        for row, name, count in lost
    ]  # fmt: skip
