"""Putting the files of ready answers beside the workflow file, where the desk writes that as well: after a change in
the editor, a step back, a restore. Each is whole or not there, and never outside the folder.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from helpdesk import disk, files
from helpdesk.workflows.enclosures import Enclosures
from helpdesk.workflows.folder import Folder


def put(folder: Folder, enclosed: Enclosures) -> None:
    """Write them. Raises OSError, and files.Damaged where the store lost one."""
    for name, one in enclosed.items():
        if folder.leads_out(name):
            raise PermissionError(f"{name} leads out of {folder.folder}.")
        place = folder.folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        _write(place, files.read(one.sha256))


def _write(place: Path, content: bytes) -> None:
    draft = place.with_name(f".{secrets.token_hex(8)}.new")  # hidden: no text can name it
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            disk.sync(out.fileno(), str(place))
        draft.replace(place)
    finally:
        draft.unlink(missing_ok=True)
