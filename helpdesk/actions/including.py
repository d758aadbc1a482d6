"""What is taken along from a ticket into a mail to somebody outside: messages as a quote, and files.

Asked by `consulting` and `publishing`. Only what whoever runs the action chose by its number, and nothing of another
ticket. Of whoever wrote something there is a name, never an address: third parties learn nobody's (attack 39).
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from helpdesk.db import session
from helpdesk.errors import Invalid
from helpdesk.text import html as markup
from helpdesk.text import plain
from helpdesk.tickets import merged
from helpdesk.tickets.models import Attachment, Message, Ticket
from helpdesk.tickets.rich import LONGEST, NOTHING, Rich, Upload


def quote(ticket: Ticket, numbers: Sequence[int]) -> Rich:
    """These messages of the ticket, oldest first, as a quote. Raises Invalid for those of another one."""
    if not numbers:
        return NOTHING
    query = select(Message).where(Message.id.in_(numbers), merged.belongs(ticket)).options(joinedload(Message.author))
    messages = session().scalars(query.order_by(Message.id)).all()
    if len(messages) != len(numbers):
        raise Invalid({"include": "Some of these messages are not of this ticket."})
    heads = [f"{_who(each)}, {each.created_at:%Y-%m-%d %H:%M} UTC:" for each in messages]
    lines = ["\n".join(f"> {line}".rstrip() for line in each.text.splitlines()) for each in messages]
    text = "\n\n".join(f"{head}\n{words}" for head, words in zip(heads, lines, strict=True))
    quoted = Markup("<p>{0}</p><blockquote>{1}</blockquote>")
    html = Markup("").join(
        quoted.format(head, Markup(markup.from_text(each.text)))  # noqa: S704 - escaped there
        for head, each in zip(heads, messages, strict=True)
    )
    return Rich(text[:LONGEST], markup.clean(html))


def files(ticket: Ticket, numbers: Sequence[int], *, of: int | None = None) -> tuple[Upload, ...]:
    """These files of the ticket's messages. `of`: of this message alone. Raises Invalid for others."""
    if not numbers:
        return ()
    query = select(Attachment).join(Message, Message.id == Attachment.message_id).where(Attachment.id.in_(numbers))
    query = query.where(merged.belongs(ticket) if of is None else Message.id == of)
    found = session().scalars(query.order_by(Attachment.id)).all()
    if len(found) != len(numbers):
        whose = "ticket" if of is None else "message"
        raise Invalid({"include_files": f"Some of these files are not of this {whose}."})
    return tuple(Upload(each.filename, each.content_type, each.sha256, each.size) for each in found)


def _who(message: Message) -> str:
    """A name, or the part somebody plays."""
    name = message.author.name if message.author is not None else ""
    part = {"customer": "Customer", "staff": "We", "system": "We"}.get(message.author_kind, "Somebody else")
    return plain.unlinked(name) if name and "@" not in name else part
