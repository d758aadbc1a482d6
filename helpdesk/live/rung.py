"""When each room last rang: whether a page that was drawn before it joined has missed something.

A page carries the moment at which its drawing began, by the server's clock (`moment`). A room rings after the commit of
what it tells, and the ring's moment is noted when it is sent to the pages of this process. So whatever a page was drawn
without rang later than the page's moment; what it shows already rang earlier. Several machines must agree on the time.
Asks the database nothing and knows no right: `doorbell` asks only about rooms that the joiner is in.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from helpdesk import clock

KEPT = 10_000  # rooms; who asks about a time before the oldest that was let go has missed it
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


def moment() -> int:
    """Now, in microseconds since 1970: exact, and a number in a page's script."""
    return (clock.now() - _EPOCH) // _MICROSECOND


class Rung:
    """What this process has heard since it began to listen."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}  # the room that rang longest ago is the first
        self._known_since = moment()

    def begins_anew(self) -> None:
        """What rang before now was perhaps not heard."""
        self._known_since = moment()

    def note(self, room: str) -> None:
        """The room rings now."""
        self._last.pop(room, None)
        self._last[room] = moment()
        if len(self._last) > KEPT:
            oldest = next(iter(self._last))
            self._known_since = max(self._known_since, self._last.pop(oldest))

    def since(self, drawn: int, rooms: Iterable[str]) -> bool:
        """Whether one of the rooms rang, or may have rung, after this moment."""
        return any(max(self._last.get(room, 0), self._known_since) > drawn for room in rooms)
