"""Webhooks: what a call says, how it is signed and tried, and that one that fails holds up nothing else (fault 32)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class Crm:
    """The other side of the webhook `crm`, and a case of which it is told."""

    app: Flask
    post: Post
    case: Case
    ann: Character
    sink: HttpSink

    def hears(self, reason: str = "moved") -> None:
        """Ann gives the case an owner, and what waits is sent."""
        self.ann.performs("own", self.case, reason=reason)
        self.post.turn()

    def is_called_again(self) -> None:
        """An administrator has the first call made once more."""
        with self.app.app_context():
            attempts.again(self.calls[0].id)
        self.post.turn()

    @property
    def calls(self) -> list[Delivery]:
        return [each for each in self.case.mails if each.kind == "webhook"]

    @property
    def alarms(self) -> dict[str, str]:
        with self.app.app_context():
            return {alarm.subject: alarm.sentence for alarm in alarms.standing()}


@pytest.fixture
def crm(desk: Flask, post: Post, olga: Character, ann: Character, http_sink: HttpSink) -> Crm:
    return Crm(desk, post, olga.writes("Broken lamp"), ann, http_sink)


def test_a_call_says_what_ran_and_is_signed(crm: Crm, kadri: Character) -> None:
    crm.ann.performs("quote", crm.case, price="120")
    kadri.performs("receive", crm.case, amount="120", method="card")
    crm.post.turn()
    (told,) = crm.sink.told
    row = crm.calls[0]
    assert (row.status, row.attempts) == ("sent", 1)
    assert told.headers["webhook-id"] == row.message_id
    moment = told.headers["webhook-timestamp"]
    wanted = hmac.new(SECRET.encode(), f"{row.message_id}.{moment}.".encode() + told.body, hashlib.sha256).digest()
    assert told.headers["webhook-signature"] == f"v1,{base64.b64encode(wanted).decode()}"
    assert told.headers["content-type"] == "application/json"
    data = told.said["data"]
    assert told.said["type"] == "repair.receive"
    assert data["ticket"] == {"number": crm.case.id, "ref": crm.case.ref, "workflow": "repair", "state": "paid"}
    assert (data["from_state"], data["actor"]) == ("awaiting", {"kind": "staff"})
    assert data["action"] == {"name": "receive", "type": "receive_payment", "label": "Receive"}
    assert data["fields"]["price"] == "120"
    assert data["payments"] == [{"amount": "120", "currency": "EUR", "method": "card"}]
    assert data["event"] == next(event.id for event in crm.case.events if event.action == "receive")


def test_a_call_holds_no_word_of_a_note_and_no_address_of_the_house(crm: Crm) -> None:
    """attack 40: what stays inside does not leave by this door either"""
    crm.ann.performs("note", crm.case, text="CANARY in a note")
    crm.ann.performs("own", crm.case, owner=crm.ann.email, reason="moved")
    crm.post.turn()
    said = b"".join(each.body for each in crm.sink.told)
    assert len(crm.sink.told) == 2
    assert b"CANARY" not in said
    assert crm.ann.email.encode() not in said
    assert b'"reason":"moved"' in said
    assert SECRET.encode() not in b"".join(str(each.frozen).encode() for each in crm.calls)


def test_what_the_other_side_does_not_take_is_tried_ten_times_with_one_id(still: None, crm: Crm) -> None:
    """Fault 32: down, slow, 500 and a redirect, which is nobody's answer."""
    crm.sink.location = crm.sink.url.replace("/hook", "/elsewhere")
    for status in (500, 302, 404, 429, 503):
        crm.sink.answers(status, times=2)
    crm.ann.performs("own", crm.case, reason="moved")
    begun = clock.now()
    for number in range(1, 11):
        crm.post.turn()
        assert len(crm.sink.told) == number
        clock.travel(timedelta(hours=30))
    assert clock.now() - begun > timedelta(hours=75)
    crm.post.turn()
    (row,) = crm.calls
    assert (row.status, row.attempts) == ("failed", 10)
    assert row.error == "It was tried ten times. “crm” answered 503."
    assert {told.headers["webhook-id"] for told in crm.sink.told} == {row.message_id}
    assert len({told.body for told in crm.sink.told}) == 1, "the same words each time"
    assert len({told.headers["webhook-timestamp"] for told in crm.sink.told}) == 10
    assert {told.path for told in crm.sink.told} == {"/hook"}, "no redirect is followed (attack 86)"
    assert "webhook:crm" in crm.alarms


def test_an_administrator_calls_again_and_the_id_stays(crm: Crm) -> None:
    """Fault 32: manual replay, of a call that failed and of one that was answered."""
    crm.hears()
    crm.is_called_again()
    first, second = crm.sink.told
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body


