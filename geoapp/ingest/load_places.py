"""Boundaries, sites, roads, hazards, risk zones and the base map: staged rows to facts."""

from sqlalchemy import Connection

from geoapp.ingest.load import Batch, Landed, default_handling, drop_duplicates, footprints, run, upsert
from geoapp.ingest.report import Finding


def boundaries(connection: Connection, batch: Batch) -> Landed:
    """Land a level of a COD-AB. Units are matched by P-code and version; a unit without its parent is warned about."""
    default_handling(connection, batch)
    run(connection, "UPDATE staging SET cod_version = coalesce(cod_version, '')")
    findings = drop_duplicates(connection, ["pcode", "cod_version"])
    footprints(connection, batch, "'boundaries'")
    run(
        connection,
        """
        CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS
        SELECT s.row_no, s.handling::facts.handling AS handling, s.level::smallint AS level, s.pcode, s.cod_version,
            s.name, coalesce(s.names, '{}')::jsonb AS names, s.parent_pcode, s.footprint_id,
            daterange(s.valid_from, s.valid_to, '[]') AS valid
        FROM staging AS s
        """,
    )
    columns = ["level", "pcode", "cod_version", "name", "names", "parent_pcode", "footprint_id", "valid"]
    landed = upsert(connection, batch, "boundary", ["pcode", "cod_version"], columns)
    orphans = run(
        connection,
        """
        SELECT n.row_no, n.pcode, n.parent_pcode FROM incoming AS n
        WHERE n.parent_pcode IS NOT NULL AND EXISTS (
            SELECT FROM facts.boundary AS u WHERE u.operation_id = :operation AND u.level = n.level - 1)
        AND NOT EXISTS (
            SELECT FROM facts.boundary AS b WHERE b.operation_id = :operation AND b.pcode = n.parent_pcode)
        """,
        operation=batch.operation_id,
    )
    findings += [
        Finding(
            "warning", int(str(row)), "parent_pcode", "unknown-parent",
            f"{pcode} says it lies in {parent}, which no boundary has.", "Import the level above from the same release.",
        )
        for row, pcode, parent in orphans
    ]  # fmt: skip
    landed.findings = findings
    return landed


def sites(connection: Connection, batch: Batch) -> Landed:
    """Land staged sites."""
    default_handling(connection, batch)
    findings = drop_duplicates(connection, ["source_key"])
    run(
        connection,
        """
        CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS
        SELECT s.row_no, s.handling::facts.handling AS handling, s.source_key, s.name,
            coalesce(s.facility_type, 'other') AS facility_type, s.operator, s.status, s.pcode,
            daterange(s.valid_from, s.valid_to, '[]') AS valid, ST_SetSRID(ST_MakePoint(s.lon, s.lat), 4326) AS geom
        FROM staging AS s
        """,
    )
    columns = ["source_key", "name", "facility_type", "operator", "status", "pcode", "valid", "geom"]
    landed = upsert(connection, batch, "site", ["source_key"], columns)
    landed.findings = findings
    return landed


def roads(connection: Connection, batch: Batch) -> Landed:
    """Land staged roads."""
    default_handling(connection, batch)
    findings = drop_duplicates(connection, ["source_key"])
    run(
        connection,
        """
        CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS
        SELECT s.row_no, s.handling::facts.handling AS handling, s.source_key, s.name,
            coalesce(s.road_class, 0)::smallint AS road_class, coalesce(s.surface, 0)::smallint AS surface,
            coalesce(s.condition, 0)::smallint AS condition, coalesce(s.seasonal, 0)::smallint AS seasonal,
            coalesce(s.practicability, 0)::smallint AS practicability,
            coalesce(s.practicability_dry, 0)::smallint AS practicability_dry,
            coalesce(s.practicability_wet, 0)::smallint AS practicability_wet,
            coalesce(s.op_status, 'unspecified') AS op_status, s.security, s.speed_kmh,
            coalesce(s.bridge, false) AS bridge, coalesce(s.tunnel, false) AS tunnel,
            coalesce(s.oneway, false) AS oneway, s.length_km, ST_SetSRID(s.geom, 4326) AS geom
        FROM staging AS s
        """,
    )
    columns = [
        "source_key", "name", "road_class", "surface", "condition", "seasonal", "practicability", "practicability_dry", "practicability_wet", "op_status",
        "security", "speed_kmh", "bridge", "tunnel", "oneway", "length_km", "geom",
    ]  # fmt: skip
    landed = upsert(connection, batch, "road", ["source_key"], columns)
    landed.findings = findings
    return landed


