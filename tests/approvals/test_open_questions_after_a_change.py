"""A changed file asks others, needs another number of consents, or gives another time, while tickets wait: who may vote
and until when follows the file, what was given stays given, and the plan says so (N3, N17).
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from helpdesk import alarms, clock, timers
from helpdesk.errors import NotFound
from helpdesk.rollout import afterwards
from helpdesk.timers import backlog
from helpdesk.worker import Worker
from tests.approvals.test_after_a_change_of_the_file import (
    ACCEPT,
    HEAD,
    NOT_ASKED,
    applied,
    asked,
    changed,
    due,
    planned,
    round_of,
)
from tests.cast import Case, Character, hire

BOARD = "{by: [board], need: 2, within: 1d, email"
RENAMED = (("      approval:\n", "      consent:\n        renamed_from: approval\n"), ("to: approval}", "to: consent}"))


def head(before: str, after: str) -> dict[str, str]:
    """What is asked of the head is said otherwise."""
    assert before in HEAD
    return changed((HEAD, HEAD.replace(before, after)))


def board(before: str, after: str) -> dict[str, str]:
    assert before in BOARD
    return changed((BOARD, BOARD.replace(before, after)))


def works(app: Flask) -> None:
    Worker(app, chores=()).run_until_idle(kinds=[afterwards.REVIEW])


def test_who_is_named_now_is_asked_and_who_is_not_any_more_has_no_vote(
    app: Flask, still: None, wanted: Case, boris: Character, maria: Character, nils: Character
) -> None:
    """Attack 59: whom the file does not name decides nothing, however early they were asked."""
    before = round_of(app, wanted)
    to_the_board = changed(
        (HEAD, HEAD.replace("[manager]", "[board]")),
        ("visible_to: [agent, accountant]", "visible_to: [agent, accountant, board]"),
    )
    (told,) = planned(app, to_the_board)
    assert told == (
        "Who may consent in “approval” changes while 1 ticket waits there: who is new is asked, who is not named "
        "any more has no vote, votes that were given stay."
    )
    assert applied(app, to_the_board).waiting == 1
    assert asked(wanted) == [boris.email], "the change itself waits for nobody's mail"
    works(app)
    assert asked(wanted) == [boris.email, maria.email, nils.email]
    assert wanted.mails[-1].frozen["names"]["links"]["approve"]
    after = round_of(app, wanted)
    assert (after.id, after.due_at) == (before.id, before.due_at), "it is the same question"
    with pytest.raises(NotFound):
        boris.performs(ACCEPT, wanted)
    assert nils.performs(ACCEPT, wanted).state == "bought"


def test_nobody_is_asked_twice_and_a_second_change_asks_only_who_is_new(
    app: Flask, still: None, wanted: Case, boris: Character, maria: Character
) -> None:
    sees = ("visible_to: [agent, accountant]", "visible_to: [agent, accountant, board]")
    both = changed((HEAD, HEAD.replace("[manager]", "[manager, board]")), sees)
    applied(app, both)
    works(app)
    assert asked(wanted) == [boris.email, maria.email]
    applied(app, changed(sees))
    applied(app, both)
    works(app)
    assert asked(wanted) == [boris.email, maria.email]


@pytest.mark.parametrize("renamed", [False, True])
@pytest.mark.parametrize("within", ["5d", "3d", "36h"])
def test_another_time_counts_from_the_same_beginning(
    app: Flask, still: None, wanted: Case, within: str, renamed: bool
) -> None:
    begun = clock.now()
    clock.travel(timedelta(days=1))
    state = "consent" if renamed else "approval"
    texts = changed((HEAD, HEAD.replace("2d", within)), *(RENAMED if renamed else ()))
    assert planned(app, texts) == [
        f"1 ticket of “{state}” has {within} instead of 2d to be decided, counted from when it was asked."
    ]
    applied(app, texts)
    until = begun + {"5d": timedelta(days=5), "3d": timedelta(days=3), "36h": timedelta(hours=36)}[within]
    assert round_of(app, wanted).due_at == until
    assert due(app, wanted) == [until]
    clock.travel(until - clock.now() - timedelta(minutes=1))
    with app.app_context():
        timers.run_due()
    assert wanted.state == state
    clock.travel(timedelta(minutes=1))
    with app.app_context():
        timers.run_due()
    assert wanted.state == "new", "nobody decided"


def test_a_time_that_is_over_by_the_change_ends_the_question_at_once_and_the_plan_says_so(
    app: Flask, still: None, wanted: Case, ann: Character, olga: Character
) -> None:
    clock.travel(timedelta(hours=30))
    fresh = olga.writes("A new chair")
    ann.performs("ask", fresh, price="250")
    texts = head("2d", "1d")
    (told,) = planned(app, texts)
    assert told == (
        "2 tickets of “approval” have 1d instead of 2d to be decided, counted from when it was asked; "
        "on 1 ticket it is over at once."
    )
    assert applied(app, texts).waiting == 2
    with app.app_context():
        timers.run_due()
    assert (wanted.story[-1], wanted.state, fresh.state) == ("late", "new", "approval")


def test_the_time_may_go_and_come(app: Flask, still: None, wanted: Case) -> None:
    begun = clock.now()
    endless = changed((HEAD, HEAD.replace(", within: 2d", "").replace(", expired: late", "")), (LATE_GOES, ""))
    assert planned(app, endless)[0] == "1 ticket of “approval” has no end of the time instead of 2d to be decided."
    applied(app, endless)
    assert (round_of(app, wanted).due_at, due(app, wanted)) == (None, [])
    clock.travel(timedelta(hours=1))
    applied(app, changed())
    assert round_of(app, wanted).due_at == begun + timedelta(days=2)
    assert due(app, wanted) == [begun + timedelta(days=2)]


LATE_GOES = "      late: {type: set_fields, label: Nobody decided, automatic: true, to: new}\n"


def test_votes_that_are_enough_by_the_new_file_decide_at_once(
    app: Flask, before_the_board: Case, maria: Character
) -> None:
    """Two of the board had to consent, and one did."""
    maria.performs(ACCEPT, before_the_board)
    texts = board("need: 2", "need: 1")
    assert planned(app, texts) == [
        "1 ticket of “board_approval” needs 1 consent instead of 2; 1 ticket has them and will go on at once."
    ]
    applied(app, texts)
    assert before_the_board.state == "board_approval"
    works(app)
    assert (before_the_board.story[-1], before_the_board.state) == ("buy", "bought")
    assert before_the_board.events[-1].data["approval"]["by"] == [{"name": "Maria"}]


def test_a_vote_stays_given_when_its_giver_is_named_no_more(
    app: Flask, still: None, before_the_board: Case, maria: Character, ann: Character, boris: Character
) -> None:
    """It was given rightly; the one that is missing comes from whom the file names now."""
    maria.performs(ACCEPT, before_the_board)
    applied(app, board("[board]", "[manager]"))
    works(app)
    assert before_the_board.state == "board_approval"
    assert boris.performs(ACCEPT, before_the_board).state == "bought"


def test_administrators_hear_where_too_few_are_left_who_can_consent(
    app: Flask, before_the_board: Case, boris: Character
) -> None:
    applied(app, board("[board]", "[manager]"))
    works(app)
    with app.app_context():
        assert "1 of 2 people who must consent can." in next(alarm.sentence for alarm in alarms.standing())


def test_a_question_that_is_over_by_another_change_is_left_alone(app: Flask, wanted: Case, maria: Character) -> None:
    applied(app, head("[manager]", "[manager, board]"))
    applied(app, NOT_ASKED)
    works(app)
    assert (round_of(app, wanted), len(asked(wanted))) == (None, 1)


def test_who_comes_new_is_asked_in_portions_and_it_is_announced(
    app: Flask, still: None, olga: Character, ann: Character, boris: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 29."""
    cases = [olga.writes(f"Printer {number}") for number in range(4)]
    for case in cases:
        ann.performs("ask", case, price="1")
    hana = hire(app, "hana@acme.example", "Hana", roles=["accountant"])
    monkeypatch.setattr(backlog, "AT_ONCE", 2)
    monkeypatch.setattr(backlog, "PER_MINUTE", 1)
    applied(app, head("[manager]", "[manager, accountant]"))
    works(app)
    assert [hana.email in asked(case) for case in cases] == [True, True, False, False]
    with app.app_context():
        (told,) = [alarm.sentence for alarm in alarms.standing()]
    assert "consent on 4 tickets" in told
    for _ in range(3):
        clock.travel(timedelta(minutes=1))
        works(app)
    assert all(asked(case) == [boris.email, hana.email] for case in cases)
    with app.app_context():
        assert alarms.standing() == []
