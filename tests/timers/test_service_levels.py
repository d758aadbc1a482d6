"""Service levels: what is promised, what pauses it, what counts as an answer, what is said before and at the breach
(SLA hours, holidays and pause; escalation in levels; WORKFLOW.md, "Clocks"). The clock stands on Monday 2026-01-12
10:00 in Tallinn and goes on when a test says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from helpdesk import alarms, clock, timers
from helpdesk.db import session
from helpdesk.rollout import apply as rollout
from helpdesk.rollout import reckoning, testing
from helpdesk.tickets import filters, queue
from helpdesk.tickets.models import Ticket, Unread
from helpdesk.worker import Worker
from helpdesk.workflows import revisions
from tests.at_the_desk import AtTheDesk
from tests.cast import Case, Character

DESK = """\
version: 1
company: {name: Acme, url: "https://acme.example", languages: [en], timezone: Europe/Tallinn, currency: EUR}
roles:
  agent: {label: Agent, may: [create, be_assigned]}
  manager: {label: Manager, includes: [agent]}
groups:
  front: {label: Front, roles: [agent]}
calendars:
  office: {timezone: Europe/Tallinn, hours: {mon-fri: ["09:00-18:00"]}}
fields:
  urgent: {type: checkbox, label: Urgent}
workflows:
  case:
    label: Cases
    initial: new
    ref: "C-{number}"
    calendar: office
    fields: [urgent]
    sla:
      - {when: "fields.urgent", first_response: 1h business, resolution: 4h, warn_at: [50, 75], then: escalate}
      - {first_response: 4h business, resolution: 2d business, warn_at: [50, 75], then: escalate}
    on_create: [{do: hail}]
    states:
      new:
        label: New
        customer_label: New
        visible_to: [agent]
        actions: [reply, think, hold, urge, close, note]
        on_message: {customer: write, staff: reply, other: note}
        timers: [{after: 3d business, do: late, repeat: 2}]
      waiting:
        label: Waiting
        customer_label: Waiting
        visible_to: [agent]
        pauses_sla: true
        actions: [reply, close, resume]
        on_message: {customer: write, staff: note, other: note}
      thinking: {label: Thinking, customer_label: New, visible_to: [agent], actions: [reply], on_enter: [promise]}
      done: {label: Done, customer_label: Done, visible_to: [agent], final: true, actions: [again]}
    actions:
      hail: {type: notify, label: Hail, automatic: true, emails: [{to: [customer], subject: Hail, body: "By {{ ticket.due_first_response }}."}]}
      reply: {type: reply, label: Reply, allow: [agent], customer: see, to: waiting, fields: [message], emails: [{to: [customer], subject: Re, body: Text}]}
      think: {type: set_fields, label: Think, allow: [agent], to: thinking}
      promise: {type: notify, label: We are at it, automatic: true, emails: [{to: [customer], subject: At it, body: Text}]}
      hold: {type: set_fields, label: Hold, allow: [agent], to: waiting}
      resume: {type: set_fields, label: Resume, allow: [agent], to: new}
      urge: {type: set_fields, label: Urge, allow: [agent], fields: [urgent]}
      note: {type: comment, label: Note, allow: [agent], fields: [message]}
      write: {type: customer_message, label: Write, customer: run, to: new, fields: [message]}
      close: {type: close, label: Close, allow: [agent], to: done}
      again: {type: reopen, label: Again, allow: [agent], customer: own, to: new}
      late: {type: notify, label: Late, automatic: true, emails: [{to: ["role:manager"], subject: Late, body: Text}]}
      escalate: {type: notify, label: Escalate, automatic: true, emails: [{to: ["role:manager"], subject: Breach, body: Text}]}
sources:
  support_mail: {type: email, address: support@acme.example, workflow: case, assign: {group: front}}
