"""“Why?” says what the desk decides, with every reason and its line, and changes nothing (N7, N15)."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from config import Settings
from helpdesk import models
from helpdesk.db import Base, session, writing
from helpdesk.errors import NotFound
from helpdesk.people import find
from helpdesk.rollout import why
from helpdesk.rollout.why import Answer
from helpdesk.tickets import policy
from helpdesk.tickets.actors import Actor, customer, staff
from helpdesk.tickets.models import Follower, Ticket
from helpdesk.workflows import revisions
from tests.actions.desks import AGAIN, DONE, MAIL, OPEN
from tests.actions.desks import in_force as small_desk
from tests.cast import Case, Character, hire
from tests.routing.desks import agent, in_force


def asked(
    app: Flask, case: Case, action: str = "", who: Character | None = None, *, path: Path | None = None
) -> Answer:
    with app.app_context():
        ticket = why.find(str(case.id))
        if not action:
            return why.ticket(ticket, path=path)
        person = find.by_email(who.email) if who else None
        return why.action(ticket, action, why.part_of(person, ticket) if person else None, path=path)


def reasons(answer: Answer, part: str) -> list[tuple[str, bool | None]]:
    found = answer.part(part)
    return [(each.code, each.holds) for each in found.reasons] if found else []


def said(answer: Answer, part: str) -> list[str]:
    found = answer.part(part)
    return [each.says for each in found.reasons] if found else []


@pytest.mark.parametrize("ref", ["R-999", "999", "9" * 15, "9" * 40])
def test_a_ticket_that_is_not_there_is_told_whatever_its_number(app: Flask, ref: str) -> None:
    with app.app_context(), pytest.raises(NotFound):
        why.find(ref)


def test_the_guards_say_what_the_policy_decides(
    app: Flask,
    olga: Character,
    ann: Character,
    boris: Character,
    kadri: Character,
    edgar: Character,
    mallory: Character,
) -> None:
    """Every state, action and person of a desk: some reason speaks against it exactly where it is refused."""
    case = olga.writes("Printer on fire")
    cast = [ann, boris, kadri, edgar, mallory, olga]
    compared = 0
    with app.app_context():
        workflow = revisions.active().desk.workflows["repair"]
        for state in workflow.states:
            for owner in (None, ann.id, edgar.id):
                with writing() as here:
                    here.execute(update(Ticket).where(Ticket.id == case.id).values(state=state, assignee_id=owner))
                ticket = why.find(case.ref)
                for who in cast:
                    person = find.by_email(who.email)
                    assert person is not None
                    for actor in (staff(person), customer(person)):
                        for name in (*workflow.actions, "approve:accept"):
                            answer = why.action(ticket, name, actor)
                            refused = policy.refusal(ticket, name, actor)
                            against = [r for r in answer.part("guards").reasons if r.holds is False]  # type: ignore[union-attr]
                            assert bool(against) is bool(refused), (state, owner, who.email, actor.kind, name, against)
                            assert answer.holds is (refused is None)
                            compared += 1
    assert compared > 1000


def test_every_hindrance_is_named_with_its_line_and_not_only_the_first(
    app: Flask, settings: Settings, olga: Character, ann: Character, kadri: Character
) -> None:
    case = olga.writes("Printer on fire")
    answer = asked(app, case, "receive_payment", ann, path=settings.workflow_path)
    assert answer.holds is False
    assert reasons(answer, "guards") == [("sight", True), ("allow", False), ("offered", False)]
    text = settings.workflow_path.read_text().splitlines()
    guards = answer.part("guards")
    assert guards is not None
    named = [text[int(each.line.rsplit(":", 1)[1]) - 1].strip() for each in guards.reasons]
    assert named[0] == "visible_to: [agent]"
    assert named[1] == "allow: [accountant]"
    assert named[2].startswith("actions: [reply,")
    assert guards.reasons[2].says == "“New” does not offer it."
    theirs = asked(app, case, "receive_payment", kadri)
    assert said(theirs, "guards")[2] == "“New” does not offer it. “Awaiting payment” does."
    assert answer.sentence == "Ann has no button “Receive payment”. It is for Accountant; Ann is Front line."


def test_only_the_assignee_automatic_and_customers(
    app: Flask, olga: Character, ann: Character, boris: Character, mallory: Character
) -> None:
    small_desk(
        app,
        states=f"""
            new: {{{OPEN}, actions: [take, mine, ask], on_message: {{customer: write}}}}
            hidden: {{label: Hidden, hidden_from_customer: true, visible_to: [everyone], actions: [back]}}
            {DONE}""",
        actions=f"""
            take: {{type: assign, label: Take, allow: [agent], assign: actor}}
            mine: {{type: comment, label: Mine, allow: [agent], only_assignee: true, fields: [message], to: hidden}}
            ask: {{type: customer_message, label: Ask, customer: see, allow: [agent], fields: [message], to: done}}
            write: {{type: customer_message, label: Write, customer: run, fields: [message]}}
            back: {{type: reopen, label: Back, allow: [assignee], to: new}}
            night: {{type: notify, label: Night, automatic: true}}
            {AGAIN}""",
        workflow="on_create: [{do: night, when: \"ticket.source == 'support_mail'\"}]",
    )
    case = olga.writes("Hello")
    assert reasons(asked(app, case, "mine", ann), "guards")[-1] == ("only_assignee", True), "nobody has it yet"
    boris.performs("take", case)
    mine = asked(app, case, "mine", ann)
    assert mine.sentence == "Ann has no button “Mine”. It is for whoever has the ticket, which is assigned to Boris."
    assert asked(app, case, "mine", boris).holds is True
    assert [code for code, holds in reasons(asked(app, case, "ask", olga), "guards") if holds is False] == ["customer"]
    assert asked(app, case, "write", olga).holds is True
    assert reasons(asked(app, case, "write", mallory), "guards")[0] == ("sight", False)
    night = asked(app, case, "night", ann)
    assert night.sentence == "“Night” has no button: the desk runs it by itself."
    assert said(night, "by_itself") == [
        "It runs when a ticket is opened and ticket.source == 'support_mail' holds, which would hold now."
    ]
    assert "the desk itself ran it." in said(night, "before")[0]
    boris.performs("mine", case, text="Away with it.")
    assert ("hidden", False) in reasons(asked(app, case, "write", olga), "guards")
    assert (
        said(asked(app, case, "back", boris), "guards")[1] == "It is for whoever has the ticket; Boris has the ticket."
    )


def test_branches_and_inputs_are_told_with_what_their_conditions_saw(
    app: Flask, olga: Character, ann: Character
) -> None:
    case = olga.writes("Printer on fire")
    answer = asked(app, case, "quote", ann)
    asks, leads = answer.part("asks"), answer.part("leads")
    assert asks is not None
    assert leads is not None
    assert [(each.code, dict(each.saw)) for each in asks.reasons] == [
        ("required", {}),
        ("hidden", {"fields.kind": "nothing"}),
    ]
    assert [(each.code, each.holds, dict(each.saw)) for each in leads.reasons] == [
        ("passed", False, {"fields.price": "nothing"}),
        ("taken", True, {}),
    ]
    ann.performs("details", case, kind="technical")
    ann.performs("quote", case, price="2000", serial="AB123456")
    with app.app_context(), writing() as here:
        here.execute(update(Ticket).where(Ticket.id == case.id).values(state="new"))
    again = asked(app, case, "quote", ann)
    leads = again.part("leads")
    assert leads is not None
    assert [each.code for each in leads.reasons] == ["taken", "not_reached"]
    assert dict(leads.reasons[0].saw) == {"fields.price": "2000"}
    assert reasons(again, "asks") == [("held", None), ("asked", None)]


def test_who_would_get_it_is_told_and_the_turn_stays_where_it_was(app: Flask, olga: Character, ann: Character) -> None:
    in_force(app, by="round_robin")
    for name in ("Bert", "Cora"):
        agent(app, name)
    case = olga.writes("Hello")
    for _ in range(3):
        answer = asked(app, case, "give", ann)
        part = answer.part("assigns")
        assert part is not None
        assert part.decision is not None
        assert [(each.place, each.name, each.says) for each in part.decision.members] == [
            (1, "Ann", "next"),
            (2, "Bert", "in 1 turn"),
            (3, "Cora", "in 2 turns"),
        ]
    ann.performs("give", case)
    assert case.assignee == ann.email


def test_a_decision_is_explained_after_the_file_has_changed(app: Flask, olga: Character, tmp_path: Path) -> None:
    in_force(app, source=", assign: {group: front, by: entry}")
    anton = agent(app, "Anton")
    agent(app, "Bert")
    case = olga.writes("Hello")
    with app.app_context():
        before = revisions.active().id
    in_force(app, by="round_robin", routing="other: {by: round_robin}")
    answer = asked(app, case)
    part = answer.part("assignee")
    assert part is not None
    assert part.decision is not None
    assert (part.decision.by, part.decision.person) == ("entry", "Anton")
    assert part.reasons[0].says == "Anton of Front has it."
    assert part.reasons[2].says == "Anton comes first by least_busy: 0 open."
    assert part.reasons[2].line == f"revision {before}, line 11"
    anton.performs("take", case)
    taken = asked(app, case).part("assignee")
    assert taken is not None
    assert taken.decision is None or taken.decision.person == "Anton"


def test_a_line_is_the_files_where_that_is_the_same_and_the_revisions_where_it_is_not(
    app: Flask, settings: Settings, olga: Character, ann: Character, tmp_path: Path
) -> None:
    case = olga.writes("Hello")
    path = tmp_path / "desk.yaml"
    path.write_text(settings.workflow_path.read_text())

    def line() -> str:
        part = asked(app, case, "reply", ann, path=path).part("guards")
        assert part is not None
        return part.reasons[0].line

    assert line().startswith("desk.yaml:")
    path.write_text(f"# edited\n{path.read_text()}")
    assert line().startswith("revision 1, line ")
    path.unlink()
    assert line().startswith("revision 1, line ")


def test_mails_say_who_gets_them_and_who_is_left_out(
    app: Flask, olga: Character, ann: Character, boris: Character, kadri: Character
) -> None:
    """The oldest riddle of a desk: why did nobody write to me?"""
    small_desk(
        app,
        states=f"new: {{{OPEN}, actions: [tell, close]}}\nshut: {{label: Shut, customer_label: Shut, "
        f"visible_to: [manager], actions: [close]}}\n{DONE}",
        actions=f"""
            tell: {{type: notify, label: Tell, allow: [agent], to: shut, emails: [
              {{to: [customer, assignee, followers, "role:manager"], {MAIL}}},
              {{to: ["out@side.example"], {MAIL}, when: "ticket.priority == 'high'"}}]}}
            close: {{type: close, label: Close, allow: [everyone], to: done}}
            {AGAIN}""",
    )
    case = olga.writes("Hello")
    with app.app_context(), writing() as here:
        here.add(Follower(ticket_id=case.id, person_id=kadri.id))
    answer = asked(app, case, "tell", boris)
    assert said(answer, "mails") == [
        "“Word” to customer: Olga <olga@example.org>.",
        "“Word” to assignee: there is nobody.",
        "“Word” to followers: not to Kadri, who does not see tickets there.",
        "“Word” to role:manager: not to Boris, who ran it themselves.",
        "“Word” is not sent, because ticket.priority == 'high' does not hold.",
    ]
    boris.performs("tell", case)
    assert [mail.recipient for mail in case.mails] == ["olga@example.org"], "and so it was"
    assert said(asked(app, case), "mails") == [
        "A mail to customer <olga@example.org> waits to be sent.",
        "“Tell” did not send “Word” to assignee: there is nobody.",
        "“Tell” did not send “Word” to followers, Kadri, who does not see tickets there.",
        "“Tell” did not send “Word” to role:manager, Boris, who ran it themselves.",
        "“Tell” did not send “Word”: ticket.priority == 'high' does not hold.",
    ]


def test_a_timer_is_explained_while_it_waits_and_after_it_fired(
    app: Flask, olga: Character, ann: Character, still: None
) -> None:
    from datetime import timedelta

    from helpdesk import clock, timers

    case = olga.writes("Hello")
    before = asked(app, case, "close_silent")
    assert [holds for code, holds in reasons(before, "by_itself") if code == "timer"] == [False, False]
    ann.performs("reply", case, text="Which floor?")
    waits = asked(app, case, "close_silent")
    assert ("timer", True) in reasons(waits, "by_itself")
    (due,) = [says for says in said(asked(app, case), "waiting") if "Closed by time" in says]
    assert "if the ticket is still here" in due
    clock.travel(timedelta(days=7))
    with app.app_context():
        timers.run_due()
    assert "the desk itself ran it and led to “done”." in said(asked(app, case, "close_silent"), "before")[0]
    assert "the desk itself ran “Closed by time”, which led to “Closed”" in said(asked(app, case), "state")[0]


def test_what_was_promised_is_told_with_what_makes_it_wait(
    app: Flask, olga: Character, ann: Character, still: None
) -> None:
    small_desk(
        app,
        states=f"""
            new: {{{OPEN}, actions: [rest, close]}}
            rests: {{{OPEN}, pauses_sla: true, actions: [close]}}
            {DONE}""",
        actions=f"""
            rest: {{type: set_fields, label: Rest, allow: [agent], to: rests}}
            close: {{type: close, label: Close, allow: [agent], to: done}}
            {AGAIN}""",
        workflow="sla: [{when: \"ticket.priority == 'high'\", resolution: 1h}, {resolution: 2d}]",
    )
    case = olga.writes("Hello")
    assert [each[:2] for each in reasons(asked(app, case), "promised")] == [
        ("level", False),
        ("level", True),
        ("resolution", None),
    ]
    ann.performs("rest", case)
    assert "while the ticket is “Open”" in said(asked(app, case), "promised")[-1]


def test_an_emails_name_tells_who_sends_it(app: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Hello")
    answer = asked(app, case, "answer", ann)
    assert answer.sentence == "“answer” is sent by “Reply”."
    assert answer.parts[0].reasons[0].says == "“answer” to customer: Olga <olga@example.org>."
    with app.app_context(), pytest.raises(NotFound, match="Did you mean “answer”"):
        why.action(why.find(case.ref), "anwser", None)


def test_without_a_name_it_says_for_whom_the_button_is_there(
    app: Flask, olga: Character, ann: Character, boris: Character, kadri: Character
) -> None:
    case = olga.writes("Hello")
    assert asked(app, case, "reply").sentence == "“Reply”: Ann, Boris have this button now."
    assert asked(app, case, "receive_payment").sentence == "“Receive payment”: nobody has this button now."


def test_nothing_is_changed_by_asking(app: Flask, settings: Settings, olga: Character, ann: Character) -> None:
    """Not a row, and not a transaction that could write one."""
    in_force(app, routing="entry: {by: round_robin, prefer: [ticket_owner, last_agent], capacity: {email: 3}}")
    case = olga.writes("Hello")
    models.load_all()

    def rows() -> dict[str, int]:
        with app.app_context():
            tables = Base.metadata.sorted_tables
            return {each.name: session().scalar(select(func.count()).select_from(each)) or 0 for each in tables}

    version, before = case.version, rows()
    with app.app_context():
        names = [*revisions.active().desk.workflows["case"].actions]
    for name in ("", *names):
        asked(app, case, name, ann if name else None, path=settings.workflow_path)
    assert rows() == before
    assert case.version == version


def test_a_colleague_is_told_nothing_of_other_peoples_rights_and_numbers(
    app: Flask, olga: Character, ann: Character, boris: Character
) -> None:
    in_force(app, routing="entry: {by: least_busy, prefer: [ticket_owner], capacity: {email: 1}}")
    agent(app, "Anton")
    hire(app, "carl@acme.example", "Carl", groups=["workshop"])
    case = olga.writes("Hello")
    with app.app_context():
        person = find.by_email(ann.email)
        assert person is not None
        whole = why.action(why.find(case.ref), "give", Actor("staff", person))
        shown = why.discreet(whole, person.id)
    part, all_of_it = shown.part("assigns"), whole.part("assigns")
    assert part is not None
    assert all_of_it is not None
    assert part.decision is not None
    assert all_of_it.decision is not None
    assert {each.name for each in all_of_it.decision.members} == {"Ann", "Anton"}
    assert [each.name for each in part.decision.members] == ["Ann"]
    assert part.decision.preferred == ()
    assert [each.says for each in part.reasons][-1] == "One more is about somebody else."
