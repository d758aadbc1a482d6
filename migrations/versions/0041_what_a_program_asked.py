"""What a program asked under its Idempotency-Key, so that another request under it is told from the same one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("submissions", sa.Column("asked", sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column("submissions", "asked")
