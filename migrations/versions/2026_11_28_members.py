"""People who sign in: members, what each is in an operation, their sessions, tokens and one-time links

Expand only: the tables are the owner's, like the schema that they are in. Nothing in them opens a door by itself: passwords are
argon2id, secrets are kept as hashes.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_members"
down_revision = "2026_11_28_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "member",
        sa.Column("id", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password", sa.Text()),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_member"),
        sa.UniqueConstraint("email", name="uq_member_email"),
        schema="keys",
    )
    op.create_table(
        "membership",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("rooms", sa.ARRAY(sa.Text())),
        sa.PrimaryKeyConstraint("member_id", "operation_id", name="pk_membership"),
        sa.ForeignKeyConstraint(["member_id"], ["keys.member.id"], name="fk_membership_member", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["operation_id"], ["facts.operation.operation_id"], name="fk_membership_operation", ondelete="CASCADE"
        ),
        schema="keys",
    )
    op.create_table(
        "secret",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("idle", sa.Interval()),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_secret"),
        sa.ForeignKeyConstraint(["member_id"], ["keys.member.id"], name="fk_secret_member", ondelete="CASCADE"),
        sa.CheckConstraint("kind IN ('session', 'token', 'link')", name="ck_secret_kind"),
        schema="keys",
    )
    op.create_index("ix_secret_member", "secret", ["member_id"], schema="keys")
    op.create_table(
        "failure",
        sa.Column("failed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("account", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        schema="keys",
    )
    op.create_index("ix_failure_account", "failure", ["account", "failed_at"], schema="keys")
    op.create_index("ix_failure_address", "failure", ["address", "failed_at"], schema="keys")


def downgrade() -> None:
    for table in ("failure", "secret", "membership", "member"):
        op.drop_table(table, schema="keys")
