"""Mailboxes read by POP3 from a real Dovecot (W2; faults 2, 6, 12, 13 and 14)."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from helpdesk import jobs
from helpdesk.channels.email import fetch, pop3, reading, refused
from helpdesk.channels.email.account import MailboxAway, NotLetIn, account
from helpdesk.channels.email.models import InboundMail, MailSeen
from helpdesk.channels.email.oauth import signing_in
from helpdesk.db import session, writing
from tests.plugins.post import Post, letter
from tests.real.mailboxes import SOURCE, counts, fetched, reads, state
from tests.real.test_mailboxes_that_fail import POSITIONS
from tests.servers.certificate import Certificate
from tests.servers.dovecot import Account, Dovecot
from tests.servers.oauth import Provider
from tests.servers.proxy import running_proxy


def url(box: Account, *, scheme: str = "pop3+insecure", port: int = 0, more: str = "") -> str:
    return f"{scheme}://{quote(box.address)}:{quote(box.password)}@localhost:{port or box.pop3_port}{more}"


def reads_pop3(app: Flask, address: str, *, more: str = "") -> None:
    reads(app, address, by="pop3", more=more)


def left(box: Account) -> int:
    with box.client() as client:
        return int(client.select_folder("INBOX")[b"EXISTS"])


def raw(number: int, *, lines: int = 3) -> bytes:
    mail = letter("olga@example.org", f"{number}\r\n.\r\n..dots\r\n" * lines, message_id=f"<{number}@x.y>")
    return mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))


def test_a_mailbox_is_read_and_left_as_it_is(app: Flask, post: Post, pop3_mailbox: Account) -> None:
    reads_pop3(app, url(pop3_mailbox))
    sent = [raw(1), raw(2), b"X-Long: " + b"y" * 5000 + b"\r\n" + raw(3)]
    for each in sent:
        pop3_mailbox.deliver(each)
    assert fetched(app) == 3
    assert fetched(app) == 0
    assert left(pop3_mailbox) == 3
    with app.app_context():
        kept = set(session().scalars(select(InboundMail.sha256)))
    assert kept == {hashlib.sha256(each).hexdigest() for each in sent}
    post.turn()
    assert counts(app)[0] == 3


def test_a_mailbox_is_emptied_when_the_address_says_so(app: Flask, pop3_mailbox: Account) -> None:
    reads_pop3(app, url(pop3_mailbox, more="?delete"))
    for number in range(3):
        pop3_mailbox.deliver(raw(number))
    assert fetched(app) == 3
    assert left(pop3_mailbox) == 0
    assert fetched(app) == 0
    with app.app_context():
        assert session().scalar(select(func.count()).select_from(MailSeen)) == 0  # nothing to remember any more


def test_what_was_read_long_ago_is_taken_away_in_portions(
    app: Flask, pop3_mailbox: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing goes before the line has ended: of a mailbox of thousands none would, if it broke each time."""
    reads_pop3(app, url(pop3_mailbox))
    for number in range(3):
        pop3_mailbox.deliver(raw(number))
    assert (fetched(app), left(pop3_mailbox)) == (3, 3)
    monkeypatch.setattr(reading, "HEALED", 2)
    reads_pop3(app, url(pop3_mailbox, more="?delete"))
    assert (fetched(app), left(pop3_mailbox)) == (0, 1)
    assert (fetched(app), left(pop3_mailbox)) == (0, 0)


def test_a_mail_the_server_does_not_give_holds_up_none_behind_it(
    app: Flask, post: Post, dovecot: Dovecot, pop3_mailbox: Account
) -> None:
    """Fault 19: Dovecot cannot read one mail of its own."""
    reads_pop3(app, url(pop3_mailbox, more="?delete"))
    for number in range(3):
        pop3_mailbox.deliver(raw(number))
    dovecot.cannot_read(pop3_mailbox, words=b"<1@x.y>")
    for _ in range(refused.TRIES):
        with pytest.raises(MailboxAway):
            fetched(app)
    fetched(app)
    assert fetched(app) == 0
    post.turn()
    assert counts(app) == (3, 2)
    assert left(pop3_mailbox) == 1


