"""The database: the base of all models, the session, and the two kinds of transaction.

A transaction only reads unless it was opened by `writing()`, and the database itself enforces that (`connections`:
SQLite ``query_only``, PostgreSQL ``READ ONLY``). So no page can change anything by being looked at, and on SQLite only
real writers queue for the write lock. Needs an application context, like flask-sqlalchemy, whose session this is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import Any

import sqlalchemy
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    CursorResult,
    DateTime,
    Dialect,
    Executable,
    Index,
    Insert,
    MetaData,
    Update,
    bindparam,
    event,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.types import TypeDecorator

from config import Settings
from helpdesk import connections


class Base(DeclarativeBase):
    """Parent of every model. Constraint names are fixed, so that migrations can name them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases. A naive one is refused: it would be a guess."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def partial_index(name: str, *columns: str, where: str, sqlite: str = "", unique: bool = False) -> Index:
    """An index of those rows only that satisfy `where`; `sqlite`: the same in SQLite's words, where they are others."""
    return Index(name, *columns, unique=unique, sqlite_where=text(sqlite or where), postgresql_where=text(where))


db = SQLAlchemy(model_class=Base)

_writing: ContextVar[bool] = ContextVar("writing", default=False)  # inside a `writing()` block
_may_write: ContextVar[bool] = ContextVar("may_write", default=False)  # what a transaction that begins now is allowed


def session() -> Session:
    """The session of this application context."""
    return db.session()


@contextmanager
def writing() -> Iterator[Session]:
    """One writing transaction: all of it is committed at the end, or nothing. A nested one joins the outer."""
    here = session()
    if _writing.get():
        if "after_commit" not in here.info:
            raise RuntimeError("Another application context is writing here; what this one writes would be lost.")
        yield here
        return
    here.rollback()  # ends the reading transaction, so that what follows sees the newest rows under the write lock
    token, right = _writing.set(True), _may_write.set(True)
    waiting: list[Callable[[], None]] = []
    here.info["after_commit"] = waiting
    try:
        yield here
        here.commit()
    except BaseException:
        here.rollback()
        raise
    finally:
        here.info.pop("after_commit", None)
        here.info.pop("made", None)
        here.info.pop("changed", None)
        here.info.pop("held", None)  # tickets that `actions.door.lock` holds for this transaction
        here.info.pop("just_made", None)  # what `tickets.just_made` knows of those that this transaction made
        _writing.reset(token)
        _may_write.reset(right)
    for wake in waiting:
        wake()


def is_writing() -> bool:
    """Whether this is inside a `writing()` block."""
    return _writing.get()


@contextmanager
def as_writer() -> Iterator[None]:
    """Connections taken within the block may write without the session: for migrations and bulk tools."""
    right = _may_write.set(True)
    try:
        yield
    finally:
        _may_write.reset(right)


def after_commit(wake: Callable[[], None]) -> None:
    """Run `wake` once the surrounding writing transaction is committed; never if it is rolled back."""
    session().info["after_commit"].append(wake)


def insert(model: type[Base], **values: Any) -> Any:
    """Add a row to the transaction at hand and give its key; what `values` leave out gets the model's defaults.

    For rows that are written once and not looked at again: a quarter of what the session's unit of work costs.
    """
    made = _connection().execute(_insert_into(model), values)
    (key,) = made.inserted_primary_key or (None,)
    return key


def insert_new(row: Base, **relations: Any) -> None:
    """Add the row of an object that was just made, and have the object in the session as if it had been read, with
    these `relations` known: half of what the unit of work costs. What was not given gets the model's defaults.
    """
    known = row.__dict__
    given = {key: known[name] for name, key in _columns_of(type(row)) if name in known}
    made: Any = _connection().execute(_insert_into(type(row)), given)
    written = {**made.last_inserted_params(), **made.inserted_primary_key._mapping}
    known.update((name, written.get(key)) for name, key in _columns_of(type(row)))  # what is below takes it as read
    for name, value in relations.items():
        set_committed_value(row, name, value)
    here = session()
    make_transient_to_detached(row)
    here.add(row)
    here.info.setdefault("made", []).append((here.get_nested_transaction() or here.get_transaction(), row))


