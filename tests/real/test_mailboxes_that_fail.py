"""Mailboxes whose line breaks, whose folder is made anew, or whose server lets nobody in (faults 2, 12, 13, 14)."""

from __future__ import annotations

import hashlib
import shutil
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask
from sqlalchemy import delete, select

from helpdesk import alarms, clock, files, jobs
from helpdesk.channels.email import fetch, refused, standing
from helpdesk.channels.email.account import MailboxAway, NotLetIn
from helpdesk.channels.email.models import InboundMail, MailDiary, MailPlace
from helpdesk.db import session, writing
from tests.plugins.post import Post, letter
from tests.real.mailboxes import SOURCE, counts, fetched, place, reads, state, url
from tests.servers.dovecot import Account, Dovecot
from tests.servers.process import wait_until
from tests.servers.proxy import running_proxy

# Places at which a line is cut: a few, and in `make prove` fifty.
POSITIONS = pytest.mark.parametrize("positions", [8, pytest.param(50, marks=pytest.mark.prove)])


def letters(number: int) -> list[bytes]:
    """Mails of several sizes, with a file each."""
    made = []
    for each in range(number):
        mail = letter(
            "olga@example.org", f"The {each}. of them.", subject=f"Request {each}", message_id=f"<{each}@x.y>"
        )
        mail.add_attachment(f"line {each}\r\n".encode() * 40 * each, maintype="text", subtype="x-log", filename="a.log")
        made.append(mail.as_bytes(policy=mail.policy.clone(linesep="\r\n")))
    return made


def stored(app: Flask) -> list[str]:
    with app.app_context():
        return sorted(session().scalars(select(InboundMail.sha256)))


def begins_anew(app: Flask, box: Account) -> None:
    """The desk has read nothing, and nothing in the mailbox is marked."""
    with app.app_context(), writing() as here:
        for rows in (InboundMail, MailPlace, jobs.Job):
            here.execute(delete(rows))
    with box.client() as client:
        client.select_folder("INBOX")
        client.remove_flags(client.search(), [b"\\Seen"])


