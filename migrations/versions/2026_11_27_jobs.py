"""Jobs that workers do, and the files they work on

Expand first, contract a release later; nothing computed in a default, index or constraint; every key starts with operation_id.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_27_jobs"
down_revision = "2026_11_26"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("member", sa.Text()),
        sa.Column("key", sa.Text()),
        sa.Column("digest", sa.Text()),
        sa.Column("asked", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'waiting'"), nullable=False),
        sa.Column("step", sa.Text()),
        sa.Column("done", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("of", sa.BigInteger()),
        sa.Column("stop", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("attempt", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("queue_id", sa.BigInteger()),
        sa.Column("result", postgresql.JSONB()),
        sa.Column("error", postgresql.JSONB()),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'failed', 'stopped')", name=op.f("ck_job_known_state")
        ),
        sa.CheckConstraint("(ended_at IS NULL) = (state IN ('waiting', 'running'))", name=op.f("ck_job_ended")),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_job_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name="pk_job"),
        sa.UniqueConstraint("operation_id", "audience", "key", name="uq_job_operation_id_audience_key"),
        schema="facts",
    )
    op.create_index(
        "ix_job_open", "job", ["operation_id", "id"], schema="facts", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.create_table(
        "job_file",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("piece", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["operation_id", "job_id"], ["facts.job.operation_id", "facts.job.id"], name="fk_job_file_job_id",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("operation_id", "job_id", "piece", name="pk_job_file"),
        schema="facts",
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("job_file", schema="facts")
    op.drop_table("job", schema="facts")
