"""A reply may wait for a few seconds before it leaves, so that its writer can take it back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "waiting_replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("form", sa.JSON(), nullable=False),
        sa.Column("heard", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(64), nullable=True),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("leaves_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_waiting_replies_ticket_id_tickets")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_waiting_replies_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_replies")),
        sa.UniqueConstraint("nonce", name=op.f("uq_waiting_replies_nonce")),
    )
    op.create_index("ix_waiting_replies_ticket", "waiting_replies", ["ticket_id", "person_id"])


def downgrade() -> None:
    op.drop_table("waiting_replies")
