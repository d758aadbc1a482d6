"""An SMTP server that keeps what it gets and answers as the test tells it.

`mail_sink` is a plain one; `running_mail_sink` takes TLS, and a password or tokens (XOAUTH2).
Scripts are per verb and recipient; the first that fits speaks:

    mail_sink.answers("RCPT", "gone@example.test", "550 5.1.1 No such user")
    mail_sink.answers("DATA", None, "451 4.3.0 Try again later", times=2)
    mail_sink.answers("DATA", None, HANG_UP)        # the line goes dead after the message has been taken
    mail_sink.holds_next()                          # its sender waits for the answer until `lets_go`
"""

from __future__ import annotations

import asyncio
import base64
import email
import email.policy
import json
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.process import PATIENCE, free_port, wait_until

HANG_UP = "hang up"


@dataclass(frozen=True)
class Received:
    """One message that was accepted, or was taken before the line went dead."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    over_tls: bool
    user: str | None

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.raw, policy=email.policy.default)


@dataclass
class Answer:
    verb: str
    recipient: str | None  # None: any
    says: str
    times: int | None  # None: for ever


@dataclass
class MailSink:
    """A running server. `received` grows in the order of arrival; `heard` has every verb, refused or not."""

    port: int
    host: str = "127.0.0.1"
    received: list[Received] = field(default_factory=list)
    heard: list[tuple[str, str]] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)  # token -> whose it is
    tried: list[str] = field(default_factory=list)  # tokens that somebody came with
    after_no: list[bytes] = field(default_factory=list)  # what came after it was said what is wrong with a token
    _script: list[Answer] = field(default_factory=list)
    held: bool = False  # somebody waits for the answer to their message
    _hold_next: bool = False
    _let_go: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        """As HELPDESK_SMTP_URL takes it, without TLS."""
        return f"smtp+insecure://{self.host}:{self.port}"

    def answers(self, verb: str, recipient: str | None, says: str, *, times: int | None = None) -> None:
        """From now on say this to MAIL, RCPT or DATA (for this recipient, or any), `times` times or for ever."""
        with self._lock:
            self._script.append(Answer(verb, recipient, says, times))

    def holds_next(self) -> None:
        """Whoever sends the next message waits for its answer until `lets_go`; those after it do not."""
        self._let_go.clear()
        self.held, self._hold_next = False, True

    def lets_go(self) -> None:
        self._let_go.set()

    async def holds_back(self) -> None:
        """Called by the server's own thread, where a message has come in whole."""
        if self._hold_next:
            self._hold_next, self.held = False, True
            while not self._let_go.is_set():
                await asyncio.sleep(0.01)

    def forgets(self) -> None:
        """Forget the script and what was received."""
        with self._lock:
            self._script.clear()
            self.received.clear()
            self.heard.clear()

    def wait_for(self, number: int, *, seconds: float = PATIENCE) -> list[Received]:
        """The messages received, once there are at least `number`."""
        wait_until(lambda: len(self.received) >= number, what=f"{number} messages", seconds=seconds)
        return list(self.received)

    def scripted(self, verb: str, recipients: list[str]) -> str | None:
        """What the script says now, used up by asking. Called by the server's own thread."""
        with self._lock:
            for answer in self._script:
                if (
                    answer.verb == verb
                    and (answer.recipient is None or answer.recipient in recipients)
                    and answer.times != 0
                ):
                    if answer.times is not None:
                        answer.times -= 1
                    return answer.says
        return None


class _Handler:
    """What aiosmtpd calls for each verb."""

    def __init__(self, sink: MailSink) -> None:
        self.sink = sink

    async def handle_MAIL(
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.sink.heard.append(("MAIL", address))
        answer = self._answer(server, "MAIL", [address])
        if answer is None:
            envelope.mail_from = address
            envelope.mail_options.extend(options)
        return answer or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.sink.heard.append(("RCPT", address))
        answer = self._answer(server, "RCPT", [address])
        if answer is None:
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.sink.heard.append(("DATA", ", ".join(envelope.rcpt_tos)))
        await self.sink.holds_back()
        answer = self._answer(server, "DATA", envelope.rcpt_tos)
        if answer in (None, HANG_UP):
            signed_in: object = session.auth_data
            user = signed_in.login.decode() if isinstance(signed_in, LoginPassword) else None
            taken = Received(
                sender=envelope.mail_from or "",
                recipients=tuple(envelope.rcpt_tos),
                raw=envelope.original_content or b"",
                over_tls=server.transport is not None and server.transport.get_extra_info("cipher") is not None,
                user=user,
            )
            self.sink.received.append(taken)
        return answer or "250 2.0.0 Kept"

    def _answer(self, server: SMTP, verb: str, recipients: list[str]) -> str | None:
        answer = self.sink.scripted(verb, recipients)
        if answer == HANG_UP and server.transport is not None:
            server.transport.close()
        return answer


class _TokenHandler(_Handler):
    """The same with XOAUTH2, rude enough to repeat what it refuses."""

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:  # noqa: N802 - aiosmtpd's name for it
        said = base64.b64decode(args[1], validate=True).decode()
        shape = re.fullmatch("user=([^\x01]+)\x01auth=Bearer ([^\x01]+)\x01\x01", said)
        assert shape, said
        user, token = shape.groups()
        self.sink.tried.append(token)
        if answer := self._answer(server, "AUTH", [user]):
            return AuthResult(success=False, handled=False, message=answer)
        if self.sink.tokens.get(token) == user:
            return AuthResult(success=True, auth_data=LoginPassword(user.encode(), b""))
        after = await server.challenge_auth(json.dumps({"status": "400", "schemes": "Bearer", "scope": "mail"}))
        assert isinstance(after, bytes)
        self.sink.after_no.append(after)
        return AuthResult(success=False, handled=False, message=f"535 5.7.8 Not accepted: {args[1]} with {token}")


@contextmanager
def running_mail_sink(
    *,
    tls: ssl.SSLContext | None = None,
    password: tuple[str, str] | None = None,
    tokens: dict[str, str] | None = None,
) -> Iterator[MailSink]:
    """An SMTP server within the block. `tls` requires STARTTLS; `password` (user, password) requires signing in, and so
    do `tokens` (token -> user), which may change meanwhile.
    """

    def authenticate(
        _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: LoginPassword
    ) -> AuthResult:
        right = password == (given.login.decode(), given.password.decode())
        return AuthResult(success=right, handled=False, auth_data=given)

    sink = MailSink(port=free_port(), tokens={} if tokens is None else tokens)
    controller = Controller(
        _Handler(sink) if tokens is None else _TokenHandler(sink),
        hostname=sink.host,
        port=sink.port,
        tls_context=tls,
        require_starttls=tls is not None,
        auth_required=password is not None or tokens is not None,
        auth_exclude_mechanism=[] if tokens is None else ["LOGIN", "PLAIN"],
        auth_require_tls=tls is not None,
        authenticator=authenticate if password else None,
        data_size_limit=64_000_000,
        ready_timeout=PATIENCE,
    )
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()


@pytest.fixture
def mail_sink() -> Iterator[MailSink]:
    """An SMTP server without TLS or password, empty."""
    with running_mail_sink() as sink:
        yield sink
