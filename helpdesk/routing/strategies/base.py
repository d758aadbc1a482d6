"""What a strategy is, and what it knows of a member of the group. Numbers only: no row, no clock, no file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

Asked = Literal["load", "turn", "work"]
Presence = Literal["here", "signed in", "away"]
Rank = tuple[int | float, ...]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A member of the group and the numbers that speak for them.

    `open`: their open tickets, this one not counted; `busy`: those of them that came by this ticket's channel, where a
    capacity is given. `turn`: 0 for whoever comes next. `tier`: its place in the order of `tiers`, None without one.
    """

    id: int
    name: str
    open: int = 0
    busy: int = 0
    capacity: int | None = None
    turn: int = 0
    presence: Presence = "away"
    worked_at: datetime | None = None
    tier: int | None = None
    tier_name: str = ""

    @property
    def free(self) -> int | None:
        """How many more they take of this channel; None without a limit."""
        return None if self.capacity is None else self.capacity - self.busy

    @property
    def idle_since(self) -> float:
        """Seconds of the epoch at which they last worked; nobody has waited longer than who never did."""
        return self.worked_at.timestamp() if self.worked_at else 0.0


class Strategy(ABC):
    """Parent of all strategies. `asks`: the numbers it looks at, so that no others are gathered.

    `tiered`: it goes by `tiers`, from the first on or from the last back. Other strategies work within a tier where an
    entry of `routing` has tiers.
    """

    asks: ClassVar[frozenset[Asked]] = frozenset()
    tiered: ClassVar[Literal["", "first", "last"]] = ""

    @abstractmethod
    def rank(self, candidate: Candidate) -> Rank:
        """The least goes first; among equals the first by name."""

    @abstractmethod
    def says(self, candidate: Candidate) -> str:
        """What counted, for people: “3 open”."""
