"""What leaves the desk beside mail: text messages and calls of webhooks in the same outbox, what is known of the other
side of a webhook, texts that were caught; payments that are asked for and what providers said of them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("kind", sa.String(10), nullable=False, server_default="mail"))
    op.create_table(
        "webhook_targets",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rests_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("gone", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_webhook_targets"),
    )
    op.create_table(
        "caught_texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("recipient", sa.String(20), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_caught_texts_delivery_id"),
        sa.PrimaryKeyConstraint("id", name="pk_caught_texts"),
        sa.UniqueConstraint("delivery_id", name="uq_caught_texts_delivery_id"),
    )
    op.create_table(
        "asked_payments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.String(40), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("received", sa.String(40), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_as", sa.String(10), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_asked_payments_ticket_id"),
        sa.ForeignKeyConstraint(["event_id"], ["events.id"], name="fk_asked_payments_event_id"),
        sa.PrimaryKeyConstraint("id", name="pk_asked_payments"),
        sa.UniqueConstraint("event_id", name="uq_asked_payments_event_id"),
    )
    op.create_index("ix_asked_payments_ticket_id", "asked_payments", ["ticket_id"])
    still = {"sqlite_where": sa.text("closed_at IS NULL"), "postgresql_where": sa.text("closed_at IS NULL")}
    op.create_index("ix_asked_payments_open", "asked_payments", ["ticket_id"], unique=True, **still)
    op.create_table(
        "payment_notices",
        sa.Column("id", sa.String(100), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("amount", sa.String(40), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("reference", sa.String(200), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name="fk_payment_notices_ticket_id"),
        sa.PrimaryKeyConstraint("id", name="pk_payment_notices"),
    )
    op.create_index("ix_payment_notices_ticket_id", "payment_notices", ["ticket_id"])


def downgrade() -> None:
    for table in ("payment_notices", "asked_payments", "caught_texts", "webhook_targets"):
        op.drop_table(table)
    op.execute(sa.text("DELETE FROM jobs WHERE kind IN ('text', 'call')"))
    op.execute(sa.text("DELETE FROM deliveries WHERE kind <> 'mail'"))  # to older programs they would be mails
    op.drop_column("deliveries", "kind")
