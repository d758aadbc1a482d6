"""Attacks by mail (SECURITY.md, section B): each of these fails when its guard is taken out."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk import alarms
from helpdesk.channels.email import store
from helpdesk.channels.email.door import Door
from helpdesk.channels.email.models import InboundMail
from helpdesk.db import session, writing
from helpdesk.delivery import compose
from helpdesk.people import find
from helpdesk.people.models import Person
from helpdesk.tickets import outbox
from helpdesk.tickets.identity import Identity
from helpdesk.tickets.models import Delivery, Follower, Ticket
from helpdesk.tickets.outbox import Recipient
from tests.cast import Case, Character
from tests.plugins.post import SUPPORT, Post, letter
from tests.servers.process import PATIENCE, free_port

OLGA, EVIL = "olga@example.org", "mallory@evil.example"


def tickets(app: Flask) -> int:
    with app.app_context():
        return session().scalar(select(func.count()).select_from(Ticket)) or 0


def to_ann(app: Flask, post: Post, ann: Character) -> tuple[Case, EmailMessage]:
    """A ticket of Ann's, and a mail of the desk to her about it, whose reply would be a colleague's word."""
    case = post.case(letter(OLGA))
    ann.performs("take", case)
    with app.app_context(), writing() as here:
        person = here.get_one(Person, ann.id)
        ticket = here.get_one(Ticket, case.id)
        outbox.post(
            Recipient(ann.email, person, "assignee"), subject="It waits", body="Please", names={}, ticket=ticket
        )
    post.turn()
    return case, post.to(ann.email)[-1].message


def test_a_forged_agent_does_not_speak_for_the_desk(app: Flask, post: Post, ann: Character) -> None:
    """Attack 22: From says Ann, the code is invented, or real but unproven: nothing leaves, no customer sees it."""
    case, notice = to_ann(app, post, ann)
    before = len(post.to(OLGA))
    invented = letter(
        ann.email, "Pay to this account.", message_id="<a@x>", In_Reply_To="<t1.p1.d1.aaaaaaaaaaaaaaaaaaaaaaaaaa@desk>"
    )
    stolen = letter(ann.email, "Pay to this account!", answers=notice)
    for forged in (invented, stolen):
        post.arrives(forged)
    assert len(post.to(OLGA)) == before
    said = [message for message in case.messages if "account" in message.text]
    assert [message.audience for message in said] == ["internal"]
    assert said[0].author_kind == "other"


def test_an_agent_proven_by_our_own_mail_server_answers_by_mail(app: Flask, post: Post, ann: Character) -> None:
    """The other side of attack 22: signed code and aligned DMARC together are enough."""
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], authserv_id="mx.acme.example")
    case, notice = to_ann(app, post, ann)
    passed = "mx.acme.example; dmarc=pass header.from=acme.example"
    post.arrives(letter(ann.email, "Which floor?", answers=notice, Authentication_Results=passed))
    assert case.state == "waiting"
    assert "Which floor?" in post.to(OLGA)[-1].raw.decode()


@pytest.mark.parametrize(
    "header",
    [
        "mx.acme.example.evil.example; dmarc=pass header.from=acme.example",
        "evil.example; x=mx.acme.example; dmarc=pass header.from=acme.example",
        "mx.acme.example; dmarc=pass header.from=evil.example",
        "mx.acme.example; dmarc=fail header.from=acme.example",
    ],
)
def test_a_forged_verdict_is_not_believed(app: Flask, post: Post, ann: Character, header: str) -> None:
    """Attack 28, at the place where it would give power."""
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], authserv_id="mx.acme.example")
    case, notice = to_ann(app, post, ann)
    post.arrives(letter(ann.email, "Which floor?", answers=notice, Authentication_Results=header))
    assert case.state == "new"


def test_who_is_in_cc_gets_nothing_and_learns_nothing(app: Flask, post: Post, ann: Character) -> None:
    """Attack 23: a forged mail of the customer with the attacker in Cc."""
    case = post.case(letter(OLGA, "My canary-7431"))
    again = letter(OLGA, "Please send it all", subject=f"[{case.ref}]", Cc=EVIL)
    post.arrives(again)
    ann.performs("reply", case, text="Here is the canary-7431")
    post.turn()
    assert post.to(EVIL) == []
    with app.app_context():
        assert find.by_email(EVIL) is None
        assert session().scalar(select(func.count()).select_from(Follower)) == 0


def test_a_number_or_a_reference_is_no_key(app: Flask, post: Post, ann: Character) -> None:
    """Attack 24: the subject names the ticket, References name a mail of it; the sender is a stranger."""
    case = post.case(letter(OLGA, message_id="<secret-thread@example.org>"))
    for hint in (
        letter(EVIL, subject=f"Re: [{case.ref}] it"),
        letter(EVIL, "x", References="<secret-thread@example.org>"),
    ):
        assert post.case(hint).id != case.id
    assert len(case.messages) == 1
    # whoever was handed the customer's mail, code and all, is heard as a note and told nothing
    told = len(post.to(EVIL))
    assert post.case(letter(EVIL, "I have their mail", answers=post.to(OLGA)[0].message)).id == case.id
    assert (case.messages[-1].author_kind, case.messages[-1].audience) == ("other", "internal")
    ann.performs("reply", case, text="Which floor?")
    post.turn()
    assert len(post.to(EVIL)) == told


@pytest.mark.parametrize("sign", ["\u017f", "\u212a", "\u0130"])
def test_a_code_of_signs_that_only_pass_for_letters_is_none(post: Post, sign: str) -> None:
    """Attack 24: a long s, the sign of Kelvin and a dotted I are letters of ours to whoever does not mind capitals."""
    code = f"ref:t1p1-{sign * 26}"
    named = letter(OLGA, "x", In_Reply_To=f"<t1.p1.d1.{sign * 26}@desk.example>")
    tagged = letter(OLGA, "x", to=SUPPORT.replace("@", f"+{code.removeprefix('ref:')}@"))
    assert len({post.case(each).id for each in (letter(OLGA, code), named, tagged)}) == 3


FROM_LINES = [
    b"From: alice@corp.example)<bob@evil.example>\r\n",
    b"From: alice@corp.example, bob@evil.example\r\n",
    b"From: alice@corp.example <bob@evil.example>\r\n",
    b"From: <alice@corp.example> <bob@evil.example>\r\n",
    b"From: alice@corp.example\r\nFrom: bob@evil.example\r\n",
    b"From: \r\n",
    b"From: alice\r\n",
    b"From: @\r\n",
    b"From: alice@\r\n",
    b"From: a group: alice@corp.example, bob@evil.example;\r\n",
    b"From: =?utf-8?q?alice=40corp.example=0D=0ABcc=3A_x?=\r\n",
    b"Sender: alice@corp.example\r\n",
    b"",
]


@pytest.mark.parametrize("line", FROM_LINES)
def test_an_unclear_sender_is_nobody(app: Flask, post: Post, line: bytes) -> None:
    """Attack 27: one clear address, or a person looks at it."""
    row = post.arrives(line + b"To: support@acme.example\r\nSubject: hi\r\n\r\nhello\r\n")
    assert (row.status, row.ticket_id) == ("quarantined", None)
    assert tickets(app) == 0
    assert post.sink.received == []
    with app.app_context():
        assert [alarm.subject for alarm in alarms.standing()] == ["mail:quarantine"]


@pytest.fixture
def door(app: Flask) -> Iterator[int]:
    port = free_port()
    door = Door(app, f"127.0.0.1:{port}")
    door.open()
    yield port
    door.close()


@pytest.mark.parametrize("end", [b"\n.\r\n", b"\r.\r", b"\n.\n", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r"])
def test_one_message_is_never_read_as_two(app: Flask, door: int, end: bytes) -> None:
    """Attack 29, SMTP smuggling: what hides behind a false end is no mail of its own; where the end is plain to see,
    all is refused.
    """
    envelope = b"MAIL FROM:<boss@acme.example>\r\nRCPT TO:<support@acme.example>\r\nDATA\r\n"
    hidden = envelope + b"From: boss@acme.example\r\n\r\nPay!\r\n.\r\n"
    with socket.create_connection(("127.0.0.1", door), timeout=PATIENCE) as line:
        reader = line.makefile("rb")
        for said in (
            b"",
            b"HELO x\r\n",
            b"MAIL FROM:<a@evil.example>\r\n",
            b"RCPT TO:<support@acme.example>\r\n",
            b"DATA\r\n",
        ):
            line.sendall(said)
            reader.readline()
        line.sendall(b"From: a@evil.example\r\nSubject: one\r\n\r\nhello" + end + hidden + b"QUIT\r\n")
        answers = reader.read().splitlines()
        reader.close()
    undone = end.startswith(b"\r\n.")  # our server took the dot for a doubled one, as the sender's should have
    assert [answer[:3] for answer in answers] == [b"250" if undone else b"550", b"221"]
    with app.app_context():
        assert list(session().scalars(select(InboundMail.envelope_from))) == ["a@evil.example"] * undone


def test_bare_line_feeds_alone_are_taken_as_they_are(app: Flask, door: int, post: Post) -> None:
    with smtplib.SMTP("127.0.0.1", door) as program:
        program.sendmail(OLGA, [SUPPORT], b"From: olga@example.org\nSubject: from a script\n\nhello\n.dot\n")
    post.turn()
    assert tickets(app) == 1


INJECTIONS = [
    "hello\r\nBcc: victim@example.net",
    "hello\nBcc: victim@example.net",
    "=?utf-8?q?hi=0D=0ABcc:_victim@example.net?=",
    "=?utf-8?b?aGkNCkJjYzogdmljdGltQGV4YW1wbGUubmV0?= " + "long " * 40,
    "\u2028Bcc: victim@example.net",
    "hello\r\n\r\nbody of the attacker",
    "x" * 900 + " =?utf-8?q?=0ABcc:_victim@example.net?=",
]


def test_no_mail_of_ours_offers_to_be_unsubscribed_from(app: Flask, post: Post, ann: Character) -> None:
    """Attack 37: the desk sends no lists, so nothing could be unsubscribed by a scanner or for somebody else; the gate
    lets no such header out.
    """
    case = post.case(letter(OLGA))
    ann.performs("reply", case, text="Which floor?")
    post.turn()
    heads = [each.raw.partition(b"\r\n\r\n")[0].lower() for each in post.sink.received]
    assert len(heads) == 2
    assert not any(b"\r\nlist-" in head for head in heads)
    raw = post.sink.received[-1].raw
    with pytest.raises(compose.Unsafe):
        compose.check(b"List-Unsubscribe: <https://desk.example/off/1>\r\n" + raw)


@pytest.mark.parametrize("subject", INJECTIONS)
def test_a_subject_is_never_a_second_header(app: Flask, post: Post, subject: str) -> None:
    """Attack 31: through a template, a name and a reference, folded and encoded; also on Python 3.11.7."""
    with app.app_context(), writing():
        person = find.or_create(OLGA, name=subject.replace("\r", " ").replace("\n", " "))
        outbox.post(
            Recipient(OLGA, person, "customer"),
            subject="{{ s }}",
            body="{{ s }}",
            names={"s": subject},
            sender=Identity(SUPPORT),
        )
    post.turn()
    assert len(post.sink.received) == 1, "it leaves, and does no harm"
    (sent,) = post.sink.received
    assert sent.recipients == (OLGA,)
    head = sent.raw.split(b"\r\n\r\n")[0].decode()
    assert {line.split(":")[0].lower() for line in head.split("\r\n") if line[:1] not in " \t"} <= compose.ONCE
    assert sent.message["Bcc"] is None


def test_a_mail_with_a_foreign_header_does_not_leave(app: Flask, post: Post) -> None:
    """Attack 31: the gate itself, for whatever way is found next."""
    for injected in (
        b"Bcc: v@example.net\r\n",
        b"Subject: twice\r\n",
        b"no colon\r\n",
        b"X: a\rBcc: v\r\n",
        b"X: a\nBcc: v\r\n",
    ):
        with pytest.raises(compose.Unsafe):
            compose.check(b"Subject: once\r\n" + injected + b"\r\nbody")
    with app.app_context():
        with writing():
            posted = outbox.post(Recipient(OLGA, None, "x"), subject="s", body="b", names={})
            honest = session().get_one(Delivery, posted)
        made = compose.letter(honest)
        compose.check(made.as_bytes())
        made.extra_headers = {**(made.extra_headers or {}), "Bcc": "v@example.net"}
        with pytest.raises(compose.Unsafe):
            made.as_bytes()
    post.turn()
    post.sink.forgets()
    with app.app_context(), writing():
        outbox.post(Recipient("a@b.example\r\nBcc: v@example.net", None, "x"), subject="s", body="b", names={})
    post.turn()
    assert post.sink.received == []
    with app.app_context():
        assert list(session().scalars(select(Delivery.status).order_by(Delivery.id))) == ["sent", "failed"]


def test_reply_to_steers_nothing_and_staff_is_told(post: Post) -> None:
    """Attack 32."""
    case = post.case(letter(OLGA, Reply_To=EVIL))
    assert post.to(EVIL) == []
    assert len(post.to(OLGA)) == 1
    assert any(EVIL in warning and OLGA in warning for warning in case.messages[0].warnings)


def test_our_receipt_carries_no_strangers_words(post: Post) -> None:
    """Attack 33: the victim's address in From, the advertisement in subject, name and text."""
    for number in range(6):
        advert = f"Buy-at-spam-{number}"
        post.case(letter(f"{advert} <victim@example.net>", f"{advert} now", subject=f"{advert} http://evil.example"))
    sent = post.to("victim@example.net")
    assert 1 <= len(sent) <= 3
    assert not any(b"spam" in each.raw or b"evil" in each.raw for each in sent)


