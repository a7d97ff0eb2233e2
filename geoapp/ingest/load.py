"""How rows that were read become facts: new ones added, changed ones updated, equal ones left alone.

Every kind prepares a temporary table `incoming` with the columns of its fact table; the same few statements land it.
All of it runs in the one transaction of the import, under the policies, after `lock_operation`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, text

from geoapp.ingest.identity import hold_back
from geoapp.ingest.kind import Identity, Landing
from geoapp.ingest.report import Finding
from geoapp.model.subjects import read_from


@dataclass(frozen=True)
class ImportBatch:
    """The import that is landing."""

    operation_id: int
    id: int
    kind: str
    source: str
    matches: Mapping[str, str] = field(default_factory=dict)
    """Names of places and the P-codes of the units that somebody has confirmed to be them."""
    moved: bool = False
    """Whether somebody has said that rows of a known identifier are the same thing wherever they are now."""


@dataclass
class Landed:
    """What landing did. `areas` are those whose overlaps must be refreshed."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    removed: int = 0
    """Records that the file took back."""
    matched: dict[str, int] = field(default_factory=dict)
    """How many rows have their place by which sign, where the kind knows it better than `effects.matched`."""
    proposed: list[dict[str, Any]] = field(default_factory=list)
    """Names that come near a unit's, each with that unit: they count once somebody confirms them."""
    areas: list[int] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def run(connection: Connection, statement: str, **values: object) -> list[tuple[object, ...]]:
    """Execute; the rows when it returns any."""
    result = connection.execute(text(statement), values)
    return [tuple(row) for row in result.all()] if result.returns_rows else []


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
            f"The file has several rows for {name}; one of them was used.", "Keep one row for each.", str(name),
        )
        for row, name in sorted(rows, key=lambda r: int(str(r[0])))
    ]  # fmt: skip


def land(connection: Connection, batch: ImportBatch, landing: Landing) -> Landed:
    """Land the staged rows as a Landing says; one row a key, a finding for each of the others."""
    findings = drop_duplicates(connection, landing.key)
    rejected, held = hold_back(connection, batch.operation_id, _identity(landing), moved=batch.moved)
    if landing.footprint:
        footprints(connection, batch, landing.footprint)
    prepare(connection, landing)
    kept, told = kept_by_hand(connection, batch, landing.table, landing.key, list(landing.columns))
    landed = upsert(connection, batch, landing.table, landing.key, list(landing.columns))
    landed.unchanged += kept
    landed.rejected, landed.findings = rejected, findings + held + told
    return landed


def kept_by_hand(
    connection: Connection, batch: ImportBatch, table: str, key: Sequence[str], columns: Sequence[str], differs: str = "false",
    staged: str = "s.row_no = n.row_no",
) -> tuple[int, list[Finding]]:  # fmt: skip
    """Take the rows of records that were corrected by hand out of `incoming`: how many, and a finding for each that says otherwise.

    A record is no longer a file's when somebody changed it: `record.change` takes its batch away. `differs` is SQL over the
    record `t`, the row `n` and the staged row `s` that is true where they differ in more than these columns; `staged` joins
    the latter two.
    """
    was, now = (", ".join(f"{of}.{column}" for column in ("handling", *columns)) for of in "tn")
    join = " AND ".join(f"t.{c} = n.{c}" for c in key)
    rows = run(
        connection,
        f"""
        WITH kept AS (
            SELECT n.row_no, s.row_no AS line, s.{key[0]} AS named, ({was}) IS DISTINCT FROM ({now}) OR {differs} AS differs
            FROM incoming AS n JOIN staging AS s ON {staged}
            JOIN {read_from(table)} AS t ON t.operation_id = :operation AND {join}
            WHERE t.batch_id IS NULL AND t.version > 1
        ), gone AS (
            DELETE FROM incoming AS n USING kept AS k WHERE n.row_no = k.row_no
        )
        SELECT line, named, differs FROM kept ORDER BY line
        """,
        operation=batch.operation_id,
    )
    return len(rows), [
        Finding(
            "warning", int(str(row)), key[0], "kept-by-hand", f"{named} was corrected by hand here: the correction was kept.",
            "Correct it by hand where the source is right.", str(named),
        )
        for row, named, other in rows if other
    ]  # fmt: skip


_NO_WORDS = {"source_key", "geom", "footprint_id", "cod_version", "made_from", "names", "pcode"}
"""Columns that say nothing of a record besides which it is and where."""


def _identity(landing: Landing) -> Identity | None:
    """By what records are compared, with all else that the landing's columns say."""
    if landing.identity is None:
        return None
    known = {was for was, _ in landing.identity.says.values()}
    said = {name for name in landing.columns if any(f"t.{name}" in was for was in known)}
    also = {
        name.replace("_", " "): (f"t.{name}", sql)
        for name, sql in landing.columns.items()
        if name not in _NO_WORDS | said
    }
    return replace(landing.identity, also=also)


def prepare(connection: Connection, landing: Landing) -> None:
    """Make the temporary table `incoming` (row_no, handling and the columns of the fact table) of the staged rows."""
    columns = ", ".join(f"{sql} AS {name}" for name, sql in landing.columns.items())
    run(
        connection,
        f"CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS SELECT s.row_no, s.handling, {columns} FROM staging AS s",
    )


def upsert(
    connection: Connection, batch: ImportBatch, table: str, key: Sequence[str], columns: Sequence[str]
) -> Landed:
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
        FROM incoming AS n JOIN {read_from(table)} AS t ON t.operation_id = :operation AND {join}
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


def footprints(connection: Connection, batch: ImportBatch, subject: str) -> None:
    """Intern the staged shapes: every staged row gets `footprint_id`.

    `subject` is SQL over the staged row `s`, such as `'hazards'` or `'areas.' || s.domain`. A shape that is an
    administrative unit of no higher handling is that unit's footprint.
    """
    run(connection, "ALTER TABLE staging ADD COLUMN footprint_id bigint")
    run(
        connection,
        f"""
        INSERT INTO facts.footprint (operation_id, handling, subject, hash, geom, km2, label, mid, low)
        SELECT DISTINCT ON (2, 3, 4) :operation, s.handling, {subject}, s.shape_hash,
            ST_SetSRID(s.geom, 4326), s.km2, ST_PointOnSurface(ST_SetSRID(s.geom, 4326)), ST_SetSRID(s.mid, 3857), ST_SetSRID(s.low, 3857)
        FROM staging AS s
        WHERE s.shape_hash IS NOT NULL AND NOT EXISTS (
            SELECT FROM facts.footprint AS f
            WHERE f.operation_id = :operation AND f.hash = s.shape_hash AND f.handling <= s.handling
                AND (f.subject = 'boundaries' OR (f.subject = {subject} AND f.handling = s.handling)))
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
                ON f.operation_id = :operation AND f.hash = s.shape_hash AND f.handling <= s.handling
                AND (f.subject = 'boundaries' OR (f.subject = {subject} AND f.handling = s.handling))
            ORDER BY s.row_no, f.subject <> 'boundaries'
        ) AS f WHERE f.row_no = t.row_no
        """,
        operation=batch.operation_id,
    )
