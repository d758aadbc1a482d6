"""A running desk whose disk fails under it: it says so and ends, and an alarm waits for the next start (fault 22). One
that is only full is waited for (fault 21).
"""

from __future__ import annotations

import errno
import os
import smtplib
import sqlite3
import sys
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from helpdesk import clock, files
from helpdesk.channels.email import reader, store
from tests.plugins.post import SUPPORT, Post, letter
from tests.servers.mail_sink import MailSink
from tests.servers.process import PATIENCE, free_port, program, running, wait_until

ROOT = Path(__file__).parents[2]
DESK = ROOT / "tests" / "desk.yaml"


@pytest.mark.parametrize("call", ["fsync", "fdatasync"], ids=["files", "database"])
def test_a_desk_whose_disk_fails_acknowledges_nothing_more_and_ends(
    tmp_path: Path, mail_sink: MailSink, call: str
) -> None:
    door, log, trace = free_port(), tmp_path / "desk.log", tmp_path / "strace.log"
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("HELPDESK_")},
        "HELPDESK_VAR": str(tmp_path / "var"),
        "HELPDESK_WORKFLOWS": str(DESK),
        "HELPDESK_ENV": "test",
        "HELPDESK_MAIL_DOOR": f"127.0.0.1:{door}",
        "HELPDESK_SMTP_URL": mail_sink.url,
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-u", "-m", "helpdesk.cli", "serve", "--port", "0"]
    said = lambda: log.exists() and "The desk is at" in log.read_text()  # noqa: E731
    attached = lambda: "attached" in trace.read_text()  # noqa: E731
    with ExitStack() as stack:
        desk = stack.enter_context(running(command, log=log, ready=said, env=env))
        assert sends(door, 1) == 250
        wait_until(lambda: is_idle(tmp_path), what="the worker: the flush that fails is to be the next mail's")
        inject = ["-f", "-p", str(desk.pid), "-e", f"trace={call}", "-e", f"inject={call}:error=EIO:when=1"]
        stack.enter_context(running([program("strace", package="strace"), *inject], log=trace, ready=attached))
        assert sends(door, 2) == 451
        assert sends(door, 3) in (451, None), "nothing is promised after it, and soon nobody answers"
        assert desk.wait(PATIENCE) == 75
    assert "The disk lost what was written" in log.read_text()
    with sqlite3.connect(tmp_path / "var" / "helpdesk.sqlite3") as rows:
        assert rows.execute("pragma integrity_check").fetchone() == ("ok",)
        alarms = [sentence for (sentence,) in rows.execute("select sentence from alarms where subject = 'disk'")]
        stored = [address for (address,) in rows.execute("select envelope_from from inbound_mail")]
    assert stored == ["1@example.org"]
    if call == "fsync":
        assert "Look at it before you start again." in alarms[0]
    else:  # where the database itself is on that disk, the log has to do
        assert alarms == []
        assert "The alarm could not be kept." in log.read_text()


def is_idle(home: Path) -> bool:
    with closing(sqlite3.connect(home / "var" / "helpdesk.sqlite3")) as rows:
        done = rows.execute("select count(*) from jobs").fetchone() == (0,)
        return done and rows.execute("select status from deliveries").fetchall() == [("sent",)]


def sends(door: int, number: int) -> int | None:
    """What the door says to a mail; None when nobody answers."""
    try:
        with smtplib.SMTP("127.0.0.1", door, timeout=PATIENCE) as smtp:
            smtp.send_message(letter("olga@example.org", f"Mail {number}"), f"{number}@example.org", [SUPPORT])
    except smtplib.SMTPDataError as refused:
        return refused.smtp_code
    except (smtplib.SMTPException, OSError):
        return None
    return 250


def test_a_file_that_an_earlier_process_left_is_written_once_more(app: Flask) -> None:
    """It may be in the kernel's memory only; what is on the disk is known of those that this process flushed."""
    with app.app_context():
        name = files.store(b"a picture").sha256
        place = files.path_of(name)
        place.chmod(0o600)
        files.store(b"a picture")
        assert place.stat().st_mode & 0o777 == 0o600, "this process has flushed it already"
        files._flushed.clear()  # another process
        place.write_bytes(b"half a pic")
        assert files.store(b"a picture").sha256 == name
        assert files.read(name) == b"a picture"
        assert [each.name for each in place.parent.iterdir()] == [place.name]


def test_a_folder_that_an_earlier_process_left_is_flushed_once_more(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[Path] = []
    real = os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda handle: (flushed.append(Path(f"/proc/self/fd/{handle}").readlink()), real(handle))
    )
    with app.app_context():
        folder = files.path_of(files.store(b"a picture").sha256).parent
        files.store(b"a picture")
        assert flushed.count(folder.parent) == 1, "this process has flushed it already"
        files._flushed.clear()  # another process
        files.store(b"a picture")
    assert flushed.count(folder.parent) == 2


def test_mail_whose_files_have_no_room_waits_until_there_is_some(
    app: Flask, post: Post, still: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 21: a full disk is not the mail's fault, so it is not put aside, however long that takes."""
    mail = letter("olga@example.org")
    mail.add_attachment(b"a picture", maintype="image", subtype="png", filename="fire.png")
    with app.app_context():
        mail_id = store.keep(mail.as_bytes(), source="", envelope_to=[SUPPORT])

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as without_room:
        without_room.setattr(os, "fsync", full)
        for _ in range(12):
            post.turn()
            clock.travel(timedelta(minutes=1))
    assert post.row(mail_id).status == "received"
    post.turn()
    assert post.row(mail_id).status == "filed"


def test_a_mail_is_not_called_unreadable_because_there_is_no_room_to_read_it(
    app: Flask, post: Post, still: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 21: the folder for what is read is full, the mail is good."""
    mail = letter("olga@example.org")
    mail.add_attachment(b"a picture" * 10_000, maintype="image", subtype="png", filename="fire.png")
    with app.app_context():
        mail_id = store.keep(mail.as_bytes(), source="", envelope_to=[SUPPORT])

    with monkeypatch.context() as without_room:
        without_room.setattr(reader, "NamedTemporaryFile", lambda **_: Path("/dev/full").open("rb"))  # noqa: SIM115 - reader closes it
        for _ in range(3):
            post.turn()
            clock.travel(timedelta(minutes=1))
    assert post.row(mail_id).status == "received"
    post.turn()
    assert post.row(mail_id).status == "filed"
