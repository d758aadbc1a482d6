"""Mail that leaves with the sign-in of a mailbox (XOAUTH2): a server that takes tokens alone, and the twin of a
provider that gives them (attacks 73 and 86, fault 12).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from config import Settings
from helpdesk import alarms, clock, stored
from helpdesk.channels.email.oauth import flows, signing_in
from helpdesk.cli.checks import outside, sending
from helpdesk.db import writing
from helpdesk.delivery import smtp_address
from helpdesk.delivery.failures import Unreachable
from tests.cast import Case, Character
from tests.plugins.post import SUPPORT, Post, letter
from tests.real.mailboxes import SOURCE, reads
from tests.servers.certificate import Certificate
from tests.servers.mail_sink import MailSink, running_mail_sink
from tests.servers.oauth import Provider, running_provider

OLGA = "olga@example.org"
USER = "support%40acme.example"
MAILBOX = f"imaps://{USER}@imap.example.org"


@dataclass
class Sending:
    """A desk whose mail leaves with a sign-in, the server it leaves through, and where one signs in."""

    app: Flask
    post: Post
    ann: Character
    case: Case
    server: MailSink
    provider: Provider

    def leaves_by(self, url: str, **more: object) -> None:
        self.app.config["HELPDESK"] = replace(self.app.config["HELPDESK"], smtp_url=url, **more)  # type: ignore[arg-type]

    def signs_in(self) -> None:
        self.provider.approved = True
        with self.app.app_context():
            signing_in.in_a_terminal(SOURCE, say=lambda _: None, ask=str)

    def replies(self, number: int = 1) -> list[tuple[str, str]]:
        """So many replies and a turn of the worker; the status of each, and what is wrong."""
        for each in range(number):
            self.ann.performs("reply", self.case, text=f"Which floor? ({each})")
        self.post.turn()
        return self.mails[-number:]

    @property
    def mails(self) -> list[tuple[str, str]]:
        return [(mail.status, mail.error) for mail in self.case.mails]

    @property
    def alarms(self) -> list[str]:
        with self.app.app_context():
            return [each.sentence for each in alarms.standing()]

    @property
    def doctor(self) -> list[tuple[str, str]]:
        return [(each.status, each.message) for each in sending.check(self.app.config["HELPDESK"])]


@pytest.fixture
def desk(
    app: Flask, post: Post, ann: Character, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sending]:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    case = post.case(letter(OLGA))
    with (
        running_provider({}) as provider,
        running_mail_sink(tls=certificate.server_context(), tokens=provider.tokens) as server,
    ):
        provider.user = SUPPORT
        made = Sending(app, post, ann, case, server, provider)
        made.leaves_by(f"smtp://{USER}@localhost:{server.port}?oauth={SOURCE}", private_hosts="127.0.0.1")
        reads(app, MAILBOX, more=provider.keys)
        yield made


def test_a_mail_leaves_with_the_sign_in_of_a_mailbox(desk: Sending) -> None:
    desk.signs_in()
    assert desk.replies() == [("sent", "")]
    (sent,) = desk.server.received
    assert (sent.over_tls, sent.user) == (True, SUPPORT)
    assert (desk.provider.renewals, desk.server.after_no) == (0, [])
    assert desk.doctor == [("ok", f"localhost:{desk.server.port} lets us in with the sign-in of “{SOURCE}”")]


def test_a_token_that_ran_out_is_renewed_before_it_is_shown(desk: Sending, still: None) -> None:
    desk.signs_in()
    clock.travel(timedelta(hours=2))
    assert desk.replies() == [("sent", "")]
    assert (desk.provider.renewals, desk.server.after_no) == (1, [])


def test_a_token_that_is_refused_is_renewed_once(desk: Sending) -> None:
    """The server says what is wrong, hears an empty line, and refuses; the next token is taken."""
    desk.signs_in()
    desk.provider.revoke(refresh=False)
    assert desk.replies() == [("sent", "")]
    assert desk.provider.renewals == 1
    assert desk.server.after_no == [b""]
    assert len(set(desk.server.tried)) == 2


def test_a_server_that_asks_to_wait_costs_no_token(desk: Sending) -> None:
    desk.signs_in()
    desk.server.answers("AUTH", None, "454 4.7.0 Temporary authentication failure")
    ((status, error),) = desk.replies()
    assert (status, desk.provider.renewals, len(desk.server.tried)) == ("waiting", 0, 1)
    assert "454 4.7.0 Temporary" in error


def test_a_sign_in_that_ended_is_an_alarm_and_the_mail_waits(desk: Sending, still: None) -> None:
    """Fault 12: one asks, once; nothing is lost; it goes when somebody has signed in again."""
    desk.signs_in()
    desk.provider.revoke()
    mails = desk.replies(20)
    assert {status for status, _ in mails} == {"waiting"}
    assert all("Sign in again" in error for _, error in mails)
    told = f"No mail leaves the desk. Mail is sent with the sign-in of “{SOURCE}”. Sign in again"
    assert [alarm.startswith(told) for alarm in desk.alarms] == [True], "at once"
    assert desk.provider.renewals == 1
    tried = len(desk.server.tried)
    for _ in range(60):
        clock.travel(timedelta(minutes=1))
        desk.post.turn()
    assert (desk.provider.renewals, len(desk.server.tried)) == (1, tried), "a token that is no more is not asked for"
    ((status, said),) = desk.doctor
    assert (status, "Sign in again" in said) == ("failed", True)
    desk.signs_in()
    desk.post.turn()
    assert len(desk.server.received) == 20
    assert desk.alarms == []


def test_nobody_has_signed_in_yet(desk: Sending) -> None:
    ((status, error),) = desk.replies()
    assert (status, "Nobody has signed this mailbox in" in error) == ("waiting", True)
    assert desk.provider.asked == []
    assert desk.server.tried == []


def test_a_source_that_has_no_sign_in_is_named(desk: Sending) -> None:
    desk.leaves_by(f"smtp://{USER}@localhost:{desk.server.port}?oauth=sales")
    ((status, error),) = desk.replies()
    assert (status, "no source “sales” whose mailbox is signed in" in error) == ("waiting", True)
    ((verdict, said),) = desk.doctor
    assert (verdict, "“sales”" in said) == ("failed", True)


def test_a_provider_that_is_away_loses_neither_mail_nor_sign_in(desk: Sending, still: None) -> None:
    desk.signs_in()
    clock.travel(timedelta(hours=2))
    desk.provider.status = 503
    ((status, error),) = desk.replies()
    assert (status, "503" in error, desk.alarms) == ("waiting", True, [])
    desk.provider.status = 200
    clock.travel(timedelta(minutes=2))
    desk.post.turn()
    assert desk.mails[-1] == ("sent", "")


def test_no_token_stands_in_what_is_told_of_a_refusal(desk: Sending, caplog: pytest.LogCaptureFixture) -> None:
    """Attack 73: the server repeats what it was shown; we do not. And it is not asked again and again."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, "sqlalchemy")
    caplog.set_level(logging.WARNING, "mail.log")  # what the tests' server hears
    desk.signs_in()
    desk.server.tokens = {}
    mails = desk.replies(3)
    assert {status for status, _ in mails} == {"waiting"}
    assert len(desk.server.tried) == 2
    told = "\n".join([*(error for _, error in mails), *desk.alarms, *(said for _, said in desk.doctor), caplog.text])
    assert "535 5.7.8 Not accepted: … with …" in told
    assert "sign it in again" in told
    for token in desk.server.tried:
        assert token not in told


