"""What `helpdesk workflow plan` prints, and how a difference between two desks is marked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from helpdesk.text.counted import counted

if TYPE_CHECKING:
    from helpdesk.rollout.differences import Difference
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
            click.echo(f"  {marked(each)}")
        click.echo()
    if found.tests:
        failed = [one for one in found.tests.results if one.failures]
        _section("Tests that fail", (str(failure) for one in failed for failure in one.failures), "red")
        click.echo(f"{counted(len(found.tests.results), 'test')}, {len(failed)} failed.")
    if not found.ready:
        click.secho("This cannot be applied.", fg="red")
    elif not found.sentences and not found.differences:
        click.echo("Nothing would change.")
    else:
        click.secho("This can be applied.", fg="green")


def marked(each: Difference) -> str:
    """One difference in words, with a sign of its kind in front."""
    mark, color = MARKS[each.change]
    return f"{click.style(mark, fg=color)} {each}"


def _section(title: str, sentences: Iterable[str], color: str | None = None) -> None:
    told = list(sentences)
    if told:
        click.secho(title, bold=True, fg=color)
        for sentence in told:
            click.echo(f"  {sentence}")
        click.echo()
