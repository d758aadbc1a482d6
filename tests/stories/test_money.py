"""An amount is written in one way to one reader, at the desk and in the cabinet; a mail keeps the currency's code."""

from __future__ import annotations

from decimal import Decimal
from html import unescape

import pytest
from flask import Flask
from flask_babel import force_locale

from helpdesk.db import session
from helpdesk.tickets.models import Ticket
from helpdesk.web.money import as_read, money
from tests.at_the_desk import AtTheDesk
from tests.cast import Character
from tests.plugins.post import Post
from tests.visitor import Visitor


def test_the_desk_and_the_cabinet_say_the_same_sum(
    app: Flask, boris: Character, kadri: Character, olga: Character
) -> None:
    case = olga.writes("Broken screen")
    boris.performs("quote", case, price="950.5")
    kadri.performs("receive_payment", case, amount="950.50", method="card")
    at_the_desk = AtTheDesk(app, boris).opens(f"/desk/tickets/{case.ref}").text
    browser = Visitor(app)
    browser.signs_in_to_the_cabinet(olga.email)
    cabinet = browser.opens(f"/my/requests/{case.ref}").text
    assert at_the_desk.count("€950.50") >= 3  # the price in the story and at the side, and what was paid
    assert "€950.50" in cabinet
    assert "EUR" not in at_the_desk


def test_who_is_asked_to_pay_reads_how_much_where_they_are_asked(
    app: Flask, post: Post, boris: Character, olga: Character
) -> None:
    case = olga.writes("Broken screen")
    boris.performs("quote", case, price="32")
    post.turn()
    browser = Visitor(app)
    browser.signs_in_to_the_cabinet(olga.email)
    page = unescape(browser.opens(f"/my/requests/{case.ref}").text)
    assert "wrote to you: “Your repair costs 32.00 EUR”" in page


def test_words_that_look_like_an_amount_stay_words(
    app: Flask, boris: Character, kadri: Character, olga: Character
) -> None:
    case = olga.writes("Broken screen")
    boris.performs("quote", case, price="950.5")
    kadri.performs("receive_payment", case, amount="950.50", method="card", reference="45.50 EUR")
    paid = next(event for event in case.events if event.action == "receive_payment")
    with app.test_request_context():
        told = {value["name"]: value["shown"] for value in as_read(session().get_one(Ticket, case.id), paid)}
    assert (told["amount"], told["reference"]) == ("€950.50", "45.50 EUR")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # none is asked
@pytest.mark.parametrize(
    ("amount", "currency", "language", "shown"),
    [
        ("45.5", "EUR", "en", "€45.50"),
        ("45.50", "EUR", "de", "45,50\u00a0€"),
        ("-3", "EUR", "en", "-€3.00"),
        ("1200", "JPY", "en", "¥1,200"),
        ("1200.55", "JPY", "en", "¥1,200.55"),
        ("0.005", "BHD", "en", "BHD\u00a00.005"),
    ],
)
def test_a_sum_is_written_as_its_reader_writes_it(
    app: Flask, amount: str, currency: str, language: str, shown: str
) -> None:
    with app.test_request_context(), force_locale(language):
        assert money(Decimal(amount), currency) == shown


def test_an_amount_is_one_in_the_workflow_where_it_was_entered(
    app: Flask, boris: Character, kadri: Character, olga: Character
) -> None:
    """A ticket that has moved to another workflow tells its past in the same words."""
    case = olga.writes("Broken screen")
    boris.performs("quote", case, price="950.5")
    kadri.performs("receive_payment", case, amount="950.50", method="card")
    paid = next(event for event in case.events if event.action == "receive_payment")
    with app.test_request_context():
        ticket = session().get_one(Ticket, case.id)
        session().expunge(ticket)
        ticket.workflow = "elsewhere"
        told = {value["name"]: value["shown"] for value in as_read(ticket, paid)}
    assert told["amount"] == "€950.50"
