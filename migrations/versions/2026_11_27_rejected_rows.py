"""Rows that did not land, kept for a time to be mended and sent again

Expand first, contract a release later; nothing computed in a default, index or constraint; every key starts with operation_id.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_27_rejected"
down_revision = "2026_11_27_time_zone"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rejected",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling", postgresql.ENUM(name="handling", schema="facts", create_type=False),
            server_default=sa.text("'AMBER'"), nullable=False,
        ),
        sa.Column("batch_id", sa.BigInteger()),
        sa.Column("job_id", sa.BigInteger()),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("features", sa.Boolean(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_until", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("num_nonnulls(batch_id, job_id) > 0", name=op.f("ck_rejected_of_something")),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_rejected_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name="pk_rejected"),
        schema="facts",
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("rejected", schema="facts")
