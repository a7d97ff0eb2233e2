"""The register has one row for a pair of actors, and what overlaps there were are its pieces

Each overlap that there was becomes a row of the register under the number that it has, so that it is found under that still. Of
those of the same two actors the oldest is kept, and the others are joined into it: their pieces are the kept one's, their notes
stay theirs and are told with its own. Where nothing was said on the kept one, what the oldest of the others says stands there.
What was written on overlaps before is history of the register from now on.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_28_pairs"
down_revision = "2026_11_28_field_copies"
branch_labels = None
depends_on = None

READ = ("overlap", "overlap_pair", "overlap_note", "actor", "area_part", "ground", "history")
"""Policies hold for the owner as well: without this the tables look empty."""
WRITTEN = ("status", "strategy", "liaison", "owner", "due")
DEFAULTS = {"status": "new", "strategy": "undetermined", "liaison": "unknown"}

MAKE = """
    INSERT INTO facts.overlap_pair (operation_id, id, handling, number, actor_a, actor_b, status, strategy, liaison, owner, due,
        version, recorded_at, recorded_by)
    OVERRIDING SYSTEM VALUE
    SELECT o.operation_id, o.id, o.handling, o.number, least(o.actor_a, o.actor_b), greatest(o.actor_a, o.actor_b), o.status,
        o.strategy, o.liaison, o.owner, o.due, o.version, o.recorded_at, o.recorded_by
    FROM facts.overlap AS o
"""
NEXT = """
    SELECT setval(pg_get_serial_sequence('facts.overlap_pair', 'id'), coalesce(m.last, 1), m.last IS NOT NULL)
    FROM (SELECT greatest((SELECT max(id) FROM facts.overlap_pair),
        (SELECT max(row_id) FROM facts.history WHERE subject = 'overlap')) AS last) AS m
"""
KEEP = """
    CREATE TEMPORARY TABLE kept ON COMMIT DROP AS
    SELECT p.operation_id, p.id, first_value(p.id) OVER (
        PARTITION BY p.operation_id, least(a.now, b.now), greatest(a.now, b.now) ORDER BY p.number) AS kept
    FROM facts.overlap_pair AS p
    CROSS JOIN LATERAL (SELECT coalesce((
        SELECT c.merged_into FROM facts.actor AS c WHERE c.operation_id = p.operation_id AND c.id = p.actor_a), p.actor_a) AS now) AS a
    CROSS JOIN LATERAL (SELECT coalesce((
        SELECT c.merged_into FROM facts.actor AS c WHERE c.operation_id = p.operation_id AND c.id = p.actor_b), p.actor_b) AS now) AS b
"""
JOIN = """
    UPDATE facts.overlap_pair AS p SET joined_into = k.kept FROM kept AS k
    WHERE k.operation_id = p.operation_id AND k.id = p.id AND k.kept <> k.id
"""
SAY = """
    UPDATE facts.overlap_pair AS p SET {0} = s.said
    FROM (
        SELECT DISTINCT ON (k.operation_id, k.kept) k.operation_id, k.kept, q.{0} AS said
        FROM kept AS k JOIN facts.overlap_pair AS q ON q.operation_id = k.operation_id AND q.id = k.id
        WHERE k.kept <> k.id AND {1} ORDER BY k.operation_id, k.kept, q.number
    ) AS s
    WHERE s.operation_id = p.operation_id AND s.kept = p.id AND NOT ({2})
"""
PIECES = """
    UPDATE facts.overlap AS o SET pair_id = k.kept, together = coalesce((
        SELECT range_agg(p.valid * q.valid) FROM facts.area_part AS p
        JOIN facts.area_part AS q ON q.operation_id = o.operation_id AND q.area_id = o.area_b AND q.valid && p.valid
        JOIN facts.ground AS g ON g.operation_id = o.operation_id AND g.km2 > 0
            AND g.footprint_a = least(p.footprint_id, q.footprint_id) AND g.footprint_b = greatest(p.footprint_id, q.footprint_id)
        WHERE p.operation_id = o.operation_id AND p.area_id = o.area_a
    ), datemultirange(o.period))
    FROM kept AS k WHERE k.operation_id = o.operation_id AND k.id = o.id
