"""What a read mail says to the desk: who wrote, on which conversation, what is believed of it, and what staff should be
warned of.

Called by `read`. Decides whether the mail is taken in at all; where it goes is decided by `intake`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from helpdesk.channels.email import auth, services, sources, store, thread
from helpdesk.channels.email.models import InboundMail
from helpdesk.channels.email.parse import Mail
from helpdesk.errors import HelpdeskError, Invalid
from helpdesk.intake import Inbound
from helpdesk.people import find
from helpdesk.settings import current
from helpdesk.text import plain, reply_html
from helpdesk.tickets.rich import LONGEST, Rich, Upload
from helpdesk.workflows.schema import Source

LATE = timedelta(hours=24)  # an older mail comes out of a backlog and gets no automatic answer (fault 20)
CLOCKS_WERE_SET = datetime(
    2000, 1, 1, tzinfo=UTC
)  # a mail that claims to be older has a broken clock, not a long way behind it
UNCLEAR = {
    "from-missing": "Nobody is named as its sender.",
    "from-incomplete": "The address of its sender is not whole.",
    "from-ambiguous": "Its sender can be read in more than one way.",
    "from-twice": "It names two senders.",
}


class Aside(HelpdeskError):
    """The mail cannot be given to anybody; a person must look."""


class Ignored(HelpdeskError):
    """The mail is no business of the desk's."""


def inbound_of(mail: Mail, row: InboundMail, raw: bytes) -> Inbound:
    """The mail as intake takes it. Raises `Aside` or `Ignored`."""
    recipients = [one for one in row.envelope_to.split(", ") if one]
    source = _source(mail, row, recipients)
    whole = "unreadable" not in mail.problems
    address = _sender(mail, row, whole=whole)
    _refuse_our_own(mail, address)
    signed = thread.signed(mail, recipients=recipients)
    if source.options.unknown_sender == "refuse" and signed is None and find.by_email(address) is None:
        raise Ignored(f"{address} is not known, and {source.options.address} takes mail of known senders only.")
    broken = [problem for problem in mail.problems if problem.partition(":")[0].endswith("unreadable")]
    return Inbound(
        source=source.name,
        channel="email",
        address=address,
        name=mail.from_.name,
        subject=mail.subject if whole else "A mail that could not be read",
        message=_words(mail) if whole else Rich("This mail could not be read. The original is attached."),
        files=_files(mail, raw if broken else b""),
        thread=signed,
        references=thread.references(mail),
        copied=_copied(mail, address),
        verified=auth.dmarc_passed(mail.authentication_results, current().authserv_id, mail.from_.domain),
        automatic=_from_a_robot(mail, row),
        late=_is_late(mail, row),
        from_service=services.wrote(address, mail.subject, mail.text),
        rfc_id=thread.bracketed(mail.message_id) if mail.message_id else None,
        inbound_id=row.id,
        warnings=tuple(_warnings(mail, address, broken)),
    )


def _source(mail: Mail, row: InboundMail, recipients: list[str]) -> Source:
    named = next((box for box in sources.mailboxes() if box.name == row.source), None)
    source = named or sources.of_mail(mail, envelope_to=recipients)
    if source is None:
        raise Aside("The workflow file has no source of type email.")
    return source


def _sender(mail: Mail, row: InboundMail, *, whole: bool) -> str:
    """The one clear address in From (attack 27); of a mail that broke the reader, the envelope's (attack 90)."""
    if whole and not mail.sender_is_clear:
        raise Aside(
            next((UNCLEAR[problem] for problem in mail.problems if problem in UNCLEAR), "Its sender is unclear.")
        )
    try:
        return find.valid_email(mail.from_.address if whole else row.envelope_from)
    except Invalid:
        why = "Mail cannot be sent to the address of its sender." if whole else "It could not be read."
        raise Aside(why) from None


def _refuse_our_own(mail: Mail, address: str) -> None:
    """Mail of ours that came back would be a conversation of the desk with itself (attack 35)."""
    if mail.auto == "loop" or thread.is_our_own(mail):
        raise Ignored("It is our own mail come back.")
    if sources.is_our_own(address):
        raise Ignored("It comes from an address of the desk itself.")


def _copied(mail: Mail, sender: str) -> tuple[tuple[str, str], ...]:
    """Who else is named in To and Cc, each once; we are nobody else."""
    named = {find.normal(one.address): plain.person_name(one.name) for one in (*mail.to, *mail.cc)}
    others = ((address, name) for address, name in named.items() if address != find.normal(sender))
    return tuple((address, name) for address, name in others if _is_whole(address) and not sources.is_our_own(address))


def _is_whole(address: str) -> bool:
    try:
        find.valid_email(address)
    except Invalid:
        return False
    return True


def _words(mail: Mail) -> Rich:
    """The reply without its quote, with its formatting where what was kept is one piece."""
    text, whole = mail.reply_text[:LONGEST], mail.text[:LONGEST]
    if text.split() == whole.split():
        return Rich(text, mail.html or "")
    rest = whole.removeprefix(text)
    return Rich(text, reply_html.beginning(mail.html or "", text), quoted=rest.strip())


def _files(mail: Mail, original: bytes) -> tuple[Upload, ...]:
    kept = [
        Upload.keep(
            file.content,
            filename=file.filename,
            content_type=file.content_type,
            inline=file.inline,
            content_id=file.content_id,
        )
        for file in mail.attachments
    ]
    if original:
        kept.append(Upload.keep(original, filename="original.eml", content_type="message/rfc822"))
    return tuple(kept)


def _from_a_robot(mail: Mail, row: InboundMail) -> bool:
    """Robots are filed and never answered (RFC 3834; attack 35)."""
    return mail.auto != "none" or mail.robot != "" or row.envelope_from == store.NULL_PATH


def _is_late(mail: Mail, row: InboundMail) -> bool:
    return mail.date is not None and CLOCKS_WERE_SET < mail.date < row.received_at - LATE


def _warnings(mail: Mail, address: str, broken: list[str]) -> list[str]:
    """Sentences for staff beside the message."""
    said = []
    elsewhere = [one.address for one in mail.reply_to if find.normal(one.address) != find.normal(address)]
    if elsewhere:
        said.append(f"The mail asks for answers to {elsewhere[0]}. They go to {address}, who is named as its sender.")
    if broken:
        said.append("Parts of this mail could not be read. The original is attached.")
    if mail.sealed.endswith("encrypted"):
        said.append("The mail is encrypted; what it says is in its attachments.")
    return said
