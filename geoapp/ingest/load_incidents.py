"""Incidents: staged rows to facts, at every precision they may be shown, counted as they land.

A bulk load of a million rows goes through the same statements as a single event.
"""

from sqlalchemy import Connection

from geoapp.db import coarser_forms
from geoapp.ingest.deduplicate import leave_out_deleted, one_row_an_event
from geoapp.ingest.identity import hold_back
from geoapp.ingest.kind import Identity
from geoapp.ingest.load import ImportBatch, Landed, run
from geoapp.ingest.report import Finding
from geoapp.ingest.staged import POINT
from geoapp.overlay import add_incidents, recount_near, subtract_incidents
from layers._sql import NEAR_KM, PLACED

_COLUMNS = (
    "handling, valid, finest, coarsest, source, source_event_id, source_ts, time_precision, geo_precision, pcode,"
    " location, event_type, sub_event_type, taxonomy, actors, fatalities, civilian_targeting, notes_raw, source_names,"
    " redistributable, geom"
)
_COMPARED = (
    "handling, valid, source_ts, time_precision, geo_precision, location, event_type, sub_event_type, actors,"
    " fatalities, civilian_targeting, notes_raw, source_names, redistributable, geom"
)

_ACTORS = "(SELECT string_agg(a ->> 'label', ', ' ORDER BY a ->> 'label') FROM jsonb_array_elements({}) AS a)"
_ROUGHLY = "CASE {}.geo_precision WHEN 'exact' THEN 1000 WHEN 'settlement' THEN 1000 WHEN 'near' THEN {} END"
_EVENT = Identity(
    "incident",
    {
        "type": ("t.event_type", "s.event_type"),
        "day": ("lower(t.valid)", "s.occurred_from"),
        "actors": (_ACTORS.format("t.actors"), _ACTORS.format("s.actors")),
    },
    "t.geom",
    POINT,
    "t.source = s.source AND t.source_event_id = s.source_event_id AND t.finest = 0"
    " AND coalesce(s.source_ts >= t.source_ts, true)",
    "s.source_event_id",
    f"({_ROUGHLY.format('t', NEAR_KM * 1000)} + {_ROUGHLY.format('s', NEAR_KM * 1000)}) / 2",
    {"deaths": ("t.fatalities", "s.fatalities"), "kind, closer": ("t.sub_event_type", "s.sub_event_type")},
    "s.taxonomy <> 'local'",
    kept="false",  # the newer row wins, also over a correction
)


def incidents(connection: Connection, batch: ImportBatch) -> Landed:
    """Land staged incidents by the source's own id; the newer `source_ts` wins, an older one changes nothing.

    What the source took back since does not come in again, and what was corrected by hand yields to a newer row only.
    """
    with coarser_forms(connection):
        return _land(connection, batch)


