"""`python -m bench`: make desks of a size, measure them, print the figures. `make bench ARGS="--size 1m --database
postgresql"`.

    python -m bench                            100,000 tickets on SQLite and on PostgreSQL, everything
    python -m bench --size 10k --only pages    quicker
    python -m bench --size 1m --keep /var/tmp/bench   a million, kept for the next run
    python -m bench --size 1m --slim --only rollout   what a change of a running desk takes
    python -m bench --write                    the figures also into docs/performance.md
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeVar

from bench import (
    desks,
    falling_due,
    generate,
    memory,
    pages,
    performing,
    profiling,
    report,
    rolling_out,
    searching,
    taking_in,
    two_readers,
)
from bench.desks import Desk
from bench.figures import Line, table

SIZES = {"1k": 1_000, "10k": 10_000, "100k": 100_000, "1m": 1_000_000}
Measure = Callable[[Desk, Path], Sequence[Line]]
MEASURES: dict[str, Measure] = {
    "pages": pages.measure,
    "search": lambda desk, _: searching.measure(desk),
    "memory": memory.measure,
    "perform": lambda desk, _: performing.measure(desk),
    "timers": lambda desk, _: falling_due.measure(desk),
    "intake": taking_in.measure,
    "workers": two_readers.measure,
    "rollout": rolling_out.measure,
    "profile": lambda desk, _: profiling.measure(desk),
}
TABLES = {"rollout": "rollout", "profile": "profile"}  # those with a table of their own in docs/performance.md
WANT_WORDS = {"pages", "search", "profile"}
DATABASES = ("sqlite", "postgresql")
T = TypeVar("T")


def main() -> None:
    asked, load = _arguments(), os.getloadavg()[0]
    tables: dict[str, list[Line]] = {}
    for size in asked.size:
        for database in asked.database:
            with _desk(SIZES[size], database, slim=asked.slim, keep=asked.keep) as (desk, folder):
                for name in asked.only:
                    what = f"{name}, {desk.kind}, {desk.tickets:,} tickets"
                    measured = _told(what, partial(MEASURES[name], desk, folder))
                    if not measured:  # there is nothing of the kind on this database
                        continue
                    print(table(measured), flush=True)
                    tables.setdefault(TABLES.get(name, "figures"), []).extend(measured)
    for name, lines in tables.items():
        print()
        print(table(lines))
        if asked.write:
            report.write(name, lines, load=load, command=f'make bench ARGS="{" ".join(sys.argv[1:])}"')


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").partition("\n\n")[0])
    for option, known, usual in (("size", SIZES, "100k"), ("database", DATABASES, None), ("only", MEASURES, None)):
        parser.add_argument(
            f"--{option}",
            type=partial(_some_of, list(known)),
            default=usual or ",".join(known),
            help=f"one or more of {', '.join(known)}, with commas between",
        )
    parser.add_argument("--keep", type=Path, help="folder in which desks are kept for the next run")
    parser.add_argument("--slim", action="store_true", help="desks without messages and mails: enough for rollout")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/performance.md")
    asked = parser.parse_args()
    if asked.slim and (lost := [name for name in asked.only if name in WANT_WORDS]):
        parser.error(f"a slim desk has no messages, which {', '.join(lost)} cannot do without; name others with --only")
    return asked


def _some_of(known: list[str], said: str) -> list[str]:
    """The names in `said`, with commas between. A name that is not known ends the program with a sentence."""
    named = said.split(",")
    if strange := [name for name in named if name not in known]:
        raise argparse.ArgumentTypeError(f"there is no {', '.join(strange)}; known are {', '.join(known)}")
    return named


def _told(what: str, do: Callable[[], T]) -> T:
    begun = time.perf_counter()
    print(f"{what} …", file=sys.stderr, flush=True)
    done = do()
    print(f"{what}: {time.perf_counter() - begun:.1f} s", file=sys.stderr, flush=True)
    return done


@contextmanager
def _desk(tickets: int, database: str, *, slim: bool, keep: Path | None) -> Iterator[tuple[Desk, Path]]:
    """A filled desk and a folder for its logs."""
    with ExitStack() as stack:
        folder = (
            keep / f"{database}-{tickets}{'-slim' if slim else ''}"
            if keep
            else Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="hd-bench-")))
        )
        filled = folder / "filled"
        if not filled.exists():
            shutil.rmtree(folder, ignore_errors=True)  # left half full
        folder.mkdir(parents=True, exist_ok=True)
        url = stack.enter_context(_postgresql(folder, keep=keep is not None)) if database == "postgresql" else ""
        settings = desks.settings(folder, database_url=url)
        desk = Desk(settings, tickets)
        app = desks.prepared(settings)
        if not filled.exists():
            _told(
                f"{tickets:,} tickets into {desk.kind}",
                lambda: generate.fill(app, tickets=tickets, url=settings.database, slim=slim),
            )
            filled.touch()
        desks.rest(app)
        yield desk, folder


@contextmanager
def _postgresql(folder: Path, *, keep: bool) -> Iterator[str]:
    """The address of the desk's database on a server of its own."""
    from tests.servers.postgresql import running_postgresql

    cluster = folder / "server" if keep else None
    with running_postgresql(durable=True, options=PLENTY, keep=cluster) as server:
        if not (folder / "filled").exists():
            server.create("bench")
        yield server.local_url("bench")


PLENTY = ("shared_buffers=512MB", "max_wal_size=8GB", "effective_cache_size=4GB")

if __name__ == "__main__":
    main()
