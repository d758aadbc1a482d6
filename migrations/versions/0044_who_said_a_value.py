"""Who said a ticket's value last is kept with it, where its whole history was read for it; whom a message was mailed to
is read along an index.
"""

from __future__ import annotations

from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

WHO_SAID = """
    UPDATE field_values SET said_by_id = (
        SELECT events.actor_id FROM events, VALUES_OF_IT AS said
        WHERE events.ticket_id = field_values.ticket_id AND NAME_OF_IT = field_values.name
        ORDER BY events.id DESC LIMIT 1)
"""
VALUES = {
    "sqlite": "json_each(events.data, '$.values')",
    "postgresql": "json_array_elements("
    "CASE json_typeof(events.data -> 'values') WHEN 'array' THEN events.data -> 'values' ELSE '[]' END)",
}
NAME = {"sqlite": "json_extract(said.value, '$.name')", "postgresql": "said ->> 'name'"}


def upgrade() -> None:
    # SQLite takes a foreign key with a new column only in the words of its own ALTER TABLE.
    constraint = "CONSTRAINT fk_field_values_said_by_id REFERENCES people (id)"
    op.execute(f"ALTER TABLE field_values ADD COLUMN said_by_id INTEGER {constraint}")
    dialect = op.get_bind().dialect.name
    op.execute(WHO_SAID.replace("VALUES_OF_IT", VALUES[dialect]).replace("NAME_OF_IT", NAME[dialect]))
    op.create_index("ix_deliveries_event", "deliveries", ["ticket_id", "event_id"])


def downgrade() -> None:
    op.drop_index("ix_deliveries_event", table_name="deliveries")
    op.execute("ALTER TABLE field_values DROP COLUMN said_by_id")
