"""Mail leaves through a real SMTP server that refuses, delays, hangs and hangs up (faults 3, 7 to 12 and 29)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk import alarms, clock, jobs, stored
from helpdesk.db import session, writing
from helpdesk.delivery import attempts, mail, smtp
from helpdesk.delivery.compose import Letter
from helpdesk.delivery.failures import NotNow
from helpdesk.jobs import Later, LeaseLost
from helpdesk.people import find
from helpdesk.tickets import outbox
from helpdesk.tickets.models import Delivery, Unread
from helpdesk.tickets.outbox import Recipient
from helpdesk.worker import Worker
from tests.cast import Case, Character
from tests.plugins.post import Post, letter
from tests.servers.certificate import Certificate
from tests.servers.mail_sink import HANG_UP, running_mail_sink
from tests.servers.process import free_port

OLGA = "olga@example.org"


@pytest.fixture
def case(post: Post) -> Case:
    """A ticket whose receipt has been sent."""
    case = post.case(letter(OLGA))
    post.sink.forgets()
    return case


def reply(post: Post, ann: Character, case: Case) -> Delivery:
    ann.performs("reply", case, text="Which floor?")
    post.turn()
    return case.mails[-1]


def outcomes(case: Case) -> list[str]:
    return [event.data["status"] for event in case.events if event.kind == "delivery"][1:]


def test_a_mail_that_is_refused_is_tried_once_and_the_agent_is_told(
    app: Flask, post: Post, ann: Character, case: Case
) -> None:
    """Fault 9."""
    post.sink.answers("RCPT", OLGA, "550 5.1.1 No such user")
    delivery = reply(post, ann, case)
    assert (delivery.status, delivery.attempts) == ("failed", 1)
    assert "No such user" in delivery.error
    assert outcomes(case) == ["failed"]
    post.turn()
    assert post.sink.heard.count(("RCPT", OLGA)) == 1
    assert post.sink.received == []
    with app.app_context():
        assert session().get(Unread, (ann.id, case.id)) is not None


def test_a_refusal_is_kept_whatever_a_server_says_in_it(post: Post, ann: Character, case: Case) -> None:
    """No database keeps a NUL, and a mail whose refusal could not be written down would be sent again and again."""
    post.sink.answers("RCPT", OLGA, "550 5.1.1 No\0such \x1b[31muser")
    delivery = reply(post, ann, case)
    assert (delivery.status, delivery.error) == ("failed", "The mail server refused it: 550 5.1.1 Nosuch [31muser")


def test_a_mail_that_must_wait_waits_longer_each_time_with_one_message_id(
    post: Post, ann: Character, case: Case, still: None
) -> None:
    """Fault 8."""
    post.sink.answers("DATA", None, "451 4.7.1 Greylisted", times=2)
    delivery = reply(post, ann, case)
    assert (delivery.status, delivery.attempts) == ("waiting", 1)
    post.turn()
    assert case.mails[-1].attempts == 1
    clock.travel(timedelta(minutes=1))
    post.turn()
    assert case.mails[-1].attempts == 2
    clock.travel(timedelta(minutes=4))
    post.turn()
    assert case.mails[-1].attempts == 2
    clock.travel(timedelta(minutes=1))
    post.turn()
    (sent,) = post.sink.received
    assert sent.message["Message-ID"].strip() == delivery.message_id
    assert outcomes(case) == ["sent"]


def test_the_pauses_are_those_we_promise() -> None:
    assert [mail.pause(n, reachable=True) / 60 for n in range(1, 7)] == [1, 5, 15, 60, 240, 240]
    assert [mail.pause(n, reachable=False) / 60 for n in (1, 2, 15, 99)] == [1, 2, 15, 15]


def test_after_five_days_a_mail_is_given_up(post: Post, ann: Character, case: Case, still: None) -> None:
    post.sink.answers("RCPT", None, "450 4.2.0 Later")
    reply(post, ann, case)
    clock.travel(timedelta(days=5, minutes=1))
    with post.app.app_context():
        jobs.hasten(f"deliver:{case.mails[-1].id}")
    post.turn()
    assert case.mails[-1].status == "failed"
    assert outcomes(case) == ["failed"]


def test_only_the_recipient_that_failed_is_tried_again(app: Flask, post: Post, case: Case, still: None) -> None:
    """Fault 10: each recipient has a mail of their own, so 250, 450 and 550 part here."""
    post.sink.answers("RCPT", "later@example.net", "450 4.2.0 Busy", times=1)
    post.sink.answers("RCPT", "gone@example.net", "550 5.1.1 Gone")
    with app.app_context(), writing():
        for name in ("good", "later", "gone"):
            outbox.post(Recipient(f"{name}@example.net", None, "x"), subject="s", body="b", names={})
    post.turn()
    clock.travel(timedelta(minutes=2))
    post.turn()
    assert [each.recipients for each in post.sink.received] == [("good@example.net",), ("later@example.net",)]
    with app.app_context():
        last = select(Delivery.status).order_by(Delivery.id.desc()).limit(3)
        assert list(session().scalars(last)) == ["failed", "sent", "sent"]


def test_a_server_that_is_away_is_waited_for_and_reported_after_a_quarter_of_an_hour(
    app: Flask, post: Post, ann: Character, case: Case, still: None
) -> None:
    """Fault 7."""
    here = app.config["HELPDESK"]
    app.config["HELPDESK"] = replace(here, smtp_url=f"smtp+insecure://127.0.0.1:{free_port()}")
    delivery = reply(post, ann, case)
    assert (delivery.status, delivery.attempts) == ("waiting", 1)
    with app.app_context():
        assert alarms.standing() == []
    for _ in range(6):
        clock.travel(timedelta(minutes=5))
        post.turn()
    with app.app_context():
        (alarm,) = alarms.standing()
        assert alarm.subject == "delivery:server"
    app.config["HELPDESK"] = here
    clock.travel(timedelta(minutes=15))
    post.turn()
    assert len(post.sink.received) == 1
    with app.app_context():
        assert alarms.standing() == []


def test_a_line_that_goes_dead_after_the_dot_costs_one_copy_with_the_same_message_id(
    post: Post, ann: Character, case: Case, still: None
) -> None:
    """Faults 3 and 11."""
    post.sink.answers("DATA", None, HANG_UP, times=1)
    reply(post, ann, case)
    clock.travel(timedelta(minutes=1))
    post.turn()
    first, second = post.sink.received
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert outcomes(case) == ["sent"]


def test_a_worker_that_stood_still_does_not_write_what_another_has_done(
    app: Flask, post: Post, ann: Character, case: Case, still: None
) -> None:
    """Fault 5: its lease ran out while it was frozen; its late outcome is fenced off."""
    ann.performs("reply", case, text="Which floor?")
    late = Worker(app, chores=())
    with app.app_context():
        (frozen,) = jobs.claim(late.name, ["deliver"])
    clock.travel(timedelta(minutes=10))
    post.turn()
    assert outcomes(case) == ["sent"]
    with app.app_context(), pytest.raises(LeaseLost):
        attempts.settle(case.mails[-1].id, frozen, lambda row: setattr(row, "status", "failed"))
    with app.app_context():
        mail.deliver(frozen)  # and a whole late try finds nothing to do
    assert case.mails[-1].status == "sent"
    assert len(post.sink.received) == 1


def test_a_worker_that_stood_still_before_it_sent_leaves_the_mail_to_the_other(
    app: Flask, post: Post, ann: Character, case: Case, still: None
) -> None:
    """Fault 5: it was frozen with the mail in hand, and the other that has it now is about to send it."""
    ann.performs("reply", case, text="Which floor?")
    with app.app_context():
        (frozen,) = jobs.claim("the frozen one", ["deliver"])
    clock.travel(timedelta(minutes=10))
    with app.app_context():
        (taken,) = jobs.claim("the other one", ["deliver"])
    with app.app_context(), pytest.raises(LeaseLost):
        mail.deliver(frozen)
    assert (post.sink.received, case.mails[-1].status) == ([], "waiting")
    with app.app_context():
        mail.deliver(taken)
    assert (len(post.sink.received), case.mails[-1].status) == (1, "sent")


def test_a_worker_whose_line_went_dead_while_it_stood_still_does_not_call_back_what_another_has_sent(
    app: Flask, post: Post, ann: Character, case: Case, still: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 5: a mail that waits again would be sent again by the next administrator who looks at the queue."""
    ann.performs("reply", case, text="Which floor?")
    send = smtp.Server.send
    late = Worker(app, chores=())

    def freezes(server: smtp.Server, letter: Letter, *, envelope_from: str | None) -> None:
        monkeypatch.setattr(smtp.Server, "send", send)
        clock.travel(timedelta(minutes=10))
        post.turn()  # another worker finds the lease run out
        raise NotNow("The mail server asks to wait: 451 4.4.2 Timeout")

    monkeypatch.setattr(smtp.Server, "send", freezes)
    with app.app_context():
        (frozen,) = jobs.claim(late.name, ["deliver"])
    with app.app_context(), pytest.raises((LeaseLost, Later)):
        mail.deliver(frozen)
    assert (case.mails[-1].status, outcomes(case), len(post.sink.received)) == ("sent", ["sent"], 1)


