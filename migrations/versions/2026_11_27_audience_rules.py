"""What a room is told of each subject, rule by rule with history, and the forms that are kept for rooms told less

Expand first: without a row the rules that stand in `audience` hold as before; the forms are made when something is recorded.
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "2026_11_27_audience_rules"
down_revision = "2026_11_27_rejected"
branch_labels = None
depends_on = None


def _handling(default: str) -> sa.Column:
    kind = postgresql.ENUM(name="handling", schema="facts", create_type=False)
    return sa.Column("handling", kind, server_default=sa.text(f"'{default}'"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "audience_rule",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        _handling("AMBER"),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("precision", sa.Text(), nullable=False),
        sa.Column("withheld", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("labels", sa.Text(), server_default=sa.text("'name'"), nullable=False),
        sa.Column("dates", sa.Text(), server_default=sa.text("'day'"), nullable=False),
        sa.Column("least", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("batch_id", sa.BigInteger()),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text()),
        sa.CheckConstraint(
            "precision IN ('exact', 'settlement', 'admin2', 'mgrs10', 'count', 'withheld') AND labels IN ('name', 'category')"
            " AND dates IN ('day', 'week', 'month') AND least BETWEEN 0 AND 100",
            name=op.f("ck_audience_rule_words"),
        ),
        sa.ForeignKeyConstraint(
            ["operation_id", "audience"], ["facts.audience.operation_id", "facts.audience.key"], name="fk_audience_rule_audience",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("operation_id", "id", name="pk_audience_rule"),
        sa.UniqueConstraint("operation_id", "audience", "subject", name="uq_audience_rule_operation_id_audience_subject"),
        schema="facts",
    )  # fmt: skip
    op.create_table(
        "form",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        _handling("RED"),
        sa.Column("reads", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("valid", postgresql.DATERANGE(), nullable=False),
        sa.Column("row", postgresql.JSONB(), nullable=False),
        sa.Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False),
        sa.Column("mid", Geometry("GEOMETRY", srid=3857, spatial_index=False), nullable=False),
        sa.Column("low", Geometry("GEOMETRY", srid=3857, spatial_index=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["operation_id", "audience"], ["facts.audience.operation_id", "facts.audience.key"], name="fk_form_audience",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("operation_id", "audience", "layer", "row_id", name="pk_form"),
        schema="facts",
    )  # fmt: skip
    op.create_index("ix_form_geom", "form", ["geom"], schema="facts", postgresql_using="gist")
    op.create_table(
        "form_made",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("made_from", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operation_id", "audience"], ["facts.audience.operation_id", "facts.audience.key"], name="fk_form_made_audience",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("operation_id", "audience", "layer", name="pk_form_made"),
        schema="facts",
    )  # fmt: skip


def downgrade() -> None:
    for table in ("form_made", "form", "audience_rule"):
        op.drop_table(table, schema="facts")
