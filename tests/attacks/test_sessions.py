"""Sessions and what opens them: attacks 34, 61, 65-68, 70-75."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pyotp
import pytest
from flask import Flask
from sqlalchemy import func, select, update

from helpdesk import clock
from helpdesk.db import session, writing
from helpdesk.people import find, passwords, second_factor
from helpdesk.people.models import OneTimeLink, Person, SignIn
from helpdesk.tickets.models import Delivery
from helpdesk.web.redirects import safe_next
from tests.cast import Character, hire
from tests.visitor import PASSWORD, Visitor, do_jobs, give_password, mailed_link


@pytest.fixture
def ann_browser(app: Flask, ann: Character) -> Visitor:
    give_password(app, ann.email)
    return Visitor(app)


@pytest.fixture
def link(app: Flask, olga: Character) -> str:
    """The path of a fresh link that was mailed to Olga."""
    olga.writes("Printer on fire")
    asking = Visitor(app)
    asking.opens("/my/sign-in")
    asking.sends("/my/sign-in", email=olga.email)
    return mailed_link(app, olga.email)


def cookie_of(browser: Visitor) -> str:
    found = browser.client.get_cookie("session")
    assert found is not None
    return found.value


# --- attack 65: fixation ----------------------------------------------------------------------------------------------


def test_a_cookie_from_before_is_not_signed_in_after(app: Flask, ann_browser: Visitor, ann: Character) -> None:
    ann_browser.opens("/account/sign-in")
    planted = cookie_of(ann_browser)
    ann_browser.signs_in(ann.email)
    assert cookie_of(ann_browser) != planted
    thief = Visitor(app)
    thief.client.set_cookie("session", planted)
    assert thief.opens("/account/password").status_code == 303


def test_the_second_step_gives_a_new_token_too(app: Flask, ann_browser: Visitor, ann: Character) -> None:
    turn_on_second_step(app, ann.email)
    ann_browser.signs_in(ann.email)
    half = cookie_of(ann_browser)
    ann_browser.sends("/account/two-factor", code=code_of(app, ann.email))
    thief = Visitor(app)
    thief.client.set_cookie("session", half)
    assert thief.opens("/account/password").status_code == 303
    assert thief.opens("/account/two-factor").location == "/account/sign-in"


def test_a_session_signed_out_is_dead_wherever_its_cookie_was_copied(
    app: Flask, ann_browser: Visitor, ann: Character
) -> None:
    ann_browser.signs_in(ann.email)
    copied = cookie_of(ann_browser)
    ann_browser.sends("/account/sign-out")
    thief = Visitor(app)
    thief.client.set_cookie("session", copied)
    assert thief.opens("/account/password").status_code == 303


def test_the_database_holds_no_token(app: Flask, ann_browser: Visitor, ann: Character) -> None:
    """attacks 48 and 73"""
    ann_browser.signs_in(ann.email)
    with ann_browser.client.session_transaction() as cookie:
        token = cookie["token"]
    assert len(token) >= 43
    with app.app_context():
        rows = session().execute(select(SignIn.token_hash, Person.password_hash).join(Person)).all()
    assert token not in str(rows)
    assert PASSWORD not in str(rows)
    assert Visitor(app).signs_in(ann.email, str(rows[0][1])).status_code == 422, "the hash is no password"


# --- attack 67: forged requests ---------------------------------------------------------------------------------------


def test_no_form_is_taken_without_its_own_token(app: Flask, ann_browser: Visitor, ann: Character) -> None:
    """missing, made up, and another session's; signing in and out included"""
    ann_browser.signs_in(ann.email)
    stranger = Visitor(app)
    stranger.opens("/")
    posts = (
        "/account/sign-in",
        "/account/sign-out",
        "/account/sign-out-everywhere",
        "/account/password",
        "/my/sign-in",
    )
    for path in posts:
        for token in (None, "", "made-up", stranger.token):
            data = {"email": ann.email, "password": PASSWORD} | ({} if token is None else {"csrf_token": token})
            assert ann_browser.client.post(path, data=data).status_code == 403, (path, token)
    assert ann_browser.opens("/account/password").status_code == 200


