"""Work goes to whoever has the least of it (O4, C12)."""

from __future__ import annotations

from typing import ClassVar

from helpdesk.routing.strategies.base import Asked, Candidate, Rank, Strategy
from helpdesk.workflows.kinds import strategies


@strategies.register("least_busy")
class LeastBusy(Strategy):
    """The fewest other open tickets."""

    asks: ClassVar[frozenset[Asked]] = frozenset({"load"})

    def rank(self, candidate: Candidate) -> Rank:
        return (candidate.open,)

    def says(self, candidate: Candidate) -> str:
        return f"{candidate.open} open"
