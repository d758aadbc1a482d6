"""Making a text the active desk, with all its live tickets, in one transaction: or nothing of it. Called by the editor,
the command line, the start of the desk and `rollback`.

Nobody is in the middle of an action while it happens, and the next action runs under the new desk. Refused while a
ticket would be stranded, and when somebody else changed the desk meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from helpdesk.rollout import counting, file, migration, plan, ways
from helpdesk.rollout.migration import Carried
from helpdesk.rollout.ways import Moves
from helpdesk.text.counted import counted
from helpdesk.workflows import revisions
from helpdesk.workflows.enclosures import Beside, Known
from helpdesk.workflows.revisions import Adopted
from helpdesk.workflows.schema import Desk


@dataclass(frozen=True)
class Applied:
    """What was done. `revision` is in force now; `changed`: it was not before. `file` says what became of the file on
    the disk: `same` or `written`; with `edited` (by somebody else), `occupied`, `not_writable` and `other_shape` file
    and desk differ; `none`: nobody asked for it.
    """

    revision: int
    changed: bool = True
    moved: int = 0
    cleared: int = 0
    timers_set: int = 0
    timers_gone: int = 0
    to_ask: int = 0
    waiting: int = 0
    reckoned: tuple[str, ...] = ()
    file: file.Fate = "none"

    @property
    def sentences(self) -> tuple[str, ...]:
        if not self.changed:
            return (f"Nothing changes: revision {self.revision} is in force.", *file.sentences(self.file))
        told = [f"Revision {self.revision} is the active desk now."]
        if self.moved:
            told.append(f"{counted(self.moved)} moved.")
        if self.cleared:
            told.append(f"{counted(self.cleared)} lost an assignee who does not see them any more.")
        if self.timers_set or self.timers_gone:
            told.append(f"{counted(self.timers_set, 'timer')} set, {self.timers_gone} taken out.")
        if self.to_ask:
            told.append(f"{counted(self.to_ask)} will be asked for consent: the approvers are mailed.")
        if self.waiting:
            told.append(f"{counted(self.waiting)} that wait for consent follow what the file asks now.")
        if self.reckoned:
            told.append(f"What was promised on tickets of {', '.join(self.reckoned)} is reckoned anew.")
        return (*told, *file.sentences(self.file))

    def as_dict(self) -> dict[str, Any]:
        return asdict(self) | {"sentences": list(self.sentences)}


@dataclass(frozen=True)
class Taken(Adopted):
    """What became of the file at a start, and what happened to tickets."""

    carried: Carried


def apply(
    texts: Mapping[str, str],
    *,
    author: str,
    note: str = "",
    origin: str = "editor",
    based_on: int | None = None,
    moves: Moves | None = None,
    path: Path | None = None,
    beside: Beside | None = None,
) -> Applied:
    """Make `texts`, by the names of their files, the active desk. `moves`: where tickets of states that go come;
    `based_on`: the revision the text was made from; `path`: the workflow file, which is written as well where nobody
    else touched it since; `beside`: where the files are that its answers bring along.

    A text that is in force already makes no revision.

    Raises Invalid with the findings' or the stranded tickets' sentences, and NotPossible (`stale`) where another
    revision came into force meanwhile. Then nothing has changed.
    """
    tickets = _Tickets(moves)
    on_disk = file.look(path) if path else None
    texts = file.named_for(path, texts) if path else dict(texts)
    adopted = revisions.adopt(
        texts, author=author, note=note, origin=origin, based_on=based_on, tickets=tickets, beside=beside
    )
    assert adopted.revision is not None  # noqa: S101 - for the types: an adopted text has a number
    done = tickets.carried
    fate = file.follow(on_disk, texts, revisions.get(adopted.revision).enclosed) if on_disk else "none"
    if fate in ("same", "written"):
        revisions.note_in_file(adopted.revision)
    return Applied(
        adopted.revision,
        changed=adopted.changed,
        moved=done.moved,
        cleared=done.cleared,
        timers_set=done.timers_set,
        timers_gone=done.timers_gone,
        to_ask=done.to_ask,
        waiting=done.waiting,
        reckoned=done.reckoned,
        file=fate,
    )


def rollback(
    revision: int, *, author: str, note: str = "", moves: Moves | None = None, path: Path | None = None
) -> Applied:
    """Make an earlier revision's text active again, as a new revision where it is not in force anyway. Raises NotFound,
    and what `apply` raises.
    """
    row = revisions.get(revision)
    texts, beside = dict(row.files), Known(row.enclosed)
    said = note or f"Back to revision {revision}."
    return apply(texts, author=author, note=said, origin="rollback", moves=moves, path=path, beside=beside)


def take_file(path: Path) -> Taken:
    """At every start: the file becomes the active desk if it is new, sound and strands no ticket; else the last good
    one goes on. Raises OSError if it cannot be read and there is none.
    """
    tickets = _Tickets(None)
    adopted = revisions.adopt_file(path, tickets=tickets)
    return Taken(**vars(adopted), carried=tickets.carried)


class _Tickets:
    """What `revisions` asks about live tickets, while all doors are closed."""

    def __init__(self, moves: Moves | None) -> None:
        self.moves = moves
        self.carried = Carried()

    def stranded(self, after: Desk) -> list[str]:
        self._held = counting.held()
        return [one.sentence for one in plan.stranded(self._held, after, self.moves)]

    def carry(self, before: Desk | None, after: Desk, revision: int) -> None:
        found = ways.ways(self._held, after, self.moves)
        gone = ways.ways(ways.all_of(before), after, self.moves) if before else {}
        self.carried = migration.carry(before, after, revision, held=self._held, ways=found, gone=gone)
