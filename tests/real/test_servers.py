"""The real servers start, do the one thing they are for, and are gone afterwards."""

from __future__ import annotations

import os
import signal
import smtplib
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError
from playwright.sync_api import Page
from redis import Redis

from tests.servers.browser import accessibility_problems
from tests.servers.certificate import Certificate
from tests.servers.dovecot import Account, Dovecot
from tests.servers.mail_sink import HANG_UP, MailSink, running_mail_sink
from tests.servers.postgresql import ROOM, PostgreSQL, running_postgresql
from tests.servers.process import DISK, MEMORY, PATIENCE, answers, free_port, wait_until, where_there_is_room
from tests.servers.redis import RedisServer, running_redis

LETTER = b"From: olga@example.test\r\nTo: support@example.test\r\nSubject: Printer on fire\r\n\r\nHelp.\r\n"


def test_postgresql_clones_a_template_and_forgets_the_clone(postgresql: PostgreSQL) -> None:
    with psycopg.connect(postgresql.create("shape"), autocommit=True) as connection:
        connection.execute("CREATE TABLE tickets (id int)")
    with psycopg.connect(postgresql.create("copy", template="shape"), autocommit=True) as connection:
        assert connection.execute("SELECT count(*) FROM tickets").fetchone() == (0,)
        assert connection.execute("SHOW fsync").fetchone() == ("off",)
        postgresql.drop("copy")  # although we are still connected
    with pytest.raises(psycopg.OperationalError, match="does not exist"):
        psycopg.connect(postgresql.url("copy"))


def test_a_test_gets_a_migrated_database_of_its_own(postgresql_url: str) -> None:
    with psycopg.connect(postgresql_url) as connection:
        assert connection.execute("SELECT count(*) FROM tickets").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)


def test_a_durable_postgresql_flushes_and_is_gone_after_its_block() -> None:
    with running_postgresql(durable=True) as server, psycopg.connect(server.url()) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
        assert server.sockets.parent == DISK
    assert not answers(server.port)
    assert not server.sockets.exists()


def test_a_postgresql_that_may_forget_lives_in_memory_where_there_is_room() -> None:
    place = where_there_is_room(ROOM)
    with running_postgresql() as server:
        assert server.sockets.parent == place
    more_than_anybody_has = 10**9
    assert where_there_is_room(more_than_anybody_has) == DISK
    usable = MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    assert where_there_is_room(0) == (MEMORY if usable else DISK)


def test_redis_keeps_a_value_until_its_block_ends() -> None:
    with running_redis() as server, Redis.from_url(server.url) as client:
        client.set("doorbell", "42")
        assert client.get("doorbell") == b"42"
    assert not answers(server.port)


def test_each_test_finds_redis_empty(redis_server: RedisServer, redis_url: str) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.keys() == []
        assert redis_url == redis_server.url


def test_dovecot_serves_a_mailbox_with_verified_tls(imap_mailbox: Account, certificate: Certificate) -> None:
    imap_mailbox.deliver(LETTER)
    with IMAPClient("localhost", port=imap_mailbox.tls_port, ssl_context=certificate.client_context()) as client:
        client.login(imap_mailbox.address, imap_mailbox.password)
        client.select_folder("INBOX")
        (number,) = client.search()
        assert client.fetch(number, ["BODY[]"])[number][b"BODY[]"] == LETTER
        client.move([number], "Archive")
        assert client.search() == []


def test_dovecot_takes_starttls_and_an_oauth_token_but_not_a_wrong_one(
    dovecot: Dovecot, imap_mailbox: Account, certificate: Certificate
) -> None:
    dovecot.tokens["token-of-the-desk"] = imap_mailbox.address
    with IMAPClient("localhost", port=dovecot.port, ssl=False) as client:
        client.starttls(certificate.client_context())
        client.oauth2_login(imap_mailbox.address, "token-of-the-desk")
        assert client.folder_exists("INBOX")
    with IMAPClient("localhost", port=dovecot.port, ssl=False) as client, pytest.raises(LoginError):
        client.oauth2_login(imap_mailbox.address, "a-stolen-one")