tests:
  - name: Warnings run nothing, the breach escalates, and a pause moves it by working time
    given: {source: support_mail, with: {subject: Help, message: Hello}, expect: {ran: [hail], emails: [customer]}}
    steps:
      - {after: 239m business, expect: {ran: [], emails: []}}
      - {after: 1m business, expect: {ran: [escalate], emails: ["role:manager"]}}
      - {as: agent, do: hold}
      - {after: 5d, expect: {ran: []}}
      - {as: agent, do: resume}
      - {after: 14h business, expect: {ran: [escalate]}}
  - name: A business timer runs at the end of its third working day, and again three working days later
    given: {source: support_mail, with: {subject: Help, message: Hello}}
    steps:
      - {as: agent, do: reply, with: {message: Hello}, expect: {state: waiting}}
      - {as: customer, writes: Thanks, expect: {state: new}}
      - {after: 3d business, expect: {ran: [escalate, late]}}
      - {after: 3d business, expect: {ran: [late]}}
      - {after: 3d business, expect: {ran: []}}
"""  # noqa: E501


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.frozen(datetime(2026, 1, 12, 8, tzinfo=UTC)):
        yield


@pytest.fixture
def desk(app: Flask) -> Flask:
    with app.app_context():
        revisions.adopt(DESK, author="a test")
    return app


def goes_by(app: Flask, **time: float) -> None:
    """Time passes, and what is due happens at its moment."""
    until = clock.now() + timedelta(**time)
    with app.app_context():
        while (due := timers.next_due()) is not None and due <= until:
            clock.travel(max(due - clock.now(), timedelta()))
            timers.run_due(limit=1)
        clock.travel(until - clock.now())


def promised(case: Case) -> Ticket:
    with case.app.app_context():
        ticket = session().get_one(Ticket, case.id)
        session().expunge_all()
        return ticket


def monday(hour: int, minute: int = 0, *, days: int = 0) -> datetime:
    """By Tallinn's clock."""
    return datetime(2026, 1, 12 + days, hour - 2, minute, tzinfo=UTC)


def test_the_opening_promises_what_the_first_matching_level_says(desk: Flask, olga: Character) -> None:
    case = olga.writes("Help")
    ticket = promised(case)
    assert ticket.due_first_response == ticket.due_at == monday(14)
    assert ticket.due_resolution == monday(10, days=2)
    (receipt,) = case.mails
    assert receipt.frozen["names"]["ticket"]["due_first_response"] == "2026-01-12 14:00"
    assert ticket.first_response_at is None, "the desk's own receipt is no answer"


def test_a_ticket_without_service_levels_costs_and_promises_nothing(app: Flask, olga: Character) -> None:
    ticket = promised(olga.writes("Help"))
    assert (ticket.promised, ticket.due_at, ticket.due_resolution) == (None, None, None)


def test_warnings_are_said_and_run_nothing_and_the_breach_runs_then(
    desk: Flask, olga: Character, ann: Character, boris: Character
) -> None:
    """Escalation in levels: 50, 75 and 100 per cent."""
    case = olga.writes("Help")
    seen_by(ann, case)
    goes_by(desk, hours=2)
    assert case.story == ["opened", "hail", "warned"]
    assert unread(ann, case), "whoever has it hears of a warning"
    ticket = promised(case)
    assert ticket.at_risk
    goes_by(desk, hours=1)
    assert case.story[3:] == ["warned"]
    assert case.version == 2, "a warning makes nobody's open page stale"
    assert len(case.mails) == 1, "and mails nobody"
    goes_by(desk, hours=1)
    assert case.story[4:] == ["breached", "escalate"]
    assert [event.data["percent"] for event in case.events if "promise" in event.data] == [50, 75, 100]
    assert case.mails[-1].role == "role:manager"
    assert promised(case).due_at == monday(14), "what is overdue stays overdue until it is answered"


