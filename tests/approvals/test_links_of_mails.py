"""Links of mails that vote, rate and reopen: opening one changes nothing, its form does, once (N10, attacks 68, 69)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from helpdesk import clock, timers
from helpdesk.tickets import action_links
from helpdesk.web import limits
from tests.cast import Case, Character, hire
from tests.plugins.post import Post
from tests.visitor import Visitor

ACCEPT = "approve:accept"


def link_to(case: Case, who: str, purpose: str = "approve") -> str:
    """The path of the newest such link mailed to this address."""
    links = [mail.frozen["names"]["links"][purpose] for mail in case.mails if mail.recipient == who]
    return next(link for link in reversed(links) if link).removeprefix("http://desk.example")


def votes(browser: Visitor, path: str, way: str, **more: Any) -> Any:
    browser.opens(path)
    return browser.sends(path, vote=way, **more)


@pytest.fixture
def outside(app: Flask) -> Visitor:
    """Nobody's browser: not signed in, no script."""
    return Visitor(app)


@pytest.fixture
def bought(wanted: Case, boris: Character, ann: Character) -> Case:
    boris.performs(ACCEPT, wanted)
    ann.performs("ask_rating", wanted)
    return wanted


def test_an_approver_consents_from_the_mail(wanted: Case, outside: Visitor, boris: Character) -> None:
    path = link_to(wanted, boris.email)
    page = outside.opens(path)
    assert page.status_code == 200
    assert "€2,500.00" in page.text
    assert "A new printer" in page.text
    answer = votes(outside, path, "accept", comment="Gladly.")
    assert answer.status_code == 200
    assert f"You approved {wanted.ref}." in answer.text
    assert wanted.state == "bought"
    assert wanted.events[2].actor_id == boris.id, "as the one it was mailed to"
    assert wanted.messages[-1].text == "Gladly."


def test_a_scanner_that_follows_the_link_changes_nothing(wanted: Case, outside: Visitor, boris: Character) -> None:
    """attack 68: GET, HEAD and OPTIONS, however often"""
    path, before = link_to(wanted, boris.email), wanted.version
    for _ in range(5):
        assert outside.opens(path).status_code == 200
        assert outside.client.head(path).status_code == 200
        assert outside.client.options(path).status_code == 200
    assert (wanted.version, wanted.state) == (before, "approval")
    assert votes(outside, path, "accept").status_code == 200
    assert wanted.state == "bought"


def test_the_address_of_the_link_is_told_to_nobody(wanted: Case, outside: Visitor, boris: Character) -> None:
    """attack 68: no referrer, no cache, no index; and the page carries no link to elsewhere with it"""
    answer = outside.opens(link_to(wanted, boris.email))
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer.headers["Cache-Control"]
    assert 'content="noindex"' in answer.text


def test_a_vote_without_the_page_is_refused(wanted: Case, outside: Visitor, boris: Character) -> None:
    """attack 67: the form's token is needed, as everywhere"""
    assert outside.client.post(link_to(wanted, boris.email), data={"vote": "accept"}).status_code == 403
    assert wanted.state == "approval"


def test_a_link_works_once(before_the_board: Case, outside: Visitor, maria: Character) -> None:
    path = link_to(before_the_board, maria.email)
    assert votes(outside, path, "accept").status_code == 200
    again = votes(outside, path, "reject")
    assert again.status_code == 409
    assert "You have voted already." in again.text
    assert before_the_board.state == "board_approval"


def test_a_late_link_says_what_happened_meanwhile(
    app: Flask, before_the_board: Case, outside: Visitor, maria: Character, nils: Character, petra: Character
) -> None:
    path = link_to(before_the_board, petra.email)
    maria.performs(ACCEPT, before_the_board)
    nils.performs("approve:reject", before_the_board)
    page = outside.opens(path)
    assert f"{before_the_board.ref} was rejected on" in page.text
    assert "by Nils" in page.text
    assert votes(outside, path, "accept").status_code == 409
    assert before_the_board.state == "dropped"


def test_a_link_of_a_round_that_was_asked_anew_votes_no_more(
    app: Flask, still: None, before_the_board: Case, outside: Visitor, maria: Character
) -> None:
    old = link_to(before_the_board, maria.email)
    clock.travel(timedelta(days=1))
    with app.app_context():
        timers.run_due()
    assert "Use the newer mail" in outside.opens(old).text
    assert votes(outside, old, "reject").status_code == 409
    assert before_the_board.state == "board_approval"
    assert votes(outside, link_to(before_the_board, maria.email), "reject").status_code == 200


def test_a_link_of_a_ticket_that_moved_on_says_so(
    before_the_board: Case, outside: Visitor, maria: Character, ann: Character
) -> None:
    path = link_to(before_the_board, maria.email)
    ann.performs("call_back", before_the_board)
    assert "has moved on meanwhile. It is “New” now." in outside.opens(path).text
    ann.performs("ask_board", before_the_board)
    assert votes(outside, path, "accept").status_code == 409, "another round asks by another mail"


