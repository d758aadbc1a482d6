"""Reading mailboxes: the job `fetch_mail`, one for each source that has `fetch`, which comes round by itself.

It is hurried by whoever hears of new mail (`listen`) and by administrators. A mailbox that fails is left alone for
longer and longer, with one alarm (fault 12); the others go on, each being a job of its own.
"""

from __future__ import annotations

from sqlalchemy import select

from helpdesk import jobs, stored
from helpdesk.channels.email import emptying, entrance, reading, sources, standing
from helpdesk.channels.email.account import MailboxAway
from helpdesk.channels.email.reading import Read
from helpdesk.db import session, writing
from helpdesk.errors import NotFound
from helpdesk.jobs import Later, Work
from helpdesk.workflows.revisions import NoDeskError
from helpdesk.workflows.schema import Source

BATCH = 100  # mails of one turn: a backlog of thousands lets other mailboxes have theirs (fault 20)
THREADS = 4  # so many mailboxes at once: a server that hangs holds up nobody else's


def schedule() -> None:
    """See to it that each mailbox has its job. A chore of the worker; harmless to repeat and to do twice."""
    try:
        names = [source.name for source in sources.mailboxes() if address(source)]
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


@jobs.handles("fetch_mail", lane="mailboxes", threads=THREADS)
def fetch_mail(work: Work) -> None:
    """Read one mailbox and come back. Ends for good when the source is gone from the workflow file."""
    source = of_name(work.payload["source"])
    if source is None:
        return
    if stored.get("muted"):
        raise Later(300, "This desk is a restored copy and fetches nothing until it is told to live.")
    resting = standing.rests(source.name, address(source))
    if resting is not None:
        raise Later(min(resting, standing.EVERY), "This source is paused.")  # its address may become another one
    try:
        full = fetch(source.name).number >= BATCH
    except MailboxAway as away:
        raise Later(standing.wait(source.name), away.sentence) from away
    raise Later(0 if full else standing.next_look(source.name))


def fetch(name: str) -> Read:
    """Store what is new in the mailbox of this source, up to a batch.

    Raises NotFound where the source reads no mailbox, and MailboxAway, once the trouble is noted on the source.
    """
    source = of_name(name)
    if source is None:
        raise NotFound(f"There is no source “{name}” that reads a mailbox.")
    where = address(source)
    try:
        found = _read(source)
    except MailboxAway as away:
        standing.trouble(name, where, away)
        raise
    standing.success(name, where, number=found.number, backlog=found.backlog)
    return found


def of_name(name: str) -> Source | None:
    """The source of this name, if it reads a mailbox."""
    return next((source for source in sources.mailboxes() if source.name == name and address(source)), None)


def address(source: Source) -> str:
    """Where the source's mailbox is, as the file says it; empty where it reads none."""
    return str(source.options.fetch.address) if source.options.fetch else ""


def _read(source: Source) -> Read:
    if source.options.fetch.pop3:
        with entrance.dropped(source) as drop:
            return emptying.read(source.name, drop, limit=BATCH)
    with entrance.opened(source) as box:
        return reading.read(source.name, box, folders=box.where.folders, limit=BATCH)


def _dedupe(name: str) -> str:
    return f"fetch_mail:{name}"
