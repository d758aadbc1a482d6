"""Side conversations with third parties: threads of their own inside a ticket, and who is in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

TABLES = ("messages", "deliveries")


def upgrade() -> None:
    op.create_table(
        "side_conversations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("last_event_id", sa.Integer(), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_side_conversations_ticket_id")),
        sa.ForeignKeyConstraint(["last_event_id"], ["events.id"], name=op.f("fk_side_conversations_last_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_side_conversations")),
    )
    op.create_index("ix_side_conversations_ticket_id", "side_conversations", ["ticket_id"])
    op.create_table(
        "side_participants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("conversation_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["side_conversations.id"], name=op.f("fk_side_participants_conversation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_side_participants")),
        sa.UniqueConstraint("conversation_id", "address", name="uq_side_participants"),
    )
    for table in TABLES:
        # SQLite takes a foreign key with a new column only in the words of its own ALTER TABLE.
        constraint = f"CONSTRAINT fk_{table}_conversation_id REFERENCES side_conversations (id)"
        op.execute(f"ALTER TABLE {table} ADD COLUMN conversation_id INTEGER {constraint}")
        only = sa.text("conversation_id IS NOT NULL")
        name = f"ix_{table}_conversation"
        op.create_index(name, table, ["conversation_id"], sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    for table in TABLES:
        op.drop_index(f"ix_{table}_conversation", table_name=table)
        op.execute(f"ALTER TABLE {table} DROP COLUMN conversation_id")
    op.drop_table("side_participants")
    op.drop_table("side_conversations")
