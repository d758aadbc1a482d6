"""Signed names for tickets and mails, so that an answer finds its ticket and nobody can invent one.

Signed with the desk's key are the Message-ID of each mail we send, the reply token printed in it, the address its
bounces come to, and links. All are bound to the ticket *and* to the person the mail went to, or to a side conversation
and whoever of it the mail went to; one sort is never taken for the other, as the sort is signed too. Codes are 130 bits
of HMAC-SHA256 (RFC 2104).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from config import Settings
from helpdesk import settings

# ASCII, or a capital that has no code of its own (ſ, the sign of Kelvin) would pass for a letter of ours.
ID = re.compile(r"<?t(\d{1,18})\.p(\d{1,18})\.d([0-9a-z]{1,40})\.([a-z2-7]{26})@[^>\s]+>?", re.IGNORECASE | re.ASCII)
BOUNCE = re.compile(r"b(\d{1,18})-([a-z2-7]{26})", re.IGNORECASE | re.ASCII)
TOKEN = re.compile(r"ref:([tc])(\d{1,18})p(\d{1,18})-([a-z2-7]{26})", re.IGNORECASE | re.ASCII)
SIDE_ID = re.compile(ID.pattern.replace("<?t", "<?c"), ID.flags)  # of a mail of a side conversation


@dataclass(frozen=True)
class Thread:
    """What a genuine code of ours says: this ticket, and the mail that carried it went to this person (0 = to nobody we
    know). One of a side conversation says neither: whom it was sent to is no part of the ticket.
    """

    ticket_id: int
    person_id: int
    conversation_id: int = 0
    participant_id: int = 0

    @classmethod
    def aside(cls, conversation_id: int, participant_id: int) -> Thread:
        """That of a participant of a side conversation."""
        return cls(0, 0, conversation_id, participant_id)

    @property
    def numbers(self) -> tuple[str, int, int]:
        """How it is told in a code: `t` a ticket and a person, `c` a side conversation and who is in it."""
        if self.conversation_id:
            return "c", self.conversation_id, self.participant_id
        return "t", self.ticket_id, self.person_id

    @classmethod
    def told(cls, sort: str, first: int, second: int) -> Thread:
        return cls.aside(first, second) if sort.lower() == "c" else cls(first, second)


def signer() -> Signer:
    """The signer of the running desk."""
    return Signer(settings.current())


def desk_url(ref: str) -> str:
    """Where staff finds a ticket. Always from the configured address, never from a request's Host (attack 69)."""
    return f"{settings.current().base_url.rstrip('/')}/desk/tickets/{ref}"


def cabinet_url(ref: str) -> str:
    """Where the requester finds it, after signing in."""
    return f"{settings.current().base_url.rstrip('/')}/my/requests/{ref}"


class Signer:
    """Makes and reads the signed names of one desk."""

    def __init__(self, settings: Settings) -> None:
        self._key = hashlib.sha256(b"thread:" + settings.signing_key.encode()).digest()
        self.host = urlsplit(settings.base_url).hostname or "helpdesk"

    def message_id(self, thread: Thread, *, serial: str) -> str:
        """The Message-ID of a mail about `thread`. `serial` tells our mails apart; the same on each try of one
        delivery.
        """
        sort, first, second = thread.numbers
        name = f"{sort}{first}.p{second}.d{serial}"
        return f"<{name}.{self._code('id', name)}@{self.host}>"

    def reply_token(self, thread: Thread) -> str:
        """The short text at the end of a mail, for clients that forget the threading headers."""
        sort, first, second = thread.numbers
        name = f"{sort}{first}p{second}"
        return f"ref:{name}-{self._code('token', name)}"

    def read_message_id(self, value: str) -> Thread | None:
        """The thread a Message-ID of ours names; None when it is somebody else's, or forged."""
        sort, found = "t", ID.fullmatch(value.strip())
        if not found:
            sort, found = "c", SIDE_ID.fullmatch(value.strip())
        if not found:
            return None
        name = f"{sort}{found[1]}.p{found[2]}.d{found[3]}".lower()
        return self._believed("id", name, found[4], Thread.told(sort, int(found[1]), int(found[2])))

    def read_token(self, text: str) -> Thread | None:
        """The first genuine reply token in `text`."""
        for found in TOKEN.finditer(text):
            name = f"{found[1].lower()}{found[2]}p{found[3]}"
            thread = self._believed("token", name, found[4], Thread.told(found[1], int(found[2]), int(found[3])))
            if thread:
                return thread
        return None

    def bounce_tag(self, delivery_id: int) -> str:
        """The mark of one delivery in the address that its bounces come to."""
        return f"b{delivery_id}-{self._code('bounce', f'b{delivery_id}')}"

    def read_bounce_tag(self, tag: str) -> int | None:
        """The delivery that a genuine mark names."""
        found = BOUNCE.fullmatch(tag)
        if not found or not hmac.compare_digest(self._code("bounce", f"b{found[1]}"), found[2].lower()):
            return None
        return int(found[1])

    def _believed(self, purpose: str, name: str, code: str, thread: Thread) -> Thread | None:
        return thread if hmac.compare_digest(self._code(purpose, name), code.lower()) else None

    def _code(self, purpose: str, name: str) -> str:
        digest = hmac.new(self._key, f"{purpose}:{name}".encode(), hashlib.sha256).digest()
        return base64.b32encode(digest)[:26].decode().lower()
