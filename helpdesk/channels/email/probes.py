"""“Send me a test”: a mail of the desk's to the address of one of its own sources, which is to come back to it.

It goes the whole way: the outbox, the outgoing server, the world, the mailbox or the door. It is known by its signed
Message-ID when it arrives, becomes no ticket, and its way is timed.
"""

from __future__ import annotations

from sqlalchemy import select

from helpdesk import clock
from helpdesk.channels.email import diary, thread
from helpdesk.channels.email.models import MailProbe
from helpdesk.db import session, writing
from helpdesk.errors import NotPossible
from helpdesk.tickets import identity, outbox
from helpdesk.tickets.models import Delivery
from helpdesk.workflows.schema import Source

SUBJECT = "A test of this mailbox"
BODY = (
    "Your desk sent this mail to its own address, to see that it arrives. It becomes no ticket; you can delete it.\n\n"
    "When it came back is shown on the page of the source."
)


def send(source: Source, *, who: str = "") -> None:
    """Send a test to this source's address. Raises NotPossible while the one before is not answered for a minute."""
    last = latest(source.name)
    if last and not last.arrived_at and (clock.now() - last.sent_at).total_seconds() < 60:
        raise NotPossible("A test is on its way. Give it a minute.")
    with writing() as here:
        to = outbox.Recipient(str(source.options.address), None, "account")
        sender = identity.of_source(source).without_texts()
        delivery_id = outbox.post(to, subject=SUBJECT, body=BODY, names={}, sender=sender)
        delivery = here.get_one(Delivery, delivery_id)
        here.add(MailProbe(source=source.name, delivery_id=delivery_id, message_id=delivery.message_id))
        diary.note(source.name, "test", detail=who)


def arrived(message_id: str, *, by: str) -> bool:
    """Whether this mail of ours is a test; notes that it has come back."""
    written = thread.bracketed(message_id)
    probe = session().scalar(select(MailProbe).where(MailProbe.message_id == written))
    if probe is None:
        return False
    if probe.arrived_at is None:
        with writing() as here:
            row = here.get_one(MailProbe, probe.id)
            row.arrived_at, row.arrived_by = clock.now(), by
            diary.note(row.source, "arrived", number=round((row.arrived_at - row.sent_at).total_seconds()))
    return True


def latest(name: str) -> MailProbe | None:
    """The last test of this source."""
    of_source = select(MailProbe).where(MailProbe.source == name).order_by(MailProbe.id.desc())
    return session().scalar(of_source.limit(1))
