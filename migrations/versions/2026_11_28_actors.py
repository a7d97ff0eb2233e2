"""Actors are written by hand, merged and split: what is known of each, and the steps by which two became one

Adds columns and a table. The column of reasons that nothing ever wrote is replaced by one that a form writes.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_28_actors"
down_revision = "2026_11_28_members"
branch_labels = None
depends_on = None

TEXTS = (
    "other_names", "mission", "role", "why_mapped", "works_in", "method", "interlocutor_by", "interlocutor_note", "source",
    "reliability", "credibility",
)  # fmt: skip
DAYS = ("interlocutor_on", "reviewed_on", "review_due")
LISTS = ("areas", "units", "names")


def upgrade() -> None:
    op.drop_column("actor", "mapping_reasons", schema="facts")
    op.add_column("actor", sa.Column("merged_into", sa.BigInteger()), schema="facts")
    for name in TEXTS:
        op.add_column("actor", sa.Column(name, sa.Text()), schema="facts")
    for name in DAYS:
        op.add_column("actor", sa.Column(name, sa.Date()), schema="facts")
    op.create_foreign_key(
        "fk_actor_merged_into", "actor", "actor", ["operation_id", "merged_into"], ["operation_id", "id"],
        source_schema="facts", referent_schema="facts",
    )  # fmt: skip
    op.create_table(
        "actor_step",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling", postgresql.ENUM(name="handling", schema="facts", create_type=False),
            server_default=sa.text("'AMBER'"), nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.Column("other_name", sa.Text(), nullable=False),
        *(sa.Column(name, postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False) for name in LISTS),
        sa.Column("stood_under", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("taken_by", sa.Text()),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("undone_by", sa.Text()),
        sa.Column("batch_id", sa.BigInteger()),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text()),
        sa.ForeignKeyConstraint(
            ["operation_id", "actor_id"], ["facts.actor.operation_id", "facts.actor.id"], name="fk_actor_step_actor_id",
        ),
        sa.PrimaryKeyConstraint("operation_id", "id", name="pk_actor_step"),
        schema="facts",
    )  # fmt: skip
    op.create_index("ix_actor_step_actor_id", "actor_step", ["operation_id", "actor_id"], schema="facts")


def downgrade() -> None:
    op.drop_table("actor_step", schema="facts")
    op.drop_constraint("fk_actor_merged_into", "actor", schema="facts")
    for name in ("merged_into", *TEXTS, *DAYS):
        op.drop_column("actor", name, schema="facts")
    op.add_column(
        "actor",
        sa.Column("mapping_reasons", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        schema="facts",
    )
