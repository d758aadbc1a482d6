"""The SMTP door: mail handed in by a mail server or program, stored before it is acknowledged.

It takes mail for the addresses of our sources only and relays nothing. "250" is said when the bytes are on the disk and
the row is committed, "451" when that failed, so the other side tries again. Only CR LF . CR LF ends a message; one that
holds a lone dot between bare line feeds or carriage returns, where another server would see an end, is refused (attack
29, SMTP smuggling). Other bare line feeds are taken as they are: many a script sends them.
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from config import BadSetting
from helpdesk.channels.email import sources, store
from helpdesk.people.find import MAIL

CONNECTIONS = 100
PER_PEER = 20
RECIPIENTS = 100
LONGEST_LINE = 1_000_000  # bytes; RFC 5321 says 1000, and many programs never heard of it
READY = 30.0  # seconds until it must listen, on a machine that is busy
SILENCE = 300.0  # seconds a peer may take for a command or for its whole message
COMMANDS = {"*": 1000, "NOOP": 50, "RSET": 200, "VRFY": 20, "EHLO": 20, "HELO": 20}
_SMUGGLED = re.compile(rb"(?<!\r)\n\.[\r\n]|\r(?!\n)\.[\r\n]|\n\.(?:\n|\r(?!\n))")

log = logging.getLogger("helpdesk.mail.door")
logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd tells of each line


class Door:
    """The listening door of one desk."""

    def __init__(self, app: Flask, address: str) -> None:
        host, port = _host_and_port(address)
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="mail door")
        self._controller = _Controller(_Handler(app, self._threads), app.config["HELPDESK"].upload_limit, host, port)

    @property
    def address(self) -> str:
        return f"{self._controller.hostname}:{self._controller.port}"

    def open(self) -> None:
        """Listen, in a thread; returns when it does. Raises OSError where the address is taken."""
        self._controller.start()

    def close(self) -> None:
        """Listen no more. A message that was not acknowledged yet is the sender's to send again."""
        self._controller.stop()
        self._threads.shutdown(wait=True, cancel_futures=True)


class _Handler:
    """What aiosmtpd calls for each verb."""

    def __init__(self, app: Flask, threads: ThreadPoolExecutor) -> None:
        self.app, self.threads = app, threads

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        try:
            known = await self._in_thread(self._is_ours, address)
        except Exception:
            log.exception("A recipient could not be looked up.")
            return "451 4.3.0 Try again later"
        if not known:
            return "550 5.1.1 No such address here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:
        raw = envelope.original_content or b""
        if _SMUGGLED.search(raw):
            return "550 5.6.11 A lone dot between bare line ends is not accepted"
        try:
            await self._in_thread(self._keep, raw, session, envelope)
        except Exception:
            log.exception("A mail could not be stored; the sender was asked to try again.")
            return "451 4.3.0 Could not be stored, try again later"
        return "250 2.0.0 Stored"

    async def handle_exception(self, error: Exception) -> str:
        log.error("The mail door failed.", exc_info=error)
        return "451 4.3.0 Try again later"

    def _is_ours(self, address: str) -> bool:
        with self.app.app_context():
            return bool(MAIL.fullmatch(address)) and sources.of_address(address) is not None

    def _keep(self, raw: bytes, session: Session, envelope: Envelope) -> None:
        with self.app.app_context():
            source = sources.of_address(envelope.rcpt_tos[0])
            store.keep(
                raw,
                source=source.name if source else "",
                envelope_from=envelope.mail_from or store.NULL_PATH,
                envelope_to=envelope.rcpt_tos,
                peer=str(session.peer[0]) if session.peer else "",
            )

    async def _in_thread(self, call: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.threads, call, *arguments)


class _Protocol(SMTP):
    """aiosmtpd's protocol with longer lines and a limit to how many may talk at once."""

    line_length_limit = LONGEST_LINE

    def __init__(self, *arguments: Any, open_lines: dict[str, int], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._open_lines, self._peer = open_lines, ""

    def connection_made(self, transport: Any) -> None:
        peer = str((transport.get_extra_info("peername") or ("?",))[0])
        if sum(self._open_lines.values()) >= CONNECTIONS or self._open_lines.get(peer, 0) >= PER_PEER:
            transport.write(b"421 4.7.0 Too many connections, try again later\r\n")
            transport.close()
            return
        self._peer = peer
        self._open_lines[peer] = self._open_lines.get(peer, 0) + 1
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if not self._peer:
            return
        left = self._open_lines.get(self._peer, 1) - 1
        if left > 0:
            self._open_lines[self._peer] = left
        else:
            self._open_lines.pop(self._peer, None)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        if self._peer:
            super().data_received(data)

    def eof_received(self) -> bool | None:
        return super().eof_received() if self._peer else False


class _Controller(Controller):
    def __init__(self, handler: _Handler, size: int, host: str, port: int) -> None:
        self._open_lines: dict[str, int] = {}
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
        return _Protocol(self.handler, open_lines=self._open_lines, **self.SMTP_kwargs)


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise BadSetting(f"HELPDESK_MAIL_DOOR is {address!r}; it must look like 127.0.0.1:2525.")
    return host.strip("[]") or "0.0.0.0", int(port)  # noqa: S104 - a door that names no host is open to all, as asked
