"""How rows that were read become facts: new ones added, changed ones updated, equal ones left alone.

Every kind prepares a temporary table `incoming` with the columns of its fact table; the same few statements land it.
All of it runs in the one transaction of the import, under the policies, after `db.lock_operation`.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from psycopg.sql import Literal
from sqlalchemy import Connection, text

from geoapp.ingest.report import Finding


@dataclass(frozen=True)
class Batch:
    """The import that is landing."""

    operation_id: int
    id: int
    kind: str
    source: str
    handling: str
    """The handling of rows that do not say their own."""


@dataclass
class Landed:
    """What landing did. `areas` are those whose overlaps must be refreshed."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    areas: list[int] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def run(connection: Connection, statement: str, **values: object) -> list[tuple[object, ...]]:
    """Execute; the rows when it returns any."""
    result = connection.execute(text(statement), values)
    return [tuple(row) for row in result.all()] if result.returns_rows else []


def key_of(name: str) -> str:
    """A name as it is matched: no case, accents, punctuation; words in order."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return " ".join(kept.split())


def drop_duplicates(connection: Connection, key: Sequence[str], prefer: str = "row_no DESC") -> list[Finding]:
    """Keep one staged row per key, by default the last in the file; a finding for each of the others."""
    columns = ", ".join(key)
    rows = run(
        connection,
        f"""
        DELETE FROM staging AS s USING (
            SELECT ctid, row_number() OVER (PARTITION BY {columns} ORDER BY {prefer}) AS place FROM staging
        ) AS d WHERE s.ctid = d.ctid AND d.place > 1
        RETURNING s.row_no, concat_ws(' / ', {", ".join(f"s.{c}" for c in key)})
        """,
    )
    return [
        Finding(
            "warning", int(str(row)), key[-1], "repeated-in-file",
            f"The file has several rows for {name}; one of them was used.", "Keep one row for each.",
        )
        for row, name in sorted(rows, key=lambda r: int(str(r[0])))
    ]  # fmt: skip


def upsert(connection: Connection, batch: Batch, table: str, key: Sequence[str], columns: Sequence[str]) -> Landed:
    """Land the temporary table `incoming` (row_no, handling and these columns) in a fact table.

    Leaves the temporary table `landed` (row_no, id, fate) with fate `created`, `updated` or `unchanged`.
    """
    names = ["handling", *columns]
    listed = ", ".join(names)
    join = " AND ".join(f"t.{c} = n.{c}" for c in key)
    values = {"operation": batch.operation_id, "batch": batch.id}
    run(
        connection,
        f"""
        CREATE TEMPORARY TABLE landed ON COMMIT DROP AS
        SELECT n.row_no, t.id, CASE WHEN ({", ".join(f"t.{c}" for c in names)})
            IS DISTINCT FROM ({", ".join(f"n.{c}" for c in names)}) THEN 'updated' ELSE 'unchanged' END AS fate
        FROM incoming AS n JOIN facts.{table} AS t ON t.operation_id = :operation AND {join}
        """,
        **values,
    )
    updated = run(
        connection,
        f"""
        UPDATE facts.{table} AS t SET ({listed}, batch_id) = ROW ({", ".join(f"n.{c}" for c in names)}, :batch)
        FROM incoming AS n JOIN landed AS l USING (row_no)
        WHERE t.operation_id = :operation AND t.id = l.id AND l.fate = 'updated' RETURNING t.id
        """,
        **values,
    )
    unchanged = run(connection, "SELECT count(*) FROM landed WHERE fate = 'unchanged'")[0][0]
    created = run(
        connection,
        f"""
        WITH made AS (
            INSERT INTO facts.{table} (operation_id, batch_id, recorded_by, {listed})
            SELECT :operation, :batch, calc.member(), {listed} FROM incoming AS n
            WHERE NOT EXISTS (SELECT FROM landed AS l WHERE l.row_no = n.row_no)
            RETURNING id, {", ".join(key)}
        )
        INSERT INTO landed (row_no, id, fate)
        SELECT n.row_no, t.id, 'created' FROM made AS t JOIN incoming AS n ON {join} RETURNING row_no
        """,
        **values,
    )
    return Landed(created=len(created), updated=len(updated), unchanged=int(str(unchanged)))


def footprints(connection: Connection, batch: Batch, subject: str) -> None:
    """Intern the staged shapes: every staged row gets `footprint_id`.

    `subject` is SQL over the staged row `s`, such as `'hazards'` or `'areas.' || s.domain`. A shape that is an
    administrative unit of no higher handling is that unit's footprint.
    """
    run(connection, "ALTER TABLE staging ADD COLUMN footprint_id bigint")
    run(
        connection,
        f"""
        INSERT INTO facts.footprint (operation_id, handling, subject, hash, geom, km2, label, mid, low)
        SELECT DISTINCT ON (2, 3, 4) :operation, s.handling::facts.handling, {subject}, s.shape_hash,
            ST_SetSRID(s.geom, 4326), s.km2, ST_PointOnSurface(ST_SetSRID(s.geom, 4326)), ST_SetSRID(s.mid, 3857), ST_SetSRID(s.low, 3857)
        FROM staging AS s
        WHERE s.shape_hash IS NOT NULL AND NOT EXISTS (
            SELECT FROM facts.footprint AS f
            WHERE f.operation_id = :operation AND f.hash = s.shape_hash AND f.handling <= s.handling::facts.handling
                AND (f.subject = 'boundaries' OR (f.subject = {subject} AND f.handling = s.handling::facts.handling)))
        ON CONFLICT DO NOTHING
        """,
        operation=batch.operation_id,
    )
    run(
        connection,
        f"""
        UPDATE staging AS t SET footprint_id = f.id FROM (
            SELECT DISTINCT ON (s.row_no) s.row_no, f.id
            FROM staging AS s JOIN facts.footprint AS f
                ON f.operation_id = :operation AND f.hash = s.shape_hash AND f.handling <= s.handling::facts.handling
                AND (f.subject = 'boundaries' OR (f.subject = {subject} AND f.handling = s.handling::facts.handling))
            ORDER BY s.row_no, f.subject <> 'boundaries'
        ) AS f WHERE f.row_no = t.row_no
        """,
        operation=batch.operation_id,
    )


def default_handling(connection: Connection, batch: Batch) -> None:
    """Rows that say no handling of their own get the batch's."""
    present = run(
        connection, "SELECT FROM pg_attribute WHERE attrelid = 'staging'::regclass AND attname = 'handling'"
    )  # fmt: skip
    if present:
        run(connection, "UPDATE staging SET handling = :handling WHERE handling IS NULL", handling=batch.handling)
    else:
        # a column added with a default is not written into any row
        run(connection, f"ALTER TABLE staging ADD COLUMN handling text DEFAULT {Literal(batch.handling).as_string()}")