def test_a_server_without_such_a_sign_in_is_told_no_token(desk: Sending, certificate: Certificate) -> None:
    desk.signs_in()
    with running_mail_sink(tls=certificate.server_context(), password=("desk", "secret")) as other:
        desk.leaves_by(f"smtp://{USER}@localhost:{other.port}?oauth={SOURCE}")
        ((status, error),) = desk.replies()
    assert (status, error) == ("waiting", "The outgoing mail server offers no sign-in by OAuth (XOAUTH2).")


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the tests' server takes a token without TLS
def test_a_token_is_never_shown_without_tls(desk: Sending) -> None:
    """Neither where the file asks for it, nor where somebody in between has taken STARTTLS away (attack 86)."""
    desk.signs_in()
    with running_mail_sink(tokens=desk.provider.tokens) as clear:
        for scheme, why in (("smtp", "offers no STARTTLS"), ("smtp+insecure", "over TLS only")):
            desk.leaves_by(f"{scheme}://{USER}@localhost:{clear.port}?oauth={SOURCE}", env="production")
            ((status, error),) = desk.replies()
            assert (status, why in error) == ("waiting", True)
            assert why in desk.doctor[0][1]
        assert (clear.tried, clear.received) == ([], [])
        desk.leaves_by(f"smtp+insecure://{USER}@localhost:{clear.port}?oauth={SOURCE}", env="test")
        assert desk.doctor[0][0] == "ok"  # the tests' own server may have it so


