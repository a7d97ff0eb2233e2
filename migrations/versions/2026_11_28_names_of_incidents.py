"""The words by which incidents are found are kept beside them, each once for those who are told the same

Expand only, and filled from the incidents there are.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, ENUM

revision = "2026_11_28_names"
down_revision = "2026_11_28_activity"
branch_labels = None
depends_on = None

_HANDLING = ENUM("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts", create_type=False)
_BY = "i.operation_id, i.placed, i.handling, i.finest, i.coarsest, i.redistributable"
_ROWS = """(
    SELECT i.operation_id, i.id, i.geo_precision IN ('exact', 'settlement') AS placed, i.handling, i.finest, i.coarsest,
        i.redistributable, left(i.location, 300) AS location, left(i.event_type, 300) AS event_type,
        left(i.sub_event_type, 300) AS sub_event_type, left(i.source, 300) AS source, i.actors
    FROM facts.incident AS i) AS i"""
FILL = f"""
    INSERT INTO facts.incident_name (operation_id, placed, handling, finest, coarsest, redistributable, field, name, n, ids)
    SELECT g.operation_id, g.placed, g.handling, g.finest, g.coarsest, g.redistributable, g.field, g.name, g.n,
        ARRAY(SELECT u.id FROM unnest(g.ids) AS u (id) ORDER BY u.id DESC LIMIT 20)
    FROM (
        SELECT {_BY}, CASE WHEN grouping(i.location) = 0 THEN 'location' WHEN grouping(i.event_type) = 0 THEN 'event_type'
                WHEN grouping(i.sub_event_type) = 0 THEN 'sub_event_type' ELSE 'source' END AS field,
            coalesce(i.location, i.event_type, i.sub_event_type, i.source) AS name, count(*) AS n, array_agg(i.id) AS ids
        FROM {_ROWS}
        GROUP BY {_BY}, GROUPING SETS ((i.location), (i.event_type), (i.sub_event_type), (i.source))
        UNION ALL
        SELECT {_BY}, 'actors', a.name, count(*), array_agg(i.id) FROM {_ROWS} CROSS JOIN LATERAL (
            SELECT DISTINCT left(e.actor ->> 'label', 300) AS name FROM jsonb_array_elements(i.actors) AS e (actor)) AS a
        GROUP BY {_BY}, a.name
    ) AS g
    WHERE g.name <> ''
"""


def upgrade() -> None:
    op.create_table(
        "incident_name",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("placed", sa.Boolean(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("handling", _HANDLING, nullable=False),
        sa.Column("finest", sa.SmallInteger(), nullable=False),
        sa.Column("coarsest", sa.SmallInteger(), nullable=False),
        sa.Column("redistributable", sa.Boolean(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("ids", ARRAY(sa.BigInteger()), nullable=False),
        sa.PrimaryKeyConstraint(
            "operation_id", "placed", "field", "name", "handling", "finest", "coarsest", "redistributable",
            name="pk_incident_name",
        ),
        schema="facts",
    )  # fmt: skip
    op.create_index(
        "ix_incident_name_none", "incident_name", ["operation_id"], schema="facts",
        postgresql_where=sa.text("cardinality(ids) = 0"),
    )  # fmt: skip
    # policies hold for the owner as well: without this the table looks empty
    op.execute("ALTER TABLE facts.incident NO FORCE ROW LEVEL SECURITY")
    op.execute(FILL)


def downgrade() -> None:
    op.drop_table("incident_name", schema="facts")
