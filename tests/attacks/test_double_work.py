"""Many at once: the same form twenty times, fifty people on one transition, several workers on one timer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from helpdesk import clock, intake, timers
from helpdesk.db import session
from helpdesk.errors import HelpdeskError, NotPossible
from helpdesk.tickets.rich import Rich
from tests.actions.desks import AGAIN, DONE, MAIL, OPEN, in_force
from tests.cast import Case, Character


def at_once(times: int, act: Callable[[], Any]) -> list[Any]:
    """Run `act` in so many threads that all start together; a refusal is a result, and any other error is a failure."""
    start, trouble = Barrier(times), []

    def run() -> Any:
        start.wait()
        try:
            return act()
        except HelpdeskError as refused:
            return refused
        except Exception as error:  # noqa: BLE001 - it is shown below, in the thread that looks
            trouble.append(error)
            return None

    with ThreadPoolExecutor(times) as pool:
        results = [future.result() for future in [pool.submit(run) for _ in range(times)]]
    assert not trouble, trouble
    return results


def test_the_same_payment_form_twenty_times_pays_once(olga: Character, ann: Character, kadri: Character) -> None:
    """Attack 96. After the first the ticket is out of her sight; she is told all the same that it was done."""
    case = olga.writes("Broken screen")
    ann.performs("quote", case, price="10")
    results = at_once(20, lambda: kadri.performs("receive_payment", case, amount="10", method="cash", nonce="the-form"))
    assert [result for result in results if isinstance(result, HelpdeskError)] == []
    assert len(case.payments) == 1
    assert case.story.count("receive_payment") == 1
    assert len({result.event_id for result in results}) == 1
    assert sum(not result.repeated for result in results) == 1
    assert len([mail for mail in case.mails if "Thank you" in mail.frozen["subject"]]) == 1


def test_a_payment_that_moves_nothing_is_taken_once_too(app: Flask, olga: Character, ann: Character) -> None:
    """Attack 96, where nothing but the form's number tells a second one from the first."""
    in_force(
        app,
        states=f"new: {{{OPEN}, actions: [paid, close]}}\n{DONE}",
        actions=f"""
            paid: {{type: receive_payment, label: Paid, allow: [agent], emails: [{{to: [customer], {MAIL}}}]}}
            close: {{type: close, label: Close, allow: [agent], to: done}}
            {AGAIN}""",
    )
    case = olga.writes("Broken screen")
    at_once(20, lambda: ann.performs("paid", case, amount="10", method="cash", nonce="the-form"))
    assert [str(payment.amount) for payment in case.payments] == ["10"]
    assert case.story == ["opened", "paid"]
    assert len(case.mails) == 1


def test_the_number_of_one_form_does_nothing_to_another_ticket(olga: Character, ann: Character) -> None:
    """Attack 96, by hand: a clear answer, and nothing is changed; also when both come at the same moment."""
    one, other, third = (olga.writes(subject) for subject in ("Screen", "Printer", "Mouse"))
    ann.performs("reply", one, text="Which floor?", nonce="the-form")
    with pytest.raises(NotPossible, match="sent before, for something else"):
        ann.performs("reply", other, text="Which floor?", nonce="the-form")
    assert "reply" not in other.story
    cases = iter((other, third))
    results = at_once(2, lambda: ann.performs("reply", next(cases), text="Which floor?", nonce="second"))
    assert sum(isinstance(result, NotPossible) for result in results) == 1
    assert other.story.count("reply") + third.story.count("reply") == 1


def test_fifty_on_the_same_page_and_one_wins(olga: Character, ann: Character) -> None:
    """Attack 95: one history row, one mail; the others learn what changed."""
    case = olga.writes("Broken screen")
    seen = case.version
    results = at_once(50, lambda: ann.performs("reply", case, text="Which floor?", seen=seen))
    assert sum(not isinstance(result, HelpdeskError) for result in results) == 1
    assert {result.code for result in results if isinstance(result, HelpdeskError)} == {"stale"}
    assert case.story.count("reply") == 1
    assert len([mail for mail in case.mails if mail.frozen["subject"].startswith("Re:")]) == 1


def test_one_web_form_sent_twenty_times_is_one_ticket(app: Flask) -> None:
    """Attack 96."""

    def send() -> int:
        with app.app_context():
            form = intake.Inbound(
                source="contact_form",
                channel="form",
                address="olga@example.org",
                subject="Screen",
                message=Rich("It fell."),
                values={"email": "olga@example.org", "consent": "yes"},
                nonce="the-form",
            )
            return intake.receive(form).ticket_id

    assert len(set(at_once(20, send))) == 1


def test_a_new_sender_who_writes_ten_times_at_once_is_one_person(app: Flask, olga: Character) -> None:
    def send() -> Case:
        return olga.writes("Broken screen")

    cases = at_once(10, send)
    assert len({case.id for case in cases}) == 10
    with app.app_context():
        from sqlalchemy import func, select

        from helpdesk.people.models import Address

        assert session().scalar(select(func.count()).select_from(Address)) == 1


def test_a_due_timer_fires_once_however_many_workers_look(app: Flask, olga: Character) -> None:
    """Fault 6."""
    past = datetime.now(UTC) - timedelta(days=3)
    with clock.frozen(past):
        cases = [olga.writes(f"Screen {number}") for number in range(3)]

    def turn() -> None:
        with app.app_context():
            timers.run_due()

    at_once(4, turn)
    assert [case.story.count("escalate") for case in cases] == [1, 1, 1]
