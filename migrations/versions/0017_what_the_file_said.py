"""A revision says whether the file on the disk holds its text, so that a file the desk wrote itself is no news."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("revisions") as table:
        table.add_column(sa.Column("in_file", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(sa.text("UPDATE revisions SET in_file = (origin = 'file')"))
    with op.batch_alter_table("revisions") as table:
        table.alter_column("in_file", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("revisions") as table:
        table.drop_column("in_file")
