"""Who listens to the mailboxes: one worker of several each, by a lease on the source's row.

The worker runs `Listening.run` in a thread. It only looks at rows every few seconds and keeps the lines (`line`), one a
folder, for the sources it has. A source in trouble or paused is not listened to: the job that reads it finds out when
it is well again, so nothing knocks twice as often at a server that lets nobody in (fault 12).
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from flask import Flask
from sqlalchemy import or_, select, update

from helpdesk import clock, stored
from helpdesk.channels.email import diary, entrance, fetch, sources
from helpdesk.channels.email.account import MailboxAway, account
from helpdesk.channels.email.line import Line
from helpdesk.channels.email.mailbox import Mailbox
from helpdesk.channels.email.models import MailSource
from helpdesk.db import session, writing
from helpdesk.workflows.revisions import NoDeskError
from helpdesk.workflows.schema import NOWHERE, Fetch, Source

LOOK = 2.0  # seconds between looks at what is to be listened to
LEASE = timedelta(seconds=45)
FAREWELL = 3.0  # seconds that lines get to end

log = logging.getLogger("helpdesk.mail.listening")
Say = Callable[[str, str], None]


class Listening:
    """The lines of one worker. `say` is told of each source when it begins to hear, or does no more, and why."""

    def __init__(self, app: Flask, worker: str, *, say: Say | None = None) -> None:
        self.app, self.worker = app, worker
        self._say = say or (lambda _source, _what: None)
        self._lines: dict[str, tuple[Fetch, list[Line]]] = {}  # by source: what they were opened with, and they
        self._why: dict[str, str] = {}
        self._heard: dict[str, bool] = {}

    @property
    def sources(self) -> list[str]:
        """Those that this worker listens to."""
        return sorted(self._lines)

    def run(self, ending: threading.Event) -> None:
        """Listen until `ending`; gives the mailboxes to other workers at its end."""
        try:
            while not ending.wait(LOOK):
                try:
                    self.look()
                except Exception:
                    log.exception("The mailboxes to listen to could not be looked up; that is tried again.")
        finally:
            self.end()

    def look(self) -> None:
        """Take leases, begin and end lines, and note what they say. Harmless to repeat."""
        with self.app.app_context():
            wanted = self._wanted()
            for name, (with_this, _) in list(self._lines.items()):
                if name not in wanted or _opened_with(wanted[name]) != with_this:
                    self._hang_up(name)
            for name, source in wanted.items():
                if name not in self._lines and self._lease(name):
                    self._begin(source)
            for name in list(self._lines):
                self._note(name)

    def end(self) -> None:
        lines = [line for _, each in self._lines.values() for line in each]
        for line in lines:
            line.end()
        for line in lines:
            line.join(FAREWELL / len(lines))
        with self.app.app_context():
            try:
                for name in list(self._lines):
                    self._hang_up(name)
            except Exception:
                log.exception("The leases of the mailboxes were not given back; they run out by themselves.")

    def _wanted(self) -> dict[str, Source]:
        """The sources whose mailboxes to listen to: those that were read and are in order."""
        try:
            boxes = [source for source in sources.mailboxes() if _by_imap(source)]
        except NoDeskError:
            return {}
        if not boxes or stored.get("muted"):
            return {}
        now = clock.now()
        mine_or_free = or_(
            MailSource.listen_until.is_(None), MailSource.listen_until < now, MailSource.listener == self.worker
        )
        well = select(MailSource.name).where(
            MailSource.name.in_([source.name for source in boxes]),
            MailSource.error == "",
            MailSource.paused_at.is_(None),
            MailSource.succeeded_at.is_not(None),
            mine_or_free,
        )
        in_order = set(session().scalars(well))
        session().rollback()
        return {source.name: source for source in boxes if source.name in in_order}

    def _lease(self, name: str) -> bool:
        """Take the source, or keep it. False = another worker has it."""
        now = clock.now()
        free = or_(MailSource.listen_until.is_(None), MailSource.listen_until < now, MailSource.listener == self.worker)
        with writing() as here:
            taken = here.execute(
                update(MailSource)
                .where(MailSource.name == name, free)
                .values(listener=self.worker, listen_until=now + LEASE)
            )
        return bool(taken.rowcount)  # type: ignore[attr-defined]

    def _begin(self, source: Source) -> None:
        name = source.name

        def heard() -> bool:
            with self.app.app_context():
                return fetch.soon(name)

        def broken(why: str) -> None:
            self._why[name] = why

        @contextmanager
        def opened() -> Iterator[Mailbox]:
            with self.app.app_context(), entrance.opened(source) as box:
                yield box

        try:
            folders = account(fetch.address(source)).folders
        except MailboxAway as away:  # the job that reads it says so where people look
            self._why[name] = away.sentence
            folders = ()
        lines = [Line(folder, opened=opened, heard=heard, broken=broken) for folder in folders]
        self._lines[name] = (_opened_with(source), lines)
        self._heard[name] = False
        for line in lines:
            line.start()

    def _note(self, name: str) -> None:
        """Keep the lease, and write down whether the server is heard, where that has changed."""
        _, lines = self._lines[name]
        hears = bool(lines) and all(line.hears for line in lines)
        why = "" if hears else self._why.pop(name, "")
        row = session().get(MailSource, name)
        expires = row.listen_until if row else None
        session().rollback()
        if hears == self._heard[name] and not why and expires and expires - clock.now() > LEASE / 2:
            return
        if not self._lease(name):
            self._hang_up(name)
            return
        if hears != self._heard[name] or why:
            self._heard[name] = hears
            with writing() as here:
                here.get_one(MailSource, name).hears_since = clock.now() if hears else None
                diary.note(name, "listening" if hears else "deaf", detail=why)
            if not hears:
                fetch.soon(name)  # what comes from now on is looked for again
            self._say(name, "listening" if hears else f"not heard. {why}".strip())

    def _hang_up(self, name: str) -> None:
        """End its lines and give the source back."""
        _, lines = self._lines.pop(name)
        for line in lines:
            line.end()
        self._heard.pop(name, None)
        self._why.pop(name, None)
        with writing() as here:
            here.execute(
                update(MailSource)
                .where(MailSource.name == name, MailSource.listener == self.worker)
                .values(listener="", listen_until=None, hears_since=None)
            )


def _by_imap(source: Source) -> bool:
    return bool(source.options.fetch and source.options.fetch.imap)


def _opened_with(source: Source) -> Fetch:
    """The mailbox and its sign-in as the file says them, on whatever line."""
    said: Fetch = source.options.fetch
    return replace(said, at=NOWHERE, oauth=replace(said.oauth, at=NOWHERE) if said.oauth else None)
