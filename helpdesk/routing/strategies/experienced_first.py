"""Work goes to the most experienced who is free (C13)."""

from __future__ import annotations

from typing import ClassVar, Literal

from helpdesk.routing.strategies.least_busy import LeastBusy
from helpdesk.workflows.kinds import strategies


@strategies.register("experienced_first")
class ExperiencedFirst(LeastBusy):
    """The last of `tiers` that has somebody free, then the one before it; within a tier the least busy."""

    tiered: ClassVar[Literal["", "first", "last"]] = "last"
