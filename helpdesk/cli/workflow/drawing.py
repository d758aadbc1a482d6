"""`helpdesk workflow graph`: the pictures of a desk's workflows, with its tickets or beside an earlier desk."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from helpdesk.cli.desk import opened
from helpdesk.cli.errors import FAILED, NOT_THERE, UNUSABLE, fail
from helpdesk.cli.workflow.files import runnable, the_file, the_path

if TYPE_CHECKING:
    from helpdesk.workflows.diagram import Live
    from helpdesk.workflows.schema import Desk


@click.command()
@the_file
@click.option("--workflow", "name", help="Only this workflow.")
@click.option("--format", "shape", type=click.Choice(["mermaid", "dot", "svg"]), default="mermaid", show_default=True)
@click.option("--live", is_flag=True, help="With the desk's tickets: how many, for how long, which are stuck.")
@click.option("--diff", "earlier", metavar="REVISION|PATH", help="Show in colours what differs from this one.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file instead.")
def graph(
    path: Path | None, name: str | None, shape: str, live: bool, earlier: str | None, output: Path | None
) -> None:
    """Draw the states and the ways between them."""
    desk = runnable(the_path(path))
    if name is not None and name not in desk.workflows:
        fail(f"There is no workflow “{name}”. There are {', '.join(desk.workflows)}.", NOT_THERE)
    chosen = [name] if name else list(desk.workflows)
    if shape == "svg" and len(chosen) > 1:
        fail(f"An SVG holds one workflow; say which with --workflow: {', '.join(desk.workflows)}.", UNUSABLE)
    before = None if earlier is None else _earlier(earlier)
    drawn = _draw(desk, chosen, shape, before=before, live=live)
    if output:
        output.write_text(drawn, encoding="utf-8")
    else:
        click.echo(drawn, nl=False)


def _draw(desk: Desk, names: Sequence[str], shape: str, *, before: Desk | None, live: bool) -> str:
    """These workflows, one after the other. Opens the desk only for `live`."""
    from helpdesk.workflows import diagram

    going_on = _lives(desk, names) if live else {}
    drawn = []
    for name in names:
        workflow, state_of = desk.workflows[name], going_on.get(name)
        was = before.workflows.get(name) if before else None
        if shape == "svg":
            sources = diagram.sources_of(desk, name)
            drawn.append(diagram.svg(workflow, before=was, live=state_of, sources=sources, standalone=True))
        else:
            drawn.append(getattr(diagram, shape)(workflow, before=was, live=state_of))
    return "\n".join(drawn)


def _earlier(said: str) -> Desk:
    """The desk to compare with: a revision by its number, or a file."""
    if not said.isdecimal():
        return runnable(Path(said))
    from helpdesk.workflows import revisions

    with opened():
        found = revisions.desk_of(int(said))
    if found is None:
        fail(f"This version of the program cannot read revision {said}.", FAILED)
    return found


def _lives(desk: Desk, names: Sequence[str]) -> dict[str, dict[str, Live]]:
    from helpdesk.rollout import flow

    with opened():
        flows = flow.of(desk)
    return {name: {state: each.live for (its, state), each in flows.items() if its == name} for name in names}