@pytest.mark.parametrize("scheme", ["pop3", "pop3s"])
def test_the_certificate_is_verified(
    app: Flask, pop3_mailbox: Account, certificate: Certificate, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = pop3_mailbox.pop3_tls_port if scheme == "pop3s" else pop3_mailbox.pop3_port
    reads_pop3(app, url(pop3_mailbox, scheme=scheme, port=port))
    pop3_mailbox.deliver(raw(1))
    with pytest.raises(NotLetIn, match="certificate"):
        fetched(app)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    assert fetched(app) == 1


def test_a_wrong_password_pauses_the_source(app: Flask, pop3_mailbox: Account) -> None:
    """Fault 12."""
    reads_pop3(app, url(replace(pop3_mailbox, password="wrong")))
    with pytest.raises(NotLetIn):
        fetched(app)
    assert (state(app).paused_by, "wrong" in state(app).error) == ("refused", False)


@POSITIONS
def test_a_line_cut_at_any_byte_loses_and_doubles_nothing(
    app: Flask, dovecot: Dovecot, pop3_mailbox: Account, positions: int
) -> None:
    """Fault 13, in a mailbox that is to be emptied: what is gone from the server is stored whole."""
    sent = [raw(number, lines=30 * number) for number in range(1, 4)]
    whole = {hashlib.sha256(each).hexdigest() for each in sent}
    with running_proxy(pop3_mailbox.pop3_port) as proxy:
        reads_pop3(app, url(pop3_mailbox, port=proxy.port, more="?delete"))
        deliver(pop3_mailbox, sent)
        fetched(app)
        total = proxy.passed[0]
        broken = 0
        for cut in range(1, total, total // positions):
            begins_anew(app)
            deliver(pop3_mailbox, sent)
            proxy.cut_after = cut
            try:
                fetched(app)
            except MailboxAway:
                broken += 1
            assert stored(app) <= whole, f"cut after {cut} of {total} bytes"
            assert len(stored(app)) + left(pop3_mailbox) >= len(sent)
            proxy.cut_after = None
            fetched(app)
            assert stored(app) == whole, f"cut after {cut} of {total} bytes"
            assert left(pop3_mailbox) == 0, f"cut after {cut} of {total} bytes"
        assert broken >= positions * 0.9


def test_a_crash_between_commit_and_farewell_takes_away_late(
    app: Flask, pop3_mailbox: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 2."""
    reads_pop3(app, url(pop3_mailbox, more="?delete"))
    pop3_mailbox.deliver(raw(1))
    with monkeypatch.context() as crash:
        crash.setattr(pop3.Drop, "take_away", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            fetched(app)
    assert (counts(app)[0], left(pop3_mailbox)) == (1, 1)
    assert fetched(app) == 0
    assert (counts(app)[0], left(pop3_mailbox)) == (1, 0)


def test_a_mail_too_large_leaves_its_head_and_stays(app: Flask, post: Post, pop3_mailbox: Account) -> None:
    """Attack 93."""
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], upload_limit=3000)
    reads_pop3(app, url(pop3_mailbox, more="?delete"))
    pop3_mailbox.deliver(raw(1, lines=1000))
    pop3_mailbox.deliver(raw(2))
    assert fetched(app) == 2
    assert fetched(app) == 0
    assert left(pop3_mailbox) == 1
    with app.app_context():
        assert all(size < 3000 for size in session().scalars(select(InboundMail.size)))


def test_a_mailbox_is_signed_in_at_a_provider(app: Flask, provider: Provider, pop3_mailbox: Account) -> None:
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], private_hosts="127.0.0.1")
    provider.user = pop3_mailbox.address
    provider.approved = True
    reads_pop3(
        app, f"pop3+insecure://{quote(pop3_mailbox.address)}@localhost:{pop3_mailbox.pop3_port}", more=provider.keys
    )
    with app.app_context():
        signing_in.in_a_terminal(SOURCE, say=lambda _: None, ask=lambda _: "")
    pop3_mailbox.deliver(raw(1))
    assert fetched(app) == 1
    provider.revoke(refresh=False)
    assert fetched(app) == 0
    assert provider.renewals == 1


def test_the_worker_comes_back_to_a_pop3_mailbox(app: Flask, post: Post, pop3_mailbox: Account) -> None:
    reads_pop3(app, url(pop3_mailbox))
    pop3_mailbox.deliver(raw(1))
    with app.app_context():
        fetch.schedule()
    post.turn()
    assert counts(app) == (1, 1)


def test_an_address_with_folders_is_refused() -> None:
    for more in ("/INBOX", "?archive=Done", "?folder=Sales"):
        with pytest.raises(NotLetIn, match="no folders"):
            account(f"pop3s://a:b@c{more}")
    assert (account("pop3s://a:b@c").port, account("pop3://a:b@c/?delete").delete) == (995, True)


def deliver(box: Account, mails: list[bytes]) -> None:
    with box.client() as client:
        for each in mails:
            client.append("INBOX", each)


def begins_anew(app: Flask) -> None:
    with app.app_context(), writing() as here:
        for rows in (InboundMail, MailSeen, jobs.Job):
            here.execute(delete(rows))


def stored(app: Flask) -> set[str]:
    with app.app_context():
        return set(session().scalars(select(InboundMail.sha256)))
