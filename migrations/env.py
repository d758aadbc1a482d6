"""Alembic's way in: runs the migrations on the database of the settings at hand, or on the connection it is given.

`helpdesk.migrating` calls it, and Alembic's own program where a developer writes a new one. SQLite rebuilds tables to
alter them, which needs foreign keys off, outside the transaction, and a look at them afterwards.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine, pool

from config import Settings
from helpdesk import models
from helpdesk.db import Base

models.load_all()


def migrate(connection: Connection) -> None:
    """All the steps in one transaction; SQLite's rebuilt tables are looked at before it is kept."""
    sqlite = connection.dialect.name == "sqlite"
    raw = connection.connection.dbapi_connection
    if sqlite:
        raw.isolation_level = None
        raw.execute("pragma foreign_keys=off")  # has no effect inside a transaction
    try:
        with connection.begin():
            if sqlite and not raw.in_transaction:
                raw.execute("begin immediate")
            context.configure(
                connection=connection,
                target_metadata=Base.metadata,
                render_as_batch=sqlite,
                transactional_ddl=False,
                compare_type=True,
            )
            context.run_migrations()
            if sqlite and (broken := raw.execute("pragma foreign_key_check").fetchall()):
                raise RuntimeError(
                    f"The migration would leave {len(broken)} rows that point nowhere; nothing was changed."
                )
    finally:
        if sqlite:
            raw.execute("pragma foreign_keys=on")


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with create_engine(Settings.from_env().database, poolclass=pool.NullPool).connect() as connection:
        migrate(connection)
