"""What can happen to a request: plots, each a row of beats. A plot says who does what after how long; the words
come from the story.

A beat's `text` names a line of the story or of its language's phrase book. Hours are working time's rough measure,
not a promise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Beat:
    """`who` does `do` some hours after the beat before. Customers, robots and friends write; staff run actions."""

    who: str
    do: str
    text: str = ""
    hours: tuple[float, float] = (1, 9)
    values: dict[str, Any] = field(default_factory=dict)
    file: str = ""


@dataclass(frozen=True)
class Plot:
    """`rest`: how many days ago the last beat was. `share`: how often the plot is told among its workflow's stories."""

    name: str
    share: int
    rest: tuple[float, float]
    beats: tuple[Beat, ...] = ()


def agent(do: str, text: str = "", **more: Any) -> Beat:
    return Beat("front", do, text, **more)


def engineer(do: str, text: str = "", **more: Any) -> Beat:
    return Beat("workshop", do, text, **more)


def accountant(do: str, text: str = "", **more: Any) -> Beat:
    return Beat("accountant", do, text, **more)


def manager(do: str, text: str = "", **more: Any) -> Beat:
    return Beat("manager", do, text, **more)


def customer(text: str, **more: Any) -> Beat:
    return Beat("customer", "write", text, **{"hours": (3, 40), **more})


ROBOT = Beat(
    "robot", "write", "Automatic reply: I am out of the office until Monday and read your message then.", (0.1, 0.2)
)
FRIEND = Beat("friend", "write", "I am copied in here: the parcel is with me at the porter's lodge.", (4, 20))
ASK, SOLVE = agent("reply", "ask"), agent("reply", "answer")
CLOSE = agent("close", values={"topic": "question"}, hours=(1, 30))
TAKE = agent("take", hours=(0.2, 3))
NOTE = agent("note", "Called them back as well, all is clear now.", hours=(0.1, 2))
LOOK_UP = agent("note", "Same as the batch of last month, see the list on the wall.", hours=(0.1, 2))
DETAIL, THANKS = customer("detail", file="picture"), customer("thanks")
ORDER = agent("details", values={"topic": "order", "order_number": "NW-20377"}, hours=(0.1, 1))

CHARGE = agent("charge", values={"price": "29.90"}, hours=(0.5, 8))
CHARGED = accountant("receive_payment", values={"amount": "29.90", "method": "card"}, hours=(3, 30))

SUPPORT = (
    Plot("just in", 9, (0.02, 1.4)),
    Plot("just in, taken", 3, (0.05, 1.0), (TAKE,)),
    Plot("nobody answered", 3, (2.2, 3.5)),
    Plot("asked back", 7, (0.1, 6), (ASK,)),
    Plot("answered", 8, (0.2, 8), (SOLVE,)),
    Plot("answered with a paper", 3, (0.2, 7), (TAKE, agent("reply", "answer", file="letter"))),
    Plot("they wrote back", 8, (0.02, 2.5), (ASK, DETAIL)),
    Plot("they insist", 3, (0.05, 2), (SOLVE, LOOK_UP, customer("insist"))),
    Plot("a robot answered", 3, (1, 7), (SOLVE, ROBOT)),
    Plot("somebody else wrote", 2, (0.5, 3), (SOLVE, FRIEND)),
    Plot(
        "with a colleague",
        5,
        (0.1, 3),
        (agent("ask_colleague", "Have you seen this before? I would exchange it, but ask first."),),
    ),
    Plot(
        "back from a colleague",
        4,
        (0.05, 2),
        (
            agent("ask_colleague", "Is this the fault of the May series again?"),
            engineer(
                "answer_colleague", "Yes, the May series. A new switch helps; tell them it is on us.", hours=(2, 20)
            ),
        ),
    ),
    Plot("to be paid", 4, (0.2, 2.5), (CHARGE,)),
    Plot("paid, and we go on", 3, (0.1, 2), (CHARGE, CHARGED)),
    Plot("paid and solved", 4, (2, 30), (ASK, DETAIL, CHARGE, CHARGED, SOLVE, CLOSE)),
    Plot("solved", 16, (1, 35), (ASK, DETAIL, SOLVE, THANKS, CLOSE)),
    Plot("solved at once", 14, (1, 36), (SOLVE, THANKS, CLOSE)),
    Plot("solved with notes", 5, (2, 34), (TAKE, ORDER, SOLVE, NOTE, THANKS, CLOSE)),
    Plot("nothing more was heard", 8, (11, 38), (SOLVE,)),
    Plot("opened again", 3, (0.05, 1.5), (SOLVE, THANKS, CLOSE, customer("insist", hours=(60, 120)))),
    Plot("closed twice", 3, (2, 20), (SOLVE, CLOSE, customer("insist", hours=(30, 90)), SOLVE, THANKS, CLOSE)),
)

