"""Two who read a mailbox for the first time at the same moment: the worker, and somebody at the command line."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from helpdesk.channels.email import emptying, reading, standing
from helpdesk.channels.email.pop3 import Dropped
from tests.meanwhile import meanwhile
from tests.real.mailboxes import SOURCE, place, state


def knows() -> None:
    standing.known(SOURCE).backlog = 3


def begins() -> None:
    reading.place(SOURCE, "INBOX", 7)


@pytest.mark.parametrize("does", [knows, begins])
def test_neither_of_two_first_readers_fails(app: Flask, does: Callable[[], None]) -> None:
    meanwhile(app, does, does)
    assert state(app).name == SOURCE


def test_of_a_source_that_is_known_two_begin_the_same_folder(app: Flask) -> None:
    meanwhile(app, knows, knows)
    meanwhile(app, begins, begins)
    assert (place(app).uidvalidity, place(app).last_uid) == (7, 0)


def empties() -> None:
    emptying.note_stored(SOURCE, Dropped(1, "uid-of-the-server", 100), stays=False)


def test_neither_of_two_who_empty_a_mailbox_for_the_first_time_fails(app: Flask) -> None:
    meanwhile(app, empties, empties)
    assert state(app).messages == 2


def test_of_two_who_read_two_folders_at_once_none_takes_the_others_mail_out_of_the_count(app: Flask) -> None:
    with app.app_context():
        for folder in ("INBOX", "Orders"):
            reading.place(SOURCE, folder, 7)

    def reads(folder: str) -> Callable[[], None]:
        return lambda: reading.note_stored(SOURCE, folder, 1)

    meanwhile(app, reads("INBOX"), reads("Orders"))
    assert state(app).messages == 2