def test_tls_is_verified_and_the_password_is_given(
    app: Flask,
    post: Post,
    ann: Character,
    case: Case,
    certificate: Certificate,
    monkeypatch: pytest.MonkeyPatch,
    still: None,
) -> None:
    """Fault 12, and the gap of Flask-Mail that STACK.md names."""
    with running_mail_sink(tls=certificate.server_context(), password=("desk", "sec:ret@")) as sink:

        def use(password: str) -> None:
            url = f"smtp://desk:{password}@localhost:{sink.port}"
            app.config["HELPDESK"] = replace(app.config["HELPDESK"], smtp_url=url)

        use("sec%3Aret%40")
        delivery = reply(post, ann, case)
        assert "certificate" in delivery.error.lower()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
        use("wrong")
        clock.travel(timedelta(minutes=2))
        post.turn()
        assert case.mails[-1].status == "waiting"  # our password is wrong, which is not the mail's fault
        assert sink.received == []
        use("sec%3Aret%40")
        clock.travel(timedelta(minutes=5))
        post.turn()
        (sent,) = sink.received
        assert (sent.over_tls, sent.user) == (True, "desk")


def test_a_server_that_says_nothing_does_not_hold_us_for_ever(
    post: Post, ann: Character, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 11: the line is open and nobody speaks."""
    import socket

    monkeypatch.setattr(smtp, "CONNECT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"smtp+insecure://127.0.0.1:{silent.getsockname()[1]}"
        post.app.config["HELPDESK"] = replace(post.app.config["HELPDESK"], smtp_url=url)
        assert reply(post, ann, case).status == "waiting"


def test_a_text_that_cannot_be_made_is_held_and_somebody_is_told(
    app: Flask, post: Post, ann: Character, case: Case
) -> None:
    """Fault 29."""
    with app.app_context(), writing() as here:
        from helpdesk.tickets.models import Ticket

        ticket = here.get_one(Ticket, case.id)
        person = find.by_email(OLGA)
        outbox.post(Recipient(OLGA, person, "customer"), subject="s", body="{{ gone }}", names={}, ticket=ticket)
    post.turn()
    assert case.mails[-1].status == "held"
    assert post.sink.received == []
    assert outcomes(case) == ["held"]
    with app.app_context():
        assert [alarm.subject for alarm in alarms.standing()] == ["delivery:held"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("{{ gone }}", "is undefined"),
        ("{% for a in range(10**9) %}{% endfor %}", "be made"),
        ("{{ 'a' * (10 ** 9) }}", "be made"),
    ],
    ids=["a dropped variable", "a loop", "a bomb"],
)
def test_a_text_that_fails_late_gives_way_to_a_plain_one_and_somebody_is_told(
    app: Flask, post: Post, ann: Character, case: Case, body: str, reason: str
) -> None:
    """Fault 29: what Ann wrote reaches Olga all the same, with the link to her request and the threading."""
    delivery = ann.performs("reply", case, text="Which <floor>?") and case.mails[-1]
    with app.app_context(), writing() as here:
        row = here.get_one(Delivery, delivery.id)
        row.frozen = {**row.frozen, "body": body}
    with clock.frozen(clock.now()):
        for _ in range(4):
            post.turn()
            clock.travel(timedelta(minutes=6))
    (sent,) = post.sink.received
    words = sent.message.get_body(["plain"]).get_content()
    assert "Which <floor>?" in words
    assert f"/my/requests/{case.ref}" in words
    assert "<floor>" not in sent.message.get_body(["html"]).get_content()
    assert sent.message["In-Reply-To"]
    assert case.mails[-1].status == "sent"
    assert reason in case.mails[-1].error
    with app.app_context():
        assert [alarm.subject for alarm in alarms.standing()] == ["delivery:plain"]


def test_a_restored_copy_sends_nothing_until_it_is_told_to_live(
    app: Flask, post: Post, ann: Character, case: Case
) -> None:
    """Fault 31."""
    with app.app_context(), writing():
        stored.put("muted", True)
    assert reply(post, ann, case).status == "waiting"
    assert post.sink.heard == []
    with app.app_context(), writing():
        stored.put("muted", False)
    with app.app_context():
        jobs.hasten(f"deliver:{case.mails[-1].id}")
    post.turn()
    assert len(post.sink.received) == 1


def test_a_secret_does_not_outlive_its_mail(app: Flask, post: Post) -> None:
    with app.app_context(), writing():
        outbox.post(
            Recipient(OLGA, None, "x"),
            subject="Sign in",
            body="{{ links.sign_in }}",
            names={"links": {"sign_in": "https://x/token"}},
            secret=True,
        )
    post.turn()
    assert b"https://x/token" in post.sink.received[0].raw
    with app.app_context():
        assert "token" not in str(session().scalars(select(Delivery.frozen)).one()["names"])


def test_an_attachment_leaves_as_it_came_whatever_its_name(post: Post, ann: Character, case: Case) -> None:
    from helpdesk.tickets.rich import Upload

    with post.app.app_context():
        files = [
            Upload.keep(b"%PDF", filename='Счёт "12".pdf', content_type="application/pdf"),
            Upload.keep(b"x", filename="a\r\nBcc: v@example.net.txt", content_type="text/html; charset=x\r\nX: y"),
        ]
    ann.performs("reply", case, text="Here", files=files)
    post.turn()
    (sent,) = post.sink.received
    kept = {part.get_filename(): part.get_content() for part in sent.message.iter_attachments()}
    assert list(kept.values()) == [b"%PDF", b"x"]
    assert list(kept) == ['Счёт "12".pdf', "a Bcc: v@example.net.txt"]
    assert b"\nBcc" not in sent.raw
