"""“Was it you?”: a source may ask whoever is unknown to follow a mailed link before their request counts (WS11).

The mail says no word of the sender's, because anybody may have written the address (attack 33), and there are at most a
few of them to one address. Who follows the link has proven that they read there. What nobody confirms is listed for the
administrators and dropped after a week.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import delete, select, update

from helpdesk import clock, intake
from helpdesk.channels.email.models import InboundMail
from helpdesk.db import session, writing
from helpdesk.errors import NotFound, NotPossible
from helpdesk.intake import Inbound, Received, copied
from helpdesk.intake.opening import check
from helpdesk.intake.unconfirmed import LASTS, Unconfirmed, UnconfirmedFile, inbound_of, keep
from helpdesk.people import bans, find, reach
from helpdesk.tickets import action_links, identity, names, outbox, talks, unasked
from helpdesk.tickets.outbox import Recipient
from helpdesk.workflows import revisions

SUBJECT = "Please confirm your request to {{ company.name }}"
BODY = (
    "Somebody wrote to us and named this address as theirs. If it was you, open this link within a week and confirm "
    "it; then we see your request:\n\n{{ links.confirm }}\n\nIf it was not you, you need not do anything."
)
GONE = "This request is not there any more: it was not confirmed in time. Please write to us again."
DONE = "You have confirmed this already."


def asks(inbound: Inbound) -> bool:
    """Whether this request waits for its sender: mail of somebody unknown that answers nothing of ours, or a form that
    nobody signed in filled in.
    """
    source = revisions.active().desk.sources.get(inbound.source)
    if source is None or inbound.by is not None:
        return False
    if getattr(source.options, "unknown_sender", "accept") == "confirm":
        return inbound.thread is None and find.by_email(inbound.address) is None
    return bool(getattr(source.options, "confirm_email", False)) and not inbound.verified


def wait(inbound: Inbound) -> None:
    """Keep the request and mail its sender the link. The same form or mail again is one request. Part of the
    transaction at hand; raises Invalid and Banned, as the door would.
    """
    if (known := find.by_email(inbound.address)) is not None:
        bans.refuse(known)
    check(inbound)
    same = Unconfirmed.nonce == inbound.nonce if inbound.nonce else Unconfirmed.inbound_id == inbound.inbound_id
    if (inbound.nonce or inbound.inbound_id) and session().scalar(select(Unconfirmed.id).where(same)) is not None:
        return
    request_id = keep(inbound)
    robot = inbound.automatic or inbound.late
    talk = None if inbound.mailed is None else talks.sketch(inbound.mailed)
    if not robot and unasked.may_write(find.normal(inbound.address), verified=False, talk=talk):
        _ask(inbound, request_id, talk)


def find_waiting(request_id: int) -> Unconfirmed:
    """The request behind a link. Raises NotFound where it was dropped, NotPossible where it is confirmed."""
    row = session().get(Unconfirmed, request_id)
    if row is None or row.expires_at <= clock.now():
        raise NotFound(GONE)
    if row.ticket_id is not None:
        raise NotPossible(DONE)
    return row


def take_in(request_id: int, *, proven: bool) -> Received:
    """It counts from now on: it goes through the door. `proven`: its sender followed the link; else an administrator
    vouches for it, and the address has proven nothing.
    """
    with writing() as here:
        row = _hold(request_id)
        inbound = replace(inbound_of(row, verified=proven), late=False)
        received = intake.receive(replace(inbound, copied=()))
        _note_copies(inbound, received)
        row = here.get_one(Unconfirmed, request_id)
        row.ticket_id, row.payload = received.ticket_id, {}
        here.execute(delete(UnconfirmedFile).where(UnconfirmedFile.request_id == request_id))
        if row.inbound_id is not None:
            _settle([row.inbound_id], "filed", ticket_id=received.ticket_id)
        if proven:
            _prove(row.address)
        return received


def waiting() -> list[Unconfirmed]:
    """What waits, newest first."""
    query = select(Unconfirmed).where(Unconfirmed.ticket_id.is_(None)).order_by(Unconfirmed.id.desc())
    return list(session().scalars(query.limit(200)))


def drop(request_id: int) -> None:
    """It is not wanted."""
    with writing():
        _forget([_hold(request_id)])


def drop_old() -> None:
    """A chore of the worker: what nobody confirmed in a week goes, with the notes of what was."""
    old = Unconfirmed.created_at <= clock.now() - LASTS
    if session().scalar(select(Unconfirmed.id).where(old).limit(1)) is None:
        return
    with writing() as here:
        _forget(list(here.scalars(select(Unconfirmed).where(old).limit(500).with_for_update())))


def _hold(request_id: int) -> Unconfirmed:
    """What waits, held until the transaction ends: another press of a button may just be done. Raises as
    `find_waiting` does.
    """
    here = session()
    here.execute(select(Unconfirmed.id).where(Unconfirmed.id == request_id).with_for_update())
    here.expire_all()
    return find_waiting(request_id)


def _ask(inbound: Inbound, request_id: int, talk: str | None) -> None:
    until = clock.now() + LASTS
    link = action_links.url("confirm", ticket_id=0, person_id=0, round=request_id, expires_at=until)
    source = revisions.active().desk.sources[inbound.source]
    outbox.post(
        Recipient(find.normal(inbound.address), None, "confirm"),
        subject=SUBJECT,
        body=BODY,
        names={"company": names.of_company(), "links": {"confirm": link}},
        sender=identity.of_source(source).without_texts(),
        automatic=True,
        answers=inbound.inbound_id is not None,
        talk=talk,
    )


def _forget(rows: list[Unconfirmed]) -> None:
    _settle([row.inbound_id for row in rows if row.inbound_id and row.ticket_id is None], "ignored")
    ids = [row.id for row in rows]
    session().execute(delete(UnconfirmedFile).where(UnconfirmedFile.request_id.in_(ids)))
    session().execute(delete(Unconfirmed).where(Unconfirmed.id.in_(ids)))


def _note_copies(inbound: Inbound, received: Received) -> None:
    """Who else the mail named, for staff to decide: whoever says that it was them has not read its head (attack 23)."""
    sender = find.by_email(inbound.address)
    if inbound.copied and sender is not None:
        copied.heard(replace(inbound, verified=False), sender, received)


def _settle(mails: list[int], status: str, *, ticket_id: int | None = None) -> None:
    why = "" if ticket_id else "Its sender did not confirm it."
    changed = update(InboundMail).where(InboundMail.id.in_(mails))
    session().execute(changed.values(status=status, error=why, ticket_id=ticket_id, done_at=clock.now()))


def _prove(address: str) -> None:
    person = find.by_email(address)
    for each in person.addresses if person else ():
        if each.kind == "email" and each.value == address and each.verified_at is None:
            each.verified_at = clock.now()
    if person is not None:
        reach.lives(person, address)
