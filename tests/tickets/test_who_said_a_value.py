"""Of a ticket's values its customer is told what they said themselves, as long as nobody else said otherwise (attack
41).
"""

from __future__ import annotations

from typing import Any

from flask import Flask

from config import Settings
from tests.cast import Case, Character
from tests.program import Program
from tests.tables import as_of_a_desk_before

OLGA = "olga@example.org"
BEFORE = "0043"  # the migration before the one that keeps who said it


def asks(app: Flask, by: str = OLGA) -> Case:
    """A request by the form, from Olga or for her."""
    values = {"subject": "Printer", "message": "It burns", "kind": "technical"}
    consent = {"consent": True} if by == OLGA else {}
    more = {} if by == OLGA else {"for": OLGA}
    sent = {"source": "contact_form", "values": {**values, **consent}, **more}
    answer = Program(app, by).posts("/tickets", sent)
    assert answer.status_code == 201, answer.text
    return Case(app, int(answer.json["ref"].rpartition("-")[2]))


def told(app: Flask, cases: list[Case]) -> list[dict[str, Any]]:
    return [Program(app, OLGA).gets(f"/tickets/{case.ref}").json["fields"] for case in cases]


def test_a_customer_is_told_what_they_said_until_the_house_says_otherwise(
    app: Flask, settings: Settings, olga: Character, ann: Character
) -> None:
    """The same of a desk of before, from the history its migration reads."""
    olga.writes("Before")
    hers, added, changed, for_her = asks(app), asks(app), asks(app), asks(app, ann.email)
    ann.performs("details", added, serial="ZX743111")
    ann.performs("details", changed, kind="billing")
    ann.performs("reply", hers, text="Which floor?")
    cases = [hers, added, changed, for_her]
    assert told(app, cases) == [{"kind": "technical"}, {"kind": "technical"}, {}, {}]
    assert [case.fields["kind"] for case in cases] == ["technical", "technical", "billing", "technical"]
    as_of_a_desk_before(app, settings, BEFORE)
    assert told(app, cases) == [{"kind": "technical"}, {"kind": "technical"}, {}, {}]
