"""Who is at work: when somebody was last seen with the desk open, and when they last did something."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "presences",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_presences_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_presences")),
    )
    op.create_index(
        "ix_events_staff",
        "events",
        ["actor_id", "id"],
        unique=False,
        sqlite_where=sa.text("actor_kind = 'staff'"),
        postgresql_where=sa.text("actor_kind = 'staff'"),
    )


def downgrade() -> None:
    op.drop_index("ix_events_staff", table_name="events")
    op.drop_table("presences")
