"""Macros run several actions as one, a ticket moves to another workflow, a phone call is noted."""

from __future__ import annotations

import pytest
from flask import Flask

from helpdesk import timers
from helpdesk.errors import Invalid, NotFound
from helpdesk.workflows import revisions
from tests.actions.desks import AGAIN, DONE, MAIL, OPEN, in_force
from tests.at_the_desk import AtTheDesk
from tests.cast import Case, Character

STATES = f"""
    new: {{{OPEN}, actions: [answer, close, settle, both, hand_over], on_enter: [hail]}}
    {DONE}"""
ACTIONS = f"""
    hail: {{type: notify, label: Hail, automatic: true, emails: [{{to: [customer], {MAIL}}}]}}
    answer: {{type: reply, label: Answer, allow: [agent], fields: [message], emails: [{{to: [customer], {MAIL}}}]}}
    note: {{type: comment, label: Note, allow: [engineer], fields: [message]}}
    stamp: {{type: set_fields, label: Stamp, automatic: true}}
    close: {{type: close, label: Close, allow: [agent], to: done, fields: [{{use: reason, required: true}}]}}
    settle: {{type: macro, label: Settle, allow: [agent], run: [answer, stamp, close]}}
    both: {{type: macro, label: Both, allow: [agent], run: [answer, note]}}
    hand_over: {{type: macro, label: Over, allow: [agent, engineer], run: [note]}}
    {AGAIN}"""
FIELDS = "reason: {type: choice, label: Reason, choices: {done: Done, spam: Spam}, keep: ticket}"


@pytest.fixture
def case(app: Flask, olga: Character) -> Case:
    in_force(app, states=STATES, actions=ACTIONS, fields=FIELDS, workflow="fields: [reason]")
    return olga.writes("Hello")


def test_a_macro_runs_its_actions_in_order_and_asks_what_they_ask(app: Flask, case: Case, ann: Character) -> None:
    ann.performs("settle", case, text="It is done.", reason="done")
    assert case.story == ["opened", "hail", "answer", "stamp", "close", "settle"]
    assert case.state == "done"
    assert case.fields == {"reason": "done"}
    assert [message.text for message in case.messages][1:] == ["It is done."], "said once"
    by = {event.action: event.actor_kind for event in case.events if event.action}
    assert (by["answer"], by["stamp"], by["settle"]) == ("staff", "system", "staff")


def test_what_only_the_macro_asks_is_its_own(app: Flask, olga: Character, ann: Character) -> None:
    """Nothing that somebody entered is lost because none of its actions asks it."""
    own = "{type: macro, label: Settle, allow: [agent], run: [stamp], fields: [reason, message], assign: ask}"
    actions = ACTIONS.replace("{{", "{").replace("}}", "}")
    actions = actions.replace("{type: macro, label: Settle, allow: [agent], run: [answer, stamp, close]}", own)
    in_force(app, states=STATES, actions=actions, fields=FIELDS, workflow="fields: [reason]")
    case = olga.writes("Hello")
    ann.performs("settle", case, text="Mine", reason="done", assignee=ann.email)
    assert case.fields == {"reason": "done"}
    assert [message.text for message in case.messages][1:] == ["Mine"]
    assert case.assignee == ann.email
    assert [line["name"] for line in case.events[-1].data["values"]][:1] == ["reason"]


def test_a_macro_is_done_as_a_whole_or_not_at_all(app: Flask, case: Case, ann: Character) -> None:
    before = (case.story, case.version, len(case.mails))
    with pytest.raises(Invalid) as refused:
        ann.performs("settle", case, text="It is done.")
    assert set(refused.value.problems) == {"reason"}
    with pytest.raises(Invalid):
        ann.performs("settle", case, text="It is done.", reason="nonsense")
    with pytest.raises(NotFound):  # the second of the two is not hers, and the first is taken back
        ann.performs("both", case, text="It is done.")
    assert (case.story, case.version, len(case.mails)) == before


def test_a_macro_is_no_way_round_a_right(app: Flask, case: Case, ann: Character, edgar: Character) -> None:
    """Attack 59: the macro is hers, what it runs is not. Whoever has both rights needs no button for the second."""
    with pytest.raises(NotFound):
        ann.performs("hand_over", case, text="Look at this.")
    edgar.performs("hand_over", case, text="Look at this.")
    assert case.story[-2:] == ["note", "hand_over"]


def test_the_desk_asks_a_macros_questions_on_one_form(app: Flask, case: Case, ann: Character) -> None:
    browser = AtTheDesk(app, ann)
    page = browser.opens(f"/desk/tickets/{case.ref}/do/settle").text
    assert 'name="message"' in page
    assert 'name="reason"' in page
    assert "Only staff see this" not in page
    assert browser.does(case, "settle", message="Done.", reason="done").status_code == 303
    assert case.state == "done"


