"""`helpdesk workflow plan`, `replay`, `apply` and `rollback`: what a file would do to the live desk, and doing it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from helpdesk.cli.desk import as_json, opened, show_json
from helpdesk.cli.errors import FAILED, UNUSABLE, fail
from helpdesk.cli.workflow.files import sound, texts_of, the_file, the_path
from helpdesk.cli.workflow.shown import show_plan

if TYPE_CHECKING:
    from helpdesk.rollout.apply import Applied

the_moves = click.option(
    "--move", "moves", multiple=True, metavar="WORKFLOW.STATE=STATE", help="Where tickets of a state that goes come."
)


@click.command()
@the_file
@the_moves
@click.option("--test", "tests", is_flag=True, help="Run the file's own tests as well.")
@as_json
def plan(path: Path | None, moves: tuple[str, ...], tests: bool, as_json: bool) -> None:
    """Say what a file would do to the tickets that are live. Changes nothing.

    Exit code 0: it can be applied. 1: it has errors, or tickets would be stranded. 2: it cannot be read.
    """
    from helpdesk.rollout.plan import plan as planned
    from helpdesk.workflows.folder import Folder

    path = the_path(path)
    texts = texts_of(path)
    with opened():
        found = planned(texts, moves=_moves(moves), tests=tests, beside=Folder(path))
    if as_json:
        show_json(found.as_dict())
    else:
        show_plan(found)
    if not found.ready:
        raise click.exceptions.Exit(FAILED)


@click.command(short_help="Play the past days' events through a changed file.")
@the_file
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="How far back.")
@click.option("--limit", type=click.IntRange(1), default=2000, show_default=True, help="The last so many events.")
@as_json
def replay(path: Path | None, days: int, limit: int, as_json: bool) -> None:
    """Play the past days' events through a changed file and say which would have ended differently. Changes nothing."""
    from helpdesk.rollout.replay import replay as replayed

    texts = sound(the_path(path))
    with opened():
        found = replayed(texts, days=days, limit=limit, progress=_progress("Playing"))
    if as_json:
        show_json(found.as_dict())
        return
    for sentence in found.sentences:
        click.echo(sentence)


@click.command(short_help="Make a file the active desk and bring its tickets along.")
@the_file
@the_moves
@click.option("--note", default="", help="Why, for the history.")
@as_json
def apply(path: Path | None, moves: tuple[str, ...], note: str, as_json: bool) -> None:
    """Make a file the active desk, at once and for all processes, and bring its tickets along.

    Refused while it has errors, or while a ticket would be left in a state that is no more. A text that is in force
    already changes nothing.
    """
    from helpdesk.rollout import apply as rollout
    from helpdesk.workflows.folder import Folder

    path = the_path(path)
    texts = sound(path)
    with opened() as settings:
        own = path.resolve() == settings.workflow_path
        origin = "file" if own else "command line"
        done = rollout.apply(texts, author=_who(), note=note, origin=origin, moves=_moves(moves), beside=Folder(path))
        _show_applied(done, as_json=as_json)
        if done.changed and not own and not as_json:
            click.echo(f"{settings.workflow_path} stays as it is: file and desk differ now.")


@click.command(short_help="Make an earlier revision the active desk again.")
@click.argument("revision", type=int)
@the_moves
@click.option("--note", default="", help="Why, for the history.")
@as_json
def rollback(revision: int, moves: tuple[str, ...], note: str, as_json: bool) -> None:
    """Make an earlier revision the active desk again, as a new revision; the workflow file follows. A text that is in
    force already changes nothing.
    """
    from helpdesk.rollout import apply as rollout

    with opened() as settings:
        done = rollout.rollback(revision, author=_who(), note=note, moves=_moves(moves), path=settings.workflow_path)
        _show_applied(done, as_json=as_json)


def _moves(given: tuple[str, ...]) -> dict[tuple[str, str], str]:
    """`workflow.state=state` words as `rollout` reads them."""
    asked: dict[tuple[str, str], str] = {}
    for word in given:
        source, equals, target = word.partition("=")
        workflow_name, dot, state = source.partition(".")
        if not (equals and dot and workflow_name and state and target):
            fail(f"--move wants workflow.state=state, not {word!r}.", UNUSABLE)
        asked[workflow_name, state] = target
    return asked


def _who() -> str:
    """Who sits at the command line, for the history."""
    import getpass

    try:
        return f"{getpass.getuser()} (command line)"
    except (KeyError, OSError):  # a container may run as a user without a name
        return "command line"


def _show_applied(done: Applied, *, as_json: bool) -> None:
    if as_json:
        show_json(done.as_dict())
        return
    for sentence in done.sentences:
        click.echo(sentence)


def _progress(what: str) -> Callable[[int, int], None] | None:
    """A line on stderr that counts up, where somebody watches."""
    if not sys.stderr.isatty():
        return None

    def tell(done: int, total: int) -> None:
        click.echo(f"\r{what}: {done} of {total}", nl=done == total, err=True)

    return tell