def _land(connection: Connection, batch: ImportBatch) -> Landed:
    findings = one_row_an_event(connection)
    taken_back = leave_out_deleted(connection, batch)
    rejected, held = hold_back(connection, batch.operation_id, _EVENT, moved=batch.moved)
    findings += taken_back + held
    values = {"operation": batch.operation_id, "batch": batch.id}
    _districts(connection, batch)
    run(
        connection,
        """
        CREATE TEMPORARY VIEW incoming AS
        SELECT s.row_no, s.handling, daterange(s.occurred_from, s.occurred_to, '[]') AS valid,
            k.finest, k.coarsest, s.source, s.source_event_id, s.source_ts, s.time_precision, s.geo_precision,
            s.pcode, coalesce(s.location, s.admin2, s.admin1) AS location, s.event_type, s.sub_event_type, s.taxonomy,
            coalesce(s.actors, '[]')::jsonb AS actors, s.fatalities, s.civilian_targeting, s.notes AS notes_raw,
            s.source_names, s.redistributable,
            ST_SetSRID(CASE WHEN k.finest = 1
                THEN ST_MakePoint(floor(s.lon * 100) / 100 + 0.005, floor(s.lat * 100) / 100 + 0.005)
                ELSE ST_MakePoint(s.lon, s.lat) END, 4326) AS geom
        FROM staging AS s
        CROSS JOIN LATERAL (
            SELECT 0::smallint AS finest, (CASE WHEN s.geo_precision = 'exact' THEN 0 ELSE 1 END)::smallint AS coarsest
            UNION ALL SELECT 1, 1 WHERE s.geo_precision = 'exact'
        ) AS k
        """,
    )
    run(
        connection,
        f"""
        CREATE TEMPORARY TABLE matched ON COMMIT DROP AS
        SELECT d.row_no, d.finest, d.id, d.differs AND d.newer AS changed, d.differs AND d.by_hand AND NOT d.newer AS kept,
            d.same_as_source, d.same_as_event
        FROM (
            SELECT n.row_no, n.finest, t.id, t.same_as_source, t.same_as_event, h.by_hand,
                CASE WHEN h.by_hand THEN coalesce(n.source_ts > t.source_ts, false)
                    ELSE coalesce(n.source_ts >= t.source_ts, true) END AS newer,
                ({", ".join(f"t.{c.strip()}" for c in _COMPARED.split(","))})
                IS DISTINCT FROM ({", ".join(f"n.{c.strip()}" for c in _COMPARED.split(","))}) AS differs
            FROM incoming AS n JOIN calc.incident AS t ON t.operation_id = :operation AND t.source = n.source
                AND t.source_event_id = n.source_event_id AND t.finest = n.finest
            CROSS JOIN LATERAL (SELECT t.batch_id IS NULL AND t.version > 1 AS by_hand) AS h
        ) AS d
        """,
        **values,
    )
    run(connection, "CREATE INDEX ON matched (row_no, finest)")
    run(connection, "ANALYZE matched")
    _forget_other_forms(connection, batch)
    changed = int(str(run(connection, "SELECT count(*) FROM matched WHERE changed")[0][0]))
    if changed:
        _update(connection, batch)
    run(
        connection,
        f"""
        INSERT INTO facts.incident (operation_id, batch_id, recorded_by, {_COLUMNS})
        SELECT :operation, :batch, calc.member(), {_COLUMNS} FROM incoming AS n
        WHERE NOT EXISTS (SELECT FROM matched AS m WHERE m.row_no = n.row_no AND m.finest = n.finest)
        """,
        **values,
    )
    fresh = """(
        SELECT n.*, NULL::text AS same_as_source, NULL::text AS same_as_event
        FROM incoming AS n LEFT JOIN matched AS m USING (row_no, finest) WHERE m.row_no IS NULL
    )"""
    add_incidents(connection, batch.operation_id, fresh)
    run(
        connection,
        f"""
        CREATE TEMPORARY TABLE touched ON COMMIT DROP AS
        SELECT DISTINCT i.geom FROM {fresh} AS i WHERE {PLACED.format("i")} AND i.finest = 0
        """,
    )
    recount_near(connection, batch.operation_id, "touched")
    counts = run(
        connection,
        """
        SELECT count(*) FILTER (WHERE changed), count(*) FILTER (WHERE NOT changed),
            (SELECT count(*) FROM staging) - count(*)
        FROM matched WHERE finest = 0
        """,
    )[0]
    findings += _kept_by_hand(connection)
    run(connection, "DROP VIEW incoming")
    updated, unchanged, created = (int(str(n)) for n in counts)
    return Landed(
        created=created, updated=updated, unchanged=unchanged + len(taken_back), rejected=rejected, findings=findings
    )


def _kept_by_hand(connection: Connection) -> list[Finding]:
    rows = run(
        connection,
        """
        SELECT DISTINCT n.row_no, n.source_event_id FROM matched AS m JOIN incoming AS n USING (row_no, finest)
        WHERE m.kept ORDER BY 1
        """,
    )
    return [
        Finding(
            "warning", int(str(row)), "source_event_id", "kept-by-hand",
            f"{event} was corrected by hand here, and the row is no newer: the correction was kept.",
            "Correct it by hand where the source is right.",
        )
        for row, event in rows
    ]  # fmt: skip