def test_a_certificate_is_verified_before_a_token_is_shown(desk: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.signs_in()
    monkeypatch.delenv("SSL_CERT_FILE")
    ((status, error),) = desk.replies()
    assert (status, "certificate" in error.lower()) == ("waiting", True)
    assert desk.server.tried == []


def test_a_copy_of_the_desk_renews_nothing(desk: Sending, still: None) -> None:
    """Fault 31: `doctor` of a restored copy leaves the sign-in to the desk it was made of."""
    desk.signs_in()
    clock.travel(timedelta(hours=2))
    with desk.app.app_context(), writing():
        stored.put("muted", True)
    assert desk.doctor == []
    assert desk.provider.renewals == 0


def test_to_send_is_asked_for_only_where_the_desk_does(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_CLIENT", "our name")

    def scope(provider: str, url: str) -> list[str]:
        app.config["HELPDESK"] = replace(app.config["HELPDESK"], smtp_url=url)
        reads(app, MAILBOX, more=f', oauth: {{provider: {provider}, client_id: "${{env:DESK_CLIENT}}"}}')
        with app.app_context():
            begun, _ = signing_in.begin(SOURCE)
        return parse_qs(urlsplit(begun.url).query)["scope"][0].split()

    by_sign_in, by_password = f"smtp://{USER}@localhost?oauth={SOURCE}", f"smtp://{USER}:secret@localhost"
    send = "https://outlook.office.com/SMTP.Send"
    assert scope("microsoft", by_password).count(send) == 0
    assert scope("microsoft", by_sign_in).count(send) == 1
    assert scope("google", by_sign_in) == scope("google", by_password) == ["https://mail.google.com/"]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("smtp://desk:secret@mail.example.org?oauth=support_mail", "without a password"),
        ("smtp://mail.example.org?oauth=support_mail", "without a password"),
        ("smtp://desk@mail.example.org?oauth=", "without a password"),
        ("smtp://desk@mail.example.org?ouath=support_mail", "oauth=SOURCE"),
        ("http://desk@mail.example.org?oauth=support_mail", "must look like smtp://"),
        ("smtp://desk@mail.example.org:many?oauth=support_mail", "must look like smtp://"),
    ],
)
def test_an_address_that_is_none_is_told(settings: Settings, url: str, why: str) -> None:
    with pytest.raises(Unreachable, match=why) as refused:
        smtp_address.read(url)
    (told,) = [each for each in outside.check(replace(settings, smtp_url=url)) if each.name == "mail"]
    assert (told.status, told.message) == ("failed", refused.value.sentence)
    assert "secret" not in told.message


def test_no_token_is_in_what_python_shows_of_it() -> None:
    assert "a-token" not in repr(flows.Grant("a-token", "a-token", 1))
    assert "a-word" not in repr(smtp_address.read("smtp://desk:a-word@mail.example.org"))