def test_a_target_that_is_gone_is_not_called_any_more(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 32: 410 ends it, with an alarm; another address, or an administrator, begins it anew."""
    crm.sink.answers(410)
    crm.hears()
    crm.hears("moved again")
    assert [row.status for row in crm.calls] == ["held", "held"]
    assert len(crm.sink.told) == 1
    assert "nobody is there any more" in crm.alarms["webhook:crm"]
    crm.is_called_again()
    assert crm.calls[0].status == "sent"
    assert "webhook:crm" not in crm.alarms
    crm.sink.answers(410)
    crm.hears("a third time")
    monkeypatch.setenv("CRM_URL", crm.sink.url + "/new")
    crm.hears("a fourth time")
    assert crm.calls[-1].status == "sent"


@pytest.mark.parametrize("variable", ["CRM_URL", "CRM_SECRET"])
def test_a_webhook_whose_variable_is_not_set_pauses_and_goes_on_when_it_is(
    still: None, crm: Crm, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.delenv(variable)
    crm.hears()
    (row,) = crm.calls
    assert (row.status, row.attempts, row.error) == ("waiting", 0, f"The variable {variable} is not set.")
    assert "pauses" in crm.alarms["webhook:crm"]
    monkeypatch.setenv(variable, {"CRM_URL": crm.sink.url, "CRM_SECRET": SECRET}[variable])
    clock.travel(timedelta(minutes=7))
    crm.post.turn()
    assert crm.calls[0].status == "sent"
    assert crm.alarms == {}


def test_a_call_that_may_not_be_made_yet_uses_up_none_of_its_tries(still: None, crm: Crm) -> None:
    """It waits until somebody has mended the address; then it has all its tries."""
    mended = crm.app.config["HELPDESK"]
    crm.app.config["HELPDESK"] = replace(mended, private_hosts="")
    crm.ann.performs("own", crm.case, reason="moved")
    for _ in range(3):
        crm.post.turn()
        clock.travel(timedelta(minutes=7))
    (row,) = crm.calls
    assert (row.status, row.attempts) == ("waiting", 0)
    crm.app.config["HELPDESK"] = mended
    crm.post.turn()
    assert (crm.calls[0].status, crm.calls[0].attempts) == ("sent", 1)


def test_a_secret_that_is_too_short_signs_nothing(still: None, crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_SECRET", "twenty-three bytes long")
    crm.hears()
    assert crm.calls[0].error == "The secret is shorter than 24 bytes."
    assert crm.sink.told == []
    two = " ".join(f"whsec_{base64.b64encode(each * 24).decode()}" for each in (b"o", b"n"))
    monkeypatch.setenv("CRM_SECRET", two)
    clock.travel(timedelta(minutes=7))
    crm.post.turn()
    assert len(crm.sink.told[0].headers["webhook-signature"].split()) == 2, "both sign while one replaces the other"


@pytest.mark.parametrize("secret", ["whsec_no base64", "whsec_ключ"])
def test_a_secret_that_is_no_base64_signs_nothing(
    still: None, crm: Crm, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    """It pauses the target, as one that is too short does."""
    monkeypatch.setenv("CRM_SECRET", secret.replace(" ", "-"))
    crm.hears()
    assert (crm.calls[0].status, crm.calls[0].error) == ("waiting", "After whsec_ a secret goes on in base64.")


def test_a_target_that_hangs_holds_up_neither_mail_nor_others(crm: Crm) -> None:
    """Fault 32: isolated per target."""
    crm.sink.answers(HANG, times=2)
    for _ in range(4):
        crm.ann.performs("own", crm.case, reason="moved")
    worker = Worker(crm.app, chores=())
    worker.start()
    try:
        wait_until(lambda: len(crm.sink.told) >= 2, what="two calls that hang")
        crm.ann.performs("tell", crm.case)
        crm.ann.performs("quote", crm.case, price="120")
        wait_until(lambda: any(each.path == "/hook/stock" for each in crm.sink.told), what="the other webhook")
        wait_until(lambda: bool(crm.post.to("olga@example.org")), what="mail")
        wait_until(lambda: sum(row.status == "sending" for row in crm.calls) == 2, what="only the two to hang still")
        assert sum(each.path == "/hook" for each in crm.sink.told) == 2, "nobody has more than two turns at once"
    finally:
        crm.sink.released.set()
        worker.stop()


def test_one_that_drips_is_cut_off(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fault 32: slow."""
    from helpdesk.delivery import http

    monkeypatch.setattr(http, "ANSWERING", 0.5)
    crm.sink.answers(DRIP)
    crm.ann.performs("own", crm.case, reason="moved")
    turn = threading.Thread(target=crm.post.turn)
    turn.start()
    turn.join(20)
    assert not turn.is_alive()
    (row,) = crm.calls
    assert row.status == "waiting"
    assert row.error in ("127.0.0.1 did not answer in time.", "127.0.0.1 cannot be reached.")
    with crm.app.app_context():
        target = session().get_one(WebhookTarget, "crm")
        assert target.failures == 1
        assert target.rests_until is not None


def test_what_waits_for_a_target_that_is_down_does_not_knock_one_by_one(
    still: None, crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 32: down, until it is back."""
    monkeypatch.setenv("CRM_URL", f"http://127.0.0.1:{free_port()}/hook")
    for _ in range(5):
        crm.ann.performs("own", crm.case, reason="moved")
    crm.post.turn()
    assert sorted(row.attempts for row in crm.calls) == [0, 0, 0, 0, 1]
    monkeypatch.setenv("CRM_URL", crm.sink.url)
    clock.travel(timedelta(minutes=10))
    crm.post.turn()
    assert {row.status for row in crm.calls} == {"sent"}
    assert len(crm.sink.told) == 5
