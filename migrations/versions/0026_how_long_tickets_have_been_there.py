"""How long tickets have been in their state is asked along the queue's index, without a look at any ticket."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

QUEUE, COLUMNS = "ix_tickets_queue", ["workflow", "state", "activity_at", "id", "merged_into_id"]
UNASSIGNED, NOBODY = "ix_tickets_unassigned", sa.text("assignee_id IS NULL AND group_name IS NULL")


def upgrade() -> None:
    _queue([*COLUMNS, "entered_at"])


def downgrade() -> None:
    _queue(COLUMNS)


def _queue(columns: list[str]) -> None:
    """SQLite takes the newer of two indexes that seem as good to it: that of what nobody has comes after the queue's,
    or it would be counted among all tickets of its states.
    """
    op.drop_index(QUEUE, table_name="tickets")
    op.create_index(QUEUE, "tickets", columns)
    op.drop_index(UNASSIGNED, table_name="tickets")
    op.create_index(UNASSIGNED, "tickets", COLUMNS, sqlite_where=NOBODY, postgresql_where=NOBODY)