@POSITIONS
def test_a_line_cut_at_any_byte_stores_nothing_partial_and_loses_nothing(
    app: Flask, imap_mailbox: Account, positions: int
) -> None:
    """Fault 13: cut at places all over what the server sends."""
    sent = letters(4)
    for raw in sent:
        imap_mailbox.deliver(raw)
    whole = sorted(hashlib.sha256(raw).hexdigest() for raw in sent)
    with running_proxy(imap_mailbox.port) as proxy:
        reads(app, url(imap_mailbox, port=proxy.port))
        assert fetched(app) == len(sent)
        assert stored(app) == whole
        (total,) = proxy.passed
        broken = 0
        for cut in range(1, total, total // positions):
            begins_anew(app, imap_mailbox)
            proxy.cut_after = cut
            try:
                fetched(app)
            except MailboxAway:
                broken += 1
            assert set(stored(app)) <= set(whole), f"cut after {cut} of {total} bytes"
            proxy.cut_after = None
            fetched(app)
            assert stored(app) == whole, f"cut after {cut} of {total} bytes"
            with imap_mailbox.client() as client:
                client.select_folder("INBOX")
                assert client.search("UNSEEN") == [], f"cut after {cut} of {total} bytes"
        assert broken >= positions * 0.8  # what is cut in the farewell is no trouble


@pytest.mark.parametrize("option", ["?archive=Done", "?delete"])
def test_a_crash_at_any_step_settles_late_and_only_what_is_stored(
    app: Flask, imap_mailbox: Account, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    """Fault 2: the desk ends before or after each store and each move."""
    reads(app, url(imap_mailbox, more=option))
    steps = ["helpdesk.channels.email.store.files.store", "helpdesk.channels.email.mailbox.Mailbox.settle"]
    for number, raw in enumerate(letters(4)):
        imap_mailbox.deliver(raw)
        with monkeypatch.context() as crash:
            crash.setattr(steps[number % 2], lambda *_, **__: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                fetched(app)
        with imap_mailbox.client() as client:
            left = client.select_folder("INBOX")[b"EXISTS"]
        assert number + 1 - left <= counts(app)[0]  # what is gone from the mailbox is stored
    fetched(app)
    assert counts(app)[0] == 4
    with imap_mailbox.client() as client:
        assert client.select_folder("INBOX")[b"EXISTS"] == 0
        if option == "?archive=Done":
            assert client.select_folder("Done")[b"EXISTS"] == 4


def test_what_people_mark_themselves_is_left_as_they_marked_it(app: Flask, imap_mailbox: Account) -> None:
    reads(app, url(imap_mailbox))
    imap_mailbox.deliver(letters(1)[0])
    assert fetched(app) == 1
    with imap_mailbox.client() as client:
        client.select_folder("INBOX")
        client.remove_flags(client.search(), [b"\\Seen"])
        assert fetched(app) == 0
        client.noop()
        assert len(client.search("UNSEEN")) == 1


@pytest.mark.parametrize("option", ["", "?delete"])
def test_a_mail_the_server_does_not_give_holds_up_none_behind_it(
    app: Flask, post: Post, dovecot: Dovecot, imap_mailbox: Account, option: str
) -> None:
    """Fault 19: Dovecot cannot read one mail of its own, and ends the line each time it is asked for it."""
    reads(app, url(imap_mailbox, more=option))
    for raw in letters(3):
        imap_mailbox.deliver(raw)
    dovecot.cannot_read(imap_mailbox, words=b"Request 1")
    for _ in range(refused.TRIES):
        with pytest.raises(MailboxAway):
            fetched(app)
    for _ in range(2):
        with suppress(MailboxAway):
            fetched(app)
    post.turn()
    assert counts(app) == (3, 2)
    assert fetched(app) == 0
    with app.app_context():
        (aside,) = session().scalars(select(InboundMail).where(InboundMail.status == "quarantined"))
        assert b"still in the mailbox: 2 of " in files.read(aside.sha256)
    with imap_mailbox.client() as client:
        assert client.select_folder("INBOX")[b"EXISTS"] == (1 if option else 3)


def test_a_mail_that_is_given_after_all_is_taken_as_it_is(app: Flask, dovecot: Dovecot, imap_mailbox: Account) -> None:
    """Fault 19: nothing is put aside while there is nothing behind it to be held up."""
    reads(app, url(imap_mailbox))
    (sent,) = letters(1)
    imap_mailbox.deliver(sent)
    dovecot.cannot_read(imap_mailbox)
    for _ in range(refused.TRIES + 1):
        with pytest.raises(MailboxAway):
            fetched(app)
    assert stored(app) == []
    dovecot.can_read(imap_mailbox)
    assert fetched(app) == 1
    assert stored(app) == [hashlib.sha256(sent).hexdigest()]


def test_a_mail_too_large_stays_in_a_mailbox_that_is_emptied(app: Flask, imap_mailbox: Account) -> None:
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], upload_limit=3000)
    reads(app, url(imap_mailbox, more="?delete"))
    for raw in (letters(1)[0], letters(9)[8]):
        imap_mailbox.deliver(raw)
    assert fetched(app) == 2
    assert fetched(app) == 0
    with imap_mailbox.client() as client:
        assert client.select_folder("INBOX")[b"EXISTS"] == 1


def test_a_mailbox_whose_index_was_lost_loses_and_doubles_nothing(
    app: Flask, post: Post, dovecot: Dovecot, imap_mailbox: Account
) -> None:
    """Fault 14: Dovecot's own index and list of numbers are gone, so all is numbered anew."""
    reads(app, url(imap_mailbox))
    for raw in letters(5)[:3]:
        imap_mailbox.deliver(raw)
    fetched(app)
    post.turn()
    before = place(app).uidvalidity
    with imap_mailbox.client() as client:  # so that the new ones get numbers that were read before
        client.select_folder("INBOX")
        client.delete_messages(client.search()[:2])
        client.expunge()
    maildir = dovecot.maildir(imap_mailbox)
    wait_until(lambda: int(time.time()) > before, what="the server's clock of such numbers, which counts seconds")
    for name in set(maildir.glob("dovecot*")):
        shutil.rmtree(name) if name.is_dir() else name.unlink()
    for raw in letters(5)[3:]:
        imap_mailbox.deliver(raw)
    with imap_mailbox.client() as client:
        assert client.select_folder("INBOX")[b"UIDVALIDITY"] != before
    fetched(app)
    post.turn()
    assert counts(app) == (5, 5)


def test_a_password_that_was_changed_pauses_the_source_until_it_is_right(
    app: Flask, post: Post, dovecot: Dovecot, imap_mailbox: Account, still: None
) -> None:
    """Fault 12: no storm of tries, one alarm, nothing lost."""
    reads(app, url(imap_mailbox))
    assert fetched(app) == 0
    password(dovecot, imap_mailbox, "another")
    with pytest.raises(NotLetIn):
        fetched(app)
    row = state(app)
    assert (row.paused_by, bool(row.paused_at)) == ("refused", True)
    with app.app_context():
        fetch.schedule()
    for _ in range(5):  # the worker comes by, and leaves it alone
        with app.app_context():
            jobs.hasten(f"fetch_mail:{SOURCE}")
        post.turn()
    assert state(app).read_at == row.read_at
    with app.app_context():
        (alarm,) = alarms.standing()
        assert (alarm.subject, alarm.times) == (f"source:{SOURCE}", 1)
        assert "secret" not in alarm.sentence
        kinds = list(session().scalars(select(MailDiary.kind).order_by(MailDiary.id)))
        assert kinds == ["trouble", "paused"]
    now = replace(imap_mailbox, password="another")
    now.deliver(letters(1)[0])
    reads(app, url(now))
    clock.travel(timedelta(seconds=standing.EVERY + 1))  # the worker notices by itself that the address is another one
    post.turn()
    assert counts(app) == (1, 1)
    assert (state(app).paused_by, state(app).paused_at, state(app).error) == ("", None, "")
    with app.app_context():
        assert alarms.standing() == []


def test_a_paused_source_is_tried_each_half_hour(
    app: Flask, post: Post, dovecot: Dovecot, imap_mailbox: Account, still: None
) -> None:
    reads(app, url(imap_mailbox))
    fetched(app)
    password(dovecot, imap_mailbox, "another")
    with pytest.raises(NotLetIn):
        fetched(app)
    password(dovecot, imap_mailbox, imap_mailbox.password)
    with app.app_context():
        left = standing.rests(SOURCE, url(imap_mailbox))
        assert left is not None
        assert 0 < left <= 1800
        clock.travel(timedelta(minutes=31))
        assert standing.rests(SOURCE, url(imap_mailbox)) is None
    assert fetched(app) == 0
    assert state(app).paused_at is None


def test_an_administrators_pause_outlives_everything_but_a_resume(app: Flask, imap_mailbox: Account) -> None:
    reads(app, url(imap_mailbox))
    with app.app_context():
        standing.pause(SOURCE, who="Ann")
        assert standing.rests(SOURCE, url(imap_mailbox)) is not None
        assert standing.rests(SOURCE, "imaps://another") is not None
    reads(app, url(replace(imap_mailbox, password="wrong")))
    with pytest.raises(NotLetIn):
        fetched(app)  # by hand, or by a worker that had begun before
    assert state(app).paused_by == "person"
    with app.app_context():
        standing.resume(SOURCE, who="Ann")
        assert standing.rests(SOURCE, url(imap_mailbox)) is None


def test_a_certificate_that_ran_out_pauses_the_source(
    app: Flask, tmp_path: Path, imap_mailbox: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 12: the certificate is trusted, and was good until yesterday."""
    with expired_server(tmp_path) as port:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "expired.pem"))
        reads(app, url(imap_mailbox, scheme="imaps", port=port))
        with pytest.raises(NotLetIn, match="expired"):
            fetched(app)
    assert state(app).paused_by == "refused"


def test_a_server_that_is_away_pauses_nothing(app: Flask, imap_mailbox: Account) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    reads(app, url(imap_mailbox, port=port))
    with pytest.raises(MailboxAway):
        fetched(app)
    assert (state(app).paused_at, bool(state(app).error)) == (None, True)


def password(dovecot: Dovecot, box: Account, new: str) -> None:
    """Change it on the server, and wait until the server has noticed."""
    lines = dovecot.users.read_text().splitlines(keepends=True)
    others = "".join(line for line in lines if not line.startswith(f"{box.address}:"))
    dovecot.users.write_text(f"{others}{box.address}:{{PLAIN}}{new}::::::\n")
    wait_until(replace(box, password=new).opens, what="the password to be changed")


@contextmanager
def expired_server(folder: Path) -> Iterator[int]:
    """TLS with a certificate that ran out yesterday; gives the port."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now - timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "expired.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "expired.key").write_bytes(private)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "expired.pem", folder / "expired.key")
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def take() -> None:
            with suppress(OSError):
                while True:
                    line, _ = listening.accept()
                    with suppress(OSError), context.wrap_socket(line, server_side=True) as secure:
                        secure.recv(1)

        threading.Thread(target=take, daemon=True).start()
        yield int(listening.getsockname()[1])
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
