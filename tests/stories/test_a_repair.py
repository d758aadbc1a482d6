"""A repair from the first mail to the last: the worked example of the desk (W4, W11-W19, W35-W37)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from helpdesk.errors import Invalid, NotFound, NotPossible, Stale
from tests.cast import Character


def test_a_repair_is_paid_before_work_begins(
    olga: Character, ann: Character, kadri: Character, edgar: Character
) -> None:
    case = olga.writes("Broken screen", "It fell.")
    assert case.state == "new"
    assert case.story == ["opened", "acknowledge"]

    ann.performs("quote", case, price="120")
    assert case.state == "awaiting_payment"
    assert case.fields["price"] == Decimal(120)
    assert not ann.sees(case)
    assert kadri.buttons(case) == ["receive_payment", "remind", "close"]

    kadri.performs("receive_payment", case, amount="120", method="card", reference="4711")
    assert case.state == "in_repair"
    assert case.group == "workshop"
    payment = case.payments[0]
    assert (payment.amount, payment.currency, payment.method, payment.reference) == (
        Decimal(120),
        "EUR",
        "card",
        "4711",
    )
    assert payment.received_by_id == kadri.id

    edgar.performs("finish", case, text="Done.")
    assert case.state == "done"
    assert case.story == ["opened", "acknowledge", "quote", "ask_payment", "receive_payment", "finish"]


def test_the_accountant_sees_only_what_awaits_payment(olga: Character, ann: Character, kadri: Character) -> None:
    """W37."""
    case = olga.writes("Broken screen")
    assert not kadri.sees(case)
    with pytest.raises(NotFound):
        kadri.performs("reply", case, text="I should not be able to say this.")
    ann.performs("quote", case, price="80")
    assert kadri.sees(case)
    with pytest.raises(NotFound):
        kadri.performs("finish", case)


def test_only_the_accountant_receives_payments(olga: Character, ann: Character, boris: Character) -> None:
    case = olga.writes("Broken screen")
    ann.performs("quote", case, price="80")
    for somebody in (ann, boris):
        with pytest.raises(NotFound):
            somebody.performs("receive_payment", case, amount="80", method="cash")
    assert not case.payments


def test_an_answer_moves_a_waiting_ticket_back(olga: Character, ann: Character) -> None:
    """W10, WS10."""
    case = olga.writes("Printer on fire")
    ann.performs("reply", case, text="Which floor?")
    assert case.state == "waiting"
    assert case.assignee == ann.email
    again = olga.writes("Re: Printer on fire", "The third.", about=case)
    assert again.id == case.id
    assert case.state == "new"
    assert case.story == ["opened", "acknowledge", "reply", "customer_reply"]


def test_an_answer_reopens_a_closed_ticket(olga: Character, ann: Character) -> None:
    case = olga.writes("Question")
    ann.performs("close", case, kind="billing")
    assert case.state == "done"
    olga.writes("Re: Question", "One more thing.", about=case)
    assert case.state == "new"


def test_a_dear_repair_takes_the_other_branch(olga: Character, ann: Character) -> None:
    """W11."""
    case = olga.writes("Broken screen")
    ann.performs("quote", case, price="2500")
    assert case.state == "workshop"


def test_a_field_is_asked_only_while_its_condition_holds(olga: Character, ann: Character) -> None:
    case = olga.writes("Broken screen")
    with pytest.raises(Invalid) as refused:
        ann.performs("quote", case, price="100", serial="AB123456")
    assert refused.value.code == "hidden"
    assert case.state == "new"
    ann.performs("details", case, kind="technical")
    ann.performs("quote", case, price="100", serial="AB123456")
    assert case.fields["serial"] == "AB123456"


def test_what_is_wrong_is_said_beside_each_field_and_changes_nothing(olga: Character, ann: Character) -> None:
    case = olga.writes("Broken screen")
    before = case.version
    with pytest.raises(Invalid) as refused:
        ann.performs("quote", case, price="a lot")
    assert refused.value.problems == {"price": "“Price” must be an amount of money."}
    with pytest.raises(Invalid) as refused:
        ann.performs("close", case)
    assert refused.value.code == "required"
    with pytest.raises(Invalid) as refused:
        ann.performs("details", case, is_admin="true")
    assert "is_admin" in refused.value.problems
    assert case.version == before


def test_an_action_of_another_state_is_refused(olga: Character, ann: Character) -> None:
    """Attack 59."""
    case = olga.writes("Broken screen")
    ann.performs("reply", case, text="Which one?")
    with pytest.raises(NotPossible) as refused:
        ann.performs("forward", case, text="Look")
    assert refused.value.code == "not_now"
    assert case.state == "waiting"


def test_only_the_assigned_engineer_finishes(
    app, olga: Character, ann: Character, kadri: Character, edgar: Character
) -> None:
    """W31."""
    from tests.cast import hire

    other = hire(app, "emma@acme.example", "Emma", groups=["workshop"])
    case = olga.writes("Broken screen")
    ann.performs("quote", case, price="10")
    kadri.performs("receive_payment", case, amount="10", method="cash")
    edgar.performs("take", case)
    with pytest.raises(NotPossible) as refused:
        other.performs("finish", case)
    assert refused.value.code == "assigned"
    edgar.performs("finish", case)
    assert case.state == "done"


def test_a_stale_page_is_told_what_happened_meanwhile(olga: Character, ann: Character) -> None:
    """Attack 95, WS18."""
    case = olga.writes("Broken screen")
    seen = case.version
    olga.writes("Re: Broken screen", "It got worse.", about=case)
    with pytest.raises(Stale) as refused:
        ann.performs("reply", case, text="Which floor?", seen=seen)
    assert any("Olga" in sentence for sentence in refused.value.changes)
    assert "reply" not in case.story


def test_a_form_sent_twice_pays_once(olga: Character, ann: Character, kadri: Character) -> None:
    """Attack 96."""
    case = olga.writes("Broken screen")
    ann.performs("quote", case, price="10")
    first = kadri.performs("receive_payment", case, amount="10", method="cash", nonce="form-1")
    second = kadri.performs("receive_payment", case, amount="10", method="cash", nonce="form-1")
    assert second.repeated
    assert second.event_id == first.event_id
    assert len(case.payments) == 1


def test_a_stranger_sees_and_does_nothing(olga: Character, mallory: Character, ann: Character) -> None:
    case = olga.writes("Broken screen")
    assert not mallory.sees(case)
    for action in ("reply", "comment", "customer_reply", "close", "acknowledge"):
        with pytest.raises(NotFound):
            mallory.performs(action, case, text="Let me in.")
    assert case.story == ["opened", "acknowledge"]


def test_nobody_runs_an_automatic_action(olga: Character, ann: Character, boris: Character) -> None:
    case = olga.writes("Broken screen")
    for somebody in (ann, boris, olga):
        with pytest.raises(NotFound):
            somebody.performs("close_silent", case)


def test_a_deleted_ticket_is_only_put_away(olga: Character, ann: Character, boris: Character) -> None:
    """No row goes; the customer no longer sees it, and the head can bring it back."""
    case = olga.writes("Buy my watches")
    outcome = ann.performs("spam", case)
    assert not outcome.in_sight
    assert case.state == "trash"
    assert not ann.sees(case)
    assert not olga.sees(case)
    assert boris.sees(case)
    boris.performs("reopen", case)
    assert case.state == "new"
    assert olga.sees(case)


def test_a_note_stays_in_the_house(olga: Character, ann: Character) -> None:
    """Attack 40."""
    case = olga.writes("Broken screen")
    ann.performs("comment", case, text="A difficult customer.")
    assert [message.audience for message in case.messages] == ["public", "internal"]
    assert case.mails, "the receipt"
    assert all("difficult" not in str(mail.frozen) for mail in case.mails)


def test_least_busy_gets_the_work(app, olga: Character, ann: Character, edgar: Character) -> None:
    """O4, W2."""
    from tests.cast import hire

    hire(app, "emma@acme.example", "Emma", groups=["workshop"])
    first, second, third = (olga.writes(f"Screen {number}") for number in range(3))
    ann.performs("forward", first, text="Please look.")
    ann.performs("forward", second, text="Please look.")
    assert {first.assignee, second.assignee} == {"edgar@acme.example", "emma@acme.example"}
    ann.performs("forward", third, text="Please look.")
    assert third.assignee == "edgar@acme.example"
