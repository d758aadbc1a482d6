"""`helpdesk backup` and `helpdesk restore`: the whole desk as one file, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from helpdesk.cli.desk import opened
from helpdesk.cli.errors import FAILED, UNUSABLE, fail
from helpdesk.text.counted import counted


@click.command(short_help="Write the whole desk to one file.")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
def backup(path: Path) -> None:
    """Write database, attachments, workflow and secret key to one file while the desk runs.

    A PATH that ends in .gz is compressed. The file can be read by its owner only, and is as secret as the desk.
    """
    from helpdesk.backups.make import make
    from helpdesk.cli import starting

    if not path.absolute().parent.is_dir():
        fail(f"There is no folder {path.absolute().parent}.", UNUSABLE)
    with opened() as settings:
        starting.must_be_current()
        made = make(path, settings, track=_watched)
    what = f"{counted(made.tickets)}, {counted(made.files, 'file')}"
    click.echo(f"{made.path}: {what}, {made.size / 1e6:.1f} MB.")
    if made.missing:
        named = ", ".join(name[:12] + "…" for name in made.missing[:5])
        missing = counted(len(made.missing), "file")
        fail(f"The backup is made, but the store lacks {missing}: {named}", FAILED)


@click.command(short_help="Put a backup into an empty desk.")
@click.argument("path", required=False, type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--live", is_flag=True, help="The desk sends and fetches mail; alone, without PATH, it wakes a restored copy."
)
def restore(path: Path | None, live: bool) -> None:
    """Put a backup into an empty desk, on SQLite or PostgreSQL, whichever the settings name.

    The copy is muted: it sends nothing and reads no mailbox until `helpdesk restore --live`. Stop the desk first.
    """
    from helpdesk import stored
    from helpdesk.backups.restore import restore as put_back
    from helpdesk.db import writing

    if path is None and not live:
        fail("Say which backup to restore, or --live to wake a restored copy.", UNUSABLE)
    with opened() as settings:
        if path is None:
            with writing():
                stored.put("muted", False)
            click.echo("The desk is live: it sends and fetches mail.")
            return
        restored = put_back(path, settings, live=live, track=_watched)
    click.echo(f"Restored {counted(restored.tickets)} and {counted(restored.files, 'file')}.")
    for place in restored.workflow:
        click.echo(f"The workflow was put into {place}.")
    for place in restored.beside:
        click.echo(f"What was there before is now {place}.")
    click.echo("The desk is live." if live else "The copy is muted. `helpdesk restore --live` wakes it.")


def _watched(things: Iterable[Any], label: str, length: int) -> Iterator[Any]:
    """A progress bar on stderr where somebody watches; nothing in a script."""
    import sys

    if not sys.stderr.isatty() or not length:
        yield from things
        return
    with click.progressbar(things, label=f"{label:<16}", length=length, file=sys.stderr) as bar:
        yield from bar