@pytest.mark.parametrize(
    "sign",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://desk.example.evil.example"},
    ],
)
def test_another_sites_form_is_refused_even_with_the_token(
    ann_browser: Visitor, ann: Character, sign: dict[str, str]
) -> None:
    ann_browser.signs_in(ann.email)
    assert ann_browser.sends("/account/sign-out", headers=sign).status_code == 403
    assert ann_browser.opens("/account/password").status_code == 200
    assert ann_browser.sends("/account/sign-out", headers={"Origin": "http://desk.example"}).status_code == 303


def test_a_token_of_before_signing_in_is_no_good_after(ann_browser: Visitor, ann: Character) -> None:
    ann_browser.opens("/account/sign-in")
    before = ann_browser.token
    ann_browser.signs_in(ann.email)
    ann_browser.token = before
    assert ann_browser.sends("/account/sign-out-everywhere").status_code == 403


# --- attack 68: the mailed link ---------------------------------------------------------------------------------------


def test_opening_the_link_takes_nothing_and_pressing_takes_it_once(app: Flask, link: str) -> None:
    scanner, olga_browser = Visitor(app), Visitor(app)
    for _ in range(5):
        assert scanner.opens(link).status_code == 200
    assert scanner.client.head(link).status_code == 200
    page = olga_browser.opens(link)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert olga_browser.sends(link).status_code == 303
    assert olga_browser.opens("/my/requests").status_code == 200
    again = scanner.sends(link)
    assert again.status_code == 404
    assert again.headers["Referrer-Policy"] == "no-referrer"
    assert scanner.opens("/my/requests").status_code == 303


def test_of_two_presses_at_once_one_signs_in(app: Flask, link: str) -> None:
    browsers = [Visitor(app) for _ in range(6)]
    for browser in browsers:
        browser.opens(link)
    start = Barrier(len(browsers))

    def press(browser: Visitor) -> int:
        start.wait()
        return browser.sends(link).status_code

    with ThreadPoolExecutor(len(browsers)) as pool:
        answers = sorted(pool.map(press, browsers))
    assert answers == [303, 404, 404, 404, 404, 404]
    with app.app_context():
        assert session().scalar(select(func.count()).select_from(SignIn)) == 1


def test_a_newer_link_ends_the_older_and_ten_minutes_end_any(app: Flask, link: str, olga: Character) -> None:
    browser = Visitor(app)
    browser.opens("/my/sign-in")
    browser.sends("/my/sign-in", email=olga.email)
    newer = mailed_link(app, olga.email)
    assert newer != link
    assert browser.opens(link).status_code == 404
    with app.app_context(), writing() as here:
        rows = here.scalars(select(OneTimeLink)).all()
        assert all(row.expires_at - row.created_at <= timedelta(minutes=10) for row in rows)
        here.execute(update(OneTimeLink).values(expires_at=clock.now()))
    assert browser.opens(newer).status_code == 404
    assert browser.sends(newer).status_code == 404


@pytest.mark.parametrize("token", ["%", "_", "%20", "[]", "null", "0", "' OR 1=1 --", "a" * 5000])
def test_no_trick_of_spelling_opens_a_link(app: Flask, link: str, token: str) -> None:
    """attack 49"""
    browser = Visitor(app)
    assert browser.opens(f"/my/sign-in/{token}").status_code == 404
    assert browser.sends(f"/my/sign-in/{token}").status_code == 404


