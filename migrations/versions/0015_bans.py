"""People who are banned: since when, and when they were told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("people", sa.Column("banned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("people", sa.Column("ban_told_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("people", "ban_told_at")
    op.drop_column("people", "banned_at")
