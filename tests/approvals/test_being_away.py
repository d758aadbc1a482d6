"""Whoever is away names who stands in: mails and votes go there, recorded for whom, one step only (N17)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from helpdesk import clock
from helpdesk.db import writing
from helpdesk.errors import Invalid
from helpdesk.people import absences, find
from helpdesk.people.models import Person
from helpdesk.rollout import apply as rollout
from tests.approvals.conftest import DESK
from tests.approvals.test_asking_for_consent import ACCEPT, REJECT, asked, refused
from tests.at_the_desk import AtTheDesk
from tests.cast import Case, Character, hire


def person_of(who: Character) -> Person:
    person = find.by_email(who.email)
    assert person is not None
    return person


def goes_away(app: Flask, who: Character, substitute: Character, *, days: int = 7, in_days: int = 0) -> None:
    start = clock.now() + timedelta(days=in_days)
    with app.app_context(), writing():
        person = person_of(who)
        ends_at = start + timedelta(days=days)
        absences.plan(person, person_of(substitute), starts_at=start, ends_at=ends_at, by=person)


@pytest.fixture
def vera(app: Flask) -> Character:
    """Stands in for others; sees what agents see, and has no vote of her own."""
    return hire(app, "vera@acme.example", "Vera", roles=["agent"])


def test_mail_and_vote_go_to_the_substitute_and_the_history_says_for_whom(
    app: Flask, ann: Character, boris: Character, vera: Character, olga: Character
) -> None:
    goes_away(app, boris, vera)
    case = olga.writes("A new printer")
    ann.performs("ask", case)
    assert asked(case) == ["vera@acme.example"]
    vera.performs(ACCEPT, case)
    voted, bought = case.events[-2:]
    assert voted.actor_id == vera.id
    assert voted.data["vote"]["for"] == "Boris"
    assert bought.data["approval"]["by"] == [{"name": "Vera", "for": "Boris"}]
    story = AtTheDesk(app, ann).opens(f"/desk/tickets/{case.ref}").text
    assert "approved for Boris" in story
    assert "approved by Vera for Boris" in story


def test_the_substitute_has_the_vote_for_the_time_alone(
    app: Flask, still: None, wanted: Case, boris: Character, vera: Character
) -> None:
    goes_away(app, boris, vera, in_days=1, days=1)
    assert refused(vera, ACCEPT, wanted).code == "not_found"
    clock.travel(timedelta(days=1))
    with app.app_context():
        assert [each.shown_name for each in absences.stands_in_for(person_of(vera))] == ["Boris"]
    clock.travel(timedelta(days=1))
    assert refused(vera, ACCEPT, wanted).code == "not_found"
    assert boris.performs(ACCEPT, wanted).state == "bought"


def test_one_vote_for_both(app: Flask, before_the_board: Case, maria: Character, vera: Character) -> None:
    goes_away(app, maria, vera)
    vera.performs(ACCEPT, before_the_board)
    assert refused(maria, ACCEPT, before_the_board).sentence == "Vera has voted for this already."
    assert refused(maria, REJECT, before_the_board).code == "voted"
    assert refused(vera, ACCEPT, before_the_board).code == "voted"


def test_nobody_has_two_votes_by_standing_in(
    app: Flask, ann: Character, maria: Character, nils: Character, petra: Character, vera: Character, olga: Character
) -> None:
    """Nils has a vote of his own; so Maria, who named him, is asked after all, and of Vera's two only one counts."""
    goes_away(app, maria, nils)
    goes_away(app, petra, vera)
    case = olga.writes("A new building")
    ann.performs("ask_board", case)
    assert sorted(asked(case)) == ["maria@acme.example", "nils@acme.example", "vera@acme.example"]
    nils.performs(ACCEPT, case)
    assert refused(nils, ACCEPT, case).code == "voted", "nor for Maria"
    assert vera.performs(ACCEPT, case).state == "bought"


def test_who_stands_in_for_two_votes_for_one(
    app: Flask, before_the_board: Case, maria: Character, petra: Character, vera: Character
) -> None:
    goes_away(app, maria, vera)
    goes_away(app, petra, vera)
    assert vera.performs(ACCEPT, before_the_board).state == "board_approval"
    assert refused(vera, ACCEPT, before_the_board).code == "voted"
    assert petra.performs(ACCEPT, before_the_board).state == "bought"


def test_it_goes_one_step_only(app: Flask, ann: Character, boris: Character, vera: Character, olga: Character) -> None:
    wendy = hire(app, "wendy@acme.example", "Wendy", roles=["agent"])
    goes_away(app, boris, vera)
    goes_away(app, vera, wendy)
    case = olga.writes("A new printer")
    ann.performs("ask", case)
    assert asked(case) == ["vera@acme.example"]
    assert refused(wendy, ACCEPT, case).code == "not_found"


