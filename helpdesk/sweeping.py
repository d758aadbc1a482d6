"""Files that no row names any more, or never did: uploads of drafts that were thrown away, what a crash left behind. A
chore of the worker takes them away once a day, in portions; `files` sees to it that whoever stores the same bytes at
that moment has them.

A file goes only if nobody stored it for a day and no row of any table names it. The database is asked for tables with
a column `sha256` (not the program, which may be older than they are), and for the texts that hold names inside. A
folder that belongs to the database of another desk is left alone.
"""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, column, inspect, select, table, union_all
from sqlalchemy.orm import InstrumentedAttribute

from helpdesk import clock, files, jobs, stored
from helpdesk.db import session, writing
from helpdesk.tickets.models import Delivery
from helpdesk.tickets.waiting import WaitingReply
from helpdesk.workflows.revisions import Revision

KIND = "sweep_files"
PORTION = 500  # files, or rows, that are asked about at once
SWEPT, OWNER = "files_swept", "files_of"  # when it was last begun; by which mark the folder is this database's
_NAMES = re.compile(r"\b[0-9a-f]{64}\b")

log = logging.getLogger("helpdesk.sweeping")


def schedule() -> None:
    """Once a day, from the day after the first. A chore of the worker; harmless to repeat and to do twice. A restored
    copy that is muted takes nothing away.
    """
    today, last = clock.now().date().isoformat(), stored.get(SWEPT)
    if last == today or stored.get("muted"):
        return
    with writing():
        stored.put(SWEPT, today)
        if last is not None:
            jobs.enqueue(KIND, {}, dedupe=KIND)


@jobs.handles(KIND)
def sweep(work: jobs.Work) -> None:
    """Look at a portion of the files, and leave the next one to be looked at."""
    after = work.payload.get("after", "")
    if not after:
        if not _is_ours():
            log.warning("The folder of files belongs to another database; nothing is swept in it.")
            return
        files.drop_unfinished()
    names = files.untouched(after=after, most=PORTION)
    for name in sorted(set(names) - named(names)):
        if files.forget(name):
            log.info("A file that nothing names was taken away: %s.", name)
    with writing():
        work.finish()
        if len(names) == PORTION:
            jobs.enqueue(KIND, {"after": names[-1]})


def named(names: Collection[str]) -> set[str]:
    """Which of these files a row names. A name never wanders from what is asked later to what is asked earlier: a draft
    becomes a revision, a request that waits becomes a ticket, in one transaction; tables are asked all at once.
    """
    if not names:
        return set()
    session().rollback()
    return {*_in_texts(), *_in_tables(names)} & set(names)


def _in_texts() -> set[str]:
    """Drafts first, then the revisions they become; and what waits to be sent, or may be sent once more."""
    found: set[str] = set()
    for key, column_, where in (
        (stored.Setting.name, stored.Setting.value, ()),
        (Revision.id, Revision.enclosures, ()),
        (WaitingReply.id, WaitingReply.values, ()),
        (Delivery.id, Delivery.frozen, (Delivery.status != "sent",)),
    ):
        for text in _texts(key, column_, *where):
            found.update(_NAMES.findall(text))
    return found


def _texts(
    key: InstrumentedAttribute[Any], column_: InstrumentedAttribute[Any], *where: ColumnElement[bool]
) -> Iterator[str]:
    """What a column says of files, from row to row by their key: all of it need not fit into memory."""
    said = cast(column_, Text)
    asked = select(key, said).where(said.like("%sha256%"), *where).order_by(key).limit(PORTION)
    some = session().execute(asked).all()
    while some:
        yield from (text for _, text in some)
        some = session().execute(asked.where(key > some[-1][0])).all()


def _in_tables(names: Collection[str]) -> set[str]:
    columns = inspect(session().connection()).get_multi_columns()
    having = sorted(name for (_, name), all_ in columns.items() if any(each["name"] == "sha256" for each in all_))
    places = [table(name, column("sha256")) for name in having]
    asked = [select(place.c.sha256).where(place.c.sha256.in_(names)) for place in places]
    return set(session().scalars(union_all(*asked)))


def _is_ours() -> bool:
    """Whether the folder is this database's: it bears the mark of the first one that swept it. Who tries another
    database with the same folder loses nothing.
    """
    mark: str | None = stored.get(OWNER)
    if mark is None:
        mark = secrets.token_hex(16)
        with writing():
            stored.put(OWNER, mark)
    return files.owner(mark) == mark
