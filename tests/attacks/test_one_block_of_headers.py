"""The bytes of an answer, off the wire: whatever a file is called or a subject says, there is one block of headers and
no header of a stranger's making (attack 21, RFC 6266).
"""

from __future__ import annotations

import socket
from urllib.parse import quote, urlsplit

import pytest
from flask import Flask

from helpdesk.tickets.rich import Upload
from tests.cast import Case, Character
from tests.servers.process import PATIENCE
from tests.servers.serving import served
from tests.visitor import Visitor

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # headers are the same on both

TRAP = "\r\nSet-Cookie: stolen=1\r\nContent-Length: 0\r\n\r\n<script>alert(1)</script>"
NAMES = [
    f"a{TRAP}.txt",
    "a\nSet-Cookie: stolen=1.txt",
    "a\rSet-Cookie: stolen=1.txt",
    "a%0d%0aSet-Cookie: stolen=1.txt",
    "a\u2028Set-Cookie: stolen=1.txt",
    "a\u010a\u010dSet-Cookie: stolen=1.txt",  # whose lower bytes are a line break
    '"; filename="b.html"; x="',
    'a\\".html',
    "a;b=c.txt",
    "a\0b.txt",
    "цена €.pdf",
    "'' %41.txt",
]


class Wire:
    """Somebody signed in who reads the bytes themselves."""

    def __init__(self, app: Flask, own: str, who: str, audience: str = "desk") -> None:
        cookie = Visitor(app).is_let_in(who, audience).client.get_cookie("session")  # type: ignore[arg-type]
        assert cookie is not None
        self.at, self.cookie = urlsplit(own), cookie.value

    def asks(self, path: str) -> tuple[bytes, bytes]:
        """The head of the answer and all that follows, until the other side ends."""
        head = (
            f"GET {path} HTTP/1.1\r\nHost: {self.at.netloc}\r\nCookie: session={self.cookie}\r\nConnection: close\r\n"
        )
        with socket.create_connection((self.at.hostname, self.at.port), timeout=PATIENCE) as line:
            line.sendall(f"{head}\r\n".encode())
            with line.makefile("rb") as answer:
                head, _, rest = answer.read().partition(b"\r\n\r\n")
        return head, rest


def is_ours(head: bytes) -> bool:
    """No line but a name we send with its value, no bare line end, no cookie of theirs."""
    lines = head.split(b"\r\n")[1:]
    whole = all(line.partition(b":")[0].isascii() and b": " in line for line in lines)
    bare = b"\n" in head.replace(b"\r\n", b"") or b"\r" in head.replace(b"\r\n", b"")
    names = [line.partition(b":")[0].lower() for line in lines]
    once = all(names.count(name) <= 1 for name in (b"content-length", b"content-disposition", b"content-type"))
    return whole and not bare and once and not any(line.lower().startswith(b"set-cookie: stolen") for line in lines)


@pytest.fixture
def case(app: Flask, olga: Character) -> Case:
    with app.app_context():
        files = [Upload.keep(b"the plan", filename=name, content_type=f"text/html{TRAP}") for name in NAMES]
    return olga.writes(f"Printer{TRAP}", files=files, name=f"Olga{TRAP}")


@ONE_DATABASE
def test_no_name_of_a_file_ends_the_head_of_an_answer(app: Flask, case: Case, olga: Character, ann: Character) -> None:
    """Attack 21: at the desk and in the cabinet, as a download."""
    with served(app) as own:
        desk, cabinet = Wire(app, own, ann.email), Wire(app, own, olga.email, "cabinet")
        for number in range(1, len(NAMES) + 1):
            at_desk = desk.asks(f"/desk/tickets/{case.ref}/attachments/{number}")
            for head, body in (at_desk, cabinet.asks(f"/my/requests/{case.ref}/files/{number}")):
                assert head.startswith(b"HTTP/1.1 200 "), head
                assert is_ours(head)
                assert body == b"the plan"
                (said,) = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-disposition: ")]
                assert said.count(b'"') == 2, "one name in quotes, which nothing in it ends"
                assert b"; filename*=UTF-8''" in said
                assert said.count(b";") == 2


@ONE_DATABASE
def test_no_subject_or_parameter_ends_the_head_of_an_answer(app: Flask, case: Case, ann: Character) -> None:
    """Attack 21: on pages, in what a page says in a header, and where one is sent."""
    trap = quote(TRAP)
    with served(app) as own:
        desk = Wire(app, own, ann.email)
        for path in (
            f"/desk/tickets/{case.ref}",
            f"/desk/search?q={trap}",
            f"/desk/?q={trap}&before={trap}",
            f"/account/sign-in?next=/{trap}",
            f"/my/requests?before={trap}",
            f"/desk/tickets/{trap}",
            f"/desk/tickets/{case.ref}/do/{trap}",
            f"/{trap}",
        ):
            head, body = desk.asks(path)
            assert head.startswith(b"HTTP/1.1 "), path
            assert is_ours(head), (path, head)
            assert b"HTTP/1.1 " not in body


def test_the_eye_that_looks_at_heads_is_awake() -> None:
    """If it were not, the tests above would prove nothing."""
    good = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 3"
    assert is_ours(good)
    for bad in (b"\r\nSet-Cookie: stolen=1", b"\r\nContent-Length: 0", b"\nSet-Cookie: a=1", b"\r\nno header"):
        assert not is_ours(good + bad)
