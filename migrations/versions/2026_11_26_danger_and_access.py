"""Danger and access: the life of a risk zone, security levels, constraints, reports on roads, two reports of one event

Expand first, contract a release later; nothing computed in a default, index or constraint; every key starts with operation_id.
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "2026_11_26"
down_revision = "2026_11_24"
branch_labels = None
depends_on = None

HANDLING = postgresql.ENUM(name="handling", schema="facts", create_type=False)
STRICTER = {
    "cmwg_mixed": {"access_constraints": "withheld"},
    "military_counterpart": {"access_constraints": "withheld", "security_levels": "withheld"},
    "public": {"access_constraints": "withheld", "security_levels": "withheld", "arrangements": "withheld"},
}
"""What the rooms of operations that are there already are not shown of the new subjects."""


def _fact(table: str, *columns: sa.Column | sa.Constraint) -> None:
    op.create_table(
        table,
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("handling", HANDLING, server_default=sa.text("'AMBER'"), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), server_default=sa.text("'(,)'"), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        *columns,
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("operation_id", "id", name=f"pk_{table}"),
        sa.UniqueConstraint("operation_id", "source_key", name=f"uq_{table}_operation_id_source_key"),
        schema="facts",
    )


def _belongs(table: str, column: str, to: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["operation_id", column], [f"facts.{to}.operation_id", f"facts.{to}.id"], name=f"fk_{table}_{column}",
        ondelete=ondelete,
    )  # fmt: skip


def _add(table: str, *columns: sa.Column) -> None:
    for column in columns:
        op.add_column(table, column, schema="facts")


def _fill(table: str, statement: str) -> None:
    """Change rows of every operation: the owner is bound by the policies too, and what is filled in is no new version."""
    op.execute(f"ALTER TABLE facts.{table} NO FORCE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE facts.{table} DISABLE TRIGGER USER")
    op.execute(statement)
    op.execute(f"ALTER TABLE facts.{table} ENABLE TRIGGER USER")
    op.execute(f"ALTER TABLE facts.{table} FORCE ROW LEVEL SECURITY")


def upgrade() -> None:
    _add("incident", sa.Column("same_as_source", sa.Text()), sa.Column("same_as_event", sa.Text()))
    op.create_index(
        "ix_incident_same_as", "incident", ["operation_id", "same_as_source", "same_as_event"], schema="facts",
        postgresql_where=sa.text("same_as_event IS NOT NULL"),
    )  # fmt: skip
    op.create_index("ix_incident_began", "incident", ["operation_id", sa.text("lower(valid)")], schema="facts")
    op.execute("ALTER TABLE facts.incident NO FORCE ROW LEVEL SECURITY")
    _fill("incident_tally", """
        INSERT INTO facts.incident_tally (operation_id, pcode, month, event_type, placed, handling, n, fatalities)
        SELECT i.operation_id, '', date_trunc('month', coalesce(lower(i.valid), DATE '1900-01-01'))::date, i.event_type,
            i.geo_precision IN ('exact', 'settlement'), i.handling, count(*), coalesce(sum(i.fatalities), 0)
        FROM facts.incident AS i WHERE i.pcode IS NULL AND 1 BETWEEN i.finest AND i.coarsest GROUP BY 1, 3, 4, 5, 6
    """)  # fmt: skip
    op.execute("ALTER TABLE facts.incident FORCE ROW LEVEL SECURITY")
    op.create_check_constraint(
        op.f("ck_incident_same_as_whole"),
        "incident",
        "(same_as_source IS NULL) = (same_as_event IS NULL)",
        schema="facts",
    )

    op.create_table(
        "incident_deletion",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_event_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("deleted_ts", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("operation_id", "source", "source_event_id", "batch_id", name="pk_incident_deletion"),
        schema="facts",
    )

    _add(
        "risk_zone", sa.Column("number", sa.Integer()), sa.Column("matrix_version", sa.Text()),
        sa.Column("evidence", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("suggestion", postgresql.JSONB()), sa.Column("replaces", sa.BigInteger()),
    )  # fmt: skip
    _fill("risk_zone", """
        UPDATE facts.risk_zone AS z SET number = n.place FROM (
            SELECT operation_id, id, row_number() OVER (PARTITION BY operation_id ORDER BY id) AS place FROM facts.risk_zone
        ) AS n WHERE n.operation_id = z.operation_id AND n.id = z.id
    """)  # fmt: skip
    op.alter_column("risk_zone", "number", nullable=False, schema="facts")
    op.create_table(
        "risk_matrix",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("levels", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column(
            "adopted_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("adopted_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "cardinality(levels) = 25 AND 1 <= ALL (levels) AND 5 >= ALL (levels)", name=op.f("ck_risk_matrix_whole")
        ),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_risk_matrix_operation"),
        sa.PrimaryKeyConstraint("operation_id", "version", name="pk_risk_matrix"),
        schema="facts",
    )

    _fact(
        "security_area",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("security_level", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("footprint_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("security_level BETWEEN 1 AND 6", name=op.f("ck_security_area_scale")),
        _belongs("security_area", "footprint_id", "footprint"),
    )
    op.create_index("ix_security_area_footprint_id", "security_area", ["operation_id", "footprint_id"], schema="facts")
    _fact(
        "access_constraint",
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("severity", sa.SmallInteger(), nullable=False),
        sa.Column("scale", sa.Text(), server_default=sa.text("'0-5'"), nullable=False),
        sa.Column("pcode", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("reported_on", sa.Date(), nullable=False),
        sa.Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False),
        sa.CheckConstraint("severity BETWEEN 0 AND 5", name=op.f("ck_access_constraint_scale")),
    )
    op.create_index("ix_access_constraint_geom", "access_constraint", ["geom"], schema="facts", postgresql_using="gist")

    _add(
        "road",
        sa.Column("practicability_dry", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("practicability_wet", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
    )
    _fact(
        "road_report",
        sa.Column("road_id", sa.BigInteger(), nullable=False),
        sa.Column("op_status", sa.Text(), nullable=False),
        sa.Column("practicability", sa.SmallInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("observed_on", sa.Date(), nullable=False),
        sa.Column("stale_days", sa.SmallInteger(), server_default=sa.text("30"), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        _belongs("road_report", "road_id", "road", "CASCADE"),
    )
    op.create_index("ix_road_report_road_id", "road_report", ["operation_id", "road_id"], schema="facts")

    _add(
        "arrangement", sa.Column("source_key", sa.Text()), sa.Column("source", sa.Text()), sa.Column("note", sa.Text())
    )
    _fill("arrangement", "UPDATE facts.arrangement SET source_key = 'record-' || id")
    op.alter_column("arrangement", "source_key", nullable=False, schema="facts")
    op.create_unique_constraint(
        "uq_arrangement_operation_id_source_key", "arrangement", ["operation_id", "source_key"], schema="facts"
    )

    # names and values are those of STRICTER, above
    cases = " ".join(
        f"WHEN '{room}' THEN jsonb_build_object({', '.join(repr(part) for rule in rules.items() for part in rule)})"
        for room, rules in STRICTER.items()
    )
    _fill("audience", f"UPDATE facts.audience SET rules = CASE key {cases} ELSE '{{}}'::jsonb END || rules")


def downgrade() -> None:
    for table in ("road_report", "access_constraint", "security_area", "risk_matrix", "incident_deletion"):
        op.drop_table(table, schema="facts")
    op.drop_constraint("uq_arrangement_operation_id_source_key", "arrangement", schema="facts")
    op.drop_constraint(op.f("ck_incident_same_as_whole"), "incident", schema="facts")
    _fill("incident_tally", "DELETE FROM facts.incident_tally WHERE pcode = ''")
    op.drop_index("ix_incident_began", "incident", schema="facts")
    op.drop_index("ix_incident_same_as", "incident", schema="facts")
    for table, columns in (
        ("arrangement", ("source_key", "source", "note")),
        ("road", ("practicability_dry", "practicability_wet")),
        ("risk_zone", ("number", "matrix_version", "evidence", "suggestion", "replaces")),
        ("incident", ("same_as_source", "same_as_event")),
    ):
        for column in columns:
            op.drop_column(table, column, schema="facts")
