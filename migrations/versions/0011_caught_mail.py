"""The demo's mail catcher."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "caught_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name=op.f("fk_caught_mail_delivery_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_caught_mail")),
        sa.UniqueConstraint("delivery_id", name=op.f("uq_caught_mail_delivery_id")),
    )
    op.create_index("ix_caught_mail_recipient", "caught_mail", ["recipient", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("caught_mail")