ROBOTS = [
    {"Auto_Submitted": "auto-replied"},
    {"Auto_Submitted": "auto-generated"},
    {"Precedence": "bulk"},
    {"List_Id": "<list.example.org>"},
    {"X_Auto_Response_Suppress": "All"},
    {"Return_Path": "<>"},
    {"X_Autoreply": "yes"},
]


@pytest.mark.parametrize("headers", ROBOTS, ids=lambda headers: next(iter(headers)))
def test_no_robot_is_answered_by_ours(post: Post, ann: Character, headers: dict[str, str]) -> None:
    """Attack 35 (RFC 3834): filed, not answered, and it moves nothing."""
    case = post.case(letter(OLGA, **headers))
    assert case.messages[0].text
    assert post.sink.received == []
    ann.performs("reply", case, text="Which floor?")
    post.turn()
    ours = post.to(OLGA)[-1].message
    sent = len(post.sink.received)
    assert post.case(letter(OLGA, "I am away", answers=ours, **headers)).id == case.id
    assert case.state == "waiting"
    assert len(post.sink.received) == sent


def test_a_null_path_is_a_robot_too(post: Post) -> None:
    """Attack 35: the envelope says what the head does not."""
    post.case(letter(OLGA), envelope_from=store.NULL_PATH)
    assert post.sink.received == []


