"""Provinces that were made from districts say so

Expand first: NULL is a unit of a file, so nothing is filled.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_27_made_provinces"
down_revision = "2026_11_27_notes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("boundary", sa.Column("made_from", sa.SmallInteger()), schema="facts")


def downgrade() -> None:
    op.drop_column("boundary", "made_from", schema="facts")
