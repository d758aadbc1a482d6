"""The few that every ticket asks for have indexes of their own: the automatic mails of the last hour among all mails,
and the administrators among all people.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_deliveries_automatic",
        "deliveries",
        ["created_at"],
        unique=False,
        sqlite_where=sa.text("automatic = 1"),
        postgresql_where=sa.text("automatic"),
    )
    op.create_index(
        "ix_people_admins",
        "people",
        ["id"],
        unique=False,
        sqlite_where=sa.text("is_admin = 1"),
        postgresql_where=sa.text("is_admin"),
    )


def downgrade() -> None:
    op.drop_index("ix_people_admins", table_name="people")
    op.drop_index("ix_deliveries_automatic", table_name="deliveries")