def test_a_link_is_worth_nothing_once_its_owner_is_let_out(
    app: Flask, wanted: Case, outside: Visitor, boris: Character
) -> None:
    """attack 53"""
    from helpdesk.db import writing
    from helpdesk.people import find, staffing

    hire(app, "ada@acme.example", "Ada", admin=True)
    path = link_to(wanted, boris.email)
    with app.app_context(), writing():
        person = find.by_email(boris.email)
        assert person is not None
        staffing.let_out(person)
    assert outside.opens(path).status_code == 404


def test_a_link_is_worth_nothing_without_the_role(app: Flask, wanted: Case, outside: Visitor, boris: Character) -> None:
    from helpdesk.db import writing
    from helpdesk.people import find, staffing

    path = link_to(wanted, boris.email)
    with app.app_context(), writing():
        person = find.by_email(boris.email)
        assert person is not None
        staffing.give(person, roles=["agent"], groups=[])
    assert "You are not asked for this any more." in outside.opens(path).text
    assert votes(outside, path, "accept").status_code == 409
    assert wanted.state == "approval"


def test_whoever_tries_many_links_is_stopped(wanted: Case, outside: Visitor) -> None:
    """attack 47"""
    tries = limits.RULES["one_time_link"].amount
    answers = [outside.opens(f"/link/approve/1-1-1-1999999999-{'a' * 26}").status_code for _ in range(tries + 1)]
    assert set(answers[:-1]) == {404}
    assert answers[-1] == 429


def test_a_link_that_is_cut_off_or_foreign_is_one_clear_sentence(
    app: Flask, wanted: Case, outside: Visitor, boris: Character
) -> None:
    path = link_to(wanted, boris.email)
    for wrong in (path[:-3], path.replace("/approve/", "/rate/"), "/link/approve/x"):
        answer = outside.opens(wrong)
        assert answer.status_code == 404
        assert action_links.WRONG in answer.text


def test_a_customer_rates_with_one_click_and_a_confirmation(bought: Case, outside: Visitor, olga: Character) -> None:
    """W52, WS8: the link in the mail carries the stars; the page shows them, sending it stores them"""
    path = link_to(bought, olga.email, "rate")
    page = outside.opens(f"{path}/4")
    assert re.search(r'value="4" checked', page.text)
    assert bought.fields.get("rating") is None, "opened, not sent"
    answer = outside.sends(f"{path}/4", rating="5", message="Very quick.")
    assert "Your rating is with us." in answer.text
    assert bought.fields["rating"] == 5
    assert bought.story[-1] == "rate"
    assert (bought.messages[-1].text, bought.messages[-1].audience) == ("Very quick.", "public")
    again = outside.sends(f"{path}/1", rating="1")
    assert again.status_code == 409
    assert "used already" in again.text
    assert bought.fields["rating"] == 5
    assert "used already" in outside.opens(path).text


def test_a_rating_is_one_to_five(bought: Case, outside: Visitor, olga: Character) -> None:
    path = link_to(bought, olga.email, "rate")
    outside.opens(f"{path}/9")
    for wrong in ("9", "0", "", "<b>"):
        assert outside.sends(path, rating=wrong).status_code == 422
    assert outside.sends(path, rating="3").status_code == 200


def test_only_the_customer_gets_the_customers_links(bought: Case, ann: Character, boris: Character) -> None:
    asked = {mail.recipient: mail.frozen["names"]["links"] for mail in bought.mails[-2:]}
    assert set(asked) == {"olga@example.org", boris.email}
    assert [bool(links["rate"] or links["reopen"]) for _, links in sorted(asked.items())] == [False, True]


def test_a_customer_reopens_from_the_mail(bought: Case, outside: Visitor, olga: Character, ann: Character) -> None:
    path = link_to(bought, olga.email, "reopen")
    assert outside.opens(path).status_code == 200
    assert bought.state == "bought"
    assert "open again" in outside.sends(path, message="It broke.").text
    assert bought.state == "new"
    assert outside.sends(path).status_code == 409


def test_a_link_whose_action_is_not_possible_now_says_so(
    bought: Case, outside: Visitor, olga: Character, ann: Character
) -> None:
    path = link_to(bought, olga.email, "rate")
    olga.performs("reopen", bought)
    page = outside.opens(path).text
    assert f"{bought.ref} has moved on" in page
    assert f"/my/requests/{bought.ref}" in page, "where they can go on"
    assert outside.sends(path, rating="5").status_code == 409


def test_the_outbox_forgets_the_link_once_it_is_sent(wanted: Case, boris: Character, post: Post) -> None:
    """attack 68: nobody who reads the database later finds a link that votes"""
    link = link_to(wanted, boris.email)
    post.turn()
    letter = next(each for each in post.sink.received if each.recipients == (boris.email,)).message
    body = letter.get_body(("plain",))
    assert body is not None
    assert link in body.get_content()
    assert not any(link in str(mail.frozen) for mail in wanted.mails)