def test_our_own_mail_come_back_opens_nothing(app: Flask, post: Post, ann: Character) -> None:
    """Attack 35: by our mark, by our Message-ID, and from our own address."""
    case = post.case(letter(OLGA))
    ann.performs("reply", case, text="Which floor?")
    post.turn()
    ours = post.to(OLGA)[-1]
    without_mark = b"\r\n".join(line for line in ours.raw.split(b"\r\n") if not line.startswith(b"X-Helpdesk-Loop"))
    without_id = b"\r\n".join(
        line
        for line in ours.raw.replace(b"From: ", b"From: x@y.example\r\nX-Was: ", 1).split(b"\r\n")
        if not line.startswith(b"Message-ID")
    )
    for back in (ours.raw, without_mark, without_id, bytes(letter(SUPPORT, "hello me"))):
        assert post.arrives(back).status == "ignored"
    assert tickets(app) == 1


def test_two_robots_do_not_talk_for_ever(post: Post) -> None:
    """Attack 35: a robot without any sign answers each of our receipts; the caps end it."""
    answered = 0
    post.case(letter("robot@example.net", "ping 0"))
    while answered < len(post.to("robot@example.net")):
        answered += 1
        post.arrives(letter("robot@example.net", f"ping {answered}", subject=f"ticket {answered}"))
        assert answered < 10
    assert len(post.to("robot@example.net")) <= 2


