"""Settings that live in the database because they belong to the data, not to the machine: they travel with a backup.

`muted` is one: a restored copy of a desk sends and fetches nothing until it is told to live (fault 31).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.db import Base, session


class Setting(Base):
    """A name and its value."""

    __tablename__ = "settings"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


def get(name: str, default: Any = None) -> Any:
    """The value kept under this name."""
    found = session().get(Setting, name)
    return default if found is None else found.value


def put(name: str, value: Any) -> None:
    """Keep a value. Needs a writing transaction."""
    session().merge(Setting(name=name, value=value))


def forget(name: str) -> None:
    """Keep nothing under this name. Needs a writing transaction."""
    found = session().get(Setting, name)
    if found is not None:
        session().delete(found)
