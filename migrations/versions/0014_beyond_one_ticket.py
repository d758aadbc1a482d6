"""Actions that reach beyond one ticket: merged and split tickets know of each other, copies of their originals, and
events of the workflow they happened in.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

# SQLite takes a foreign key with a new column only in the words of its own ALTER TABLE.
LINKS = (
    ("tickets", "merged_into_id", "tickets"),
    ("tickets", "split_from_id", "tickets"),
    ("messages", "copied_from_id", "messages"),
)
LISTS = (
    ("ix_tickets_queue", ["workflow", "state", "activity_at", "id"], None),
    ("ix_tickets_assignee", ["assignee_id", "workflow", "state", "activity_at", "id"], "assignee_id IS NOT NULL"),
    ("ix_tickets_group", ["group_name", "workflow", "state", "activity_at", "id"], "group_name IS NOT NULL"),
    (
        "ix_tickets_unassigned",
        ["workflow", "state", "activity_at", "id"],
        "assignee_id IS NULL AND group_name IS NULL",
    ),
)


def upgrade() -> None:
    for table, column, target in LINKS:
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} INTEGER CONSTRAINT fk_{table}_{column} REFERENCES {target} (id)"
        )
    op.add_column("events", sa.Column("workflow", sa.String(length=64), nullable=True))
    _index("ix_tickets_merged", ["merged_into_id"], "merged_into_id IS NOT NULL")
    for name, columns, only in LISTS:
        op.drop_index(name, table_name="tickets")
        _index(name, [*columns, "merged_into_id"], only)


def downgrade() -> None:
    for name, columns, only in LISTS:
        op.drop_index(name, table_name="tickets")
        _index(name, columns, only)
    op.drop_index("ix_tickets_merged", table_name="tickets")
    op.drop_column("events", "workflow")
    for table, column, _target in LINKS:
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


def _index(name: str, columns: list[str], only: str | None) -> None:
    where = sa.text(only) if only else None
    op.create_index(name, "tickets", columns, unique=False, sqlite_where=where, postgresql_where=where)
