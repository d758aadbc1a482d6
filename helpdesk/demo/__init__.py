"""The demo: a small company with six weeks behind it, so that every screen has life from the first look.

Called by `serve --demo` (and by tests). Everything is made by the two doors under a moved clock, nothing is inserted
behind them; it is made once, in one transaction, and a second start adds nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from flask import Flask

from helpdesk import clock, stored
from helpdesk.db import writing
from helpdesk.demo import company, past
from helpdesk.demo.company import SignInLine, sign_ins
from helpdesk.errors import HelpdeskError

__all__ = ["SignInLine", "hired", "prepare", "sign_ins"]

MADE, PEOPLE = "demo", "demo_people"


def prepare(app: Flask, *, say: Callable[[str], None] = lambda sentence: None) -> bool:
    """Fill an empty desk with the demo's people and tickets. Needs tables, an active workflow and `settings.demo`.

    Gives whether anything was made: False when it was there already, or when the desk holds people of its own. With a
    workflow file in which its tickets could not have happened it makes the people only, and says so.
    """
    with app.app_context():
        if stored.get(MADE) or company.somebody_is_here():
            return False
        try:
            _fill(with_past=True)
        except HelpdeskError:  # the past is written for the file that ships; another one refuses what happens in it
            _fill(with_past=False)
            say("The demo's tickets belong to the workflow file that ships. Yours begins with its people alone.")
    return True


def _fill(*, with_past: bool) -> None:
    with writing():
        company.hire()
        if with_past:
            past.play()
        stored.put(PEOPLE, [asdict(each) for each in sign_ins()])  # the sign-in page shows them
        stored.put(MADE, clock.now().isoformat())


def hired(app: Flask) -> list[SignInLine]:
    """The demo's people, if this desk has them: not where it holds people of its own."""
    with app.app_context():
        return [SignInLine(**each) for each in stored.get(PEOPLE) or []]
