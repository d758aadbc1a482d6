"""How long tickets have been in their state is asked along the queue's index, without a look at any ticket."""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

NAME, COLUMNS = "ix_tickets_queue", ["workflow", "state", "activity_at", "id", "merged_into_id"]


def upgrade() -> None:
    op.drop_index(NAME, table_name="tickets")
    op.create_index(NAME, "tickets", [*COLUMNS, "entered_at"])


def downgrade() -> None:
    op.drop_index(NAME, table_name="tickets")
    op.create_index(NAME, "tickets", COLUMNS)
