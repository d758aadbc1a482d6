"""An alarm that no machine can end: an administrator has seen to it; sounding again it is there again (fault 28)."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk import alarms
from helpdesk.alarms import Alarm
from helpdesk.db import session, writing
from tests.at_the_desk import AtTheDesk, hidden_in
from tests.cast import Character, hire
from tests.visitor import Visitor

LOST = "A payment for R-1 came and is not in its ledger: 80 EUR (A-1)."
REFUSED = "“close” could not run by itself on R-1: There is no reply yet."


@pytest.fixture
def admin(app: Flask) -> Visitor:
    return AtTheDesk(app, hire(app, "root@acme.example", "Rooti Root", roles=["agent"], admin=True))


@pytest.fixture
def other_admin(app: Flask) -> Visitor:
    return AtTheDesk(app, hire(app, "second@acme.example", "Siim Second", roles=["agent"], admin=True))


@pytest.fixture(autouse=True)
def trouble(app: Flask) -> None:
    sounds(app, "payment:evt_1", LOST)
    sounds(app, "refused:repair.close", REFUSED)


def sounds(app: Flask, subject: str, sentence: str) -> None:
    with app.app_context(), writing():
        alarms.sound(subject, sentence)


def address_of(app: Flask, subject: str) -> str:
    with app.app_context():
        number = session().scalar(select(Alarm.id).where(Alarm.subject == subject, Alarm.cleared_at.is_(None)))
    return f"/admin/alarms/{number}"


def ended(app: Flask, subject: str) -> list[tuple[int, datetime | None, int | None]]:
    with app.app_context():
        rows = session().scalars(select(Alarm).where(Alarm.subject == subject).order_by(Alarm.id))
        return [(row.times, row.cleared_at, row.seen_to_by_id) for row in rows]


def test_who_has_seen_to_it_ends_it_for_all(app: Flask, admin: Visitor, other_admin: Visitor) -> None:
    path = address_of(app, "payment:evt_1")
    shown = admin.opens("/admin/people").text
    assert LOST in shown
    assert REFUSED in shown
    answer = admin.sends(path, **hidden_in(shown, path))
    assert answer.location == "/admin/alarms"
    for page in ("/admin/people", "/admin/outbox"):
        seen = other_admin.opens(page).text
        assert LOST not in seen, page
        assert REFUSED in seen, page
    kept = other_admin.opens("/admin/alarms").text
    assert LOST in kept
    assert "Rooti Root" in kept
    ((times, at, by),) = ended(app, "payment:evt_1")
    assert (times, at is not None, by is not None) == (1, True, True)


def test_it_is_kept_who_was_first(app: Flask, admin: Visitor, other_admin: Visitor) -> None:
    path = address_of(app, "payment:evt_1")
    hidden, too = (
        hidden_in(admin.opens("/admin/people").text, path),
        hidden_in(other_admin.opens("/admin/people").text, path),
    )
    assert admin.sends(path, **hidden).status_code == 303
    first = ended(app, "payment:evt_1")
    assert other_admin.sends(path, **too).status_code == 303
    assert ended(app, "payment:evt_1") == first


def test_what_sounds_again_afterwards_is_there_again(app: Flask, admin: Visitor) -> None:
    path = address_of(app, "refused:repair.close")
    admin.sends(path, **hidden_in(admin.opens("/admin/people").text, path))
    assert REFUSED not in admin.opens("/admin/people").text
    sounds(app, "refused:repair.close", REFUSED)
    assert REFUSED in admin.opens("/admin/people").text
    assert [(times, at is None) for times, at, _ in ended(app, "refused:repair.close")] == [(1, False), (1, True)]


def test_what_sounded_since_the_page_was_drawn_is_not_seen_to_by_it(app: Flask, admin: Visitor) -> None:
    path = address_of(app, "refused:repair.close")
    hidden = hidden_in(admin.opens("/admin/people").text, path)
    other = REFUSED.replace("R-1", "R-2")
    sounds(app, "refused:repair.close", other)
    assert admin.sends(path, **hidden).status_code == 303
    told = admin.opens("/admin/alarms").text
    assert "It has sounded again" in told
    assert other in told
    admin.sends(path, **hidden_in(told, path))
    assert other not in admin.opens("/admin/people").text


def test_the_pages_script_gets_the_alarms_that_are_left(app: Flask, admin: Visitor) -> None:
    path = address_of(app, "payment:evt_1")
    hidden = hidden_in(admin.opens("/admin/people").text, path)
    answer = admin.sends(path, headers={"HX-Request": "true"}, **hidden)
    assert "<html" not in answer.text
    assert LOST not in answer.text
    assert REFUSED in answer.text


def test_only_an_administrators_own_page_ends_it(app: Flask, admin: Visitor, ann: Character) -> None:
    """Attacks 43 and 67."""
    path = address_of(app, "payment:evt_1")
    hidden = hidden_in(admin.opens("/admin/people").text, path)
    hidden.pop("csrf_token")
    assert admin.client.post(path, data=hidden).status_code == 403
    assert AtTheDesk(app, ann).sends(path, times="1").status_code == 404
    assert admin.sends("/admin/alarms/999999", times="1").status_code == 404
    assert admin.sends(path, times="x").status_code == 303
    assert LOST in admin.opens("/admin/people").text
