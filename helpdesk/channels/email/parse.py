"""A mail as the desk sees it: `parse(raw)` turns any bytes whatsoever into a `Mail`, and never raises.

Called by `reader` in a child that can be killed, after the raw bytes are stored. Knows no ticket, no database, no
Flask.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from helpdesk.channels.email import addresses, auto, bodies, dates, mime, robots, spam_headers
from helpdesk.channels.email.addresses import Address
from helpdesk.channels.email.attachments import Attachment
from helpdesk.channels.email.headers import Headers
from helpdesk.text import plain, quotes

# With one of these nobody can say who wrote: the mail goes to quarantine (attack 27).
SENDER_UNCLEAR = frozenset({"from-missing", "from-incomplete", "from-ambiguous", "from-twice", "unreadable"})
T = TypeVar("T")
RECIPIENTS = 500  # kept of each header; intake makes fewer of them participants


@dataclass(frozen=True)
class Mail:
    """One message, read. Strings hold no NUL, no surrogate and no foreign line end; single-line ones no line break."""

    message_id: str = ""
    from_: Address = field(default_factory=lambda: Address("", ""))
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    sender: Address | None = None
    subject: str = ""
    date: datetime | None = None
    text: str = ""
    reply_text: str = ""
    html: str | None = None
    attachments: tuple[Attachment, ...] = ()
    auto: str = "none"
    robot: str = ""  # what kind of one, by `robots`
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    delivered_to: tuple[str, ...] = ()
    sealed: str = ""
    authentication_results: tuple[str, ...] = ()
    spam: tuple[str, ...] = ()
    auto_submitted: str = ""
    list_id: str = ""
    return_path: str | None = None
    problems: tuple[str, ...] = ()

    @property
    def sender_is_clear(self) -> bool:
        return not SENDER_UNCLEAR.intersection(self.problems)


def parse(raw: bytes, *, loop_marks: frozenset[str] | None = None) -> Mail:
    """Read a whole message. What could not be read is named in `problems`, the rest is there all the same.

    `loop_marks` are the values of `X-Helpdesk-Loop` that this desk sends; without them any such header is ours.
    """
    problems: list[str] = []
    top, odd = mime.read(raw)
    problems += odd
    head = top.headers
    body = _shielded(problems, "body", lambda: bodies.choose(top), bodies.Body())
    problems += body.problems
    reply = _shielded(problems, "reply", lambda: quotes.split(body.text, html=_html_only(top, body)).text, body.text)
    sender = _from(head, problems)
    classed = _shielded(problems, "auto", lambda: auto.classify(top, sender, body.text, loop_marks=loop_marks), "none")
    return Mail(
        message_id=_first(_ids(head, "message-id")),
        from_=sender,
        to=_people(head, "to"),
        cc=_people(head, "cc"),
        reply_to=_people(head, "reply-to"),
        sender=next(iter(_people(head, "sender")), None),
        subject=plain.line(head.get("subject")),
        date=_date(head),
        text=body.text,
        reply_text=reply,
        html=body.html,
        attachments=tuple(body.attachments),
        auto=classed,
        robot=_shielded(problems, "robot", lambda: robots.kind(top, classed, body.text, sender=sender.address), ""),
        in_reply_to=_first(_ids(head, "in-reply-to")),
        references=_ids(head, "references"),
        delivered_to=_delivered_to(head),
        sealed=body.sealed,
        authentication_results=tuple(head.all("authentication-results"))[:50],
        spam=spam_headers.of_the_last_hop(head),
        auto_submitted=head.get("auto-submitted").lower(),
        list_id=head.get("list-id"),
        return_path=_return_path(head),
        problems=tuple(dict.fromkeys(problems)),
    )


def _shielded(problems: list[str], what: str, read: Callable[[], T], otherwise: T) -> T:
    """One step that may not take the others with it: the head of a mail counts even when its body defeats us."""
    try:
        return read()
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - any bytes at all come here; the mail says what went wrong
        problems.append(f"{what}-unreadable: {type(error).__name__}")
        return otherwise


def _html_only(top: mime.Part, body: bodies.Body) -> str | None:
    """The HTML for the quote cutter, where the text was made from it."""
    if not body.source_html:
        return None
    plain_part = any(part.type == "text/plain" and part.source().strip() and not part.filename for part in top.walk())
    return None if plain_part else body.source_html


def _from(head: Headers, problems: list[str]) -> Address:
    """Who wrote: exactly one clear address, or a problem beside the best guess for people to look at."""
    given = [value for value in head.sources("from")[:20] if value]
    if len(given) > 1:
        problems.append("from-twice")
    incomplete: Address | None = None
    for value in given:
        found, sound = addresses.read(value)
        people = [one for one in found if addresses.is_valid(one.address)]
        if people:
            if len(found) > 1 or not sound:
                problems.append("from-ambiguous")
            return people[0]
        incomplete = incomplete or next(iter(found), None)
    problems.append("from-incomplete" if incomplete else "from-missing")
    if incomplete and incomplete.address:
        return incomplete
    for name in ("reply-to", "sender", "return-path"):
        for one in _people(head, name):
            if addresses.is_valid(one.address):
                return one
    return Address("", "")


def _people(head: Headers, name: str) -> tuple[Address, ...]:
    found: dict[Address, None] = {}
    for value in head.sources(name)[:20]:
        for one in addresses.read(value)[0]:
            if one.address:
                found.setdefault(one)
    return tuple(found)[:RECIPIENTS]


_ID = re.compile(r"<([^<>\s]{1,250})>|([^<>\s,;\"()]{1,200}@[^<>\s,;\"()]{1,200})")


def _ids(head: Headers, name: str) -> tuple[str, ...]:
    """Message identifiers without their angle brackets, in order, each once; 100 at most."""
    found: dict[str, None] = {}
    for given in head.sources(name)[:5]:
        value = plain.line(given, limit=20_000)
        for bracketed, bare in _ID.findall(value):
            found.setdefault(bracketed or bare)
        if not found and name == "message-id" and value:
            found.setdefault(re.sub(r"[<>\s]+", "", value)[:250])
    return tuple(found)[-100:] if name == "references" else tuple(found)[:1]


def _first(ids: tuple[str, ...]) -> str:
    return ids[0] if ids else ""


def _date(head: Headers) -> datetime | None:
    for name in ("date", "resent-date", "delivery-date"):
        found = dates.read(head.get(name))
        if found:
            return found
    return None


def _delivered_to(head: Headers) -> tuple[str, ...]:
    """The addresses of ours that mail servers wrote down on the way in, outermost first."""
    found: dict[str, None] = {}
    for name in ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "apparently-to"):
        for one in _people(head, name):
            found.setdefault(one.address.lower())
    return tuple(found)[:20]


def _return_path(head: Headers) -> str | None:
    """The envelope sender: "" for the null path of robots, None when no server wrote it down."""
    for value in head.sources("return-path")[:1]:
        found = addresses.read(value)[0]
        return found[0].address if found else ""
    return None
