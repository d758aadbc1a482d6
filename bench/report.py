"""The figures in docs/performance.md: between two marks of a table there stands what the last run with --write
measured.
"""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Line, table
from helpdesk import clock

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- {name}: written by `python -m bench --write` -->", "<!-- end of {name} -->"


def write(name: str, lines: Sequence[Line], *, command: str, load: float, page: Path = PAGE) -> None:
    """Put a table between its marks; `load` is what the machine did besides. Raises ValueError without marks."""
    begin, end = BEGIN.format(name=name), END.format(name=name)
    text = page.read_text("utf-8")
    if begin not in text or end not in text:
        raise ValueError(f"{page.name} lacks the marks between which the table “{name}” stands.")
    before, after = text.partition(begin)[0], text.partition(end)[2]
    where = f"{os.cpu_count()} cores, load {load:.1f} before, Python {platform.python_version()}"
    where += f", SQLite {sqlite3.sqlite_version}"
    body = f"\n`{command}` on {clock.now():%Y-%m-%d}, {where}.\n\n{table(lines)}\n"
    page.write_text(f"{before}{begin}\n{body}\n{end}{after}", "utf-8")
