"""Names of files that would lead elsewhere, addresses of files that were handed on, and tickets and links that somebody
guesses (attacks 16, 17, 18, 46, 47, 48).
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from helpdesk.db import session, writing
from helpdesk.people.models import OneTimeLink
from helpdesk.tickets import queue
from helpdesk.tickets.models import Attachment, Message, Ticket
from tests.cast import Case, Character
from tests.plugins.post import Post, letter
from tests.visitor import Visitor, mailed_link

NAMES = [
    "../../etc/cron.d/evil",
    "..\\..\\evil.bat",
    "/etc/passwd",
    "\u200b.htaccess",
    "a\u202egpj.exe",
    "evil\0.html",
    "-rf",
    "CON",
    "x" * 300 + ".txt",
]


@pytest.fixture
def case(post: Post) -> Case:
    mail = letter("olga@example.org")
    mail.add_attachment(b"the plan", maintype="application", subtype="pdf", filename="plan.pdf")
    return post.case(mail)


@pytest.fixture
def address(app: Flask, case: Case, olga: Character) -> tuple[Visitor, str]:
    """Olga's browser, and the address of her file."""
    browser = Visitor(app).is_let_in(olga.email, "cabinet")
    found = re.search(r'href="(/my/requests/[^"]+/files/\d+)"', browser.opens(f"/my/requests/{case.ref}").text)
    assert found
    return browser, found[1]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_never_touches_the_disk(app: Flask, post: Post, ann: Character, name: str) -> None:
    """Attacks 16 to 18: on the disk is the digest of the bytes, readable by nobody else; what is shown is a name."""
    mail = letter("olga@example.org")
    mail.add_attachment(b"#!/bin/sh", maintype="application", subtype="octet-stream", filename="NAME")
    raw = mail.as_bytes().replace(b'filename="NAME"', b"filename*=utf-8''" + _percent(name))
    case = post.case(raw)
    folder = Path(app.config["HELPDESK"].files)
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert kept
    assert all(re.fullmatch(r"[0-9a-f]{2}/[0-9a-f]{62}", str(path.relative_to(folder))) for path in kept)
    assert all(path.stat().st_mode & 0o007 == 0 for path in kept)
    with app.app_context():
        shown = session().scalars(select(Attachment.filename).join(Message).where(Message.ticket_id == case.id)).one()
    assert 0 < len(shown) <= 150
    assert not set(shown) & set("/\\\0\u200b\u202e")
    assert not shown.startswith((".", "-", "CON"))
    path = f"/desk/tickets/{case.ref}/attachments/{case.messages[0].id}"
    assert "/etc" not in Visitor(app).is_let_in(ann.email).opens(path).headers.get("Content-Disposition", "")


def test_an_address_of_a_file_opens_nothing_for_anybody_else(
    app: Flask, case: Case, address: tuple[Visitor, str], mallory: Character
) -> None:
    """Attack 46: not for a visitor, another customer, after signing out, nor under the other room."""
    browser, path = address
    assert browser.opens(path).data == b"the plan"
    assert Visitor(app).opens(path).status_code == 303
    stranger = Visitor(app).is_let_in(mallory.email, "cabinet")
    assert stranger.opens(path).status_code == 404
    number = path.rpartition("/")[2]
    assert stranger.opens(f"/desk/tickets/{case.ref}/attachments/{number}").status_code == 404
    browser.sends("/account/sign-out")
    assert browser.opens(path).status_code == 303


def test_a_number_and_an_address_open_no_ticket(app: Flask, case: Case) -> None:
    """Attack 47: a walk over numbers with the customer's address beside them comes to the sign-in page each time."""
    thief = Visitor(app)
    for number in range(case.id - 100, case.id + 20):
        for path in (f"/my/requests/{number}", f"/my/requests/R-{number}"):
            answer = thief.opens(path, query_string={"email": "olga@example.org", "token": case.ref})
            assert answer.status_code == 303
            assert answer.location.startswith("/my/sign-in")


def test_whoever_guesses_links_is_stopped(app: Flask, case: Case, olga: Character) -> None:
    """Attacks 47 and 48: 256 bits, of which the database has a digest; after thirty wrong guesses there is a pause."""
    owner, thief = Visitor(app, ip="203.0.113.5"), Visitor(app, ip="203.0.113.66")
    links = set()
    for _ in range(3):
        owner.opens("/my/sign-in")
        owner.sends("/my/sign-in", email=olga.email)
        links.add(mailed_link(app, olga.email).rpartition("/")[2])
    assert len(links) == 3
    assert all(len(link) >= 43 for link in links)
    codes = [thief.opens(f"/my/sign-in/{secrets.token_urlsafe(32)}").status_code for _ in range(35)]
    assert codes == [404] * 30 + [429] * 5
    assert owner.opens(mailed_link(app, olga.email)).status_code == 200, "the owner still comes in"
    with app.app_context():
        kept = session().query(OneTimeLink.token_hash).all()
    assert not any(link in str(kept) for link in links)


def _percent(name: str) -> bytes:
    return "".join(f"%{byte:02X}" for byte in name.encode()).encode()


def test_hidden_hits_are_not_even_counted(app: Flask, olga: Character, ann: Character) -> None:
    """Attack 44: more than a page of them, and no “older” tells that there is something."""
    for number in range(queue.PAGE + 2):
        olga.writes(f"Wallpaper {number}", "xylophone")
    with app.app_context(), writing() as here:
        here.execute(update(Ticket).values(state="awaiting_payment"))
    browser = Visitor(app).is_let_in(ann.email)
    assert "before=" not in browser.opens("/desk/search?q=xylophone").text
    shown = olga.writes("Mine", "xylophone")
    page = browser.opens("/desk/search?q=xylophone").text
    assert shown.ref in page
    assert "Wallpaper" not in page
    assert "before=" not in page
