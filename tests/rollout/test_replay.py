"""`replay`: the past days once more under a changed file (N6)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk import clock, timers
from helpdesk.db import session
from helpdesk.errors import Invalid
from helpdesk.rollout.replay import Replayed, replay
from helpdesk.tickets.models import Delivery, Event, Message, Ticket
from tests.cast import Case, Character
from tests.rollout.changes import DESK, RENAMED, changed

REPLY = "        label: Reply\n        button: {color: green, key: r}\n        allow: [agent]\n"


def replayed(app: Flask, texts: Mapping[str, str], days: int = 30, limit: int = 500) -> Replayed:
    with app.app_context():
        return replay(texts, days=days, limit=limit)


def told(found: Replayed) -> dict[tuple[str, str], int]:
    return {(one.action, one.sentence): one.times for one in found.differences}


@pytest.fixture
def past(
    app: Flask, still: None, olga: Character, ann: Character, edgar: Character, kadri: Character
) -> dict[str, Case]:
    """Three repairs: one dear, one cheap and paid, one left alone."""
    dear, cheap, silent = olga.writes("A dear one"), olga.writes("A cheap one"), olga.writes("A silent one")
    ann.performs("details", dear, kind="technical", serial="AB123456")
    ann.performs("quote", dear, price="1500", serial="AB123456")
    ann.performs("quote", cheap, price="90")
    clock.travel(timedelta(hours=1))
    kadri.performs("receive_payment", cheap, amount="90", method="cash")
    edgar.performs("take", cheap)
    edgar.performs("finish", cheap, text="As good as new.")
    ann.performs("reply", silent, text="Which floor?")
    olga.writes("The second one", about=silent)
    ann.performs("reply", silent, text="Thank you. Does it work now?")
    clock.travel(timedelta(days=8))
    with app.app_context():
        timers.run_due()
    assert silent.state == "done"
    return {"dear": dear, "cheap": cheap, "silent": silent}


def test_the_same_file_ends_the_same(app: Flask, past: dict[str, Case]) -> None:
    found = replayed(app, {"workflows.yaml": "# a remark\n" + DESK})
    assert (found.different, found.differences) == (0, ())
    assert found.compared >= 12, found
    assert found.skipped["they follow from another one and come with it."] > 0


def test_a_branch_that_leads_elsewhere_is_found_with_its_tickets(app: Flask, past: dict[str, Case]) -> None:
    found = replayed(app, changed(("fields.price > 1000", "fields.price > 2000")))
    (quote,) = (one for one in found.differences if "came to" in one.sentence)
    assert quote.action == "Quote a price"
    assert quote.sentence == "the ticket came to “workshop” and would have come to “awaiting_payment”."
    assert quote.tickets == (past["dear"].ref,)
    assert ("Quote a price", "would also run ask_payment.") in told(found)
    assert found.different == 1, "one event, however many things about it differ"


def test_lost_rights_mails_and_timers_are_found(app: Flask, past: dict[str, Case]) -> None:
    found = replayed(
        app,
        changed(
            (REPLY, REPLY.replace("[agent]", "[manager]")),
            ("emails: [{to: [customer], template: paid}]", "emails: [{to: [customer, group], template: paid}]"),
            ("timers: [{after: 7d, do: close_silent}]", "timers: [{after: 9d, do: close_silent}]"),
        ),
    )  # fmt: skip
    sentences = told(found)
    assert sentences["Reply", "would not have come to pass: There is no such action."] == 2
    assert sentences["Receive payment", "would also mail group."] == 1
    assert sentences["Closed by time", "it would have run after 9d instead of 7d."] == 1


def test_a_renamed_state_is_no_difference(app: Flask, past: dict[str, Case]) -> None:
    assert replayed(app, RENAMED).different == 0


def test_a_mail_that_another_action_takes_is_found(app: Flask, past: dict[str, Case]) -> None:
    quiet = ("actions: [reply, comment, quote, close]\n        on_message: {customer: customer_reply,",
             "actions: [reply, comment, quote, close]\n        on_message: {customer: customer_note,")  # fmt: skip
    sentences = told(replayed(app, changed(quiet)))
    assert sentences["Answer", "would also run customer_note."] == 1
    assert sentences["Answer", "the ticket came to “new” and would have come to “waiting”."] == 1


def test_nothing_of_the_desk_is_written(app: Flask, past: dict[str, Case]) -> None:
    with app.app_context():
        before = [
            session().scalar(select(func.count()).select_from(each)) for each in (Event, Ticket, Message, Delivery)
        ]
    replayed(app, changed(("fields.price > 1000", "fields.price > 2000")))
    with app.app_context():
        after = [
            session().scalar(select(func.count()).select_from(each)) for each in (Event, Ticket, Message, Delivery)
        ]
    assert before == after


def test_the_same_past_gives_the_same_answer_and_the_limit_is_said(app: Flask, past: dict[str, Case]) -> None:
    texts = changed(("fields.price > 1000", "fields.price > 2000"))
    assert replayed(app, texts).as_dict() == replayed(app, texts).as_dict()
    few = replayed(app, texts, limit=3)
    assert (few.events, few.more) == (3, True)
    assert "the last 3 were looked at" in few.sentences[-1]
    assert replayed(app, texts, days=1).events < replayed(app, texts).events


def test_a_file_with_errors_is_not_played(app: Flask) -> None:
    with pytest.raises(Invalid):
        replayed(app, changed(("initial: new", "initial: nwe")))
