"""One table of what is due: timers, approvals and service levels, in one order. What a timer repeats by is kept as the
file writes it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_timers_due", table_name="timers")
    op.add_column("timers", sa.Column("kind", sa.String(length=16), nullable=False, server_default="timer"))
    op.add_column("timers", sa.Column("rank", sa.Integer(), nullable=False, server_default="2"))
    op.add_column("timers", sa.Column("length", sa.String(length=20), nullable=False, server_default=""))
    op.execute("UPDATE timers SET length = CAST(every / 60 AS VARCHAR(18)) || 'm'")
    with op.batch_alter_table("timers") as table:
        table.drop_column("every")
        for name in ("kind", "rank", "length"):
            table.alter_column(name, server_default=None)
    op.create_index("ix_timers_due", "timers", ["due_at", "rank", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_timers_due", table_name="timers")
    op.execute("DELETE FROM timers WHERE kind <> 'timer'")
    op.add_column("timers", sa.Column("every", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        """
        UPDATE timers SET every = CAST(substr(plain, 1, length(plain) - 1) AS INTEGER)
            * CASE substr(plain, length(plain), 1)
                WHEN 'w' THEN 604800 WHEN 'd' THEN 86400 WHEN 'h' THEN 3600 ELSE 60 END
        FROM (SELECT id AS which, replace(length, ' business', '') AS plain FROM timers) AS written
        WHERE id = which
        """
    )
    with op.batch_alter_table("timers") as table:
        for name in ("kind", "rank", "length"):
            table.drop_column(name)
        table.alter_column("every", server_default=None)
    op.create_index("ix_timers_due", "timers", ["due_at", "id"], unique=False)
