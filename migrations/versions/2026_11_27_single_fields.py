"""What single fields a room is told is said by its rules, and held by the lock

Fields that were withheld from a room as a whole become rules of the subjects that have them, of those that somebody has
recorded too: nothing that was withheld is told.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_27_single_fields"
down_revision = "2026_11_27_made_provinces"
branch_labels = None
depends_on = None

FIELDS = {
    "overlaps": "code area_a area_b actor_a actor_b domain_a domain_b domains relation sector districts period_start period_end days"
    " km2 share_a share_b incidents risk status strategy liaison owner due note noted_on note_count version changed_on",
    "areas_of_operation": "actor acronym domain kind origin under name positioning sector activity status period_start period_end km2"
    " source reliability credibility disputed",
    "presence": "area actor acronym domain sector activity status pcode place period_start period_end km2 district n actors class"
    " sectors name",
    "incidents": "event_type class sub_event_type occurred_from occurred_to time_precision geo_precision pcode location fatalities"
    " civilian_targeting notes verification source source_event_id",
    "roads": "name road_class surface condition seasonal practicability op_status observed_on status_source stale reason note class"
    " security speed_kmh bridge length_km source stale_days valid_from valid_to",
    "arrangements": "name arrangement_type parties period_start period_end source note km2",
    "hazards": "name hazard_type hazard_status hazards reported_on source class km2",
    "sites": "name facility_type operator status pcode",
    "security_levels": "name security_level roman period_start period_end source km2",
    "access_constraints": "name category severity scale pcode description reported_on period_start period_end source n categories",
    "risk_zones": "code name level threat_category likelihood impact residual_level applies_to time_of_day valid_from valid_to basis"
    " evidence_count matrix_version author reviewer km2",
}
"""The fields of each subject's layers."""
READ = ("audience", "audience_rule")
"""Policies hold for the owner as well: without this the tables look empty."""


def withheld_by(rules: dict[str, Any], fields: set[str]) -> dict[str, Any]:
    """The rules of a room, each with what it withholds of the fields; one for each subject that has some of them."""
    found = dict(rules)
    for subject, names in FIELDS.items():
        kept = fields & set(names.split())
        for key in [subject, *(key for key in rules if key.startswith(f"{subject}."))] if kept else []:
            rule = rules.get(key, "exact")
            said = rule if isinstance(rule, dict) else {"precision": rule}
            found[key] = said | {"withheld": sorted(kept | set(said.get("withheld", ())))}
    return found


def upgrade() -> None:
    connection = op.get_bind()
    for table in READ:
        op.execute(f"ALTER TABLE facts.{table} NO FORCE ROW LEVEL SECURITY")
    rooms = connection.execute(
        sa.text("SELECT operation_id, key, rules, withheld_fields FROM facts.audience WHERE withheld_fields <> '{}'")
    )
    write = sa.text(
        "UPDATE facts.audience SET rules = :rules WHERE operation_id = :operation AND key = :key"
    ).bindparams(sa.bindparam("rules", type_=postgresql.JSONB()))
    add = sa.text("""
        UPDATE facts.audience_rule AS r SET withheld = ARRAY(
            SELECT w.field FROM unnest(r.withheld || CAST(:fields AS text[])) AS w (field) GROUP BY 1 ORDER BY 1)
        WHERE r.operation_id = :operation AND r.audience = :key AND split_part(r.subject, '.', 1) = :subject
    """)
    for operation, key, rules, fields in rooms.all():
        connection.execute(write, {"operation": operation, "key": key, "rules": withheld_by(rules, set(fields))})
        for subject, names in FIELDS.items():
            if kept := sorted(set(fields) & set(names.split())):
                connection.execute(add, {"operation": operation, "key": key, "subject": subject, "fields": kept})
    op.drop_column("audience", "withheld_fields", schema="facts")


def downgrade() -> None:
    op.add_column(
        "audience",
        sa.Column("withheld_fields", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        schema="facts",
    )
    op.execute("ALTER TABLE facts.audience NO FORCE ROW LEVEL SECURITY")
    op.execute("""
        UPDATE facts.audience AS a SET withheld_fields = ARRAY(
            SELECT w.field FROM jsonb_each(a.rules) AS r
            CROSS JOIN LATERAL jsonb_array_elements_text(
                CASE jsonb_typeof(r.value) WHEN 'object' THEN coalesce(r.value -> 'withheld', '[]') ELSE '[]' END) AS w (field)
            GROUP BY 1 ORDER BY 1)
    """)
