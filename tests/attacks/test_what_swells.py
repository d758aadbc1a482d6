"""What is small as it comes and huge once somebody unpacks or draws it: nothing of it is unpacked here, and no reader's
browser is told to draw it (attack 92).
"""

from __future__ import annotations

import gzip
import io
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.datastructures import FileStorage
from werkzeug.test import EnvironBuilder

from helpdesk.channels.email import reader
from helpdesk.web import attachments, pixels
from tests.at_the_desk import AtTheDesk, hidden_in
from tests.cast import Case, Character
from tests.plugins.post import Post, letter
from tests.visitor import Visitor

MB = 1024 * 1024
MOST = 100 * MB  # that a bomb may cost a process


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


@cache
def png(width: int, height: int) -> bytes:
    """A picture of one colour; of a large one only the head is made, and some rows."""
    row = b"\0" + b"\xff" * ((width + 7) // 8)
    rows = zlib.compress(row * min(height, 2000), 9)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@cache
def bombs() -> dict[str, bytes]:
    """By name. 1 GB of zeros as one gzip; 42.zip in small: archives in archives, 10 GB in all."""
    hundred = gzip.compress(b"\0" * (100 * MB), 9, mtime=0)
    inner = zipped({"zeros": b"\0" * (100 * MB)})
    middle = zipped({f"{number}.zip": inner for number in range(10)})
    outer = zipped({f"{number}.zip": middle for number in range(10)})
    return {"zeros.gz": hundred * 10, "42.zip": outer, "huge.png": png(50_000, 50_000)}


def zipped(inside: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in inside.items():
            archive.writestr(name, content)
    return made.getvalue()


def memory(pid: int, what: str) -> int:
    """VmRSS, what a process has now, or VmHWM, the most it had; in bytes."""
    found = re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found
    return int(found[1]) * 1024


@contextmanager
def costs_little(pid: int) -> Iterator[None]:
    """The process never has more than a bounded piece of memory above what it has now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # the most it had begins anew
    before = memory(pid, "VmRSS")
    yield
    assert memory(pid, "VmHWM") - before < MOST


def files_of(page: str) -> dict[str, str]:
    """The files a page names: name to address."""
    return {name: url for url, name in re.findall(r'<a class="file" href="([^"]+)" title="([^"]+)"', page)}


def test_the_measure_sees_what_is_unpacked() -> None:
    """If it did not, the tests below would prove nothing."""
    content = bombs()["zeros.gz"]
    with pytest.raises(AssertionError), costs_little(os.getpid()):
        assert len(gzip.decompress(content[: len(content) // 5])) >= 2 * MOST


def test_no_bomb_is_unpacked_by_whoever_reads_mail(app: Flask, post: Post, olga: Character, ann: Character) -> None:
    """Attack 92: neither the child that reads it nor the desk that shows it takes more than its due."""
    content = bombs()
    post.case(letter(olga.email, "Hello"))  # by now the child is there and all is loaded
    child = reader._child.pid
    assert child
    mail = letter(olga.email, "See", subject="Bombs")
    for name, each in content.items():
        mail.add_attachment(each, maintype="application", subtype="octet-stream", filename=name)
    AtTheDesk(app, ann)
    with costs_little(child), costs_little(os.getpid()):
        case = post.case(mail)
        seen_whole(app, case, ann, olga)
    assert reader._child.pid == child, "it lived through it"


def test_no_bomb_is_unpacked_by_a_form(app: Flask, olga: Character, ann: Character) -> None:
    """Attack 92."""
    content = bombs()
    browser = Visitor(app)
    hidden = hidden_in(browser.opens("/forms/contact").text, "/forms/contact")
    entered = {"name": "Olga", "email": olga.email, "subject": "Bombs", "message": "See", "consent": "yes"}
    files = [FileStorage(io.BytesIO(each), filename=name) for name, each in content.items()]
    asked = EnvironBuilder("/forms/contact", method="POST", data={**hidden, **entered, "files": files}).get_environ()
    with costs_little(os.getpid()), asked["wsgi.input"]:
        sent = browser.client.open(asked)
        assert sent.status_code == 303, sent.text
        seen_whole(app, Case(app, 1001), ann, olga)


def seen_whole(app: Flask, case: Case, ann: Character, olga: Character) -> None:
    """On both sides each file comes as it went in, and none is drawn."""
    page = AtTheDesk(app, ann).opens(f"/desk/tickets/{case.ref}").text
    cabinet = Visitor(app).is_let_in(olga.email, "cabinet").opens(f"/my/requests/{case.ref}").text
    for text, browser in ((page, AtTheDesk(app, ann)), (cabinet, Visitor(app).is_let_in(olga.email, "cabinet"))):
        given = files_of(text)
        assert given.keys() == bombs().keys()
        for name, url in given.items():
            answer = browser.opens(url)
            assert answer.data == bombs()[name]
            assert answer.headers["Content-Disposition"].startswith("attachment;")
            assert answer.mimetype == "application/octet-stream"


JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\0" * 9 + b"\xff\xdb\0\x04\0\0"


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (png, "image/png"),
        (lambda width, height: b"GIF89a" + struct.pack("<HH", width, height) + b"\0\0\0", "image/gif"),
        (lambda width, height: JPEG + b"\xff\xc2\0\x11\x08" + struct.pack(">HH", height, width), "image/jpeg"),
        (
            lambda width, height: (
                b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0"
                + (width - 1).to_bytes(3, "little")
                + (height - 1).to_bytes(3, "little")
            ),
            "image/webp",
        ),
        (
            lambda width, height: (
                b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f"
                + (((min(height, 16384) - 1) << 14) | (min(width, 16384) - 1)).to_bytes(4, "little")
            ),
            "image/webp",
        ),
        (
            lambda width, height: (
                b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a"
                + struct.pack("<HH", min(width, 16383), min(height, 16383))
            ),
            "image/webp",
        ),
    ],
    ids=["png", "gif", "jpeg", "webp of the long form", "webp without loss", "webp"],
)
def test_a_picture_of_too_many_points_is_never_drawn_in_place(app: Flask, made, kind: str) -> None:  # type: ignore[no-untyped-def]
    """Attack 92: one of 50,000 by 50,000 would take ten gigabytes of whoever opens the ticket."""
    with app.test_request_context():
        shown = attachments.answer(made(3000, 2000), filename="a.png", inline_ok=True)
        assert (shown.mimetype, shown.headers["Content-Disposition"][:6]) == (kind, "inline")
        for huge in (made(50_000, 50_000), made(3000, 2000)[:9]):
            kept = attachments.answer(huge, filename="a.png", inline_ok=True)
            assert kept.mimetype == "application/octet-stream"
            assert kept.headers["Content-Disposition"].startswith("attachment;")
            assert kept.data == huge


def test_a_head_without_end_is_given_up() -> None:
    """A JPEG of nothing but markers is not read to its end."""
    assert not pixels.fits(b"\xff\xd8" + b"\xff\xd0" * (5 * MB) + b"\xff\xc0\0\x11\x08\0\x10\0\x10", "image/jpeg")
