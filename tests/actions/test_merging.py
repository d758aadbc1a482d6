"""Merging a ticket into another one, splitting messages off, and taking either back (N12)."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import NullPool, create_engine, select

from config import Settings
from helpdesk import clock, timers
from helpdesk.actions import merging
from helpdesk.actions.holding import lock
from helpdesk.backups import copying
from helpdesk.db import db, is_sqlite, session, writing
from helpdesk.delivery import outcome
from helpdesk.errors import HelpdeskError, Invalid, NotFound, NotPossible, Stale
from helpdesk.people import find
from helpdesk.rollout import apply as rollout
from helpdesk.rollout import testing
from helpdesk.tickets import filters, merged, queue, search, unread
from helpdesk.tickets.models import Delivery, Follower, Ticket, Unread
from helpdesk.workflows import revisions
from tests.actions import desks
from tests.actions.desks import AGAIN, DONE, MAIL, OPEN, in_force
from tests.at_the_desk import AtTheDesk
from tests.attacks.test_double_work import at_once
from tests.cast import Case, Character
from tests.meanwhile import somebody_waits
from tests.servers.process import wait_until
from tests.visitor import Visitor

NEW = f"""
    new:
      {{{OPEN}, actions: [answer, note, paid, merge, quiet, split, hide, close],
      on_message: {{customer: asks, other: note}}, timers: [{{after: 2d, do: late}}]}}"""
VAULT = "vault: {label: Vault, customer_label: Vault, visible_to: [engineer], actions: [again]}"
STATES = f"{NEW}\n    {VAULT}\n    {DONE}"
ACTIONS = f"""
    answer: {{type: reply, label: Answer, allow: [agent], fields: [message], emails: [{{to: [customer], {MAIL}}}]}}
    asks: {{type: customer_message, label: Ask, customer: run, fields: [message, files]}}
    note: {{type: comment, label: Note, allow: [agent], fields: [message]}}
    paid: {{type: receive_payment, label: Paid, allow: [agent]}}
    merge: {{type: merge, label: Merge, allow: [agent], to: done}}
    quiet: {{type: merge, label: Quietly, allow: [agent, engineer]}}
    hide: {{type: delete, label: Hide, allow: [agent], to: vault}}
    split: {{type: split, label: Split off, allow: [agent]}}
    close: {{type: close, label: Close, allow: [agent], to: done}}
    late: {{type: close, label: Late, automatic: true, to: done}}
    {AGAIN}"""
ROLES = (
    "agent: {label: Agent, may: [create, be_assigned]}",
    "agent: {label: Agent, may: [create, be_assigned, merge]}",
)


@pytest.fixture(autouse=True)
def desk(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        desks, "DESK", desks.DESK.replace(*(each.replace("{", "{{").replace("}", "}}") for each in ROLES))
    )
    in_force(app, states=STATES, actions=ACTIONS)


def into(ann: Character, case: Case, other: Case, action: str = "merge", **more: object) -> None:
    ann.performs(action, case, into_ticket=other.ref, **more)


def take_back(ann: Character, case: Case, action: str = "merge") -> None:
    ann.performs(action, case, undo_this="yes")


def listed(app: Flask, who: Character, key: str = "all") -> list[str]:
    with app.app_context():
        person = find.by_email(who.email)
        return [row.ref for row in queue.page(person, filters.find(person, key)).rows]


def found(app: Flask, who: Character, words: str) -> list[str]:
    with app.app_context():
        return [ticket.ref for ticket in search.find(find.by_email(who.email), words)[0]]


def row(app: Flask, case: Case) -> Ticket:
    with app.app_context():
        ticket = session().get_one(Ticket, case.id)
        session().expunge(ticket)
        return ticket


# Merging


def test_a_merged_ticket_goes_on_in_the_other_one(app: Flask, olga: Character, ann: Character) -> None:
    first, second = olga.writes("Printer", "It smokes."), olga.writes("The same printer", "Now it burns.")
    ann.performs("note", second, text="A secret of the house")
    ann.performs("paid", second, amount="12.50", method="cash")
    into(ann, second, first)
    assert (second.state, row(app, second).merged_into_id) == ("done", first.id)
    assert first.story == ["opened", "joined"]
    assert listed(app, ann) == [first.ref]
    assert found(app, ann, "burns") == [first.ref]
    assert ann.buttons(second) == []
    page = AtTheDesk(app, ann).opens(f"/desk/tickets/{first.ref}").text
    assert page.index("It smokes.") < page.index("Now it burns.") < page.index("A secret of the house")
    assert "€12.50" in page, "payments stay in sight"
    assert "Undo merge" in AtTheDesk(app, ann).opens(f"/desk/tickets/{second.ref}").text


def test_answers_to_the_merged_ticket_arrive_at_the_one_that_stays(app: Flask, olga: Character, ann: Character) -> None:
    first, second = olga.writes("Printer"), olga.writes("The same printer")
    ann.performs("answer", second, text="Which one?")
    into(ann, second, first)
    for mail in ({"about": second}, {"references": [second.mails[0].message_id]}, {"subject": f"Re: [{second.ref}]"}):
        about = mail.pop("about", None)
        case = olga.writes(mail.pop("subject", "Re: The same printer"), "The blue one.", about=about, **mail)
        assert case.id == first.id
    assert first.story == ["opened", "joined", "asks", "asks", "asks"]
    assert second.story == ["opened", "answer", "merge"]


def test_taking_it_back_restores_everything(app: Flask, olga: Character, ann: Character, boris: Character) -> None:
    """State, clocks, followers, search, lists: all as it was, and the history tells both (N12)."""
    with clock.frozen(datetime(2026, 1, 12, 8, tzinfo=UTC)):
        first, second = olga.writes("Printer"), olga.writes("The same printer", "Now it burns.")
        with app.app_context(), writing() as here:
            here.add(Follower(ticket_id=second.id, person_id=boris.id))
        clock.travel(timedelta(days=1))
        into(ann, second, first)
        with app.app_context():
            assert session().get(Follower, (first.id, boris.id)) is not None
        clock.travel(timedelta(days=5))
        with app.app_context():
            timers.run_due()
        assert (first.state, second.state) == ("done", "done")
        assert second.story[-1] == "merge", "its clock stood still"
        take_back(ann, second)
        assert (second.state, row(app, second).merged_into_id) == ("new", None)
        assert second.story == ["opened", "merge", "merge"]
        assert first.story[-1] == "parted"
        assert found(app, ann, "burns") == [second.ref]
        assert set(listed(app, ann)) == {first.ref, second.ref}
        with app.app_context():
            assert session().get(Follower, (first.id, boris.id)) is None
            assert timers.next_due() == clock.now() + timedelta(days=1), "the day that was left"
        assert "answer" in ann.buttons(second)
        with pytest.raises(NotPossible):
            take_back(ann, second)


def test_a_merged_ticket_brings_those_merged_into_it(app: Flask, olga: Character, ann: Character) -> None:
    first, second, third = olga.writes("One", "Uno"), olga.writes("Two", "Dos"), olga.writes("Three", "Tres")
    into(ann, third, second)
    into(ann, second, first, "quiet")
    assert second.state == "new", "without `to` it stays where it is, at rest"
    assert {row(app, second).merged_into_id, row(app, third).merged_into_id} == {first.id}, "flat"
    assert found(app, ann, "Tres") == [first.ref]
    take_back(ann, second, "quiet")
    assert (row(app, second).merged_into_id, row(app, third).merged_into_id) == (None, second.id)
    assert found(app, ann, "Tres") == [second.ref]
    into(ann, second, first)
    take_back(ann, third)
    take_back(ann, second)
    assert [row(app, each).merged_into_id for each in (first, second, third)] == [None, None, None]


def test_what_cannot_be_merged(
    app: Flask, olga: Character, ann: Character, edgar: Character, mallory: Character
) -> None:
    """The right `merge` is asked for (a missing one looks like a missing action), and both tickets must be in sight."""
    first, second, foreign = olga.writes("One"), olga.writes("Two"), mallory.writes("Mine")
    for other in (second.ref, foreign.ref, "C-99", "", "0", "C-1\0"):
        with pytest.raises(Invalid):
            ann.performs("merge", second, into_ticket=other)
    with pytest.raises(NotFound):  # the file allows it, the right `merge` is missing
        edgar.performs("quiet", second, into_ticket=first.ref)
    assert "quiet" not in edgar.buttons(second)
    hidden = olga.writes("Hidden")
    ann.performs("hide", hidden)
    with pytest.raises(Invalid) as unseen:
        ann.performs("merge", second, into_ticket=hidden.ref)
    with pytest.raises(Invalid) as missing:
        ann.performs("merge", second, into_ticket="C-99")
    assert unseen.value.problems == missing.value.problems, "what is out of sight is as if it were not there"
    with pytest.raises(NotPossible):
        take_back(ann, second)
    into(ann, second, first)
    for refused in (lambda: into(ann, second, first), lambda: ann.performs("note", second, text="Still here?")):
        with pytest.raises(NotPossible):
            refused()
    third = olga.writes("Three")
    with pytest.raises(Invalid):
        into(ann, third, second)
    with pytest.raises(NotFound):
        take_back(edgar, second)
    with pytest.raises(NotFound):
        take_back(olga, second)


def test_one_customers_words_never_reach_another_by_a_merge(
    app: Flask, olga: Character, ann: Character, mallory: Character
) -> None:
    """Attack 52: refused, whatever the file allows; and were two put together all the same, each still reads only their
    own."""
    hers, theirs = olga.writes("One", "The canary sings"), mallory.writes("Two", "Mine")
    with pytest.raises(Invalid):
        into(ann, hers, theirs)
    assert row(app, hers).merged_into_id is None
    with app.app_context(), writing() as here:
        here.get_one(Ticket, hers.id).merged_into_id = theirs.id
    visitor = Visitor(app)
    visitor.is_let_in(mallory.email, "cabinet")
    page = visitor.opens(f"/my/requests/{theirs.ref}").text
    assert "Mine" in page
    assert "canary" not in page


def test_the_customer_is_led_to_the_request_that_goes_on(app: Flask, olga: Character, ann: Character) -> None:
    first, second = olga.writes("One", "Uno"), olga.writes("Two", "Dos")
    ann.performs("note", second, text="A secret of the house")
    into(ann, second, first)
    visitor = Visitor(app)
    visitor.is_let_in(olga.email, "cabinet")
    answer = visitor.opens(f"/my/requests/{second.ref}")
    assert answer.status_code == 303
    page = visitor.opens(answer.location).text
    assert page.index("Uno") < page.index("Dos")
    assert "secret" not in page, "merged-in notes stay notes (attack 52)"
    assert second.ref not in visitor.opens("/my/requests").text


def test_what_is_merged_is_found_by_whoever_sees_the_one_that_stays(
    app: Flask, olga: Character, ann: Character, edgar: Character
) -> None:
    """Attack 44: not by where the merged one was left, which says nothing about where it is read now."""
    first, second = olga.writes("Printer", "It smokes."), olga.writes("The same printer", "Now it burns.")
    into(ann, second, first, action="quiet")
    ann.performs("hide", first)
    assert (first.state, second.state) == ("vault", "new")
    assert found(app, edgar, "burns") == [first.ref]
    assert found(app, ann, "burns") == []


def test_two_that_are_taken_back_at_the_same_moment_do_not_wait_in_a_circle(
    app: Flask, olga: Character, ann: Character, boris: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attack 95: a ticket brings along those that were merged into it; all of them are held before anything is done."""
    first, second, third = olga.writes("One"), olga.writes("Two"), olga.writes("Three")
    into(ann, first, second)
    into(ann, second, third)
    put, trouble = merged.put, []

    def another() -> None:
        try:
            take_back(boris, first)
        except HelpdeskError as refused:
            trouble.append(refused.code)
        except Exception as error:  # noqa: BLE001 - it is shown below, in the thread that looks
            trouble.append(repr(error))

    thread = threading.Thread(target=another)

    def slowly(ids: Iterable[int], to: int | None) -> None:
        if thread.ident is None:
            thread.start()
            if not is_sqlite():
                wait_until(somebody_waits, what="the other")
        put(ids, to)

    monkeypatch.setattr(merged, "put", slowly)
    take_back(ann, second)
    thread.join(30)
    assert trouble == []
    assert [row(app, each).merged_into_id for each in (first, second, third)] == [None, None, None]