def _districts(connection: Connection, batch: ImportBatch) -> None:
    """Give each staged row the P-code of the district it lies in: by name where it names one that exists once in that
    province, else by its point. Each distinct name and place is looked up once in each release of the boundaries; the
    release in force on the day counts, the first of them also before it and the last also after it."""
    run(
        connection,
        """
        CREATE TEMPORARY TABLE units ON COMMIT DROP AS
        WITH releases AS (
            SELECT cod_version, substring(pcode FROM '^[A-Za-z]+') AS country, min(lower(valid)) AS first
            FROM facts.boundary WHERE operation_id = :operation AND level = 2 GROUP BY 1, 2
        ), days AS (
            SELECT r.cod_version, r.country, daterange(
                CASE WHEN EXISTS (SELECT FROM releases AS e WHERE e.country IS NOT DISTINCT FROM r.country
                    AND coalesce(e.first, '-infinity') < r.first) THEN r.first END,
                (SELECT min(l.first) FROM releases AS l WHERE l.country IS NOT DISTINCT FROM r.country
                    AND l.first > coalesce(r.first, '-infinity'))) AS valid
            FROM releases AS r
        )
        SELECT b.pcode, lower(b.name) AS name, lower(u.name) AS above, f.geom, f.id, d.valid
        FROM calc.boundary AS b
        JOIN days AS d ON d.cod_version = b.cod_version
            AND d.country IS NOT DISTINCT FROM substring(b.pcode FROM '^[A-Za-z]+')
        JOIN facts.footprint AS f ON f.operation_id = :operation AND f.id = b.footprint_id
        LEFT JOIN calc.boundary AS u ON u.operation_id = :operation AND u.pcode = b.parent_pcode
            AND u.cod_version = b.cod_version
        WHERE b.operation_id = :operation AND b.level = 2
        """,
        operation=batch.operation_id,
    )
    if run(connection, "SELECT FROM units LIMIT 1") == []:
        return
    run(
        connection,
        """
        UPDATE staging AS s SET pcode = u.pcode FROM (
            SELECT p.admin1, p.admin2, u.valid, min(u.pcode) AS pcode
            FROM (SELECT DISTINCT lower(admin1) AS admin1, lower(admin2) AS admin2 FROM staging) AS p
            JOIN units AS u ON u.name = p.admin2 AND (u.above IS NULL OR u.above = p.admin1)
            GROUP BY 1, 2, 3 HAVING count(DISTINCT u.pcode) = 1
        ) AS u
        WHERE s.pcode IS NULL AND lower(s.admin2) = u.admin2 AND lower(s.admin1) IS NOT DISTINCT FROM u.admin1
            AND u.valid @> s.occurred_from
        """,
    )
    run(
        connection,
        """
        UPDATE staging AS s SET pcode = u.pcode FROM (
            SELECT p.lon, p.lat, u.valid, min(u.pcode) AS pcode
            FROM (
                SELECT DISTINCT lon, lat FROM staging
                WHERE pcode IS NULL AND geo_precision IN ('exact', 'settlement', 'near', 'adm2')
            ) AS p
            CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326) AS geom) AS g
            JOIN facts.footprint AS f ON f.operation_id = :operation AND f.geom && g.geom
            JOIN units AS u ON u.id = f.id AND ST_Intersects(f.geom, g.geom)
            GROUP BY 1, 2, 3
        ) AS u
        WHERE s.pcode IS NULL AND s.lon = u.lon AND s.lat = u.lat AND u.valid @> s.occurred_from
            AND s.geo_precision IN ('exact', 'settlement', 'near', 'adm2')
        """,
        operation=batch.operation_id,
    )


def _forget_other_forms(connection: Connection, batch: ImportBatch) -> None:
    """An event that was known exactly and no longer is loses its settlement twin."""
    run(
        connection,
        """
        DELETE FROM facts.incident AS t USING staging AS s
        WHERE t.operation_id = :operation AND t.source = s.source AND t.source_event_id = s.source_event_id
            AND t.finest = 1 AND s.geo_precision <> 'exact'
            AND EXISTS (SELECT FROM matched AS m WHERE m.row_no = s.row_no AND m.changed)
        """,
        operation=batch.operation_id,
    )


def _update(connection: Connection, batch: ImportBatch) -> None:
    """Change the rows that differ, taking the old ones out of the counts and putting the new ones in."""
    old = "(SELECT t.* FROM calc.incident AS t JOIN matched AS m ON m.id = t.id AND m.changed)"
    new = """(
        SELECT n.*, m.same_as_source, m.same_as_event
        FROM incoming AS n JOIN matched AS m USING (row_no, finest) WHERE m.changed
    )"""
    run(
        connection,
        f"CREATE TEMPORARY TABLE moved ON COMMIT DROP AS SELECT o.geom FROM {old} AS o UNION SELECT n.geom FROM {new} AS n",
    )
    subtract_incidents(connection, batch.operation_id, old)
    run(
        connection,
        f"""
        UPDATE facts.incident AS t SET ({_COLUMNS}, batch_id) =
            ROW ({", ".join(f"n.{c.strip()}" for c in _COLUMNS.split(","))}, :batch)
        FROM incoming AS n JOIN matched AS m USING (row_no, finest)
        WHERE t.operation_id = :operation AND t.id = m.id AND m.changed
        """,
        operation=batch.operation_id,
        batch=batch.id,
    )
    add_incidents(connection, batch.operation_id, new)
    recount_near(connection, batch.operation_id, "moved")