def test_a_reset_is_killed_by_what_changes_the_password(app: Flask, ann_browser: Visitor, ann: Character) -> None:
    """attack 50"""
    ann_browser.opens("/account/forgotten")
    ann_browser.sends("/account/forgotten", email=ann.email)
    path = mailed_link(app, ann.email)
    ann_browser.signs_in(ann.email)
    new = "quite another sentence"
    ann_browser.opens("/account/password")
    assert ann_browser.sends("/account/password", current=PASSWORD, password=new, again=new).status_code == 303
    assert Visitor(app).opens(path).status_code == 404


# --- attacks 34 and 71: bursts ----------------------------------------------------------------------------------------


def test_a_burst_of_asking_is_at_most_three_mails(app: Flask, olga: Character) -> None:
    olga.writes("Printer on fire")
    answers = set()
    for number in range(12):
        browser = Visitor(app, ip=f"203.0.113.{number}")
        browser.opens("/my/sign-in")
        answer = browser.sends("/my/sign-in", email=olga.email)
        answers.add((answer.status_code, re.sub(r'content="[^"]+"', "", answer.text)))
    assert len(answers) == 1, "the answer never tells"
    do_jobs(app, "mail_link")
    with app.app_context():
        mails = select(func.count()).where(Delivery.recipient == olga.email, Delivery.role == "account")
        assert session().scalar(mails) == 3


def test_every_way_to_be_mailed_a_link_counts_for_the_address(app: Flask, ann: Character) -> None:
    """A link to sign in and one for a forgotten password, in turn and however the address is written."""
    give_password(app, ann.email)
    for number in range(4):
        browser = Visitor(app, ip=f"203.0.113.{number}")
        browser.opens("/my/sign-in")
        browser.sends("/my/sign-in", email=ann.email.upper())
        browser.opens("/account/reset")
        browser.sends("/account/reset", email=f" {ann.email} ")
    do_jobs(app, "mail_link")
    with app.app_context():
        mails = select(func.count()).where(Delivery.role == "account")
        assert session().scalar(mails) == 3


def test_one_network_asks_for_twenty_links_an_hour(app: Flask) -> None:
    browser = Visitor(app)
    browser.opens("/my/sign-in")
    codes = [browser.sends("/my/sign-in", email=f"p{number}@example.org").status_code for number in range(25)]
    assert codes == [200] * 20 + [429] * 5
    refused = browser.sends("/my/sign-in", email="p@example.org")
    assert 0 < int(refused.headers["Retry-After"]) <= 3600


