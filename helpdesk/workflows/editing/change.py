"""Changing one part of a workflow's text: every other character, comment and blank line stays as it is.

    put(text, ("workflows", "repair", "states", "new", "label"), "Arrived")
    drop(text, ("workflows", "repair", "states", "new", "timers", "0"))

Each answer was read back and compared: it says what was asked for and nothing else, or `NotPossible` is raised and the
text is for a person to change. Called by the editor's form view, in its child process.
"""

from __future__ import annotations

import copy
from typing import Any

from helpdesk.errors import NotPossible
from helpdesk.workflows.editing import writing
from helpdesk.workflows.editing.cutting import dropped, lonely
from helpdesk.workflows.editing.placing import BY_HAND, placed
from helpdesk.workflows.editing.spans import Path, Plain, at, read


def put(text: str, path: Path, value: Any, *, lines: bool = False) -> str:
    """The text with this value at the path. A missing key is added at the end of its mapping, a missing mapping with
    it; the number behind the last item of a list adds one. `lines`: a new mapping gets a line for each of its keys.
    Raises `NotPossible` and `nodes.RefusedError`.
    """
    root = read(text)
    return _proven(text, placed(text, root, path, value, in_lines=lines), path, writing.plain(value))


def drop(text: str, path: Path) -> str:
    """The text without what stands at the path; a mapping or list that becomes empty goes as well."""
    root = read(text)
    if at(root, path) is None:
        return text
    path = lonely(root, path)
    return _proven(text, dropped(text, root, path), path, None)


def _proven(before: str, after: str, path: Path, value: Plain | None) -> str:
    """The new text, if reading it gives what was wanted. Raises `NotPossible`."""
    old, new = read(before), read(after)
    wanted = _changed(old.plain() if old else {}, path, value)
    if new is None or new.plain() != wanted:
        raise NotPossible(BY_HAND)
    return after


def _changed(whole: Plain, path: Path, value: Plain | None) -> Any:
    whole = copy.deepcopy(whole)
    here: Any = whole
    for number, step in enumerate(path[:-1]):
        if isinstance(here, dict) and not here.get(step):
            here[step] = [] if path[number + 1] == "0" else {}
        here = here[int(step)] if isinstance(here, list) else here[step]
    if isinstance(here, list):
        if value is None:
            del here[int(path[-1])]
        else:
            here[int(path[-1]) : int(path[-1]) + 1] = [value]
    elif value is None:
        del here[path[-1]]
    else:
        here[path[-1]] = value
    return whole
