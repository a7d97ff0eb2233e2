"""What people changed by hand is found by when, the newest first

Expand only: three indexes, of which that of incidents has what no file brought, and that of overlaps what was written on.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_activity"
down_revision = "2026_11_28_scoped_tokens"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_history_began", "history", ["operation_id", sa.text("lower(recorded)")], schema="facts")
    op.create_index(
        "ix_incident_by_hand", "incident", ["operation_id", "recorded_at"], schema="facts",
        postgresql_where=sa.text("batch_id IS NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_overlap_changed", "overlap", ["operation_id", "recorded_at"], schema="facts",
        postgresql_where=sa.text("version > 1"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_overlap_changed", "overlap", schema="facts")
    op.drop_index("ix_incident_by_hand", "incident", schema="facts")
    op.drop_index("ix_history_began", "history", schema="facts")
