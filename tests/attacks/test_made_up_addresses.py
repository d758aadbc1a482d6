"""Addresses that no page of ours leads to: each is a wrong address, never an error of ours that fills the log."""

from __future__ import annotations

import pytest
from flask import Flask

from helpdesk.db import session
from helpdesk.errors import NotFound
from helpdesk.people.models import Person
from helpdesk.tickets import policy
from tests.at_the_desk import AtTheDesk
from tests.cast import Character
from tests.visitor import Visitor

HUGE = "9" * 30
NO_ADDRESS = "http://["  # urlsplit refuses it


@pytest.mark.parametrize("about", [f"attachments/{HUGE}", "attachments/2147483648", f"messages/{HUGE}/html"])
def test_a_number_no_row_has_is_nothing_here(app: Flask, ann: Character, olga: Character, about: str) -> None:
    case = olga.writes("Printer on fire")
    assert AtTheDesk(app, ann).opens(f"/desk/tickets/{case.ref}/{about}").status_code == 404


@pytest.mark.parametrize("asked", [f"before={HUGE}", f"before=-{HUGE}", "before=2147483648", "before=x"])
def test_a_page_from_a_number_no_row_has_is_the_first(app: Flask, ann: Character, olga: Character, asked: str) -> None:
    case = olga.writes("Printer on fire")
    anns = AtTheDesk(app, ann)
    for path in (f"/desk/tickets/{case.ref}", "/desk/search?q=printer"):
        answer = anns.opens(path + ("&" if "?" in path else "?") + asked)
        assert answer.status_code == 200
        assert "Printer on fire" in answer.text


@pytest.mark.parametrize(
    "path", ["/desk/tickets/a%00b", "/desk/search?q=a%00b", "/desk/search?q=a%00b@x.example", "/?%00"]
)
def test_a_nul_is_not_asked_for(app: Flask, ann: Character, path: str) -> None:
    assert AtTheDesk(app, ann).opens(path).status_code == 400


def test_an_address_with_a_nul_in_it_signs_nobody_in(app: Flask, olga: Character) -> None:
    browser = Visitor(app)
    browser.opens("/account/sign-in")
    assert browser.sends("/account/sign-in", email="o\0lga@example.org", password="three words").status_code == 422


@pytest.mark.parametrize("name", ["%00", "a" * 300, "css/" + "b" * 300 + ".css"])
def test_a_style_sheet_with_an_impossible_name_is_not_there(app: Flask, name: str) -> None:
    assert Visitor(app).opens(f"/assets/x/{name}").status_code in (400, 404)


def test_a_header_that_is_no_address_says_nothing(app: Flask, ann: Character, olga: Character) -> None:
    case = olga.writes("Printer on fire")
    on_nothing = {"HX-Request": "true", "HX-Current-URL": NO_ADDRESS}
    assert AtTheDesk(app, ann).opens(f"/desk/tickets/{case.ref}", headers=on_nothing).status_code == 200
    assert Visitor(app).opens("/desk/", headers=on_nothing).status_code == 401
    assert Visitor(app).sends("/my/sign-in", headers={"Origin": NO_ADDRESS}, email="a@b.example").status_code == 403


def test_a_ticket_whose_name_has_a_nul_is_not_there(app: Flask, ann: Character) -> None:
    """Asked for in a form, where no address stands in the way."""
    with app.app_context(), pytest.raises(NotFound):
        policy.find(session().get_one(Person, ann.id), "R-1\0")
