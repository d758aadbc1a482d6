"""The disk is full where a form or a mail wants to put a file (fault 21): whoever sent it is told, nothing of
it is half there, and the same thing sent again goes through once there is room.
"""

from __future__ import annotations

import errno
import io
import os
import smtplib
import stat
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from helpdesk import files
from helpdesk.channels.email.door import Door
from helpdesk.channels.email.models import InboundMail
from helpdesk.db import session
from helpdesk.tickets.models import Attachment, Ticket
from tests.at_the_desk import hidden_in
from tests.plugins.post import SUPPORT, Post, letter
from tests.servers.process import free_port
from tests.visitor import Visitor

FORM = "/forms/contact"
ENTERED = {"name": "Olga", "email": "olga@example.org", "subject": "Screen", "message": "It fell.", "consent": "yes"}


@contextmanager
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No file can be flushed, which is where a full disk speaks up; a folder that is there already can."""
    flushed = os.fsync

    def no_room(handle: int) -> None:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        flushed(handle)

    with monkeypatch.context() as without_room:
        without_room.setattr(os, "fsync", no_room)
        yield


def there_is(app: Flask) -> tuple[int, int, int]:
    """Tickets, attachments, files in the store, drafts of files too."""
    with app.app_context():
        here = session()
        rows = [here.scalar(select(func.count()).select_from(each)) or 0 for each in (Ticket, Attachment)]
        root = app.config["HELPDESK"].files
        return rows[0], rows[1], sum(each.is_file() for each in root.rglob("*")) if root.exists() else 0


def test_a_form_with_a_file_is_refused_whole_and_taken_later(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = Visitor(app)
    hidden = hidden_in(browser.opens(FORM).text, FORM)

    def sends() -> TestResponse:
        files = {"files": (io.BytesIO(b"picture"), "screen.png")}
        return browser.client.post(FORM, data={**hidden, **ENTERED, **files})

    with full_disk(monkeypatch):
        refused = sends()
        assert refused.status_code == 503
        assert "no room left" in refused.text
        assert refused.headers["Retry-After"] == "300"
        assert there_is(app) == (0, 0, 0)
    assert sends().status_code == 303
    assert there_is(app) == (1, 1, 1)


def test_a_fault_of_the_machine_that_is_no_full_disk_is_told_by_its_number(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody foresaw is not called a full disk."""

    def forbidden(_content: bytes) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(files, "store", forbidden)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    browser = Visitor(app)
    hidden = hidden_in(browser.opens(FORM).text, FORM)
    sent = browser.client.post(FORM, data={**hidden, **ENTERED, "files": (io.BytesIO(b"picture"), "screen.png")})
    assert sent.status_code == 500
    assert "data-error-number" in sent.text


def test_a_mail_is_left_with_who_hands_it_in_and_taken_later(
    app: Flask, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    door = Door(app, f"127.0.0.1:{port}")
    door.open()
    try:
        mail = letter("olga@example.org").as_bytes()
        with full_disk(monkeypatch), smtplib.SMTP("127.0.0.1", port) as program:
            with pytest.raises(smtplib.SMTPDataError) as refused:
                program.sendmail("olga@example.org", [SUPPORT], mail)
            assert refused.value.smtp_code // 100 == 4, "later, not never"
        with app.app_context():
            assert session().scalar(select(func.count()).select_from(InboundMail)) == 0
        assert there_is(app) == (0, 0, 0)
        with smtplib.SMTP("127.0.0.1", port) as program:
            program.sendmail("olga@example.org", [SUPPORT], mail)
        post.turn()
        assert there_is(app)[0] == 1
    finally:
        door.close()


def test_what_did_not_fit_leaves_no_part_behind(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context():
        with full_disk(monkeypatch), pytest.raises(OSError, match="No space left"):
            files.store(b"a picture")
        assert there_is(app)[2] == 0
        assert files.read(files.store(b"a picture").sha256) == b"a picture"
