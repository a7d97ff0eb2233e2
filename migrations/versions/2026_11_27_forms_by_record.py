"""What rooms are told in place of records is made again for the records that changed alone

Expand first: what is kept stays, and is told as before; all of it is made anew when something is recorded next.
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "2026_11_27_forms_by_record"
down_revision = "2026_11_27_networks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "change", sa.Column("due", sa.Boolean(), server_default=sa.text("false"), nullable=False), schema="facts"
    )
    op.add_column(
        "form_made",
        sa.Column("reads", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        schema="facts",
    )
    op.create_table(
        "form_place",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("cell", Geometry("POLYGON", srid=4326, spatial_index=False)),
        sa.Column("organisations", postgresql.ARRAY(sa.Text())),
        sa.Column("least", sa.SmallInteger(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operation_id", "audience"], ["facts.audience.operation_id", "facts.audience.key"], name="fk_form_place_audience",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("operation_id", "audience", "layer", "row_id", "unit", name="pk_form_place"),
        schema="facts",
    )  # fmt: skip
    op.create_index("ix_form_place_unit", "form_place", ["operation_id", "audience", "layer", "unit"], schema="facts")
    op.create_table(
        "form_due",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("row", postgresql.JSONB()),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_form_due_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name="pk_form_due"),
        schema="facts",
    )


def downgrade() -> None:
    for table in ("form_due", "form_place"):
        op.drop_table(table, schema="facts")
    op.drop_column("form_made", "reads", schema="facts")
    op.drop_column("change", "due", schema="facts")
