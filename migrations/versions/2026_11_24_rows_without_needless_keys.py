"""Rows without needless keys

A row's operation exists because the policies let nobody write into another one; shared ground and overlaps are written
by one verb only, from rows it has just read under the operation's lock. Checking each of them again was the larger
part of storing them. An area's overlaps go with it by the trigger `gone` on `area`.
"""

from alembic import op

revision = "2026_11_24"
down_revision = "2026_11_23"
branch_labels = None
depends_on = None

TABLES = [
    "actor",
    "area",
    "area_part",
    "arrangement",
    "base_feature",
    "batch",
    "boundary",
    "change",
    "contact",
    "footprint",
    "ground",
    "hazard_area",
    "history",
    "incident",
    "incident_bin",
    "incident_tally",
    "overlap",
    "overlap_note",
    "risk_zone",
    "road",
    "route",
    "site",
]
DERIVED = (
    ("ground", "footprint_a", "footprint", None),
    ("ground", "footprint_b", "footprint", None),
    ("overlap", "area_a", "area", "CASCADE"),
    ("overlap", "area_b", "area", "CASCADE"),
    ("overlap", "ground_id", "ground", None),
)


def upgrade() -> None:
    for table in TABLES:
        op.drop_constraint(f"fk_{table}_operation", table, schema="facts", type_="foreignkey")
    for table, column, _, _ in DERIVED:
        op.drop_constraint(f"fk_{table}_{column}", table, schema="facts", type_="foreignkey")


def downgrade() -> None:
    for table, column, to, ondelete in DERIVED:
        op.create_foreign_key(
            f"fk_{table}_{column}", table, to, ["operation_id", column], ["operation_id", "id"],
            source_schema="facts", referent_schema="facts", ondelete=ondelete,
        )  # fmt: skip
    for table in TABLES:
        op.create_foreign_key(
            f"fk_{table}_operation", table, "operation", ["operation_id"], ["operation_id"],
            source_schema="facts", referent_schema="facts",
        )  # fmt: skip
