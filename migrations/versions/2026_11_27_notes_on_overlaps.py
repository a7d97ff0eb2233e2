"""Notes on overlaps are a thread; the one there was is its first entry

That note is dated by the moment from which it stood there as it is: the history of its overlap says when, and who wrote
it. Texts that it replaced stay in that history. A table of that name that somebody filled by hand, which an earlier
revision left in place, is taken over as well.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_27_notes"
down_revision = "2026_11_27_audience_rules"
branch_labels = None
depends_on = None

READ = ("overlap", "overlap_note", "history")
"""Policies hold for the owner as well: without this the tables look empty."""
MOVE = """
    INSERT INTO facts.overlap_note
        (operation_id, handling, overlap_id, subjects, words, written_by, written_at, recorded_at, recorded_by)
    SELECT o.operation_id, o.handling, o.id, o.subjects, o.note, w.by, w.at, w.at, w.by
    FROM facts.overlap AS o
    LEFT JOIN LATERAL (
        SELECT upper(h.recorded) AS at, h.replaced_by AS by
        FROM facts.history AS h
        WHERE h.operation_id = o.operation_id AND h.subject = 'overlap' AND h.row_id = o.id
            AND h.row ->> 'note' IS DISTINCT FROM o.note
        ORDER BY upper(h.recorded) DESC LIMIT 1
    ) AS changed ON true
    LEFT JOIN LATERAL (
        SELECT lower(h.recorded) AS at, h.row ->> 'recorded_by' AS by
        FROM facts.history AS h
        WHERE h.operation_id = o.operation_id AND h.subject = 'overlap' AND h.row_id = o.id
        ORDER BY lower(h.recorded) LIMIT 1
    ) AS first ON true
    CROSS JOIN LATERAL (
        SELECT coalesce(changed.at, first.at, o.recorded_at) AS at,
            CASE WHEN changed.at IS NOT NULL THEN changed.by WHEN first.at IS NOT NULL THEN first.by
                ELSE o.recorded_by END AS by
    ) AS w
    WHERE btrim(o.note) <> ''
"""
OLD = "overlap_note_by_hand"
TAKE = f"""
    INSERT INTO facts.overlap_note
        (operation_id, handling, overlap_id, subjects, words, written_by, written_at, recorded_at, recorded_by)
    SELECT o.operation_id, o.handling, o.id, o.subjects, n.text, n.written_by, n.written_at, n.written_at, n.written_by
    FROM facts.{OLD} AS n
    JOIN facts.overlap AS o ON o.operation_id = n.operation_id AND o.id = n.overlap_id
    ORDER BY n.written_at, n.id
"""
BACK = """
    UPDATE facts.overlap AS o SET note = n.words
    FROM (
        SELECT DISTINCT ON (operation_id, overlap_id) operation_id, overlap_id, words
        FROM facts.overlap_note WHERE withdrawn_at IS NULL ORDER BY operation_id, overlap_id, written_at DESC, id DESC
    ) AS n
    WHERE o.operation_id = n.operation_id AND o.id = n.overlap_id
"""


def upgrade() -> None:
    by_hand = sa.inspect(op.get_bind()).has_table("overlap_note", schema="facts")
    if by_hand:
        op.rename_table("overlap_note", OLD, schema="facts")
        op.execute(f"ALTER INDEX facts.pk_overlap_note RENAME TO pk_{OLD}")
        op.execute(f"ALTER INDEX IF EXISTS facts.ix_overlap_note_overlap_id RENAME TO ix_{OLD}")
    op.create_table(
        "overlap_note",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling", postgresql.ENUM(name="handling", schema="facts", create_type=False),
            server_default=sa.text("'AMBER'"), nullable=False,
        ),
        sa.Column("overlap_id", sa.BigInteger(), nullable=False),
        sa.Column("subjects", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text()),
        sa.Column("written_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("withdrawn_by", sa.Text()),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("reason", sa.Text()),
        sa.Column("batch_id", sa.BigInteger()),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text()),
        sa.CheckConstraint(
            "(withdrawn_at IS NULL) = (reason IS NULL)", name=op.f("ck_overlap_note_withdrawn_for_a_reason")
        ),
        sa.ForeignKeyConstraint(
            ["operation_id", "overlap_id"], ["facts.overlap.operation_id", "facts.overlap.id"],
            name="fk_overlap_note_overlap_id", ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("operation_id", "id", name="pk_overlap_note"),
        schema="facts",
    )  # fmt: skip
    op.create_index("ix_overlap_note_overlap_id", "overlap_note", ["operation_id", "overlap_id"], schema="facts")
    for table in READ:
        op.execute(f"ALTER TABLE facts.{table} NO FORCE ROW LEVEL SECURITY")
    if by_hand:
        op.execute(f"ALTER TABLE facts.{OLD} NO FORCE ROW LEVEL SECURITY")
        op.execute(TAKE)
        op.drop_table(OLD, schema="facts")
    op.execute(MOVE)
    op.drop_column("overlap", "note", schema="facts")


def downgrade() -> None:
    op.add_column("overlap", sa.Column("note", sa.Text()), schema="facts")
    for table in READ:
        op.execute(f"ALTER TABLE facts.{table} NO FORCE ROW LEVEL SECURITY")
    op.execute(BACK)
    op.drop_table("overlap_note", schema="facts")
