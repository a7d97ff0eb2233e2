"""Field copies: which were given out, what was in each, and what came home from it

Expand only. What an instance that is a copy needs to write home, and what was in it when it was opened, is the owner's alone.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_28_field_copies"
down_revision = "2026_11_28_names"
branch_labels = None
depends_on = None


def _own() -> tuple[sa.Column, ...]:
    return (
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling", postgresql.ENUM(name="handling", schema="facts", create_type=False),
            server_default=sa.text("'AMBER'"), nullable=False,
        ),
    )  # fmt: skip


def _of_copy(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["operation_id", "copy_id"], ["facts.field_copy.operation_id", "facts.field_copy.id"],
        name=f"fk_{table}_copy_id", ondelete="CASCADE",
    )  # fmt: skip


def upgrade() -> None:
    op.add_column("operation", sa.Column("copy_of", postgresql.JSONB()), schema="facts")
    op.create_table(
        "field_copy",
        *_own(),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("taken_by", sa.Text()),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.Text()),
        sa.Column("ended_why", sa.Text()),
        sa.Column("returned_at", sa.DateTime(timezone=True)),
        sa.Column("returned_by", sa.Text()),
        sa.CheckConstraint("(ended_at IS NULL) = (ended_why IS NULL)", name="ck_field_copy_ended_for_a_reason"),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_field_copy_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name="pk_field_copy"),
        sa.UniqueConstraint("operation_id", "key", name="uq_field_copy_operation_id_key"),
        schema="facts",
    )
    op.create_table(
        "field_record",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("copy_id", sa.BigInteger(), nullable=False),
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("home_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("coarse", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("made", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _of_copy("field_record"),
        sa.PrimaryKeyConstraint("operation_id", "copy_id", "collection", "row_id", name="pk_field_record"),
        schema="facts",
    )
    op.create_table(
        "field_edit",
        *_own(),
        sa.Column("copy_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("home_id", sa.BigInteger()),
        sa.Column("edit", postgresql.JSONB(), nullable=False),
        sa.Column("entered_by", sa.Text()),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("brought_by", sa.Text()),
        sa.Column("brought_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", postgresql.JSONB()),
        sa.Column("version", sa.Integer()),
        sa.Column("decided_by", sa.Text()),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state IN ('applied', 'conflict', 'refused', 'dropped')", name="ck_field_edit_state"),
        _of_copy("field_edit"),
        sa.PrimaryKeyConstraint("operation_id", "id", name="pk_field_edit"),
        sa.UniqueConstraint(
            "operation_id", "copy_id", "key", "digest", name="uq_field_edit_operation_id_copy_id_key_digest"
        ),
        schema="facts",
    )
    op.create_index("ix_field_edit_state", "field_edit", ["operation_id", "state"], schema="facts")
    op.create_table(
        "opened",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("recipients", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("operation_id", name="pk_opened"),
        schema="keys",
    )
    op.create_table(
        "as_opened",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("collection", sa.Text(), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("record", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("operation_id", "collection", "row_id", name="pk_as_opened"),
        schema="keys",
    )


def downgrade() -> None:
    for table in ("as_opened", "opened"):
        op.drop_table(table, schema="keys")
    for table in ("field_edit", "field_record", "field_copy"):
        op.drop_table(table, schema="facts")
    op.drop_column("operation", "copy_of", schema="facts")
