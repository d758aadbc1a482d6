"""Mail made to break its reader: it is read in bounds or set aside whole, and the next mail arrives (attacks 90 and
91).
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpdesk.channels.email import charsets, reader
from helpdesk.channels.email.parse import Mail, parse
from helpdesk.child import Child
from tests.mail.letters import letter
from tests.servers.process import wait_until


def nested(levels: int) -> bytes:
    return b"From: a@b.example\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(levels)
    )


BOMBS = {
    "1,000 nested multiparts": nested(1000),
    "500 nested comments": letter(from_="(" * 500 + ")" * 500 + "a@b.example"),
    "50,000 comments never closed": letter(from_="(" * 50_000 + "a@b.example"),
    "empty message id": letter(message_id="<>"),
    "half a literal": letter(from_="<a@[b>"),
    "25,000 colons behind a long name": letter(
        **dict.fromkeys(("to", "cc", "reply_to", "sender", "delivered_to"), "a" * 24_000 + "@" + ":" * 25_000)
    ),
    "unknown charset": letter(content_type="text/plain; charset=x-none"),
    "a codec that is no text": letter(content_type="text/plain; charset=zlib"),
    "line break in an encoded From": letter(from_="=?utf-8?q?a=0D=0Ab?= <a@b.example>"),
    "20,000 encoded words": letter(subject=" ".join(["=?utf-8?q?a?="] * 20_000)),
    "encoded words never closed": letter(subject="=?a?q?x " * 12_000),
    "10,000 parts": letter(b"--b\n\nhi\n" * 10_000 + b"--b--", content_type="multipart/mixed; boundary=b"),
    "30,000 ends": letter(b"--b--\n\nhi\n" * 30_000, content_type="multipart/mixed; boundary=b"),
    "100,000 ends before one more part": letter(
        b"--b\n\nhi\n" + b"--b--\n" * 100_000 + b"--b\n\nhi\n", content_type="multipart/mixed; boundary=b"
    ),
    "100,000 headers": b"X-A: b\n" * 100_000 + letter(),
    "300,000 folded lines": b"Subject: a\n" + b" b\n" * 300_000 + b"\nx",
    "parameters of quotes": letter(content_type="text/plain; " + '"x;' * 15_000),
    "8,000 references": letter(references="<a@b> " * 8000),
    "accents": letter("a" + "\u0301\u0316" * 300_000, content_type="text/plain; charset=utf-8"),
    "joiners": letter(subject="\u200c" * 15_000 + "б"),
    "newlines": letter("\n" * 2_000_000),
    "one long line": letter("a" * 5_000_000),
    "statuses": letter("exceed" * 5000, from_="mailer-daemon@b.example", subject="fail" * 5000, return_path="<>"),
    "open divs": letter("<div>" * 200_000, content_type="text/html"),
    "enriched": letter("<param>" * 200_000, content_type="text/enriched"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_read_within_its_bounds(name: str) -> None:
    """No exception, no minute; the bound is the guard's, not a measure."""
    began = time.process_time()
    mail = parse(BOMBS[name])
    assert time.process_time() - began < reader.SECONDS
    assert not [problem for problem in mail.problems if "unreadable" in problem]


def test_deep_and_wide_mail_is_cut_by_counts_and_says_so() -> None:
    assert "too-deep" in parse(nested(1000)).problems
    wide = parse(BOMBS["10,000 parts"])
    assert "too-many-parts" in wide.problems
    assert wide.text.startswith("hi")


@pytest.fixture
def strict_reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[Child]:
    """The reader with a child of very little time and memory, so that an ordinary large mail breaks it."""
    child = Child("helpdesk.channels.email.carried:work", seconds=2, memory=24 * 1024 * 1024, output=1_000_000)
    monkeypatch.setattr(reader, "_child", child)
    yield child
    child.end()


@pytest.fixture
def read(tmp_path: Path) -> Callable[[bytes], Mail]:
    """What the reader makes of these bytes."""

    def reads(raw: bytes) -> Mail:
        path = tmp_path / "raw.eml"
        path.write_bytes(raw)
        return reader.read(path)

    return reads


def test_a_mail_that_breaks_the_child_is_unreadable_and_the_next_one_is_read(
    strict_reader: Child, read: Callable[[bytes], Mail]
) -> None:
    """Attack 90, fault 17: nothing else is believed of it, and nobody waits behind it."""
    huge = read(letter("x" * 40_000_000))
    assert huge == Mail(problems=("unreadable",))
    assert not huge.sender_is_clear
    assert read(letter("Hello")).text == "Hello"


