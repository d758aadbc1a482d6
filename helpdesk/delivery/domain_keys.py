"""Signing our mail with the key of its sender's domain (DKIM, RFC 6376), where a key is set.

Called by `compose` when a mail is written out, as the last thing that happens to it: whatever changed a signed header
or the body afterwards would make the signature wrong. Also asked by `helpdesk doctor` for the record to publish.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dkim
from dkim.crypto import UnparsableKeyError, parse_pem_private_key

from config import Settings
from helpdesk.delivery.failures import Unsigned

# Signed once more than they stand there, so that nobody adds a second one (RFC 6376, 8.15).
SIGNED = (
    "from", "to", "cc", "sender", "reply-to", "subject", "date", "message-id", "in-reply-to", "references",
    "mime-version", "content-type", "auto-submitted", "list-id", "list-unsubscribe", "list-unsubscribe-post",
)  # fmt: skip
SHORTEST = 1024  # bits; RFC 8301 lets no verifier believe a shorter key
_NAME = re.compile(rb"(?m)^([!-9;-~]+):")
_SELECTOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,60}[A-Za-z0-9])?")


class TooShortError(ValueError):
    """The key signs, and nobody believes it."""


def signed(raw: bytes, *, sender: str, settings: Settings) -> bytes:
    """The mail with a signature in front of it; as it is where there is no key for the sender's domain.

    Raises Unsigned where the key cannot be used: receivers may refuse what is not signed, so mail of this domain waits
    for it.
    """
    found = key_for(sender.rpartition("@")[2], settings)
    if found is None:
        return raw
    domain, path = found
    if not _SELECTOR.fullmatch(settings.dkim_selector):
        raise Unsigned("HELPDESK_DKIM_SELECTOR is no name that the DNS could hold.", domain=domain)
    try:
        key = path.read_bytes()
        seal = dkim.DKIM(raw).sign(
            settings.dkim_selector.encode(),
            domain.encode("idna"),
            key,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=list(_listed(raw)),
        )
    except OSError as problem:
        why = f"The key that signs mail of {domain}, {path}, cannot be read: {problem.strerror}."
        raise Unsigned(why, domain=domain) from problem
    except (dkim.DKIMException, ValueError, UnicodeError) as problem:
        why = f"The key that signs mail of {domain}, {path}, cannot be used: {problem}"
        raise Unsigned(why, domain=domain) from problem
    return bytes(seal) + raw


def key_for(domain: str, settings: Settings) -> tuple[str, Path] | None:
    """The domain whose key signs for this one, and the key: that of the domain itself or of one it lies in."""
    if not settings.dkim_key:
        return None
    place = Path(settings.dkim_key)
    if not place.is_dir():
        return domain.lower(), place
    name = domain.lower()
    while "." in name:
        if (path := place / f"{name}.pem").is_file():
            return name, path
        name = name.partition(".")[2]
    return None


def keys(settings: Settings) -> list[Path]:
    """Every key that is set: the one file, or all of the folder."""
    place = Path(settings.dkim_key)
    return sorted(place.glob("*.pem")) if place.is_dir() else [place]


def record(pem: bytes) -> str:
    """What is to be published for this key. Raises ValueError, saying why, for one that cannot sign."""
    try:
        key: dict[str, Any] = parse_pem_private_key(pem)
    except (UnparsableKeyError, ValueError) as unreadable:
        raise ValueError("It is no RSA key in PEM form.") from unreadable
    if key["modulus"].bit_length() < SHORTEST:
        raise TooShortError(
            f"It has {key['modulus'].bit_length()} bits; receivers believe {SHORTEST} and more, best 2048."
        )
    return f"v=DKIM1; k=rsa; p={base64.b64encode(_public(key['modulus'], key['publicExponent'])).decode()}"


def _listed(raw: bytes) -> Iterator[bytes]:
    head = raw.partition(b"\r\n\r\n")[0] + b"\r\n"
    there = [name.lower().decode("ascii") for name in _NAME.findall(head)]
    for name in SIGNED:
        yield from [name.encode()] * (there.count(name) + 1)


def _public(modulus: int, exponent: int) -> bytes:
    """SubjectPublicKeyInfo of an RSA key (RFC 5280, 4.1; RFC 8017, A.1.1), in DER."""
    key = _der(0x30, _integer(modulus) + _integer(exponent))
    rsa = bytes.fromhex("300d06092a864886f70d0101010500")
    return _der(0x30, rsa + _der(0x03, b"\0" + key))


def _integer(number: int) -> bytes:
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content
