"""Provinces of a country that has only districts on record: dissolved from these by the codes they name, until real ones come.

A province made here says so (`made_from` is the level of what it was made of); it has the days of its districts.
"""

from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from geoapp import geometry
from geoapp.ingest.load import ImportBatch, run
from geoapp.ingest.report import Finding

_COUNTRY = "substring({}.pcode FROM '^[A-Za-z]+')"
_DAYS = """daterange(CASE WHEN bool_and(NOT lower_inf(b.valid)) THEN min(lower(b.valid)) END,
            CASE WHEN bool_and(NOT upper_inf(b.valid)) THEN max(upper(b.valid)) END)"""
SHOWN = 5
"""Provinces that are named in what is told."""


def settle(connection: Connection, batch: ImportBatch) -> list[Finding]:
    """After units have landed: real provinces take the place of made ones, districts without provinces get them; what is told.

    Reads the temporary tables `staging` and `landed` of the import.
    """
    replaced = run(
        connection,
        f"""
        DELETE FROM facts.boundary AS t WHERE t.operation_id = :operation AND t.level = 1 AND t.made_from IS NOT NULL
            AND {_COUNTRY.format("t")} IN (SELECT {_COUNTRY.format("s")} FROM staging AS s WHERE s.level = 1)
        RETURNING t.id
        """,
        operation=batch.operation_id,
    )
    told = [
        Finding(
            "warning", None, None, "provinces-replaced",
            f"{len(replaced):,} provinces that had been made from districts are gone: real ones are there.", "",
        )
    ] if replaced else []  # fmt: skip
    made = [_keep(connection, batch.operation_id, batch.id, province) for province in _dissolved(connection, batch)]
    _days(connection, batch.operation_id, batch.id)
    if not made:
        return told
    named = ", ".join(made[:SHOWN]) + (f" and {len(made) - SHOWN:,} more" if len(made) > SHOWN else "")
    return [
        *told,
        Finding(
            "warning", None, "parent_pcode", "provinces-made",
            f"The operation has no provinces for these districts: {len(made):,} were made by joining the districts that name"
            f" them ({named}). They are no official boundaries.",
            "Import the boundaries of level 1; they take the place of these.",
        ),
    ]  # fmt: skip


def bring_back(connection: Connection, operation_id: int) -> int:
    """After real provinces were withdrawn: those that they had replaced, joined anew of the districts there are; how many."""
    gone = run(
        connection,
        f"""
        SELECT n.pcode, n.cod_version, n.name, max(b.handling)::text, ST_AsBinary(ST_Union(f.geom ORDER BY b.pcode)),
            max(b.batch_id)
        FROM (
            SELECT DISTINCT ON (1, 2) h.row ->> 'pcode' AS pcode, h.row ->> 'cod_version' AS cod_version, h.row ->> 'name' AS name
            FROM calc.history AS h
            WHERE h.operation_id = :operation AND h.subject = 'boundary' AND h.row ->> 'made_from' = '2'
            ORDER BY 1, 2, upper(h.recorded) DESC
        ) AS n
        JOIN facts.boundary AS b ON b.operation_id = :operation AND b.level = 2 AND b.parent_pcode = n.pcode
            AND b.cod_version = n.cod_version
        JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
        WHERE NOT EXISTS (
            SELECT FROM facts.boundary AS r WHERE r.operation_id = :operation AND r.level = 1
                AND ({_COUNTRY.format("r")} = {_COUNTRY.format("b")} AND r.made_from IS NULL
                    OR r.pcode = n.pcode AND r.cod_version = n.cod_version))
        GROUP BY 1, 2, 3 ORDER BY 1, 2
        """,
        operation=operation_id,
    )
    for *province, batch_id in gone:
        _keep(connection, operation_id, batch_id, province)
    if gone:
        _days(connection, operation_id, None)
    return len(gone)


def _days(connection: Connection, operation_id: int, batch_id: int | None) -> None:
    """Give made provinces the days of their districts; with a batch, as its doing."""
    run(
        connection,
        f"""
        UPDATE facts.boundary AS t SET valid = d.valid, batch_id = coalesce(CAST(:batch AS bigint), t.batch_id)
        FROM (
            SELECT b.parent_pcode, b.cod_version, {_DAYS} AS valid FROM facts.boundary AS b
            WHERE b.operation_id = :operation AND b.level = 2 GROUP BY 1, 2
        ) AS d
        WHERE t.operation_id = :operation AND t.made_from = 2 AND t.pcode = d.parent_pcode
            AND t.cod_version = d.cod_version AND t.valid <> d.valid
        """,
        operation=operation_id,
        batch=batch_id,
    )


