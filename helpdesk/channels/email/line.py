"""One folder of a mailbox, listened to: IMAP IDLE (RFC 2177), with which the server says by itself that mail has come.

A line reads nothing. It rings for the job that does (`heard`), once when it begins to hear, so that nothing falls
between two looks, and whenever something arrives. It holds no connection to the database while it waits. A line that
breaks comes back by itself, after longer and longer pauses.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any

from imapclient.exceptions import IMAPClientError

from helpdesk.channels.email.account import MailboxAway
from helpdesk.channels.email.mailbox import Mailbox

ANEW = 540.0  # seconds of one IDLE: well before the server's 29 minutes, and before a router forgets the line
SLICE = 1.0  # seconds between looks whether to end
SHORTEST, LONGEST = 5.0, 900.0  # seconds before a broken line is tried again
SETTLED = 60.0  # seconds a line must have held for the pauses to begin anew
WITHOUT = 3600.0  # seconds until a server that knows no IDLE is asked again
SILENT = 3  # times in a row that a line may wake us and say nothing, before it is made anew

log = logging.getLogger("helpdesk.mail.listening")


class Line:
    """Listens in a thread of its own, until it is told to end."""

    def __init__(
        self,
        folder: str,
        *,
        opened: Callable[[], AbstractContextManager[Mailbox]],
        heard: Callable[[], bool],
        broken: Callable[[str], None],
    ) -> None:
        """`opened`: the mailbox, for each try anew. `heard`: have it read; False = ask again soon. `broken`: told
        once for each line that ended, with a sentence.
        """
        self.folder = folder
        self.hears = False
        self._opened, self._heard, self._broken = opened, heard, broken
        self._ending = threading.Event()
        self._owed = False  # mail has come, and nobody could be sent for it yet
        self._thread = threading.Thread(target=self._run, name=f"listening to {folder}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        """Stop listening, within a second or two; does not wait for it."""
        self._ending.set()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _run(self) -> None:
        failures = 0
        while not self._ending.is_set():
            began, rest, why = time.monotonic(), 0.0, ""
            try:
                with self._opened() as box:
                    if not box.client.has_capability("IDLE"):
                        rest, why = WITHOUT, "The server knows no IDLE, so it is asked every half minute."
                    else:
                        self._listen(box)
            except MailboxAway as away:
                why = away.sentence
            except Exception:  # what the server said could not be understood; the thread must outlive it
                log.exception("A mailbox could not be listened to; that is tried again.")
            self.hears = False
            if self._ending.is_set():
                return
            self._broken(why)
            failures = 1 if time.monotonic() - began > SETTLED else failures + 1
            self._ending.wait(rest or pause(failures))

    def _listen(self, box: Mailbox) -> None:
        box.open(self.folder)
        while not self._ending.is_set():
            box.client.idle()
            self.hears = self._owed = True
            self._wait(box)
            if not self._ending.is_set():
                box.client.idle_done()
        with suppress(IMAPClientError, OSError):  # no time for farewells: the server sees the line go
            box.client.shutdown()

    def _wait(self, box: Mailbox) -> None:
        """Until it is time to say IDLE anew."""
        until = time.monotonic() + ANEW
        silent = 0
        while time.monotonic() < until and not self._ending.is_set():
            if self._owed and self._heard():
                self._owed = False
            began = time.monotonic()
            said = box.client.idle_check(timeout=SLICE)
            self._owed = self._owed or any(_is_news(each) for each in said)
            silent = silent + 1 if not said and time.monotonic() - began < SLICE / 2 else 0
            if silent >= SILENT:  # either TLS talks to itself, or the line is dead: to ask is to know
                return


def pause(failures: int) -> float:
    """Seconds before the next try after so many failures: twice as long each time, and never at the same moment as all
    the others.
    """
    return min(LONGEST, SHORTEST * 2.0 ** max(0, failures - 1)) * random.uniform(0.5, 1.0)  # noqa: S311 - spreads a crowd


def _is_news(said: Any) -> bool:
    """Whether this answer of the server says that mail came. `* OK Still here` does not, nor what we moved."""
    return isinstance(said, tuple) and len(said) > 1 and said[1] in (b"EXISTS", b"RECENT")
