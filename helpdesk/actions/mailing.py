"""The e-mails of an action and what they may carry. Writes outbox rows, sends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from helpdesk.actions import mailed_links, promises
from helpdesk.actions.mailed_links import Mailed
from helpdesk.actions.recipients import recipients
from helpdesk.actions.run import Cause, Run
from helpdesk.text import templates
from helpdesk.tickets import events, identity, names, outbox, talks, unasked
from helpdesk.tickets.actors import SYSTEM
from helpdesk.tickets.approvals import Round
from helpdesk.tickets.events import Happened
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.outbox import Recipient
from helpdesk.workflows import conditions, revisions
from helpdesk.workflows.schema import Email


def send(run: Run, event: Happened, context: dict[str, Any], cause: Cause) -> None:
    """Queue the action's e-mails. Where a robot set this off, the customer is not written to (attack 35); where
    somebody of the house did, it counts against no cap for unasked mail.
    """
    for email in run.spec.emails:
        if email.when and not conditions.holds(email.when, context):
            continue
        subject, body = _text(email, run.ticket)
        known = names.with_words(context, run.ticket, mentioned_in=subject + body)
        for recipient in recipients(email, run):
            if recipient.role == "customer" and cause.automatic:
                continue
            _post(run, event, email, recipient, known, (subject, body), cause)


def ask(
    ticket: Ticket, event: Happened, template: str, to: Sequence[Recipient], known: dict[str, Any], *, asked: Round
) -> None:
    """Queue the e-mail of an approval, an own message for each; `known`: the names it may use."""
    subject, body = _of_template(template, ticket)
    text = subject + body
    known = names.with_words(known, ticket, mentioned_in=text)
    for recipient in to:
        if gone := unasked.lost(recipient.address, recipient.person):
            _note(ticket, "Ask for consent", gone)
            continue
        personal = known | {"links": mailed_links.of(Mailed(ticket, recipient, event.id, asked), text)}
        outbox.post(
            recipient,
            subject=subject,
            body=body,
            names=templates.freeze(personal),
            sender=replace(identity.of_ticket(ticket), signature=""),
            ticket=ticket,
            event_id=event.id,
            automatic=True,
        )


def _text(email: Email, ticket: Ticket) -> tuple[str, str]:
    """The templates in the ticket's language, where the file has them."""
    if email.template and email.template in revisions.active().desk.emails:
        return _of_template(email.template, ticket)
    return email.subject or "", email.body or ""


def _of_template(name: str, ticket: Ticket) -> tuple[str, str]:
    named = revisions.active().desk.emails[name]
    text = named.languages.get(ticket.language, named)
    return text.subject, text.body


def _post(
    run: Run,
    event: Happened,
    email: Email,
    recipient: Recipient,
    known: dict[str, Any],
    text: tuple[str, str],
    cause: Cause,
) -> None:
    ticket = run.ticket
    set_off = cause.message and not cause.staff  # by mail from outside: nobody pressed anything
    automatic = run.actor.kind == "system" or (set_off and not _is_house(recipient))
    talk = talks.sketch(cause.said) if automatic and not _is_house(recipient) and cause.said is not None else None
    if (automatic or set_off) and (refused := _refusal(ticket, recipient, cause, talk)):
        _note(ticket, run.spec.label, refused, action=run.spec.name)
        return
    sender = identity.of_ticket(ticket, named=email.from_)
    signed = run.actor.kind == "staff" and not _is_house(recipient)
    all_texts = text[0] + text[1] + (sender.signature if signed else "") + sender.display_name
    personal = known | {"links": mailed_links.of(Mailed(ticket, recipient, event.id), all_texts)}
    if automatic and not cause.staff and recipient.role == "customer" and not ticket.requester_verified:
        personal = names.without_words(personal)
    outbox.post(
        recipient,
        subject=text[0],
        body=text[1],
        names=templates.freeze(personal),
        sender=sender if signed else replace(sender, signature=""),
        ticket=ticket,
        event_id=event.id,
        files=run.values.files,
        attach=email.attach,
        automatic=automatic,
        answers=cause.inbound_id is not None,
        talk=talk,
    )
    if (
        cause.staff
        and not cause.opening
        and recipient.person is not None
        and recipient.person.id == ticket.requester_id
    ):
        promises.answered(ticket)


def _is_house(recipient: Recipient) -> bool:
    """Whether it goes to somebody of the staff as such."""
    return recipient.role != "customer" and recipient.person is not None and recipient.person.is_staff


def _refusal(ticket: Ticket, recipient: Recipient, cause: Cause, talk: str | None) -> unasked.Refused | None:
    """Why a mail that nobody pressed a button for does not go: the address is lost, or it would go to a robot. What
    somebody of the house set off is held back for the first alone.
    """
    address, person = recipient.address, recipient.person
    if (gone := unasked.lost(address, person)) or cause.staff:
        return gone
    if recipient.role == "customer":
        verified, is_new = ticket.requester_verified, cause.opening
        return unasked.refusal(address, person, verified=verified, talk=talk, ticket=ticket, is_new=is_new)
    if _is_house(recipient):  # told of whatever the customer writes; but two absence notes could go on for ever
        from_others = cause.message and cause.person_id != ticket.requester_id
        return unasked.circles(address, ticket, author=person) if from_others else None
    return None if cause.opening else unasked.circles(address, ticket, author=None)


def _note(ticket: Ticket, label: str, refused: unasked.Refused, *, action: str | None = None) -> None:
    noted = refused.noted | {"label": label, "why": f"{refused.why} “{label}” was not mailed."}
    events.append(ticket, kind="refused", action=action, actor=SYSTEM, data=noted, touches=False)