@pytest.mark.parametrize("turn", range(3))
def test_merges_that_cross_end_in_one(app: Flask, olga: Character, ann: Character, boris: Character, turn: int) -> None:
    """Attack 95: A into B and B into A at once. One is done, the other refused, and nobody waits in a circle."""
    first, second = olga.writes("One"), olga.writes("Two")
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def cross(who: Character, case: Case, other: Case) -> None:
        start.wait()
        try:
            into(who, case, other)
            outcomes.append("done")
        except HelpdeskError as refused:
            outcomes.append(refused.code)

    ways = [(ann, first, second), (boris, second, first)]
    threads = [threading.Thread(target=cross, args=each) for each in ways]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) in (["done", "invalid"], ["done", "not_now"]), outcomes
    assert [row(app, each).merged_into_id for each in (first, second)].count(None) == 1


def test_merges_that_cross_do_not_wait_in_a_circle(
    app: Flask, olga: Character, ann: Character, boris: Character, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attack 95: each would hold its own ticket and then ask for the other's, were not both held in order before."""
    first, second = olga.writes("One"), olga.writes("Two")
    outcomes: list[str] = []
    hers_only = threading.Event()

    def another() -> None:
        try:
            into(boris, second, first)
        except HelpdeskError as refused:
            outcomes.append(refused.code)
        except Exception as error:  # noqa: BLE001 - it is shown below, in the thread that looks
            outcomes.append(repr(error))

    thread = threading.Thread(target=another)

    def slowly(ticket_id: int) -> Ticket:
        if threading.current_thread() is thread:
            hers_only.set()
        elif thread.ident is None:
            thread.start()
            if not is_sqlite():
                wait_until(lambda: hers_only.is_set() or somebody_waits(), what="the other")
        return lock(ticket_id)

    monkeypatch.setattr(merging, "lock", slowly)
    into(ann, first, second)
    thread.join(30)
    assert outcomes == ["invalid"], "the other one is done after it, and refused"
    assert [row(app, each).merged_into_id for each in (first, second)] == [second.id, None]


def test_a_merge_that_is_sent_twice_is_one(app: Flask, olga: Character, ann: Character) -> None:
    """Attack 96, and a stale page (attack 95)."""
    first, second = olga.writes("One"), olga.writes("Two")
    seen = second.version
    ann.performs("note", second, text="Wait")
    with pytest.raises(Stale):
        into(ann, second, first, seen=seen)
    assert at_once(20, lambda: into(ann, second, first, nonce="once")) == [None] * 20, "none is refused"
    assert second.story.count("merge") == 1
    assert first.story.count("joined") == 1


# Splitting


def test_chosen_messages_become_a_ticket_of_their_own(app: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Printer", "It smokes.")
    olga.writes("Re", "And the screen is broken.", about=case)
    ann.performs("note", case, text="Two things")
    ann.performs("split", case, messages=[str(case.messages[1].id)], new_subject="Screen")
    made = Case(app, case.events[-1].data["split"]["into"])
    assert (made.subject, made.state, made.story) == ("Screen", "new", ["opened"])
    assert [message.text for message in made.messages] == ["And the screen is broken."]
    assert len(case.messages) == 3, "the originals stay"
    assert olga.sees(made)
    browser = AtTheDesk(app, ann)
    assert made.ref in browser.opens(f"/desk/tickets/{case.ref}").text
    page = browser.opens(f"/desk/tickets/{made.ref}").text
    assert "Split off from" in page
    assert "Undo split" in page
    assert set(found(app, ann, "screen")) == {case.ref, made.ref}


def test_a_split_that_is_taken_back_ends_where_it_came_from(app: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Printer", "It smokes.")
    olga.writes("Re", "And the screen is broken.", about=case)
    ann.performs("split", case, messages=[str(case.messages[1].id)])
    made = Case(app, case.events[-1].data["split"]["into"])
    olga.writes("Re", "Hurry with the screen.", about=made)
    take_back(ann, made, "split")
    assert row(app, made).merged_into_id == case.id
    assert listed(app, ann) == [case.ref]
    page = AtTheDesk(app, ann).opens(f"/desk/tickets/{case.ref}").text
    assert page.count("And the screen is broken.") == 1, "the copy does not stand beside its original"
    assert "Hurry with the screen." in page
    assert olga.writes("Re", "Well?", about=made).id == case.id
    take_back(ann, made, "split")
    assert row(app, made).merged_into_id is None
    assert "answer" in ann.buttons(made)


def test_a_split_gives_nobody_what_another_wrote(
    app: Flask, olga: Character, ann: Character, mallory: Character
) -> None:
    """Attack 52: a part is its author's only if they wrote all of it."""
    from helpdesk.tickets.links import Thread

    case = olga.writes("Printer", "The canary sings")
    mallory.writes("Re", "I hold the same code", about=case, thread=Thread(case.id, olga.id))
    olga.writes("Re", "What is that?", about=case)
    both, theirs = [str(each.id) for each in case.messages[1:]], str(case.messages[1].id)
    ann.performs("split", case, messages=both)
    assert olga.sees(Case(app, case.events[-1].data["split"]["into"]))
    ann.performs("split", case, messages=theirs)
    made = Case(app, case.events[-1].data["split"]["into"])
    assert row(app, made).requester_id == mallory.id
    take_back(ann, made, "split")
    visitor = Visitor(app)
    visitor.is_let_in(olga.email, "cabinet")
    mallory.writes("Re", "More of mine", about=made)
    assert "of mine" not in visitor.opens(f"/my/requests/{case.ref}").text
    other = mallory.writes("Another")
    for wrong in ([str(other.messages[0].id)], [], ["x"], ["1", "999999"]):
        with pytest.raises(Invalid):
            ann.performs("split", case, messages=wrong)


def test_files_and_letters_of_a_merged_ticket_are_reached_through_the_one_that_stays(
    app: Flask, olga: Character, ann: Character, mallory: Character
) -> None:
    from helpdesk.tickets.rich import Upload

    with app.app_context():
        paper = Upload.keep(b"paper", filename="paper.txt", content_type="text/plain")
    first, second = olga.writes("One"), olga.writes("Two", files=(paper,))
    foreign = mallory.writes("Mine", files=(paper,))
    into(ann, second, first)
    browser, visitor = AtTheDesk(app, ann), Visitor(app)
    visitor.is_let_in(olga.email, "cabinet")
    for reader, where in (
        (browser, f"/desk/tickets/{first.ref}/attachments"),
        (visitor, f"/my/requests/{first.ref}/files"),
    ):
        assert reader.opens(f"{where}/1").status_code == 200
        assert reader.opens(f"{where}/2").status_code == 404, "of somebody else's ticket (attack 46)"
    assert foreign.messages


def test_money_of_both_is_added_up(app: Flask, olga: Character, ann: Character) -> None:
    first, second = olga.writes("One"), olga.writes("Two")
    for case in (first, second):
        ann.performs("paid", case, amount="10", method="cash")
    into(ann, second, first)
    assert "€20.00" in AtTheDesk(app, ann).opens(f"/desk/tickets/{first.ref}").text
    assert [payment.amount for payment in first.payments] == [Decimal(10)], "the ledger is as it was"


def test_marks_follow(app: Flask, olga: Character, ann: Character, boris: Character) -> None:
    first, second = olga.writes("One"), olga.writes("Two")
    into(ann, second, first)
    assert listed(app, boris, "unread") == [first.ref]
    with app.app_context(), writing():
        unread.clear(find.by_email(boris.email), first.id)
    assert listed(app, boris, "unread") == []


def test_promises_stand_still_while_a_ticket_is_part_of_another(app: Flask, olga: Character, ann: Character) -> None:
    """Nobody is told that a merged ticket is late; taken out again, it has the time it had."""
    in_force(app, states=STATES, actions=ACTIONS, workflow="sla: [{resolution: 4h, warn_at: [50]}]")
    with clock.frozen(datetime(2026, 1, 12, 8, tzinfo=UTC)):
        first, second = olga.writes("One"), olga.writes("Two")
        due = row(app, second).due_resolution
        clock.travel(timedelta(hours=1))
        into(ann, second, first, "quiet")
        clock.travel(timedelta(hours=5))
        with app.app_context():
            timers.run_due()
        assert second.story == ["opened", "quiet"]
        take_back(ann, second, "quiet")
        assert row(app, second).due_resolution == due + timedelta(hours=5)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_ticket_merged_into_a_younger_one_moves_to_another_database(
    app: Flask, olga: Character, ann: Character, request: pytest.FixtureRequest
) -> None:
    """Rows are copied in the order of their numbers, and a ticket may name one that comes later."""
    first, second = olga.writes("One"), olga.writes("Two")
    into(ann, first, second)
    with app.app_context():
        place = Path(str(db.engine.url.database))
        session().rollback()
    address = Settings(database_url=str(request.getfixturevalue("postgresql_url"))).database
    target = create_engine(address, poolclass=NullPool)
    copying.to_empty_postgresql(place, target)
    with target.connect() as there:
        merged_into = select(Ticket.merged_into_id).where(Ticket.id == first.id)
        assert there.scalar(merged_into) == second.id


def test_a_missing_right_to_a_merged_ticket_looks_like_a_missing_action(
    app: Flask, olga: Character, ann: Character, edgar: Character
) -> None:
    first, second = olga.writes("One"), olga.writes("Two")
    into(ann, second, first)
    for who, action in ((edgar, "note"), (olga, "note"), (edgar, "merge")):
        with pytest.raises(NotFound):
            who.performs(action, second)
    with pytest.raises(NotPossible):
        ann.performs("note", second, text="Too late")
    with pytest.raises(NotPossible):
        olga.performs("asks", second, text="Too late")


def test_a_mail_that_comes_back_after_the_merge_is_noticed_where_the_work_goes_on(
    app: Flask, olga: Character, ann: Character, boris: Character
) -> None:
    """Fault 9: nobody reads the list of a ticket that is part of another."""
    first, second = olga.writes("One"), olga.writes("Two")
    ann.performs("answer", second, text="Which one?")
    with app.app_context(), writing() as here:
        mail = here.get_one(Delivery, second.mails[0].id)
        mail.status = "sent"
        name = mail.message_id
    into(ann, second, first)
    with app.app_context(), writing():
        unread.clear(find.by_email(boris.email), first.id)
    with app.app_context(), writing():
        outcome.returned(name, "Diagnostic-Code: smtp; 550 No such user")
    assert listed(app, boris, "unread") == [first.ref]
    with app.app_context():
        marked = session().scalars(select(Unread.ticket_id).distinct()).all()
    assert marked == [first.id]


def test_what_the_desk_sends_of_itself_for_a_part_is_no_answer(app: Flask, olga: Character, ann: Character) -> None:
    """The receipt of a new ticket is none, whoever opened it (WORKFLOW.md, "Clocks")."""
    hail = f"\n    hail: {{type: notify, label: Hail, automatic: true, emails: [{{to: [customer], {MAIL}}}]}}"
    promise = "sla: [{first_response: 4h}]\non_create: [{do: hail}]"
    in_force(app, states=STATES, actions=ACTIONS + hail, workflow=promise)
    case = olga.writes("Printer", "It smokes.")
    ann.performs("split", case, messages=[str(case.messages[0].id)])
    made = Case(app, case.events[-1].data["split"]["into"])
    assert [mail.recipient for mail in made.mails] == [olga.email]
    assert row(app, made).first_response_at is None


def test_consent_that_was_asked_before_a_merge_stays_with_its_own_state(
    app: Flask, olga: Character, ann: Character, boris: Character
) -> None:
    """A desk that renames the state in which a merged ticket rests says nothing of what it was asked elsewhere."""
    asks = f"""
    asked:
      {{{OPEN}, actions: [merge, note],
      approve: {{by: [manager], need: 1, within: 9d, email: please, accept: late, reject: late, expired: again}}}}"""
    emails = f"\nemails:\n  please: {{{MAIL}}}"
    ask = "\n    ask: {type: set_fields, label: Ask, allow: [agent], to: asked}"
    new = STATES.replace("actions: [answer,", "actions: [ask, answer,")
    text = desks.text_of(states=new + asks, actions=ACTIONS + ask) + emails
    with app.app_context():
        assert revisions.adopt(text, author="a test").revision
    first, second = olga.writes("One"), olga.writes("Two")
    boris.performs("ask", second)
    into(ann, second, first)
    renamed = text.replace("to: done", "to: ended").replace("done: {", "ended: {renamed_from: done, ")
    with app.app_context():
        rollout.apply({"workflows.yaml": renamed}, author="a test")
    assert second.state == "ended"
    take_back(ann, second)
    assert second.state == "asked"
    with pytest.raises(NotPossible, match="You brought the ticket here"):
        boris.performs("approve:accept", second)


SPLIT = """
tests:
  - name: What belongs elsewhere is split off, and the halves come together again
    given: {source: support_mail, with: {subject: Printer, message: It burns.}}
    steps:
      - {as: agent, do: split, with: {messages: "1", new_subject: Screen}, expect: {state: new, ran: [split]}}
      - {as: engineer, do: split, with: {messages: "1"}, refused: not_found}
      - {as: agent, do: merge, with: {into_ticket: C-1003}, refused: invalid}
      - {as: agent, do: merge, with: {into_ticket: C-1002}, expect: {state: done, ran: [merge]}}
      - {as: agent, do: answer, with: {message: Hello}, refused: not_now}
      - {as: agent, do: merge, with: {undo_this: "yes"}, expect: {state: new, ran: [merge]}}
      - {as: agent, do: merge, with: {undo_this: "yes"}, refused: not_now}
"""


def test_the_files_own_tests_play_it() -> None:
    text = desks.text_of(states=STATES, actions=ACTIONS) + SPLIT
    report = testing.run(text)
    assert report.findings == ()
    assert [result.failures for result in report.results] == [()]
