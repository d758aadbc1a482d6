"""When the requester last heard of each ticket is kept with it, and their list is read along an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

COLUMNS = ["requester_id", "heard_at", "id", "workflow", "state", "merged_into_id"]
NEVER = sa.text("'1970-01-01 00:00:00.000000'")

TOLD = """
    UPDATE tickets SET heard_at = coalesce(
        (SELECT max(at) FROM (
            SELECT at FROM events WHERE ticket_id = tickets.id AND for_customer
            UNION ALL
            SELECT created_at FROM messages
            WHERE ticket_id = tickets.id AND (audience = 'public' OR author_id = tickets.requester_id)
        ) AS told),
        created_at)
"""
READ_WITH_IT = """
    UPDATE tickets SET heard_at = part.heard_at
    FROM (
        SELECT merged_into_id, requester_id, max(heard_at) AS heard_at FROM tickets
        WHERE merged_into_id IS NOT NULL GROUP BY merged_into_id, requester_id
    ) AS part
    WHERE part.merged_into_id = tickets.id AND part.requester_id = tickets.requester_id
        AND part.heard_at > tickets.heard_at
"""


def upgrade() -> None:
    """SQLite takes a column that is never empty only with a default, and would copy the table to lose it again."""
    op.add_column("tickets", sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False, server_default=NEVER))
    op.execute(TOLD)
    op.execute(READ_WITH_IT)
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("tickets", "heard_at", server_default=None)
    op.create_index("ix_tickets_heard", "tickets", COLUMNS)


def downgrade() -> None:
    op.drop_index("ix_tickets_heard", table_name="tickets")
    op.drop_column("tickets", "heard_at")
