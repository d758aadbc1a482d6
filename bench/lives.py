"""The lives of tickets that the generator copies: who does what, in the shipped workflows. Each is lived once,
through the doors.

`share` is out of a thousand among the open or among the closed. The number of messages is what the average of four is
made of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Step:
    """`who` (customer, robot, or a group or role of the staff) writes, or runs an action. `hours`: the wait before
    it, on average.
    """

    who: str
    action: str = ""
    says: bool = False
    hours: float = 6
    values: Mapping[str, Any] = field(default_factory=dict)
    file: bool = False


@dataclass(frozen=True)
class Life:
    """A ticket from its opening to where it stands now."""

    name: str
    source: str
    share: int
    steps: tuple[Step, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    file: bool = False


WRITES = Step("customer", says=True, hours=20)
REPLY = Step("front", "reply", says=True)
TAKE = Step("front", "take", hours=2)
NOTE = Step("front", "note", says=True, hours=1)
CLOSE = Step("front", "close", values={"topic": "question"}, hours=30)
SEND = Step("front", "to_workshop", says=True, values={"fault": "broken"})
LOOK = Step("workshop", "note", says=True, hours=12)
QUOTE = Step("workshop", "quote", values={"price": "64.00"}, hours=2)
PAY = Step(
    "accountant", "receive_payment", values={"amount": "64.00", "method": "transfer", "reference": "RF 18"}, hours=30
)
FINISH = Step("workshop", "finish", says=True, hours=24)
FORM = {"topic": "order", "order_number": "NW-20377", "consent": True}
DEVICE = {"device": "Lumen 3", "serial": "AB123456", "fault": "broken", "consent": True}

OPEN = (
    Life("new", "support_mail", 150),
    Life("new by form", "contact", 100, values=FORM, file=True),
    Life("taken", "support_mail", 50, (TAKE,)),
    Life("waiting", "support_mail", 150, (REPLY,)),
    Life("they wrote back", "support_mail", 120, (REPLY, WRITES)),
    Life("long talk", "support_mail", 80, (REPLY, WRITES, NOTE, REPLY, WRITES, REPLY, WRITES)),
    Life("with a colleague", "contact", 60, (Step("front", "ask_colleague", says=True),), values=FORM),
    Life("new repair", "repair", 60, values=DEVICE),
    Life("repair waiting", "repair", 40, (REPLY,), values=DEVICE),
    Life("at the workshop", "repair", 60, (SEND, LOOK), values=DEVICE),
    Life("to be paid", "repair", 70, (SEND, LOOK, QUOTE), values=DEVICE),
    Life("in repair", "repair", 60, (SEND, LOOK, QUOTE, PAY), values=DEVICE, file=True),
)

CLOSED = (
    Life("solved at once", "support_mail", 250, (REPLY, WRITES, CLOSE)),
    Life("solved", "support_mail", 260, (REPLY, WRITES, REPLY, WRITES, CLOSE), file=True),
    Life("solved by form", "contact", 120, (TAKE, REPLY, WRITES, NOTE, CLOSE), values=FORM),
    Life("long solved", "support_mail", 100, (REPLY, WRITES, NOTE, REPLY, WRITES, REPLY, WRITES, CLOSE)),
    Life("spam", "support_mail", 60, (Step("front", "spam", hours=1),)),
    Life("repaired", "repair", 160, (SEND, LOOK, QUOTE, PAY, FINISH), values=DEVICE, file=True),
    Life(
        "too dear",
        "repair",
        50,
        (SEND, LOOK, QUOTE, Step("accountant", "cancel", values={"reason": "Too dear."})),
        values=DEVICE,
    ),
)

EIGHT = "long talk"
"""The life whose ticket the ticket page is measured with: eight messages, and still open."""