def test_a_call_is_a_line_of_the_story_that_only_staff_read(app: Flask, olga: Character, ann: Character) -> None:
    in_force(
        app,
        states=f"new: {{{OPEN}, actions: [call, close]}}\n{DONE}",
        actions=f"""
            call: {{type: call, label: Call, allow: [agent], customer: see, fields: [message]}}
            close: {{type: close, label: Close, allow: [agent], to: done}}
            {AGAIN}""",
    )
    case = olga.writes("Hello")
    ann.performs("call", case, text="She will send a picture.", direction="in", number="+372 555 0001", minutes="4")
    said = case.messages[-1]
    assert (said.channel, said.audience) == ("phone", "internal"), "attack 40"
    page = AtTheDesk(app, ann).opens(f"/desk/tickets/{case.ref}").text
    assert "phone call" in page
    assert "+372 555 0001" in page
    with pytest.raises(Invalid):
        ann.performs("call", case, text="Again")


MOVING = """
version: 1
company: {{name: Acme, timezone: Europe/Tallinn, currency: EUR}}
roles:
  agent: {{label: Agent, may: [create, be_assigned]}}
  engineer: {{label: Engineer, may: [be_assigned]}}
  accountant: {{label: Accountant}}
  manager: {{label: Manager}}
groups:
  front: {{label: Front, roles: [agent]}}
  workshop: {{label: Workshop, roles: [engineer]}}
fields:
  serial: {{type: text, label: Serial, keep: ticket}}
  size: {{type: choice, label: Size, choices: {{small: Small, large: Large}}, keep: ticket}}
  wish: {{type: text, label: Wish, keep: ticket}}
workflows:
  sales:
    label: Sales
    initial: new
    ref: "S-{{number}}"
    fields: [serial, size, wish]
    states:
      new:
        {open}
        actions: [details, to_repair, to_bench, close]
        timers: [{{after: 1d, do: late}}]
      done: {{{open_}, final: true}}
    actions:
      details: {{type: set_fields, label: Details, allow: [agent], fields: [serial, size, wish]}}
      late: {{type: close, label: Late, automatic: true, to: done}}
      close: {{type: close, label: Close, allow: [agent], to: done}}
      to_repair: {{type: move, label: To repairs, allow: [agent], workflow: repair, fields: [message]}}
      to_bench:
        type: move
        label: To the bench
        allow: [agent]
        workflow: repair
        to: [{{when: "fields.serial", to: bench}}, {{to: asked}}]
        assign: {{group: workshop}}
  repair:
    label: Repairs
    initial: asked
    ref: "R-{{number}}"
    fields: [serial, {{use: size, choices: {{small: Small}}}}]
    states:
      asked: {{{open_}, actions: [size, take], timers: [{{after: 2d, do: take}}]}}
      bench: {{label: Bench, customer_label: Bench, visible_to: [engineer], on_enter: [welcome], actions: [size, take]}}
      done: {{{open_}, final: true}}
    actions:
      welcome: {{type: notify, label: Welcome, automatic: true}}
      size: {{type: set_fields, label: Size, allow: [engineer], fields: [serial, size]}}
      take: {{type: close, label: Taken, allow: [engineer], to: done}}
sources:
  support_mail: {{type: email, address: support@acme.example, workflow: sales}}
"""


@pytest.fixture
def sold(app: Flask, olga: Character) -> Case:
    text = MOVING.format(open=OPEN.replace(", c", "\n        c").replace(", v", "\n        v"), open_=OPEN)
    with app.app_context():
        adopted = revisions.adopt(text, author="a test")
        assert adopted.revision, [str(each) for each in adopted.findings]
    return olga.writes("Hello")


def test_a_ticket_moves_to_another_workflow_and_keeps_its_name(
    app: Flask, sold: Case, ann: Character, edgar: Character
) -> None:
    """WS18: what both carry comes along, the rest stands in the history; timers begin anew."""
    ann.performs("details", sold, serial="AB1", size="large", wish="Blue")
    ref = sold.ref
    ann.performs("to_repair", sold, text="Broken on arrival.")
    with app.app_context():
        from helpdesk.db import session
        from helpdesk.tickets.models import Ticket

        ticket = session().get_one(Ticket, sold.id)
        assert (ticket.workflow, ticket.state, ticket.ref) == ("repair", "asked", ref)
        assert timers.next_due() is not None
    assert sold.fields == {"serial": "AB1"}, "a size that repairs do not know, and a wish, stay behind"
    moved = sold.events[-1]
    assert (moved.workflow, moved.from_state, moved.to_state) == ("sales", "new", "asked")
    assert [each["label"] for each in moved.data["moved"]["left"]] == ["Size", "Wish"]
    assert "details" not in edgar.buttons(sold)
    page = AtTheDesk(app, edgar).opens(f"/desk/tickets/{sold.ref}").text
    assert "from Sales to Repairs" in page
    assert "Wish Blue" in page
    edgar.performs("size", sold, size="small")


def test_where_it_goes_is_judged_there(app: Flask, sold: Case, ann: Character, edgar: Character) -> None:
    """Branches name states of the other workflow; arriving there sets off what that says; sight is that of there."""
    ann.performs("details", sold, serial="AB1")
    outcome = ann.performs("to_bench", sold)
    assert (sold.state, sold.group, outcome.in_sight) == ("bench", "workshop", False)
    assert sold.story[-2:] == ["to_bench", "welcome"]
    assert not ann.sees(sold)
    assert edgar.buttons(sold) == ["size", "take"]
