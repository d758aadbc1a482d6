"""Mail of somebody who is banned: it is kept as it came and goes no further; they are told so, once, and politely.

Called by `read`. The address in a mail may be forged, so whoever is written to is told nothing but that.
"""

from __future__ import annotations

from helpdesk import clock
from helpdesk.db import session, writing
from helpdesk.intake import Inbound
from helpdesk.people.bans import Banned
from helpdesk.people.models import Person
from helpdesk.tickets import identity, names, outbox, unasked
from helpdesk.workflows import revisions

SUBJECT = "Your mail to {{ company.name }}"
BODY = "Your mail has arrived, but we do not take requests from this address any more. Further mail is not answered."


def tell(banned: Banned, inbound: Inbound) -> None:
    """Write to them if nobody has done so since the ban, and if it was no robot that wrote."""
    with writing():
        person = session().get_one(Person, banned.person_id)
        if person.ban_told_at is not None or inbound.automatic or inbound.late:
            return
        person.ban_told_at = clock.now()
        if unasked.may_write(inbound.address, verified=inbound.verified):
            outbox.post(
                outbox.Recipient(inbound.address, person, "sender"),
                subject=SUBJECT,
                body=BODY,
                names={"company": names.of_company(), "customer": {"name": "", "language": person.language}},
                sender=identity.of_source(revisions.active().desk.sources.get(inbound.source)).without_texts(),
                automatic=True,
                answers=True,
            )
