"""Copies of what the house writes publicly, for those who read a ticket along; and letting them in or out.

A copy is made of the new message alone: no e-mail of the file, no history and no link has a part in it, so that nobody
who came later is told what was said before (attack 23).
"""

from __future__ import annotations

from helpdesk.actions.run import Run
from helpdesk.db import session
from helpdesk.errors import Invalid
from helpdesk.people import find
from helpdesk.text import templates
from helpdesk.tickets import identity, names, outbox, participants
from helpdesk.tickets.events import Happened
from helpdesk.tickets.outbox import Recipient
from helpdesk.workflows import revisions

ROLE = "participant"  # of these mails; no word of the file
SUBJECT = "[{{ ticket.ref }}] {{ ticket.subject }}"
BODY = "{{ action.message }}\n\n{{ why }}"
WHY = "You are in copy of this conversation with {company}. Answer this mail to write to it."


def share(run: Run) -> None:
    """Let in and take out whom the run names. Raises Invalid."""
    adding, removing = run.values.get("add") or (), run.values.get("remove") or ()
    if not adding and not removing:
        raise Invalid({"add": "Say who is to be in copy."}, code="required")
    if ours := next((each for each in adding if identity.is_own(each)), None):
        raise Invalid({"add": f"{ours} is an address of this desk."})
    inside = {each.address for each in participants.present(run.ticket)} - {find.normal(each) for each in removing}
    own = {find.normal(each.value) for each in run.ticket.requester.addresses}
    if len(inside | {find.normal(each) for each in adding} - own) > participants.MOST:
        raise Invalid({"add": f"At most {participants.MOST} people can be in copy."})
    out = participants.put(run.ticket, [(each, "") for each in removing], "out", by_staff=True)
    named = [(each, "") for each in adding]
    added = participants.put(run.ticket, named, "in", by_staff=True)
    run.data["copy"] = {"added": added, "removed": out}


def send(run: Run, event: Happened) -> None:
    """Queue the run's public message for everybody in copy who has not got it, each an own mail under a code of their
    own.
    """
    ticket, values = run.ticket, run.values
    known = templates.freeze(
        {
            "company": names.of_company(),
            "ticket": {"ref": ticket.ref, "subject": ticket.subject, "language": ticket.language},
            "action": {"message": {"text": values.message.text, "html": values.message.html}},
            "why": WHY.format(company=revisions.active().desk.company.name),
        }
    )
    getting = [each for each in participants.present(ticket) if each.address not in run.cause.copied]
    people = find.by_emails(each.address for each in getting)
    for each in getting:
        person = find.made_or_named(people.get(each.address), each.address, name=each.name)
        if person.id == run.actor.person_id:
            continue
        outbox.post(
            Recipient(each.address, person, ROLE),
            subject=SUBJECT,
            body=BODY,
            names=known,
            sender=identity.of_ticket(ticket).without_texts(),
            ticket=ticket,
            event_id=event.id,
            files=values.files,
        )
    session().flush()
