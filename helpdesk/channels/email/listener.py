"""Who may talk at the SMTP door, how much and for how long: aiosmtpd's protocol with limits, TLS and LMTP.

No peer takes all the lines, comes too often, goes on after many refusals, or holds a line by dripping: each wait ends,
and so does each line. The certificate is taken anew when its file changes: one that was renewed needs no restart.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP

from config import BadSetting, Settings

CONNECTIONS = 100
PER_PEER = 20
PER_MINUTE = 120  # new lines of one peer, this machine excepted: a mail server beside us may have much to say
REFUSALS = 20  # answers of 5xx that a line gets before it is ended
LONGEST_LINE = 1_000_000  # bytes; RFC 5321 says 1000, and many programs never heard of it
READY = 30.0  # seconds until it must listen, on a machine that is busy
SILENCE = 300.0  # seconds a peer may take for a command or for its whole message
LIFETIME = 3600.0  # seconds of a line, whatever it does
COMMANDS = {"*": 1000, "NOOP": 50, "RSET": 200, "VRFY": 20, "EHLO": 20, "HELO": 20}

logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd tells of each line


@dataclass
class Certificate:
    """The door's certificate and key, two PEM files."""

    certificate: Path
    key: Path
    context: ssl.SSLContext = field(default_factory=lambda: ssl.create_default_context(ssl.Purpose.CLIENT_AUTH))
    _seen: tuple[float, float] = (0.0, 0.0)

    @classmethod
    def of(cls, settings: Settings) -> Certificate | None:
        """That of the settings; None where they name none. Raises BadSetting."""
        if not settings.mail_door_cert and not settings.mail_door_key:
            return None
        if not settings.mail_door_cert or not settings.mail_door_key:
            raise BadSetting("HELPDESK_MAIL_DOOR_CERT and HELPDESK_MAIL_DOOR_KEY are set together or not at all.")
        here = cls(Path(settings.mail_door_cert), Path(settings.mail_door_key))
        try:
            here.look()
        except (OSError, ssl.SSLError) as unusable:
            raise BadSetting(f"The certificate of the mail door cannot be used: {unusable}") from unusable
        return here

    def look(self) -> None:
        """Take the files as they are now, where they have changed. Raises OSError and ssl.SSLError."""
        now = (self.certificate.stat().st_mtime, self.key.stat().st_mtime)
        if now != self._seen:
            self.context.load_cert_chain(self.certificate, self.key)
            self._seen = now


class Crowd:
    """Who is on the lines, and how often they came lately."""

    def __init__(self) -> None:
        self._open: dict[str, int] = {}
        self._came: dict[str, deque[float]] = {}

    def comes(self, peer: str) -> str:
        """A new line; gives why it is refused, or nothing."""
        if sum(self._open.values()) >= CONNECTIONS or self._open.get(peer, 0) >= PER_PEER:
            return "421 4.7.0 Too many connections, try again later"
        if not _is_here(peer) and self._too_often(peer):
            return "421 4.7.0 Too many connections in a minute, try again later"
        self._open[peer] = self._open.get(peer, 0) + 1
        return ""

    def goes(self, peer: str) -> None:
        left = self._open.pop(peer, 1) - 1
        if left > 0:
            self._open[peer] = left

    def _too_often(self, peer: str) -> bool:
        now = time.monotonic()
        for each in [each for each, came in self._came.items() if came[-1] < now - 60]:
            del self._came[each]
        came = self._came.setdefault(peer, deque(maxlen=PER_MINUTE))
        full = len(came) == PER_MINUTE and came[0] > now - 60
        if not full:
            came.append(now)
        return full


class _Limited(SMTP):
    """aiosmtpd's protocol with longer lines and the limits above."""

    line_length_limit = LONGEST_LINE

    def __init__(self, *arguments: Any, crowd: Crowd, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._crowd, self._peer, self._refusals = crowd, "", 0
        self._last: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        if self._peer:  # the same line, over TLS from now on
            super().connection_made(transport)
            return
        peer = str((transport.get_extra_info("peername") or ("?",))[0])
        if refused := self._crowd.comes(peer):
            transport.write(f"{refused}\r\n".encode())
            transport.close()
            return
        self._peer = peer
        self._last = self.loop.call_later(LIFETIME, self._timeout_cb)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if not self._peer:
            return
        self._crowd.goes(self._peer)
        if self._last:
            self._last.cancel()
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if self._peer:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        return super().eof_received() if self._peer else False

    async def push(self, status: Any) -> None:
        """Every answer comes by here: too many refusals end the line."""
        await super().push(status)
        said = status if isinstance(status, str) else bytes(status).decode("ascii", "replace")
        self._refusals += said.startswith("5")
        if self._refusals >= REFUSALS and self.transport is not None:
            self._refusals = 0
            await super().push("421 4.7.0 Too many refusals, goodbye")
            self.transport.close()


class _Local(_Limited, LMTP):
    """The same in LMTP: after the message there is one answer for each recipient that was taken (RFC 2033, 4.2)."""

    _answers = 0

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name for it
        recipients = len(self.envelope.rcpt_tos) if self.envelope else 0
        self._answers = recipients
        try:
            await super().smtp_DATA(arg)
        finally:
            self._answers = 0

    async def push(self, status: Any) -> None:
        said = status if isinstance(status, str) else bytes(status).decode("ascii", "replace")
        asks = said.startswith(("354", "503", "501"))  # before the message there is one answer
        for _ in range(self._answers if self._answers and not asks else 1):
            await super().push(status)


class Listener(Controller):
    """The door's port, in a thread of its own."""

    def __init__(
        self, handler: Any, *, host: str, port: int, size: int, tls: Certificate | None = None, lmtp: bool = False
    ) -> None:
        self._crowd, self._certificate = Crowd(), tls
        self._speaks: Callable[..., SMTP] = _Local if lmtp else _Limited
        super().__init__(
            handler,
            hostname=host,
            port=port,
            data_size_limit=size,
            enable_SMTPUTF8=True,
            ready_timeout=READY,
            timeout=SILENCE,
            command_call_limit=COMMANDS,
            ident="helpdesk",
            tls_context=tls.context if tls else None,
        )

    def _run(self, ready_event: threading.Event) -> None:
        super()._run(ready_event)
        if self._thread_exception is not None:
            self.loop.close()
            ready_event.set()  # by itself it would wait for `READY` seconds where the address is taken

    def _trigger_server(self) -> None:
        if self._thread_exception is not None:
            raise self._thread_exception
        super()._trigger_server()

    def factory(self) -> SMTP:
        if self._certificate:
            try:
                self._certificate.look()
            except (OSError, ssl.SSLError):  # half written, or gone: the one before is used, and it is looked at again
                logging.getLogger("helpdesk.mail.door").exception("The door's new certificate cannot be used.")
        return self._speaks(self.handler, crowd=self._crowd, **self.SMTP_kwargs)


def _is_here(peer: str) -> bool:
    try:
        return ipaddress.ip_address(peer).is_loopback
    except ValueError:
        return False
