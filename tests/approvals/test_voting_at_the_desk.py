"""The approval on the ticket's page: what is asked, who has consented, and the two buttons (N17)."""

from __future__ import annotations

import re

from click.testing import CliRunner, Result
from flask import Flask

from config import Settings
from helpdesk.cli import root
from tests.approvals.test_asking_for_consent import ACCEPT, REJECT
from tests.at_the_desk import AtTheDesk, hidden_in
from tests.cast import Case, Character
from tests.cli.conftest import environment


def panel(browser: AtTheDesk, case: Case) -> str:
    page = browser.opens(f"/desk/tickets/{case.ref}").text
    found = re.search(r'<section class="consent.*?</section>', page, re.DOTALL)
    return found[0] if found else ""


def votes(browser: AtTheDesk, case: Case, action: str, **values: str) -> int:
    page = browser.opens(f"/desk/tickets/{case.ref}").text
    hidden = hidden_in(page, f"/desk/tickets/{case.ref}/do/{ACCEPT}")
    return browser.sends_form(case, action, hidden, **values).status_code


def test_whoever_may_consent_sees_who_is_asked_and_two_buttons(
    app: Flask, before_the_board: Case, boris: Character
) -> None:
    """boris is of no board; he is told what the ticket waits for and has no button"""
    page = panel(AtTheDesk(app, boris), before_the_board)
    assert "Waits for 2 consents" in page
    assert "0 of 2" in page
    assert [name in page for name in ("Maria", "Nils", "Petra")] == [True] * 3
    assert "<form" not in page


def test_an_approver_votes_with_a_comment(app: Flask, wanted: Case, boris: Character, ann: Character) -> None:
    browser = AtTheDesk(app, boris)
    assert "Waits for one consent" in panel(browser, wanted)
    assert votes(browser, wanted, ACCEPT, message="Buy two.") == 303
    assert wanted.state == "bought"
    story = AtTheDesk(app, ann).opens(f"/desk/tickets/{wanted.ref}").text
    assert "Buy two." in story
    assert "approved by Boris" in story
    assert panel(browser, wanted) == "", "what is decided stands in the history"


def test_a_rejection_needs_its_own_button(app: Flask, wanted: Case, boris: Character) -> None:
    assert votes(AtTheDesk(app, boris), wanted, REJECT) == 303
    assert wanted.state == "dropped"


def test_whoever_brought_it_there_is_told_so(app: Flask, wanted: Case, boris: Character) -> None:
    boris.performs("call_back", wanted)
    boris.performs("ask", wanted)
    page = panel(AtTheDesk(app, boris), wanted)
    assert "You brought the ticket here, so others decide." in page
    assert "Nobody here can consent" in page
    assert "<form" not in page


def test_what_others_have_said_is_shown(app: Flask, before_the_board: Case, maria: Character, nils: Character) -> None:
    maria.performs(ACCEPT, before_the_board)
    page = panel(AtTheDesk(app, nils), before_the_board)
    assert "1 of 2" in page
    assert re.search(r"Maria.*?Approved", page, re.DOTALL)
    assert "You have voted already." in panel(AtTheDesk(app, maria), before_the_board)


def test_a_vote_of_an_old_page_does_not_count_for_another_question(
    app: Flask, wanted: Case, boris: Character, ann: Character
) -> None:
    browser = AtTheDesk(app, boris)
    hidden = hidden_in(browser.opens(f"/desk/tickets/{wanted.ref}").text, f"/desk/tickets/{wanted.ref}/do/{ACCEPT}")
    ann.performs("call_back", wanted)
    ann.performs("ask", wanted, price="9999999")
    assert browser.sends_form(wanted, ACCEPT, hidden).status_code == 409
    assert wanted.state == "approval"


def test_the_same_form_sent_twice_is_one_vote(app: Flask, before_the_board: Case, petra: Character) -> None:
    """attack 96"""
    browser = AtTheDesk(app, petra)
    path = f"/desk/tickets/{before_the_board.ref}/do/{ACCEPT}"
    page = browser.opens(path).text
    hidden = hidden_in(page, path)
    for _ in range(3):
        assert browser.sends_form(before_the_board, ACCEPT, hidden).status_code == 303
    assert before_the_board.story.count("voted") == 1


def test_a_page_without_an_approval_asks_nothing_about_one(app: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("A question")
    assert panel(AtTheDesk(app, ann), case) == ""


def test_a_script_votes_as_a_person(app: Flask, settings: Settings, wanted: Case, boris: Character) -> None:
    def helpdesk(*words: str) -> Result:
        return CliRunner().invoke(root, ["ticket", *words], env=environment(settings), prog_name="helpdesk")

    seen = helpdesk("show", wanted.ref, "--as", boris.email, "--json").output
    assert '"approve:accept"' in seen
    assert "approve:accept" not in helpdesk("show", wanted.ref, "--as", "ann@acme.example", "--json").output
    assert helpdesk("do", wanted.ref, ACCEPT, "--as", "ann@acme.example").exit_code == 4
    done = helpdesk("do", wanted.ref, ACCEPT, "--as", boris.email, "--with", "message=By script.")
    assert done.exit_code == 0, done.output
    assert wanted.state == "bought"
    assert wanted.messages[-1].text == "By script."
    assert helpdesk("do", wanted.ref, ACCEPT, "--as", boris.email).exit_code == 3
