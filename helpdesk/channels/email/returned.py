"""A report about mail of ours, taken in: that it did not arrive, or not yet, or that somebody called it spam.

Called by `read` for what `parse` takes for such a report. It is believed where it comes to the signed address of that
mail, or brings our own signed Message-ID back, and for that mail only (attack 36); anybody can write all the rest.
"""

from __future__ import annotations

from helpdesk.channels.email import thread
from helpdesk.channels.email.attachments import Attachment
from helpdesk.channels.email.models import InboundMail
from helpdesk.channels.email.parse import Mail
from helpdesk.channels.email.robots import STATUS
from helpdesk.delivery import envelope, outcome

FIELDS = (*STATUS, "message/feedback-report")
LONGEST = 20_000  # bytes of the fields that programs read
KINDS = ("bounce", "delay", "complaint")


def take(mail: Mail, row: InboundMail) -> outcome.Returned | None:
    """Write down what the report says of the mail it is about; None where that is not provably one of ours. Part of the
    transaction at hand.
    """
    message_id = envelope.delivery_of(thread.addressed(mail, row.envelope_to.split(", "))) or thread.returned(mail)
    return outcome.returned(message_id, words_of(mail)) if message_id else None


def words_of(mail: Mail) -> str:
    """What it says, to programs first."""
    fields = [file.content[:LONGEST].decode("utf-8", "replace") for file in mail.attachments if _is_fields(file)]
    return "\n\n".join((*fields, mail.text))


def _is_fields(file: Attachment) -> bool:
    return file.content_type in FIELDS
