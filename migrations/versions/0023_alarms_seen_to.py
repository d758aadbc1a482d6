"""Who has seen to an alarm."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("alarms") as table:
        table.add_column(sa.Column("seen_to_by_id", sa.Integer(), nullable=True))
        table.create_foreign_key(op.f("fk_alarms_seen_to_by_id"), "people", ["seen_to_by_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("alarms") as table:
        table.drop_constraint(op.f("fk_alarms_seen_to_by_id"), type_="foreignkey")
        table.drop_column("seen_to_by_id")