def hazards(connection: Connection, batch: Batch) -> Landed:
    """Land staged hazard areas."""
    default_handling(connection, batch)
    findings = drop_duplicates(connection, ["source_key"])
    footprints(connection, batch, "'hazards'")
    run(
        connection,
        """
        CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS
        SELECT s.row_no, s.handling::facts.handling AS handling, s.source_key, s.name, s.hazard_type,
            coalesce(s.hazard_status, 'open') AS hazard_status, s.hazards, s.reported_on, s.source, s.footprint_id
        FROM staging AS s
        """,
    )
    columns = ["source_key", "name", "hazard_type", "hazard_status", "hazards", "reported_on", "source", "footprint_id"]
    landed = upsert(connection, batch, "hazard_area", ["source_key"], columns)
    landed.findings = findings
    return landed


def risk_zones(connection: Connection, batch: Batch) -> Landed:
    """Land staged risk zones; the level is read from the newest risk matrix. Overlaps they touch are queued for counting."""
    from geoapp.overlay import recount_near
    from geoapp.overlay.risk import matrix

    default_handling(connection, batch)
    findings = drop_duplicates(connection, ["source_key"])
    footprints(connection, batch, "'risk_zones'")
    run(connection, "CREATE TEMPORARY TABLE matrix (likelihood int, impact int, level int) ON COMMIT DROP")
    graded_by = matrix(connection)
    cells = [(i, j, graded_by.level(i, j)) for i in range(1, 6) for j in range(1, 6)]
    run(
        connection,
        "INSERT INTO matrix SELECT * FROM unnest(CAST(:l AS int[]), CAST(:i AS int[]), CAST(:v AS int[]))",
        l=[c[0] for c in cells], i=[c[1] for c in cells], v=[c[2] for c in cells],
    )  # fmt: skip
    run(
        connection,
        """
        CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS
        SELECT s.row_no, s.handling::facts.handling AS handling, s.source_key, s.name, s.threat_category,
            s.likelihood::smallint AS likelihood, s.impact::smallint AS impact, m.level::smallint AS level,
            CAST(:version AS text) AS matrix_version, coalesce(s.applies_to, 'all') AS applies_to, s.basis,
            s.footprint_id, s.residual_level::smallint AS residual_level, s.time_of_day,
            daterange(s.valid_from, s.valid_to, '[]') AS valid,
            coalesce(z.number, (SELECT coalesce(max(o.number), 0) FROM facts.risk_zone AS o
                WHERE o.operation_id = :operation) + row_number() OVER (PARTITION BY z.id IS NULL ORDER BY s.row_no))::int
                AS number
        FROM staging AS s JOIN matrix AS m USING (likelihood, impact)
        LEFT JOIN facts.risk_zone AS z ON z.operation_id = :operation AND z.source_key = s.source_key
        """,
        operation=batch.operation_id,
        version=graded_by.version,
    )
    columns = [
        "source_key", "number", "name", "threat_category", "likelihood", "impact", "level", "matrix_version",
        "applies_to", "basis", "residual_level", "time_of_day", "footprint_id", "valid",
    ]  # fmt: skip
    landed = upsert(connection, batch, "risk_zone", ["source_key"], columns)
    run(
        connection,
        """
        CREATE TEMPORARY TABLE touched ON COMMIT DROP AS
        SELECT f.geom FROM landed AS l JOIN incoming AS n USING (row_no)
        JOIN facts.footprint AS f ON f.operation_id = :operation AND f.id = n.footprint_id
        WHERE l.fate <> 'unchanged'
        """,
        operation=batch.operation_id,
    )
    recount_near(connection, batch.operation_id, "touched")
    landed.findings = findings
    return landed


def basemap(connection: Connection, batch: Batch) -> Landed:
    """Land staged base map features: those already there, to the letter, are left alone."""
    default_handling(connection, batch)
    same = "b.class = s.class AND b.name IS NOT DISTINCT FROM s.name AND b.geom = ST_SetSRID(s.geom, 4326)"
    created = run(
        connection,
        f"""
        INSERT INTO facts.base_feature (operation_id, batch_id, handling, class, name, rank, geom)
        SELECT :operation, :batch, s.handling::facts.handling, s.class, s.name, coalesce(s.rank, 5),
            ST_SetSRID(s.geom, 4326)
        FROM staging AS s
        WHERE NOT EXISTS (SELECT FROM facts.base_feature AS b WHERE b.operation_id = :operation AND {same})
        RETURNING id
        """,
        operation=batch.operation_id,
        batch=batch.id,
    )
    staged = int(str(run(connection, "SELECT count(*) FROM staging")[0][0]))
    return Landed(created=len(created), unchanged=staged - len(created))
