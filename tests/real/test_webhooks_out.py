"""Webhooks: what a call says, how it is signed and tried, and that one that fails holds up nothing else (fault 32)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from helpdesk import alarms, clock
from helpdesk.db import session
from helpdesk.delivery import attempts
from helpdesk.delivery.targets import WebhookTarget
from helpdesk.tickets.models import Delivery
from helpdesk.worker import Worker
from tests import outside_desk
from tests.cast import Case, Character
from tests.plugins.post import Post
from tests.servers.http_sink import DRIP, HANG, HttpSink
from tests.servers.process import free_port, wait_until

SECRET = "a secret of the tests, long enough"


@pytest.fixture
def desk(app: Flask, http_sink: HttpSink, monkeypatch: pytest.MonkeyPatch) -> Flask:
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], private_hosts="127.0.0.1")
    monkeypatch.setenv("CRM_URL", http_sink.url)
    monkeypatch.setenv("STOCK_URL", http_sink.url + "/stock")
    monkeypatch.setenv("CRM_SECRET", SECRET)
    outside_desk.adopt(app)
    return app


@pytest.fixture
def case(desk: Flask, post: Post, olga: Character) -> Case:
    return olga.writes("Broken lamp")


def calls(case: Case) -> list[Delivery]:
    return [each for each in case.mails if each.kind == "webhook"]


def standing(app: Flask) -> dict[str, str]:
    with app.app_context():
        return {alarm.subject: alarm.sentence for alarm in alarms.standing()}


def test_a_call_says_what_ran_and_is_signed(
    desk: Flask, post: Post, case: Case, ann: Character, kadri: Character, http_sink: HttpSink
) -> None:
    ann.performs("quote", case, price="120")
    kadri.performs("receive", case, amount="120", method="card")
    post.turn()
    (told,) = http_sink.told
    row = calls(case)[0]
    assert (row.status, row.attempts) == ("sent", 1)
    assert told.headers["webhook-id"] == row.message_id
    moment = told.headers["webhook-timestamp"]
    wanted = hmac.new(SECRET.encode(), f"{row.message_id}.{moment}.".encode() + told.body, hashlib.sha256).digest()
    assert told.headers["webhook-signature"] == f"v1,{base64.b64encode(wanted).decode()}"
    assert told.headers["content-type"] == "application/json"
    data = told.said["data"]
    assert told.said["type"] == "repair.receive"
    assert data["ticket"] == {"number": case.id, "ref": case.ref, "workflow": "repair", "state": "paid"}
    assert (data["from_state"], data["actor"]) == ("awaiting", {"kind": "staff"})
    assert data["action"] == {"name": "receive", "type": "receive_payment", "label": "Receive"}
    assert data["fields"]["price"] == "120"
    assert data["payments"] == [{"amount": "120", "currency": "EUR", "method": "card"}]
    assert data["event"] == next(event.id for event in case.events if event.action == "receive")


def test_a_call_holds_no_word_of_a_note_and_no_address_of_the_house(
    desk: Flask, post: Post, case: Case, ann: Character, http_sink: HttpSink
) -> None:
    """attack 40: what stays inside does not leave by this door either"""
    ann.performs("note", case, text="CANARY in a note")
    ann.performs("own", case, owner=ann.email, reason="moved")
    post.turn()
    said = b"".join(each.body for each in http_sink.told)
    assert len(http_sink.told) == 2
    assert b"CANARY" not in said
    assert ann.email.encode() not in said
    assert b'"reason":"moved"' in said
    assert SECRET.encode() not in b"".join(str(each.frozen).encode() for each in calls(case))


def test_what_the_other_side_does_not_take_is_tried_ten_times_with_one_id(
    desk: Flask, still: None, post: Post, case: Case, ann: Character, http_sink: HttpSink
) -> None:
    """Fault 32: down, slow, 500 and a redirect, which is nobody's answer."""
    http_sink.location = http_sink.url.replace("/hook", "/elsewhere")
    for status in (500, 302, 404, 429, 503):
        http_sink.answers(status, times=2)
    ann.performs("own", case, reason="moved")
    begun = clock.now()
    for number in range(1, 11):
        post.turn()
        assert len(http_sink.told) == number
        clock.travel(timedelta(hours=30))
    assert clock.now() - begun > timedelta(hours=75)
    post.turn()
    (row,) = calls(case)
    assert (row.status, row.attempts) == ("failed", 10)
    assert row.error == "It was tried ten times. “crm” answered 503."
    assert {told.headers["webhook-id"] for told in http_sink.told} == {row.message_id}
    assert len({told.body for told in http_sink.told}) == 1, "the same words each time"
    assert len({told.headers["webhook-timestamp"] for told in http_sink.told}) == 10
    assert {told.path for told in http_sink.told} == {"/hook"}, "no redirect is followed (attack 86)"
    assert "webhook:crm" in standing(desk)


def test_an_administrator_calls_again_and_the_id_stays(
    desk: Flask, post: Post, case: Case, ann: Character, http_sink: HttpSink
) -> None:
    """Fault 32: manual replay, of a call that failed and of one that was answered."""
    ann.performs("own", case, reason="moved")
    post.turn()
    with desk.app_context():
        attempts.again(calls(case)[0].id)
    post.turn()
    first, second = http_sink.told
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


