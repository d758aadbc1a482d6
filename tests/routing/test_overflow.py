"""A ticket that nobody of its tier touches goes on to the next one (C14, C15)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from helpdesk import clock, timers
from helpdesk.routing import weighing
from helpdesk.workflows import revisions
from tests.cast import Character
from tests.routing import desks
from tests.routing.desks import agent, in_force
from tests.routing.test_choosing import decision

TIERS = "entry: {by: first_line_first, tiers: [junior, middle, senior], overflow_after: 10m, capacity: {email: 1}}"
GIVEN = ", assign: {group: front, by: entry}"


def later(app: Flask, minutes: int) -> None:
    """Time passes, and what is due happens when it is."""
    until = clock.now() + timedelta(minutes=minutes)
    with app.app_context():
        while (due := timers.next_due()) is not None and due <= until:
            clock.travel(max(due - clock.now(), timedelta()))
            timers.run_due()
    clock.travel(until - clock.now())


def test_an_untouched_ticket_goes_from_tier_to_tier_and_stays_with_the_last(
    app: Flask, olga: Character, still: None
) -> None:
    in_force(app, routing=TIERS, source=GIVEN)
    anton, bert, cora = (
        agent(app, "Anton", tier="junior"),
        agent(app, "Bert", tier="middle"),
        agent(app, "Cora", tier="senior"),
    )
    case = olga.writes("Case")
    assert case.assignee == anton.email
    later(app, 9)
    assert case.assignee == anton.email
    later(app, 1)
    assert (case.assignee, case.group, case.story) == (bert.email, "front", ["opened", "routed"])
    assert decision(case)["overflow"] is True
    assert [one["out"] for one in decision(case)["members"] if "out" in one] == ["their tier was asked before"]
    later(app, 10)
    assert case.assignee == cora.email
    later(app, 600)
    assert (case.assignee, case.story) == (cora.email, ["opened", "routed", "routed"])
    with app.app_context():
        assert timers.next_due() is None


def test_whoever_is_preferred_in_a_large_group_is_passed_over_in_time_too(
    app: Flask, olga: Character, still: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record names those who came first; the one who was chosen before them is named as well, with their tier."""
    monkeypatch.setattr(weighing, "KEPT", 1)
    entry = (
        "entry: {by: first_line_first, prefer: [ticket_owner], tiers: [junior, middle, senior], overflow_after: 10m}"
    )
    in_force(app, routing=entry, source=GIVEN)
    agent(app, "Anton", tier="junior")
    bert, cora = agent(app, "Bert", tier="middle"), agent(app, "Cora", tier="senior")
    bert.performs("take", olga.writes("First"))
    case = olga.writes("Second")
    assert case.assignee == bert.email
    assert [one["name"] for one in decision(case)["members"]] == ["Anton", "Bert"]
    assert decision(case)["more"] == 1
    later(app, 10)
    assert case.assignee == cora.email


def test_a_ticket_that_somebody_touched_stays(app: Flask, olga: Character, still: None) -> None:
    """Also where it was touched in the very moment it was given; the customer's own words touch nothing."""
    in_force(app, routing=TIERS, source=GIVEN)
    anton, _bert = agent(app, "Anton", tier="junior"), agent(app, "Bert", tier="senior")
    case = olga.writes("Case")
    anton.performs("reply", case, text="I am looking at it.")
    later(app, 60)
    assert case.assignee == anton.email
    anton.performs("close", case)
    waiting = olga.writes("Waiting")
    olga.writes("Re", "Are you there?", about=waiting)
    assert waiting.story == ["opened", "customer_reply"], "it arrived in its state anew"
    later(app, 10)
    assert waiting.assignee == "bert@acme.example"


def test_while_nobody_of_the_next_tiers_is_free_it_stays_and_is_tried_again(
    app: Flask, olga: Character, still: None
) -> None:
    in_force(app, routing=TIERS, source=GIVEN)
    anton, bert = agent(app, "Anton", tier="junior"), agent(app, "Bert", tier="middle")
    other = olga.writes("Other")
    bert.performs("take", other)
    anton.performs("take", other)
    bert.performs("take", other)
    case = olga.writes("Case")
    assert case.assignee == anton.email
    later(app, 10)
    assert (case.assignee, case.story) == (anton.email, ["opened"]), "Bert is full"
    bert.performs("close", other)
    later(app, 10)
    assert case.assignee == bert.email


def test_a_closed_or_taken_ticket_does_not_go_on(app: Flask, olga: Character, still: None) -> None:
    in_force(app, routing=TIERS, source=GIVEN)
    anton, bert = agent(app, "Anton", tier="junior"), agent(app, "Bert", tier="middle")
    case = olga.writes("Case")
    anton.performs("close", case)
    later(app, 30)
    assert case.assignee == anton.email
    with app.app_context():
        assert timers.next_due() is None
    assert bert.email not in str(case.events[-1].data)


def test_a_file_without_the_tiers_lets_it_stay(app: Flask, olga: Character, still: None) -> None:
    in_force(app, routing=TIERS, source=GIVEN)
    anton, _bert = agent(app, "Anton", tier="junior"), agent(app, "Bert", tier="middle")
    case = olga.writes("Case")
    in_force(app, source=GIVEN)
    later(app, 30)
    assert case.assignee == anton.email


def test_a_ticket_goes_on_although_its_working_time_is_gone(app: Flask, olga: Character, still: None) -> None:
    """The file in force has no calendar any more; what waited on it is not tried for ever."""
    office = 'calendars:\n  office: {timezone: Europe/Tallinn, hours: {mon-sun: ["00:00-24:00"]}}\nrouting:'
    business = desks.DESK.replace("routing:", office.replace("{", "{{").replace("}", "}}"))
    business = business.replace("    initial: new\n", "    initial: new\n    calendar: office\n")
    anton, bert = agent(app, "Anton", tier="junior"), agent(app, "Bert", tier="middle")
    entry = f"  {TIERS}"
    with app.app_context():
        text = business.format(by="entry", routing=entry.replace("10m", "10m business"), source=GIVEN)
        revisions.adopt(text, author="a test")
    case = olga.writes("Case")
    assert case.assignee == anton.email
    with app.app_context():
        revisions.adopt(desks.DESK.format(by="entry", routing=entry, source=GIVEN), author="a test")
    later(app, 10)
    assert case.assignee == bert.email
