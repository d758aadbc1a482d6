"""The demo's past: every state has life, nothing is lost or doubled, and a second start adds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import Settings, shipped
from helpdesk import create_app, demo
from helpdesk.alarms import standing
from helpdesk.db import db, session
from helpdesk.people import find, passwords
from helpdesk.people.models import Person
from helpdesk.tickets.models import Attachment, Delivery, Event, Ticket, Unread
from helpdesk.tickets.payments import Payment
from helpdesk.workflows import revisions


@pytest.fixture
def new_desk(settings: Settings) -> Iterator[Flask]:
    """An empty desk that is started as the demo."""
    app = create_app(replace(settings, demo=True, workflows=str(shipped("workflows.yaml"))))
    with app.app_context():
        revisions.adopt_file(app.config["HELPDESK"].workflow_path)
    yield app
    with app.app_context():
        db.engine.dispose()


def test_every_state_has_tickets_all_made_by_the_doors_and_a_second_start_adds_nothing(new_desk: Flask) -> None:
    assert demo.prepare(new_desk) is True
    with new_desk.app_context():
        here = session()
        workflows = revisions.active().desk.workflows.values()
        states = {(w.name, s) for w in workflows for s in w.states}
        assert {tuple(row) for row in here.execute(select(Ticket.workflow, Ticket.state).distinct())} == states
        assert here.scalar(select(func.count()).select_from(Ticket)) >= 190
        assert len(set(here.scalars(select(Person.language)))) >= 12
        without_story = select(Ticket.id).where(
            ~select(Event.id).where(Event.ticket_id == Ticket.id, Event.kind == "opened").exists()
        )
        assert list(here.scalars(without_story)) == []
        assert {"opened", "ran", "filed", "delivery"} <= set(here.scalars(select(Event.kind)))
        assert set(here.scalars(select(Delivery.status))) == {"sent"}, "no flood of old mail is left to be sent"
        assert list(here.scalars(select(Event.id).where(Event.kind == "refused"))) == []
        assert standing() == []
        assert (
            min(here.scalar(select(func.count()).select_from(each)) or 0 for each in (Payment, Attachment, Unread)) > 10
        )
        times = list(here.scalars(select(Event.at).order_by(Event.id)))
        assert times == sorted(times)
        before = here.scalar(select(func.max(Event.id)))
    assert demo.prepare(new_desk) is False
    with new_desk.app_context():
        assert session().scalar(select(func.max(Event.id))) == before


def test_the_ten_can_sign_in_with_what_the_banner_says(new_desk: Flask) -> None:
    with new_desk.app_context():
        from helpdesk.db import writing
        from helpdesk.demo import company

        with writing():
            company.hire()
        lines = demo.sign_ins()
        assert len(lines) == 10
        assert lines[0].email == "boris@example.test"
        for line in lines[:2]:
            person = find.by_email(line.email)
            assert passwords.fits(person, line.password)
        boris = find.by_email("boris@example.test")
        assert boris is not None
        assert boris.is_admin
        assert {
            role
            for each in (find.by_email(line.email) for line in lines)
            if each
            for role in (*each.roles, *each.groups)
        } == {
            "front",
            "workshop",
            "accountant",
            "manager",
        }


def test_with_another_workflow_the_demo_has_its_people_and_says_why_there_are_no_tickets(settings: Settings) -> None:
    app = create_app(replace(settings, demo=True))  # the tests' own file
    said: list[str] = []
    with app.app_context():
        revisions.adopt_file(app.config["HELPDESK"].workflow_path)
    assert demo.prepare(app, say=said.append) is True
    assert ["begins with its people alone" in each for each in said] == [True]
    with app.app_context():
        assert session().scalar(select(func.count()).select_from(Ticket)) == 0
        assert session().scalar(select(func.count()).select_from(Person)) == 10
    assert len(demo.hired(app)) == 10
    with app.app_context():
        db.engine.dispose()


def test_the_demo_keeps_out_of_a_desk_that_has_people(new_desk: Flask) -> None:
    with new_desk.app_context():
        from helpdesk.db import writing

        with writing():
            find.or_create("somebody@own.example", name="Somebody")
    assert demo.prepare(new_desk) is False
