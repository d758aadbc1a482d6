"""Two who read a mailbox for the first time at the same moment: the worker, and somebody at the command line."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from helpdesk.channels.email import reading, standing
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
