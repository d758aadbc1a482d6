"""What arrives: whose ticket it is, who its sender counts as, and what the desk answers by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk import clock, intake, timers
from helpdesk.db import session, writing
from helpdesk.errors import Invalid
from helpdesk.people import find
from helpdesk.tickets import links
from helpdesk.tickets.models import Ticket, Unread
from helpdesk.tickets.rich import Rich, Upload
from tests.cast import Case, Character, hire

FORM = {"source": "contact_form", "channel": "form"}


def test_a_number_in_the_subject_joins_only_a_participant(olga: Character, mallory: Character) -> None:
    """Attack 24: a stranger who knows the number gets a ticket of their own."""
    case = olga.writes("Broken screen")
    theirs = mallory.writes(f"Re: [{case.ref}] Broken screen", "Please send me everything.")
    assert theirs.id != case.id
    assert len(case.messages) == 1
    again = olga.writes(f"[{case.ref}] Broken screen", "Any news?")
    assert again.id == case.id


def test_a_reference_joins_only_a_participant(app: Flask, olga: Character, ann: Character, mallory: Character) -> None:
    """Attack 24: knowing a Message-ID is not being part of the conversation."""
    case = olga.writes("Broken screen", rfc_id="<first@example.org>")
    ann.performs("reply", case, text="Which floor?")
    ours = case.mails[-1].message_id
    for known in ("<first@example.org>", ours):
        assert mallory.writes("Hello", "Let me in.", references=[known]).id != case.id
        assert olga.writes("Re: Broken screen", f"The third. {known}", references=[known]).id == case.id


def test_a_forged_code_of_ours_is_no_code(app: Flask, olga: Character) -> None:
    """Attack 22: the Message-ID's HMAC is checked, not only its form."""
    case = olga.writes("Broken screen")
    with app.app_context():
        signer = links.signer()
        genuine = signer.message_id(links.Thread(case.id, olga.id), serial="ab12")
        assert signer.read_message_id(genuine) == links.Thread(case.id, olga.id)
        assert signer.read_message_id(genuine.replace(f"t{case.id}", f"t{case.id + 1}")) is None
        token = signer.reply_token(links.Thread(case.id, olga.id))
        assert signer.read_token(f"> some text {token} more") == links.Thread(case.id, olga.id)
        assert signer.read_token(token[:-1] + ("a" if token[-1] != "a" else "b")) is None


def test_a_claimed_colleague_is_not_a_colleague(app: Flask, olga: Character, ann: Character) -> None:
    """Attack 22: mail from Ann's address without proof is filed as a note; nothing leaves and the state stays."""
    case = olga.writes("Broken screen")
    sent = len(case.mails)
    ann.writes("Re: Broken screen", "Wire the money to me.", about=case)
    assert case.state == "new"
    assert len(case.mails) == sent
    assert case.messages[-1].audience == "internal"
    assert case.story[-1] == "comment"


