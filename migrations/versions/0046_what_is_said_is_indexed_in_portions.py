"""PostgreSQL's index of what is said takes in new messages in portions.

Each message changes a hundred of its pages, and the next one most of them again. In a list that is put into its place
when it is a megabyte long (30 to 65 milliseconds, after each 260 messages, on a desk of 100,000 tickets), a message
costs a third; a search looks through the list, which is a hundred pages.
"""

from __future__ import annotations

from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

INDEX = "ix_message_search_tokens"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER INDEX {INDEX} SET (fastupdate = on, gin_pending_list_limit = 1024)")  # kB


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER INDEX {INDEX} RESET (gin_pending_list_limit)")
        op.execute(f"ALTER INDEX {INDEX} SET (fastupdate = off)")
        op.execute(f"SELECT gin_clean_pending_list('{INDEX}')")