"""
SHOWN = """
    UPDATE facts.overlap_pair AS p SET handling = s.handling, shown = s.shown
    FROM (
        SELECT o.operation_id, o.pair_id, min(o.handling) AS handling, array_agg(DISTINCT o.handling::text || '|' || (
            SELECT string_agg(s.subject, '|' ORDER BY s.subject COLLATE "C") FROM unnest(o.subjects) AS s (subject))) AS shown
        FROM facts.overlap AS o GROUP BY o.operation_id, o.pair_id
    ) AS s
    WHERE s.operation_id = p.operation_id AND p.id = s.pair_id
"""
SHOWN_OF_JOINED = """
    UPDATE facts.overlap_pair AS p SET shown = ARRAY[o.handling::text || '|' || (
            SELECT string_agg(s.subject, '|' ORDER BY s.subject COLLATE "C") FROM unnest(o.subjects) AS s (subject))]
    FROM facts.overlap AS o WHERE o.operation_id = p.operation_id AND o.id = p.id AND p.joined_into IS NOT NULL
"""
NOTES = "UPDATE facts.overlap_note SET pair_id = overlap_id, pieces = ARRAY[overlap_id]"
HISTORY = """
    INSERT INTO facts.history (operation_id, handling, subject, row_id, recorded, replaced_by, row)
    SELECT h.operation_id, h.handling, 'overlap_pair', h.row_id, h.recorded, h.replaced_by, jsonb_build_object(
        'operation_id', h.operation_id, 'id', h.row_id, 'handling', h.row -> 'handling', 'number', h.row -> 'number',
        'actor_a', h.row -> 'actor_a', 'actor_b', h.row -> 'actor_b', 'joined_into', NULL, 'shown', jsonb_build_array(
            (h.row ->> 'handling') || '|' || (SELECT string_agg(s.subject, '|' ORDER BY s.subject COLLATE "C")
                FROM jsonb_array_elements_text(h.row -> 'subjects') AS s (subject))),
        'status', h.row -> 'status', 'strategy', h.row -> 'strategy', 'liaison', h.row -> 'liaison', 'owner', h.row -> 'owner',
        'due', h.row -> 'due', 'version', h.row -> 'version', 'recorded_at', h.row -> 'recorded_at',
        'recorded_by', h.row -> 'recorded_by')
    FROM facts.history AS h WHERE h.subject = 'overlap'
"""
STRIP = """
    UPDATE facts.history AS h SET row = h.row - ARRAY['number', 'status', 'strategy', 'liaison', 'owner', 'due', 'note']
        || jsonb_build_object('pair_id', coalesce((
            SELECT o.pair_id FROM facts.overlap AS o WHERE o.operation_id = h.operation_id AND o.id = h.row_id), h.row_id),
            'together', '{' || (h.row ->> 'period') || '}')
    WHERE h.subject = 'overlap'
"""
NOTE_HISTORY = """
    UPDATE facts.history AS h SET row = h.row - 'overlap_id' || jsonb_build_object(
        'pair_id', h.row -> 'overlap_id', 'pieces', jsonb_build_array(h.row -> 'overlap_id'))
    WHERE h.subject = 'overlap_note'
