"""Votes at the same moment: exactly one end, one vote of each, whatever way it goes (attacks 95 and 96)."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

from flask import Flask

from helpdesk import clock, timers
from helpdesk.errors import HelpdeskError, NotPossible
from tests.approvals.test_asking_for_consent import ACCEPT, REJECT
from tests.approvals.test_links_of_mails import link_to
from tests.attacks.test_double_work import at_once
from tests.cast import Case, Character, hire
from tests.visitor import Visitor

ENDS = ("buy", "drop", "late")


def test_twenty_votes_of_twenty_people_give_one_end(app: Flask, ann: Character, olga: Character) -> None:
    """attack 95: half accept, half reject, two consents would do; one of both ends runs, once, with one mail"""
    people = [hire(app, f"board{n}@acme.example", f"Board {n}", roles=["board"]) for n in range(20)]
    case = olga.writes("A new building")
    ann.performs("ask_board", case)
    turn = itertools.count()

    def vote() -> Any:
        number = next(turn)
        return people[number].performs(ACCEPT if number % 2 else REJECT, case)

    results = at_once(20, vote)
    late = [result for result in results if isinstance(result, HelpdeskError)]
    ends = [name for name in case.story if name in ENDS]
    assert len(ends) == 1, case.story
    assert case.state == {"buy": "bought", "drop": "dropped"}[ends[0]]
    assert {type(result) for result in late} == {NotPossible}
    assert {result.code for result in late} == {"not_now"}
    assert case.story.count("voted") == 20 - len(late)
    assert len([mail for mail in case.mails if mail.role == "customer"]) == 1


def test_one_person_twenty_times_is_one_vote(before_the_board: Case, maria: Character) -> None:
    results = at_once(20, lambda: maria.performs(ACCEPT, before_the_board))
    assert [getattr(result, "code", "") for result in results].count("voted") == 19
    assert before_the_board.story.count("voted") == 1
    assert before_the_board.state == "board_approval"


def test_the_last_consent_and_the_end_of_the_time_do_not_both_count(app: Flask, wanted: Case, boris: Character) -> None:
    """the ticket is held by one of them; the other finds nothing left to end"""
    turn = itertools.count()
    after = clock.now() + timedelta(days=2)

    def act() -> Any:
        if next(turn) % 2:
            return boris.performs(ACCEPT, wanted)
        with app.app_context(), clock.frozen(after):
            return timers.run_due()

    at_once(6, act)
    assert len([name for name in wanted.story if name in ENDS]) == 1


def test_a_mailed_link_sent_twenty_times_votes_once(app: Flask, before_the_board: Case, nils: Character) -> None:
    """attack 96, by the link: twenty browsers, one vote"""
    path = link_to(before_the_board, nils.email)
    browsers = [Visitor(app, ip=f"198.51.100.{n}") for n in range(20)]
    for browser in browsers:
        browser.opens(path)
    waiting = iter(browsers)
    answers = at_once(20, lambda: next(waiting).sends(path, vote="accept").status_code)
    assert sorted(set(answers)) == [200, 409]
    assert answers.count(200) == 1
    assert before_the_board.story.count("voted") == 1
