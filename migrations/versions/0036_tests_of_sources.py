"""Mails the desk sends to its own addresses, to see that they come back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "mail_probes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(255), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("arrived_at", MOMENT, nullable=True),
        sa.Column("arrived_by", sa.String(60), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_mail_probes_delivery_id_deliveries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_probes")),
        sa.UniqueConstraint("message_id", name=op.f("uq_mail_probes_message_id")),
    )
    op.create_index("ix_mail_probes_source", "mail_probes", ["source", "id"])


def downgrade() -> None:
    op.drop_index("ix_mail_probes_source", table_name="mail_probes")
    op.drop_table("mail_probes")
