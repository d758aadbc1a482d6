"""A vote is explained like any button: who may, who brought it there, who has voted (N7)."""

from __future__ import annotations

from flask import Flask

from helpdesk.people import find
from helpdesk.rollout import why
from helpdesk.rollout.why import Answer
from helpdesk.tickets import policy
from helpdesk.tickets.actors import staff
from tests.cast import Case, Character

ACCEPT, REJECT = "approve:accept", "approve:reject"


def told(app: Flask, case: Case, action: str = "", who: Character | None = None) -> Answer:
    with app.app_context():
        ticket = why.find(case.ref)
        if who is None:
            return why.ticket(ticket)
        person = find.by_email(who.email)
        assert person is not None
        answer = why.action(ticket, action, staff(person))
        assert answer.holds is (policy.refusal(ticket, action, staff(person)) is None)
        return answer


def test_a_vote_says_who_may_and_why_not(
    app: Flask, before_the_board: Case, maria: Character, ann: Character, boris: Character
) -> None:
    assert told(app, before_the_board, ACCEPT, maria).holds is True
    maria.performs(ACCEPT, before_the_board)
    assert told(app, before_the_board, REJECT, maria).sentence.endswith("You have voted already.")
    for who in (ann, boris):
        told(app, before_the_board, ACCEPT, who)
    part = told(app, before_the_board).part("consent")
    assert part is not None
    assert [each.code for each in part.reasons][:2] == ["round", "accept"]
    assert "1 of 2" in part.reasons[0].says
    assert part.reasons[1].says.startswith("Maria consented")


def test_where_nothing_is_asked_it_says_so(app: Flask, wanted: Case, boris: Character) -> None:
    boris.performs(ACCEPT, wanted)
    answer = told(app, wanted, ACCEPT, boris)
    assert "Nobody's consent is asked while the ticket is" in answer.sentence
    assert told(app, wanted).part("consent") is None
