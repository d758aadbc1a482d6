"""Mailboxes on a real Dovecot, read by the worker (W2; faults 2, 12, 14, 19 and 20)."""

from __future__ import annotations

import ssl
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk import alarms, jobs
from helpdesk.channels.email import fetch, reading, store
from helpdesk.channels.email.account import MailboxAway, NotLetIn, account
from helpdesk.channels.email.models import InboundMail, MailPlace
from helpdesk.db import session, writing
from helpdesk.tickets.models import Ticket
from helpdesk.worker import Worker
from tests.plugins.post import Post, letter
from tests.real.mailboxes import counts, fetched, place, reads, state, url
from tests.servers.certificate import Certificate
from tests.servers.dovecot import Account
from tests.servers.process import PATIENCE, wait_until


def test_the_worker_reads_a_mailbox_and_comes_back(app: Flask, post: Post, imap_mailbox: Account) -> None:
    reads(app, url(imap_mailbox))
    imap_mailbox.deliver(bytes(letter("olga@example.org", "first")))
    imap_mailbox.deliver(bytes(letter("edda@example.org", "second")))
    with app.app_context():
        fetch.schedule()
        fetch.schedule()
    post.turn()
    assert counts(app) == (2, 2)
    assert (state(app).messages, state(app).backlog, state(app).error) == (2, 0, "")
    assert (place(app).last_uid, place(app).settled_uid) == (2, 2)
    with app.app_context():
        (job,) = session().scalars(select(jobs.Job))
        assert (job.kind, job.state, job.attempts) == ("fetch_mail", "ready", 0)
    with imap_mailbox.client() as client:
        client.select_folder("INBOX")
        assert client.search("UNSEEN") == []
    assert fetched(app) == 0


@pytest.mark.parametrize("scheme", ["imap", "imaps"])
def test_the_certificate_is_verified(
    app: Flask,
    imap_mailbox: Account,
    certificate: Certificate,
    scheme: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port = imap_mailbox.tls_port if scheme == "imaps" else imap_mailbox.port
    reads(app, url(imap_mailbox, scheme=scheme, port=port))
    imap_mailbox.deliver(bytes(letter("olga@example.org")))
    with pytest.raises(MailboxAway, match="certificate"):
        fetched(app)
    assert counts(app) == (0, 0)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))
    assert ssl.get_default_verify_paths().cafile == str(certificate.certificate)
    assert fetched(app) == 1


