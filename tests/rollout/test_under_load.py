"""A hundred changes of the desk while people work (fault 28): nobody sees half of one, no ticket is left behind."""

from __future__ import annotations

import threading

from flask import Flask
from sqlalchemy import select

from helpdesk.actions.door import perform
from helpdesk.db import session
from helpdesk.errors import HelpdeskError
from helpdesk.people import find
from helpdesk.rollout import apply as rollout
from helpdesk.rollout import counting
from helpdesk.tickets.actors import customer, staff
from helpdesk.tickets.models import Event, Ticket
from helpdesk.workflows import revisions
from tests.cast import Character
from tests.rollout.changes import RENAMED, changed

CHANGES = 100
BACK = changed(("      waiting:\n", "      waiting:\n        renamed_from: on_hold\n"))


def test_a_hundred_changes_while_people_work(app: Flask, olga: Character, ann: Character) -> None:
    cases = [olga.writes(f"Printer {number}").id for number in range(6)]
    done, trouble, ran = threading.Event(), [], []

    def work(ids: list[int]) -> None:
        """Answer and be answered, as fast as it goes; a refusal is an answer, anything else is not."""
        while not done.is_set():
            for ticket_id in ids:
                for action, email, part in (("reply", ann.email, staff), ("customer_reply", olga.email, customer)):
                    try:
                        with app.app_context():
                            person = find.by_email(email)
                            assert person is not None
                            perform(ticket_id, action, part(person), {"message": "Again"})
                            ran.append(ticket_id)
                    except HelpdeskError:
                        continue
                    except Exception as error:  # noqa: BLE001 - it is shown below, in the thread that looks
                        trouble.append(error)
                        done.set()

    threads = [threading.Thread(target=work, args=(cases[part::2],)) for part in range(2)]
    for thread in threads:
        thread.start()
    try:
        with app.app_context():
            for number in range(CHANGES):
                rollout.apply(BACK if number % 2 else RENAMED, author=f"change {number}")
    finally:
        done.set()
        for thread in threads:
            thread.join(60)
    assert not trouble, trouble
    assert len(ran) > 10, "people worked meanwhile"
    with app.app_context():
        desk = revisions.active().desk
        assert all(state in desk.workflows[workflow].states for workflow, state in counting.held())
        assert len(revisions.history(limit=200)) == CHANGES + 1
        _each_event_fits_its_revision()
        assert sorted(session().scalars(select(Ticket.id))) == cases


def _each_event_fits_its_revision() -> None:
    """No run began under one desk and ended under another."""
    desks = {row.id: revisions.desk_of(row.id) for row in revisions.history(limit=200)}
    for event in session().scalars(select(Event).where(Event.kind.in_(("ran", "moved")))):
        desk = desks[event.revision_id or 0]
        assert desk is not None
        states = desk.workflows["repair"].states
        assert event.to_state in states, (event.id, event.revision_id)
        assert event.kind == "moved" or event.from_state in states, (event.id, event.revision_id)
