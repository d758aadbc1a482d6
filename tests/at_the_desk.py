"""A member of the staff at a browser without script: opens tickets, fills in the forms of actions, presses buttons."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from flask import Flask, session
from werkzeug.test import TestResponse

from helpdesk.db import writing
from helpdesk.people import find
from helpdesk.web import sign_ins
from tests.cast import Case, Character
from tests.visitor import Visitor


class AtTheDesk(Visitor):
    """Somebody signed in at the desk."""

    def __init__(self, app: Flask, who: Character) -> None:
        super().__init__(app)
        with app.test_request_context(), writing():
            person = find.by_email(who.email)
            assert person is not None
            sign_ins.begin(person, "desk")
            kept = dict(session)
        with self.client.session_transaction() as cookie:
            cookie.update(kept)
        self.opens("/desk/")

    def opens_form(self, case: Case, action: str) -> dict[str, str]:
        """The hidden values of an action's form."""
        path = f"/desk/tickets/{case.ref}/do/{action}"
        page = self.opens(path)
        assert page.status_code == 200, page.text
        return hidden_in(page.text, path)

    def does(self, case: Case, action: str, **values: Any) -> TestResponse:
        """Fill in the action's form and send it."""
        return self.sends_form(case, action, self.opens_form(case, action), **values)

    def sends_form(self, case: Case, action: str, hidden: dict[str, str], **values: Any) -> TestResponse:
        return self._seen(self.client.post(f"/desk/tickets/{case.ref}/do/{action}", data={**hidden, **values}))


def hidden_in(page: str, path: str) -> dict[str, str]:
    """The hidden values of the form on the page that posts to `path`."""
    found = re.search(rf'<form[^>]*action="{re.escape(path)}".*?</form>', page, re.DOTALL)
    assert found, f"There is no form for {path}."
    inputs = re.findall(r'<input[^>]*type="hidden"[^>]*>', found[0])
    return {attribute(each, "name"): attribute(each, "value") for each in inputs}


def attribute(tag: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""
