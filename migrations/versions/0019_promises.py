"""What a ticket was promised: its deadlines, whether it was answered, and since when its clocks stand."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

MOMENTS = ("due_first_response", "due_resolution", "first_response_at", "sla_paused_at", "due_at")


def upgrade() -> None:
    op.add_column("tickets", sa.Column("promised", sa.JSON(), nullable=True))
    for name in MOMENTS:
        op.add_column("tickets", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("tickets", sa.Column("at_risk", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(
        "ix_tickets_due",
        "tickets",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_tickets_due", table_name="tickets")
    op.drop_column("tickets", "at_risk")
    for name in reversed(MOMENTS):
        op.drop_column("tickets", name)
    op.drop_column("tickets", "promised")
