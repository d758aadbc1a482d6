"""Alembic's way in: runs the migrations on the database of the settings at hand, or on the connection it is given.

`helpdesk.migrations_runner` calls it; `make migration` (a developer's new one) too. SQLite rebuilds tables to alter them, which
needs foreign keys off, outside the transaction, and a look at them afterwards.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, create_engine, pool

from config import Settings
from helpdesk import models
from helpdesk.db import Base

models.load_all()


def migrate(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        connection.connection.dbapi_connection.isolation_level = None
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=sqlite,
        transactional_ddl=False,
        compare_type=True,
    )
    try:
        context.run_migrations()
        if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
            raise RuntimeError(f"The migration would leave {len(broken)} rows that point nowhere; nothing was changed.")
        connection.commit() if not sqlite else connection.exec_driver_sql("COMMIT")
    except BaseException:
        connection.rollback() if not sqlite else connection.exec_driver_sql("ROLLBACK")
        raise
    finally:
        if sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


given = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with create_engine(Settings.from_env().database, poolclass=pool.NullPool).connect() as connection:
        migrate(connection)
