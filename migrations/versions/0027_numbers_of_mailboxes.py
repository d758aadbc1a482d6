"""The numbers that a mail server gives its mails have 32 bits and no sign: PostgreSQL's integer is too small."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

NUMBERS = {"uidvalidity": True, "last_uid": False}  # column: whether it may be empty


def upgrade() -> None:
    _change(sa.Integer(), sa.BigInteger())


def downgrade() -> None:
    _change(sa.BigInteger(), sa.Integer())


def _change(before: sa.types.TypeEngine[int], after: sa.types.TypeEngine[int]) -> None:
    with op.batch_alter_table("mail_sources") as table:
        for name, empty in NUMBERS.items():
            table.alter_column(name, existing_type=before, type_=after, existing_nullable=empty)
