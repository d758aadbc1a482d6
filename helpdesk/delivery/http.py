"""A request to somebody out there, made so that nobody can turn it against our own network (attack 86).

The name is looked up once, every address it stands for is judged, and the connection goes to one of these very
addresses: a name that means something else a moment later gains nothing. TLS still asks for the name. No redirect is
followed and no proxy asked. Of the answer `post` reads its status alone; `ask`, for who must know what was said, reads
a little of it. Slow ones are cut off: whoever drips a byte a second holds a call up for half a minute and no longer.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from http.client import HTTPException
from urllib.parse import SplitResult, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util.ssl_match_hostname import CertificateError

from helpdesk.errors import HelpdeskError
from helpdesk.settings import current
from helpdesk.workflows import outside

CONNECTING, ANSWERING = 5.0, 20.0  # seconds
TRIED = 2  # addresses of one name
LONGEST = 65_536  # bytes of an answer that is read


class Away(HelpdeskError):
    """Nobody answered there, or not in time. It may pass."""

    code = "away"


class Forbidden(HelpdeskError):
    """This must not be called."""

    code = "forbidden"


@dataclass(frozen=True)
class Answer:
    """What was answered: the status and at most `LONGEST` bytes. To be understood, never shown."""

    status: int
    body: bytes


@dataclass(frozen=True)
class _Place:
    """Where a request goes: the name that was asked for and the addresses it stood for."""

    host: str
    addresses: tuple[str, ...]
    port: int
    secure: bool


def post(url: str, *, body: bytes, headers: Mapping[str, str]) -> int:
    """Send it and give the status of the answer. Raises Away or Forbidden; what they say holds no word of an answer."""
    return _sent(url, body=body, headers=headers, reads=0).status


def ask(url: str, *, body: bytes, headers: Mapping[str, str]) -> Answer:
    """The same, with what was answered."""
    return _sent(url, body=body, headers=headers, reads=LONGEST)


def is_private(url: str) -> bool:
    """Whether this machine's owner has named the host of this address as one of their own network."""
    return (urlsplit(url).hostname or "") in _allowed()


def _sent(url: str, *, body: bytes, headers: Mapping[str, str], reads: int) -> Answer:
    parts = urlsplit(url)
    if problem := outside.bad_url(url):
        raise Forbidden(problem)
    place = _place(parts)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {**headers, "Host": parts.netloc, "User-Agent": "helpdesk", "Connection": "close"}
    try:
        connection = _connected(place)
    except (HTTPError, OSError, ValueError) as unreachable:  # a wrong certificate is a ValueError to urllib3
        raise Away(_said(place, unreachable)) from unreachable
    cut = threading.Timer(ANSWERING, _cut, [connection.sock])
    cut.daemon = True
    cut.start()
    try:
        connection.request("POST", path, body=body, headers=sent, preload_content=False)
        answer = connection.getresponse()
        said = answer.read(reads, decode_content=False) if reads else b""
        if cut.finished.is_set():  # what had come by then is no whole answer
            raise TimeoutError
        return Answer(int(answer.status), said)
    except (HTTPError, HTTPException, OSError, ValueError) as problem_met:
        raise Away(_said(place, problem_met)) from problem_met
    finally:
        cut.cancel()
        connection.close()


def _place(parts: SplitResult) -> _Place:
    """Look the name up, once. Raises Forbidden where any of its addresses is none of the open internet."""
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as unknown:
        raise Away(f"The name {host} could not be looked up.") from unknown
    addresses = tuple(dict.fromkeys(str(each[4][0]) for each in found))
    if host not in _allowed():
        for address in addresses:
            if not outside.is_public(ipaddress.ip_address(address.partition("%")[0])):
                raise Forbidden(f"{host} is not on the open internet, so it is not called.")
    return _Place(host, addresses, port, secure)


def _allowed() -> list[str]:
    """Hosts of our own network that this desk may call: the machine's owner says so, never the workflow file."""
    return [host.strip().lower() for host in current().private_hosts.split(",") if host.strip()]


def _connected(place: _Place) -> HTTPConnection:
    """A connection to the first address that takes one; where TLS is spoken its name is proven."""
    *first, last = place.addresses[:TRIED]
    for address in first:
        with suppress(HTTPError, OSError, ValueError):  # the next address may work; the last one says what is wrong
            return _connection(place, address)
    return _connection(place, last)


def _connection(place: _Place, address: str) -> HTTPConnection:
    if place.secure:
        connection: HTTPConnection = HTTPSConnection(
            address,
            place.port,
            timeout=CONNECTING,
            ssl_context=_tls(),
            server_hostname=place.host,
            assert_hostname=place.host,
        )
    else:
        connection = HTTPConnection(address, place.port, timeout=CONNECTING)
    try:
        connection.connect()
    except BaseException:
        connection.close()
        raise
    connection.sock.settimeout(ANSWERING)
    connection.timeout = ANSWERING
    return connection


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _cut(line: socket.socket) -> None:
    """The time is over, wherever the other side is with its answer: the connection lets go of its line once the head
    of one has come.
    """
    with suppress(OSError):  # it has just ended by itself
        line.shutdown(socket.SHUT_RDWR)


def _said(place: _Place, problem: Exception) -> str:
    """What went wrong, without a word of what the other side said: it is no business of whoever wrote the file."""
    if isinstance(problem, ssl.SSLError | CertificateError):
        return f"The certificate of {place.host} cannot be trusted."
    if isinstance(problem, TimeoutError) or "timed out" in str(problem):
        return f"{place.host} did not answer in time."
    return f"{place.host} cannot be reached."
