"""What the desk meets outside: the address people know it by, and the server its mail leaves through."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from config import BadSetting, Settings
from helpdesk.cli.checks.base import Verdict, failed, ok, warning

SCHEMES = {"smtp": 587, "smtps": 465, "smtp+insecure": 25}
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
        parts = urlsplit(settings.smtp_url)
        port = parts.port or SCHEMES.get(parts.scheme, 0)
    except ValueError:
        return failed("mail", "HELPDESK_SMTP_URL cannot be read; it is smtp://user:password@host:587.")
    if parts.scheme not in SCHEMES or not parts.hostname:
        return failed("mail", f"HELPDESK_SMTP_URL must begin with {', '.join(f'{name}://' for name in SCHEMES)}.")
    server = f"{parts.hostname}:{port}"
    try:
        socket.create_connection((parts.hostname, port), timeout=PATIENCE).close()
    except OSError as problem:
        return failed("mail", f"{server} does not answer: {problem.strerror or problem}.")
    if parts.scheme == "smtp+insecure" and parts.hostname not in LOOPBACK:
        return warning("mail", f"Mail and its password go to {server} without TLS.")
    return ok("mail", f"{server} answers")