TO_WORKSHOP = agent("to_workshop", "Please have a look and tell us a price.", values={"fault": "@fault"}, hours=(1, 20))
CAUSE = engineer("note", "cause", hours=(3, 30))
QUOTE = engineer("quote", values={"price": "@price"}, hours=(0.1, 2))
PAY = accountant(
    "receive_payment", values={"amount": "@price", "method": "transfer", "reference": "@reference"}, hours=(4, 50)
)
FINISH = engineer("finish", "finished", hours=(6, 60))
PAYS = customer("pay", hours=(4, 40))

REPAIR = (
    Plot("just in", 6, (0.02, 1.5)),
    Plot("told where to send it", 4, (0.2, 8), (agent("reply", "repair"),)),
    Plot("at the workshop", 5, (0.2, 3), (agent("reply", "repair"), TO_WORKSHOP)),
    Plot("examined", 3, (0.1, 2), (TO_WORKSHOP, CAUSE)),
    Plot(
        "back from the workshop",
        2,
        (0.1, 1.4),
        (
            TO_WORKSHOP,
            engineer("back_to_front", "It starts here without a fault. Which plug do they use at home?", hours=(5, 30)),
        ),
    ),
    Plot("to be paid", 5, (0.2, 2.5), (TO_WORKSHOP, CAUSE, QUOTE)),
    Plot("reminded", 3, (3.5, 5.5), (TO_WORKSHOP, CAUSE, QUOTE)),
    Plot("says it is paid", 3, (0.05, 1), (TO_WORKSHOP, CAUSE, QUOTE, PAYS)),
    Plot("in repair", 6, (0.1, 4), (TO_WORKSHOP, CAUSE, QUOTE, PAYS, PAY)),
    Plot("when will it be ready", 2, (0.1, 1), (TO_WORKSHOP, CAUSE, QUOTE, PAY, customer("when"))),
    Plot("repaired", 10, (1, 25), (agent("reply", "repair"), TO_WORKSHOP, CAUSE, QUOTE, PAYS, PAY, FINISH)),
    Plot(
        "repaired, paid in cash",
        5,
        (2, 28),
        (TO_WORKSHOP, QUOTE, accountant("receive_payment", values={"amount": "@price", "method": "cash"}), FINISH),
    ),
    Plot(
        "too dear",
        3,
        (1, 20),
        (
            TO_WORKSHOP,
            CAUSE,
            QUOTE,
            accountant("cancel", values={"reason": "Not worth it for the customer, who rang us."}),
        ),
    ),
    Plot("never paid", 2, (22, 24), (TO_WORKSHOP, CAUSE, QUOTE)),
    Plot("thrown away", 0, (3, 9), (agent("spam", hours=(0.2, 6)),)),
    Plot("came back", 2, (0.1, 1.5), (TO_WORKSHOP, QUOTE, PAY, FINISH, customer("insist", hours=(70, 160)))),
)

SPAM = (Plot("spam", 1, (0.1, 30), (agent("spam", hours=(0.2, 6)),)),)
