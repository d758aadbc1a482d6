"""A ticket finds a person of the group by the entry of `routing` that the file names (C10 to C16, O3, O4, N15, W2)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from helpdesk import clock
from helpdesk.db import session, writing
from helpdesk.people import absences, find
from helpdesk.people.models import SignIn
from helpdesk.routing import presence
from helpdesk.workflows import revisions
from tests.cast import Case, Character, hire
from tests.routing.desks import agent, in_force
from tests.statements import listening


def decision(case: Case) -> dict[str, Any]:
    """The last one that the history keeps."""
    return next(
        e.data["assigned"]["decision"] for e in reversed(case.events) if "decision" in e.data.get("assigned", {})
    )


@pytest.fixture
def giver(app: Flask) -> Character:
    """Somebody who gives tickets and is of no group, so that none goes to them."""
    return hire(app, "giver@acme.example", "Giver", roles=["agent"])


def test_work_is_spread_evenly(app: Flask, olga: Character, giver: Character) -> None:
    """C12: it goes around by name, whatever else happens in between."""
    in_force(app, by="round_robin")
    everybody = [agent(app, name) for name in ("Cora", "anton", "Bert")]
    cases = [olga.writes(f"Case {number}") for number in range(6)]
    for case in cases:
        giver.performs("give", case)
    around = [everybody[1].email, everybody[2].email, everybody[0].email]
    assert [case.assignee for case in cases] == around * 2
    assert [one["name"] for one in decision(cases[0])["members"]] == ["anton", "Bert", "Cora"]


def test_round_robin_goes_on_after_somebody_who_cannot_have_it_now(
    app: Flask, olga: Character, giver: Character
) -> None:
    in_force(app, routing="entry: {by: round_robin, capacity: {email: 1}}")
    anton, bert, cora = (agent(app, name) for name in ("Anton", "Bert", "Cora"))
    cases = [olga.writes(f"Case {number}") for number in range(5)]
    bert.performs("take", cases[4])
    for case in cases[:2]:
        giver.performs("give", case)
    assert [case.assignee for case in cases[:2]] == [anton.email, cora.email], "Bert has his one already"
    anton.performs("close", cases[0])
    giver.performs("give", cases[2])
    assert cases[2].assignee == anton.email
    giver.performs("give", cases[3])
    assert (cases[3].assignee, cases[3].group) == (None, "front"), "where all are full the group has it"
    assert decision(cases[3])["why"] == "Nobody of front can have it: Anton has 1 of at most 1, and 2 more."


def test_capacity_counts_open_tickets_of_the_channel_alone(app: Flask, olga: Character, giver: Character) -> None:
    in_force(app, routing="entry: {by: least_busy, capacity: {chat: 1, email: 20}}")
    anton, bert = agent(app, "Anton"), agent(app, "Bert")
    chats = [olga.writes(f"Chat {number}", channel="chat") for number in range(3)]
    for mail in [olga.writes(f"Mail {number}") for number in range(3)]:
        bert.performs("take", mail)
    giver.performs("give", chats[0])
    giver.performs("give", chats[1])
    assert [case.assignee for case in chats[:2]] == [anton.email, bert.email], "Bert has three mails, and no chat"
    anton.performs("close", chats[0])
    giver.performs("give", chats[2])
    assert chats[2].assignee == anton.email
    first = decision(chats[2])["members"]
    assert first[0] | {"id": 0} == {"id": 0, "name": "Anton", "place": 1, "says": "0 open", "open": 0, "busy": 0,
                                    "capacity": 1}  # fmt: skip
    assert first[1]["out"] == "has 1 of at most 1"


def test_the_owner_of_the_customers_other_open_ticket_goes_first(app: Flask, olga: Character, giver: Character) -> None:
    """C10: exactly that owner, however busy; a closed ticket binds nobody."""
    in_force(app, routing="entry: {by: least_busy, prefer: [ticket_owner]}")
    agent(app, "Anton")
    bert = agent(app, "Bert")
    first, second, third = (olga.writes(f"Case {number}") for number in range(3))
    bert.performs("take", first)
    giver.performs("give", second)
    assert second.assignee == bert.email
    assert decision(second)["why"] == f"Bert has {first.ref} of this customer."
    bert.performs("close", first)
    bert.performs("close", second)
    giver.performs("give", third)
    assert third.assignee == "anton@acme.example"
    assert decision(third)["preferred"] == [{"word": "ticket_owner", "says": "there is nobody"}]


def test_who_answered_last_goes_before_the_strategy_and_after_the_owner(
    app: Flask, olga: Character, giver: Character
) -> None:
    in_force(app, routing="entry: {by: least_busy, prefer: [ticket_owner, last_agent]}")
    agent(app, "Anton")
    bert, cora = agent(app, "Bert"), agent(app, "Cora")
    answered, owned, new = (olga.writes(f"Case {number}") for number in range(3))
    bert.performs("reply", answered, text="Have you tried it again?")
    giver.performs("give", new)
    assert new.assignee == bert.email
    assert decision(new)["why"] == "Bert answered this customer last."
    cora.performs("take", owned)
    bert.performs("close", new)
    another = olga.writes("Another")
    giver.performs("give", another)
    assert another.assignee == cora.email


def test_a_preferred_person_who_cannot_have_it_is_named_with_the_reason(
    app: Flask, olga: Character, giver: Character
) -> None:
    in_force(app, routing="entry: {by: least_busy, prefer: [ticket_owner, last_agent], capacity: {email: 1}}")
    agent(app, "Anton")
    bert, outsider = agent(app, "Bert"), hire(app, "zoe@acme.example", "Zoe", roles=["agent"])
    mine, theirs, new = (olga.writes(f"Case {number}") for number in range(3))
    bert.performs("take", mine)
    outsider.performs("reply", theirs, text="Hello")
    giver.performs("give", new)
    assert new.assignee == "anton@acme.example"
    assert [one["says"] for one in decision(new)["preferred"]] == [
        f"Bert has {mine.ref} of this customer, but has 1 of at most 1",
        "Zoe answered this customer last, but is not in the group",
    ]


def test_who_is_at_the_desk_goes_before_who_is_signed_in_before_who_is_away(
    app: Flask, olga: Character, giver: Character, still: None
) -> None:
    """O3, C11; presence is a time with a time to live."""
    in_force(app, by="most_available")
    names = ["Anton", "Bert", "Cora"]
    people = {name: agent(app, name) for name in names}
    with app.app_context():
        with writing() as here:
            now = clock.now()
            here.add(
                SignIn(
                    token_hash="x", person_id=people["Bert"].id, audience="desk", expires_at=now + timedelta(hours=9)
                )
            )
        presence.note([people["Cora"].id])
        presence.note([people["Cora"].id])
    cases = [olga.writes(f"Case {number}") for number in range(3)]
    giver.performs("give", cases[0])
    assert cases[0].assignee == people["Cora"].email
    clock.travel(presence.LASTS + timedelta(seconds=1))
    giver.performs("give", cases[1])
    assert cases[1].assignee == people["Bert"].email, "nobody says that Cora is still there"
    clock.travel(timedelta(hours=10))
    giver.performs("give", cases[2])
    assert cases[2].assignee == people["Anton"].email, "all are away; Anton has nothing to do"
    assert decision(cases[0])["members"][0]["says"].startswith("at the desk, 0 open, has not worked yet")


def test_among_those_who_are_free_alike_the_longest_waiting_goes_first(
    app: Flask, olga: Character, giver: Character, still: None
) -> None:
    in_force(app, by="most_available")
    anton, bert = agent(app, "Anton"), agent(app, "Bert")
    busy, new = olga.writes("Old"), olga.writes("New")
    for one in (bert, anton):
        clock.travel(timedelta(minutes=5))
        one.performs("reply", busy, text="A word")
    giver.performs("give", new)
    assert new.assignee == bert.email
    assert anton.email != bert.email


@pytest.mark.parametrize(
    ("by", "wanted"),
    [("first_line_first", ["Bert", "Dora", "Anton"]), ("experienced_first", ["Dora", "Bert", "Anton"])],
)
def test_tiers_are_asked_in_their_order_and_whoever_has_none_comes_last(
    app: Flask, olga: Character, giver: Character, by: str, wanted: list[str]
) -> None:
    """C13, C14: the next tier is asked when the first is full."""
    in_force(app, routing=f"entry: {{by: {by}, tiers: [junior, senior], capacity: {{email: 1}}}}")
    agent(app, "Anton")
    agent(app, "Bert", tier="junior")
    agent(app, "Dora", tier="senior")
    cases = [olga.writes(f"Case {number}") for number in range(3)]
    for case in cases:
        giver.performs("give", case)
    assert [case.assignee for case in cases] == [f"{name.lower()}@acme.example" for name in wanted]


def test_any_strategy_works_within_a_tier(app: Flask, olga: Character, giver: Character) -> None:
    in_force(app, routing="entry: {by: least_busy, tiers: [junior, senior]}")
    agent(app, "Anton", tier="senior")
    agent(app, "Bert", tier="junior")
    agent(app, "Cora", tier="junior")
    cases = [olga.writes(f"Case {number}") for number in range(3)]
    for case in cases:
        giver.performs("give", case)
    assert [case.assignee for case in cases] == [f"{name}@acme.example" for name in ("bert", "cora", "bert")]
    assert decision(cases[2])["why"] == "Bert comes first of junior by least_busy: 1 open."


def test_only_who_may_be_assigned_and_sees_the_new_state_is_asked(
    app: Flask, olga: Character, giver: Character
) -> None:
    in_force(app)
    hire(app, "clara@acme.example", "Clara", roles=["clerk"], groups=["workshop"])
    case = olga.writes("Case")
    giver.performs("hand", case, text="Please look.")
    assert (case.state, case.assignee) == ("shop", "clara@acme.example"), "a group's roles go to its members"
    other = olga.writes("Other")
    with app.app_context(), writing():
        person = find.by_email("clara@acme.example")
        assert person is not None
        person.disabled_at = clock.now()
    giver.performs("hand", other, text="Please look.")
    assert (other.assignee, other.group) == (None, "workshop")
    assert decision(other)["why"] == "Nobody is in workshop."


def test_who_is_away_is_not_asked_until_they_are_back(
    app: Flask, olga: Character, giver: Character, still: None
) -> None:
    """W34: the group on its shift; also the owner of the customer's other ticket is left in peace."""
    in_force(app, routing="entry: {by: least_busy, prefer: [ticket_owner]}")
    anton, bert = agent(app, "Anton"), agent(app, "Bert")
    first, second, third = (olga.writes(f"Case {number}") for number in range(3))
    anton.performs("take", first)
    with app.app_context(), writing():
        person, substitute = find.by_email(anton.email), find.by_email(bert.email)
        assert person is not None
        assert substitute is not None
        now = clock.now()
        absences.plan(person, substitute, starts_at=now, ends_at=now + timedelta(days=1), by=person)
    giver.performs("give", second)
    assert second.assignee == bert.email
    until = f"{clock.now() + timedelta(days=1):%Y-%m-%d %H:%M} UTC"
    assert (
        decision(second)["preferred"][0]["says"] == f"Anton has {first.ref} of this customer, but is away until {until}"
    )
    clock.travel(timedelta(days=1))
    bert.performs("close", second)
    giver.performs("give", third)
    assert third.assignee == anton.email


