"""Two columns go that nobody read: keys are switched off in the browser, and a mailbox that fails has its error."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("people", "shortcuts")
    op.drop_column("mail_sources", "failed_at")


def downgrade() -> None:
    op.add_column("mail_sources", sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("people", sa.Column("shortcuts", sa.Boolean(), nullable=False, server_default=sa.true()))