def test_a_crash_between_commit_and_flag_is_healed(
    app: Flask, imap_mailbox: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 2: what was stored is marked later; what was marked was stored."""
    reads(app, url(imap_mailbox, more="?archive=Archive"))
    imap_mailbox.deliver(bytes(letter("olga@example.org")))
    with monkeypatch.context() as crash:
        crash.setattr("helpdesk.channels.email.mailbox.Mailbox.settle", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            fetched(app)
    with monkeypatch.context() as crash:  # and once more, before the commit
        crash.setattr("helpdesk.channels.email.store.files.store", lambda _: 1 / 0)
        imap_mailbox.deliver(bytes(letter("edda@example.org")))
        with pytest.raises(ZeroDivisionError):
            fetched(app)
    assert fetched(app) >= 1
    assert counts(app)[0] == 2
    with imap_mailbox.client() as client:
        assert client.select_folder("INBOX")[b"EXISTS"] == 0
        assert client.select_folder("Archive")[b"EXISTS"] == 2


def test_a_folder_that_was_numbered_anew_loses_and_doubles_nothing(
    app: Flask, post: Post, imap_mailbox: Account
) -> None:
    """Fault 14."""
    reads(app, url(imap_mailbox).replace("INBOX", "Tickets"))
    first, second = bytes(letter("olga@example.org", "one")), bytes(letter("olga@example.org", "two"))
    for content in ([first], [first, second]):
        with imap_mailbox.client() as client:
            if client.folder_exists("Tickets"):
                client.delete_folder("Tickets")
                client.create_folder("Other")  # moves the server's clock of UIDVALIDITY on
            client.create_folder("Tickets")
            before = client.select_folder("Tickets")[b"UIDVALIDITY"]
            for raw in content:
                client.append("Tickets", raw)
        fetched(app)
        assert place(app, "Tickets").uidvalidity == before
        post.turn()
    assert counts(app) == (2, 2)


def test_a_revoked_password_pauses_the_source_with_one_alarm(app: Flask, post: Post, imap_mailbox: Account) -> None:
    """Fault 12."""
    reads(app, url(replace(imap_mailbox, password="changed")))
    with app.app_context():
        fetch.schedule()
    for _ in range(3):
        post.turn()
        with app.app_context():
            jobs.hasten("fetch_mail:support_mail")
    with app.app_context():
        (alarm,) = alarms.standing()
        assert alarm.subject == "source:support_mail"
        assert "secret" not in alarm.sentence + state(app).error
        assert "changed" not in alarm.sentence + state(app).error
    reads(app, url(imap_mailbox))
    assert fetched(app) == 0
    with app.app_context():
        assert alarms.standing() == []


def test_a_mail_too_large_leaves_its_head_and_a_sentence(app: Flask, post: Post, imap_mailbox: Account) -> None:
    """Attack 93: its size is looked up first."""
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], upload_limit=10_000)
    reads(app, url(imap_mailbox))
    large = letter("olga@example.org", subject="A film")
    large.add_attachment(bytes(50_000), maintype="video", subtype="mp4", filename="film.mp4")
    imap_mailbox.deliver(bytes(large))
    assert fetched(app) == 1
    post.turn()
    with app.app_context():
        ticket = session().scalars(select(Ticket)).one()
        assert ticket.subject == "A film"
        row = session().scalars(select(InboundMail)).one()
        assert row.size < 5_000


def test_a_poison_mail_is_put_aside_and_the_rest_flows(
    app: Flask, post: Post, imap_mailbox: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 19: the first mail breaks the desk each time it is read."""
    from helpdesk.channels.email import read

    honest = read.inbound_of

    def breaks(mail, row, raw):  # type: ignore[no-untyped-def]
        if "poison" in mail.subject:
            raise ZeroDivisionError("a bug of ours")
        return honest(mail, row, raw)

    monkeypatch.setattr(read, "inbound_of", breaks)
    reads(app, url(imap_mailbox))
    imap_mailbox.deliver(bytes(letter("olga@example.org", subject="poison")))
    for number in range(5):
        imap_mailbox.deliver(bytes(letter("olga@example.org", subject=f"good {number}")))
    fetched(app)
    post.turn()
    assert counts(app) == (6, 5)
    for _ in range(2):  # its second and third try
        with app.app_context(), writing() as here:
            here.query(jobs.Job).filter_by(kind="read_mail").update({"run_at": jobs.clock.now()})
        post.turn()
    with app.app_context():
        (aside,) = store.waiting()
        assert "a bug of ours" in aside.error
        assert aside.attempts == 3
        assert [alarm.subject for alarm in alarms.standing()] == ["mail:quarantine"]
        monkeypatch.setattr(read, "inbound_of", honest)
        store.replay(aside.id)
    post.turn()
    assert counts(app) == (6, 6)


def test_two_fetchers_by_mistake_double_nothing(app: Flask, post: Post, imap_mailbox: Account) -> None:
    """Fault 6: two whole workers read the same mailbox at once."""
    reads(app, url(imap_mailbox))
    for number in range(10):
        imap_mailbox.deliver(bytes(letter("olga@example.org", subject=f"mail {number}")))
    workers = [Worker(app) for _ in range(2)]
    for worker in workers:
        worker.start()
    try:
        wait_until(lambda: counts(app) == (10, 10), what="ten tickets")
    finally:
        assert [worker.stop(within=PATIENCE) for worker in workers] == [True, True]
    post.turn()
    assert counts(app) == (10, 10)


def test_old_mail_out_of_a_backlog_is_not_answered(app: Flask, post: Post, imap_mailbox: Account) -> None:
    """Fault 20."""
    reads(app, url(imap_mailbox))
    imap_mailbox.deliver(bytes(letter("olga@example.org", Date="Mon, 12 Jan 2026 10:00:00 +0000")))
    fetched(app)
    post.turn()
    assert counts(app) == (1, 1)
    assert post.sink.received == []


def test_a_secret_comes_from_the_environment_when_it_is_needed() -> None:
    asked = "imaps://desk%40acme.example:${env:BOX_PASSWORD}@mail.acme.example"
    found = account(asked, {"BOX_PASSWORD": "p@ss/w:rd"})
    assert (found.user, found.password, found.port, found.folders) == (
        "desk@acme.example",
        "p@ss/w:rd",
        993,
        ("INBOX",),
    )
    assert "p@ss" not in repr(found)
    assert account("${env:BOX}", {"BOX": "imap://a:b@c"}).port == 143
    with pytest.raises(MailboxAway, match="BOX_PASSWORD"):
        account(asked, {})


@pytest.mark.parametrize("asked", ["?archive=INBOX", "Support?folder=Done&archive=Done"])
def test_nothing_is_moved_to_where_it_is_read_from(asked: str) -> None:
    """It would come back as new with each look, for ever."""
    with pytest.raises(NotLetIn, match="cannot be moved there"):
        account(f"imaps://a:b@c/{asked}")


def test_a_server_may_number_its_mails_as_high_as_it_likes(app: Flask) -> None:
    """RFC 3501, 2.3.1.1: both numbers have 32 bits and no sign."""
    highest = 2**32 - 1
    with app.app_context():
        assert reading.place("support_mail", "INBOX", highest).last_uid == 0
        with writing() as here:
            here.get_one(MailPlace, ("support_mail", "INBOX")).last_uid = highest
        assert reading.place("support_mail", "INBOX", highest).last_uid == highest


def test_a_mailbox_that_was_given_up_is_read_again(app: Flask, post: Post, imap_mailbox: Account) -> None:
    """Whatever ended its job, a source does not stay silent until somebody looks."""
    reads(app, url(imap_mailbox))
    imap_mailbox.deliver(bytes(letter("olga@example.org")))
    with app.app_context():
        fetch.schedule()
        (work,) = jobs.claim("a worker", ["fetch_mail"])
        jobs.bury(work.id, work.worker, "It broke each time.")
        fetch.schedule()
    post.turn()
    assert counts(app) == (1, 1)
