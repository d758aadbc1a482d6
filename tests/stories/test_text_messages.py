"""Text messages of an action: to whom they go, what they say, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk import alarms, clock
from helpdesk.db import insert, session, writing
from helpdesk.delivery.catcher import CaughtText
from helpdesk.delivery.drivers.sms_local import LocalSms
from helpdesk.delivery.failures import Never, NotNow
from helpdesk.people.models import Address
from helpdesk.tickets.models import Delivery
from helpdesk.workflows import revisions
from tests import outside_desk
from tests.cast import Case, Character
from tests.plugins.post import Post
from tests.servers.http_sink import HttpSink


@pytest.fixture
def case(app: Flask, post: Post, olga: Character) -> Case:
    outside_desk.adopt(app)
    return olga.writes("Broken lamp")


def telephone(app: Flask, who: Character, number: str) -> None:
    with app.app_context():
        person_id = who.id
        with writing():
            insert(Address, person_id=person_id, kind="phone", value=number)


def caught(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        rows = session().scalars(select(CaughtText).order_by(CaughtText.recipient))
        return [(row.recipient, row.body) for row in rows]


def texts(case: Case) -> list[Delivery]:
    return [each for each in case.mails if each.kind == "sms"]


def test_whoever_has_a_number_gets_one_message_each(
    app: Flask, post: Post, case: Case, ann: Character, boris: Character, olga: Character
) -> None:
    telephone(app, olga, "+37255502000")
    telephone(app, boris, "+37255503000")
    ann.performs("text", case, text="It is ready.")
    post.turn()
    words = f"{case.ref}: It is ready."
    assert caught(app) == [("+37255501000", words), ("+37255502000", words), ("+37255503000", words)]
    assert {row.status for row in texts(case)} == {"sent"}
    assert {row.role for row in texts(case)} == {"customer", "role:manager", "+37255501000"}


def test_whoever_has_none_is_left_out_and_a_number_without_its_country_is_told(
    app: Flask, post: Post, case: Case, ann: Character, boris: Character, olga: Character
) -> None:
    telephone(app, olga, "5550200")
    ann.performs("text", case, text="It is ready.")
    post.turn()
    assert [number for number, _ in caught(app)] == ["+37255501000"]
    assert case.story[-1] == "refused"
    noted = case.events[-2].data["why"] + str(case.events[-3].data)
    assert "The number of Olga does not begin with + and its country" in noted


def test_a_number_of_the_file_may_be_a_customers(
    app: Flask, post: Post, case: Case, ann: Character, mallory: Character
) -> None:
    """As an address of the file may: whoever is known by it is written to all the same."""
    telephone(app, mallory, "+37255501000")
    ann.performs("text", case, text="It is ready.")
    post.turn()
    assert [number for number, _ in caught(app)] == ["+37255501000"]


def test_staff_who_do_not_see_the_ticket_get_none(app: Flask, post: Post, case: Case, boris: Character) -> None:
    """As for e-mails; and nobody is told of what they did themselves."""
    telephone(app, boris, "+37255503000")
    boris.performs("text", case, text="It is ready.")
    post.turn()
    assert [number for number, _ in caught(app)] == ["+37255501000"]


def test_the_text_is_made_of_what_was_true_when_it_was_caused(
    app: Flask, post: Post, case: Case, ann: Character
) -> None:
    """attack 83: and what a person typed is a value, never a template"""
    ann.performs("text", case, text="{{ 7 * 7 }} {{ company.name }}")
    ann.performs("close", case)
    post.turn()
    assert caught(app) == [("+37255501000", f"{case.ref}: {{{{ 7 * 7 }}}} {{{{ company.name }}}}")]


class Scripted(LocalSms):
    """A service that answers as it is told."""

    script: ClassVar[list[Exception]] = []

    def send(self, number: str, body: str, *, id: str) -> Callable[[Delivery], None]:
        if self.script:
            raise self.script.pop(0)
        return super().send(number, body, id=id)


def test_what_cannot_be_sent_now_is_tried_again_and_what_never_can_is_told(
    app: Flask, post: Post, case: Case, ann: Character, still: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Faults 7 and 9, for text messages."""
    from helpdesk.delivery import sms

    monkeypatch.setattr(sms, "_driver", Scripted)
    Scripted.script[:] = [NotNow("The service is busy."), NotNow("The service is busy.")]
    ann.performs("text", case, text="It is ready.")
    post.turn()
    clock.travel(timedelta(minutes=20))
    post.turn()
    (row,) = texts(case)
    assert (row.status, row.attempts, row.error) == ("waiting", 2, "The service is busy.")
    with app.app_context():
        assert [alarm.subject for alarm in alarms.standing()] == ["delivery:sms"]
    clock.travel(timedelta(minutes=20))
    post.turn()
    assert texts(case)[0].status == "sent"
    with app.app_context():
        assert alarms.standing() == []
    Scripted.script[:] = [Never("There is no such number.")]
    ann.performs("text", case, text="Once more.")
    post.turn()
    assert (texts(case)[1].status, texts(case)[1].error) == ("failed", "There is no such number.")
    assert case.events[-1].data["why"] == "There is no such number."


def test_a_gateway_takes_messages_over_http(
    app: Flask,
    post: Post,
    case: Case,
    ann: Character,
    still: None,
    http_sink: HttpSink,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is told once who and what, by one name; what it cannot take now is tried again (attack 86 guards the way)."""
    text = outside_desk.DESK.replace(
        "sms: {driver: local}", 'sms: {driver: http, url: "${env:SMS}", token: "${env:KEY}"}'
    )
    with app.app_context():
        revisions.adopt(text, author="the tests")
    monkeypatch.setenv("SMS", http_sink.url)
    ann.performs("text", case, text="It is ready.")
    post.turn()
    assert texts(case)[0].error == "The variable KEY is not set."
    monkeypatch.setenv("KEY", "open sesame")
    clock.travel(timedelta(minutes=2))
    post.turn()
    assert texts(case)[0].error == "127.0.0.1 is not on the open internet, so it is not called."
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], private_hosts="127.0.0.1")
    http_sink.answers(503)
    for _ in range(2):
        clock.travel(timedelta(minutes=30))
        post.turn()
    first, second = http_sink.told
    (row,) = texts(case)
    assert (
        first.said == second.said == {"id": row.message_id, "to": "+37255501000", "text": f"{case.ref}: It is ready."}
    )
    assert first.headers["authorization"] == "Bearer open sesame"
    assert first.headers["idempotency-key"] == row.message_id
    assert (row.status, row.attempts) == ("sent", 4)
    http_sink.answers(422)
    ann.performs("text", case, text="Once more.")
    post.turn()
    assert (texts(case)[1].status, texts(case)[1].error) == ("failed", "The gateway answered 422.")
