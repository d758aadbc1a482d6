"""The whole desk as one file, taken while it runs, and put back elsewhere.

The file is a tar: `manifest.json`, `database.sqlite3` (whatever the desk's own database is, so a backup also moves it
from SQLite to PostgreSQL or back), `files/` (attachments and original messages), `workflow/` (the desk in force) and
the secret key, without which no answer to an old mail would find its ticket. So it is as secret as the desk itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

FORMAT = 1
MANIFEST, DATABASE, KEY, FILES, WORKFLOW = "manifest.json", "database.sqlite3", "secret_key", "files/", "workflow/"

Thing = TypeVar("Thing")
Track = Callable[[Iterable[Thing], str, int], Iterable[Thing]]
"""Passes things on while somebody watches: the things, what they are, and how many."""


def unwatched(things: Iterable[Thing], label: str, length: int) -> Iterable[Thing]:
    """The `Track` of whoever does not want to watch."""
    return things
