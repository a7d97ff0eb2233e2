"""Who did what, when: entries that are added, sealed in a chain, and never changed

Expand only: the table is the owner's, like the schema that it is in. `operation_id` is 0 for what is of the instance, such as a
sign-in; it is no foreign key, for entries outlive an operation.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "2026_11_28_audit"
down_revision = "2026_11_28_ended"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("who", sa.Text()),
        sa.Column("room", sa.Text()),
        sa.Column("did", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("record", sa.Text()),
        sa.Column("version", sa.Integer()),
        sa.Column("fields", ARRAY(sa.Text())),
        sa.Column("told", JSONB()),
        sa.Column("number", sa.BigInteger()),
        sa.Column("sealed_at", sa.DateTime(timezone=True)),
        sa.Column("sealed_with", sa.Text()),
        sa.Column("mac", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sa.UniqueConstraint("operation_id", "number", name="uq_audit_number"),
        sa.CheckConstraint("num_nulls(number, sealed_at, sealed_with, mac) IN (0, 4)", name="ck_audit_sealed"),
        schema="keys",
    )
    op.create_index("ix_audit_unsealed", "audit", ["id"], schema="keys", postgresql_where=sa.text("number IS NULL"))
    op.create_index("ix_audit_at", "audit", ["operation_id", "at", "id"], schema="keys")
    op.create_index("ix_audit_record", "audit", ["operation_id", "subject", "record"], schema="keys")


def downgrade() -> None:
    op.drop_table("audit", schema="keys")