def change(row: Base, **values: Any) -> None:
    """Change columns of an object of the session: at once, where nothing else of it waits to be written, which is a
    fraction of what the unit of work costs; else with the rest.
    """
    known = sqlalchemy.inspect(row)
    if known.identity is None or not known.persistent or known.modified:
        for name, value in values.items():
            setattr(row, name, value)
        return
    here, (key,) = session(), known.identity
    statement = _change_of(type(row), tuple(values))
    _connection().execute(statement, {"key": key, **{f"new_{name}": value for name, value in values.items()}})
    for name, value in values.items():
        set_committed_value(row, name, value)
    here.info.setdefault("changed", []).append((here.get_nested_transaction() or here.get_transaction(), row))


@event.listens_for(Session, "after_soft_rollback")
def _unmake(here: Session, taken_back: SessionTransaction) -> None:
    """What `insert_new` made within this transaction, or within a part of it, is not in the session any more; what
    `change` changed there is read anew.
    """
    for row in _done_within(here.info.get("made", []), taken_back):
        if row in here:
            here.expunge(row)
    for row in _done_within(here.info.get("changed", []), taken_back):
        if row in here:
            here.expire(row)


def _done_within(done: list[tuple[SessionTransaction | None, Base]], taken_back: SessionTransaction) -> list[Base]:
    """Take out of the list what was done within this transaction or a part of it."""
    found = []
    for each in [*done]:
        within, row = each
        while within is not None and within is not taken_back:
            within = within.parent
        if within is taken_back:
            done.remove(each)
            found.append(row)
    return found


def insert_all(model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Add many rows of the same columns at once."""
    if rows:
        _connection().execute(_insert_into(model), rows)


def upsert(model: type[Base], *, on_sqlite: bool | None = None) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that may say what is to happen where the row stands there already (`on_conflict_…`), in the words of
    the database at hand, or of the one that is named.
    """
    return (sqlite.insert if (is_sqlite() if on_sqlite is None else on_sqlite) else postgresql.insert)(model)


def insert_unless_there(model: type[Base], **values: Any) -> None:
    """Add a row, or leave the one of the same key as it is: also one that somebody else adds at this very moment."""
    session().execute(upsert(model).values(**values).on_conflict_do_nothing())


@cache
def _columns_of(model: type[Base]) -> tuple[tuple[str, str], ...]:
    """Each column of a model by its name there and in the table."""
    return tuple((each.key, each.columns[0].key) for each in sqlalchemy.inspect(model).column_attrs)


@cache
def _change_of(model: type[Base], names: tuple[str, ...]) -> Update:
    columns = sqlalchemy.inspect(model).columns
    (key,) = sqlalchemy.inspect(model).primary_key
    news = {columns[name]: bindparam(f"new_{name}", type_=columns[name].type) for name in names}
    return sqlalchemy.update(model).where(key == bindparam("key", type_=key.type)).values(news)


@cache
def _insert_into(model: type[Base]) -> Insert:
    return sqlalchemy.insert(model)


def answer(query: Executable, **values: Any) -> CursorResult[*tuple[Any, ...]]:
    """The rows of a prepared question with its `bindparam`s filled in, past the session: it writes nothing first, so
    what is asked must not hang on changes that wait in it.
    """
    return _connection().execute(query, values)


def _connection() -> Connection:
    """The connection of the transaction at hand. The session looks it up anew for each question, which takes longer
    than some answers; here it is kept as long as the transaction, or the part of it, is the same.
    """
    here = session()
    within = here.get_nested_transaction() or here.get_transaction()
    known: tuple[SessionTransaction, Connection] | None = here.info.get("connection")
    if known is not None and known[0] is within:
        return known[1]
    found = here.connection()
    here.info["connection"] = (here.get_nested_transaction() or here.get_transaction(), found)
    return found


def is_sqlite(bind: Session | Connection | None = None) -> bool:
    """Whether the database at hand is SQLite (otherwise it is PostgreSQL)."""
    where = bind if bind is not None else session()
    dialect = where.dialect if isinstance(where, Connection) else where.get_bind().dialect
    return dialect.name == "sqlite"


def init_app(app: Flask, settings: Settings) -> None:
    """Bind the desk's database to the app, with the settings each database needs to keep its promises."""
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and not connections.is_in_memory(url):
        settings.data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = connections.options(url, threads=settings.web_threads)
    db.init_app(app)
    with app.app_context():
        connections.prepare(db.engine, synchronous=settings.sqlite_synchronous, may_write=_may_write.get)
