"""Which stored mail has these bytes: asked by the sweep of files that nothing names."""

from __future__ import annotations

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_inbound_mail_sha256", "inbound_mail", ["sha256"])


def downgrade() -> None:
    op.drop_index("ix_inbound_mail_sha256", table_name="inbound_mail")
