"""The database knows the keys of the logins that serve, and believes nobody else who says who asks

Expand only: the schema is the owner's, and no other role is let into it.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_keys"
down_revision = "2026_11_27_forms_by_record"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA keys")
    op.create_table(
        "login",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("login", name="pk_login"),
        schema="keys",
    )


def downgrade() -> None:
    op.execute("DROP SCHEMA keys CASCADE")
