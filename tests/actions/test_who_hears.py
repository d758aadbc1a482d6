"""Who is mailed and what a message does: the sentences of WORKFLOW.md about mail, customers and what arrives."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.db import session, writing
from helpdesk.errors import NotFound
from helpdesk.tickets.models import Attachment, Follower
from helpdesk.tickets.rich import Upload
from tests.actions.desks import AGAIN, DONE, MAIL, OPEN, in_force
from tests.cast import Case, Character, hire


def follows(app: Flask, who: Character, case: Case) -> None:
    with app.app_context(), writing() as here:
        here.add(Follower(ticket_id=case.id, person_id=who.id))


def mailed(case: Case, since: int = 0) -> list[tuple[str, str]]:
    return [(mail.recipient, mail.role) for mail in case.mails[since:]]


MAILING = {
    "states": f"""
        new: {{{OPEN}, actions: [tell, hand, hide, file]}}
        shop: {{label: At the shop, customer_label: Elsewhere, visible_to: [engineer], on_enter: [greet],
            actions: [close]}}
        bin: {{label: Bin, visible_to: [manager], hidden_from_customer: true, actions: [close]}}
        {DONE}""",
    "actions": f"""
        tell: {{type: notify, label: Tell, allow: [agent, manager], customer: run, emails: [{{to: [customer, assignee,
            group, followers, "role:manager", post@else.example], {MAIL}, bcc: [log@else.example]}}]}}
        hand: {{type: forward, label: Hand, allow: [agent], to: shop, assign: {{group: workshop, by: least_busy}},
            emails: [{{to: [customer, assignee, followers],
            subject: "{{{{ ticket.state_label }}}}", body: "{{{{ ticket.state }}}}",
                when: "ticket.state == 'shop'"}}]}}
        greet: {{type: notify, label: Greet, automatic: true, emails: [{{to: [customer, group, "role:agent"],
            {MAIL}}}]}}
        hide: {{type: delete, label: Hide, allow: [agent], to: bin, emails: [{{to: [customer], {MAIL}}}]}}
        file: {{type: set_fields, label: File, allow: [agent], fields: [files], emails: [{{to: [customer], {MAIL},
            attach: true}}]}}
        close: {{type: close, label: Close, allow: [engineer, manager], to: done}}
        {AGAIN}""",
}


def test_each_recipient_gets_an_own_mail_and_nobody_the_one_of_their_own_run(
    app: Flask, olga: Character, ann: Character, boris: Character, edgar: Character
) -> None:
    in_force(app, **MAILING)
    case = olga.writes("Hello")
    ann.performs("tell", case)
    everybody = [
        (olga.email, "customer"),
        (boris.email, "role:manager"),
        ("post@else.example", "post@else.example"),
        ("log@else.example", "log@else.example"),
    ]
    assert mailed(case) == everybody, "no assignee, group or follower: left out"
    follows(app, ann, case)
    follows(app, edgar, case)
    boris.performs("tell", case)
    assert mailed(case, 4) == [everybody[0], (ann.email, "followers"), (edgar.email, "followers"), *everybody[2:]]
    olga.performs("tell", case)
    assert mailed(case, 9)[0] == (olga.email, "customer"), "the customer is, also by a run of their own"


def test_an_address_of_the_file_is_mailed_also_when_its_owner_is_known(
    app: Flask, olga: Character, ann: Character
) -> None:
    in_force(app, **MAILING)
    hire(app, "post@else.example", "A supplier who wrote to us once")
    case = olga.writes("Hello")
    ann.performs("tell", case)
    assert ("post@else.example", "post@else.example") in mailed(case)


def test_mail_goes_to_whoever_has_the_ticket_then_and_speaks_of_where_it_is_then(
    app: Flask, olga: Character, ann: Character, edgar: Character
) -> None:
    """The order of an action: state and assignment come before the mails; followers who do not see it get none."""
    in_force(app, **MAILING)
    case = olga.writes("Hello")
    follows(app, ann, case)
    ann.performs("hand", case)
    assert mailed(case) == [
        (olga.email, "customer"),
        (edgar.email, "assignee"),
        (olga.email, "customer"),
        (edgar.email, "group"),
    ], "and an agent who cannot see the shop hears nothing of it, though `role:agent` is named"
    frozen = case.mails[0].frozen["names"]["ticket"]
    assert (frozen["state"], frozen["state_label"], frozen["customer_state"]) == ("shop", "At the shop", "Elsewhere")
    assert (frozen["assignee"], frozen["group"]) == ("Edgar", "workshop")


def test_what_an_own_run_sets_off_by_itself_is_mailed_to_its_runner(
    app: Flask, olga: Character, edgar: Character
) -> None:
    in_force(
        app,
        **{
            **MAILING,
            "actions": str(MAILING["actions"]).replace("allow: [agent], to: shop", "allow: [everyone], to: shop"),
        },
    )
    case = olga.writes("Hello")
    edgar.performs("hand", case)
    assert mailed(case) == [(olga.email, "customer"), (olga.email, "customer"), (edgar.email, "group")]


def test_the_customer_is_mailed_also_out_of_a_hidden_state(app: Flask, olga: Character, ann: Character) -> None:
    in_force(app, **MAILING)
    case = olga.writes("Hello")
    ann.performs("hide", case)
    assert (case.state, mailed(case)) == ("bin", [(olga.email, "customer")])


def test_files_go_along_where_the_file_says_so(app: Flask, olga: Character, ann: Character) -> None:
    in_force(app, **MAILING)
    case = olga.writes("Hello")
    with app.app_context():
        files = (Upload.keep(b"x", filename="a.txt", content_type="text/plain"),)
    ann.performs("file", case, files=files)
    assert [each["filename"] for each in case.mails[0].frozen["files"]] == ["a.txt"]


# What customers may

CUSTOMERS = {
    "states": f"""
        new: {{{OPEN}, actions: [no, look, both, own, hide, hint], on_message: {{customer: own_words}}}}
        two: {{{OPEN}, actions: [close], on_message: {{customer: quiet, staff: note}}}}
        bin: {{label: Bin, visible_to: [agent], hidden_from_customer: true, actions: [both, close],
            on_message: {{customer: own_words}}}}
        {DONE}""",
    "actions": f"""
        no: {{type: set_fields, label: No, allow: [agent], to: two, fields: [message]}}
        look: {{type: set_fields, label: See, allow: [agent], customer: see, fields: [message]}}
        both: {{type: set_fields, label: Run, allow: [agent], customer: run, fields: [message]}}
        own: {{type: set_fields, label: Own, allow: [agent], customer: own, fields: [message]}}
        hint: {{type: comment, label: Hint, allow: [agent], customer: run, fields: [message]}}
        own_words: {{type: customer_message, label: Words, customer: run, fields: [message, files]}}
        quiet: {{type: customer_message, label: Quiet, fields: [message, files]}}
        note: {{type: comment, label: Note, allow: [agent], fields: [message]}}
        hide: {{type: delete, label: Hide, allow: [agent], to: bin}}
        close: {{type: close, label: Close, allow: [agent], to: done}}
        {AGAIN}""",
}


def test_each_level_of_customer_gives_what_it_says(app: Flask, olga: Character, ann: Character) -> None:
    in_force(app, **CUSTOMERS)
    case = olga.writes("Hello")
    assert olga.buttons(case) == ["both", "own", "hint", "own_words"]
    for action in ("no", "look"):
        with pytest.raises(NotFound):
            olga.performs(action, case, text="Mine")
    seen = {}
    for action in ("look", "both", "own", "hint", "no"):
        ann.performs(action, case, text=f"Ann: {action}")
        seen[action] = (case.events[-1].for_customer, case.messages[-1].audience)
    assert seen == {
        "look": (True, "public"),
        "both": (True, "public"),
        "own": (False, "internal"),
        "hint": (True, "internal"),
        "no": (False, "internal"),
    }
    assert olga.buttons(case) == [], "in this state the customer's message runs an action that is not theirs to press"


def test_own_runs_are_the_customers_to_see(app: Flask, olga: Character) -> None:
    in_force(app, **CUSTOMERS)
    case = olga.writes("Hello")
    olga.performs("own", case, text="My own")
    assert (case.events[-1].for_customer, case.messages[-1].audience) == (True, "public")


def test_a_hidden_state_beats_every_right_of_the_customer_but_hears_a_message(
    app: Flask, olga: Character, ann: Character
) -> None:
    in_force(app, **CUSTOMERS)
    case = olga.writes("Hello")
    ann.performs("hide", case)
    for action in ("both", "own_words"):
        with pytest.raises(NotFound):
            olga.performs(action, case, text="Hello?")
    assert not olga.sees(case)
    olga.writes("Hello?", about=case)
    assert case.story[-1] == "own_words"


def test_whoever_sends_a_ticket_out_of_sight_is_told(app: Flask, olga: Character) -> None:
    to_bin = str(CUSTOMERS["actions"]).replace(
        "label: Run, allow: [agent], customer: run", "label: Run, customer: run, to: bin"
    )
    in_force(app, **{**CUSTOMERS, "actions": to_bin})
    case = olga.writes("Hello")
    assert olga.performs("own", case, text="Stay").in_sight
    assert not olga.performs("both", case, text="Away with it").in_sight


def test_a_message_runs_the_states_action_whatever_its_customer_says(
    app: Flask, olga: Character, ann: Character
) -> None:
    in_force(app, **CUSTOMERS)
    case = olga.writes("Hello")
    ann.performs("no", case, text="Next")
    with pytest.raises(NotFound):
        olga.performs("quiet", case, text="Directly")
    olga.writes("Hello", "By mail", about=case)
    assert case.story[-1] == "quiet"
    assert (case.messages[-1].text, case.messages[-1].audience) == ("By mail", "public")


# What arrives

FALLS = {
    "states": f"""
        new: {{{OPEN}, actions: [take, next], on_message: {{staff: for_staff, other: for_other}}}}
        two: {{{OPEN}, actions: [next], on_message: {{assignee: for_assignee, other: for_other}}}}
        shop: {{label: Shop, customer_label: Shop, visible_to: [engineer], actions: [next],
            on_message: {{staff: for_staff}}}}
        {DONE}""",
    "actions": f"""
        take: {{type: assign, label: Take, allow: [everyone], assign: actor}}
        next: {{type: set_fields, label: Next, allow: [everyone], to: [{{when: "ticket.state == 'new'", to: two}},
            {{when: "ticket.state == 'two'", to: shop}}, {{to: done}}]}}
        for_assignee: {{type: reply, label: A, fields: [message]}}
        for_staff: {{type: comment, label: S, fields: [message]}}
        for_other: {{type: comment, label: O, fields: [message, files]}}
        {AGAIN}""",
}


def test_a_missing_sender_falls_to_the_next_kind(app: Flask, olga: Character, ann: Character, edgar: Character) -> None:
    in_force(app, **FALLS)
    case = olga.writes("Hello")
    ann.performs("take", case)
    told = len(case.mails)
    ann.writes("Re", "From Ann", about=case, verified=True)
    olga.writes("Re", "From Olga", about=case)
    assert case.story[-2:] == ["for_staff", "for_other"], "assignee falls to staff, customer to other"
    ann.performs("next", case)
    ann.writes("Re", "From Ann", about=case, verified=True)
    edgar.writes("Re", "From Edgar", about=case, verified=True)
    assert case.story[-2:] == ["for_assignee", "for_other"], "staff falls to other"
    edgar.performs("next", case)
    assert case.assignee is None
    ann.writes("Re", "Ann does not see the shop", about=case, verified=True)
    olga.writes("Re", "Nothing is there for customers", about=case)
    edgar.writes("Re", "Edgar sees it", about=case, verified=True)
    assert case.story[-3:] == ["filed", "filed", "for_staff"]
    assert [message.audience for message in case.messages[-3:]] == ["internal", "public", "internal"]
    assert len(case.mails) == told, "filed is not refused: nobody is told"


def test_what_a_message_does_not_satisfy_is_filed_and_its_sender_told(
    app: Flask, olga: Character, ann: Character
) -> None:
    in_force(
        app,
        fields="serial: {type: text, label: Serial}",
        workflow="fields: [serial]",
        states=f"new: {{{OPEN}, actions: [set, close], on_message: {{customer: more}}}}\n{DONE}",
        actions=f"""
            more: {{type: customer_message, label: More, fields: [message, {{use: serial, required: true}}],
                to: done}}
            set: {{type: set_fields, label: Set, allow: [agent], fields: [serial]}}
            close: {{type: close, label: Close, allow: [agent], to: done}}
            {AGAIN}""",
    )
    case = olga.writes("Hello")
    olga.writes("Re", "Here is more", about=case)
    assert (case.state, case.story[-1], case.messages[-1].text) == ("new", "filed", "Here is more")
    assert mailed(case) == [(olga.email, "sender")]
    olga.writes("Re", "From a week ago", about=case, late=True)
    assert (case.story[-1], len(case.mails)) == ("filed", 1), "mail out of a backlog is not answered (fault 20)"
    ann.performs("set", case, serial="X")
    olga.writes("Re", "And more", about=case)
    assert case.state == "done", "a field that the ticket holds satisfies"


def test_words_and_files_that_the_action_does_not_ask_are_kept_all_the_same(app: Flask, olga: Character) -> None:
    """No message is lost (PRODUCT): an action without a message input still says what set it off."""
    in_force(
        app,
        states=f"new: {{{OPEN}, actions: [close], on_message: {{customer: wake, other: note}}}}\n{DONE}",
        actions=f"""
            wake: {{type: reopen, label: Wake, customer: run, to: done, emails: [{{to: [customer], {MAIL},
                when: "'toner' in ticket.text"}}]}}
            note: {{type: comment, label: Note, fields: [message]}}
            close: {{type: close, label: Close, allow: [agent], to: done}}
            {AGAIN}""",
    )
    case = olga.writes("Hello", "The toner is empty.")
    with app.app_context():
        files = (Upload.keep(b"x", filename="a.txt", content_type="text/plain"),)
    olga.writes("Re", "Please wake up", about=case, files=files)
    assert (case.state, case.story[-1]) == ("done", "wake")
    assert (case.messages[-1].text, case.messages[-1].audience) == ("Please wake up", "public")
    with app.app_context():
        assert session().scalars(select(Attachment.filename)).all() == ["a.txt"]
    assert mailed(case) == [(olga.email, "customer")], "a condition may look at what the request began with"


def test_an_address_of_the_file_may_be_as_long_as_addresses_are(app: Flask, olga: Character, ann: Character) -> None:
    address = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.example"
    in_force(app, **{**MAILING, "actions": MAILING["actions"].replace("log@else.example", address)})
    case = olga.writes("Hello")
    ann.performs("tell", case)
    assert (address, address) in mailed(case)
