"""Handing a mail to the outgoing server, through Flask-Mail with what it leaves out: a verified certificate, and a
limit to each wait.

Everything that can go wrong becomes one of three: `Refused`, this mail will never be taken; `NotNow`, this mail later;
`Unreachable`, the same because no mail can leave at present, which is nobody's fault but the server's (faults 7 to 12).
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask_mail import Connection, Mail, Message

from helpdesk.delivery import grants, smtp_address, xoauth2
from helpdesk.delivery.compose import Letter
from helpdesk.delivery.failures import Never, NotNow, Unreachable
from helpdesk.delivery.smtp_address import Address
from helpdesk.text import plain

# Seconds; after the final dot the server may think for long (RFC 5321, 4.5.3.2).
CONNECT, VERB, DATA = 30.0, 60.0, 600.0
SIGN_IN = (454, 530, 534, 535, 538)  # answers about our own password or TLS, whatever verb they come to


class Refused(Never):
    """The server will not take this mail, now or ever."""


@dataclass(frozen=True)
class Server:
    """The outgoing server of HELPDESK_SMTP_URL."""

    url: str

    @cached_property
    def address(self) -> Address:
        """Raises Unreachable for an address that is none."""
        return smtp_address.read(self.url)

    def send(self, letter: Letter, *, envelope_from: str | None) -> None:
        """Hand the letter over, with this sender on its envelope (None = the one in From).

        Raises Refused, NotNow or Unreachable; returns only after the server's final 250.
        """
        with _told(), Line(self.address) as line:
            line.send(letter, envelope_from)

    def knock(self) -> None:
        """Sign in and go. Raises Unreachable."""
        with _told(), Line(self.address):
            pass


@contextmanager
def _told() -> Iterator[None]:
    """Whatever goes wrong is one of the three."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as refused:
        _judge(*next(iter(refused.recipients.values())))
    except smtplib.SMTPNotSupportedError as missing:
        if "STARTTLS" in str(missing):
            raise Unreachable("The outgoing mail server offers no STARTTLS.") from missing
        raise Refused("The outgoing mail server cannot write to such an address.") from missing
    except (smtplib.SMTPAuthenticationError, smtplib.SMTPConnectError, smtplib.SMTPHeloError) as stranger:
        said = f"{stranger.smtp_code} {_text(stranger.smtp_error)}"
        raise Unreachable(f"The outgoing mail server does not let us in: {said}") from stranger
    except smtplib.SMTPResponseException as answered:
        _judge(answered.smtp_code, answered.smtp_error)
    except (smtplib.SMTPException, OSError) as gone:
        raise Unreachable(f"The outgoing mail server does not answer: {gone}") from gone


class Line(Connection):
    """Flask-Mail's connection with a certificate that is checked, waits that end, and the sign-in of a mailbox."""

    def __init__(self, address: Address) -> None:
        self.address = address
        given = {
            "MAIL_SERVER": address.host,
            "MAIL_PORT": address.port,
            "MAIL_USERNAME": address.user or None,
            "MAIL_PASSWORD": address.password or None,
            "MAIL_USE_TLS": address.scheme == "smtp",
            "MAIL_USE_SSL": address.scheme == "smtps",
        }
        kept: Any = Mail().init_mail(given, debug=False, testing=False)
        super().__init__(kept)

    def configure_host(self) -> smtplib.SMTP:
        return grants.tried(self.address.source, self._opened) if self.address.source else self._opened()

    def _opened(self, token: str = "") -> smtplib.SMTP:
        mail = self.mail
        if mail.use_ssl:
            host: smtplib.SMTP = _PatientTLS(
                mail.server, mail.port, timeout=CONNECT, context=ssl.create_default_context()
            )
        else:
            host = _Patient(mail.server, mail.port, timeout=CONNECT)
        try:
            if mail.use_tls:
                host.starttls(context=ssl.create_default_context())
            if token:
                xoauth2.sign_in(host, user=self.address.user, token=token)
            elif mail.username and mail.password:
                host.login(mail.username, mail.password)
        except BaseException:
            host.close()
            raise
        return host

    def send(self, message: Message, envelope_from: str | tuple[str, str] | None = None) -> None:
        if not all(str(address).isascii() for address in (*message.recipients, str(message.sender).rpartition("<")[2])):
            message.mail_options = ["SMTPUTF8", "BODY=8BITMIME"]
        super().send(message, envelope_from)

    def __exit__(self, *_: object) -> None:
        """The mail is taken or it is not; how the line ends changes nothing about that."""
        if self.host is not None:
            with suppress(smtplib.SMTPException, OSError):
                self.host.quit()
            self.host.close()


class _Waits:
    """How long each verb may take."""

    sock: socket.socket | None

    def ehlo(self, *arguments: Any) -> Any:
        return self._within(VERB, "ehlo", *arguments)

    def mail(self, *arguments: Any) -> Any:
        return self._within(VERB, "mail", *arguments)

    def rcpt(self, *arguments: Any) -> Any:
        return self._within(VERB, "rcpt", *arguments)

    def data(self, *arguments: Any) -> Any:
        return self._within(DATA, "data", *arguments)

    def quit(self) -> Any:
        return self._within(5.0, "quit")

    def _within(self, seconds: float, verb: str, *arguments: Any) -> Any:
        if self.sock is not None:
            self.sock.settimeout(seconds)
        return getattr(super(), verb)(*arguments)


class _Patient(_Waits, smtplib.SMTP):
    pass


class _PatientTLS(_Waits, smtplib.SMTP_SSL):
    pass


def _judge(code: int, text: bytes | str) -> None:
    """What an answer means for the mail."""
    said = f"{code} {_text(text)}"
    if code in SIGN_IN:
        raise Unreachable(f"The outgoing mail server does not let us in: {said}")
    if 500 <= code < 600:
        raise Refused(f"The mail server refused it: {said}")
    raise NotNow(f"The mail server asks to wait: {said}")


def _text(text: bytes | str) -> str:
    told = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return plain.line(told, limit=300)
