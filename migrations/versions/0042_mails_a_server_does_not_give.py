"""Mails that a server lists and does not give."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_refused",
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("mail", sa.String(320), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", "mail", name=op.f("pk_mail_refused")),
    )


def downgrade() -> None:
    op.drop_table("mail_refused")
