"""Signing in: with a password, with a second step, with a mailed link, and out again."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select, update

from helpdesk import clock
from helpdesk.db import session, writing
from helpdesk.people import find, second_factor
from helpdesk.people.models import Address, Person, SignIn
from tests.cast import Character, hire
from tests.visitor import PASSWORD, Visitor, give_password, mailed_link, without_tokens


@pytest.fixture
def ann_browser(app: Flask, ann: Character) -> Visitor:
    give_password(app, ann.email)
    return Visitor(app)


def code_of(app: Flask, email: str, *, steps: int = 0) -> str:
    with app.app_context():
        person = find.by_email(email)
        assert person is not None
        assert person.totp_secret is not None
        at = clock.now() + timedelta(seconds=30 * steps)
        return pyotp.TOTP(second_factor.secret_of(person.totp_secret)).at(at)


def give_second_step(app: Flask, email: str) -> None:
    with app.app_context(), writing():
        person = find.by_email(email)
        assert person
        person.totp_secret = second_factor.new_seed()


def test_an_agent_signs_in_and_comes_back_to_the_page_she_wanted(ann_browser: Visitor, ann: Character) -> None:
    asked = ann_browser.opens("/account/password")
    assert asked.status_code == 303
    assert asked.location == "/account/sign-in?next=/account/password"
    signed_in = ann_browser.signs_in(ann.email, next="/account/password")
    assert signed_in.status_code == 303
    assert signed_in.location == "/account/password"
    assert "Where you are signed in" in ann_browser.opens("/account/password").text


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(ann_browser: Visitor, ann: Character) -> None:
    """attack 61"""
    wrong = ann_browser.signs_in(ann.email, "not the right words")
    unknown = ann_browser.signs_in("nobody@acme.example", "not the right words")
    assert (wrong.status_code, unknown.status_code) == (422, 422)
    assert wrong.text.count("do not go together") == unknown.text.count("do not go together") == 1
    assert len(wrong.text) == len(unknown.text) + len(ann.email) - len("nobody@acme.example")


def test_the_second_step_is_turned_on_and_then_asked_for(app: Flask, ann_browser: Visitor, ann: Character) -> None:
    ann_browser.signs_in(ann.email)
    page = ann_browser.opens("/account/two-factor/set-up")
    secret = page.text.split('<code class="secret">')[1].split("<")[0].replace(" ", "")
    assert "<svg" in page.text
    assert "style=" not in page.text.split('class="qr"')[1].split("</div>")[0]
    code = pyotp.TOTP(secret).at(clock.now())
    refused = ann_browser.sends("/account/two-factor/set-up", code=code, password="a guess at it")
    assert refused.status_code == 422
    assert ann_browser.sends("/account/two-factor/set-up", code=code, password=PASSWORD).status_code == 303
    with app.app_context():
        assert secret not in str(session().execute(select(Person.totp_secret)).all())

    elsewhere = Visitor(app)
    assert elsewhere.signs_in(ann.email).location == "/account/two-factor"
    assert elsewhere.opens("/account/password").location.startswith("/account/sign-in")
    assert elsewhere.sends("/account/two-factor", code="000000").status_code == 422
    entered = elsewhere.sends("/account/two-factor", code=code_of(app, ann.email, steps=1))
    assert (entered.status_code, entered.location) == (303, "/desk/")
    assert elsewhere.opens("/account/password").status_code == 200


def test_the_second_step_is_turned_off_with_a_last_code(app: Flask, ann_browser: Visitor, ann: Character) -> None:
    ann_browser.signs_in(ann.email)
    give_second_step(app, ann.email)
    ann_browser.opens("/account/two-factor/off")
    assert ann_browser.sends("/account/two-factor/off", code="123").status_code == 422
    assert ann_browser.sends("/account/two-factor/off", code=code_of(app, ann.email)).status_code == 303
    assert Visitor(app).signs_in(ann.email).location == "/desk/"


def test_a_new_password_ends_every_other_sign_in(app: Flask, ann_browser: Visitor, ann: Character) -> None:
    ann_browser.signs_in(ann.email)
    elsewhere = Visitor(app)
    elsewhere.signs_in(ann.email)
    new = "quite another sentence"
    ann_browser.opens("/account/password")
    wrong = ann_browser.sends("/account/password", current="a guess at it", password=new, again=new)
    assert wrong.status_code == 422
    changed = ann_browser.sends("/account/password", current=PASSWORD, password=new, again=new)
    assert changed.status_code == 303
    assert ann_browser.opens("/account/password").status_code == 200
    assert elsewhere.opens("/account/password").status_code == 303
    assert Visitor(app).signs_in(ann.email).status_code == 422
    assert Visitor(app).signs_in(ann.email, new).status_code == 303


def test_a_forgotten_password_is_replaced_by_a_mailed_link(app: Flask, ann_browser: Visitor, ann: Character) -> None:
    signed_in = Visitor(app)
    signed_in.signs_in(ann.email)
    ann_browser.opens("/account/forgotten")
    assert "is on its way" in ann_browser.sends("/account/forgotten", email=ann.email).text
    path = mailed_link(app, ann.email)
    assert path.startswith("/account/reset/")
    assert "for ann@acme.example" in ann_browser.opens(path).text
    assert ann_browser.sends(path, password="short", again="short").status_code == 422
    new = "something entirely new"
    assert ann_browser.sends(path, password=new, again=new).location == "/desk/"
    assert ann_browser.opens("/account/password").status_code == 200
    assert signed_in.opens("/account/password").status_code == 303, "the old sign-ins are ended"
    assert Visitor(app).opens(path).status_code == 404, "the link works once"
    with app.app_context():
        proven = session().scalar(select(Address.verified_at).where(Address.value == ann.email))
    assert proven is not None


def test_signing_out_everywhere_ends_all_browsers(app: Flask, ann_browser: Visitor, ann: Character) -> None:
    elsewhere = Visitor(app)
    for browser in (ann_browser, elsewhere):
        browser.signs_in(ann.email)
    assert ann_browser.sends("/account/sign-out-everywhere").status_code == 303
    for browser in (ann_browser, elsewhere):
        assert browser.opens("/account/password").status_code == 303


def test_a_sign_in_ends_by_itself(app: Flask, ann_browser: Visitor, ann: Character) -> None:
    ann_browser.signs_in(ann.email)
    with app.app_context(), writing() as here:
        here.execute(update(SignIn).values(expires_at=clock.now()))
    assert ann_browser.opens("/account/password").status_code == 303


def test_a_disabled_agent_is_out_at_once(app: Flask, ann_browser: Visitor, ann: Character) -> None:
    """attack 53"""
    ann_browser.signs_in(ann.email)
    with app.app_context(), writing():
        find.by_email(ann.email).disabled_at = clock.now()  # type: ignore[union-attr]
    assert ann_browser.opens("/account/password").status_code == 303
    assert Visitor(app).signs_in(ann.email).status_code == 422


def test_a_customer_signs_in_by_a_mailed_link(app: Flask, olga: Character) -> None:
    olga.writes("Printer on fire")
    browser = Visitor(app)
    asked = browser.opens("/my/requests")
    assert asked.location == "/my/sign-in?next=/my/requests"
    sent = browser.sends("/my/sign-in", email=olga.email)
    assert "a link is on its way" in sent.text
    path = mailed_link(app, olga.email)
    assert "olga@example.org" in browser.opens(path).text
    assert browser.sends(path).location == "/my/"
    assert "Printer on fire" in browser.opens("/my/requests").text
    assert browser.opens("/account/password").status_code == 404, "the desk is not there for a customer"


def test_a_stranger_gets_the_same_page_and_no_mail(app: Flask, olga: Character) -> None:
    """attack 61"""
    olga.writes("Printer on fire")
    browser = Visitor(app)
    browser.opens("/my/sign-in")
    known = browser.sends("/my/sign-in", email="olga@example.org")
    strange = browser.sends("/my/sign-in", email="igor@example.org")
    assert (known.status_code, strange.status_code) == (200, 200)
    assert without_tokens(known.text).replace("olga@", "igor@") == without_tokens(strange.text)
    assert mailed_link(app, "olga@example.org")
    assert not mailed_link(app, "igor@example.org")


def test_staff_get_no_link_that_signs_in(app: Flask, ann: Character) -> None:
    """attack 75"""
    browser = Visitor(app)
    browser.opens("/my/sign-in")
    browser.sends("/my/sign-in", email=ann.email)
    assert mailed_link(app, ann.email) == "/account/sign-in"


def test_an_agent_reads_her_own_requests_while_at_the_desk(app: Flask, ann_browser: Visitor, ann: Character) -> None:
    ann.writes("My chair is broken")
    ann_browser.signs_in(ann.email)
    assert "My chair is broken" in ann_browser.opens("/my/requests").text


def test_a_link_from_before_is_no_use_once_its_owner_works_here(app: Flask, olga: Character) -> None:
    """attack 75"""
    olga.writes("Printer on fire")
    browser = Visitor(app)
    browser.opens("/my/sign-in")
    browser.sends("/my/sign-in", email=olga.email)
    path = mailed_link(app, olga.email)
    browser.opens(path)
    hire(app, olga.email, "Olga", groups=["front"])
    assert browser.sends(path).status_code == 404
    assert browser.opens("/my/requests").status_code == 303