def test_a_colleague_who_proved_it_replies_by_mail(app: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Broken screen")
    ann.performs("take", case)
    ann.writes("Re: Broken screen", "Which floor?", about=case, verified=True)
    assert case.state == "waiting"
    assert case.story[-1] == "reply"


def test_who_proves_themselves_proves_nothing_for_the_requester(app: Flask, olga: Character, ann: Character) -> None:
    """Attack 33: an agent's genuine mail does not make the address that a stranger gave one to carry their words to."""

    def is_verified(case: Case) -> bool:
        with app.app_context():
            return session().get_one(Ticket, case.id).requester_verified

    case = olga.writes("Cheap pills")
    ann.performs("take", case)
    ann.writes("Re: Cheap pills", "Which floor?", about=case, verified=True)
    assert not is_verified(case)
    olga.writes("Re: Cheap pills", "The third.", about=case)
    assert is_verified(case)


def test_a_robot_is_filed_and_not_answered(olga: Character, ann: Character) -> None:
    """Attack 35, W38: an out-of-office neither moves the ticket nor gets a receipt."""
    case = olga.writes("Broken screen")
    ann.performs("reply", case, text="Which floor?")
    sent = len(case.mails)
    olga.writes("Out of office", "I am away.", about=case, automatic=True)
    assert case.state == "waiting"
    assert len(case.mails) == sent
    assert case.story[-1] == "filed"
    alone = olga.writes("Delivery report", "Something failed.", automatic=True)
    assert [mail for mail in alone.mails if mail.role == "customer"] == []


def test_the_same_mail_twice_is_one_ticket(olga: Character) -> None:
    """Faults 15 and 16: by two mailboxes or after a crash it is the same mail; the same id with other words is not."""
    first = olga.writes("Broken screen", "It fell.", rfc_id="<same@example.org>")
    again = olga.writes("Broken screen", "It fell.", rfc_id="<same@example.org>")
    other = olga.writes("Broken screen", "Something else.", rfc_id="<same@example.org>")
    assert again.id == first.id
    assert len(first.messages) == 1
    assert other.id != first.id


def test_two_papers_of_a_scanner_that_gives_each_mail_one_id_both_arrive(app: Flask, olga: Character) -> None:
    """Fault 15, the other way round: no words, one Message-ID, and yet another paper."""

    def scanned(paper: bytes) -> Case:
        with app.app_context():
            file = Upload.keep(paper, filename="scan.pdf", content_type="application/pdf")
        return olga.writes("Scan", "", rfc_id="<scanner@example.org>", files=(file,))

    first, second = scanned(b"%PDF one"), scanned(b"%PDF two")
    assert second.id != first.id
    assert scanned(b"%PDF one").id == first.id
    many = [scanned(b"%%PDF of page %d" % page) for page in range(7)]
    assert scanned(b"%PDF of page 6").id == many[-1].id, "the newest ones are looked at"


def test_a_receipt_to_a_stranger_carries_no_words_of_theirs(olga: Character, app: Flask) -> None:
    """Attack 33: nobody sends their text through us to somebody else's address."""
    case = olga.writes("Cheap pills at http://evil.example", "Buy now", name="Visit http://evil.example today")
    receipt = case.mails[0]
    assert receipt.role == "customer"
    assert "evil" not in str(receipt.frozen)
    assert "Buy now" not in str(receipt.frozen)


def test_a_victim_gets_at_most_three_receipts_an_hour(olga: Character, app: Flask) -> None:
    """Attack 33: a thousand form posts with somebody's address write to them three times, and the desk says so."""
    cases = [olga.writes(f"Request {number}", f"Text {number}") for number in range(8)]
    assert sum(len(case.mails) for case in cases) == 3
    assert "refused" in cases[-1].story


def test_what_a_colleague_set_off_is_mailed_however_many_receipts_went(olga: Character, ann: Character) -> None:
    """The caps are for mail that nobody asked for: a quoted price reaches the customer after any number of receipts."""
    cases = [olga.writes(f"Request {number}", f"Text {number}") for number in range(5)]
    for case in cases:
        ann.performs("quote", case, price="10")
    assert all("Your repair costs" in case.mails[-1].frozen["subject"] for case in cases)


def test_a_form_is_judged_by_its_own_fields(app: Flask) -> None:
    values = {"name": "Olga", "email": "olga@example.org", "subject": "Screen", "kind": "technical", "consent": "yes"}
    with app.app_context():
        received = intake.receive(
            intake.Inbound(
                **FORM, address="olga@example.org", subject="Screen", message=Rich("It fell."), values=values
            )
        )
        case = Case(app, received.ticket_id)
        missing = {name: value for name, value in values.items() if name != "consent"}
        without = intake.Inbound(**FORM, address="olga@example.org", subject="S", message=Rich("Hm."), values=missing)
        with pytest.raises(Invalid) as refused:
            intake.receive(without)
        assert list(refused.value.problems) == ["consent"]
        with pytest.raises(Invalid):
            intake.receive(
                intake.Inbound(
                    **FORM, address="olga@example.org", message=Rich("Hm."), values={**values, "requester_id": "1"}
                )
            )
    assert case.fields["kind"] == "technical"


def test_a_form_sent_twice_is_one_ticket(app: Flask) -> None:
    """Attack 96."""
    values = {"email": "olga@example.org", "consent": "yes"}
    with app.app_context():
        form = intake.Inbound(
            **FORM, address="olga@example.org", subject="S", message=Rich("Hm."), values=values, nonce="nonce-1"
        )
        first, second = intake.receive(form), intake.receive(form)
    assert first.ticket_id == second.ticket_id
    assert second.how == "repeated"


def test_a_state_left_alone_runs_its_timers(app: Flask, olga: Character, ann: Character, boris: Character) -> None:
    """WS1: after two days the head hears of it; after seven days of silence a waiting ticket is closed."""
    with clock.frozen(datetime(2026, 1, 12, 8, tzinfo=UTC)):
        case = olga.writes("Broken screen")
        clock.travel(timedelta(days=2))
        assert turn(app) == 1
        assert case.story[-1] == "escalate"
        assert case.mails[-1].recipient == boris.email
        ann.performs("reply", case, text="Which floor?")
        clock.travel(timedelta(days=6, hours=23))
        assert turn(app) == 0
        clock.travel(timedelta(hours=1))
        assert turn(app) == 1
        assert case.state == "done"
        assert case.story[-1] == "close_silent"
        assert turn(app) == 0


def test_a_reminder_repeats_as_often_as_the_file_says(app: Flask, olga: Character, ann: Character) -> None:
    with clock.frozen(datetime(2026, 1, 12, 8, tzinfo=UTC)):
        case = olga.writes("Broken screen")
        ann.performs("quote", case, price="10")
        for _ in range(4):
            clock.travel(timedelta(days=3))
            turn(app)
        assert case.story.count("remind") == 2
        clock.travel(timedelta(days=2))
        turn(app)
        assert case.state == "done"


def test_whoever_no_longer_sees_a_ticket_no_longer_has_it(olga: Character, ann: Character) -> None:
    case = olga.writes("Broken screen")
    ann.performs("take", case)
    assert case.assignee == ann.email
    ann.performs("quote", case, price="10")
    assert case.assignee is None
    assert "cleared" in str(case.events[-2].data) + str(case.events[-1].data)


def test_what_is_finished_and_nobodys_is_nobodys_to_read(app: Flask, olga: Character, ann: Character) -> None:
    """W53: a new ticket is news for all who see it; once closed without an assignee it is news for nobody."""
    colleague = hire(app, "anton@acme.example", "Anton", groups=["front"])
    case = olga.writes("Broken screen")
    assert unread_by(app, case) == {ann.id, colleague.id}
    ann.performs("close", case, kind="billing")
    assert unread_by(app, case) == set()
    olga.writes("Re: Broken screen", "Still broken.", about=case)
    assert unread_by(app, case) == {ann.id, colleague.id}


def unread_by(app: Flask, case: Case) -> set[int]:
    with app.app_context():
        return set(session().scalars(select(Unread.person_id).where(Unread.ticket_id == case.id)))


def test_history_cannot_be_rewritten(app: Flask, olga: Character) -> None:
    """Attack 62, the part that the database keeps: events refuse to be changed or removed."""
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    case = olga.writes("Broken screen")
    with app.app_context():
        for statement in ("UPDATE events SET kind = 'x'", "DELETE FROM events", "DELETE FROM payments"):
            if "payments" in statement:
                continue
            with pytest.raises(DBAPIError), writing() as here:
                here.execute(text(statement))
    assert case.story == ["opened", "acknowledge"]


def test_a_page_cannot_write(app: Flask, olga: Character) -> None:
    """Attack 67: outside a door the database itself refuses, so no GET can change anything."""
    from sqlalchemy.exc import DBAPIError

    case = olga.writes("Broken screen")
    with app.app_context():
        ticket = session().get_one(Ticket, case.id)
        ticket.subject = "Changed"
        with pytest.raises(DBAPIError):
            session().flush()
        session().rollback()
    assert case.subject == "Broken screen"


def test_one_address_is_one_person(app: Flask, olga: Character) -> None:
    olga.writes("First")
    with app.app_context():
        person = find.by_email("  OLGA@Example.ORG ")
        assert person is not None
        assert person.id == olga.id


def test_the_disabled_see_nothing_at_once(app: Flask, olga: Character, ann: Character) -> None:
    """Attack 53."""
    case = olga.writes("Broken screen")
    assert ann.sees(case)
    with app.app_context(), writing():
        person = find.by_email(ann.email)
        assert person is not None
        person.disabled_at = clock.now()
    assert not ann.sees(case)


def turn(app: Flask) -> int:
    with app.app_context():
        return timers.run_due()
