"""What the texts of the workflow file may know: of a ticket, and of somebody whose address nobody has proven."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import update

from helpdesk.db import session, writing
from helpdesk.tickets import names
from helpdesk.tickets.models import Message, Ticket
from helpdesk.workflows.field_types import Money
from tests.cast import Character


def test_a_strangers_words_stay_out_and_the_price_quoted_to_them_stays_in() -> None:
    """Attack 33."""
    price, when = Money(Decimal("45.5"), "EUR"), date(2026, 11, 22)
    known = {
        "ticket": {"ref": "R-1", "subject": "Buy now", "text": "http://evil.example"},
        "customer": {"id": 7, "email": "victim@example.net", "language": "en", "name": "Buy now"},
        "action": {"name": "ask_payment", "message": {"text": "Buy now", "html": "Buy now"}},
        "fields": {"price": price, "ready_on": when, "urgent": True, "device": "Buy now", "wishes": ["Buy now"]},
    }
    told = names.without_words(known)
    assert told["fields"] == {"price": price, "ready_on": when, "urgent": True}
    assert told["ticket"]["ref"] == "R-1"
    assert "Buy now" not in str(told)
    assert "evil" not in str(told)


def test_a_long_history_is_told_from_its_end(
    olga: Character, ann: Character, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last messages, oldest first, and one line that says that there were more; notes take no room of a
    customer's."""
    monkeypatch.setattr(names, "MOST_SAID", 3)
    case = olga.writes("Printer", "message one")
    for text in ("message two", "message three"):
        olga.writes("Re", text, about=case)
    for text in ("note one", "note two"):
        ann.performs("comment", case, text=text)
    with app.app_context():
        ticket = session().get_one(Ticket, case.id)
        assert _lines(names.history(ticket, mentioned_in="{{ history.customer }}")) == {
            "customer": ["message one", "message two", "message three"],
            "staff": ["[…] Earlier messages are left out.", "message three", "note one", "note two"],
        }
        assert names.history(ticket, mentioned_in="nothing") == {"customer": "", "staff": ""}


def test_what_a_customer_wrote_and_was_only_filed_is_in_their_history(app: Flask, olga: Character) -> None:
    """The requester always sees their own words, in the cabinet and in a mail."""
    case = olga.writes("Printer", "message one")
    with app.app_context(), writing() as here:
        here.execute(update(Message).where(Message.ticket_id == case.id).values(audience="internal"))
    with app.app_context():
        ticket = session().get_one(Ticket, case.id)
        told = names.history(ticket, mentioned_in="{{ history.customer }}")
        assert _lines(told)["customer"] == ["message one"]


def _lines(history: dict[str, str]) -> dict[str, list[str]]:
    """Each without the times."""
    return {
        reader: [line for line in text.splitlines() if line.startswith(("[", "message", "note"))]
        for reader, text in history.items()
    }