def test_dovecot_says_at_once_when_mail_arrives(imap_mailbox: Account) -> None:
    with imap_mailbox.client() as client:
        client.select_folder("INBOX")
        client.idle()
        imap_mailbox.deliver(LETTER)
        assert (1, b"EXISTS") in client.idle_check(timeout=PATIENCE)
        client.idle_done()


def test_the_mail_sink_answers_by_recipient_as_told_and_keeps_the_rest(mail_sink: MailSink) -> None:
    mail_sink.answers("RCPT", "gone@example.test", "550 5.1.1 No such user")
    mail_sink.answers("DATA", None, "451 4.3.0 Try again later", times=1)
    with smtplib.SMTP(mail_sink.host, mail_sink.port) as client:
        with pytest.raises(smtplib.SMTPDataError, match="Try again"):
            client.sendmail("desk@example.test", ["olga@example.test"], LETTER)
        refused = client.sendmail("desk@example.test", ["olga@example.test", "gone@example.test"], LETTER)
    assert refused["gone@example.test"][0] == 550
    (kept,) = mail_sink.received
    assert kept.recipients == ("olga@example.test",)
    assert kept.raw == LETTER
    assert kept.message["Subject"] == "Printer on fire"


def test_the_mail_sink_can_hang_up_after_it_took_the_message(mail_sink: MailSink) -> None:
    mail_sink.answers("DATA", None, HANG_UP, times=1)
    client = smtplib.SMTP(mail_sink.host, mail_sink.port)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        client.sendmail("desk@example.test", ["olga@example.test"], LETTER)
    assert [each.raw for each in mail_sink.received] == [LETTER]


def test_the_mail_sink_wants_tls_and_a_password_when_told(certificate: Certificate) -> None:
    with running_mail_sink(tls=certificate.server_context(), password=("desk", "secret")) as sink:
        with smtplib.SMTP("localhost", sink.port) as client, pytest.raises(smtplib.SMTPSenderRefused):
            client.sendmail("desk@example.test", ["olga@example.test"], LETTER)
        with smtplib.SMTP("localhost", sink.port) as client:
            client.starttls(context=certificate.client_context())
            with pytest.raises(smtplib.SMTPAuthenticationError):
                client.login("desk", "wrong")
            client.login("desk", "secret")
            client.sendmail("desk@example.test", ["olga@example.test"], LETTER)
    (kept,) = sink.received
    assert (kept.over_tls, kept.user) == (True, "desk")


def test_chromium_shows_a_page_and_axe_sees_what_is_wrong_with_it(page: Page) -> None:
    page.set_content("<html lang=en><title>Desk</title><main><h1>Queue</h1><img src='data:,'></main>")
    assert page.get_by_role("heading").inner_text() == "Queue"
    assert [problem.split(":")[0] for problem in accessibility_problems(page)] == ["image-alt"]
    page.get_by_role("img").evaluate("image => image.alt = 'A printer on fire'")
    assert accessibility_problems(page) == []


def test_a_server_ends_when_the_one_who_started_it_is_killed(tmp_path: Path) -> None:
    """A killed test run leaves no server behind."""
    port = free_port()
    script = tmp_path / "starter.py"
    script.write_text(
        "import sys, time\n"
        "from pathlib import Path\n"
        "from tests.servers.process import answers, running\n"
        f"command = [sys.executable, '-m', 'http.server', '--bind', '127.0.0.1', '{port}']\n"
        f"with running(command, log=Path({str(tmp_path / 'log')!r}), ready=lambda: answers({port})):\n"
        "    time.sleep(60)\n"
    )
    root = Path(__file__).parents[2]
    starter = subprocess.Popen([sys.executable, script], env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin"})
    try:
        wait_until(lambda: answers(port), what="the server")
    finally:
        starter.send_signal(signal.SIGKILL)
        starter.wait()
    wait_until(lambda: not answers(port), what="the server to be gone")
