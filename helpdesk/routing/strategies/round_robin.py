"""Work goes around (C12)."""

from __future__ import annotations

from typing import ClassVar

from helpdesk.routing.strategies.base import Asked, Candidate, Rank, Strategy
from helpdesk.workflows.kinds import strategies


@strategies.register("round_robin")
class RoundRobin(Strategy):
    """Whoever comes after the one who had the turn last, by name and around."""

    asks: ClassVar[frozenset[Asked]] = frozenset({"turn"})

    def rank(self, candidate: Candidate) -> Rank:
        return (candidate.turn,)

    def says(self, candidate: Candidate) -> str:
        return "next" if candidate.turn == 0 else f"in {candidate.turn} turns" if candidate.turn > 1 else "in 1 turn"
