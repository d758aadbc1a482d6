"""What `helpdesk workflow plan`, `apply`, `rollback` and `diff` print."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import click

from helpdesk.cli.desk import show_json

if TYPE_CHECKING:
    from helpdesk.rollout.apply import Applied
    from helpdesk.rollout.plan import Plan

MARKS = {"added": ("+", "green"), "removed": ("−", "red"), "renamed": ("→", "yellow"), "changed": ("~", "yellow")}


def show_plan(found: Plan) -> None:
    """The plan as sentences under headings, worst first; the last line is the verdict."""
    _section("The file has errors", map(str, found.errors), "red")
    _section("Tickets that would be stranded", (f"{one.sentence} {one.hint}" for one in found.stranded), "red")
    _section("Tickets that move", (one.sentence for one in found.moves))
    _section("What happens to tickets", (one.sentence for one in found.effects))
    _section("Rights", (one.sentence for one in found.rights))
    if found.differences:
        click.secho("What changes in the file", bold=True)
        for each in found.differences:
            mark, color = MARKS[each.change]
            click.echo(f"  {click.style(mark, fg=color)} {each}")
        click.echo()
    if found.tests:
        failed = [one for one in found.tests.results if one.failures]
        _section("Tests that fail", (str(failure) for one in failed for failure in one.failures), "red")
        click.echo(f"{len(found.tests.results)} tests, {len(failed)} failed.")
    if not found.ready:
        click.secho("This cannot be applied.", fg="red")
    elif not found.sentences and not found.differences:
        click.echo("Nothing would change.")
    else:
        click.secho("This can be applied.", fg="green")


def show_applied(done: Applied, *, as_json: bool) -> None:
    if as_json:
        show_json(done.as_dict())
        return
    for sentence in done.sentences:
        click.echo(sentence)


def show_differences(earlier: int, later: int, *, summary: bool, as_json: bool) -> None:
    """Two revisions compared, in words and line by line."""
    from helpdesk.rollout.differences import between
    from helpdesk.workflows import revisions

    before, after = dict(revisions.get(earlier).files), dict(revisions.get(later).files)
    old, new = revisions.desk_of(earlier), revisions.desk_of(later)
    told = between(old, new) if old and new else ()
    lines = list(text_difference(before, after, earlier, later))
    if as_json:
        show_json({"differences": [one.as_dict() for one in told], "text": lines})
        return
    for each in told:
        mark, color = MARKS[each.change]
        click.echo(f"{click.style(mark, fg=color)} {each}")
    if not summary:
        if told and lines:
            click.echo()
        for line in lines:
            ink = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
            click.echo(click.style(line, fg=ink) if ink else line)


def show_progress(what: str) -> Callable[[int, int], None] | None:
    """A line on stderr that counts up, where somebody watches."""
    if not sys.stderr.isatty():
        return None

    def tell(done: int, total: int) -> None:
        click.echo(f"\r{what}: {done} of {total}", nl=done == total, err=True)

    return tell


def text_difference(
    before: Mapping[str, str], after: Mapping[str, str], earlier: int | str, later: int | str
) -> Iterable[str]:
    """The unified difference of two revisions' texts, file by file."""
    if len(before) == len(after) == 1:  # one file each, whatever they were called
        after = dict(zip(before, after.values(), strict=True))
    for name in sorted({*before, *after}):
        yield from difflib.unified_diff(
            before.get(name, "").splitlines(),
            after.get(name, "").splitlines(),
            f"{name} (revision {earlier})",
            f"{name} (revision {later})",
            lineterm="",
        )


def _section(title: str, sentences: Iterable[str], color: str | None = None) -> None:
    told = list(sentences)
    if told:
        click.secho(title, bold=True, fg=color)
        for sentence in told:
            click.echo(f"  {sentence}")
        click.echo()
