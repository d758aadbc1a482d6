"""Reports about mail of ours: believed by our own marks only (attack 36), and what follows for the address."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk import clock
from helpdesk.db import session, writing
from helpdesk.delivery import reports as read
from helpdesk.people import find, one_time, reach
from helpdesk.tickets.models import Unread
from tests.cast import Case, Character
from tests.mail import reports
from tests.plugins.post import Post, letter
from tests.servers.mail_sink import Received

OLGA = "olga@example.org"


OF_TWO = """Action: failed
Status: 5.1.1
Final-Recipient: rfc822;peter@example.org

Action: delayed
Status: 4.0.0
Final-Recipient: rfc822; OLGA@example.org
"""


@pytest.fixture
def case(post: Post, ann: Character) -> Case:
    """A ticket of Olga's, to whom Ann has written."""
    case = post.case(letter(OLGA))
    ann.performs("reply", case, text="Which floor?")
    post.turn()
    return case


def ours(post: Post) -> Received:
    return post.to(OLGA)[-1]


def lost(app: Flask, address: str = OLGA) -> reach.Lost | None:
    with app.app_context():
        return reach.lost(find.by_email(address), address)


@pytest.mark.parametrize("program", reports.NOBODY_THERE)
def test_an_address_that_nobody_has_is_marked(app: Flask, post: Post, case: Case, program: str) -> None:
    row = post.arrives(reports.NOBODY_THERE[program](ours(post)))
    assert (row.status, row.robot, row.ticket_id) == ("filed", "bounce", case.id)
    assert case.mails[-1].status == "failed"
    assert "came back" in case.mails[-1].error
    known = lost(app)
    assert known is not None
    assert known.bounced_at is not None
    assert known.reason in case.mails[-1].error
    assert case.state == "waiting", "a robot opens nothing again"
    with app.app_context():
        assert session().scalars(select(Unread.ticket_id)).first() == case.id


@pytest.mark.parametrize("program", reports.NOT_YET)
def test_a_delay_is_only_noted(app: Flask, post: Post, case: Case, program: str) -> None:
    row = post.arrives(reports.NOT_YET[program](ours(post)))
    assert (row.status, row.robot) == ("filed", "delay")
    assert case.mails[-1].status == "sent"
    assert lost(app) is None
    assert case.events[-1].kind == "reported"


@pytest.mark.parametrize("why", reports.THIS_TIME)
def test_what_failed_this_time_marks_no_address(app: Flask, post: Post, case: Case, why: str) -> None:
    post.arrives(reports.THIS_TIME[why](ours(post)))
    assert case.mails[-1].status == "failed"
    assert lost(app) is None


def test_a_report_without_our_marks_is_nothing(app: Flask, post: Post, case: Case) -> None:
    """Attack 36: whoever knows the address, the subject and the form of our Message-IDs."""
    genuine = reports.standard(ours(post), status="5.1.1", said="550 5.1.1 User unknown")
    name = str(ours(post).message["Message-ID"])
    for forged in (name.replace(".p", ".p9", 1), "<x@desk.example>", ""):
        row = post.arrives(genuine.replace(name.encode(), forged.encode()))
        assert (row.status, row.ticket_id) == ("ignored", None)
    assert lost(app) is None
    assert {mail.status for mail in case.mails} == {"sent"}


def test_whoever_was_written_to_can_only_speak_for_themselves(app: Flask, post: Post, case: Case) -> None:
    """Attack 36: the marks of one's own mail are genuine, the address in the report is another's."""
    post.arrives(letter("peter@example.org", "Mine"))
    theirs = post.to("peter@example.org")[-1]
    post.arrives(reports.standard(theirs, status="5.1.1", said="550 5.1.1 User unknown", to=OLGA))
    assert lost(app) is None
    assert {mail.status for mail in case.mails} == {"sent"}


def test_of_mail_in_a_thread_the_one_that_came_back_is_named(post: Post, ann: Character, case: Case) -> None:
    """Its References name our earlier mails, and stand before its own name in what comes back."""
    ann.performs("reply", case, text="Are you there?")
    post.turn()
    post.arrives(reports.standard(ours(post), status="5.1.1", said="550 5.1.1 User unknown"))
    assert [mail.status for mail in case.mails] == ["sent", "sent", "failed"]


def test_the_desk_writes_nothing_there_by_itself_and_a_person_may(
    app: Flask, post: Post, ann: Character, case: Case
) -> None:
    post.arrives(reports.gmail(ours(post)))
    before = len(post.to(OLGA))
    ann.performs("quote", case, price="10")  # entering that state mails the customer
    post.turn()
    assert len(post.to(OLGA)) == before
    refused = [event for event in case.events if event.kind == "refused"]
    assert "came back" in refused[-1].data["why"]
    other = post.case(letter("peter@example.org", "A neighbour"))
    assert len(other.mails) == 1
    ann.performs("reply", other, text="Hello")
    again = post.case(letter(OLGA, "I am back", subject=f"[{case.ref}]"))
    assert again.id == case.id


