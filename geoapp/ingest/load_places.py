"""What landing adds to a Landing for units, constraints, risk zones and the base map."""

from sqlalchemy import Connection

from geoapp.ingest import provinces, releases
from geoapp.ingest.identity import hold_back
from geoapp.ingest.kind import Identity, Landing, both
from geoapp.ingest.load import ImportBatch, Landed, drop_duplicates, footprints, kept_by_hand, land, run, upsert
from geoapp.ingest.report import Finding
from geoapp.ingest.staged import GEOM, VALID, same
from geoapp.overlay import recount_near
from geoapp.overlay.risk import matrix
from layers._sql import UNIT_OF_CODE

BOUNDARY = Landing(
    "boundary",
    same("pcode", "cod_version", "name", "parent_pcode", "footprint_id")
    | {"level": "s.level::smallint", "names": "coalesce(s.names, '{}')", "valid": VALID, "made_from": "NULL::smallint"},
    key=("pcode", "cod_version"),
    footprint="'boundaries'",
    identity=Identity(
        "boundary", both("name"), join="t.pcode = s.pcode AND t.cod_version = s.cod_version", known_as="s.pcode"
    ),
)
CONSTRAINT = Landing(
    "access_constraint",
    same("source_key", "name", "category", "scale", "pcode", "description", "source", "reported_on")
    | {"severity": "s.severity::smallint", "valid": VALID, "geom": GEOM},
    identity=Identity("access_constraint", both("name", "category"), "t.geom"),
)
RISK_ZONE = Identity(
    "risk_zone",
    both("name", "threat_category"),
    also=both("likelihood", "impact", "residual_level", "applies_to", "basis"),
)


def boundaries(connection: Connection, batch: ImportBatch) -> Landed:
    """Land a level of a COD-AB. Units are matched by P-code and version; a unit without its parent is warned about.

    The releases of a country's level follow each other by their first day: one ends where the next begins. Districts of a
    country without provinces get them, joined by the codes that they name.
    """
    run(connection, "UPDATE staging SET cod_version = coalesce(cod_version, '')")
    releases.end_before_later(connection, batch)
    landed = land(connection, batch, BOUNDARY)
    landed.findings += releases.end_earlier(connection, batch) + provinces.settle(connection, batch)
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
    landed.findings += [
        Finding(
            "warning", int(str(row)), "parent_pcode", "unknown-parent",
            f"{pcode} says it lies in {parent}, which no boundary has.", "Import the level above from the same release.",
        )
        for row, pcode, parent in orphans
    ]  # fmt: skip
    return landed


def constraints(connection: Connection, batch: ImportBatch) -> Landed:
    """Land staged constraints; the shape of a unit stands for the P-code of a row that has no other place."""
    run(
        connection,
        f"""
        UPDATE staging AS t SET geom = u.geom FROM (
            SELECT s.row_no, f.geom
            FROM staging AS s
            JOIN facts.boundary AS b ON b.pcode = s.pcode AND {UNIT_OF_CODE.format("b", "s.valid_from")}
            JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
            WHERE b.operation_id = :operation AND s.geom IS NULL
        ) AS u WHERE u.row_no = t.row_no
        """,
        operation=batch.operation_id,
    )
    lost = run(connection, "DELETE FROM staging WHERE geom IS NULL RETURNING row_no, pcode")
    landed = land(connection, batch, CONSTRAINT)
    landed.rejected += len(lost)
    landed.findings += [
        Finding(
            "error", int(str(row)), "pcode", "unknown-pcode", f"No boundary has the P-code {pcode}.",
            "Import the boundaries of that level, or correct the P-code.",
        )
        for row, pcode in sorted(lost, key=lambda r: int(str(r[0])))
    ]  # fmt: skip
    return landed


def risk_zones(connection: Connection, batch: ImportBatch) -> Landed:
    """Land staged risk zones; the level is read from the newest risk matrix. Overlaps they touch are queued for counting."""
    findings = drop_duplicates(connection, ["source_key"])
    rejected, held = hold_back(connection, batch.operation_id, RISK_ZONE, moved=batch.moved)
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
        SELECT s.row_no, s.handling, s.source_key, s.name, s.threat_category,
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
    kept, told = kept_by_hand(connection, batch, "risk_zone", ["source_key"], columns)
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
    landed.unchanged += kept
    landed.rejected, landed.findings = rejected, findings + held + told
    return landed


def basemap(connection: Connection, batch: ImportBatch) -> Landed:
    """Land staged base map features: those already there, to the letter, are left alone."""
    same = "b.class = s.class AND b.name IS NOT DISTINCT FROM s.name AND b.geom = ST_SetSRID(s.geom, 4326)"
    created = run(
        connection,
        f"""
        INSERT INTO facts.base_feature (operation_id, batch_id, handling, class, name, rank, geom)
        SELECT :operation, :batch, s.handling, s.class, s.name, coalesce(s.rank, 5),
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
