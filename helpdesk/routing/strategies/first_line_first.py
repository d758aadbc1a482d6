"""Work goes to the first line; the experts get what it cannot take (C14)."""

from __future__ import annotations

from typing import ClassVar, Literal

from helpdesk.routing.strategies.least_busy import LeastBusy
from helpdesk.workflows.kinds import strategies


@strategies.register("first_line_first")
class FirstLineFirst(LeastBusy):
    """The first of `tiers` that has somebody free; within it the least busy."""

    tiered: ClassVar[Literal["", "first", "last"]] = "first"
