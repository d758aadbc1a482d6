"""The sentences of WORKFLOW.md about what an action does and what is settled, each asked of the real doors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk import clock, timers
from helpdesk.alarms import Alarm
from helpdesk.db import session, writing
from helpdesk.errors import NotPossible
from helpdesk.tickets.models import Follower
from tests.actions.desks import AGAIN, DONE, MAIL, OPEN, in_force
from tests.cast import Case, Character

START = datetime(2026, 1, 12, 8, tzinfo=UTC)


def pass_time(app: Flask, **time: int) -> None:
    """Time goes by, and what falls due happens when it does."""
    with app.app_context():
        until = clock.now() + timedelta(**time)
        while (due := timers.next_due()) is not None and due <= until:
            clock.travel(max(due - clock.now(), timedelta()))
            timers.run_due(limit=1)
        clock.travel(until - clock.now())


def follows(app: Flask, who: Character, case: Case) -> None:
    with app.app_context(), writing() as here:
        here.add(Follower(ticket_id=case.id, person_id=who.id))


def mailed(case: Case) -> list[tuple[str, str]]:
    return [(mail.recipient, mail.role) for mail in case.mails]


# Entering


def test_same_stays_and_an_explicit_target_arrives_anew(app: Flask, olga: Character, ann: Character) -> None:
    """A run without `to`, `same` and a filed message leave the timers alone; the state itself begins them anew."""
    in_force(
        app,
        states=f"""
            new: {{{OPEN}, actions: [stay, same, anew, close], on_enter: [hail], timers: [{{after: 2d, do: late}}]}}
            {DONE}""",
        actions=f"""
            stay: {{type: set_fields, label: Stay, allow: [agent]}}
            same: {{type: set_fields, label: Same, allow: [agent], to: same}}
            anew: {{type: set_fields, label: Anew, allow: [agent], to: new}}
            close: {{type: close, label: Close, allow: [agent], to: done}}
            hail: {{type: notify, label: Hail, automatic: true, emails: [{{to: [customer], {MAIL}}}]}}
            late: {{type: close, label: Late, automatic: true, to: done}}
            {AGAIN}""",
    )
    with clock.frozen(START):
        case = olga.writes("Hello")
        assert case.story == ["opened", "hail"]
        pass_time(app, hours=47)
        ann.performs("stay", case)
        ann.performs("same", case)
        olga.writes("More", about=case)
        assert case.story[2:] == ["stay", "same", "filed"], "nothing arrived"
        pass_time(app, hours=1)
        assert case.state == "done", "neither a run that stays nor a filed message begins the time anew"
        ann.performs("again", case)
        pass_time(app, hours=47)
        assert ann.performs("anew", case).entered
        assert case.story[-2:] == ["anew", "hail"]
        pass_time(app, hours=47)
        assert case.state == "new", "the time began anew"
        pass_time(app, hours=1)
        assert case.state == "done"


def test_once_an_arrival_moved_the_ticket_those_after_it_do_not_run(
    app: Flask, olga: Character, ann: Character
) -> None:
    in_force(
        app,
        states=f"""
            new: {{{OPEN}, actions: [go]}}
            middle: {{{OPEN}, on_enter: [first, move, never]}}
            {DONE.replace("actions", "on_enter: [last], actions")}""",
        actions=f"""
            go: {{type: set_fields, label: Go, allow: [agent], to: middle}}
            first: {{type: notify, label: First, automatic: true}}
            move: {{type: notify, label: Move, automatic: true, to: done}}
            never: {{type: notify, label: Never, automatic: true}}
            last: {{type: notify, label: Last, automatic: true}}
            {AGAIN}""",
    )
    case = olga.writes("Hello")
    ann.performs("go", case)
    assert (case.state, case.story) == ("done", ["opened", "go", "first", "move", "last"])


def test_a_chain_of_automatic_actions_stops_at_ten_and_says_so(app: Flask, olga: Character, ann: Character) -> None:
    in_force(
        app,
        states=f"""
            new: {{{OPEN}, actions: [go]}}
            ping: {{{OPEN}, on_enter: [to_pong], actions: [go]}}
            pong: {{{OPEN}, on_enter: [to_ping], actions: [end]}}
            {DONE}""",
        actions=f"""
            go: {{type: set_fields, label: Go, allow: [agent], to: ping}}
            end: {{type: set_fields, label: End, allow: [agent], to: done}}
            to_pong: {{type: notify, label: To pong, automatic: true, to: [{{when: "ticket.number > 0", to: pong}}]}}
            to_ping: {{type: notify, label: To ping, automatic: true, to: [{{when: "ticket.number > 0", to: ping}}]}}
            {AGAIN}""",
    )
    case = olga.writes("Hello")
    ann.performs("go", case)
    assert case.story == ["opened", "go", *["to_pong", "to_ping"] * 5, "stopped"]
    assert case.events[-1].data["why"] == "A chain of 10 automatic actions was stopped."


def test_what_is_due_at_the_same_moment_runs_in_the_order_of_the_file(app: Flask, olga: Character) -> None:
    in_force(
        app,
        states=f"""
            new: {{{OPEN}, timers: [{{after: 2d, do: b}}, {{after: 1d, do: a, repeat: 3}}, {{after: 48h, do: c}},
                {{after: 3d, do: end}}]}}
            {DONE}""",
        actions=f"""
            a: {{type: notify, label: A, automatic: true}}
            b: {{type: notify, label: B, automatic: true}}
            c: {{type: notify, label: C, automatic: true}}
            end: {{type: close, label: End, automatic: true, to: done}}
            {AGAIN}""",
    )
    with clock.frozen(START):
        case = olga.writes("Hello")
        pass_time(app, days=9)
        assert case.story == ["opened", "a", "b", "a", "c", "a", "end"], "three runs of `a` in all"


def test_after_a_standstill_a_reminder_does_not_come_in_a_burst(app: Flask, olga: Character) -> None:
    """Fault 20: what fell due while nothing ran is done once, and the time to the next begins then."""
    in_force(
        app,
        states=f"""
            new: {{{OPEN}, timers: [{{after: 1d, do: remind, repeat: 3}}], actions: [close]}}
            {DONE}""",
        actions=f"""
            remind: {{type: notify, label: Remind, automatic: true, emails: [{{to: [customer], {MAIL}}}]}}
            close: {{type: close, label: Close, allow: [agent], to: done}}
            {AGAIN}""",
    )
    with clock.frozen(START):
        case = olga.writes("Hello")
        clock.travel(timedelta(days=5))
        pass_time(app, hours=1)
        assert case.story == ["opened", "remind"]
        pass_time(app, days=3)
        assert case.story == ["opened", "remind", "remind", "remind"]


def test_a_timer_that_was_taken_out_of_the_file_fires_no_more(app: Flask, olga: Character) -> None:
    timed = f"new: {{{OPEN}, actions: [close], timers: [{{after: 1d, do: late}}]}}\n"
    never = (
        f"new: {{{OPEN}, actions: [close]}}\nother: {{{OPEN}, actions: [close], timers: [{{after: 1d, do: late}}]}}\n"
    )
    actions = f"""
        close: {{type: close, label: Close, allow: [agent], to: [{{when: "ticket.number > 9", to: DRAWER}},
            {{to: done}}]}}
        late: {{type: close, label: Late, automatic: true, to: done}}
        {AGAIN}"""
    with clock.frozen(START):
        in_force(app, states=timed + DONE, actions=actions.replace("DRAWER", "new"))
        case = olga.writes("Hello")
        in_force(app, states=never + DONE, actions=actions.replace("DRAWER", "other"))
        pass_time(app, days=2)
        assert (case.state, case.story) == ("new", ["opened"])
        in_force(app, states=timed + DONE, actions=actions.replace("DRAWER", "new"))
        again = olga.writes("Hello")
        pass_time(app, days=2)
        assert (again.state, again.story) == ("done", ["opened", "late"])


def test_a_refused_automatic_run_is_an_event_and_an_alarm_and_what_caused_it_stands(
    app: Flask, olga: Character, ann: Character
) -> None:
    in_force(
        app,
        fields="serial: {type: text, label: Serial}",
        workflow="fields: [serial]",
        states=f"""
            new: {{{OPEN}, actions: [go, fill], timers: [{{after: 1d, do: need, repeat: 2}}]}}
            next: {{{OPEN}, on_enter: [need, hail], actions: [close]}}
            {DONE}""",
        actions=f"""
            go: {{type: set_fields, label: Go, allow: [agent], to: next}}
            fill: {{type: set_fields, label: Fill, allow: [agent], fields: [serial]}}
            need: {{type: notify, label: Need, automatic: true, fields: [{{use: serial, required: true}}], to: done}}
            hail: {{type: notify, label: Hail, automatic: true}}
            close: {{type: close, label: Close, allow: [agent], to: done}}
            {AGAIN}""",
    )
    with clock.frozen(START):
        case, other = olga.writes("Hello"), olga.writes("Two")
        ann.performs("go", case)
        assert (case.state, case.story) == ("next", ["opened", "go", "refused", "hail"])
        assert case.events[2].data["label"] == "Need", "the history calls it as its button does"
        pass_time(app, days=3)
        assert other.story == ["opened", "refused", "refused"]
        with app.app_context():
            alarm = session().scalars(select(Alarm)).one()
            assert (alarm.subject, alarm.times) == ("refused:case.need", 3)
            assert "Please fill in “Serial”." in alarm.sentence
        ann.performs("fill", other, serial="X1")
        assert other.state == "new"
        ann.performs("go", other)
        assert other.state == "done", "what the ticket holds already satisfies"


# Assigning

ASSIGNING = {
    "states": f"""
        new: {{{OPEN}, actions: [take, to_front, to_bench, drop, hide, mine]}}
        shop: {{label: Shop, customer_label: Shop, visible_to: [engineer], actions: [close]}}
        {DONE}""",
    "actions": f"""
        take: {{type: assign, label: Take, allow: [agent, engineer, accountant], assign: actor}}
        to_front: {{type: assign, label: Front, allow: [agent], assign: {{group: front}}}}
        to_bench: {{type: forward, label: Bench, allow: [agent], to: shop, assign: {{group: workshop,
            by: least_busy}}}}
        drop: {{type: assign, label: Drop, allow: [agent], assign: none}}
        hide: {{type: set_fields, label: Hide, allow: [agent], to: shop, assign: actor}}
        mine: {{type: comment, label: Mine, allow: [everyone], only_assignee: true, fields: [message], customer: run}}
        close: {{type: close, label: Close, allow: [engineer], to: done}}
        {AGAIN}""",
}


def test_actor_keeps_the_group_and_keeps_all_without_the_right(
    app: Flask, olga: Character, ann: Character, boris: Character, kadri: Character
) -> None:
    in_force(app, **ASSIGNING)
    case = olga.writes("Hello")
    ann.performs("to_front", case)
    ann.performs("take", case)
    assert (case.assignee, case.group) == (ann.email, "front")
    kadri.performs("take", case)
    assert (case.assignee, case.group) == (ann.email, "front"), "an accountant may not be assigned"
    ann.performs("to_front", case)
    assert (case.assignee, case.group) == (None, "front"), "a group clears the person"
    ann.performs("drop", case)
    assert (case.assignee, case.group) == (None, None)


def test_a_strategy_takes_the_first_by_name_who_may_and_sees(
    app: Flask, olga: Character, ann: Character, edgar: Character
) -> None:
    from tests.cast import hire

    in_force(app, **ASSIGNING)
    first = olga.writes("One")
    ann.performs("to_bench", first)
    assert first.assignee == edgar.email
    hire(app, "aino@acme.example", "aino", groups=["workshop"])
    second, third = olga.writes("Two"), olga.writes("Three")
    ann.performs("to_bench", second)
    assert second.assignee == "aino@acme.example", "Edgar has one"
    ann.performs("to_bench", third)
    assert third.assignee == "aino@acme.example", "the first by name among equals, whatever the case"


def test_where_nobody_can_be_chosen_the_group_has_it(app: Flask, olga: Character, ann: Character) -> None:
    in_force(app, **ASSIGNING)
    case = olga.writes("Hello")
    ann.performs("to_bench", case)
    assert (case.state, case.assignee, case.group) == ("shop", None, "workshop")


def test_sight_is_judged_after_assigning(app: Flask, olga: Character, ann: Character) -> None:
    in_force(app, **ASSIGNING)
    case = olga.writes("Hello")
    outcome = ann.performs("hide", case)
    assert (case.state, case.assignee, outcome.in_sight) == ("shop", None, False)
    assert case.events[-1].data["assigned"]["why"] == ["Ann does not see tickets here and was cleared."]


def test_a_source_too_judges_sight_after_assigning(app: Flask, kadri: Character, olga: Character) -> None:
    states = str(ASSIGNING["states"]).replace(
        "new: {label: Open, customer_label: Open, visible_to: [everyone]",
        "new: {label: Open, customer_label: Open, visible_to: [agent]",
    )
    in_force(app, states=states, actions=str(ASSIGNING["actions"]), source=", assign: {user: kadri@acme.example}")
    case = olga.writes("Hello")
    assert case.assignee is None
    assert case.events[0].data["assigned"]["why"] == ["Kadri does not see tickets here and was cleared."]


def test_only_assignee_means_the_person_then_the_group_and_never_binds_the_customer(
    app: Flask, olga: Character, ann: Character, boris: Character, edgar: Character
) -> None:
    from tests.cast import hire

    in_force(app, **ASSIGNING)
    nina = hire(app, "nina@acme.example", "Nina", groups=["front"])
    case = olga.writes("Hello")
    edgar.performs("mine", case, text="Nobody has it, so anybody may.")
    ann.performs("to_front", case)
    nina.performs("mine", case, text="We have it.")
    with pytest.raises(NotPossible) as refused:
        edgar.performs("mine", case, text="Not ours.")
    assert refused.value.code == "assigned"
    ann.performs("take", case)
    with pytest.raises(NotPossible):
        nina.performs("mine", case, text="It is Ann's now, though the group has it too.")
    ann.performs("mine", case, text="Mine.")
    olga.performs("mine", case, text="The customer is not bound.")


def test_somebody_unknown_named_in_the_file_is_said(app: Flask, olga: Character, ann: Character) -> None:
    in_force(
        app,
        states=f"new: {{{OPEN}, actions: [give, close]}}\n{DONE}",
        actions=f"""
            give: {{type: assign, label: Give, allow: [agent], assign: {{user: gone@acme.example}}}}
            close: {{type: close, label: Close, allow: [agent], to: done}}
            {AGAIN}""",
    )
    case = olga.writes("Hello")
    ann.performs("give", case)
    assert case.assignee is None
    assert case.events[-1].data["assigned"]["why"] == ["Nobody here has the address gone@acme.example."]
