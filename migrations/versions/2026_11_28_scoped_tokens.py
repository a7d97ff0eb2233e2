"""A token may be kept to an operation, to a room of it, and to reading

Expand only: the tokens that there are do what their members may, as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_scoped_tokens"
down_revision = "2026_11_28_audit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("secret", sa.Column("operation_id", sa.Integer()), schema="keys")
    op.add_column("secret", sa.Column("room", sa.Text()), schema="keys")
    op.add_column(
        "secret", sa.Column("reads", sa.Boolean(), server_default=sa.text("false"), nullable=False), schema="keys"
    )
    op.create_foreign_key(
        "fk_secret_operation", "secret", "operation", ["operation_id"], ["operation_id"],
        source_schema="keys", referent_schema="facts", ondelete="CASCADE",
    )  # fmt: skip


def downgrade() -> None:
    op.drop_constraint("fk_secret_operation", "secret", schema="keys")
    for name in ("reads", "room", "operation_id"):
        op.drop_column("secret", name, schema="keys")
