"""The SMTP door: mail handed in by a mail server or program, stored before it is acknowledged.

It takes mail for the addresses of our sources only and relays nothing. "250" is said when the bytes are on the disk and
the row is committed, "451" when that failed, so the other side tries again. Only CR LF . CR LF ends a message; one that
holds a lone dot between bare line feeds or carriage returns, where another server would see an end, is refused (attack
29, SMTP smuggling). Other bare line feeds are taken as they are: many a script sends them. Who may talk, for how long
and under which certificate stands in `listener`.
"""

from __future__ import annotations

import asyncio
import logging
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from config import BadSetting, Settings
from helpdesk.channels.email import sources, store
from helpdesk.channels.email.listener import Certificate, Listener
from helpdesk.people.find import MAIL

RECIPIENTS = 100
_SMUGGLED = re.compile(rb"(?<!\r)\n\.[\r\n]|\r(?!\n)\.[\r\n]|\n\.(?:\n|\r(?!\n))")

log = logging.getLogger("helpdesk.mail.door")


class Door:
    """A listening door of one desk; with `lmtp` one that speaks LMTP (RFC 2033)."""

    def __init__(self, app: Flask, address: str, *, lmtp: bool = False) -> None:
        host, port = _host_and_port(address, "HELPDESK_LMTP_DOOR" if lmtp else "HELPDESK_MAIL_DOOR")
        settings: Settings = app.config["HELPDESK"]
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="mail door")
        self._controller = Listener(
            _Handler(app, self._threads),
            host=host,
            port=port,
            size=settings.upload_limit,
            tls=Certificate.of(settings),
            lmtp=lmtp,
        )

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


def _host_and_port(address: str, variable: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise BadSetting(f"{variable} is {address!r}; it must look like 127.0.0.1:2525.")
    return host.strip("[]") or "0.0.0.0", int(port)  # noqa: S104 - a door that names no host is open to all, as asked
