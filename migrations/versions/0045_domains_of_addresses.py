"""Addresses are found by their domain along an index."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

DOMAIN = "substr(value, 1 + length(rtrim(value, replace(value, '@', ''))))"


def upgrade() -> None:
    op.create_index("ix_addresses_domain", "addresses", [sa.text(DOMAIN)])


def downgrade() -> None:
    op.drop_index("ix_addresses_domain", table_name="addresses")
