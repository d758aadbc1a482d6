"""The demo catches all mail, shows it at /dev/mail, and lets one answer as the recipient."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from helpdesk import create_app
from helpdesk.db import db
from tests import outside_desk
from tests.cast import Character, hire
from tests.plugins.post import Post, letter
from tests.visitor import Visitor


@pytest.fixture
def demo(app: Flask, post: Post) -> Iterator[Flask]:
    """The same desk as a demo, although an outgoing server is set."""
    demo = create_app(replace(app.config["HELPDESK"], demo=True))
    yield demo
    with demo.app_context():
        db.engine.dispose()


def token(page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


def test_a_caught_letter_is_read_and_answered(demo: Flask, post: Post, ann: Character) -> None:
    caught = Post(demo, post.sink)
    case = caught.case(letter("olga@example.org", "Help!"))
    ann.performs("reply", case, text="<b>Which</b> floor?")
    caught.turn()
    assert post.sink.received == []  # nothing leaves a demo

    browser: FlaskClient = demo.test_client()
    inbox = browser.get("/dev/mail/?to=olga@example.org").text
    assert "We have your request" in inbox
    page = browser.get("/dev/mail/2")
    assert "Which" in page.text
    assert "In-Reply-To" in page.text
    framed = browser.get("/dev/mail/2/html")
    assert "sandbox" in framed.headers["Content-Security-Policy"]
    assert "&lt;b&gt;Which" in framed.text
    assert browser.get("/dev/mail/2/raw").headers["Content-Disposition"].startswith("attachment")

    sent = browser.post("/dev/mail/2", data={"csrf_token": token(page.text), "message": "The third."})
    assert sent.status_code == 303
    caught.turn()
    assert case.state == "new"
    assert case.messages[-1].text == "The third."
    assert browser.get("/dev/mail/99").status_code == 404


def test_text_messages_of_the_demo_are_read_beside_its_mail(demo: Flask, post: Post, olga: Character) -> None:
    outside_desk.adopt(demo)
    ann = Character(demo, hire(demo, "ann@acme.example", "Ann", groups=["front"]).email)
    case = Post(demo, post.sink).case(letter(olga.email, "Help!"))
    ann.performs("text", case, text="<b>It is ready.</b>")
    Post(demo, post.sink).turn()
    page = demo.test_client().get("/dev/mail/texts").text
    assert "+37255501000" in page
    assert "&lt;b&gt;It is ready." in page
    assert "/dev/mail/texts" in demo.test_client().get("/dev/mail/").text


def test_there_is_no_catcher_outside_the_demo(app: Flask) -> None:
    assert app.test_client().get("/dev/mail/").status_code == 404


def test_a_test_of_a_source_is_caught_too_and_the_page_says_so(app: Flask, demo: Flask, post: Post) -> None:
    """Whoever presses “Send me a test” in the demo does not wait for a mail that never comes."""
    boss = hire(app, "root@acme.example", "Rita", admin=True)
    browser, page = Visitor(demo).is_let_in(boss.email), "/admin/sources/support_mail"
    told = "The demo lets no mail out"
    assert told not in browser.opens(page).text
    browser.sends(f"{page}/test")
    Post(demo, post.sink).turn()
    assert told in browser.opens(page).text
    assert post.sink.received == []
