"""Where states went when the desk changed, for whatever remembers one by the name it had: a ticket that was merged
comes back to where it was.

Written with each revision by `rollout.migration`, a row a state that went, whether tickets were in it or not; asked by
`actions.parting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import ForeignKey, Integer, String, bindparam, select
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.db import Base, answer, insert_all

Pair = tuple[str, str]  # names of a workflow and a state of it


class StateMove(Base):
    """With this revision a state became another one. `entered`: its tickets arrived there; else it is the same state
    under a new name.
    """

    __tablename__ = "state_moves"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("revisions.id"), index=True)
    workflow: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(64))
    to_workflow: Mapped[str] = mapped_column(String(64))
    to_state: Mapped[str] = mapped_column(String(64))
    entered: Mapped[bool] = mapped_column()


@dataclass(frozen=True)
class Place:
    """Where tickets of a state would be by now. `entered`: they would have arrived there on the way."""

    workflow: str
    state: str
    entered: bool = False


_SINCE = (
    select(
        StateMove.revision_id,
        StateMove.workflow,
        StateMove.state,
        StateMove.to_workflow,
        StateMove.to_state,
        StateMove.entered,
    )
    .where(StateMove.revision_id > bindparam("since", type_=Integer))
    .order_by(StateMove.revision_id)
)


def note(revision: int, moves: Mapping[Pair, Place]) -> None:
    """With this revision tickets of these states go there."""
    insert_all(
        StateMove,
        [
            {
                "revision_id": revision,
                "workflow": workflow,
                "state": state,
                "to_workflow": to.workflow,
                "to_state": to.state,
                "entered": to.entered,
            }
            for (workflow, state), to in moves.items()
        ],
    )


def followed(workflow: str, state: str, *, since: int) -> Place:
    """Where a ticket that was in this state under revision `since` would be by now. The place need not be there any
    more: a state can go without leading anywhere while it holds no ticket.
    """
    place = Place(workflow, state)
    for _, rows in groupby(answer(_SINCE, since=since), key=lambda row: row.revision_id):
        went = {(row.workflow, row.state): row for row in rows}  # of one revision a ticket goes one way only
        if step := went.get((place.workflow, place.state)):
            place = Place(step.to_workflow, step.to_state, place.entered or step.entered)
    return place