def test_what_is_read_ahead_is_what_is_read(strict_reader: Child, tmp_path: Path) -> None:
    """A bomb that is read while another mail is written breaks the child behind the scenes, and only for itself."""
    bomb, plain = tmp_path / "bomb.eml", tmp_path / "plain.eml"
    bomb.write_bytes(letter("x" * 40_000_000))
    plain.write_bytes(letter("Hello"))
    reader.read_ahead(bomb)
    assert reader.read(plain).text == "Hello"
    assert reader.read(bomb) == Mail(problems=("unreadable",))
    reader.read_ahead(plain)
    reader._child.begin({"path": str(bomb), "lump": str(tmp_path / "lump")})  # the answer to the first is taken
    plain.unlink()  # so that it can only be what was read before
    assert reader.read(plain).text == "Hello"


def test_where_nothing_can_be_begun_a_mail_is_read_when_it_is_asked_for(
    strict_reader: Child, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 34: nobody waits for a reading that never began, because the machine has no process or no file for it."""
    plain = tmp_path / "plain.eml"
    plain.write_bytes(letter("Hello"))
    lumps = set(Path(tempfile.gettempdir()).glob("helpdesk-mail-*"))

    def none(*_args: object, **_kwargs: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    for whose, what in ((subprocess, "Popen"), (reader, "NamedTemporaryFile")):
        with monkeypatch.context() as short:
            short.setattr(whose, what, none)
            reader.read_ahead(plain)
        assert reader._ahead == {}
    assert reader.read(plain).text == "Hello"
    assert set(Path(tempfile.gettempdir()).glob("helpdesk-mail-*")) <= lumps


def test_what_was_read_ahead_for_nobody_leaves_nothing_behind(strict_reader: Child, tmp_path: Path) -> None:
    """Its attachments are written by the child, maybe after the next wish."""
    before = set(Path(tempfile.gettempdir()).glob("helpdesk-mail-*"))
    for number in range(3):
        path = tmp_path / f"{number}.eml"
        path.write_bytes(letter(b"x" * 100_000, content_type="application/pdf"))
        reader.read_ahead(path)
    assert reader.read(path).attachments[0].content == b"x" * 100_000
    assert set(Path(tempfile.gettempdir()).glob("helpdesk-mail-*")) <= before


def test_a_program_that_was_killed_leaves_no_attachment_of_what_was_read_ahead(tmp_path: Path) -> None:
    """Fault 3: what lay ready for it is nobody's any more. The raw mail is stored, and is read again."""
    path, room = tmp_path / "letter.eml", tmp_path / "room"
    path.write_bytes(letter(b"x" * 100_000, content_type="application/pdf"))
    room.mkdir()
    lines = (
        "import os, signal",
        "from pathlib import Path",
        "from helpdesk.channels.email import reader",
        f"reader.read_ahead(Path({str(path)!r}))",
        f"while not any(each.stat().st_size for each in Path({str(room)!r}).iterdir()): pass",
        "os.kill(os.getpid(), signal.SIGKILL)",
    )
    killed = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], env={**os.environ, "TMPDIR": str(room)}, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    wait_until(lambda: not [*room.iterdir()], what="the child to take it away")


def test_charsets_that_strangers_make_up_are_not_kept() -> None:
    """Else the room of the next mail would get smaller by each."""
    tracemalloc.start()
    try:
        for number in range(300):
            assert charsets.known(f"{number}" + "\U0001f4ce" * 12_000) is None
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 1_000_000


def test_the_child_brings_back_the_whole_mail(read: Callable[[bytes], Mail]) -> None:
    raw = letter(
        b"--b\r\n\r\nHi\r\n--b\r\nContent-Type: application/pdf; name=a.pdf\r\n\r\n\x00\xff%PDF\r\n--b--",
        content_type="multipart/mixed; boundary=b",
        reply_to="Ann <ann@client.example>",
        sender="bob@client.example",
    )
    mail = read(raw)
    assert mail == parse(raw)
    assert mail.attachments[0].content == b"\x00\xff%PDF"


def test_a_mail_of_fifty_megabytes_is_read(read: Callable[[bytes], Mail]) -> None:
    """Attack 93: within the reader's memory."""
    line = b"QUJD" * 19 + b"\r\n"
    head = b"--b\r\n\r\nHi\r\n--b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    mail = read(letter(head + line * 640_000 + b"--b--", content_type="multipart/mixed; boundary=b"))
    assert mail.text == "Hi"
    assert mail.attachments[0].size == 57 * 640_000
