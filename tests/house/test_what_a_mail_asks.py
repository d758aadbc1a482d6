"""A mail asks the database little: intake is measured (docs/performance.md), and each statement is a journey to the
server there. What a desk or a mail does not use costs it nothing.
"""

from __future__ import annotations

from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask

from helpdesk import jobs
from helpdesk.channels.email import store
from helpdesk.channels.email.read import read_mail
from helpdesk.db import is_sqlite
from tests.plugins.post import Post, letter
from tests.statements import OF_THE_CLOCK, listening

# Kept, with the job that will read it; leased; read; then whose address it is, the desk held, the person with an
# address, a number, the ticket, its opening with message, words, timer and marks, the receipt with its caps, its event
# and its job, what it did to the ticket, and the end of the job and of the mail.
OF_SOMEBODY_UNKNOWN = 23
MAY_NOT_TELL = ("PRAGMA", "BEGIN")


def _asked(app: Flask, mail: EmailMessage) -> list[str]:
    told: list[str] = []

    def note(statement: str, _values: Any, _context: Any) -> None:
        if OF_THE_CLOCK not in statement and not statement.upper().startswith(MAY_NOT_TELL):
            told.append(statement)

    with app.app_context(), listening(app, note):
        store.keep(mail.as_bytes(), source="", envelope_to=["support@acme.example"])
        (work,) = jobs.claim("reader", ["read_mail"])
        read_mail(work)
    return told


def test_a_mail_of_somebody_unknown_asks_little(app: Flask, post: Post) -> None:
    for number in range(3):
        first = _asked(app, letter(f"first{number}@example.org", message_id=f"<{number}@example.org>"))
    with app.app_context():
        wanted = OF_SOMEBODY_UNKNOWN + (0 if is_sqlite() else 1)  # the table that every door holds
    assert len(first) == wanted, [each[:70] for each in first]


def test_the_first_mail_about_a_ticket_follows_what_opened_it(app: Flask, post: Post) -> None:
    """It is known without a question, and only to whoever wrote it."""
    post.arrives(letter("olga@customer.example", message_id="<opened@customer.example>"))
    (receipt,) = post.to("olga@customer.example")
    assert receipt.message["References"].split() == ["<opened@customer.example>"]
    nameless = letter("nadia@customer.example", subject="Another thing")
    post.arrives(nameless)
    (receipt,) = post.to("nadia@customer.example")
    assert receipt.message["References"] is None


@pytest.mark.parametrize("again", ["the same words", "other words"])
def test_a_mail_that_names_itself_as_another_is_known_by_its_sender_alone(app: Flask, post: Post, again: str) -> None:
    """Faults 15 and 16: whose Message-ID it was is asked together with whose address it is."""
    first = post.case(letter("olga@customer.example", "the same words", message_id="<one@customer.example>"))
    theirs = letter("olga@customer.example", again, message_id="<one@customer.example>", X_Way="another")
    stranger = letter("mallory@elsewhere.example", again, message_id="<one@customer.example>")
    assert (post.case(theirs).id == first.id) is (again == "the same words")
    assert post.case(stranger).id != first.id
