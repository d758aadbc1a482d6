"""An agent's day at the desk, through real pages (issue 2, item 9; W1, W9, W15, W32, W43, W53, W54)."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from helpdesk.db import writing
from helpdesk.people import find
from helpdesk.web import sign_ins
from tests.cast import Case, Character


def at_the_desk(app: Flask, who: Character) -> FlaskClient:
    """A browser in which this person is signed in at the desk."""
    client = app.test_client()
    with app.test_request_context(), writing():
        sign_ins.begin(find.by_email(who.email), "desk")
        from flask import session

        kept = dict(session)
    with client.session_transaction() as cookie:
        cookie.update(kept)
    return client


def form_in(page: str, action: str) -> dict[str, str]:
    """The hidden values of the form that posts to `action`."""
    found = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    assert found, f"There is no form for {action}."
    return {
        re.search(r'name="([^"]*)"', each)[1]: re.search(r'value="([^"]*)"', each)[1]
        for each in re.findall(r'<input[^>]*type="hidden"[^>]*>', found[0])
    }


def test_the_queue_shows_what_waits_and_the_ticket_opens(app: Flask, ann: Character, olga: Character) -> None:
    case = olga.writes("Printer on fire", "There is smoke.")
    browser = at_the_desk(app, ann)
    queue = browser.get("/desk/")
    assert queue.status_code == 200, queue.text
    assert "Printer on fire" in queue.text
    page = browser.get(f"/desk/tickets/{case.ref}")
    assert page.status_code == 200, page.text
    assert "There is smoke." in page.text


def test_ann_replies(app: Flask, ann: Character, olga: Character) -> None:
    case = olga.writes("Printer on fire", "There is smoke.")
    browser = at_the_desk(app, ann)
    url = f"/desk/tickets/{case.ref}/do/reply"
    page = browser.get(url)
    assert page.status_code == 200, page.text
    assert "Hello Olga" in page.text
    hidden = form_in(page.text, url)
    sent = browser.post(url, data={**hidden, "message": "Which floor?\nPlease call."})
    assert sent.status_code == 303, sent.text
    assert case.state == "waiting"
    assert case.messages[-1].text == "Which floor?\nPlease call."
    page = browser.get(f"/desk/tickets/{case.ref}")
    assert "Which floor?" in page.text
