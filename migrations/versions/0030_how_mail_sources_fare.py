"""How far each folder of a mailbox was read, whether a source is paused, who listens to it, and its diary."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "mail_places",
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("folder", sa.String(255), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("last_uid", sa.BigInteger(), nullable=False),
        sa.Column("settled_uid", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source", "folder", name=op.f("pk_mail_places")),
    )
    # Which folder it was stands in the workflow file alone. Another is read anew, and its mails known by their bytes.
    op.execute(
        sa.text(
            "INSERT INTO mail_places (source, folder, uidvalidity, last_uid, settled_uid)"
            " SELECT name, 'INBOX', uidvalidity, last_uid, last_uid FROM mail_sources WHERE uidvalidity IS NOT NULL"
        )
    )
    op.create_table(
        "mail_diary",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_diary")),
    )
    op.create_index("ix_mail_diary_source", "mail_diary", ["source", "id"])
    with op.batch_alter_table("mail_sources") as table:
        table.drop_column("uidvalidity")
        table.drop_column("last_uid")
        table.add_column(sa.Column("backlog", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("mail_at", MOMENT, nullable=True))
        table.add_column(sa.Column("paused_at", MOMENT, nullable=True))
        table.add_column(sa.Column("paused_by", sa.String(10), nullable=False, server_default=""))
        table.add_column(sa.Column("address_hash", sa.String(64), nullable=False, server_default=""))
        table.add_column(sa.Column("listener", sa.String(80), nullable=False, server_default=""))
        table.add_column(sa.Column("listen_until", MOMENT, nullable=True))
        table.add_column(sa.Column("hears_since", MOMENT, nullable=True))


def downgrade() -> None:
    gone = ("hears_since", "listen_until", "listener", "address_hash", "paused_by", "paused_at", "mail_at", "backlog")
    with op.batch_alter_table("mail_sources") as table:
        for name in gone:
            table.drop_column(name)
        table.add_column(sa.Column("uidvalidity", sa.BigInteger(), nullable=True))
        table.add_column(sa.Column("last_uid", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(
        sa.text(
            "UPDATE mail_sources SET uidvalidity = p.uidvalidity, last_uid = p.last_uid FROM mail_places AS p"
            " WHERE p.source = mail_sources.name AND p.folder = 'INBOX'"
        )
    )
    op.drop_index("ix_mail_diary_source", table_name="mail_diary")
    op.drop_table("mail_diary")
    op.drop_table("mail_places")
