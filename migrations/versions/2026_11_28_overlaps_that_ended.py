"""An overlap that ended says why, on which day, and whose it was

Those that were kept without ground get their reason from their areas as they are now, their day and their last ground from
their history. Before, areas that were deleted took what was written on their overlaps with them: that is in the history alone.
"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_28_ended"
down_revision = "2026_11_28_administrators"
branch_labels = None
depends_on = None

READ = ("overlap", "area", "area_part", "actor", "ground", "history")
"""Policies hold for the owner as well: without this the tables look empty."""
FILL = """
    UPDATE facts.overlap AS o SET actor_a = a.actor_id, actor_b = b.actor_id FROM facts.area AS a, facts.area AS b
    WHERE a.operation_id = o.operation_id AND a.id = o.area_a AND b.operation_id = o.operation_id AND b.id = o.area_b
"""
END = """
    UPDATE facts.overlap AS o SET ended_on = (o.recorded_at AT TIME ZONE 'UTC')::date,
        ended = CASE WHEN o.actor_a = o.actor_b OR EXISTS (
                SELECT FROM facts.actor AS c WHERE c.operation_id = o.operation_id
                    AND (c.id = o.actor_a AND o.actor_b = ANY (c.lineage) OR c.id = o.actor_b AND o.actor_a = ANY (c.lineage))
            ) THEN 'actors' WHEN EXISTS (
                SELECT FROM facts.area_part AS p
                JOIN facts.area_part AS q ON q.operation_id = p.operation_id AND q.area_id = o.area_b AND q.valid && p.valid
                WHERE p.operation_id = o.operation_id AND p.area_id = o.area_a
            ) THEN 'ground' ELSE 'days' END,
        last_ground = (
            SELECT g.id FROM facts.history AS h
            JOIN facts.ground AS g ON g.operation_id = h.operation_id AND g.id = (h.row ->> 'ground_id')::bigint
            WHERE h.operation_id = o.operation_id AND h.subject = 'overlap' AND h.row_id = o.id
            ORDER BY upper(h.recorded) DESC LIMIT 1)
    WHERE o.ground_id IS NULL
"""


def upgrade() -> None:
    for name, kind in (
        ("actor_a", sa.BigInteger()), ("actor_b", sa.BigInteger()), ("ended", sa.Text()), ("ended_on", sa.Date()),
        ("last_ground", sa.BigInteger()), ("reopened_on", sa.Date()),
    ):  # fmt: skip
        op.add_column("overlap", sa.Column(name, kind), schema="facts")
    for table in READ:
        op.execute(f"ALTER TABLE facts.{table} NO FORCE ROW LEVEL SECURITY")
    # no new versions: what is filled in was so before
    op.execute("ALTER TABLE facts.overlap DISABLE TRIGGER USER")
    op.execute(FILL)
    op.execute(END)
    op.execute("ALTER TABLE facts.overlap ENABLE TRIGGER USER")
    for name in ("actor_a", "actor_b"):
        op.alter_column("overlap", name, nullable=False, schema="facts")
    op.create_check_constraint(
        op.f("ck_overlap_ended_on_a_day"), "overlap", "(ended IS NULL) = (ended_on IS NULL)", schema="facts"
    )
    op.create_index(
        "ix_overlap_ended", "overlap", ["operation_id"], schema="facts", postgresql_where=sa.text("ended IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_index("ix_overlap_ended", "overlap", schema="facts")
    op.drop_constraint(op.f("ck_overlap_ended_on_a_day"), "overlap", schema="facts")
    for name in ("reopened_on", "last_ground", "ended_on", "ended", "actor_b", "actor_a"):
        op.drop_column("overlap", name, schema="facts")
