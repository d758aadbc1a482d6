"""`apply`: another desk comes into force and brings its live tickets along, all in one transaction (N3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk import clock, timers
from helpdesk.actions.door import perform
from helpdesk.db import session, writing
from helpdesk.errors import Invalid, NotFound, NotPossible
from helpdesk.people import find
from helpdesk.rollout import apply as rollout
from helpdesk.rollout import reckoning
from helpdesk.rollout.apply import Applied
from helpdesk.tickets.actors import staff
from helpdesk.tickets.models import Ticket, Timer
from helpdesk.worker import Worker
from helpdesk.workflows import revisions
from tests.cast import Case, Character, hire
from tests.meanwhile import meanwhile
from tests.rollout.changes import DESK, LEAVING, RENAMED, WITHOUT_WAITING, changed


def applied(app: Flask, texts: Mapping[str, str], **more: Any) -> Applied:
    with app.app_context():
        return rollout.apply(texts, author="Boris", **more)


def running(app: Flask, case: Case) -> list[tuple[str, Any]]:
    """The timers of a ticket: their action and when they are due."""
    with app.app_context():
        rows = select(Timer.action, Timer.due_at).where(Timer.ticket_id == case.id).order_by(Timer.due_at)
        return [tuple(row) for row in session().execute(rows)]


@pytest.fixture
def case(app: Flask, olga: Character, ann: Character, still: None) -> Case:
    """A ticket that waits for the customer, with Ann."""
    case = olga.writes("Printer on fire")
    ann.performs("reply", case, text="Which floor?")
    return case


def test_a_renamed_state_keeps_its_tickets_their_timers_and_their_assignee(
    app: Flask, case: Case, ann: Character, olga: Character
) -> None:
    before = running(app, case)
    clock.travel(timedelta(days=1))
    done = applied(app, RENAMED, note="A better word")
    assert (done.moved, done.cleared) == (1, 0)
    assert case.state == "on_hold"
    assert case.assignee == ann.email
    assert running(app, case) == before, "it did not arrive anew"
    event = case.events[-1]
    assert (event.kind, event.from_state, event.to_state) == ("moved", "waiting", "on_hold")
    assert event.revision_id == done.revision
    assert event.version == case.version
    olga.writes("Second floor", about=case)
    assert case.state == "new", "life goes on"


def test_tickets_of_a_state_that_goes_arrive_where_it_says(app: Flask, case: Case, edgar: Character) -> None:
    clock.travel(timedelta(days=1))
    done = applied(app, LEAVING)
    assert (done.moved, done.cleared) == (1, 1)
    assert case.state == "workshop"
    assert case.assignee is None, "Ann does not see the workshop"
    cleared = next(event for event in case.events if "assigned" in event.data and event.kind == "moved")
    assert cleared.data["assigned"]["why"] == ["Ann does not see tickets here any more and was cleared."]
    assert running(app, case) == [], "the workshop has no timers"
    assert [event.to_state for event in case.events][-1] == "workshop"
    assert edgar.sees(case)


def test_what_nobody_says_a_way_for_stands_in_the_way(app: Flask, case: Case) -> None:
    before = case.version
    with app.app_context(), pytest.raises(Invalid) as refused:
        rollout.apply(WITHOUT_WAITING, author="Boris")
    assert refused.value.code == "stranded"
    assert refused.value.sentence == "1 ticket is in the removed state “waiting” of “repair”."
    assert (case.state, case.version) == ("waiting", before)
    with app.app_context():
        assert len(revisions.history()) == 1


def test_an_administrator_says_where_stranded_tickets_go(app: Flask, case: Case) -> None:
    done = applied(app, WITHOUT_WAITING, moves={("repair", "waiting"): "new"})
    assert done.moved == 1
    assert case.state == "new"
    assert [action for action, _ in running(app, case)] == ["escalate"], "it arrived in “new”, whose timer begins"


def test_a_whole_workflow_can_go_where_somebody_says_where_its_tickets_come(app: Flask, case: Case) -> None:
    mended = changed(("  repair:\n", "  mending:\n"), ("workflow: repair", "workflow: mending"), every=True)
    applied(app, mended, moves={("repair", "waiting"): "mending.new"})
    assert case.state == "new"
    with app.app_context():
        assert (
            perform(case.id, "reply", staff(find.by_email("ann@acme.example")), {"message": "Hello"}).state == "waiting"
        )


def test_states_that_change_their_names_with_each_other_do_not_mix(app: Flask, case: Case, olga: Character) -> None:
    other = olga.writes("Another")
    swapped = DESK.replace("      new:\n", "      §:\n").replace(
        "      waiting:\n", "      new:\n        renamed_from: waiting\n"
    )
    swapped = swapped.replace("      §:\n", "      waiting:\n        renamed_from: new\n")
    applied(app, {"workflows.yaml": swapped})
    assert (case.state, other.state) == ("waiting", "new"), "both names are still there, so nobody goes anywhere"


def test_timers_taken_out_go_added_ones_count_from_the_arrival_and_the_rest_run_on(app: Flask, case: Case) -> None:
    ((_, due),) = running(app, case)
    arrived = due - timedelta(days=7)
    clock.travel(timedelta(days=3))
    two = changed(
        (
            "timers: [{after: 7d, do: close_silent}]",
            "timers: [{after: 7d, do: close_silent}, {after: 1d, do: escalate}]",
        )
    )
    assert applied(app, two).timers_set == 1
    assert running(app, case) == [("escalate", arrived + timedelta(days=1)), ("close_silent", due)]
    with app.app_context():
        timers.run_due()
    assert case.story[-1] == "escalate", "it has been there for longer than a day, so it fires at once"
    shorter = changed(("timers: [{after: 7d, do: close_silent}]", "timers: [{after: 5d, do: close_silent}]"))
    done = applied(app, shorter)
    assert (done.timers_set, done.timers_gone) == (1, 1), "escalate has run, so only one was there to go"
    assert running(app, case) == [("close_silent", arrived + timedelta(days=5))]


def test_who_loses_sight_of_a_state_loses_its_tickets(app: Flask, case: Case, ann: Character, boris: Character) -> None:
    hidden = changed(
        ("visible_to: [agent]\n        actions: [reply, comment, quote, close]",
         "visible_to: [manager]\n        actions: [reply, comment, quote, close]")
    )  # fmt: skip
    assert applied(app, hidden).cleared == 1
    assert case.assignee is None
    assert not ann.sees(case)
    assert boris.sees(case)
    assert case.state == "waiting"


def test_two_administrators_do_not_overwrite_each_other(app: Flask, case: Case) -> None:
    with app.app_context():
        both_saw = revisions.active().id
    mine = changed(("label: Quote a price", "label: Name a price"))
    applied(app, mine, based_on=both_saw)
    with app.app_context(), pytest.raises(NotPossible) as refused:
        rollout.apply(RENAMED, author="Kadri", based_on=both_saw)
    assert refused.value.code == "stale"
    assert case.state == "waiting"


def test_a_step_back_is_a_new_revision_and_brings_tickets_back(app: Flask, case: Case) -> None:
    with app.app_context():
        first = revisions.active().id
    applied(app, RENAMED)
    with app.app_context(), pytest.raises(Invalid, match="removed state “on_hold”"):
        rollout.rollback(first, author="Boris")
    with app.app_context():
        done = rollout.rollback(first, author="Boris", moves={("repair", "on_hold"): "waiting"})
        assert revisions.history()[0].note == f"Back to revision {first}."
    assert done.revision > first
    assert case.state == "waiting"
    with app.app_context(), pytest.raises(NotFound):
        rollout.rollback(999_999, author="Boris")


def test_an_action_that_began_before_ends_before_and_its_ticket_comes_along(
    app: Flask, olga: Character, ann: Character
) -> None:
    """Fault 28: a ticket that enters a state that goes, while it goes, is not stranded."""
    case = olga.writes("Printer")
    person = ann.id

    def answer() -> None:
        from helpdesk.people.models import Person

        perform(case.id, "reply", staff(session().get_one(Person, person)), {"message": "Which floor?"})

    meanwhile(app, answer, lambda: rollout.apply(RENAMED, author="Boris"))
    assert case.state == "on_hold"
    assert [event.kind for event in case.events][-1] == "moved"


def test_an_action_that_begins_while_a_desk_comes_into_force_runs_under_it(
    app: Flask, olga: Character, ann: Character
) -> None:
    case = olga.writes("Printer")
    with app.app_context():
        before = revisions.active().id
    person = ann.id

    def answer() -> None:
        from helpdesk.people.models import Person

        perform(case.id, "reply", staff(session().get_one(Person, person)), {"message": "Which floor?"})

    meanwhile(app, lambda: rollout.apply(RENAMED, author="Boris"), answer)
    assert case.state == "on_hold"
    assert case.events[-1].revision_id != before


def test_a_mail_that_opens_a_ticket_meanwhile_comes_in_under_the_new_desk(app: Flask, olga: Character) -> None:
    from helpdesk import intake
    from helpdesk.tickets.rich import Rich

    fresh = changed(
        ("initial: new", "initial: fresh"), ("      new:\n", "      fresh:\n"), ("to: new", "to: fresh"), every=True
    )
    arrived: list[int] = []

    def mail() -> None:
        inbound = intake.Inbound(source="support_mail", channel="email", address=olga.email, message=Rich("Hello"))
        arrived.append(intake.receive(inbound).ticket_id)

    meanwhile(app, lambda: rollout.apply(fresh, author="Boris"), mail)
    assert Case(app, arrived[0]).state == "fresh"


def test_a_group_keeps_what_a_person_of_it_loses(app: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Printer")
    ann.performs("forward", case, text="Please look.")
    with app.app_context():
        assert case.group == "workshop"
    edgar = hire(app, "edgar@acme.example", "Edgar", groups=["workshop"])
    edgar.performs("take", case)
    applied(
        app,
        changed(
            (
                "visible_to: [engineer, manager]\n        actions: [comment, quote",
                "visible_to: [manager]\n        actions: [comment, quote",
            )
        ),
    )
    assert (case.assignee, case.group) == (None, "workshop")
    assert case.events[-1].data["assigned"]["group"] == "workshop"


PROMISES = ('    ref: "R-{number}"\n', '    ref: "R-{number}"\n    sla: [{resolution: 4d}]\n')
PAUSES = (
    "        label: Waiting for the customer\n",
    "        label: Waiting for the customer\n        pauses_sla: true\n",
)


def works(app: Flask) -> None:
    """The worker does what the change left to be reckoned."""
    Worker(app, chores=()).run_until_idle(kinds=[reckoning.TURN])


def test_a_promise_stops_where_the_state_begins_to_pause_it_and_goes_on_where_it_ceases(
    app: Flask, still: None, olga: Character, ann: Character
) -> None:
    applied(app, changed(PROMISES))
    case = olga.writes("Printer")
    ann.performs("reply", case, text="Which floor?")
    with app.app_context():
        due_before = session().get_one(Ticket, case.id).due_resolution
    applied(app, changed(PROMISES, PAUSES))
    works(app)
    clock.travel(timedelta(days=2))
    with app.app_context():
        assert session().get_one(Ticket, case.id).sla_paused_at is not None
    assert [action for action, _ in running(app, case)] == ["close_silent"], (
        "no promise is watched while it stands still"
    )
    applied(app, changed(PROMISES))
    works(app)
    with app.app_context():
        ticket = session().get_one(Ticket, case.id)
        assert ticket.sla_paused_at is None
        assert ticket.due_resolution == due_before + timedelta(days=2)


WORKSHOP = "        visible_to: [engineer, manager]\n        actions: [comment, quote, return_to_front]\n"
ASKS = "        approve: {by: [manager], within: 2d, email: answer, accept: agreed, reject: agreed}\n"
TAKE = "      take: {type: assign"
AGREED = "      agreed: {type: notify, label: Agreed, automatic: true, to: new}\n"
CONSENT = changed((WORKSHOP, WORKSHOP + ASKS), (TAKE, AGREED + TAKE))


def test_consent_that_is_waited_for_goes_on_under_the_states_new_name(
    app: Flask, still: None, olga: Character, ann: Character, boris: Character
) -> None:
    applied(app, CONSENT)
    case = olga.writes("Printer")
    ann.performs("forward", case, text="May we?")
    texts = changed(
        ("      workshop:\n        label: At", "      atelier:\n        renamed_from: workshop\n        label: At"),
        ("to: workshop\n", "to: atelier\n"),
        ("to: workshop}", "to: atelier}"),
        text=CONSENT["workflows.yaml"],
    )
    applied(app, texts)
    assert case.state == "atelier"
    boris.performs("approve:accept", case)
    assert case.state == "new"


def test_nothing_begins_on_a_ticket_that_rests_in_another(app: Flask, case: Case, olga: Character) -> None:
    other = olga.writes("The same again")
    with app.app_context(), writing() as here:
        here.get_one(Ticket, case.id).merged_into_id = other.id
    applied(app, WITHOUT_WAITING, moves={("repair", "waiting"): "new"})
    assert case.state == "new"
    assert running(app, case) == []