def test_the_first_answer_is_the_first_mail_to_the_customer_that_staff_causes(
    desk: Flask, olga: Character, ann: Character, boris: Character
) -> None:
    case = olga.writes("Help")
    ann.performs("note", case, text="Looks bad.")
    assert promised(case).first_response_at is None
    goes_by(desk, hours=1)
    ann.performs("think", case)  # the chain it sets off mails the customer
    ticket = promised(case)
    assert ticket.first_response_at == monday(11)
    assert ticket.due_first_response == monday(14), "it is kept to be judged by"
    assert ticket.due_at == ticket.due_resolution
    goes_by(desk, hours=4)
    assert "breached" not in case.story


def test_an_answer_by_mail_is_one_too(desk: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Help")
    ann.writes("Re: Help", "Here it is.", about=case, verified=True)
    assert case.story[-1] == "reply"
    assert promised(case).first_response_at == monday(10)


def test_a_ticket_that_staff_enter_is_not_answered_by_its_receipt(desk: Flask, olga: Character, ann: Character) -> None:
    from helpdesk.people import find

    with desk.app_context():
        by = find.by_email(ann.email)
    case = olga.writes("Help", by=by)
    assert len(case.mails) == 1
    assert promised(case).first_response_at is None


def test_a_pause_stops_both_clocks_and_moves_a_deadline_by_working_time(
    desk: Flask, olga: Character, ann: Character
) -> None:
    case = olga.writes("Help")
    goes_by(desk, hours=1)
    ann.performs("hold", case)
    assert promised(case).due_at is None
    goes_by(desk, hours=23)  # until Tuesday 10:00: eight working hours
    assert "warned" not in case.story
    ann.performs("resume", case)
    ticket = promised(case)
    assert ticket.due_first_response == monday(13, days=1)  # three hours are left
    assert ticket.due_resolution == monday(18, days=2)  # Wednesday 10:00 and eight working hours
    goes_by(desk, hours=3)
    assert case.story.count("breached") == 1


def test_the_end_pauses_and_reopening_goes_on(desk: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Help")
    ann.performs("close", case)
    ticket = promised(case)
    assert (ticket.due_at, ticket.sla_paused_at) == (None, monday(10))
    goes_by(desk, days=7)
    assert "breached" not in case.story
    ann.performs("again", case)
    ticket = promised(case)
    assert ticket.due_first_response == monday(14, days=7)
    assert ticket.sla_paused_at is None


def test_what_was_broken_before_a_pause_stays_broken(desk: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Help")
    goes_by(desk, hours=5)
    ann.performs("hold", case)
    goes_by(desk, days=1)
    ann.performs("resume", case)
    assert promised(case).due_first_response == monday(14)
    goes_by(desk, hours=6)
    assert case.story.count("breached") == 1, "and is not broken a second time"


def test_a_run_that_changes_what_the_levels_ask_changes_the_promise(
    desk: Flask, olga: Character, ann: Character
) -> None:
    case = olga.writes("Help")
    goes_by(desk, minutes=45)
    ann.performs("urge", case, urgent=True)
    ticket = promised(case)
    assert ticket.due_first_response == monday(11), "counted from the opening"
    assert ticket.due_resolution == monday(14)
    goes_by(desk, minutes=5)
    assert case.story.count("warned") == 1, "of the warnings that are over only the last is said"
    goes_by(desk, minutes=10)
    assert case.story[-2:] == ["breached", "escalate"]
    ann.performs("urge", case, urgent=False)
    assert promised(case).due_first_response == monday(14)


def test_warnings_come_once_however_often_the_ticket_waits(desk: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Help")
    goes_by(desk, hours=2)
    assert case.story.count("warned") == 1
    for _ in range(3):
        ann.performs("hold", case)
        goes_by(desk, minutes=30)
        ann.performs("resume", case)
    goes_by(desk, minutes=59)
    assert case.story.count("warned") == 1
    goes_by(desk, minutes=1)
    assert case.story.count("warned") == 2


def test_after_a_downtime_only_the_breach_is_said(desk: Flask, olga: Character, ann: Character) -> None:
    """Fault 27: what fell due while nothing ran does not come in a burst."""
    case = olga.writes("Help")
    clock.travel(timedelta(days=1))
    with desk.app_context():
        while timers.run_due():
            pass
    assert [name for name in case.story if name in ("warned", "breached")] == ["breached", "warned"]


def test_a_file_that_promises_nothing_any_more_takes_the_promises_back(
    desk: Flask, olga: Character, ann: Character
) -> None:
    case = olga.writes("Help")
    head, _, tail = DESK.partition("    sla:\n")
    with desk.app_context():
        changed = head + tail[tail.index("    on_create") :]
        revisions.adopt(
            changed.replace("do: late, repeat: 2}", "do: late}, {after: 9d, do: escalate}"), author="a test"
        )
    goes_by(desk, hours=5)
    assert "warned" not in case.story
    assert "breached" not in case.story
    assert promised(case).due_at is None
    with desk.app_context():
        assert alarms.standing() == []


def test_a_state_that_begins_to_pause_stops_the_clocks_of_its_tickets_and_lets_them_go_on_when_it_ends(
    desk: Flask, olga: Character, ann: Character
) -> None:
    case, held = olga.writes("Help"), olga.writes("Help me too")
    ann.performs("hold", held)
    turned = DESK.replace("        pauses_sla: true\n", "").replace(
        "      new:\n", "      new:\n        pauses_sla: true\n"
    )
    goes_by(desk, hours=1)
    with desk.app_context():
        rollout.apply({"workflows.yaml": turned}, author="Boris")
    Worker(desk, chores=()).run_until_idle(kinds=[reckoning.TURN])
    assert (promised(case).sla_paused_at, promised(case).due_at) == (monday(11), None)
    assert promised(held).due_first_response == monday(15)
    goes_by(desk, hours=4)
    assert "breached" not in case.story
    assert "breached" in held.story


def test_the_queue_knows_what_is_late_without_asking_more(desk: Flask, olga: Character, ann: Character) -> None:
    olga.writes("Help")
    goes_by(desk, hours=2)
    with desk.app_context():
        from helpdesk.people import find

        person = find.by_email(ann.email)
        assert person is not None
        (row,) = queue.page(person, filters.find(person, filters.OPEN)).rows
    assert (row.due_at, row.at_risk) == (monday(14), True)


def test_the_workflows_own_tests_honour_all_of_it() -> None:
    report = testing.run(DESK)
    assert [str(failure) for result in report.results for failure in result.failures] == []


def seen_by(person: Character, case: Case) -> None:
    from helpdesk.db import writing

    with case.app.app_context(), writing() as here:
        here.query(Unread).delete()


def unread(person: Character, case: Case) -> bool:
    with case.app.app_context():
        return session().get(Unread, (person.id, case.id)) is not None


def test_a_desk_that_promises_no_more_lets_go_of_what_it_promised(desk: Flask, olga: Character, ann: Character) -> None:
    """The working time that a promise ran on may be gone with it: no page and no clock stumbles over that."""
    case = olga.writes("Help")
    start, end = DESK.index("    sla:"), DESK.index("    on_create:")
    without = (DESK[:start] + DESK[end : DESK.index("tests:")]).replace("    calendar: office\n", "")
    without = without.replace("{after: 3d business", "{after: 3d").replace(
        "        timers: [{after: 3d,", "        timers: [{after: 9d,"
    )
    without = without.replace(
        "{after: 9d, do: late, repeat: 2}", "{after: 9d, do: late, repeat: 2}, {after: 90d, do: escalate}"
    )
    with desk.app_context():
        rollout.apply({"workflows.yaml": without}, author="a test")
    ann.joins(roles=["agent"])
    assert AtTheDesk(desk, ann).opens(f"/desk/tickets/{case.ref}").status_code == 200
    goes_by(desk, days=3)
    assert "breached" not in case.story
    assert (promised(case).due_first_response, promised(case).due_resolution) == (None, None)
    with desk.app_context():
        assert not [alarm for alarm in alarms.standing() if alarm.key.startswith("timer:")]
