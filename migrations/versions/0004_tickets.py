"""Tickets, and what is kept about each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "counters",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "rotations",
        sa.Column("group_name", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("group_name", name=op.f("pk_rotations")),
    )
    op.create_table(
        "tickets",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ref", sa.String(length=60), nullable=False),
        sa.Column("workflow", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("requester_id", sa.Integer(), nullable=False),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("group_name", sa.String(length=64), nullable=True),
        sa.Column("priority", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("requester_verified", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activity_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["assignee_id"], ["people.id"], name=op.f("fk_tickets_assignee_id")),
        sa.ForeignKeyConstraint(["requester_id"], ["people.id"], name=op.f("fk_tickets_requester_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tickets")),
        sa.UniqueConstraint("ref", name=op.f("uq_tickets_ref")),
    )
    op.create_index(
        "ix_tickets_assignee",
        "tickets",
        ["assignee_id", "workflow", "state", "activity_at", "id"],
        unique=False,
        sqlite_where=sa.text("assignee_id IS NOT NULL"),
        postgresql_where=sa.text("assignee_id IS NOT NULL"),
    )
    op.create_index(
        "ix_tickets_group",
        "tickets",
        ["group_name", "workflow", "state", "activity_at", "id"],
        unique=False,
        sqlite_where=sa.text("group_name IS NOT NULL"),
        postgresql_where=sa.text("group_name IS NOT NULL"),
    )
    op.create_index("ix_tickets_queue", "tickets", ["workflow", "state", "activity_at", "id"], unique=False)
    op.create_index("ix_tickets_requester", "tickets", ["requester_id", "activity_at", "id"], unique=False)
    op.create_index(
        "ix_tickets_unassigned",
        "tickets",
        ["workflow", "state", "activity_at", "id"],
        unique=False,
        sqlite_where=sa.text("assignee_id IS NULL AND group_name IS NULL"),
        postgresql_where=sa.text("assignee_id IS NULL AND group_name IS NULL"),
    )
    op.create_table(
        "field_values",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("text_key", sa.String(length=200), nullable=False),
        sa.Column("number_key", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_field_values_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "name", name=op.f("pk_field_values")),
    )
    op.create_index("ix_field_values_number", "field_values", ["name", "number_key", "ticket_id"], unique=False)
    op.create_index("ix_field_values_text", "field_values", ["name", "text_key", "ticket_id"], unique=False)
    op.create_table(
        "followers",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_followers_person_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_followers_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "person_id", name=op.f("pk_followers")),
    )
    op.create_index(op.f("ix_followers_person_id"), "followers", ["person_id"], unique=False)
    op.create_table(
        "ticket_tags",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_tags_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "name", name=op.f("pk_ticket_tags")),
    )
    op.create_index("ix_ticket_tags_name", "ticket_tags", ["name", "ticket_id"], unique=False)
    op.create_table(
        "timers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("runs_left", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_timers_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timers")),
    )
    op.create_index("ix_timers_due", "timers", ["due_at", "id"], unique=False)
    op.create_index("ix_timers_ticket", "timers", ["ticket_id"], unique=False)
    op.create_table(
        "unread_marks",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_unread_marks_person_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_unread_marks_ticket_id")),
        sa.PrimaryKeyConstraint("person_id", "ticket_id", name=op.f("pk_unread_marks")),
    )
    op.create_index("ix_unread_marks_newest", "unread_marks", ["person_id", "at", "ticket_id"], unique=False)
    op.create_index(op.f("ix_unread_marks_ticket_id"), "unread_marks", ["ticket_id"], unique=False)


def downgrade() -> None:
    op.drop_table("unread_marks")
    op.drop_table("timers")
    op.drop_table("ticket_tags")
    op.drop_table("followers")
    op.drop_table("field_values")
    op.drop_table("tickets")
    op.drop_table("rotations")
    op.drop_table("counters")
