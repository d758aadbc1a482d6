"""What waits to be sent is looked for by the source of its ticket."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

UNSENT = sa.text("status <> 'sent'")


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("source", sa.String(64), nullable=False, server_default=""))
    op.execute(
        sa.text(
            "UPDATE deliveries SET source = (SELECT source FROM tickets WHERE tickets.id = deliveries.ticket_id) "
            "WHERE status <> 'sent' AND ticket_id IS NOT NULL"
        )
    )
    op.create_index(
        "ix_deliveries_source",
        "deliveries",
        ["source", "status", "id"],
        sqlite_where=UNSENT,
        postgresql_where=UNSENT,
    )


def downgrade() -> None:
    op.drop_index("ix_deliveries_source", "deliveries")
    with op.batch_alter_table("deliveries") as table:
        table.drop_column("source")
