"""Which release of the administrative boundaries holds when? They follow each other by the day from which they are valid.

A release is the units of one country, level and version. A file without a version is of the release without one.
"""

from typing import Any

from sqlalchemy import Connection

from geoapp.ingest.load import ImportBatch, run
from geoapp.ingest.report import Finding

_COUNTRY = "substring({}.pcode FROM '^[A-Za-z]+')"
_STAGED = f"""
    SELECT {_COUNTRY.format("s")} AS country, s.level, s.cod_version, min(s.valid_from) AS first
    FROM staging AS s GROUP BY 1, 2, 3
"""
_HELD = f"""
    SELECT {_COUNTRY.format("b")} AS country, b.level, b.cod_version, min(lower(b.valid)) AS first
    FROM facts.boundary AS b WHERE b.operation_id = :operation GROUP BY 1, 2, 3
"""


def end_before_later(connection: Connection, batch: ImportBatch) -> None:
    """Staged units end where a later release that is already there begins."""
    run(
        connection,
        f"""
        UPDATE staging AS s SET valid_to = least(s.valid_to, n.next - 1)
        FROM (
            SELECT r.country, r.level, r.cod_version, min(h.first) AS next
            FROM ({_STAGED}) AS r JOIN ({_HELD}) AS h
                ON h.country = r.country AND h.level = r.level AND h.cod_version <> r.cod_version
                AND h.first > coalesce(r.first, '-infinity')
            GROUP BY 1, 2, 3
        ) AS n
        WHERE {_COUNTRY.format("s")} = n.country AND s.level = n.level AND s.cod_version = n.cod_version
            AND coalesce(s.valid_from, '-infinity') < n.next
        """,
        operation=batch.operation_id,
    )


def end_earlier(connection: Connection, batch: ImportBatch) -> list[Finding]:
    """End the units of earlier releases on the day on which the staged one begins; what is told of it, recodings too."""
    ended: list[Any] = run(
        connection,
        f"""
        UPDATE facts.boundary AS b SET valid = daterange(lower(b.valid), r.first), batch_id = :batch
        FROM ({_STAGED}) AS r
        WHERE b.operation_id = :operation AND {_COUNTRY.format("b")} = r.country AND b.level = r.level
            AND b.cod_version <> r.cod_version AND coalesce(lower(b.valid), '-infinity') < r.first
            AND coalesce(upper(b.valid), 'infinity') > r.first
        RETURNING b.id, b.level, b.cod_version, r.cod_version, r.first
        """,
        operation=batch.operation_id,
        batch=batch.id,
    )
    told = [
        Finding(
            "warning", None, "valid_on", "release-follows",
            f"The {sum(one[1:] == key for one in ended):,} units of level {key[0]} of release {key[1] or 'without a version'}"
            f" end on {key[3]}, where {key[2] or 'the release without a version'} begins.", "",
        )
        for key in dict.fromkeys(one[1:] for one in ended)
    ]  # fmt: skip
    return told + _recoded(connection, batch, [one[0] for one in ended]) + _undated(connection, batch)


def _recoded(connection: Connection, batch: ImportBatch, ended: list[int]) -> list[Finding]:
    """A finding for each ended unit whose P-code the staged release does not have: which units stand on its ground now."""
    rows: list[Any] = run(
        connection,
        """
        SELECT o.pcode, o.name, string_agg(DISTINCT n.pcode || ' ' || n.name, ', ')
        FROM calc.boundary AS o
        JOIN facts.footprint AS f ON f.operation_id = o.operation_id AND f.id = o.footprint_id
        LEFT JOIN (
            SELECT s.pcode, s.name, s.level, g.label, g.geom FROM staging AS s
            JOIN facts.footprint AS g ON g.operation_id = :operation AND g.id = s.footprint_id
        ) AS n ON n.level = o.level AND (ST_Intersects(f.geom, n.label) OR ST_Intersects(n.geom, f.label))
        WHERE o.operation_id = :operation AND o.id = ANY (:ended)
            AND NOT EXISTS (SELECT FROM staging AS s WHERE s.pcode = o.pcode)
        GROUP BY 1, 2 ORDER BY 1
        """,
        operation=batch.operation_id,
        ended=ended,
    )
    return [
        Finding(
            "warning", None, "pcode", "recoded",
            f"{pcode} {name} is no longer a unit; on its ground lies {now}." if now
            else f"{pcode} {name} is no longer a unit, and no unit of the new release lies on its ground.",
            "Records that name the old code keep it and its ground; ask for new ones with the codes in force.", pcode,
        )
        for pcode, name, now in rows
    ]  # fmt: skip


def _undated(connection: Connection, batch: ImportBatch) -> list[Finding]:
    """A finding when the staged release and another begin on the same day or on none: both are in force."""
    rows: list[Any] = run(
        connection,
        f"""
        SELECT DISTINCT r.level, r.cod_version, h.cod_version
        FROM ({_STAGED}) AS r JOIN ({_HELD}) AS h ON h.country = r.country AND h.level = r.level
            AND h.cod_version <> r.cod_version AND h.first IS NOT DISTINCT FROM r.first
        ORDER BY 1, 2, 3
        """,
        operation=batch.operation_id,
    )
    return [
        Finding(
            "warning", None, "valid_on", "releases-not-in-order",
            f"Releases {new or 'without a version'} and {old or 'without a version'} of level {level} begin on the same day,"
            " or say none: both are in force, and their units count twice.",
            "Fill in valid_on, or withdraw the import of the release that no longer holds.",
        )
        for level, new, old in rows
    ]  # fmt: skip
