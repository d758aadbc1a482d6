"""What is remembered of robots that wrote, of talks with them, and of addresses that mail does not reach."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, length in (("mailbox", 320), ("house", 320), ("talk", 80)):
        op.add_column("deliveries", sa.Column(name, sa.String(length)))
    for name, columns, where in (
        ("ix_deliveries_mailbox", ["mailbox", "created_at"], "mailbox IS NOT NULL"),
        ("ix_deliveries_talk", ["house", "talk", "created_at"], "talk IS NOT NULL"),
    ):
        op.create_index(name, "deliveries", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.execute(sa.text("UPDATE deliveries SET mailbox = lower(recipient) WHERE automatic"))
    op.add_column("inbound_mail", sa.Column("robot", sa.String(16), nullable=False, server_default=""))
    by_a_robot = sa.text("robot <> ''")
    op.create_index(
        "ix_inbound_mail_robots",
        "inbound_mail",
        ["received_at", "robot", "source"],
        sqlite_where=by_a_robot,
        postgresql_where=by_a_robot,
    )
    op.add_column("addresses", sa.Column("bounce_reason", sa.String(300), nullable=False, server_default=""))
    op.add_column("addresses", sa.Column("complained_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_index("ix_inbound_mail_robots", table_name="inbound_mail")
    op.drop_column("inbound_mail", "robot")
    op.drop_column("addresses", "complained_at")
    op.drop_column("addresses", "bounce_reason")
    op.drop_index("ix_deliveries_talk", table_name="deliveries")
    op.drop_index("ix_deliveries_mailbox", table_name="deliveries")
    for name in ("talk", "house", "mailbox"):
        op.drop_column("deliveries", name)
