"""Values that are more than a text: durations, and branches, assignments and inputs that have a short spelling."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Literal

from helpdesk.workflows.schema.base import (
    Element,
    Expression,
    GroupName,
    MailAddress,
    StrategyName,
    TargetName,
    derived,
    key,
)


@dataclass(frozen=True)
class Duration:
    """`30m`, `4h`, `3d`, `1w`, and with `business` the same on the workflow's calendar. A day is 24 hours."""

    amount: int
    unit: Literal["m", "h", "d", "w"]
    business: bool = False

    SECONDS: ClassVar[dict[str, int]] = {"m": 60, "h": 3600, "d": 86400, "w": 604800}

    @property
    def delta(self) -> timedelta:
        """The length by the wall clock; a `business` duration has none without its calendar."""
        if self.business:
            raise ValueError("A business duration is measured by a calendar.")
        return timedelta(seconds=self.amount * self.SECONDS[self.unit])

    @classmethod
    def read(cls, text: str) -> Duration:
        """The duration that `str` wrote."""
        length, _, business = text.partition(" ")
        return cls(int(length[:-1]), length[-1], business=business == "business")  # type: ignore[arg-type]

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}{' business' if self.business else ''}"


@dataclass(frozen=True, kw_only=True)
class Branch(Element):
    """One way out of an action. `to: waiting` alone is a list of one branch without `when`."""

    short: ClassVar[str] = "to"

    when: Expression | None = key("Taken if this holds; absent = always.", default=None)
    to: TargetName = key("A state, or `same`: stay without arriving anew.")


@dataclass(frozen=True, kw_only=True)
class Assign(Element):
    """Who has the ticket afterwards: `how` is keep, none, actor, ask, user or group."""

    words: ClassVar[tuple[str, ...]] = ("keep", "none", "actor", "ask")

    how: str = derived("keep")
    user: MailAddress | None = key("The person with this address.", default=None)
    group: GroupName | None = key("This group; clears the person unless `by` finds one.", default=None)
    by: StrategyName | None = key(
        "How a person of the group is found: a strategy or an entry of `routing`.", default=None
    )
