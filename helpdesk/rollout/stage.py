"""A desk in memory on which a workflow's tests are played: real tables, real doors, made-up people, a set clock.

It opens no network and touches neither the real database nor the real files; both are gone when the block ends.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from config import Settings
from helpdesk import bare, clock, migrating
from helpdesk.db import db, session, writing
from helpdesk.people import find
from helpdesk.people.models import Membership, PersonRole
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Desk

START = (2026, 1, 12, 10, 0)  # a Monday, by the company's clock
DOMAIN = "staff.example"  # where the made-up people have their addresses


class Stage:
    """The desk on which each test begins anew: `fresh()` is a block with nothing but the people in it."""

    def __init__(self, texts: Mapping[str, str], folder: str, hire: Callable[[Desk], None]) -> None:
        key = "workflow tests need no secret, only a key to sign with"
        settings = Settings(env="test", var=folder, database_url="sqlite://", secret_key=key, workflows=folder)
        self._app = bare.create_app(settings)
        self._before = sqlite3.connect(":memory:")
        with self._app.app_context():
            migrating.upgrade(db.engine)
            revisions.adopt(dict(texts), author="workflow test")
            self.desk: Desk = revisions.active().desk
            hire(self.desk)
            _connection().backup(self._before)

    @contextmanager
    def fresh(self) -> Iterator[None]:
        """Within the block the desk is as it was made and the clock stands at the start."""
        with self._app.app_context():
            self._before.backup(_connection())
            start = datetime(*START, tzinfo=ZoneInfo(self.desk.company.timezone))
            with clock.frozen(start):
                yield

    def close(self) -> None:
        with self._app.app_context():
            db.engine.dispose()
        self._before.close()


@contextmanager
def raised(texts: Mapping[str, str], *, hire: Callable[[Desk], None] | None = None) -> Iterator[Stage]:
    """A stage for this workflow, which must be free of errors. `hire`: makes its people; absent = one a role."""
    with tempfile.TemporaryDirectory(prefix="helpdesk-stage-") as folder:
        stage = Stage(texts, folder, hire or _hire)
        try:
            yield stage
        finally:
            stage.close()


def address_of(role: str) -> str:
    """The address of the made-up person who has this role."""
    return f"{role}@{DOMAIN}".casefold()


def _hire(desk: Desk) -> None:
    """One person a role, named as the role, in the groups that give this very role; of the tier that is called so."""
    tiers = {tier for route in desk.routing.values() for tier in route.tiers}
    with writing() as here:
        for role in desk.roles:
            person = find.or_create(address_of(role), name=role)
            person.tier = role if role in tiers else ""
            person.role_rows = [PersonRole(role=role)]
            person.membership_rows = [
                Membership(group=group.name) for group in desk.groups.values() if role in group.roles
            ]
            here.flush()


def _connection() -> sqlite3.Connection:
    """The one connection of the database in memory, with no transaction open on it."""
    session().close()
    fairy = db.engine.raw_connection()
    driver = fairy.driver_connection
    fairy.close()
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - for the types; a stage has no other database
    return driver
