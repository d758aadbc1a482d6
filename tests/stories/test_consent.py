"""A customer's agreement is the customer's: a web form insists on it, an agent who enters a ticket only notes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.db import session
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import revisions
from tests.at_the_desk import AtTheDesk, hidden_in
from tests.cast import Case, Character
from tests.visitor import Visitor

FORM = "/desk/tickets/new?form=contact_form"
CALLED = {"name": "Olga", "email": "olga@example.org", "subject": "She called", "message": "It smokes."}


@pytest.mark.parametrize(
    ("noted", "told"), [({}, []), ({"consent": ["no", "yes"]}, ["yes"])], ids=["not noted", "noted"]
)
def test_an_agent_opens_a_ticket_without_agreeing_for_the_customer(
    app: Flask, ann: Character, noted: dict[str, list[str]], told: list[str]
) -> None:
    anns = AtTheDesk(app, ann)
    page = anns.opens(FORM).text
    assert "The customer has agreed" in page
    hidden = hidden_in(page, FORM)
    opened = anns.client.post(FORM, data={**hidden, **CALLED, **(noted or {"consent": "no"})})
    assert opened.status_code == 303
    case = Case(app, int(opened.location.rpartition("-")[2]))
    values = case.events[0].data["values"]
    assert [value["shown"] for value in values if value["name"] == "consent"] == told


def test_a_web_form_insists_on_it(app: Flask) -> None:
    browser = Visitor(app)
    answer = browser.sends("/forms/contact", **CALLED, consent="no")
    assert answer.status_code == 422
    with app.app_context():
        assert session().scalar(select(func.count()).select_from(Ticket)) == 0


def test_a_link_in_an_agreement_stands_in_the_form_and_in_no_sentence(app: Flask) -> None:
    text = Path(app.config["HELPDESK"].workflows).read_text()
    plain, linked = (
        "label: I agree to the terms,",
        "label: 'I agree to the <a href=\"/pages/terms\">terms</a> &amp; so on',",
    )
    assert plain in text
    with app.app_context():
        revisions.adopt(text.replace(plain, linked), author="a test")
    browser = Visitor(app)
    assert ">terms</a>" in browser.opens("/forms/contact").text
    assert (
        "Please agree to “I agree to the terms &amp; so on”."
        in browser.sends("/forms/contact", **CALLED, consent="no").text
    )
    assert browser.sends("/forms/contact", **CALLED, consent="yes").status_code == 303
    with app.app_context():
        ticket = session().scalars(select(Ticket.id)).one()
    values = Case(app, ticket).events[0].data["values"]
    assert "I agree to the terms & so on" in [value["label"] for value in values]
