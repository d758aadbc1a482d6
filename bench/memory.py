"""How much memory the one-process desk takes: PSS of its whole process tree, a minute after its first page."""

from __future__ import annotations

import threading
from contextlib import suppress
from pathlib import Path

from bench import server, visitor
from bench.desks import Desk
from bench.figures import Figure
from bench.pages import READER
from bench.visitor import Page

REST = 60.0  # seconds
AT_MOST = 150.0  # MB


def measure(desk: Desk, folder: Path, *, rest: float = REST) -> list[Figure]:
    signed_in = visitor.sign_in(desk.app(), READER)
    with server.served("desk", desk.settings, log=folder / "desk.log") as (port, process):
        visitor.ask(Page("queue", port, "/desk/", "S-", signed_in), 1)
        threading.Event().wait(rest)  # the goal speaks of this very minute
        megabytes = sum(_pss(each) for each in _tree(process.pid)) / 1000
    return [
        Figure(
            f"memory {rest:g} s after the first page",
            f"{desk.kind}, {desk.tickets:,} tickets",
            [megabytes],
            unit="MB",
            goal=AT_MOST,
        )
    ]


def _pss(process: int) -> float:
    """Proportional set size in kB (proc(5), smaps_rollup); nothing for a child that has ended meanwhile."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return next(float(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _tree(root: int) -> list[int]:
    """The process and all that it started."""
    found = [root]
    for each in found:
        with suppress(FileNotFoundError, ProcessLookupError):  # ended meanwhile
            for task in Path(f"/proc/{each}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split() if int(child) not in found]
    return found
