"""What SQLite's planner goes by: how many rows stand behind the beginning of each index. A chore of the worker has it
look anew once a day, at a part of each index, which takes a moment however many tickets there are; PostgreSQL does the
same by itself. Connections that are open learn of it when they are opened again, at the next start at the latest.
"""

from __future__ import annotations

from helpdesk import clock, stored
from helpdesk.db import is_sqlite, writing

LOOKED = "planner_looked"  # the day
PART = 1000  # rows of each index


def schedule() -> None:
    """Once a day. A chore of the worker; harmless to repeat."""
    if is_sqlite() and stored.get(LOOKED) != clock.now().date().isoformat():
        look()


def look() -> None:
    """Now: for the chore, and for whoever filled the tables past it."""
    with writing() as here:
        here.connection().exec_driver_sql(f"pragma analysis_limit={PART}")
        here.connection().exec_driver_sql("analyze")
        stored.put(LOOKED, clock.now().date().isoformat())
