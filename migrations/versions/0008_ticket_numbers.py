"""Where ticket numbers come from: a counter on SQLite, a sequence on PostgreSQL."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("INSERT INTO counters (name, value) VALUES ('tickets', 1000)")
    else:
        op.execute("CREATE SEQUENCE ticket_numbers START WITH 1001")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DELETE FROM counters WHERE name = 'tickets'")
    else:
        op.execute("DROP SEQUENCE ticket_numbers")
