"""Large road networks are built once for a room and kept

Expand first, contract a release later; nothing computed in a default, index or constraint; every key starts with operation_id.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_27_networks"
down_revision = "2026_11_27_templates"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "network",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("clearance", postgresql.ENUM(name="handling", schema="facts", create_type=False), nullable=False),
        sa.Column("precision", sa.SmallInteger(), nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_network_operation"),
        sa.PrimaryKeyConstraint("operation_id", "audience", "clearance", "precision", name="pk_network"),
        schema="facts",
    )


def downgrade() -> None:
    op.drop_table("network", schema="facts")
