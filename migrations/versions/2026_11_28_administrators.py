"""People are seen to by an operation's administrators: sessions and tokens are told apart by a number, and when somebody came last

Expand only.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_administrators"
down_revision = "2026_11_28_database_logins"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member", sa.Column("seen_at", sa.DateTime(timezone=True)), schema="keys")
    op.add_column("secret", sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False), schema="keys")
    op.add_column("secret", sa.Column("from_where", sa.Text()), schema="keys")
    op.create_unique_constraint("uq_secret_id", "secret", ["id"], schema="keys")
    op.add_column(
        "membership",
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        schema="keys",
    )


def downgrade() -> None:
    op.drop_column("membership", "made_at", schema="keys")
    op.drop_constraint("uq_secret_id", "secret", schema="keys")
    op.drop_column("secret", "from_where", schema="keys")
    op.drop_column("secret", "id", schema="keys")
    op.drop_column("member", "seen_at", schema="keys")
