"""“Why is a button missing?” on a ticket's page: for oneself, and for administrators in anybody's place (N7)."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.at_the_desk import AtTheDesk
from tests.cast import Character, hire
from tests.routing.desks import agent, in_force


@pytest.fixture
def root(app: Flask) -> Character:
    """An administrator who is an agent as well, so that they see tickets."""
    return hire(app, "root@acme.example", "Root", groups=["front"], admin=True)


def test_the_page_leads_to_its_explanation_and_that_to_every_action(
    app: Flask, olga: Character, ann: Character
) -> None:
    case = olga.writes("Printer on fire")
    browser = AtTheDesk(app, ann)
    place = f"/desk/tickets/{case.ref}/why"
    assert f'href="{place}"' in browser.opens(f"/desk/tickets/{case.ref}").text
    page = browser.opens(place).text
    for heading in ("Buttons that are there", "Buttons that are not", "By itself", "Why it is here"):
        assert heading in page
    assert f'href="{place}?action=receive_payment"' in page
    missing = browser.opens(f"{place}?action=receive_payment").text
    assert "Ann has no button “Receive payment”. It is for Accountant; Ann is Front line." in missing
    assert "“New” does not offer it." in missing
    assert "desk.yaml:45" in missing
    assert browser.opens(f"{place}?action=nothing").status_code == 404


def test_a_customers_words_are_shown_as_words(app: Flask, olga: Character, ann: Character) -> None:
    """Attack 1: what a condition saw may be anybody's text."""
    case = olga.writes("<script>alert(1)</script>")
    page = AtTheDesk(app, ann).opens(f"/desk/tickets/{case.ref}/why?action=quote")
    assert page.status_code == 200
    assert "<script>alert" not in page.text


def test_only_an_administrator_asks_in_somebodys_place(
    app: Flask, olga: Character, ann: Character, kadri: Character, root: Character
) -> None:
    case = olga.writes("Printer on fire")
    place = f"/desk/tickets/{case.ref}/why?action=receive_payment&as="
    assert AtTheDesk(app, ann).opens(place + kadri.email).status_code == 404
    assert AtTheDesk(app, ann).opens(place + ann.email).status_code == 404
    assert "In the place of" not in AtTheDesk(app, ann).opens(place).text
    admin = AtTheDesk(app, root)
    page = admin.opens(place + kadri.email)
    assert "Kadri does not see “New”: that needs Support agent." in page.text
    assert admin.opens(place + olga.email).status_code == 200, "also a customer's"
    assert admin.opens(place + "gone@acme.example").status_code == 404


def test_who_does_not_see_the_ticket_is_told_nothing(
    app: Flask, olga: Character, kadri: Character, mallory: Character
) -> None:
    """Attack 43: not even why."""
    case = olga.writes("Printer on fire")
    for action in ("", "?action=reply", "?action=receive_payment"):
        assert AtTheDesk(app, kadri).opens(f"/desk/tickets/{case.ref}/why{action}").status_code == 404


def test_other_peoples_numbers_are_the_administrators_to_see(
    app: Flask, olga: Character, ann: Character, root: Character
) -> None:
    in_force(app, routing="entry: {by: least_busy, prefer: [last_agent], capacity: {email: 1}}")
    agent(app, "Zeno")
    case, other = olga.writes("One"), olga.writes("Two")
    ann.performs("take", other)
    place = f"/desk/tickets/{case.ref}/why?action=give"
    assert "has 1 of at most 1" in AtTheDesk(app, ann).opens(place).text, "her own"
    assert "Zeno" not in AtTheDesk(app, ann).opens(place).text
    assert "Zeno" in AtTheDesk(app, root).opens(place).text


def test_looking_changes_nothing(app: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Printer on fire")
    version = case.version
    browser = AtTheDesk(app, ann)
    for action in ("", "?action=reply", "?action=forward", "?action=close_silent"):
        assert browser.opens(f"/desk/tickets/{case.ref}/why{action}").status_code == 200
    assert (case.version, len(case.events)) == (version, 2)
