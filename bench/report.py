"""The figures in docs/performance.md: between two marks there stands what the last run with --write measured."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Figure, table
from helpdesk import clock

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- figures: written by `python -m bench --write` -->", "<!-- end of the figures -->"


def write(figures: Sequence[Figure], *, command: str, load: float) -> None:
    """Put the table between the marks; `load` is what the machine did besides. Raises ValueError without marks."""
    text = PAGE.read_text("utf-8")
    if BEGIN not in text or END not in text:
        raise ValueError(f"{PAGE.name} lacks the marks between which the figures stand.")
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    where = f"{os.cpu_count()} cores, load {load:.1f} before, Python {platform.python_version()}"
    where += f", SQLite {sqlite3.sqlite_version}"
    body = f"\n`{command}` on {clock.now():%Y-%m-%d}, {where}.\n\n{table(figures)}\n"
    PAGE.write_text(f"{before}{BEGIN}\n{body}\n{END}{after}", "utf-8")
