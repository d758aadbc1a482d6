"""Which mails of a POP3 mailbox are stored, by the server's unique ids."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_seen",
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("uidl", sa.String(255), nullable=False),
        sa.Column("stays", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("source", "uidl", name=op.f("pk_mail_seen")),
    )


def downgrade() -> None:
    op.drop_table("mail_seen")
