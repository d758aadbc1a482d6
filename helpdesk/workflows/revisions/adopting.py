"""Making another desk active: the file on the disk at a start, a text from the editor or the command line at any time.

Knows no tickets: `rollout.apply` calls it and brings what tickets need (`Tickets`). Nobody is in the middle of an
action meanwhile, and either all of it happens or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from helpdesk.db import writing
from helpdesk.errors import Invalid, NotPossible
from helpdesk.workflows import check
from helpdesk.workflows.enclosures import Beside, GoneError, taken
from helpdesk.workflows.findings import Finding
from helpdesk.workflows.folder import Folder
from helpdesk.workflows.load import Loaded, read_texts
from helpdesk.workflows.revisions import in_force, on_disk, rows
from helpdesk.workflows.revisions.rows import Revision
from helpdesk.workflows.schema import Desk

MEANWHILE = "Somebody else changed the workflow meanwhile. Look at what is new, then apply again."


@dataclass(frozen=True)
class Adopted:
    """What became of a text: `revision` is the active one's id, `changed` whether it is new, `findings` what was found
    in it, `reasons` what else stood in the way: tickets that would be stranded, a file that cannot be read.
    """

    revision: int | None
    changed: bool
    findings: list[Finding]
    reasons: list[str]


class Tickets(Protocol):
    """What live tickets need when another desk comes into force; `rollout` knows. Both are called while no door is open
    and in the transaction that activates the desk.
    """

    def stranded(self, after: Desk, /) -> list[str]:
        """Sentences about tickets that the desk would leave without a state."""

    def carry(self, before: Desk | None, after: Desk, revision: int, /) -> None:
        """Bring the tickets along."""


class NoTickets:
    """A desk whose tickets nobody asks about: a stage, a test."""

    def stranded(self, after: Desk, /) -> list[str]:
        return []

    def carry(self, before: Desk | None, after: Desk, revision: int, /) -> None:
        return None


def adopt_file(path: str | Path, *, tickets: Tickets | None = None) -> Adopted:
    """Make the file the active desk if it is new, clean and strands no ticket; else the active one stays.

    A file that was seen before is left alone, so a change made in the editor outlives a restart. What was found is
    kept, so that administrators are told (`problems`). Raises OSError if the file cannot be read and there is no desk.
    """
    tickets = tickets or NoTickets()
    try:
        texts = read_texts(path)
    except OSError as error:
        if rows.newest_id() is None:
            raise
        return _left(f"{Path(path).name} cannot be read: {error.strerror or error}.")
    files, beside = on_disk.named_files(texts), Folder(path)
    if on_disk.is_known(files, beside, problems=[]):
        return Adopted(rows.newest_id(), changed=False, findings=[], reasons=[])
    if on_disk.is_in_force(files, beside):
        return Adopted(on_disk.note_in_file(rows.newest_id()), changed=False, findings=[], reasons=[])
    loaded = check.run_texts({**texts}, beside=beside)
    try:
        enclosed = taken(loaded.desk, beside)
    except GoneError as gone:
        return _left(gone.sentence)
    with writing():
        in_force.close_doors()
        left = tickets.stranded(loaded.desk) if loaded.desk and not _errors(loaded) else []
        problems = [finding.as_dict() for finding in _errors(loaded)] + [{"message": sentence} for sentence in left]
        new = not on_disk.is_known(files, beside, problems=problems)
        if new and problems:
            rows.add(files, origin="file", problems=problems)
        elif new and loaded.desk:
            before = in_force.before()
            _activate(rows.add(files, origin="file", enclosed=enclosed), loaded.desk, before, tickets)
        newest = rows.newest_id()
    return Adopted(newest, changed=new and not problems, findings=loaded.findings, reasons=left)


def _left(reason: str) -> Adopted:
    """The desk goes on without its file, and administrators are told."""
    problems = [{"message": reason}]
    with writing():
        in_force.close_doors()
        if not on_disk.is_known({}, problems=problems):
            rows.add({}, origin="file", problems=problems)
    return Adopted(rows.newest_id(), changed=False, findings=[], reasons=[reason])


def adopt(
    files: str | Mapping[str, str],
    *,
    author: str,
    note: str = "",
    origin: str = "editor",
    based_on: int | None = None,
    tickets: Tickets | None = None,
    beside: Beside | None = None,
) -> Adopted:
    """Make a text the active desk. `based_on`: the revision it was made from; where another one is in force by now it
    is refused as `stale`, so that two administrators do not overwrite each other. `beside`: where the files of its
    ready answers are; without it they bring none along. A text that is in force already changes nothing.

    Raises `Invalid` with the findings' sentences when it has errors or strands tickets, `NotPossible` when it is stale.
    """
    tickets = tickets or NoTickets()
    named = {"workflows.yaml": files} if isinstance(files, str) else dict(files)
    loaded = check.run_texts({**named}, beside=beside)
    if loaded.desk is None:
        raise Invalid({f"{f.file}:{f.line}:{f.column}": f.message for f in _errors(loaded)})
    try:
        enclosed = taken(loaded.desk, beside)
    except GoneError as gone:
        raise Invalid({gone.sentence: gone.sentence}) from gone
    with writing():
        in_force.close_doors()
        if based_on is not None and rows.newest_id() != based_on:
            raise NotPossible(MEANWHILE, code="stale")
        if (same := on_disk.as_in_force(named, enclosed)) is not None:
            if origin == "file":
                on_disk.note_in_file(same)
            return Adopted(same, changed=False, findings=loaded.findings, reasons=[])
        if left := tickets.stranded(loaded.desk):
            raise Invalid({sentence: sentence for sentence in left}, code="stranded")
        before = in_force.before()
        row = rows.add(named, origin=origin, author=author, note=note, enclosed=enclosed)
        _activate(row, loaded.desk, before, tickets)
    return Adopted(row.id, changed=True, findings=loaded.findings, reasons=[])


def _activate(row: Revision, desk: Desk, before: Desk | None, tickets: Tickets) -> None:
    """Put the desk of a text that was just kept in force and bring the tickets along."""
    in_force.begin(row, desk)
    tickets.carry(before, desk, row.id)


def _errors(loaded: Loaded) -> list[Finding]:
    return [finding for finding in loaded.findings if finding.severity == "error"]
