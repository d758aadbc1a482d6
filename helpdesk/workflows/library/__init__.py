"""Workflows to start from: whole desks as files, each checked and with tests of its own (N18).

The first line of a file's comment says what it is for. Called by `helpdesk workflow init`; another is added by putting
a file here.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from helpdesk.errors import NotFound
from helpdesk.workflows.findings import did_you_mean

HERE = Path(__file__).parent


def all_of_them() -> Mapping[str, str]:
    """The name of each, in order, and a sentence about it."""
    return {path.stem: _about(path) for path in sorted(HERE.glob("*.yaml"))}


def text(name: str) -> str:
    """The file called `name`. Raises `NotFound` with what there is."""
    known = all_of_them()
    if name not in known:
        hint = did_you_mean(name, known) or f"There are {', '.join(known)}."
        raise NotFound(f"There is no template “{name}”. {hint}")
    return (HERE / f"{name}.yaml").read_text(encoding="utf-8")


def _about(path: Path) -> str:
    with path.open(encoding="utf-8") as file:
        return file.readline().removeprefix("#").strip()
