"""Requests that wait for their sender to confirm the address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unconfirmed_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=True),
        sa.Column("inbound_id", sa.Integer(), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound_mail.id"], name=op.f("fk_unconfirmed_requests_inbound_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_unconfirmed_requests_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unconfirmed_requests")),
        sa.UniqueConstraint("nonce", name=op.f("uq_unconfirmed_requests_nonce")),
        sa.UniqueConstraint("inbound_id", name=op.f("uq_unconfirmed_requests_inbound_id")),
    )
    op.create_index("ix_unconfirmed_requests_created_at", "unconfirmed_requests", ["created_at"], unique=False)
    op.create_table(
        "unconfirmed_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["unconfirmed_requests.id"],
            name=op.f("fk_unconfirmed_files_request_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unconfirmed_files")),
    )
    op.create_index(op.f("ix_unconfirmed_files_request_id"), "unconfirmed_files", ["request_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_unconfirmed_files_request_id"), table_name="unconfirmed_files")
    op.drop_table("unconfirmed_files")
    op.drop_index("ix_unconfirmed_requests_created_at", table_name="unconfirmed_requests")
    op.drop_table("unconfirmed_requests")
