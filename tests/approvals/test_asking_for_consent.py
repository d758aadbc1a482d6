"""Approvals: who is asked, who may vote, what ends it (N17; WORKFLOW.md, "What comes by itself" and "Approval")."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from helpdesk import alarms, clock, timers
from helpdesk.db import session
from helpdesk.errors import NotFound, NotPossible
from helpdesk.rollout import apply as rollout
from helpdesk.tickets.approvals import last_round
from helpdesk.tickets.models import Ticket
from tests.approvals.conftest import DESK
from tests.cast import Case, Character, hire

ACCEPT, REJECT = "approve:accept", "approve:reject"


def asked(case: Case) -> list[str]:
    """Whom the approval was mailed to, in order."""
    return [mail.recipient for mail in case.mails if mail.role == "approvers"]


def refused(who: Character, action: str, case: Case, **values: Any) -> NotPossible | NotFound:
    before = case.version, case.state
    with pytest.raises((NotPossible, NotFound)) as refusal:
        who.performs(action, case, **values)
    assert (case.version, case.state) == before
    return refusal.value


def runs_what_is_due(app: Flask) -> None:
    with app.app_context():
        while timers.run_due():
            pass


def test_the_approvers_are_mailed_and_one_consent_ends_it(wanted: Case, boris: Character) -> None:
    assert wanted.state == "approval"
    assert asked(wanted) == ["boris@acme.example"]
    link = wanted.mails[-1].frozen["names"]["links"]["approve"]
    assert link.startswith("http://desk.example/link/approve/")
    assert boris.performs(ACCEPT, wanted, text="If it is cheap.").state == "bought"
    assert wanted.story == ["opened", "ask", "voted", "buy"]
    voted, bought = wanted.events[-2:]
    assert (voted.actor_id, voted.data["vote"]["way"], voted.for_customer) == (boris.id, "accept", False)
    assert bought.actor_kind == "system"
    assert bought.data["approval"] == {"outcome": "accepted", "by": [{"name": "Boris"}]}, "the approver is named"
    comment = wanted.messages[-1]
    assert (comment.text, comment.audience) == ("If it is cheap.", "internal")


def test_one_rejection_ends_it(before_the_board: Case, maria: Character, nils: Character) -> None:
    maria.performs(ACCEPT, before_the_board)
    assert nils.performs(REJECT, before_the_board).state == "dropped"
    assert before_the_board.events[-1].data["approval"] == {"outcome": "rejected", "by": [{"name": "Nils"}]}


def test_a_quorum_is_needed(before_the_board: Case, maria: Character, petra: Character) -> None:
    assert maria.performs(ACCEPT, before_the_board).state == "board_approval"
    assert petra.performs(ACCEPT, before_the_board).state == "bought"
    by = before_the_board.events[-1].data["approval"]["by"]
    assert by == [{"name": "Maria"}, {"name": "Petra"}]


def test_nobody_votes_twice(before_the_board: Case, maria: Character) -> None:
    maria.performs(ACCEPT, before_the_board)
    assert refused(maria, ACCEPT, before_the_board).code == "voted"
    assert refused(maria, REJECT, before_the_board).code == "voted"


def test_whoever_brought_it_there_has_no_vote_and_no_mail(
    app: Flask, olga: Character, maria: Character, nils: Character, petra: Character
) -> None:
    case = olga.writes("A new car")
    maria.performs("ask_board", case, price="30000")
    assert asked(case) == ["nils@acme.example", "petra@acme.example"]
    assert refused(maria, ACCEPT, case).code == "not_now"
    assert refused(maria, REJECT, case).code == "not_now", "neither way"
    assert refused(maria, "consent", case).code == "not_now", "nor by a button of the file"


def test_whoever_set_off_the_automatic_ones_has_no_vote_either(boris: Character, olga: Character) -> None:
    case = olga.writes("A new car")
    boris.performs("hurry", case, price="30000")
    assert case.story == ["opened", "hurry", "hand_on", "asked"]
    assert case.state == "approval"
    assert asked(case) == []
    assert refused(boris, ACCEPT, case).code == "not_now"


def test_a_vote_is_the_voters_run_for_the_first_response(app: Flask, wanted: Case, boris: Character) -> None:
    """WORKFLOW.md, Clocks: the mail to the customer goes by an automatic action that the vote set off"""

    def answered() -> bool:
        with app.app_context():
            return session().get_one(Ticket, wanted.id).first_response_at is not None

    assert not answered()
    boris.performs(ACCEPT, wanted)
    assert answered()


def test_a_right_that_is_missing_looks_like_an_action_that_is_not_there(
    wanted: Case, boris: Character, ann: Character, kadri: Character, mallory: Character, olga: Character
) -> None:
    """attack 59: sight is no vote, and nobody outside learns that something is asked"""
    for who in (ann, kadri, mallory, olga):
        for action in (ACCEPT, REJECT, "consent", "approve:later", "approve:"):
            assert refused(who, action, wanted).code == "not_found"
    assert refused(boris, "consent", wanted).code == "not_now", "a button that another state offers"


def test_a_customer_has_no_vote_whoever_they_are_at_the_desk(boris: Character, ann: Character) -> None:
    """attack 59: the head asked for it himself; in the cabinet he is a customer"""
    case = boris.writes("A new chair")
    ann.performs("ask", case)
    assert refused(boris, ACCEPT, case).code == "not_found"


def test_every_vote_is_refused_where_nothing_is_asked(wanted: Case, boris: Character, ann: Character) -> None:
    """attack 59: for each state that asks nothing"""
    boris.performs(ACCEPT, wanted)
    assert refused(boris, ACCEPT, wanted).code == "not_now"
    ann.performs("ask", wanted)
    ann.performs("call_back", wanted)
    assert wanted.state == "new"
    assert refused(boris, ACCEPT, wanted).code == "not_now"
    assert refused(ann, ACCEPT, wanted).code == "not_found"


def test_leaving_ends_it_and_coming_back_asks_anew(
    app: Flask, before_the_board: Case, maria: Character, ann: Character, petra: Character
) -> None:
    maria.performs(ACCEPT, before_the_board)
    ann.performs("call_back", before_the_board)
    ann.performs("ask_board", before_the_board, price="1")
    assert len(asked(before_the_board)) == 6, "everybody once more"
    assert maria.performs(ACCEPT, before_the_board).state == "board_approval", "the vote of before is forgotten"
    assert petra.performs(ACCEPT, before_the_board).state == "bought"


def test_time_runs_out(app: Flask, still: None, wanted: Case, boris: Character) -> None:
    clock.travel(timedelta(days=2) - timedelta(seconds=1))
    runs_what_is_due(app)
    assert wanted.state == "approval"
    clock.travel(timedelta(seconds=1))
    runs_what_is_due(app)
    assert wanted.state == "new", "what is due exactly at the end fires"
    assert wanted.events[-1].data["approval"] == {"outcome": "expired"}
    assert refused(boris, ACCEPT, wanted).code == "not_now"


def test_asking_again_forgets_the_votes(
    app: Flask, still: None, before_the_board: Case, maria: Character, nils: Character
) -> None:
    maria.performs(ACCEPT, before_the_board)
    clock.travel(timedelta(days=1))
    runs_what_is_due(app)
    assert before_the_board.state == "board_approval"
    assert asked(before_the_board)[3:] == ["maria@acme.example", "nils@acme.example", "petra@acme.example"]
    assert nils.performs(ACCEPT, before_the_board).state == "board_approval", "Maria's consent is forgotten"
    assert maria.performs(ACCEPT, before_the_board).state == "bought"
    clock.travel(timedelta(days=30))
    runs_what_is_due(app)
    assert before_the_board.state == "bought", "its time went with it"


def test_votes_of_the_file_have_their_own_words_and_questions(
    before_the_board: Case, maria: Character, nils: Character
) -> None:
    assert {"consent", "refuse"} <= set(maria.buttons(before_the_board))
    maria.performs("consent", before_the_board, text="Gladly.")
    assert "consent" not in maria.buttons(before_the_board)
    nils.performs("refuse", before_the_board, reason="Too dear")
    assert before_the_board.story == ["opened", "ask_board", "consent", "refuse", "drop"]
    assert before_the_board.events[-2].data["vote"]["way"] == "reject"


def test_a_reminder_goes_to_those_who_have_not_voted(before_the_board: Case, ann: Character, maria: Character) -> None:
    maria.performs(ACCEPT, before_the_board)
    ann.performs("remind", before_the_board)
    reminded = before_the_board.mails[-2:]
    assert [mail.recipient for mail in reminded] == ["nils@acme.example", "petra@acme.example"]
    assert all("/link/approve/" in mail.frozen["names"]["links"]["approve"] for mail in reminded)


def test_the_answer_reaches_those_who_were_asked(before_the_board: Case, maria: Character, nils: Character) -> None:
    maria.performs(ACCEPT, before_the_board)
    nils.performs(ACCEPT, before_the_board)
    told = [mail.recipient for mail in before_the_board.mails if mail.event_id == before_the_board.events[-1].id]
    assert told == ["olga@example.org", "maria@acme.example", "nils@acme.example", "petra@acme.example"]
    assert not any(mail.frozen["names"]["links"]["approve"] for mail in before_the_board.mails[-4:])


def test_too_few_who_could_consent_are_announced(app: Flask, ann: Character, maria: Character, olga: Character) -> None:
    case = olga.writes("A new building")
    ann.performs("ask_board", case, price="250000")
    assert case.story == ["opened", "ask_board", "asked"]
    with app.app_context():
        assert any("waits for consent: 1 of 2" in alarm.sentence for alarm in alarms.standing())


def test_a_vote_of_somebody_who_was_let_out_is_none(app: Flask, wanted: Case, boris: Character) -> None:
    """attack 53"""
    from helpdesk.db import writing
    from helpdesk.people import find, staffing

    hire(app, "ada@acme.example", "Ada", admin=True)
    with app.app_context(), writing():
        person = find.by_email(boris.email)
        assert person is not None
        staffing.let_out(person)
    assert refused(boris, ACCEPT, wanted).code == "not_found"


def test_an_end_that_is_refused_leaves_the_question_open(
    app: Flask, wanted: Case, boris: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WORKFLOW.md: a refused one is an event and an alarm, and the run that caused it stands."""
    from helpdesk.actions.close import Close
    from helpdesk.errors import NotPossible as Refusal

    def refuse(self: Close, run: Any) -> None:
        raise Refusal("Not on a Sunday.")

    monkeypatch.setattr(Close, "run", refuse)
    boris.performs(ACCEPT, wanted)
    assert wanted.state == "approval"
    assert wanted.story == ["opened", "ask", "voted", "refused"]
    with app.app_context():
        round = last_round(session().get_one(Ticket, wanted.id))
    assert round is not None
    assert (round.ended_at, round.outcome, len(round.votes)) == (None, "", 1)


