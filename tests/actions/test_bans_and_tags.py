"""Bans (WS4): whoever is banned is heard by no way until somebody lets them back. Tags and subject (WS18)."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.channels.email import read, store
from helpdesk.channels.email.models import InboundMail
from helpdesk.db import session, writing
from helpdesk.errors import Invalid, NotFound, NotPossible
from helpdesk.people import bans, find, staffing
from helpdesk.people.bans import Banned
from helpdesk.tickets import filters, queue, search, tagging
from helpdesk.tickets.models import Delivery
from tests.actions.desks import AGAIN, DONE, OPEN, in_force
from tests.at_the_desk import AtTheDesk, hidden_in
from tests.cast import Case, Character, hire
from tests.mail.letters import letter
from tests.visitor import Visitor, do_jobs

STATES = f"""
    new: {{{OPEN}, actions: [answer, turn_away, forgive, details, close], on_message: {{customer: asks, other: note}}}}
    {DONE}"""
ACTIONS = f"""
    answer: {{type: reply, label: Answer, allow: [agent], fields: [message, tags]}}
    asks: {{type: customer_message, label: Ask, customer: run, fields: [message, tags]}}
    note: {{type: comment, label: Note, allow: [agent], fields: [message]}}
    turn_away: {{type: delete, label: Spam, button: {{confirm: true}}, allow: [agent], to: done, ban: true}}
    forgive: {{type: notify, label: Forgive, allow: [agent], ban: false}}
    details: {{type: set_fields, label: Details, allow: [agent, engineer], fields: [subject, tags]}}
    close: {{type: close, label: Close, allow: [agent], to: done}}
    again: {{type: reopen, label: Again, allow: [everyone], customer: run, to: new}}
    {AGAIN}""".replace(f"    {AGAIN}", "")
SOURCES = "contact: {type: form, slug: contact, workflow: case, fields: [name, email, message]}"


@pytest.fixture(autouse=True)
def desk(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.actions import desks

    with_tags = desks.DESK.replace("may: [create, be_assigned]}", "may: [create, be_assigned, tag]}")
    monkeypatch.setattr(desks, "DESK", with_tags)
    in_force(app, states=STATES, actions=ACTIONS, sources=SOURCES)


def test_who_is_banned_is_heard_by_no_way(app: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Buy this")
    visitor = Visitor(app)
    visitor.is_let_in(olga.email, "cabinet")
    assert visitor.opens("/my/requests").status_code == 200
    ann.performs("turn_away", case)
    with pytest.raises(Banned):
        olga.writes("Buy that")
    with pytest.raises(Banned):
        olga.writes("Re", about=case)
    assert visitor.opens("/my/requests").status_code == 303, "signed out"
    with pytest.raises(NotFound):
        olga.performs("again", case)
    hidden = visitor.opens("/forms/contact").text.partition('name="nonce" value="')[2].partition('"')[0]
    answer = visitor.sends("/forms/contact", nonce=hidden, email=olga.email, name="Olga", message="Please")
    assert answer.status_code == 409
    assert "not taken any more" in answer.text
    assert case.story == ["opened", "turn_away"]


def test_the_ban_is_lifted_by_an_action_or_by_an_administrator(app: Flask, olga: Character, ann: Character) -> None:
    case, other = olga.writes("Buy this"), olga.writes("And this")
    ann.performs("turn_away", case)
    ann.performs("forgive", other)
    assert olga.writes("Thank you").state == "new"
    ann.performs("turn_away", other)
    boss = AtTheDesk(app, hire(app, "tiina@acme.example", "Tiina", admin=True))
    page = boss.opens(f"/admin/people/{olga.id}").text
    assert "Nothing is taken from this person" in page
    assert boss.sends(f"/admin/people/{olga.id}/lift_ban").status_code == 303
    assert olga.writes("Thank you").state == "new"


def test_nobody_of_the_house_is_banned(app: Flask, ann: Character, boris: Character) -> None:
    case = boris.writes("My own request")
    with pytest.raises(NotPossible):
        ann.performs("turn_away", case)
    assert case.state == "new"


def test_nobody_works_here_while_they_are_banned(app: Flask, olga: Character, ann: Character) -> None:
    """They could not come in, but tickets would be given to them, and they would count as an administrator."""
    case = olga.writes("Buy this")
    ann.performs("turn_away", case)
    with app.app_context(), writing():
        person = find.by_email(olga.email)
        assert person is not None
        for giving in (
            lambda: staffing.give(person, roles=["agent"], groups=[]),
            lambda: staffing.give(person, roles=[], groups=["front"]),
            lambda: staffing.set_admin(person, True),
        ):
            with pytest.raises(NotPossible, match="Lift the ban first"):
                giving()
        staffing.give(person, roles=[], groups=[])
        bans.lift(person)
        staffing.give(person, roles=["agent"], groups=[])


def test_without_script_a_page_asks_before_one_click(app: Flask, olga: Character, ann: Character) -> None:
    """`button.confirm` of an action that asks nothing: pressing its button shows a page, whose button does it."""
    case = olga.writes("Buy this")
    browser = AtTheDesk(app, ann)
    path = f"/desk/tickets/{case.ref}/do/turn_away"
    first = browser.client.post(path, data=hidden_in(browser.opens(f"/desk/tickets/{case.ref}").text, path))
    assert (first.status_code, first.location) == (303, path)
    assert case.state == "new"
    page = browser.opens(path).text
    assert "are you sure?" in page
    assert browser.client.post(path, data=hidden_in(page, path)).status_code == 303
    assert case.state == "done"


def test_in_the_cabinet_a_page_asks_before_one_click_too(app: Flask, olga: Character) -> None:
    """The page of an action asks, with script and without; what has been asked there is done."""
    in_force(
        app,
        states=f"new: {{{OPEN}, actions: [give_up, close]}}\n{DONE}",
        actions=f"""
            give_up: {{type: close, label: Give up, button: {{confirm: true}}, customer: run, to: done}}
            close: {{type: close, label: Close, allow: [agent], to: done}}
            {AGAIN}""",
    )
    case = olga.writes("Hello")
    visitor = Visitor(app)
    visitor.is_let_in(olga.email, "cabinet")
    path = f"/my/requests/{case.ref}/do/give_up"
    first = visitor.client.post(path, data=hidden_in(visitor.opens(f"/my/requests/{case.ref}").text, path))
    assert "Give up: are you sure?" in first.text
    assert case.state == "new"
    assert visitor.client.post(path, data=hidden_in(first.text, path)).status_code == 303
    assert case.state == "done"


# Tags


def tags(app: Flask, case: Case, who: Character) -> tuple[str, ...]:
    with app.app_context():
        person = find.by_email(who.email)
        rows = queue.page(person, filters.find(person, "all")).rows
        return next(row.tags for row in rows if row.id == case.id)


def test_tags_are_given_and_taken_by_who_has_the_right(
    app: Flask, olga: Character, ann: Character, edgar: Character
) -> None:
    case = olga.writes("Printer")
    ann.performs("details", case, tags="urgent,  big   printer , Urgent", subject="A printer on fire")
    assert tags(app, case, ann) == ("big printer", "urgent")
    assert case.subject == "A printer on fire"
    assert case.events[-1].data["tags"] == {"added": ["urgent", "big printer"], "taken": []}
    ann.performs("answer", case, text="Yes?", tags=["urgent"])
    assert tags(app, case, ann) == ("urgent",)
    ann.performs("answer", case, text="Well?")
    assert tags(app, case, ann) == ("urgent",), "not spoken of, not changed"
    with pytest.raises(Invalid):
        edgar.performs("details", case, tags="mine")
    edgar.performs("details", case, subject="Printer")
    with pytest.raises(Invalid):
        olga.performs("asks", case, text="And?", tags="mine")
    ann.performs("details", case, tags="")
    assert tags(app, case, ann) == ()
    with pytest.raises(Invalid):
        ann.performs("details", case, tags="x" * 61)


def test_the_form_offers_the_tags_in_use(app: Flask, olga: Character, ann: Character, edgar: Character) -> None:
    case, other = olga.writes("One"), olga.writes("Two")
    for name in ("b", "a", "c"):
        ann.performs("details", case, tags=name)
        ann.performs("details", other, tags=f"{name}, z")
    with app.app_context():
        assert tagging.in_use() == ["c", "z"]
    page = AtTheDesk(app, ann).opens(f"/desk/tickets/{other.ref}/do/details").text
    assert '<option value="c">' in page
    assert 'value="c, z"' in page
    assert 'name="tags"' not in AtTheDesk(app, edgar).opens(f"/desk/tickets/{other.ref}/do/details").text


def test_a_changed_subject_is_found(app: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Hello")
    ann.performs("details", case, subject="Kettle")
    with app.app_context():
        person = find.by_email(ann.email)
        assert [ticket.id for ticket in search.find(person, "kettle")[0]] == [case.id]
        assert search.find(person, "Hello")[0] == []


def test_mail_of_the_banned_is_kept_and_answered_once(app: Flask, olga: Character, ann: Character) -> None:
    ann.performs("turn_away", olga.writes("Buy this"))
    with app.app_context():
        before = session().scalars(select(Delivery.id)).all()
        for number in range(3):
            store.keep(
                letter(f"Buy {number}", From=olga.email, Date=None), source="support_mail", envelope_from=olga.email
            )
    do_jobs(app, read.read_mail.__name__)
    with app.app_context():
        rows = session().scalars(select(InboundMail).order_by(InboundMail.id)).all()
        assert [row.status for row in rows[-3:]] == ["ignored"] * 3
        assert all("banned" in row.error for row in rows[-3:])
        told = [row for row in session().scalars(select(Delivery)) if row.id not in before]
        assert [row.recipient for row in told] == [olga.email]
