"""Which conversation a mail belongs to, as far as the mail itself can prove it. What it proves is weighed by `intake`.

Ours are signed codes: the Message-ID we sent, which a reply names in In-Reply-To or References; the token printed at
the end of our mail, which comes back in the quote; the same token as a plus tag of our address; and the mark of the
address that the envelope of our mail named, which robots answer to. Anything else is only a claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from helpdesk.channels.email.parse import Mail
from helpdesk.delivery import envelope
from helpdesk.tickets import links
from helpdesk.tickets.links import Thread

LONGEST = 200_000  # characters of a body in which a token is looked for
_ITS_OWN = re.compile(r"(?im)^[>\s]*message-id:\s*(<[^>\s]+>)")
RETURNED = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers")


def signed(mail: Mail, *, recipients: Iterable[str] = ()) -> Thread | None:
    """The conversation that a genuine code of ours in this mail names; the newest first. A mail of ours that is about
    none, such as a question whether somebody wrote to us, opens no way around what it asks.
    """
    signer = links.signer()
    for claimed in (mail.in_reply_to, *reversed(mail.references)):
        if claimed and (thread := signer.read_message_id(claimed)) and _is_about_something(thread):
            return thread
    if thread := signer.read_token(mail.text[:LONGEST]):
        return thread
    addresses = addressed(mail, recipients)
    for tag in envelope.tags(addresses):
        if thread := signer.read_token(f"ref:{tag}"):
            return thread
    sent = envelope.delivery_of(addresses)
    thread = signer.read_message_id(sent) if sent else None
    return thread if thread is not None and _is_about_something(thread) else None


def _is_about_something(thread: Thread) -> bool:
    return bool(thread.ticket_id or thread.conversation_id)


def addressed(mail: Mail, recipients: Iterable[str]) -> list[str]:
    """Every address the mail came to or is said to have come to, the envelope's first."""
    return [*recipients, *mail.delivered_to, *(one.address for one in (*mail.to, *mail.cc))]


def references(mail: Mail) -> tuple[str, ...]:
    """The Message-IDs it claims to answer, oldest first, in angle brackets as the database keeps them."""
    claimed = dict.fromkeys((*mail.references, mail.in_reply_to))
    return tuple(bracketed(one) for one in claimed if one)


def returned(mail: Mail) -> str | None:
    """The genuine Message-ID of ours that a delivery report brings back (attack 36: no other report is believed)."""
    signer = links.signer()
    for claimed in (*_written_in(mail), mail.in_reply_to, *reversed(mail.references)):
        if claimed and signer.read_message_id(claimed):
            return bracketed(claimed)
    return None


def is_our_own(mail: Mail) -> bool:
    """Whether we wrote this very mail: it carries a Message-ID that only we can make."""
    return bool(mail.message_id) and links.signer().read_message_id(mail.message_id) is not None


def bracketed(identifier: str) -> str:
    return f"<{identifier.strip('<> ')}>"


def _written_in(mail: Mail) -> Iterator[str]:
    """The name of the mail that came back; or, where its head did not come along, whatever in the report's words looks
    like one of ours. What that mail answered is named in its head too, and did not come back.
    """
    returned = (file.content[:20_000].decode("latin-1") for file in mail.attachments if file.content_type in RETURNED)
    texts = (*returned, mail.text[:LONGEST])
    own = [found[1] for text in texts for found in _ITS_OWN.finditer(text)]
    yield from own
    if not own:
        yield from (found[0] for pattern in (links.ID, links.SIDE_ID) for found in pattern.finditer(texts[-1]))