def test_a_substitute_who_brought_it_there_has_no_vote(
    app: Flask, boris: Character, vera: Character, olga: Character
) -> None:
    goes_away(app, boris, vera)
    case = olga.writes("A new printer")
    vera.performs("ask", case)
    assert asked(case) == ["boris@acme.example"], "he is asked after all"
    assert refused(vera, ACCEPT, case).code == "not_now"


def test_nobody_votes_for_whoever_brought_it_there(
    app: Flask, boris: Character, vera: Character, olga: Character
) -> None:
    goes_away(app, boris, vera)
    case = olga.writes("A new printer")
    boris.performs("ask", case)
    assert asked(case) == []
    assert refused(vera, ACCEPT, case).sentence.startswith("Whoever you stand in for brought the ticket here")


def test_a_substitute_who_does_not_see_the_ticket_is_not_asked(
    app: Flask, ann: Character, boris: Character, nils: Character, olga: Character
) -> None:
    """attack 43: standing in gives no sight"""
    goes_away(app, boris, nils)
    case = olga.writes("A new printer")
    ann.performs("ask", case)
    assert asked(case) == ["boris@acme.example"]
    assert refused(nils, ACCEPT, case).code == "not_found"


def test_an_absence_is_planned_in_the_account_and_taken_back(app: Flask, boris: Character, vera: Character) -> None:
    browser = AtTheDesk(app, boris)
    assert "Vera" in browser.opens("/account/away").text
    today = clock.now().date()
    days = {"first": f"{today}", "last": f"{today + timedelta(days=3)}"}
    assert browser.sends("/account/away", substitute=str(vera.id), **days).status_code == 303
    assert "Vera stands in" in browser.opens("/account/away").text
    assert browser.sends("/account/away", substitute=str(vera.id), **days).status_code == 422, "twice at once"
    with app.app_context():
        (absence,) = absences.ahead(person_of(boris))
    other = AtTheDesk(app, vera)
    assert other.sends(f"/account/away/{absence.id}/back").status_code == 404, "somebody else's"
    assert browser.sends(f"/account/away/{absence.id}/back").status_code == 303
    with app.app_context():
        assert absences.ahead(person_of(boris)) == []


def test_an_administrator_plans_it_for_somebody(app: Flask, boris: Character, vera: Character) -> None:
    ada = AtTheDesk(app, hire(app, "ada@acme.example", "Ada", admin=True))
    path = f"/admin/people/{boris.id}/away"
    assert ada.opens(path).status_code == 200
    today = clock.now().date()
    tomorrow = today + timedelta(days=1)  # today may be over where she lives
    assert ada.sends(path, substitute=str(vera.id), first=f"{today}", last=f"{tomorrow}").status_code == 303
    assert "Vera stands in" in ada.opens(path).text
    with app.app_context():
        (absence,) = absences.ahead(person_of(boris))
    assert ada.sends(f"{path}/{absence.id}/back").status_code == 303
    assert AtTheDesk(app, vera).opens(path).status_code == 404


def test_what_makes_no_sense_is_refused(app: Flask, boris: Character, vera: Character, mallory: Character) -> None:
    for other, days, wrong in (
        (boris, 7, "substitute"),
        (mallory, 7, "substitute"),
        (vera, -1, "ends_at"),
        (vera, 0, "ends_at"),
    ):
        with pytest.raises(Invalid) as refusal:
            goes_away(app, boris, other, days=days)
        assert wrong in refusal.value.problems


def test_nobody_votes_for_somebody_who_does_not_see_the_ticket(
    app: Flask, ann: Character, vera: Character, olga: Character
) -> None:
    """attack 43: whoever would be told that there is no such ticket has no vote that another could give"""
    wendy = hire(app, "wendy@acme.example", "Wendy", roles=["board"])
    goes_away(app, wendy, vera)
    seen, hidden = (f"visible_to: {who}\n        actions: [note, consent" for who in ("[agent, board]", "[agent]"))
    text = DESK.read_text().replace(seen, hidden).replace("by: [board]", "by: [board, manager]")
    with app.app_context():
        rollout.apply({"workflows.yaml": text}, author="a test")
    case = olga.writes("A new building")
    ann.performs("ask_board", case)
    assert refused(wendy, ACCEPT, case).code == "not_found"
    assert refused(vera, ACCEPT, case).code == "not_found"


@pytest.mark.parametrize(("first", "last"), [("2026-11-01", "9999-12-31"), ("0001-01-01", "2030-01-01")])
def test_a_day_at_the_end_of_the_calendar_is_a_slip(
    app: Flask, boris: Character, vera: Character, first: str, last: str
) -> None:
    browser = AtTheDesk(app, boris)
    answer = browser.sends("/account/away", first=first, last=last, substitute=str(vera.id))
    assert answer.status_code == 422
    assert "This day is too far away." in answer.text
