"""The pictures of `helpdesk workflow graph`: a desk's workflows, with its tickets or beside an earlier desk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from helpdesk.cli.desk import opened
from helpdesk.cli.errors import FAILED, fail

if TYPE_CHECKING:
    from helpdesk.workflows.diagram import Live
    from helpdesk.workflows.schema import Desk


def draw(desk: Desk, names: Sequence[str], shape: str, *, before: Desk | None, live: bool) -> str:
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


def earlier(said: str, *, read: Callable[[Path], Desk]) -> Desk:
    """The desk to compare with: a revision by its number, or a file."""
    if not said.isdecimal():
        return read(Path(said))
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
