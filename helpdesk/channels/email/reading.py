"""Reading the folders of a mailbox: what is new is stored, and only then marked, moved or taken away on the server.

A mail is stored and the place in its folder noted in one commit, so a crash or a line cut anywhere reads it again and
finds it there already (faults 2, 13). A folder that the server numbered anew is read from its beginning; what is known
is found by its bytes (fault 14).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from helpdesk.channels.email import standing, store
from helpdesk.channels.email.account import MailboxAway
from helpdesk.channels.email.mailbox import Found, Mailbox
from helpdesk.channels.email.models import MailPlace
from helpdesk.channels.email.refused import Refused, instead
from helpdesk.db import insert_unless_there, session, writing
from helpdesk.settings import current

HEALED = 1000  # mails of one turn that are marked, moved or taken away late
TOGETHER = 25  # mails that are marked or moved at once


@dataclass(frozen=True)
class Read:
    """What a turn gave: how many mails, and about how many it left."""

    number: int
    backlog: int


def read(name: str, box: Mailbox, *, folders: Sequence[str], limit: int) -> Read:
    """Store up to `limit` new mails out of the folders of this source's mailbox."""
    number = backlog = 0
    for folder in folders:
        box.open(folder)
        taken, left = _folder(name, box, limit=limit - number)
        number, backlog = number + taken, backlog + left
    return Read(number, backlog)


def place(name: str, folder: str, uidvalidity: int) -> MailPlace:
    """How far the folder was read: nothing of it where it is numbered anew."""
    with writing() as here:
        row = here.get(MailPlace, (name, folder))
        if row is None:
            standing.known(name)
            insert_unless_there(MailPlace, source=name, folder=folder, uidvalidity=uidvalidity)
            row = here.get_one(MailPlace, (name, folder))
        if row.uidvalidity != uidvalidity:
            row.uidvalidity, row.last_uid, row.settled_uid = uidvalidity, 0, 0
    return row


def _folder(name: str, box: Mailbox, *, limit: int) -> tuple[int, int]:
    row = place(name, box.folder, box.uidvalidity)
    settled, last = row.settled_uid, row.last_uid
    refused = Refused(name)
    session().rollback()  # no transaction stays open while the server sends
    unsettled = [mail for mail in box.between(settled, last) if not refused.knows(_named(box, mail))]
    for some in _portions(unsettled[:HEALED]):
        _settle(name, box, some)
    if unsettled[HEALED:]:
        return 0, box.left_after(last)
    if settled != last:
        _note_settled(name, box.folder, last)
    found = box.after(last, limit=limit) if limit > 0 else []
    aside: list[Found] = []
    for some in _portions(found):
        taken = []
        for mail in some:
            if refused.often(_named(box, mail)) and mail is not found[-1]:
                aside.append(mail)
                continue
            with refused.trying(_named(box, mail)):
                raw = box.whole(mail.uid) if not _is_large(mail) else too_large(box.head(mail.uid), mail.size)
            for each in aside:
                _keep(name, box, each, instead(_named(box, each)))
            aside.clear()
            if raw is not None:
                _keep(name, box, mail, raw)
            taken.append(mail)
        if taken:
            _settle(name, box, taken)
            last = taken[-1].uid
    return len(found), box.left_after(last)


def _keep(name: str, box: Mailbox, mail: Found, raw: bytes) -> None:
    keep(name, raw, partial(note_stored, name, box.folder, mail.uid), peer="imap")


def _named(box: Mailbox, mail: Found) -> str:
    return f"{mail.uid} of {box.uidvalidity} in {box.folder}"


def _portions(mails: list[Found]) -> Iterator[list[Found]]:
    for first in range(0, len(mails), TOGETHER):
        yield mails[first : first + TOGETHER]


def _settle(name: str, box: Mailbox, mails: list[Found]) -> None:
    """All of these are stored: mark them, move them or take them away, but for those that are too large for that."""
    box.settle([mail.uid for mail in mails if not _is_large(mail)])
    box.settle([mail.uid for mail in mails if _is_large(mail)], stay=True)
    _note_settled(name, box.folder, mails[-1].uid)


def keep(name: str, raw: bytes, note: Callable[[], None], *, peer: str) -> None:
    """Store a mail of this source; `note` writes down in the same commit how far its mailbox was read."""
    try:
        store.keep(raw, source=name, peer=peer, also=note)
    except OSError as full:  # ours, not the server's
        raise MailboxAway(f"A mail could not be stored here, and stays there: {full.strerror or full}") from full


def too_large(head: bytes | None, size: int) -> bytes | None:
    """Instead of a mail that is larger than we take: its head and a sentence; the mail itself stays on the server
    (attack 93).
    """
    if head is None:
        return None
    limit = current().upload_limit
    sentence = f"This mail has {size} bytes, more than the {limit} that the desk takes. It is still in the mailbox."
    kept = [line for line in head.split(b"\r\n") if line]
    return b"\r\n".join([b"Content-Type: text/plain; charset=utf-8", *_without_content(kept), b"", sentence.encode()])


def _is_large(mail: Found) -> bool:
    return mail.size > current().upload_limit


def note_stored(name: str, folder: str, uid: int) -> None:
    """This mail is stored."""
    row = session().get_one(MailPlace, (name, folder))
    row.last_uid = max(row.last_uid, uid)
    standing.count(name)


def _note_settled(name: str, folder: str, uid: int) -> None:
    with writing() as here:
        row = here.get_one(MailPlace, (name, folder))
        row.settled_uid, row.last_uid = uid, max(row.last_uid, uid)


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