def test_a_mail_from_there_is_a_sign_of_life(app: Flask, post: Post, case: Case) -> None:
    post.arrives(reports.gmail(ours(post)))
    post.arrives(letter(OLGA, "I am away", Auto_Submitted="auto-replied"))
    assert lost(app) is not None, "a robot proves nothing"
    post.arrives(letter("mallory@evil.example", "I am Olga"))
    assert lost(app) is not None
    post.case(letter(OLGA, "My mailbox works again."))
    assert lost(app) is None
    assert len(post.to(OLGA)) == 3, "and is answered as ever"


def test_a_link_that_was_mailed_there_and_followed_is_one_too(app: Flask, post: Post, case: Case) -> None:
    post.arrives(reports.gmail(ours(post)))
    with app.app_context(), writing():
        person = find.by_email(OLGA)
        assert person is not None
        token = one_time.make(person, "sign_in", address=OLGA)
        one_time.use(token, "sign_in")
    assert lost(app) is None


def test_a_server_that_takes_no_mail_for_nobody_is_believed_at_once(
    app: Flask, post: Post, ann: Character, case: Case
) -> None:
    """And one that refuses us for another reason is not."""
    post.sink.answers("RCPT", OLGA, "554 5.7.1 Relay access denied", times=1)
    ann.performs("reply", case, text="Hello?")
    post.turn()
    assert lost(app) is None
    post.sink.answers("RCPT", OLGA, "550 5.1.1 No such user", times=1)
    ann.performs("reply", case, text="Hello?")
    post.turn()
    assert lost(app) is not None


def test_a_complaint_is_shown_and_ends_what_the_desk_sends_by_itself(
    app: Flask, post: Post, ann: Character, case: Case
) -> None:
    """RFC 5965."""
    row = post.arrives(reports.complaint(ours(post)))
    assert (row.status, row.robot, row.ticket_id) == ("filed", "complaint", case.id)
    known = lost(app)
    assert known is not None
    assert (known.bounced_at, known.complained_at is not None) == (None, True)
    assert case.events[-1].kind == "reported"
    before = len(post.to(OLGA))
    ann.performs("quote", case, price="10")
    post.turn()
    assert len(post.to(OLGA)) == before
    told = len(case.events)
    post.arrives(reports.complaint(ours(post)).replace(b"Complaint", b"Again"))
    assert len(case.events) == told


@pytest.mark.parametrize("kind", ["auth-failure", "not-spam", "dmarc"])
def test_a_report_about_signatures_or_praise_is_no_complaint(app: Flask, post: Post, case: Case, kind: str) -> None:
    post.arrives(reports.complaint(ours(post), kind=kind))
    assert lost(app) is None


def test_a_report_about_a_mail_to_sign_in_marks_its_address_too(app: Flask, post: Post, case: Case) -> None:
    """It is about no ticket."""
    from helpdesk.web import letters

    with app.test_request_context():
        letters.ask("sign_in", OLGA)
    post.turn()
    row = post.arrives(reports.gmail(ours(post)))
    assert (row.status, row.ticket_id) == ("filed", None)
    assert lost(app) is not None


def test_the_first_day_it_came_back_is_kept(app: Flask, post: Post, ann: Character, case: Case) -> None:
    with clock.frozen(clock.now()):
        post.arrives(reports.gmail(ours(post)))
        since = lost(app)
        clock.travel(timedelta(days=2))
        ann.performs("reply", case, text="Hello?")
        post.turn()
        post.arrives(reports.exchange(ours(post)))
        assert lost(app) == since


@pytest.mark.parametrize(
    ("said", "kind", "for_good"),
    [
        ("Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 unknown", "failed", True),
        ("Action: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 Unknown user olga", "failed", True),
        ("Action: failed\nStatus: 5.7.1", "failed", False),
        ("Action: failed\nStatus: 5.2.2", "failed", False),
        ("Action: delayed\nStatus: 4.4.1", "delayed", False),
        ("Action: relayed\nStatus: 2.1.9", "arrived", False),
        ("Action: delivered\nStatus: 2.0.0", "arrived", False),
        (OF_TWO, "delayed", False),
        ("Sorry, no mailbox here by that name. (#5.1.1)", "failed", True),
        ("Votre message n'a pas été remis : cette adresse n'existe pas", "failed", True),
        ("Something happened.", "failed", False),
        ("", "failed", False),
        ("x" * 10**6, "failed", False),
    ],
)
def test_what_a_report_says(said: str, kind: str, for_good: bool) -> None:
    found = read.read(said, OLGA)
    assert (found.kind, found.for_good) == (kind, for_good)


def test_the_day_it_came_back_is_a_day_of_the_companys(app: Flask, post: Post, ann: Character, case: Case) -> None:
    """At 23:30 in UTC it is the next day in Tallinn already."""
    with app.app_context(), writing():
        known = next(each for each in find.by_email(OLGA).addresses if each.value == OLGA)  # type: ignore[union-attr]
        known.bounced_at = datetime(2026, 3, 4, 23, 30, tzinfo=UTC)
    ann.performs("quote", case, price="10")
    (refused,) = [event for event in case.events if event.kind == "refused"]
    assert "came back on 05.03.2026" in refused.data["why"]
