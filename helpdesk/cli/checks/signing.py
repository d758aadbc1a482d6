"""The keys that sign our mail: that they can be read, by nobody else, and that the DNS says what they sign with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import dns.exception
import dns.resolver

from config import Settings
from helpdesk.cli.checks.base import Verdict, failed, ok, warning
from helpdesk.delivery import domain_keys
from helpdesk.workflows import check as checking

PATIENCE = 3.0  # seconds
Look = Callable[[str], "str | None"]


class CannotLookError(Exception):
    """No name server answers here, which says nothing about the record."""


def published(name: str) -> str | None:
    """The TXT record of this name; None where there is none. Raises CannotLookError."""
    try:
        answer = dns.resolver.resolve(name, "TXT", lifetime=PATIENCE)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return None
    except (dns.exception.DNSException, OSError) as problem:
        raise CannotLookError(type(problem).__name__) from problem
    return "".join(part.decode("ascii", "replace") for part in next(iter(answer)).strings)


def check(settings: Settings, *, look: Look = published) -> Iterator[Verdict]:
    if not settings.dkim_key:
        return
    place = Path(settings.dkim_key)
    if not place.exists():
        yield failed("signing", f"HELPDESK_DKIM_KEY is {place}, and nothing is there. All mail waits until it is.")
        return
    found = domain_keys.keys(settings)
    if not found:
        yield warning("signing", f"{place} holds no key: each is a file called like its domain, acme.example.pem.")
    for path in found:
        yield from _key(path, [path.stem] if place.is_dir() else _domains(settings), settings, look)


def _key(path: Path, domains: list[str], settings: Settings, look: Look) -> Iterator[Verdict]:
    waits = f"Mail of {', '.join(domains)} waits until it is mended." if domains else "Mail waits until it is mended."
    try:
        others, pem = path.stat().st_mode & 0o077, path.read_bytes()
        record = domain_keys.record(pem)
    except OSError as problem:
        yield failed("signing", f"{path} cannot be read: {problem.strerror}. {waits}")
        return
    except domain_keys.TooShortError as short:  # signs all the same
        yield failed("signing", f"{path} cannot be believed. {short}")
        return
    except ValueError as unfit:
        yield failed("signing", f"{path} cannot sign. {unfit} {waits}")
        return
    if others:
        yield failed("signing", f"{path} can be read or written by others: chmod 600 {path}")
    for domain in domains:
        yield _record(f"{settings.dkim_selector}._domainkey.{domain}", record, look)


def _record(name: str, record: str, look: Look) -> Verdict:
    publish = f'Publish: {name}. TXT "{record}"'
    try:
        there = look(name)
    except CannotLookError as problem:
        return warning("signing", f"Whether {name} is published could not be looked up here ({problem}). {publish}")
    if there is None:
        return failed("signing", f"{name} is not published, so receivers take the signature for a wrong one. {publish}")
    if _key_of(there) != _key_of(record):
        return failed("signing", f"{name} speaks of another key. {publish}")
    return ok("signing", f"{name} is published and fits")


def _key_of(record: str) -> str:
    found = re.search(r"(?:^|;)\s*p\s*=([^;]*)", record)
    return re.sub(r"\s", "", found[1]) if found else ""


def _domains(settings: Settings) -> list[str]:
    """The domains mail goes out from, as far as the settings and the workflow file name them."""
    addresses = [settings.mail_from]
    try:
        desk = checking.run_file(settings.workflow_path).desk
    except OSError:  # another check says that the file cannot be read
        desk = None
    for source in desk.sources.values() if desk else ():
        own = source.mail.from_ if source.mail else None
        addresses.append(own or str(getattr(source.options, "address", "")))
    return sorted({address.rpartition("@")[2].lower() for address in addresses if "@" in address})
