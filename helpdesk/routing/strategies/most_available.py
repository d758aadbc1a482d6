"""Work goes to whoever is there and has been waiting for it (O3, C11)."""

from __future__ import annotations

from typing import ClassVar

from helpdesk.routing.strategies.base import Asked, Candidate, Rank, Strategy
from helpdesk.workflows.kinds import strategies

THERE = {"here": 0, "signed in": 1, "away": 2}


@strategies.register("most_available")
class MostAvailable(Strategy):
    """Who has the desk open before who is only signed in; then the most room where a capacity is given, else the fewest
    open tickets; then the longest time since the last work.
    """

    asks: ClassVar[frozenset[Asked]] = frozenset({"load", "work"})

    def rank(self, candidate: Candidate) -> Rank:
        room = candidate.open if candidate.free is None else -candidate.free
        return (THERE[candidate.presence], room, candidate.idle_since)

    def says(self, candidate: Candidate) -> str:
        there = {"here": "at the desk", "signed in": "signed in", "away": "not at the desk"}[candidate.presence]
        worked = (
            f"last worked {candidate.worked_at:%Y-%m-%d %H:%M} UTC" if candidate.worked_at else "has not worked yet"
        )
        room = f"{candidate.open} open" if candidate.free is None else f"room for {candidate.free}"
        return f"{there}, {room}, {worked}"
