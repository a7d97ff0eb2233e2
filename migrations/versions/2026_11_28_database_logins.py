"""Logins of the database that read as a member, in one room of one operation

Expand only: the table is the owner's.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_database_logins"
down_revision = "2026_11_28_actors"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reader",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("login", name="pk_reader"),
        sa.UniqueConstraint("member_id", "operation_id", "audience", name="uq_reader_member"),
        sa.ForeignKeyConstraint(["member_id"], ["keys.member.id"], name="fk_reader_member", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["operation_id"], ["facts.operation.operation_id"], name="fk_reader_operation", ondelete="CASCADE"
        ),
        schema="keys",
    )


def downgrade() -> None:
    op.drop_table("reader", schema="keys")
