"""What was settled of a source's columns is kept by name, for the next file of that source

Expand first, contract a release later; nothing computed in a default, index or constraint; every key starts with operation_id.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_27_templates"
down_revision = "2026_11_27_single_fields"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_template",
        sa.Column("operation_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column(
            "handling", postgresql.ENUM(name="handling", schema="facts", create_type=False),
            server_default=sa.text("'AMBER'"), nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("sheet", sa.Text()),
        sa.Column("columns", postgresql.JSONB(), nullable=False),
        sa.Column("saved_by", sa.Text()),
        sa.Column("saved_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["operation_id"], ["facts.operation.operation_id"], name="fk_import_template_operation"),
        sa.PrimaryKeyConstraint("operation_id", "id", name="pk_import_template"),
        sa.UniqueConstraint("operation_id", "name", name=op.f("uq_import_template_operation_id_name")),
        schema="facts",
    )  # fmt: skip


def downgrade() -> None:
    op.drop_table("import_template", schema="facts")