def test_a_source_finds_a_person_and_keeps_why(app: Flask, olga: Character) -> None:
    """W2, N15: the record names the numbers, the strategy, and its line in the revision."""
    in_force(app, source=", assign: {group: front, by: entry}")
    anton = agent(app, "Anton")
    case = olga.writes("Case")
    opened = case.events[0]
    kept = opened.data["assigned"]["decision"]
    assert case.assignee == anton.email
    assert kept == {
        "by": "entry", "strategy": "least_busy", "group": "front", "channel": "email", "file": "workflows.yaml",
        "line": 11, "person_id": anton.id, "person": "Anton", "why": "Anton comes first by least_busy: 0 open.",
        "members": [{"id": anton.id, "name": "Anton", "place": 1, "says": "0 open", "open": 0}],
    }  # fmt: skip
    with app.app_context():
        assert opened.revision_id == revisions.active().id


def test_the_number_of_questions_does_not_grow_with_the_group(app: Flask, olga: Character, giver: Character) -> None:
    in_force(app, routing="entry: {by: most_available, prefer: [ticket_owner, last_agent], capacity: {email: 9}}")

    def asked() -> int:
        case, seen = olga.writes("Case"), []
        with listening(app, lambda statement, *_: seen.append(statement)):
            giver.performs("give", case)
        return len(seen)

    agent(app, "Anton")
    few = [asked() for _ in range(3)][-1]
    for number in range(30):
        agent(app, f"Agent{number}")
    assert [asked() for _ in range(3)][-1] == few


def test_a_large_groups_record_keeps_those_who_came_first(app: Flask, olga: Character, giver: Character) -> None:
    from helpdesk.routing.decision import KEPT

    in_force(app)
    with app.app_context(), writing():
        for number in range(KEPT + 5):
            from helpdesk.people.models import Membership

            person = find.or_create(f"a{number:03}@acme.example", name=f"A{number:03}")
            session().add(Membership(person_id=person.id, group="front"))
    case = olga.writes("Case")
    giver.performs("give", case)
    kept = decision(case)
    assert (len(kept["members"]), kept["more"], kept["person"]) == (KEPT, 5, "A000")