def test_a_target_that_is_gone_is_not_called_any_more(
    desk: Flask,
    post: Post,
    case: Case,
    ann: Character,
    http_sink: HttpSink,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fault 32: 410 ends it, with an alarm; another address, or an administrator, begins it anew."""
    http_sink.answers(410)
    ann.performs("own", case, reason="moved")
    post.turn()
    ann.performs("own", case, reason="moved again")
    post.turn()
    assert [row.status for row in calls(case)] == ["held", "held"]
    assert len(http_sink.told) == 1
    assert "nobody is there any more" in standing(desk)["webhook:crm"]
    with desk.app_context():
        attempts.again(calls(case)[0].id)
    post.turn()
    assert calls(case)[0].status == "sent"
    assert "webhook:crm" not in standing(desk)
    http_sink.answers(410)
    ann.performs("own", case, reason="a third time")
    post.turn()
    monkeypatch.setenv("CRM_URL", http_sink.url + "/new")
    ann.performs("own", case, reason="a fourth time")
    post.turn()
    assert calls(case)[-1].status == "sent"


@pytest.mark.parametrize("variable", ["CRM_URL", "CRM_SECRET"])
def test_a_webhook_whose_variable_is_not_set_pauses_and_goes_on_when_it_is(
    desk: Flask,
    still: None,
    post: Post,
    case: Case,
    ann: Character,
    http_sink: HttpSink,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    monkeypatch.delenv(variable)
    ann.performs("own", case, reason="moved")
    post.turn()
    (row,) = calls(case)
    assert (row.status, row.attempts, row.error) == ("waiting", 0, f"The variable {variable} is not set.")
    assert "pauses" in standing(desk)["webhook:crm"]
    monkeypatch.setenv(variable, {"CRM_URL": http_sink.url, "CRM_SECRET": SECRET}[variable])
    clock.travel(timedelta(minutes=7))
    post.turn()
    assert calls(case)[0].status == "sent"
    assert standing(desk) == {}


def test_a_call_that_may_not_be_made_yet_uses_up_none_of_its_tries(
    desk: Flask, still: None, post: Post, case: Case, ann: Character, http_sink: HttpSink
) -> None:
    """It waits until somebody has mended the address; then it has all its tries."""
    mended = desk.config["HELPDESK"]
    desk.config["HELPDESK"] = replace(mended, private_hosts="")
    ann.performs("own", case, reason="moved")
    for _ in range(3):
        post.turn()
        clock.travel(timedelta(minutes=7))
    (row,) = calls(case)
    assert (row.status, row.attempts) == ("waiting", 0)
    desk.config["HELPDESK"] = mended
    post.turn()
    assert (calls(case)[0].status, calls(case)[0].attempts) == ("sent", 1)


def test_a_secret_that_is_too_short_signs_nothing(
    desk: Flask,
    still: None,
    post: Post,
    case: Case,
    ann: Character,
    http_sink: HttpSink,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CRM_SECRET", "twenty-three bytes long")
    ann.performs("own", case, reason="moved")
    post.turn()
    assert calls(case)[0].error == "The secret is shorter than 24 bytes."
    assert http_sink.told == []
    two = " ".join(f"whsec_{base64.b64encode(each * 24).decode()}" for each in (b"o", b"n"))
    monkeypatch.setenv("CRM_SECRET", two)
    clock.travel(timedelta(minutes=7))
    post.turn()
    assert len(http_sink.told[0].headers["webhook-signature"].split()) == 2, "both sign while one replaces the other"


def test_a_target_that_hangs_holds_up_neither_mail_nor_others(
    desk: Flask,
    post: Post,
    case: Case,
    ann: Character,
    http_sink: HttpSink,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fault 32: isolated per target."""
    from helpdesk.delivery import http

    monkeypatch.setattr(http, "ANSWERING", 3.0)
    http_sink.answers(HANG, times=2)
    for _ in range(4):
        ann.performs("own", case, reason="moved")
    worker = Worker(desk, chores=())
    worker.start()
    try:
        wait_until(lambda: len(http_sink.told) == 2, what="two calls that hang")
        ann.performs("tell", case)
        ann.performs("quote", case, price="120")
        wait_until(lambda: any(each.path == "/hook/stock" for each in http_sink.told), what="the other webhook")
        wait_until(lambda: bool(post.to("olga@example.org")), what="mail")
        assert sum(row.status == "sending" for row in calls(case)) == 2, "and the two still hang"
    finally:
        http_sink.released.set()
        worker.stop()


def test_one_that_drips_is_cut_off(
    desk: Flask, post: Post, case: Case, ann: Character, http_sink: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 32: slow."""
    from helpdesk.delivery import http

    monkeypatch.setattr(http, "ANSWERING", 0.5)
    http_sink.answers(DRIP)
    ann.performs("own", case, reason="moved")
    turn = threading.Thread(target=post.turn)
    turn.start()
    turn.join(20)
    assert not turn.is_alive()
    (row,) = calls(case)
    assert row.status == "waiting"
    assert row.error in ("127.0.0.1 did not answer in time.", "127.0.0.1 cannot be reached.")
    with desk.app_context():
        target = session().get_one(WebhookTarget, "crm")
        assert target.failures == 1
        assert target.rests_until is not None


def test_what_waits_for_a_target_that_is_down_does_not_knock_one_by_one(
    desk: Flask,
    still: None,
    post: Post,
    case: Case,
    ann: Character,
    http_sink: HttpSink,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fault 32: down, until it is back."""
    monkeypatch.setenv("CRM_URL", f"http://127.0.0.1:{free_port()}/hook")
    for _ in range(5):
        ann.performs("own", case, reason="moved")
    post.turn()
    assert sorted(row.attempts for row in calls(case)) == [0, 0, 0, 0, 1]
    monkeypatch.setenv("CRM_URL", http_sink.url)
    clock.travel(timedelta(minutes=10))
    post.turn()
    assert {row.status for row in calls(case)} == {"sent"}
    assert len(http_sink.told) == 5
