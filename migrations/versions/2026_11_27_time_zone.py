"""By whose clocks an operation travels

Expand first: NULL is the zone of the nearest town, so nothing is filled.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_27_time_zone"
down_revision = "2026_11_27_unwritten"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("operation", sa.Column("time_zone", sa.Text()), schema="facts")


def downgrade() -> None:
    op.drop_column("operation", "time_zone", schema="facts")