def test_a_question_that_goes_on_keeps_its_time(
    app: Flask, still: None, wanted: Case, boris: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An end that was refused does not leave the ticket waiting for ever."""
    from helpdesk.actions.close import Close
    from helpdesk.errors import NotPossible as Refusal

    def refuse(self: Close, run: Any) -> None:
        raise Refusal("Not on a Sunday.")

    monkeypatch.setattr(Close, "run", refuse)
    boris.performs(ACCEPT, wanted)
    clock.travel(timedelta(days=2))
    runs_what_is_due(app)
    assert wanted.state == "new"


def test_whoever_brought_it_there_has_no_vote_after_an_end_that_led_nowhere(
    app: Flask, boris: Character, olga: Character
) -> None:
    """Attack 59: a question that is asked once more by a vote is still the question of whoever brought the ticket."""
    leads = 'to: [{when: "fields.price", to: bought}]'
    text = DESK.read_text().replace("label: Buy, automatic: true, to: bought", f"label: Buy, automatic: true, {leads}")
    with app.app_context():
        rollout.apply({"workflows.yaml": text}, author="a test")
    another = hire(app, "hana@acme.example", "Hana", roles=["manager"])
    case = olga.writes("A new printer")
    boris.performs("ask", case)
    assert another.performs(ACCEPT, case).state == "approval"
    assert refused(boris, ACCEPT, case).code == "not_now"
    assert another.performs(REJECT, case).state == "dropped"
