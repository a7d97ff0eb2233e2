"""The first tables

Expand first, contract a release later; no `calc` in a default, index or constraint; every key starts with operation_id.
"""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "2026_11_23"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operation",
        sa.Column("operation_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("exercise", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("today", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("key ~ '^[a-z][a-z0-9-]{1,62}$'", name=op.f("ck_operation_key_form")),
        sa.PrimaryKeyConstraint("operation_id", name=op.f("pk_operation")),
        sa.UniqueConstraint("key", name=op.f("uq_operation_key")),
        schema="facts",
    )
    op.create_table(
        "actor",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            server_default=sa.text("'AMBER'"),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("acronym", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), server_default=sa.text("'unknown'"), nullable=False),
        sa.Column("domain", sa.Text(), server_default=sa.text("'unknown'"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("lineage", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("mandate", sa.Text(), nullable=True),
        sa.Column("mapping_reasons", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("interlocutor", sa.Text(), server_default=sa.text("'undecided'"), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["operation_id", "parent_id"], ["facts.actor.operation_id", "facts.actor.id"], name="fk_actor_parent_id"
        ),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_actor_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name=op.f("pk_actor")),
        sa.UniqueConstraint("operation_id", "name_key", name=op.f("uq_actor_operation_id_name_key")),
        schema="facts",
    )
    op.create_table(
        "audience",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "clearance",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            nullable=False,
        ),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("withheld_domains", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("withheld_fields", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("may_write", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_audience_operation"),
        sa.PrimaryKeyConstraint("operation_id", "key", name=op.f("pk_audience")),
        schema="facts",
    )
    op.create_table(
        "base_feature",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            server_default=sa.text("'AMBER'"),
            nullable=False,
        ),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("rank", sa.Integer(), server_default=sa.text("5"), nullable=False),
        sa.Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_base_feature_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name=op.f("pk_base_feature")),
        schema="facts",
    )
    op.create_index(
        "ix_base_feature_geom", "base_feature", ["geom"], unique=False, schema="facts", postgresql_using="gist"
    )
    op.create_table(
        "batch",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            server_default=sa.text("'AMBER'"),
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_hash", sa.Text(), nullable=False),
        sa.Column("report", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("landed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("landed_by", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_batch_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name=op.f("pk_batch")),
        schema="facts",
    )
    op.create_table(
        "change",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_change_operation"),
        sa.PrimaryKeyConstraint("operation_id", "subject", name=op.f("pk_change")),
        schema="facts",
    )
    op.create_table(
        "footprint",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            server_default=sa.text("'AMBER'"),
            nullable=False,
        ),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("geom", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
        sa.Column("km2", sa.Float(), nullable=False),
        sa.Column("label", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column("mid", Geometry("GEOMETRY", srid=3857, spatial_index=False), nullable=False),
        sa.Column("low", Geometry("GEOMETRY", srid=3857, spatial_index=False), nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_footprint_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name=op.f("pk_footprint")),
        sa.UniqueConstraint(
            "operation_id", "hash", "subject", "handling", name=op.f("uq_footprint_operation_id_hash_subject_handling")
        ),
        schema="facts",
    )
    op.create_index("ix_footprint_geom", "footprint", ["geom"], unique=False, schema="facts", postgresql_using="gist")
    op.create_table(
        "history",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            server_default=sa.text("'AMBER'"),
            nullable=False,
        ),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded", postgresql.TSTZRANGE(), nullable=False),
        sa.Column("replaced_by", sa.Text(), nullable=True),
        sa.Column("row", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_history_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name=op.f("pk_history")),
        schema="facts",
    )
    op.create_index(
        "ix_history_recorded",
        "history",
        ["operation_id", "subject", sa.literal_column("upper(recorded)")],
        unique=False,
        schema="facts",
    )
    op.create_index(
        "ix_history_subject_row_id", "history", ["operation_id", "subject", "row_id"], unique=False, schema="facts"
    )
    op.create_table(
        "incident",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            server_default=sa.text("'AMBER'"),
            nullable=False,
        ),
        sa.Column("valid", postgresql.DATERANGE(), server_default=sa.text("'(,)'"), nullable=False),
        sa.Column("finest", sa.SmallInteger(), nullable=False),
        sa.Column("coarsest", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_event_id", sa.Text(), nullable=False),
        sa.Column("source_ts", sa.DateTime(timezone=True), nullable=True),
        sa.Column("time_precision", sa.Text(), nullable=False),
        sa.Column("geo_precision", sa.Text(), nullable=False),
        sa.Column("pcode", sa.Text(), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("sub_event_type", sa.Text(), nullable=True),
        sa.Column("taxonomy", sa.Text(), nullable=False),
        sa.Column("actors", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("fatalities", sa.Integer(), nullable=True),
        sa.Column("civilian_targeting", sa.Boolean(), nullable=True),
        sa.Column("notes_raw", sa.Text(), nullable=True),
        sa.Column("notes_neutral", sa.Text(), nullable=True),
        sa.Column("source_names", sa.Text(), nullable=True),
        sa.Column("verification", sa.Text(), server_default=sa.text("'unverified'"), nullable=False),
        sa.Column("redistributable", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=True),
        sa.CheckConstraint("finest <= coarsest", name=op.f("ck_incident_precision_order")),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_incident_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name=op.f("pk_incident")),
        sa.UniqueConstraint(
            "operation_id",
            "source",
            "source_event_id",
            "finest",
            name=op.f("uq_incident_operation_id_source_source_event_id_finest"),
        ),
        schema="facts",
    )
    op.create_index("ix_incident_geom", "incident", ["geom"], unique=False, schema="facts", postgresql_using="gist")
    op.create_table(
        "incident_bin",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("z", sa.SmallInteger(), nullable=False),
        sa.Column("x", sa.Integer(), nullable=False),
        sa.Column("y", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            nullable=False,
        ),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_incident_bin_operation"),
        sa.PrimaryKeyConstraint("operation_id", "z", "x", "y", "month", "handling", name=op.f("pk_incident_bin")),
        schema="facts",
    )
    op.create_index(
        "ix_incident_bin_z_geom", "incident_bin", ["z", "geom"], unique=False, schema="facts", postgresql_using="gist"
    )
    op.create_table(
        "incident_tally",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("pcode", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("placed", sa.Boolean(), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            nullable=False,
        ),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("fatalities", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_incident_tally_operation"),
        sa.PrimaryKeyConstraint(
            "operation_id", "pcode", "month", "event_type", "placed", "handling", name=op.f("pk_incident_tally")
        ),
        schema="facts",
    )
    op.create_table(
        "member",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            server_default=sa.text("'AMBER'"),
            nullable=False,
        ),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_member_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name=op.f("pk_member")),
        sa.UniqueConstraint("operation_id", "email", name=op.f("uq_member_operation_id_email")),
        schema="facts",
    )
    op.create_table(
        "road",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            server_default=sa.text("'AMBER'"),
            nullable=False,
        ),
        sa.Column("valid", postgresql.DATERANGE(), server_default=sa.text("'(,)'"), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("road_class", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("surface", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("condition", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("seasonal", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("practicability", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("op_status", sa.Text(), server_default=sa.text("'unspecified'"), nullable=False),
        sa.Column("security", sa.Text(), nullable=True),
        sa.Column("speed_kmh", sa.Float(), nullable=True),
        sa.Column("bridge", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("tunnel", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("oneway", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("length_km", sa.Float(), nullable=False),
        sa.Column("geom", Geometry("MULTILINESTRING", srid=4326, spatial_index=False), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_road_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name=op.f("pk_road")),
        sa.UniqueConstraint("operation_id", "source_key", name=op.f("uq_road_operation_id_source_key")),
        schema="facts",
    )
    op.create_index("ix_road_geom", "road", ["geom"], unique=False, schema="facts", postgresql_using="gist")
    op.create_table(
        "route",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            server_default=sa.text("'AMBER'"),
            nullable=False,
        ),
        sa.Column("valid", postgresql.DATERANGE(), server_default=sa.text("'(,)'"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("vehicle_class", sa.SmallInteger(), nullable=False),
        sa.Column("geom", Geometry("MULTILINESTRING", srid=4326, spatial_index=False), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_route_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name=op.f("pk_route")),
        schema="facts",
    )
    op.create_index("ix_route_geom", "route", ["geom"], unique=False, schema="facts", postgresql_using="gist")
    op.create_table(
        "site",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            server_default=sa.text("'AMBER'"),
            nullable=False,
        ),
        sa.Column("valid", postgresql.DATERANGE(), server_default=sa.text("'(,)'"), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("facility_type", sa.Text(), server_default=sa.text("'other'"), nullable=False),
        sa.Column("operator", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("pcode", sa.Text(), nullable=True),
        sa.Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_site_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name=op.f("pk_site")),
        sa.UniqueConstraint("operation_id", "source_key", name=op.f("uq_site_operation_id_source_key")),
        schema="facts",
    )
    op.create_index("ix_site_geom", "site", ["geom"], unique=False, schema="facts", postgresql_using="gist")
    op.create_table(
        "area",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            server_default=sa.text("'AMBER'"),
            nullable=False,
        ),
        sa.Column("valid", postgresql.DATERANGE(), server_default=sa.text("'(,)'"), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("positioning", sa.Text(), nullable=False),
        sa.Column("sector", sa.Text(), nullable=True),
        sa.Column("activity", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default=sa.text("'active'"), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("reliability", sa.Text(), nullable=True),
        sa.Column("credibility", sa.Text(), nullable=True),
        sa.Column("disputed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("km2", sa.Float(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "domain <> 'civil' OR positioning NOT IN ('patrol_area', 'boundary')",
            name=op.f("ck_area_civil_positioning"),
        ),
        sa.ForeignKeyConstraint(
            ["operation_id", "actor_id"], ["facts.actor.operation_id", "facts.actor.id"], name="fk_area_actor_id"
        ),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_area_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name=op.f("pk_area")),
        sa.UniqueConstraint("operation_id", "source_key", name=op.f("uq_area_operation_id_source_key")),
        schema="facts",
    )
    op.create_index("ix_area_actor_id", "area", ["operation_id", "actor_id"], unique=False, schema="facts")
    op.create_table(
        "arrangement",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            server_default=sa.text("'AMBER'"),
            nullable=False,
        ),
        sa.Column("valid", postgresql.DATERANGE(), server_default=sa.text("'(,)'"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("arrangement_type", sa.Text(), nullable=False),
        sa.Column("parties", sa.Text(), nullable=True),
        sa.Column("footprint_id", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["operation_id", "footprint_id"],
            ["facts.footprint.operation_id", "facts.footprint.id"],
            name="fk_arrangement_footprint_id",
        ),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_arrangement_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name=op.f("pk_arrangement")),
        schema="facts",
    )
    op.create_index(
        "ix_arrangement_footprint_id", "arrangement", ["operation_id", "footprint_id"], unique=False, schema="facts"
    )
    op.create_table(
        "boundary",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            server_default=sa.text("'AMBER'"),
            nullable=False,
        ),
        sa.Column("valid", postgresql.DATERANGE(), server_default=sa.text("'(,)'"), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("pcode", sa.Text(), nullable=False),
        sa.Column("cod_version", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("names", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("parent_pcode", sa.Text(), nullable=True),
        sa.Column("footprint_id", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["operation_id", "footprint_id"],
            ["facts.footprint.operation_id", "facts.footprint.id"],
            name="fk_boundary_footprint_id",
        ),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_boundary_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name=op.f("pk_boundary")),
        sa.UniqueConstraint(
            "operation_id", "pcode", "cod_version", name=op.f("uq_boundary_operation_id_pcode_cod_version")
        ),
        schema="facts",
    )
    op.create_index(
        "ix_boundary_footprint_id", "boundary", ["operation_id", "footprint_id"], unique=False, schema="facts"
    )
    op.create_table(
        "contact",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            server_default=sa.text("'AMBER'"),
            nullable=False,
        ),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["operation_id", "actor_id"],
            ["facts.actor.operation_id", "facts.actor.id"],
            name="fk_contact_actor_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_contact_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name=op.f("pk_contact")),
        schema="facts",
    )
    op.create_index("ix_contact_actor_id", "contact", ["operation_id", "actor_id"], unique=False, schema="facts")
    op.create_table(
        "ground",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            server_default=sa.text("'AMBER'"),
            nullable=False,
        ),
        sa.Column("footprint_a", sa.BigInteger(), nullable=True),
        sa.Column("footprint_b", sa.BigInteger(), nullable=True),
        sa.Column("members", postgresql.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column("geom", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
        sa.Column("km2", sa.Float(), nullable=False),
        sa.Column("label", Geometry("POINT", srid=4326, spatial_index=False), nullable=False),
        sa.Column("mid", Geometry("GEOMETRY", srid=3857, spatial_index=False), nullable=False),
        sa.Column("low", Geometry("GEOMETRY", srid=3857, spatial_index=False), nullable=False),
        sa.CheckConstraint("(footprint_a IS NULL) = (members IS NOT NULL)", name=op.f("ck_ground_pair_or_union")),
        sa.ForeignKeyConstraint(
            ["operation_id", "footprint_a"],
            ["facts.footprint.operation_id", "facts.footprint.id"],
            name="fk_ground_footprint_a",
        ),
        sa.ForeignKeyConstraint(
            ["operation_id", "footprint_b"],
            ["facts.footprint.operation_id", "facts.footprint.id"],
            name="fk_ground_footprint_b",
        ),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_ground_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name=op.f("pk_ground")),
        sa.UniqueConstraint(
            "operation_id", "footprint_a", "footprint_b", name=op.f("uq_ground_operation_id_footprint_a_footprint_b")
        ),
        sa.UniqueConstraint("operation_id", "members", name=op.f("uq_ground_operation_id_members")),
        schema="facts",
    )
    op.create_index("ix_ground_geom", "ground", ["geom"], unique=False, schema="facts", postgresql_using="gist")
    op.create_table(
        "hazard_area",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            server_default=sa.text("'AMBER'"),
            nullable=False,
        ),
        sa.Column("valid", postgresql.DATERANGE(), server_default=sa.text("'(,)'"), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("hazard_type", sa.Text(), nullable=False),
        sa.Column("hazard_status", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("hazards", sa.Text(), nullable=True),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("footprint_id", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["operation_id", "footprint_id"],
            ["facts.footprint.operation_id", "facts.footprint.id"],
            name="fk_hazard_area_footprint_id",
        ),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_hazard_area_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name=op.f("pk_hazard_area")),
        sa.UniqueConstraint("operation_id", "source_key", name=op.f("uq_hazard_area_operation_id_source_key")),
        schema="facts",
    )
    op.create_index(
        "ix_hazard_area_footprint_id", "hazard_area", ["operation_id", "footprint_id"], unique=False, schema="facts"
    )
    op.create_table(
        "risk_zone",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            server_default=sa.text("'AMBER'"),
            nullable=False,
        ),
        sa.Column("valid", postgresql.DATERANGE(), server_default=sa.text("'(,)'"), nullable=False),
        sa.Column("source_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("threat_category", sa.Text(), nullable=False),
        sa.Column("likelihood", sa.SmallInteger(), nullable=False),
        sa.Column("impact", sa.SmallInteger(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("residual_level", sa.SmallInteger(), nullable=True),
        sa.Column("applies_to", sa.Text(), server_default=sa.text("'all'"), nullable=False),
        sa.Column("time_of_day", sa.Text(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("reviewer", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default=sa.text("'published'"), nullable=False),
        sa.Column("footprint_id", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=True),
        sa.CheckConstraint("NOT upper_inf(valid)", name=op.f("ck_risk_zone_has_an_end")),
        sa.CheckConstraint("likelihood BETWEEN 1 AND 5 AND impact BETWEEN 1 AND 5", name=op.f("ck_risk_zone_matrix")),
        sa.ForeignKeyConstraint(
            ["operation_id", "footprint_id"],
            ["facts.footprint.operation_id", "facts.footprint.id"],
            name="fk_risk_zone_footprint_id",
        ),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_risk_zone_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name=op.f("pk_risk_zone")),
        sa.UniqueConstraint("operation_id", "source_key", name=op.f("uq_risk_zone_operation_id_source_key")),
        schema="facts",
    )
    op.create_index(
        "ix_risk_zone_footprint_id", "risk_zone", ["operation_id", "footprint_id"], unique=False, schema="facts"
    )
    op.create_table(
        "area_part",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            server_default=sa.text("'AMBER'"),
            nullable=False,
        ),
        sa.Column("valid", postgresql.DATERANGE(), server_default=sa.text("'(,)'"), nullable=False),
        sa.Column("area_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("footprint_id", sa.BigInteger(), nullable=False),
        sa.Column("pcode", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("activity", sa.Text(), nullable=True),
        sa.Column("source_rows", postgresql.ARRAY(sa.Integer()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["operation_id", "area_id"],
            ["facts.area.operation_id", "facts.area.id"],
            name="fk_area_part_area_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["operation_id", "footprint_id"],
            ["facts.footprint.operation_id", "facts.footprint.id"],
            name="fk_area_part_footprint_id",
        ),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_area_part_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name=op.f("pk_area_part")),
        sa.UniqueConstraint(
            "operation_id",
            "area_id",
            "footprint_id",
            "valid",
            name=op.f("uq_area_part_operation_id_area_id_footprint_id_valid"),
        ),
        schema="facts",
    )
    op.create_index(
        "ix_area_part_footprint_id", "area_part", ["operation_id", "footprint_id"], unique=False, schema="facts"
    )
    op.create_table(
        "overlap",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            server_default=sa.text("'AMBER'"),
            nullable=False,
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("area_a", sa.BigInteger(), nullable=False),
        sa.Column("area_b", sa.BigInteger(), nullable=False),
        sa.Column("ground_id", sa.BigInteger(), nullable=True),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("domain_a", sa.Text(), nullable=False),
        sa.Column("domain_b", sa.Text(), nullable=False),
        sa.Column("subjects", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("period", postgresql.DATERANGE(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("km2", sa.Float(), nullable=False),
        sa.Column("share_a", sa.Float(), nullable=False),
        sa.Column("share_b", sa.Float(), nullable=False),
        sa.Column("incidents", postgresql.ARRAY(sa.Integer()), nullable=True),
        sa.Column("risk", postgresql.ARRAY(sa.SmallInteger()), nullable=True),
        sa.Column("status", sa.Text(), server_default=sa.text("'new'"), nullable=False),
        sa.Column("strategy", sa.Text(), server_default=sa.text("'undetermined'"), nullable=False),
        sa.Column("liaison", sa.Text(), server_default=sa.text("'unknown'"), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=True),
        sa.CheckConstraint("area_a < area_b", name=op.f("ck_overlap_ordered")),
        sa.ForeignKeyConstraint(
            ["operation_id", "area_a"],
            ["facts.area.operation_id", "facts.area.id"],
            name="fk_overlap_area_a",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["operation_id", "area_b"],
            ["facts.area.operation_id", "facts.area.id"],
            name="fk_overlap_area_b",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["operation_id", "ground_id"], ["facts.ground.operation_id", "facts.ground.id"], name="fk_overlap_ground_id"
        ),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_overlap_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name=op.f("pk_overlap")),
        sa.UniqueConstraint("operation_id", "area_a", "area_b", name=op.f("uq_overlap_operation_id_area_a_area_b")),
        sa.UniqueConstraint("operation_id", "number", name=op.f("uq_overlap_operation_id_number")),
        schema="facts",
    )
    op.create_index("ix_overlap_area_b", "overlap", ["operation_id", "area_b"], unique=False, schema="facts")
    op.create_index("ix_overlap_ground_id", "overlap", ["operation_id", "ground_id"], unique=False, schema="facts")
    op.create_table(
        "overlap_note",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling",
            sa.Enum("CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", name="handling", schema="facts"),
            server_default=sa.text("'AMBER'"),
            nullable=False,
        ),
        sa.Column("overlap_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_by", sa.Text(), nullable=True),
        sa.Column("written_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["operation_id", "overlap_id"],
            ["facts.overlap.operation_id", "facts.overlap.id"],
            name="fk_overlap_note_overlap_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_overlap_note_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name=op.f("pk_overlap_note")),
        schema="facts",
    )
    op.create_index(
        "ix_overlap_note_overlap_id", "overlap_note", ["operation_id", "overlap_id"], unique=False, schema="facts"
    )
    # A box test reads the first bytes of a shape; stored plain, it need not unpack the rest.
    for table in ("footprint", "ground"):
        op.execute(f"ALTER TABLE facts.{table} ALTER COLUMN geom SET STORAGE EXTERNAL")


def downgrade() -> None:
    op.drop_index("ix_overlap_note_overlap_id", table_name="overlap_note", schema="facts")
    op.drop_table("overlap_note", schema="facts")
    op.drop_index("ix_overlap_ground_id", table_name="overlap", schema="facts")
    op.drop_index("ix_overlap_area_b", table_name="overlap", schema="facts")
    op.drop_table("overlap", schema="facts")
    op.drop_index("ix_area_part_footprint_id", table_name="area_part", schema="facts")
    op.drop_table("area_part", schema="facts")
    op.drop_index("ix_risk_zone_footprint_id", table_name="risk_zone", schema="facts")
    op.drop_table("risk_zone", schema="facts")
    op.drop_index("ix_hazard_area_footprint_id", table_name="hazard_area", schema="facts")
    op.drop_table("hazard_area", schema="facts")
    op.drop_index("ix_ground_geom", table_name="ground", schema="facts", postgresql_using="gist")
    op.drop_table("ground", schema="facts")
    op.drop_index("ix_contact_actor_id", table_name="contact", schema="facts")
    op.drop_table("contact", schema="facts")
    op.drop_index("ix_boundary_footprint_id", table_name="boundary", schema="facts")
    op.drop_table("boundary", schema="facts")
    op.drop_index("ix_arrangement_footprint_id", table_name="arrangement", schema="facts")
    op.drop_table("arrangement", schema="facts")
    op.drop_index("ix_area_actor_id", table_name="area", schema="facts")
    op.drop_table("area", schema="facts")
    op.drop_index("ix_site_geom", table_name="site", schema="facts", postgresql_using="gist")
    op.drop_table("site", schema="facts")
    op.drop_index("ix_route_geom", table_name="route", schema="facts", postgresql_using="gist")
    op.drop_table("route", schema="facts")
    op.drop_index("ix_road_geom", table_name="road", schema="facts", postgresql_using="gist")
    op.drop_table("road", schema="facts")
    op.drop_table("member", schema="facts")
    op.drop_table("incident_tally", schema="facts")
    op.drop_index("ix_incident_bin_z_geom", table_name="incident_bin", schema="facts", postgresql_using="gist")
    op.drop_table("incident_bin", schema="facts")
    op.drop_index("ix_incident_geom", table_name="incident", schema="facts", postgresql_using="gist")
    op.drop_table("incident", schema="facts")
    op.drop_index("ix_history_subject_row_id", table_name="history", schema="facts")
    op.drop_index("ix_history_recorded", table_name="history", schema="facts")
    op.drop_table("history", schema="facts")
    op.drop_index("ix_footprint_geom", table_name="footprint", schema="facts", postgresql_using="gist")
    op.drop_table("footprint", schema="facts")
    op.drop_table("change", schema="facts")
    op.drop_table("batch", schema="facts")
    op.drop_index("ix_base_feature_geom", table_name="base_feature", schema="facts", postgresql_using="gist")
    op.drop_table("base_feature", schema="facts")
    op.drop_table("audience", schema="facts")
    op.drop_table("actor", schema="facts")
    op.drop_table("operation", schema="facts")
    op.execute("DROP TYPE facts.handling")