"""


def upgrade() -> None:
    _table()
    for name, kind in (("pair_id", sa.BigInteger()), ("together", postgresql.DATEMULTIRANGE())):
        op.add_column("overlap", sa.Column(name, kind), schema="facts")
    for name, kind in (("pair_id", sa.BigInteger()), ("pieces", postgresql.ARRAY(sa.BigInteger()))):
        op.add_column("overlap_note", sa.Column(name, kind), schema="facts")
    for table in READ:
        op.execute(f"ALTER TABLE facts.{table} NO FORCE ROW LEVEL SECURITY")
    # no new versions: what is filled in was so before
    for table in ("overlap", "overlap_note"):
        op.execute(f"ALTER TABLE facts.{table} DISABLE TRIGGER USER")
    for statement in (MAKE, NEXT, KEEP):
        op.execute(statement)
    for name in WRITTEN:
        said = f"{{0}}.{name} <> '{DEFAULTS[name]}'" if name in DEFAULTS else f"{{0}}.{name} IS NOT NULL"
        op.execute(SAY.format(name, said.format("q"), said.format("p")))
    for statement in (JOIN, PIECES, SHOWN, SHOWN_OF_JOINED, NOTES, HISTORY, STRIP, NOTE_HISTORY):
        op.execute(statement)
    for table in ("overlap", "overlap_note"):
        op.execute(f"ALTER TABLE facts.{table} ENABLE TRIGGER USER")
    op.alter_column("overlap", "together", nullable=False, schema="facts")
    for name in ("pair_id", "pieces"):
        op.alter_column("overlap_note", name, nullable=False, schema="facts")
    op.drop_constraint("fk_overlap_note_overlap_id", "overlap_note", schema="facts")
    op.drop_index("ix_overlap_note_overlap_id", "overlap_note", schema="facts")
    op.drop_column("overlap_note", "overlap_id", schema="facts")
    op.create_foreign_key(
        "fk_overlap_note_pair_id", "overlap_note", "overlap_pair", ["operation_id", "pair_id"], ["operation_id", "id"],
        source_schema="facts", referent_schema="facts", ondelete="CASCADE",
    )  # fmt: skip
    op.create_index("ix_overlap_note_pair_id", "overlap_note", ["operation_id", "pair_id"], schema="facts")
    op.drop_constraint("uq_overlap_operation_id_number", "overlap", schema="facts")
    for name in ("number", *WRITTEN):
        op.drop_column("overlap", name, schema="facts")
    op.create_foreign_key(
        "fk_overlap_pair_id", "overlap", "overlap_pair", ["operation_id", "pair_id"], ["operation_id", "id"],
        source_schema="facts", referent_schema="facts",
    )  # fmt: skip
    for name in ("pair_id", "actor_a", "actor_b"):
        op.create_index(f"ix_overlap_{name}", "overlap", ["operation_id", name], schema="facts")

    op.drop_index("ix_overlap_changed", "overlap", schema="facts")
    op.create_index(
        "ix_overlap_pair_changed", "overlap_pair", ["operation_id", "recorded_at"], schema="facts",
        postgresql_where=sa.text("version > 1"),
    )  # fmt: skip


def _table() -> None:
    op.create_table(
        "overlap_pair",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling", postgresql.ENUM(name="handling", schema="facts", create_type=False),
            server_default=sa.text("'AMBER'"), nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("actor_a", sa.BigInteger(), nullable=False),
        sa.Column("actor_b", sa.BigInteger(), nullable=False),
        sa.Column("joined_into", sa.BigInteger()),
        sa.Column("shown", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'new'"), nullable=False),
        sa.Column("strategy", sa.Text(), server_default=sa.text("'undetermined'"), nullable=False),
        sa.Column("liaison", sa.Text(), server_default=sa.text("'unknown'"), nullable=False),
        sa.Column("owner", sa.Text()),
        sa.Column("due", sa.Date()),
        sa.Column("batch_id", sa.BigInteger()),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text()),
        sa.CheckConstraint("actor_a <= actor_b", name=op.f("ck_overlap_pair_ordered")),
        sa.CheckConstraint("joined_into <> id", name=op.f("ck_overlap_pair_joined_into_another")),
        sa.ForeignKeyConstraint(
            ["operation_id", "joined_into"], ["facts.overlap_pair.operation_id", "facts.overlap_pair.id"],
            name="fk_overlap_pair_joined_into",
        ),
        sa.PrimaryKeyConstraint("operation_id", "id", name=op.f("pk_overlap_pair")),
        sa.UniqueConstraint("operation_id", "number", name=op.f("uq_overlap_pair_operation_id_number")),
        schema="facts",
    )  # fmt: skip
    for name in ("actor_a", "actor_b"):
        op.create_index(f"ix_overlap_pair_{name}", "overlap_pair", ["operation_id", name], schema="facts")
    op.create_index(
        "ix_overlap_pair_joined_into", "overlap_pair", ["operation_id", "joined_into"], schema="facts",
        postgresql_where=sa.text("joined_into IS NOT NULL"),
    )  # fmt: skip


BACK = """
    UPDATE facts.overlap AS o SET number = p.number, status = k.status, strategy = k.strategy, liaison = k.liaison, owner = k.owner,
        due = k.due
    FROM facts.overlap_pair AS p
    JOIN facts.overlap_pair AS k ON k.operation_id = p.operation_id AND k.id = coalesce(p.joined_into, p.id)
    WHERE p.operation_id = o.operation_id AND p.id = o.id
