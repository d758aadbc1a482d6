"""Rights on files (attack 89): what others may write, they may turn against the desk; the key is nobody's to read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import config
from config import Settings
from helpdesk.cli.checks.base import Verdict, failed, ok, warning

SHOWN = 5  # files that are named; the rest is counted


def check(settings: Settings) -> Iterator[Verdict]:
    watched = [place for place in _watched(settings) if place.exists()]
    open_to_all = [place for place in watched if place.stat().st_mode & stat.S_IWOTH and not _sticky(place)]
    if open_to_all:
        yield failed("rights", f"Anybody may write {_named(open_to_all)}. Take that away: chmod o-w.")
    readable = [place for place in _secrets(settings) if place.exists() and place.stat().st_mode & 0o044]
    if readable:
        yield failed("secrets", f"Others may read {_named(readable)}. Take that away: chmod 600.")
    if not open_to_all and not readable:
        yield ok("rights", f"nobody else may write the program, the settings or the data ({len(watched)} looked at)")
    strangers = {0, os.geteuid()}
    owned = [place for place in watched if place.stat().st_uid not in strangers]
    if owned:
        yield warning("owner", f"{_named(owned)} belongs to somebody who neither runs this nor is root.")


def _watched(settings: Settings) -> Iterator[Path]:
    """The program, the workflow, the data. Attachments are not walked, only their folders are looked at."""
    package = Path(__file__).parents[2]
    yield Path(config.__file__)
    yield package
    yield from (
        place for place in package.rglob("*") if place.suffix in (".py", "") and "__pycache__" not in place.parts
    )
    flow = settings.workflow_path
    yield flow
    yield from flow.glob("*.y*ml") if flow.is_dir() else ()
    yield settings.data_folder
    if settings.data_folder.is_dir():
        yield from settings.data_folder.iterdir()
    yield settings.files
    if settings.files.is_dir():
        yield from settings.files.iterdir()


def _secrets(settings: Settings) -> Iterator[Path]:
    yield settings.data_folder / "secret_key"
    yield settings.data_folder / "errors.log"


def _sticky(place: Path) -> bool:
    """A folder such as /tmp, in which each may only touch their own."""
    return place.is_dir() and bool(place.stat().st_mode & stat.S_ISVTX)


def _named(places: list[Path]) -> str:
    rest = len(places) - SHOWN
    return ", ".join(str(place) for place in places[:SHOWN]) + (f" and {rest} more" if rest > 0 else "")
