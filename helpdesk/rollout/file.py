"""The workflow file on the disk, written by the desk after a change in the editor or a step back: all of it or nothing,
and only where nobody else touched it since the desk last saw it. Else file and desk differ, and whoever asked is told.

Called by `apply` once the new revision is in force; the revision keeps the text, so nothing is lost where the file
cannot follow.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from helpdesk import disk
from helpdesk.files import Damaged
from helpdesk.workflows import revisions
from helpdesk.workflows.beside import put
from helpdesk.workflows.enclosures import Enclosures
from helpdesk.workflows.folder import Folder
from helpdesk.workflows.load import ENDINGS, read_texts

Fate = Literal["none", "same", "written", "edited", "not_writable", "other_shape", "occupied"]

SENTENCES: Mapping[Fate, str] = {
    "written": "The workflow file was written as well.",
    "edited": "The workflow file was edited by somebody else and is left alone: file and desk differ now.",
    "not_writable": "The workflow file cannot be written: file and desk differ now.",
    "other_shape": "The workflow file is one file and this desk is made of several: file and desk differ now.",
    "occupied": "Beside the workflow file lies another file under the name of one that an answer brings along. It is "
    "left alone: file and desk differ now.",
}


@dataclass(frozen=True)
class OnDisk:
    """The file or folder as it was before the change. `ours`: the desk has seen all of it."""

    path: Path
    texts: Mapping[str, str] | None
    ours: bool
    enclosures: Enclosures = field(default_factory=dict)  # as the desk has seen them there


def look(path: Path) -> OnDisk:
    """The file before the change, and whether somebody edited it since the desk last saw it."""
    texts = _read(path)
    seen = revisions.seen(texts, Folder(path)) if texts is not None else None
    return OnDisk(path, texts, seen is not None, seen or {})


def named_for(path: Path, texts: Mapping[str, str]) -> dict[str, str]:
    """The texts by their names on the disk: a desk of one text stands in the one file, whatever it was called."""
    if len(texts) == 1 and not path.is_dir():
        return {path.name: next(iter(texts.values()))}
    return dict(texts)


def follow(before: OnDisk, texts: Mapping[str, str], enclosed: Enclosures) -> Fate:
    """Write `texts` to the file where it is as it was, with the files of its answers. Gives what became of it."""
    path = before.path.resolve()  # a link stays a link
    beside = Folder(before.path)
    missing = {name: one for name, one in enclosed.items() if beside.digest(name) != one.sha256}
    if before.texts == texts and not missing:
        return "same"
    if before.texts is None:
        return "not_writable"
    if not before.ours or _read(before.path) != before.texts:
        return "edited"
    if any(_is_somebodys(name, beside, before.enclosures) for name in missing):
        return "occupied"
    if not path.is_dir() and len(texts) != 1:
        return "other_shape"
    try:
        put(beside, missing)
        _write(path, texts, before.texts)
    except (OSError, Damaged):
        return "not_writable"
    return "written"


def _is_somebodys(name: str, beside: Folder, seen: Enclosures) -> bool:
    """Whether something else lies there under that name, which the desk never had: it is neither overwritten nor, by
    a text that names it, sent to customers at the next start.
    """
    return beside.is_there(name) and (name not in seen or beside.digest(name) != seen[name].sha256)


def sentences(fate: Fate) -> tuple[str, ...]:
    return (SENTENCES[fate],) if fate in SENTENCES else ()


def _read(path: Path) -> dict[str, str] | None:
    try:
        return revisions.named_files(read_texts(path))
    except OSError:
        return None


def _write(path: Path, texts: Mapping[str, str], before: Mapping[str, str]) -> None:
    """Each file beside its place, flushed, then all are renamed; files that went are taken away last."""
    folder = path if path.is_dir() else path.parent
    places = {folder / Path(name).name if path.is_dir() else path: text for name, text in texts.items()}
    drafts: list[tuple[Path, Path]] = []
    try:
        for place, text in places.items():
            drafts.append((_draft(place, text), place))
        for draft, place in drafts:
            draft.replace(place)
    finally:
        for draft, _ in drafts:
            draft.unlink(missing_ok=True)
    for name in before:
        if path.is_dir() and name not in texts and name.endswith(ENDINGS):
            (folder / name).unlink(missing_ok=True)
    _flush(folder)


def _draft(place: Path, text: str) -> Path:
    """The text beside its place, on the disk, with the rights of the file it will replace."""
    if place.exists() and not os.access(place, os.W_OK):
        raise PermissionError(f"{place} cannot be written.")
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}.new")  # ends in no .yaml: no folder reads it
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            out.write(text)
            out.flush()
            _like(place, out.fileno())
            disk.sync(out.fileno(), str(place))
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    return draft


def _like(place: Path, handle: int) -> None:
    """Mode and owner of the file that is there; a new one is for its owner and group."""
    if not place.exists():
        os.fchmod(handle, 0o640)
        return
    was = place.stat()
    with suppress(PermissionError):  # only root gives a file away; then it stays this process's
        os.fchown(handle, was.st_uid, was.st_gid)
    os.fchmod(handle, was.st_mode & 0o7777)


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        disk.sync(handle, str(folder))
    finally:
        os.close(handle)