"""
BACK_NEW = """
    UPDATE facts.overlap AS o SET number = n.number, status = p.status, strategy = p.strategy, liaison = p.liaison, owner = p.owner,
        due = p.due
    FROM facts.overlap_pair AS p, (
        SELECT o.operation_id, o.id, row_number() OVER (PARTITION BY o.operation_id ORDER BY o.id)
            + (SELECT max(m.number) FROM facts.overlap_pair AS m WHERE m.operation_id = o.operation_id) AS number
        FROM facts.overlap AS o WHERE o.number IS NULL
    ) AS n
    WHERE p.operation_id = o.operation_id AND p.id = o.pair_id AND n.operation_id = o.operation_id AND n.id = o.id
"""
BACK_NOTES = """
    UPDATE facts.overlap_note AS n SET overlap_id = n.pieces[1]
"""


def downgrade() -> None:
    for name, kind in (
        ("number", sa.Integer()), ("status", sa.Text()), ("strategy", sa.Text()), ("liaison", sa.Text()), ("owner", sa.Text()),
        ("due", sa.Date()),
    ):  # fmt: skip
        op.add_column("overlap", sa.Column(name, kind, server_default=DEFAULTS.get(name)), schema="facts")
    op.add_column("overlap_note", sa.Column("overlap_id", sa.BigInteger()), schema="facts")
    for table in READ:
        op.execute(f"ALTER TABLE facts.{table} NO FORCE ROW LEVEL SECURITY")
    for table in ("overlap", "overlap_note"):
        op.execute(f"ALTER TABLE facts.{table} DISABLE TRIGGER USER")
    for statement in (BACK, BACK_NEW, BACK_NOTES):
        op.execute(statement)
    for table in ("overlap", "overlap_note"):
        op.execute(f"ALTER TABLE facts.{table} ENABLE TRIGGER USER")
    for name in ("number", *DEFAULTS):
        op.alter_column("overlap", name, nullable=False, schema="facts")
    op.alter_column("overlap_note", "overlap_id", nullable=False, schema="facts")
    for name in ("pieces", "pair_id"):
        op.drop_column("overlap_note", name, schema="facts")
    op.create_foreign_key(
        "fk_overlap_note_overlap_id", "overlap_note", "overlap", ["operation_id", "overlap_id"], ["operation_id", "id"],
        source_schema="facts", referent_schema="facts", ondelete="CASCADE",
    )  # fmt: skip
    op.create_index("ix_overlap_note_overlap_id", "overlap_note", ["operation_id", "overlap_id"], schema="facts")
    for name in ("actor_b", "actor_a"):
        op.drop_index(f"ix_overlap_{name}", "overlap", schema="facts")
    for name in ("together", "pair_id"):
        op.drop_column("overlap", name, schema="facts")
    op.create_unique_constraint("uq_overlap_operation_id_number", "overlap", ["operation_id", "number"], schema="facts")
    op.create_index(
        "ix_overlap_changed",
        "overlap",
        ["operation_id", "recorded_at"],
        schema="facts",
        postgresql_where=sa.text("version > 1"),
    )
    op.drop_table("overlap_pair", schema="facts")
