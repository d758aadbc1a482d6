"""Mails that a server lists and does not give: its copy is damaged, or it ends the line each time it is asked for one.

Asked by the readers of mailboxes (`reading`, `emptying`). One such mail must not stand in the way of all behind it
(fault 19): after `TRIES` turns that ended at it, and once the server has given the one behind it, a sentence about it
is kept in its place, which nobody wrote and which so goes to the quarantine. The mail itself stays in the mailbox.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import delete, select

from helpdesk.channels.email.account import MailboxAway
from helpdesk.channels.email.models import MailRefused
from helpdesk.db import session, writing

TRIES = 5  # over some minutes, as a mailbox in trouble is read less and less often


class Refused:
    """The mails of a source that were refused before, each by a name that its mailbox knows it by."""

    def __init__(self, source: str) -> None:
        self.source = source
        asked = select(MailRefused.mail, MailRefused.tries).where(MailRefused.source == source)
        self._tries: dict[str, int] = dict(session().execute(asked).all())

    def often(self, mail: str) -> bool:
        """Whether to ask for the one behind it first."""
        return self._tries.get(mail, 0) >= TRIES

    def knows(self, mail: str) -> bool:
        return mail in self._tries

    @contextmanager
    def trying(self, mail: str) -> Iterator[None]:
        """Ask for it within the block: trouble there is remembered, until it is given after all."""
        try:
            yield
        except MailboxAway:
            with writing() as here:
                here.merge(MailRefused(source=self.source, mail=mail, tries=self._tries.get(mail, 0) + 1))
            raise
        if self._tries.pop(mail, 0):
            with writing() as here:
                here.execute(delete(MailRefused).where(MailRefused.source == self.source, MailRefused.mail == mail))


def instead(mail: str) -> bytes:
    """What is kept in its place: its own for each, or it would be taken for another that came before."""
    sentence = f"The mail server lists a mail and does not give it. It is still in the mailbox: {mail}."
    return b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + sentence.encode()
