"""What the desk meets outside: the address people know it by, and the server its mail leaves through."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from config import BadSetting, Settings
from helpdesk.cli.checks.base import Verdict, failed, ok, warning
from helpdesk.delivery import smtp_address
from helpdesk.delivery.failures import Unreachable

PATIENCE = 3  # seconds
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def check(settings: Settings) -> Iterator[Verdict]:
    yield _address(settings)
    yield _mail(settings)
    try:
        _ = settings.files
    except BadSetting as bad:
        yield failed("files", str(bad))


def _address(settings: Settings) -> Verdict:
    parts = urlsplit(settings.base_url)
    if not parts.hostname:
        return failed("address", "HELPDESK_BASE_URL names no host.")
    if settings.env == "production" and not settings.demo:
        if parts.hostname in LOOPBACK:
            return warning("address", f"{settings.base_url} works on this machine only; set HELPDESK_BASE_URL.")
        if parts.scheme == "http":
            return warning("address", f"{settings.base_url} is not encrypted; put the desk behind HTTPS.")
    return ok("address", settings.base_url)


def _mail(settings: Settings) -> Verdict:
    if settings.demo:
        return ok("mail", "the demo catches all mail")
    if not settings.smtp_url:
        return warning("mail", "HELPDESK_SMTP_URL is not set, so no mail leaves the desk.")
    try:
        server = smtp_address.read(settings.smtp_url)
    except Unreachable as unfit:
        return failed("mail", unfit.sentence)
    try:
        socket.create_connection((server.host, server.port), timeout=PATIENCE).close()
    except OSError as problem:
        return failed("mail", f"{server.name} does not answer: {problem.strerror or problem}.")
    if server.scheme == "smtp+insecure" and server.host not in LOOPBACK:
        return warning("mail", f"Mail and its password go to {server.name} without TLS.")
    return ok("mail", f"{server.name} answers")
