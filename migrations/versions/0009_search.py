"""The search index: one row of normalised tokens a message."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        tokenizer = "unicode61 remove_diacritics 2 categories ''L* N* Co Mn Mc''"
        op.execute(
            "CREATE VIRTUAL TABLE message_search USING fts5"
            f"(tokens, ticket_id UNINDEXED, tokenize='{tokenizer}', detail=full)"
        )
    else:
        op.execute(
            "CREATE TABLE message_search "
            "(message_id bigint PRIMARY KEY, ticket_id integer NOT NULL, tokens tsvector NOT NULL)"
        )
        op.execute("CREATE INDEX ix_message_search_tokens ON message_search USING gin (tokens) WITH (fastupdate = off)")


def downgrade() -> None:
    op.execute("DROP TABLE message_search")
