"""From stored bytes to a ticket: the job `read_mail`. Whatever the mail is, its row ends as filed, ignored or
quarantined.

The row and the ticket are written in one commit, which also ends the job: a crash anywhere leaves all of it to be done
again, or none of it. A mail that fails three times is put aside and the next one goes on (fault 19), one that the desk
refuses at once; but a full disk is not the mail's fault (fault 21). Nothing is ever thrown away.
"""

from __future__ import annotations

import logging

from sqlalchemy import bindparam, literal_column, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import aliased

from helpdesk import alarms, clock, disk, files, intake, jobs
from helpdesk.channels import confirming
from helpdesk.channels.email import probes, reader, returned, spam, store, turned_away
from helpdesk.channels.email.inbound import Aside, Ignored, inbound_of
from helpdesk.channels.email.models import InboundMail
from helpdesk.channels.email.parse import Mail
from helpdesk.db import answer, writing
from helpdesk.delivery import loops
from helpdesk.errors import Invalid
from helpdesk.jobs import Later, LeaseLost, Work
from helpdesk.people import blocked
from helpdesk.people.bans import Banned
from helpdesk.text import plain
from helpdesk.workflows.revisions import NoDeskError

TRIES = 3
TRIES_WHILE_THE_DATABASE_IS_BUSY = 10
ALARM = "mail:quarantine"
_behind = aliased(InboundMail)
NEXT = (
    select(_behind.sha256)
    .where(_behind.status == "received", _behind.id > bindparam("mail"))
    .order_by(_behind.id)
    .limit(literal_column("1"))
    .scalar_subquery()
)
STORED = select(*InboundMail.__table__.columns, NEXT, blocked.ANY).where(InboundMail.id == bindparam("mail"))
SETTLED = update(InboundMail).where(InboundMail.id == bindparam("mail"))
log = logging.getLogger("helpdesk.mail")


@jobs.handles("read_mail", lane="in")
def read_mail(work: Work) -> None:
    """Read the mail `work.payload["mail"]`."""
    mail_id = work.payload["mail"]
    stored = answer(STORED, mail=mail_id).one_or_none()
    if stored is None:
        return
    *columns, behind, any_blocked = stored
    row = InboundMail(**dict(zip(InboundMail.__table__.columns.keys(), columns, strict=True)))  # in no session
    if row.status != "received":
        return
    try:
        if work.attempts > TRIES_WHILE_THE_DATABASE_IS_BUSY:  # it ended the whole program each time
            raise RuntimeError("The program ended each time it read this mail.")
        _file(row, behind, work, any_blocked=any_blocked)
    except (Later, LeaseLost):
        raise
    except NoDeskError as missing:
        raise Later(30, missing.sentence) from missing
    except Aside as unclear:
        _settle(mail_id, work, status="quarantined", why=unclear.sentence)
    except Invalid as refused:  # the desk's answer, and no accident: it would be the same at each try
        why = plain.scrub(f"The desk does not take it as it is: {refused.sentence}")
        _settle(mail_id, work, status="quarantined", why=why)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in disk.FULL:
            raise Later(60, "The disk is full. The mail waits until there is room.") from error
        busy = isinstance(error, OperationalError)
        if work.attempts < (TRIES_WHILE_THE_DATABASE_IS_BUSY if busy else TRIES):
            raise
        log.exception("Mail %s could not be read and was put aside.", mail_id)  # the row keeps one line of it
        broke = plain.scrub(f"It could not be read: {type(error).__name__}: {error}")
        _settle(mail_id, work, status="quarantined", why=broke)


def _file(row: InboundMail, behind: str | None, work: Work, *, any_blocked: bool) -> None:
    """`behind`: the mail after this one, which the child reads while this one is written. `any_blocked`: whether there
    is a block list to look into.
    """
    mail_id, raw = row.id, files.read(row.sha256)
    marks = frozenset({loops.mark()})
    mail = reader.read(files.path_of(row.sha256), loop_marks=marks)
    if behind:
        reader.read_ahead(files.path_of(behind), loop_marks=marks)
    if mail.auto == "loop" and probes.arrived(mail.message_id, by=row.peer):
        _settle(mail_id, work, status="ignored", why="A test of the administration's, which has come back.")
        return
    robot = mail.robot or ("auto-reply" if row.envelope_from == store.NULL_PATH else "")
    try:
        _take(row, mail, raw, work, robot, any_blocked=any_blocked)
    except Ignored as why:
        _settle(mail_id, work, status="ignored", why=why.sentence, robot=robot)


def _take(row: InboundMail, mail: Mail, raw: bytes, work: Work, robot: str, *, any_blocked: bool) -> None:
    if mail.robot in returned.KINDS and _about_ours(row, mail, work, robot):
        return
    if mail.auto == "bounce":
        raise Ignored("A report about mail that is not ours.")
    inbound = inbound_of(mail, row, raw)
    if not row.cleared and (why := spam.judged(mail.spam, inbound, any_blocked=any_blocked)):
        _settle(row.id, work, status="spam", why=why, rfc_id=inbound.rfc_id, robot=robot)
        return
    if confirming.asks(inbound):
        with writing():
            confirming.wait(inbound)
            why = "Its sender is asked to confirm it."
            _settle(row.id, work, status="waiting", why=why, rfc_id=inbound.rfc_id, robot=robot)
        return
    try:
        intake.receive(
            inbound,
            also=lambda received: _settle(
                row.id, work, status="filed", ticket_id=received.ticket_id, rfc_id=inbound.rfc_id, robot=robot
            ),
        )
    except Banned as banned:
        with writing():
            turned_away.tell(banned, inbound)
            why = f"{inbound.address} is banned."
            _settle(row.id, work, status="ignored", why=why, rfc_id=inbound.rfc_id, robot=robot)


def _about_ours(row: InboundMail, mail: Mail, work: Work, robot: str) -> bool:
    """Whether it is a believed report about mail of ours; then it is written down there."""
    with writing():
        known = returned.take(mail, row)
        if known is not None:
            why = "A report about mail of ours."
            _settle(row.id, work, status="filed", ticket_id=known.ticket_id, why=why, robot=robot)
    return known is not None


def _settle(
    mail_id: int,
    work: Work,
    *,
    status: str,
    why: str = "",
    ticket_id: int | None = None,
    rfc_id: str | None = None,
    robot: str = "",
) -> None:
    """Write down what became of the mail and end the job, in the transaction at hand or one of its own."""
    with writing():
        work.finish()
        answer(
            SETTLED,
            mail=mail_id,
            status=status,
            error=why[:2000],
            attempts=work.attempts,
            done_at=clock.now(),
            ticket_id=ticket_id,
            rfc_id=rfc_id,
            robot=robot,
        )
        if status == "quarantined":
            alarms.sound(ALARM, f"A mail was put aside and waits in the quarantine. {why}"[:1000])
