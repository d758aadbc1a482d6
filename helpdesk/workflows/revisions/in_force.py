"""The desk in force, asked by every door and page.

It is read once per process and looked at again at most once a second, and stays the same for the whole of a
transaction, so that no action changes its rules half-way; whoever writes looks each time, and is waited for by whoever
makes another desk active (`close_doors`). Knows no ticket, only the table every door holds.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cached_property
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from helpdesk.db import after_commit, is_sqlite, is_writing, session
from helpdesk.errors import HelpdeskError
from helpdesk.workflows.enclosures import Enclosures
from helpdesk.workflows.load import load_texts
from helpdesk.workflows.revisions import rows
from helpdesk.workflows.revisions.rows import Revision
from helpdesk.workflows.rules import Rules
from helpdesk.workflows.schema import Desk

LOOK_AGAIN = 1.0  # seconds until another process's change must be seen

DOORS = "tickets"  # the table that every door holds while it writes; only its name is known here
HOLD = text(f"LOCK TABLE {DOORS} IN ROW SHARE MODE")
CLOSE = text(f"LOCK TABLE {DOORS} IN EXCLUSIVE MODE")


@dataclass(frozen=True)
class Active:
    """The desk that is in force, with the files its ready answers bring along, and the id of its revision, which every
    event carries.
    """

    id: int
    hash: str
    desk: Desk
    enclosed: Enclosures = field(default_factory=dict)

    @cached_property
    def rules(self) -> Rules:
        return Rules(self.desk)


class NoDeskError(HelpdeskError):
    """There is no workflow in force."""

    code = "no_workflow"
    status = 503


def active() -> Active:
    """The desk in force. Raises `NoDeskError` before the first one was adopted."""
    here = session()
    pinned: tuple[object, Active] | None = here.info.get("revision")
    if pinned is not None and pinned[0] is here.get_transaction() and pinned[0] is not None:
        return pinned[1]
    found = _held(here) if is_writing() else _current(here)
    _pin(here, found)
    return found


def close_doors() -> None:
    """Wait until nobody is in the middle of an action, and let nobody begin one until this transaction ends. On SQLite
    there is only one writer anyway. Pages can be read meanwhile.
    """
    if not is_sqlite():
        session().execute(CLOSE)


def before() -> Desk | None:
    """The desk that is about to be followed by another; None where there is none that can be read."""
    try:
        return _looked_up(session()).desk
    except NoDeskError:
        return None


def begin(row: Revision, desk: Desk) -> None:
    """The desk of a row that was just written is in force for the rest of this transaction, and for everybody once that
    is committed.
    """
    _pin(session(), Active(row.id, row.hash, desk, row.enclosed))
    after_commit(_forget)


def _pin(here: Session, found: Active) -> None:
    here.info["revision"] = (here.get_transaction(), found)


def _forget() -> None:
    """This process sees its own change at once."""
    _looked.pop(session().get_bind().engine, None)
    session().info.pop("revision", None)


def _held(here: Session) -> Active:
    """The desk in force, certain until this writing transaction ends: a new one waits for it, or it for the new one. So
    no ticket comes into a state that is just being taken away.
    """
    if not is_sqlite(here):
        here.execute(HOLD)
    return _looked_up(here)


@dataclass
class _Looked:
    at: float
    found: Active


_looked: WeakKeyDictionary[Engine, _Looked] = WeakKeyDictionary()


def _current(here: Session) -> Active:
    """What this process knows, if it looked lately."""
    looked = _looked.get(here.get_bind().engine)
    if looked is not None and time.monotonic() - looked.at < LOOK_AGAIN:
        return looked.found
    return _looked_up(here)


def _looked_up(here: Session) -> Active:
    """The newest desk, asked of the database; its text is read only where it is another than before."""
    engine = here.get_bind().engine
    looked = _looked.get(engine)
    newest = rows.newest()
    if newest is None:
        raise NoDeskError("There is no workflow yet. Put one in workflows.yaml and start again.")
    if looked is not None and (looked.found.id, looked.found.hash) == newest:
        found = looked.found
    else:
        found = _loaded(here, newest[0])
    _looked[engine] = _Looked(time.monotonic(), found)
    return found


def _loaded(here: Session, revision: int) -> Active:
    row = here.get_one(Revision, revision)
    loaded = load_texts({**row.files})
    if loaded.desk is None:
        first = loaded.findings[0]
        raise NoDeskError(f"This version of the program cannot read workflow revision {revision}: {first}")
    return Active(revision, row.hash, loaded.desk, row.enclosed)
