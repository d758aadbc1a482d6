"""Where states went when the desk changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "state_moves",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision_id", sa.Integer(), nullable=False),
        sa.Column("workflow", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("to_workflow", sa.String(length=64), nullable=False),
        sa.Column("to_state", sa.String(length=64), nullable=False),
        sa.Column("entered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["revision_id"], ["revisions.id"], name=op.f("fk_state_moves_revision_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_state_moves")),
    )
    op.create_index(op.f("ix_state_moves_revision_id"), "state_moves", ["revision_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_state_moves_revision_id"), table_name="state_moves")
    op.drop_table("state_moves")
