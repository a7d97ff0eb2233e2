"""Claims of presence (3W): one area an organisation and sector, its parts on the units that the rows name."""

from sqlalchemy import Connection

from geoapp.ingest.findings import Finding
from geoapp.ingest.load import ImportBatch, Landed, run, upsert
from geoapp.ingest.load_actors import actors, keep_split
from geoapp.ingest.load_areas import AREA, parts
from geoapp.ingest.load_units import place_rows

_KEY = "'presence:' || s.named_id || ':' || coalesce(s.sector, lower(s.sector_text), '')"
"""The key of a claim: under which name it came, so that claims of two names that were merged stay apart and can be parted."""


def presence(connection: Connection, batch: ImportBatch) -> Landed:
    """Land staged 3W rows: an area per organisation and sector, a part per administrative unit and period.

    A row whose place is no unit of the operation is rejected, with the unit that may be meant.
    """
    run(
        connection,
        "ALTER TABLE staging ADD COLUMN origin text, ADD COLUMN domain text, ADD COLUMN kind text",
    )
    lost, findings, matched, proposed = place_rows(connection, batch)
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
    keep_split(connection, batch, _KEY)
    run(
        connection,
        f"""
        CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS
        SELECT min(s.row_no) AS row_no, max(s.handling) AS handling, {_KEY} AS source_key, s.actor_id,
            s.domain, 'presence.' || s.domain AS subject, NULL::text AS name, 'presence' AS positioning,
            coalesce(s.sector, s.sector_text) AS sector,
            left(string_agg(DISTINCT s.activity, '; '), 500) AS activity,
            CASE WHEN bool_or(coalesce(s.status, 'active') = 'active') THEN 'active' ELSE min(s.status) END AS status,
            CAST(:source AS text) AS source, NULL::text AS reliability, NULL::text AS credibility, false AS disputed,
            daterange(
                CASE WHEN bool_or(s.date_from IS NULL) THEN NULL ELSE min(s.date_from) END,
                CASE WHEN bool_or(s.date_to IS NULL) THEN NULL ELSE max(s.date_to) END, '[]') AS valid, 0::float8 AS km2, s.named_id
        FROM staging AS s GROUP BY 3, 4, 5, 6, 9, s.named_id
        """,
        source=batch.source,
    )
    run(
        connection,
        "UPDATE incoming AS n SET km2 = a.km2 FROM facts.area AS a"
        " WHERE a.operation_id = :operation AND a.source_key = n.source_key",
        operation=batch.operation_id,
    )
    upsert(connection, batch, "area", ["source_key"], [*AREA, "km2"])
    run(
        connection,
        """
        CREATE TEMPORARY TABLE parts ON COMMIT DROP AS
        SELECT l.id AS area_id, n.handling, n.subject, s.footprint_id, daterange(s.date_from, s.date_to, '[]') AS valid,
            max(s.status) AS status, left(string_agg(DISTINCT s.activity, '; '), 500) AS activity,
            min(s.pcode) AS pcode, min(s.row_no) AS row_no, array_agg(s.row_no ORDER BY s.row_no) AS source_rows
        FROM staging AS s
        JOIN incoming AS n ON n.named_id = s.named_id
            AND n.sector IS NOT DISTINCT FROM coalesce(s.sector, s.sector_text)
        JOIN landed AS l ON l.row_no = n.row_no
        GROUP BY 1, 2, 3, 4, 5
        """,
    )
    findings += _told_twice(connection)
    moved = parts(connection, batch, replace=False)
    ids = {int(str(r[0])) for r in run(connection, "SELECT id FROM landed WHERE fate <> 'unchanged'")}
    rows = run(
        connection,
        """
        SELECT cardinality(p.source_rows), t.xmin::text = pg_current_xact_id()::xid::text, t.version = 1
        FROM parts AS p JOIN facts.area_part AS t ON t.operation_id = :operation AND t.area_id = p.area_id
            AND t.footprint_id = p.footprint_id AND t.valid = p.valid
        """,
        operation=batch.operation_id,
    )
    written = sum(int(str(n)) for n, now, first in rows if now and first)
    changed = sum(int(str(n)) for n, now, first in rows if now and not first)
    same = sum(int(str(n)) for n, now, _ in rows if not now)
    return Landed(
        matched=matched, proposed=proposed, created=written, updated=changed, unchanged=same, rejected=lost, areas=sorted(ids | moved),
        findings=findings,
    )  # fmt: skip


def _told_twice(connection: Connection) -> list[Finding]:
    """What is told of rows that share organisation, sector, unit and days, and so are one row of presence."""
    ((rows, claims),) = run(connection, "SELECT coalesce(sum(cardinality(source_rows)), 0), count(*) FROM parts")
    again = int(str(rows)) - int(str(claims))
    if not again:
        return []
    return [
        Finding(
            "repaired", None, "pcode", "same-presence",
            f"{again:,} {'row names' if again == 1 else 'rows name'} an organisation, sector, unit and days that another row"
            f" names too: {rows:,} rows are {claims:,} rows of presence here.",
            "Nothing needs to be done: their activities are kept together; a locality only says in which unit a row lies.",
        )
    ]  # fmt: skip