def test_a_forged_bounce_harms_nobody(app: Flask, post: Post, ann: Character) -> None:
    """Attack 36: only a report that brings our signed Message-ID back counts."""
    case = post.case(letter(OLGA))
    ann.performs("reply", case, text="Which floor?")
    post.turn()
    ours = post.to(OLGA)[-1].message["Message-ID"].strip()
    forged = ours.replace(".p", ".p9", 1)
    assert post.arrives(bounce(forged)).status == "ignored"
    assert {mail.status for mail in case.mails} == {"sent"}
    assert post.arrives(bounce(ours)).ticket_id == case.id
    assert [mail.status for mail in case.mails] == ["sent", "failed"]
    assert "User unknown" in case.mails[1].error


def bounce(message_id: str) -> bytes:
    """A delivery report (RFC 3464) that returns the head of the mail."""
    return f"""From: MAILER-DAEMON@mx.example.org\r
To: {SUPPORT}\r
Subject: Undelivered Mail Returned to Sender\r
Auto-Submitted: auto-replied\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary=b\r
\r
--b\r
Content-Type: text/plain\r
\r
I am sorry. <{OLGA}>: 550 User unknown\r
--b\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.example.org\r
\r
Final-Recipient: rfc822; {OLGA}\r
Action: failed\r
Status: 5.1.1\r
Diagnostic-Code: smtp; 550 User unknown\r
\r
--b\r
Content-Type: text/rfc822-headers\r
\r
Message-ID: {message_id}\r
Subject: Re: Printer on fire\r
\r
--b--\r
""".encode()