def test_guessing_is_stopped_and_the_owner_still_gets_in_from_elsewhere(
    app: Flask, ann: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_password(app, ann.email)
    thief = Visitor(app, ip="203.0.113.66")
    thief.opens("/account/sign-in")
    codes = [thief.sends("/account/sign-in", email=ann.email, password=f"a guess {n}").status_code for n in range(8)]
    assert codes == [422] * 5 + [429] * 3
    assert thief.sends("/account/sign-in", email=ann.email.upper(), password=PASSWORD).status_code == 429
    assert Visitor(app, ip="198.51.100.1").signs_in(ann.email).status_code == 303


def test_a_huge_password_costs_nothing(app: Flask, ann_browser: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """attack 72: nothing is hashed, however often"""

    def no_hash(*_: object) -> None:
        raise AssertionError("It was hashed.")

    monkeypatch.setattr(passwords, "_nobodys", no_hash)
    browser = Visitor(app)
    browser.opens("/account/sign-in")
    long = browser.sends("/account/sign-in", email="x@example.org", password="x" * (passwords.LONGEST + 1))
    assert long.status_code == 422
    assert browser.sends("/account/sign-in", email="x@example.org", password="x" * 10_000_000).status_code == 413


def test_nobody_costs_a_hash_like_somebody(app: Flask, ann: Character, monkeypatch: pytest.MonkeyPatch) -> None:
    """attacks 61 and 74: the work is the same for an unknown address, a person without a password, and a wrong one"""
    give_password(app, ann.email)
    checked: list[str] = []
    verify = passwords._hasher.verify

    class Counting:
        hash = staticmethod(passwords._hasher.hash)

        @staticmethod
        def verify(kept: str, password: str) -> bool:
            checked.append(kept.split("$")[3])
            return verify(kept, password)

    monkeypatch.setattr(passwords, "_hasher", Counting)
    for email in ("nobody@example.org", ann.email):
        assert Visitor(app).signs_in(email, "a guess at it").status_code == 422
    assert len(checked) == 2
    assert checked[0] == checked[1], "the same cost parameters"


# --- attack 70: open redirects ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "evil",
    [
        "//evil.example", "/\\evil.example", "https:evil.example", "https://evil.example", "%2f%2fevil.example",
        "/\t/evil.example", "\t//evil.example", " //evil.example", "\\\\evil.example", "javascript:alert(1)",
        "/\n/evil.example", "evil.example", "///evil.example", "",
    ],
)  # fmt: skip
def test_nobody_is_led_away(ann_browser: Visitor, ann: Character, evil: str) -> None:
    assert safe_next(evil) == "/"
    assert ann_browser.signs_in(ann.email, next=evil).location == "/desk/"
    assert ann_browser.opens("/account/sign-in", query_string={"next": evil}).location == "/desk/"


# --- attack 75: the second step on every path -------------------------------------------------------------------------


def turn_on_second_step(app: Flask, email: str) -> None:
    with app.app_context(), writing():
        person = find.by_email(email)
        assert person is not None
        person.totp_secret = second_factor.new_seed()


def code_of(app: Flask, email: str, *, steps: int = 0) -> str:
    with app.app_context():
        person = find.by_email(email)
        assert person is not None
        assert person.totp_secret is not None
        return pyotp.TOTP(second_factor.secret_of(person.totp_secret)).at(clock.now() + timedelta(seconds=30 * steps))


def test_a_reset_does_not_go_around_the_second_step(app: Flask, ann_browser: Visitor, ann: Character) -> None:
    turn_on_second_step(app, ann.email)
    ann_browser.opens("/account/forgotten")
    ann_browser.sends("/account/forgotten", email=ann.email)
    path = mailed_link(app, ann.email)
    ann_browser.opens(path)
    new = "something entirely new"
    assert ann_browser.sends(path, password=new, again=new).location == "/account/two-factor"
    assert ann_browser.opens("/account/password").status_code == 303
    assert ann_browser.opens("/my/requests").status_code == 303


def test_a_cabinets_sign_in_opens_no_desk_even_when_its_owner_works_here(app: Flask, olga: Character) -> None:
    olga.writes("Printer on fire")
    browser = Visitor(app)
    browser.signs_in_to_the_cabinet(olga.email)
    hire(app, olga.email, "Olga", groups=["front"], admin=True)
    assert browser.opens("/my/requests").status_code == 200
    for path in ("/desk/", "/account/password", "/admin/people"):
        assert browser.opens(path).status_code == 404


def test_a_code_works_once_and_an_older_one_never_after(app: Flask, ann_browser: Visitor, ann: Character) -> None:
    turn_on_second_step(app, ann.email)
    code, older = code_of(app, ann.email), code_of(app, ann.email, steps=-1)
    ann_browser.signs_in(ann.email)
    assert ann_browser.sends("/account/two-factor", code=code).status_code == 303
    thief = Visitor(app)
    thief.signs_in(ann.email)
    assert thief.sends("/account/two-factor", code=code).status_code == 422
    assert thief.sends("/account/two-factor", code=older).status_code == 422


def test_the_second_step_is_tried_five_times(app: Flask, ann: Character) -> None:
    """From anywhere: whoever comes this far knew the password."""
    give_password(app, ann.email)
    turn_on_second_step(app, ann.email)
    codes = []
    for number in range(7):
        thief = Visitor(app, ip=f"203.0.113.{number}")
        thief.signs_in(ann.email)
        codes.append(thief.sends("/account/two-factor", code="000000").status_code)
    assert codes == [422] * 5 + [429] * 2