def _dissolved(connection: Connection, batch: ImportBatch) -> list[Any]:
    """A row for each province to be made: code, release, name, handling and the joined districts as WKB. Only those that are
    not there yet, or of whose districts some have changed."""
    return run(
        connection,
        f"""
        WITH said AS (
            SELECT s.parent_pcode, s.cod_version, coalesce(min(s.parent_name), s.parent_pcode) AS name,
                bool_or(l.fate IS DISTINCT FROM 'unchanged') AS changed
            FROM staging AS s LEFT JOIN landed AS l USING (row_no)
            WHERE s.level = 2 AND s.parent_pcode IS NOT NULL GROUP BY 1, 2
        )
        SELECT n.parent_pcode, n.cod_version, n.name, max(b.handling)::text,
            ST_AsBinary(ST_Union(f.geom ORDER BY b.pcode))
        FROM said AS n
        JOIN facts.boundary AS b ON b.operation_id = :operation AND b.level = 2 AND b.parent_pcode = n.parent_pcode
            AND b.cod_version = n.cod_version
        JOIN facts.footprint AS f ON f.operation_id = b.operation_id AND f.id = b.footprint_id
        WHERE NOT EXISTS (
            SELECT FROM facts.boundary AS r WHERE r.operation_id = :operation AND r.level = 1 AND r.made_from IS NULL
                AND {_COUNTRY.format("r")} = {_COUNTRY.format("b")})
        AND (n.changed OR NOT EXISTS (
            SELECT FROM facts.boundary AS t WHERE t.operation_id = :operation AND t.pcode = n.parent_pcode
                AND t.cod_version = n.cod_version))
        GROUP BY 1, 2, 3 ORDER BY 1, 2
        """,
        operation=batch.operation_id,
    )


def _keep(connection: Connection, operation_id: int, batch_id: Any, province: Any) -> str:
    """Store one made province; its code and name."""
    code, version, name, handling, joined = province
    shape = geometry.prepare(np.array([shapely.from_wkb(bytes(joined))], dtype=object), "polygon")
    run(
        connection,
        """
        WITH print AS (
            INSERT INTO facts.footprint (operation_id, handling, subject, hash, geom, km2, label, mid, low)
            VALUES (:operation, CAST(:handling AS facts.handling), 'boundaries', :hash, ST_GeomFromWKB(:geom, 4326), :km2,
                ST_PointOnSurface(ST_GeomFromWKB(:geom, 4326)), ST_GeomFromWKB(:mid, 3857), ST_GeomFromWKB(:low, 3857))
            ON CONFLICT (operation_id, hash, subject, handling) DO NOTHING RETURNING id
        )
        INSERT INTO facts.boundary AS t (operation_id, batch_id, recorded_by, handling, level, made_from, pcode, cod_version,
            name, valid, footprint_id)
        SELECT :operation, :batch, calc.member(), CAST(:handling AS facts.handling), 1, 2, :code, :version, :name, '(,)', f.id
        FROM (
            SELECT id FROM print UNION ALL
            SELECT id FROM facts.footprint WHERE operation_id = :operation AND hash = :hash AND subject = 'boundaries'
                AND handling = CAST(:handling AS facts.handling)
            LIMIT 1
        ) AS f
        ON CONFLICT (operation_id, pcode, cod_version) DO UPDATE
            SET handling = excluded.handling, name = :name, footprint_id = excluded.footprint_id, batch_id = :batch
            WHERE t.made_from IS NOT NULL
        """,
        operation=operation_id, batch=batch_id, handling=handling, hash=shape.hash[0], code=code, version=version,
        geom=shapely.to_wkb(shape.geom[0]), km2=float(shape.km2[0]), mid=shapely.to_wkb(shape.mid[0]),
        low=shapely.to_wkb(shape.low[0]), name=name,
    )  # fmt: skip
    return f"{code} {name}" if name != code else str(code)
