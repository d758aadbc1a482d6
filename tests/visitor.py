"""Somebody at a browser: follows links, fills in forms with the token the page gave, keeps cookies. No script runs."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from flask import Flask
from flask import session as cookie
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from helpdesk import jobs, worker
from helpdesk.db import session, writing
from helpdesk.people import find, passwords
from helpdesk.tickets.models import Delivery
from helpdesk.web import sign_ins

PASSWORD = "three words and a comma"


class Visitor:
    """A browser of its own. `ip`: where it connects from."""

    def __init__(self, app: Flask, *, ip: str = "198.51.100.7") -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        self.client.environ_base["REMOTE_ADDR"] = ip
        self.token = ""

    def opens(self, path: str, **more: Any) -> TestResponse:
        """Look at a page; its form token is remembered."""
        return self._seen(self.client.get(path, **more))

    def sends(self, path: str, *, headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        """Send a form of a page that was opened before."""
        if not self.token:
            self.opens("/")
        return self._seen(self.client.post(path, data={"csrf_token": self.token, **fields}, headers=headers))

    def signs_in(self, email: str, password: str = PASSWORD, **more: Any) -> TestResponse:
        self.opens("/account/sign-in")
        answer = self.sends("/account/sign-in", email=email, password=password, **more)
        self.opens("/")  # a new session has a new form token
        return answer

    def signs_in_to_the_cabinet(self, email: str) -> TestResponse:
        """By a mailed link, as a customer does."""
        self.opens("/my/sign-in")
        self.sends("/my/sign-in", email=email)
        path = mailed_link(self.app, email)
        self.opens(path)
        answer = self.sends(path)
        self.opens("/")
        return answer

    def is_let_in(self, email: str, audience: sign_ins.Audience = "desk") -> Visitor:
        """Signed in without the ceremony, which has tests of its own."""
        with self.app.test_request_context(), writing():
            person = find.by_email(email)
            assert person is not None, f"{email} is not known yet"
            sign_ins.begin(person, audience)
            kept = dict(cookie)
        with self.client.session_transaction() as here:
            here.update(kept)
        self.opens("/account/password" if audience == "desk" else "/my/requests")
        return self

    def _seen(self, answer: TestResponse) -> TestResponse:
        if answer.mimetype == "text/html" and (found := re.search(r'name="csrf-token" content="([^"]+)"', answer.text)):
            self.token = unescape(found[1])
        return answer


def give_password(app: Flask, email: str, password: str = PASSWORD) -> None:
    with app.app_context(), writing():
        person = find.by_email(email)
        assert person is not None
        passwords.put(person, password)


def do_jobs(app: Flask, kind: str) -> int:
    """Let the worker's handler do all waiting jobs of this kind; gives how many there were."""
    worker.learn()
    with app.app_context():
        works = jobs.claim("tests", [kind], limit=100)
    for work in works:
        with app.app_context():
            jobs.handlers[kind].handler(work)
    return len(works)


def mailed_link(app: Flask, email: str) -> str:
    """The path of the link in the newest mail to this address; empty if there is no such mail."""
    do_jobs(app, "mail_link")
    with app.app_context():
        newest = (
            select(Delivery).where(Delivery.recipient == email, Delivery.role == "account").order_by(Delivery.id.desc())
        )
        delivery = session().scalar(newest.limit(1))
        link = delivery.frozen["names"]["links"]["here"] if delivery else ""
        return link.removeprefix("http://desk.example")


def without_tokens(page: str) -> str:
    """The page without the tokens of its forms, which carry the second they were made in."""
    return re.sub(r'(name="csrf[-_]token" (?:content|value)=)"[^"]+"', r"\1", page)
