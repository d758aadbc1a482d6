"""A real Dovecot: IMAP with STARTTLS, IMAPS, passwords, and OAuth tokens checked by introspection (RFC 7662).

`dovecot` is the session's server and `imap_mailbox` a fresh, empty account of one test. Mail is put in by IMAP APPEND.
"""

from __future__ import annotations

import grp
import json
import os
import pwd
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from tests.servers.certificate import Certificate
from tests.servers.process import (
    PATIENCE,
    answers,
    folder,
    free_port,
    program,
    running,
    unprivileged_user,
    wait_until,
)

CONFIGURATION = """
base_dir = {home}/run
state_dir = {home}/run
log_path = {home}/dovecot.log
protocols = {protocols}
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
first_valid_uid = 1
mail_location = maildir:~/Maildir
default_internal_user = {user}
default_login_user = {user}
default_internal_group = {group}
imap_idle_notify_interval = 30 s
mail_max_userip_connections = 50
namespace inbox {{
  inbox = yes
  mailbox Archive {{
    auto = create
  }}
}}
passdb {{
  driver = passwd-file
  args = username_format=%u {home}/users
  mechanisms = plain login
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/oauth2.ext
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={home}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
{pop3_login}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""

POP3_LOGIN = """
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = {pop3}
  }}
  inet_listener pop3s {{
    port = {pop3s}
    ssl = yes
  }}
}}
"""

INTROSPECTION = """
introspection_url = http://127.0.0.1:{port}/introspect?token=
introspection_mode = get
username_attribute = email
active_attribute = active
active_value = true
"""


POP3 = Path("/usr/lib/dovecot/pop3")  # a package of its own


@dataclass(frozen=True)
class Account:
    """A mailbox and the ways into it."""

    address: str
    password: str
    port: int
    tls_port: int
    pop3_port: int
    pop3_tls_port: int

    def client(self) -> IMAPClient:
        """A signed-in client without TLS, to look at the mailbox from outside the desk. Use it as a context manager."""
        client = IMAPClient("127.0.0.1", port=self.port, ssl=False, timeout=PATIENCE)
        client.login(self.address, self.password)
        return client

    def opens(self) -> bool:
        """Whether the server knows it by now."""
        with IMAPClient("127.0.0.1", port=self.port, ssl=False, timeout=PATIENCE) as client, suppress(LoginError):
            client.login(self.address, self.password)
            return True
        return False

    def deliver(self, raw: bytes, *, folder: str = "INBOX") -> None:
        """Put a message into the mailbox as if it had arrived."""
        with self.client() as client:
            client.append(folder, raw)


@dataclass
class Dovecot:
    """A running server."""

    pid: int
    port: int
    tls_port: int
    pop3_port: int
    pop3_tls_port: int
    users: Path
    tokens: dict[str, str]  # OAuth access token -> the address it belongs to; the introspection answers from here
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def account(self, address: str | None = None, *, password: str = "secret") -> Account:
        """Add a mailbox and wait until it is there: Dovecot looks at its file of users at most once a second."""
        address = address or f"desk{next(self._numbers)}@example.test"
        with self.users.open("a") as users:
            users.write(f"{address}:{{PLAIN}}{password}::::::\n")
        account = Account(address, password, self.port, self.tls_port, self.pop3_port, self.pop3_tls_port)
        wait_until(account.opens, what=f"the mailbox {address}")
        return account

    def maildir(self, account: Account) -> Path:
        """Where it keeps this mailbox."""
        return self.users.parent / "mail" / account.address / "Maildir"

    def cannot_read(self, account: Account, *, words: bytes = b"") -> None:
        """From now on it ends the line each time it is asked for the first mail with these words."""
        next(path for path in self._mails(account) if words in path.read_bytes()).chmod(0)

    def can_read(self, account: Account) -> None:
        """All of its mails again."""
        for path in self._mails(account):
            path.chmod(0o600)

    def _mails(self, account: Account) -> list[Path]:
        return sorted(self.maildir(account).glob("[cn]*/*"))


@contextmanager
def running_dovecot(certificate: Certificate) -> Iterator[Dovecot]:
    """Dovecot within the block, on free ports of loopback, with no mailbox yet."""
    dovecot = program("dovecot", package="dovecot-imapd")
    program("imap", package="dovecot-imapd", also_in="/usr/lib/dovecot")
    user = unprivileged_user("dovecot", "nobody") or pwd.getpwuid(os.getuid()).pw_name
    imap = free_port(count=4)
    tokens: dict[str, str] = {}
    with folder("imap") as home, _introspection(tokens) as introspection:
        _configure(home, certificate, user=user, imap=imap, introspection=introspection)
        command = [dovecot, "-F", "-c", str(home / "dovecot.conf")]
        with running(command, log=home / "stdout.log", ready=lambda: answers(imap) and answers(imap + 1)) as process:
            yield Dovecot(process.pid, imap, imap + 1, imap + 2, imap + 3, home / "users", tokens)


@pytest.fixture(scope="session")
def dovecot(certificate: Certificate) -> Iterator[Dovecot]:
    """The session's Dovecot."""
    with running_dovecot(certificate) as server:
        yield server


@pytest.fixture
def pop3_mailbox(dovecot: Dovecot) -> Account:
    """A fresh mailbox, empty, that is read by POP3."""
    program("pop3", package="dovecot-pop3d", also_in="/usr/lib/dovecot")
    return dovecot.account()


@pytest.fixture
def idles(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """An IDLE for each time that a client of this process said it."""
    said: list[str] = []
    idle = IMAPClient.idle

    def says(client: IMAPClient) -> None:
        said.append("IDLE")
        idle(client)

    monkeypatch.setattr(IMAPClient, "idle", says)
    return said


@pytest.fixture
def imap_mailbox(dovecot: Dovecot) -> Account:
    """A fresh mailbox, empty."""
    return dovecot.account()


def _configure(home: Path, certificate: Certificate, *, user: str, imap: int, introspection: int) -> None:
    """Write the files; the master stays root (if we are), everything that reads mail is `user`."""
    entry = pwd.getpwnam(user)
    (home / "run").mkdir()
    (home / "mail").mkdir()
    os.chown(home / "mail", entry.pw_uid, entry.pw_gid)
    (home / "users").write_text("")
    (home / "oauth2.ext").write_text(INTROSPECTION.format(port=introspection))
    configuration = CONFIGURATION.format(
        home=home,
        certificate=certificate.certificate,
        key=certificate.key,
        user=user,
        group=_group(entry.pw_gid),
        imap=imap,
        imaps=imap + 1,
        protocols="imap pop3" if POP3.exists() else "imap",
        pop3_login=POP3_LOGIN.format(pop3=imap + 2, pop3s=imap + 3) if POP3.exists() else "",
    )
    (home / "dovecot.conf").write_text(configuration)


def _group(number: int) -> str:
    return grp.getgrgid(number).gr_name


@contextmanager
def _introspection(tokens: dict[str, str]) -> Iterator[int]:
    """The authority that says whose token this is; gives its port."""

    class Authority(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            token = parse_qs(urlsplit(self.path).query).get("token", [""])[0]
            says = {"active": True, "email": tokens[token]} if token in tokens else {"active": False}
            body = json.dumps(says).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing on the tests' output."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Authority) as server:
        thread = threading.Thread(target=server.serve_forever, name="introspection", daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
