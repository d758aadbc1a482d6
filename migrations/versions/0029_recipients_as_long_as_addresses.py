"""A recipient as the file spells it may be an address, and as long as one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("deliveries") as table:
        table.alter_column("role", existing_type=sa.String(80), type_=sa.String(320), existing_nullable=False)


def downgrade() -> None:
    op.execute(sa.text("UPDATE deliveries SET role = substr(role, 1, 80) WHERE length(role) > 80"))
    with op.batch_alter_table("deliveries") as table:
        table.alter_column("role", existing_type=sa.String(320), type_=sa.String(80), existing_nullable=False)
