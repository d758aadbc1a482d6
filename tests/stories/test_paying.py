"""A customer is asked for money, and pays: the page, the ledger, and what happens to money nobody expected."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk import alarms, clock
from helpdesk.actions.request_payment import _amount
from helpdesk.db import session
from helpdesk.delivery import payments, signing
from helpdesk.delivery.drivers.payments_local import LocalPayments
from helpdesk.errors import Invalid
from helpdesk.tickets.payments import AskedPayment, PaymentNotice
from tests import outside_desk
from tests.at_the_desk import AtTheDesk
from tests.cast import Case, Character
from tests.meanwhile import meanwhile
from tests.plugins.post import Post
from tests.visitor import Visitor


@pytest.fixture
def case(app: Flask, post: Post, olga: Character, ann: Character) -> Case:
    """A repair that was quoted at 120.00 EUR."""
    outside_desk.adopt(app)
    case = olga.writes("Broken lamp")
    ann.performs("quote", case, price="120")
    return case


def link_in(post: Post, number: int = -1) -> str:
    """The path of the link in the newest mail to Olga."""
    words = post.to("olga@example.org")[number].message.get_body(["plain"]).get_content()  # type: ignore[union-attr]
    return "/link/pay/" + words.partition("/link/pay/")[2].split()[0]


def pays(browser: Visitor, path: str) -> Any:
    return browser.sends(path)


def asked(app: Flask) -> list[tuple[str, str, str]]:
    with app.app_context():
        rows = session().scalars(select(AskedPayment).order_by(AskedPayment.id))
        return [(str(row.amount), str(row.received), row.closed_as) for row in rows]


def notice(app: Flask, said: Any, *, name: str = "evt_1", secret: str = "", age: timedelta = timedelta()) -> Any:
    """A call of the provider, signed."""
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    with app.app_context():
        key = secret or LocalPayments().secret()
        headers = signing.sign(key, id=name, at=clock.now() - age, body=body)
    return app.test_client().post("/link/pay/notice", data=body, headers=headers)


def paid(amount: str, *, number: int = 1, **more: Any) -> dict[str, Any]:
    return {"type": "payment.received", "data": {"asked": number, "amount": amount, "currency": "EUR", **more}}


def test_a_customer_pays_by_the_link_in_the_mail(app: Flask, post: Post, case: Case) -> None:
    post.turn()
    path = link_in(post)
    browser = Visitor(app)
    page = unescape(browser.opens(path).text)
    assert "Please pay €120.00" in page
    assert "Broken lamp" in page
    assert "no money moves" in page
    assert asked(app) == [("120.00", "0", "")], "looking pays nothing (attack 68)"
    done = pays(browser, path)
    assert done.status_code == 200
    assert "We received €120.00" in done.text
    assert case.state == "paid"
    (line,) = case.payments
    assert (str(line.amount), line.currency, line.method, line.reference) == ("120.00", "EUR", "card", "LOCAL-1")
    assert case.story[-1] == "receive"
    assert asked(app) == [("120.00", "120.00", "paid")]
    assert "Nothing is left to pay" in browser.opens(path).text
    post.turn()
    assert "We received 120.00 EUR." in str(post.to("olga@example.org")[-1].message)


def test_pressing_twenty_times_at_once_pays_once(app: Flask, post: Post, case: Case) -> None:
    """attack 96"""
    post.turn()
    path = link_in(post)
    browsers = [Visitor(app, ip=f"198.51.100.{number}") for number in range(20)]
    for browser in browsers:
        browser.opens(path)
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda b=b: statuses.append(pays(b, path).status_code)) for b in browsers]  # type: ignore[misc]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(case.payments) == 1
    assert case.story.count("receive") == 1
    assert statuses.count(200) == 20


def test_the_cabinet_says_what_is_to_be_paid_and_leads_there(app: Flask, post: Post, case: Case) -> None:
    browser = Visitor(app)
    browser.signs_in_to_the_cabinet("olga@example.org")
    page = unescape(browser.opens(f"/my/requests/{case.ref}").text)
    assert "Please pay €120.00" in page
    path = "/link/pay/" + page.partition("/link/pay/")[2].split('"')[0]
    assert "Please pay €120.00" in unescape(browser.opens(path).text)
    pays(browser, path)
    assert "Please pay" not in browser.opens(f"/my/requests/{case.ref}").text


def test_a_part_leaves_the_rest_to_pay(app: Flask, post: Post, case: Case, ann: Character, kadri: Character) -> None:
    kadri.performs("receive", case, amount="50", method="cash")
    assert asked(app) == [("120.00", "50", "")]
    page = AtTheDesk(app, ann).opens(f"/desk/tickets/{case.ref}").text
    assert "€70.00" in page
    assert "received, Cash" in page


def test_a_new_request_replaces_the_old(app: Flask, post: Post, case: Case, ann: Character) -> None:
    post.turn()
    old = link_in(post)
    ann.performs("quote", case, price="80.50")
    assert asked(app) == [("120.00", "0", "replaced"), ("80.50", "0", "")]
    assert "Please pay €80.50" in Visitor(app).opens(old).text, "the older link asks for what is asked now"


def test_what_is_no_amount_is_not_asked(app: Flask, post: Post, case: Case, ann: Character, boris: Character) -> None:
    ann.performs("close", case)
    boris.performs("reopen", case)
    before = len(asked(app))
    ann.performs("quote", case, price="")
    assert case.story[-2:] == ["quote", "refused"]
    assert case.events[-1].data["why"] == "There is no amount above 0 to ask for, so nothing was asked."
    assert len(asked(app)) == before
    with app.app_context():
        assert any("could not run by itself" in alarm.sentence for alarm in alarms.standing())


def test_the_button_is_there_only_where_the_state_takes_money(
    app: Flask, post: Post, case: Case, ann: Character
) -> None:
    post.turn()
    path = link_in(post)
    ann.performs("close", case)
    browser = Visitor(app)
    assert "do not wait for a payment" in browser.opens(path).text
    pays(browser, path)
    assert case.payments == []


def test_a_desk_that_does_real_work_pretends_nothing(app: Flask, post: Post, case: Case) -> None:
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], env="production")
    post.turn()
    browser = Visitor(app)
    path = link_in(post)
    page = browser.opens(path).text
    assert "Pretend" not in page
    assert "not set up yet" in page
    assert pays(browser, path).status_code == 409
    assert case.payments == []


def test_nobody_elses_mail_has_the_link(app: Flask, post: Post, case: Case, mallory: Character) -> None:
    """attack 68: it is signed for one person and one ticket"""
    post.turn()
    path = link_in(post)
    ticket, person, *rest = path.removeprefix("/link/pay/").split("-")
    assert Visitor(app).opens("/link/pay/" + "-".join([ticket, str(int(person) + 1), *rest])).status_code == 404


# What a provider says


def test_a_signed_notice_is_money(app: Flask, post: Post, case: Case) -> None:
    assert notice(app, paid("120.00", reference="A-1")).status_code == 204
    assert [(str(line.amount), line.reference) for line in case.payments] == [("120.00", "A-1")]
    assert case.state == "paid"


def test_the_same_notice_twice_is_money_once(app: Flask, post: Post, case: Case) -> None:
    """attack 97: an id is seen once"""
    for _ in range(3):
        assert notice(app, paid("50")).status_code == 204
    assert len(case.payments) == 1


@pytest.mark.parametrize("how", ["unsigned", "wrong secret", "old", "from the future", "a space more", "another id"])
def test_a_notice_that_is_forged_old_or_changed_is_nothing(app: Flask, post: Post, case: Case, how: str) -> None:
    """attack 97"""
    client = app.test_client()
    body = json.dumps(paid("120.00")).encode()
    if how == "unsigned":
        answer = client.post("/link/pay/notice", data=body)
    elif how == "wrong secret":
        answer = notice(app, body, secret="another secret, just as long as it must be")
    elif how in ("old", "from the future"):
        minutes = timedelta(minutes=5, seconds=5)
        answer = notice(app, body, age=minutes if how == "old" else -minutes)
    else:
        with app.app_context():
            headers = signing.sign(LocalPayments().secret(), id="evt_1", at=clock.now(), body=body)
        if how == "another id":
            headers["webhook-id"] = "evt_2"
        answer = client.post("/link/pay/notice", data=body + b" " * (how == "a space more"), headers=headers)
    assert answer.status_code == 401
    assert case.payments == []
    with app.app_context():
        assert session().scalars(select(PaymentNotice)).all() == []


@pytest.mark.parametrize(
    "odd",
    [
        *(b"", b"no json", b"[]", b'{"data": 1}'),
        *(paid("-1"), paid("NaN"), paid("1e99"), paid("1", number=-1), paid("x")),
        *(paid("1", currency="\0\0\0"), paid("1", currency="\ud800" * 3)),  # no database keeps these
    ],
)
def test_a_signed_notice_that_says_nothing_is_refused(app: Flask, post: Post, case: Case, odd: Any) -> None:
    assert notice(app, odd).status_code == 422
    assert case.payments == []


@pytest.mark.parametrize("why", ["a state that expects none", "another currency", "a request nobody made", "too exact"])
def test_money_that_nobody_expected_is_never_lost(app: Flask, post: Post, case: Case, ann: Character, why: str) -> None:
    said = paid("120.00", reference="A-1")
    if why == "a state that expects none":
        ann.performs("close", case)
    said["data"]["currency"] = "USD" if why == "another currency" else "EUR"
    said["data"]["asked"] = 999 if why == "a request nobody made" else 1
    said["data"]["amount"] = "120.005" if why == "too exact" else "120.00"
    assert notice(app, said).status_code == 204
    assert case.payments == []
    with app.app_context():
        (kept,) = session().scalars(select(PaymentNotice))
        assert (kept.reference, bool(kept.outcome)) == ("A-1", True)
        assert [alarm.subject for alarm in alarms.standing()] == ["payment:evt_1"]
    if why != "a request nobody made":
        assert case.story[-1] == "refused"
        assert "came and is not in the ledger" in case.events[-1].data["why"]


def test_a_provider_is_only_heard_where_the_file_has_one(app: Flask) -> None:
    with app.app_context():
        assert payments.driver() is None
    assert app.test_client().post("/link/pay/notice", data=b"{}").status_code == 404


def test_an_amount_is_rounded_to_cents() -> None:
    assert str(_amount(Decimal("14.385"))) == "14.39"
    for nothing in (True, "12", None, Decimal("0.004"), Decimal("NaN"), Decimal(-1)):
        with pytest.raises(Invalid):
            _amount(nothing)


def test_two_payments_at_the_same_moment_both_count(app: Flask, case: Case) -> None:
    """Attack 96: neither is counted from what was there before the other."""

    def half(name: str) -> object:
        return payments.take(payments.Paid(name, 1, Decimal(60), "EUR", ""))

    meanwhile(app, lambda: half("evt_1"), lambda: half("evt_2"))
    ((_amount, received, closed_as),) = asked(app)
    assert (Decimal(received), closed_as) == (Decimal(120), "paid")
