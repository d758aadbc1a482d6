"""Reading mailboxes: the job `fetch_mail`, one for each source that has `fetch`, which comes round by itself.

A mail is stored and the place in the mailbox noted in one commit; only then is it marked or moved on the server, so a
crash anywhere reads it again and finds it there already (faults 2, 13, 14). A mailbox that fails is left alone for
longer and longer, with one alarm (fault 12); the others go on, each being a job of its own.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from helpdesk import alarms, clock, jobs, stored
from helpdesk.alarms import Alarm
from helpdesk.channels.email import mailbox, sources, store
from helpdesk.channels.email.mailbox import Found, Mailbox, MailboxAway
from helpdesk.channels.email.models import MailSource
from helpdesk.db import session, writing
from helpdesk.errors import NotFound
from helpdesk.jobs import Later, Work
from helpdesk.settings import current
from helpdesk.workflows.revisions import NoDeskError
from helpdesk.workflows.schema import Source

EVERY = 30.0  # seconds
BATCH = 100  # mails of one turn: a backlog of thousands lets other mailboxes have theirs (fault 20)
LONGEST_PAUSE = timedelta(minutes=30)


def schedule() -> None:
    """See to it that each mailbox has its job. A chore of the worker; harmless to repeat and to do twice."""
    try:
        names = [source.name for source in sources.mailboxes() if _url(source)]
    except NoDeskError:
        return
    living = select(jobs.Job.dedupe).where(jobs.Job.kind == "fetch_mail", jobs.Job.state != "dead")
    waiting = set(session().scalars(living))
    missing = [name for name in names if _dedupe(name) not in waiting]
    if missing:
        with writing():
            for name in missing:
                if not soon(name):  # one that was given up begins anew: no mailbox is left alone for good
                    jobs.enqueue("fetch_mail", {"source": name}, dedupe=_dedupe(name))


def soon(name: str) -> bool:
    """Have the worker read this source's mailbox now. False = it has none, or is being read."""
    return jobs.hasten(_dedupe(name))


@jobs.handles("fetch_mail", lane="mailboxes")
def fetch_mail(work: Work) -> None:
    """Read one mailbox and come back. Ends for good when the source is gone from the workflow file."""
    source = _source(work.payload["source"])
    if source is None:
        return
    if stored.get("muted"):
        raise Later(300, "This desk is a restored copy and fetches nothing until it is told to live.")
    try:
        full = fetch(source.name) >= BATCH
    except MailboxAway as away:
        raise Later(_pause(source.name), away.sentence) from away
    raise Later(0 if full else EVERY)


def fetch(name: str) -> int:
    """Store what is new in the mailbox of this source, up to a batch, and give how many mails that were.

    Raises NotFound where the source reads no mailbox, and MailboxAway, once the trouble is noted on the source.
    """
    source = _source(name)
    if source is None:
        raise NotFound(f"There is no source “{name}” that reads a mailbox.")
    try:
        with mailbox.opened(mailbox.account(_url(source))) as box:
            number = _read(source, box)
    except MailboxAway as away:
        _note_trouble(name, away.sentence)
        raise
    _note_success(name)
    return number


def _read(source: Source, box: Mailbox) -> int:
    last = _place(source.name, box.uidvalidity)
    box.settle(box.unsettled(last))
    found = box.after(last, limit=BATCH)
    session().rollback()  # no transaction stays open while the server sends
    for mail in found:
        raw = box.whole(mail.uid) if mail.size <= current().upload_limit else _too_large(box, mail)
        if raw:
            _keep(source.name, raw, mail.uid)
            box.settle([mail.uid])
    return len(found)


def _place(name: str, uidvalidity: int) -> int:
    """How far the mailbox was read. Numbered anew, it is read again from its beginning; what is known is found by its
    bytes.
    """
    with writing() as here:
        row = here.get(MailSource, name)
        if row is None:
            row = MailSource(name=name, last_uid=0, messages=0, error="")
            here.add(row)
        if row.uidvalidity != uidvalidity:
            row.uidvalidity, row.last_uid = uidvalidity, 0
        return row.last_uid


def _keep(name: str, raw: bytes, uid: int) -> None:
    def note_place() -> None:
        row = session().get_one(MailSource, name)
        row.last_uid, row.messages = max(row.last_uid, uid), row.messages + 1

    try:
        store.keep(raw, source=name, peer="imap", also=note_place)
    except OSError as full:  # ours, not the server's
        raise MailboxAway(f"A mail could not be stored here, and stays there: {full.strerror or full}") from full


def _too_large(box: Mailbox, mail: Found) -> bytes | None:
    """Instead of a mail that is larger than we take: its head and a sentence; the mail itself stays on the server
    (attack 93).
    """
    head = box.head(mail.uid)
    if head is None:
        return None
    limit = current().upload_limit
    sentence = (
        f"This mail has {mail.size} bytes, more than the {limit} that the desk takes. It is still in the mailbox."
    )
    kept = [line for line in head.split(b"\r\n") if line]
    return b"\r\n".join([b"Content-Type: text/plain; charset=utf-8", *_without_content(kept), b"", sentence.encode()])


def _without_content(lines: list[bytes]) -> list[bytes]:
    """Header lines without those that describe a body which is not there."""
    kept: list[bytes] = []
    skipping = False
    for line in lines:
        if not line.startswith((b" ", b"\t")):
            skipping = line.lower().startswith(b"content-")
        if not skipping:
            kept.append(line)
    return kept


def _note_trouble(name: str, sentence: str) -> None:
    with writing() as here:
        row = here.get(MailSource, name) or MailSource(name=name, last_uid=0, messages=0, error="")
        here.add(row)
        row.read_at = clock.now()
        row.error = sentence
        alarms.sound(_alarm(name), f"The mailbox of “{name}” cannot be read. {sentence}")


def _note_success(name: str) -> None:
    with writing() as here:
        row = here.get_one(MailSource, name)
        row.read_at = row.succeeded_at = clock.now()
        row.error = ""
        alarms.clear(_alarm(name))


def _pause(name: str) -> float:
    """As long as the trouble has lasted, between the usual pause and half an hour: a revoked password causes no storm
    (fault 12).
    """
    since = session().scalar(select(Alarm.raised_at).where(Alarm.subject == _alarm(name), Alarm.cleared_at.is_(None)))
    lasted = clock.now() - since if since else timedelta(0)
    return max(EVERY, min(lasted, LONGEST_PAUSE).total_seconds())


def _source(name: str) -> Source | None:
    return next((source for source in sources.mailboxes() if source.name == name and _url(source)), None)


def _url(source: Source) -> str:
    return str(source.options.fetch.imap or "") if source.options.fetch else ""


def _dedupe(name: str) -> str:
    return f"fetch_mail:{name}"


def _alarm(name: str) -> str:
    return f"source:{name}"