def test_a_note_is_never_mailed_to_the_customer(app: Flask, post: Post, ann: Character, edgar: Character) -> None:
    """Attack 40: a canary in a note, then everything that writes to the customer."""
    case = post.case(letter(OLGA))
    ann.performs("comment", case, text="canary-note-9912")
    ann.performs("reply", case, text="Which floor?")
    post.case(letter(OLGA, "Third", answers=post.to(OLGA)[-1].message))
    ann.performs("forward", case, text="canary-forward-5520")
    post.turn()
    everything = b"".join(each.raw for each in post.to(OLGA))
    assert b"canary" not in everything


NESTED = b"From: olga@example.org\r\nTo: support@acme.example\r\nSubject: nested\r\n"
BOMBS = {
    "multiparts": NESTED
    + b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(1000)),
    "comments": b"From: " + b"(" * 500 + b"x" + b")" * 500 + b" olga@example.org\r\nSubject: x\r\n\r\nhi\r\n",
    "message-id": NESTED + b"Message-ID: <>\r\n\r\nhi\r\n",
    "angle": NESTED + b"Cc: <a@[b>\r\n\r\nhi\r\n",
    "charset": NESTED + b"Content-Type: text/plain; charset=no-such-thing\r\n\r\nhi \xff\r\n",
    "crlf": b"From: =?utf-8?q?olga=0D=0ABcc:_x?= <olga@example.org>\r\nSubject: x\r\n\r\nhi\r\n",
    "words": NESTED + b"X: " + b"=?utf-8?q?a?= " * 20_000 + b"\r\n\r\nhi\r\n",
    "parts": NESTED
    + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"--b\r\n\r\nx\r\n" * 10_000
    + b"--b--\r\n",
    "nothing": b"",
    "bytes": bytes(range(256)) * 50,
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_mail_bomb_is_kept_and_the_next_mail_arrives(post: Post, name: str) -> None:
    """Attack 90, faults 17 and 19."""
    row = post.arrives(BOMBS[name])
    assert row.status in ("filed", "quarantined")
    assert post.case(letter(OLGA, "a good one")).messages[0].text == "a good one"


def test_a_mail_that_breaks_its_reader_is_a_ticket_with_the_original(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attack 90: the reader is given no time at all, so it dies on this mail."""
    from helpdesk.channels.email import reader

    monkeypatch.setattr(reader._child, "seconds", 0.0)
    case = post.case(letter(OLGA), envelope_from=OLGA)
    (message,) = case.messages
    assert "could not be read" in message.text
    with post.app.app_context():
        from helpdesk.tickets.models import Attachment

        kept = session().scalar(select(Attachment).where(Attachment.message_id == message.id))
        assert (kept.filename, kept.content_type) == ("original.eml", "message/rfc822")
    assert post.arrives(letter(EVIL)).status == "quarantined"
