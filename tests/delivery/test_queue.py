"""The queue of what leaves, as administrators work it: held back, let go on, given up, and sent again all at once."""

from __future__ import annotations

import re
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from helpdesk import clock, jobs
from helpdesk.db import is_sqlite, session, writing
from helpdesk.delivery import attempts, mail, outcome, queue, resting
from helpdesk.errors import NotPossible
from helpdesk.tickets import actors
from helpdesk.tickets.models import Delivery
from tests.cast import Case, Character, hire
from tests.meanwhile import somebody_waits
from tests.plugins.post import Post, letter
from tests.servers.process import free_port, wait_until
from tests.visitor import Visitor, give_password

OLGA, PIA = "olga@example.org", "pia@example.net"


@pytest.fixture
def root(app: Flask) -> Visitor:
    hire(app, "root@acme.example", "Rooti Root", roles=["agent"], admin=True)
    give_password(app, "root@acme.example")
    browser = Visitor(app)
    browser.signs_in("root@acme.example")
    return browser


@pytest.fixture
def case(post: Post) -> Case:
    """A ticket of Olga's whose receipt has been sent."""
    return post.case(letter(OLGA))


def writes(ann: Character, case: Case) -> int:
    ann.performs("reply", case, text="Which floor?")
    return case.mails[-1].id


def said(case: Case) -> list[tuple[str, str, int | None]]:
    return [
        (event.data["status"], event.data.get("why", ""), event.actor_id)
        for event in case.events
        if event.kind == "delivery"
    ]


def test_what_is_held_back_stays_until_somebody_lets_it_go_on(
    post: Post, ann: Character, case: Case, root: Visitor, still: None
) -> None:
    number = writes(ann, case)
    assert root.sends(f"/admin/outbox/{number}/hold?view=waiting").location == "/admin/outbox?view=waiting"
    clock.travel(timedelta(hours=2))
    post.turn()
    assert (case.mails[-1].status, len(post.to(OLGA))) == ("held", 1)
    assert "By Rooti Root" in root.opens("/admin/outbox?view=held").text
    root.sends(f"/admin/outbox/{number}/retry?view=held")
    post.turn()
    assert (case.mails[-1].status, len(post.to(OLGA))) == ("sent", 2)
    assert [status for status, _, _ in said(case)] == ["sent", "held", "waiting", "sent"]


def test_what_is_given_up_says_who_did_so_and_why(
    app: Flask, post: Post, ann: Character, case: Case, root: Visitor
) -> None:
    number = writes(ann, case)
    assert root.sends(f"/admin/outbox/{number}/discard", why="  ").status_code == 422
    assert root.sends(f"/admin/outbox/{number}/discard", why="Wrong customer").status_code == 303
    post.turn()
    assert (case.mails[-1].status, len(post.to(OLGA))) == ("discarded", 1)
    with app.app_context():
        from helpdesk.people import find

        person = find.by_email("root@acme.example")
        assert person is not None
        assert said(case)[-1] == ("discarded", "Wrong customer", person.id)
    page = root.opens(f"/admin/outbox/{number}?view=discarded").text
    assert "Wrong customer" in page
    assert "Send after all" in page


def test_what_is_just_being_sent_or_gone_is_not_stopped(
    app: Flask, post: Post, ann: Character, case: Case, root: Visitor
) -> None:
    number = writes(ann, case)
    with app.app_context():
        (work,) = jobs.claim("a worker", ["deliver"])
    assert root.sends(f"/admin/outbox/{number}/hold").status_code == 409
    assert root.sends(f"/admin/outbox/{number}/discard", why="Too late").status_code == 409
    with app.app_context():
        mail.deliver(work)
    assert root.sends(f"/admin/outbox/{number}/discard", why="Too late").status_code == 409
    assert case.mails[-1].status == "sent"


def test_what_is_being_sent_is_not_sent_again(app: Flask, post: Post, ann: Character, case: Case) -> None:
    """Else two would be in each other's way, and one might go twice."""
    number = writes(ann, case)
    with app.app_context():
        (work,) = jobs.claim("a worker", ["deliver"])
        attempts.begin(number, work)
        with pytest.raises(NotPossible, match="at this very moment"):
            attempts.again(number)
        attempts.settle(number, work, outcome.sent)
    assert (case.mails[-1].status, case.mails[-1].attempts) == ("sent", 1)
    post.turn()
    assert len(post.to(OLGA)) == 1, "nothing is left to be done"


def test_send_now_is_not_undone_by_a_worker_that_just_puts_it_off(
    app: Flask, post: Post, ann: Character, case: Case, still: None
) -> None:
    """The button is pressed after the worker found the server away, and before its job waits."""
    number = writes(ann, case)
    here = app.config["HELPDESK"]
    app.config["HELPDESK"] = replace(here, smtp_url=f"smtp+insecure://127.0.0.1:{free_port()}")
    with app.app_context():
        (work,) = jobs.claim("a worker", ["deliver"])
        with pytest.raises(jobs.Later) as later:
            mail.deliver(work)
    app.config["HELPDESK"] = here
    with app.app_context():
        attempts.again(number)
        jobs.wait(work.id, work.worker, later.value.why, seconds=later.value.seconds)
    post.turn()
    assert (case.mails[-1].status, len(post.to(OLGA))) == ("sent", 2)


def test_send_now_and_a_worker_that_begins_do_not_wait_in_a_circle(
    app: Flask, post: Post, ann: Character, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes second finds what the first one made of it; it is sent once."""
    number = writes(ann, case)
    with app.app_context():
        (work,) = jobs.claim("a worker", ["deliver"])
    met: list[str] = []

    def begins() -> None:
        with app.app_context():
            try:
                attempts.begin(number, work)
            except Exception as error:  # noqa: BLE001 - it is shown below, in the thread that looks
                met.append(type(error).__name__)

    worker, over = threading.Thread(target=begins), resting.over

    def slowly() -> None:
        if worker.ident is None:
            worker.start()
            if not is_sqlite():
                wait_until(somebody_waits, what="the worker")
        over()

    monkeypatch.setattr(resting, "over", slowly)
    with app.app_context():
        attempts.again(number)
    worker.join(30)
    assert met == ["LeaseLost"]
    post.turn()
    assert (case.mails[-1].status, case.mails[-1].attempts, len(post.to(OLGA))) == ("sent", 1, 2)


def test_holding_back_and_a_worker_that_begins_do_not_wait_in_a_circle(
    app: Flask, post: Post, ann: Character, case: Case
) -> None:
    """The worker has the job and is about to take the row when the button is pressed: the mail leaves."""
    number = writes(ann, case)
    met: list[str] = []

    def presses() -> None:
        with app.app_context():
            try:
                queue.hold(number, actors.SYSTEM)
            except Exception as error:  # noqa: BLE001 - it is shown below, in the thread that looks
                met.append(type(error).__name__)

    button = threading.Thread(target=presses)
    with app.app_context():
        (work,) = jobs.claim("a worker", ["deliver"])
        with writing():
            assert jobs.held(f"deliver:{number}") == "running"
            button.start()
            if not is_sqlite():
                wait_until(somebody_waits, what="the button")
            attempts.begin(number, work)
        button.join(30)
        mail.deliver(work)
    assert met == ["NotPossible"]
    assert (case.mails[-1].status, len(post.to(OLGA))) == ("sent", 2)


def test_once_a_server_is_back_all_of_a_queue_is_sent_at_once(
    app: Flask, post: Post, ann: Character, case: Case, root: Visitor, still: None
) -> None:
    here = app.config["HELPDESK"]
    app.config["HELPDESK"] = replace(here, smtp_url=f"smtp+insecure://127.0.0.1:{free_port()}")
    for _ in range(3):
        writes(ann, case)
    writes(ann, post.case(letter(PIA)))
    for _ in range(4):
        clock.travel(timedelta(minutes=6))
        post.turn()
    app.config["HELPDESK"] = here
    assert re.search(r"4 tries.*next try", root.opens("/admin/outbox?view=waiting").text, re.DOTALL)
    root.sends(f"/admin/outbox/again?view=waiting&recipient={OLGA}")
    post.turn()
    assert len(post.to(OLGA)) == 4
    assert post.to(PIA) == [], "who was not in the list waits for their turn"


def test_a_long_queue_is_sent_portion_by_portion(
    app: Flask, post: Post, ann: Character, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PORTION", 2)
    for _ in range(5):
        writes(ann, case)
    with app.app_context(), writing() as here:
        for row in here.query(Delivery).filter_by(status="waiting"):
            row.status = "failed"
        here.query(jobs.Job).delete()
    with app.app_context():
        from helpdesk.tickets.actors import SYSTEM

        queue.send_all(SYSTEM, status="failed")
    post.turn()
    assert {mail.status for mail in case.mails} == {"sent"}
    assert len(post.to(OLGA)) == 6


def test_the_lists_are_narrowed_by_source_and_recipient(
    app: Flask, post: Post, ann: Character, case: Case, root: Visitor
) -> None:
    other = post.case(letter(PIA))
    writes(ann, case)
    writes(ann, other)
    with app.app_context(), writing() as here:
        for row in here.query(Delivery).filter_by(ticket_id=other.id):
            row.source = "contact_form"
        for row in here.query(Delivery).filter(Delivery.status == "waiting"):
            row.status = "failed"

    def listed(query: str) -> tuple[bool, bool]:
        table = root.opens(f"/admin/outbox?{query}").text.partition("<tbody>")[2]
        return OLGA in table, PIA in table

    assert listed("view=failed") == (True, True)
    assert listed("view=failed&source=contact_form") == (False, True)
    assert listed("view=failed&recipient=OLGA@example.org") == (True, False)
    assert listed("view=failed&source=contact_form&recipient=olga@example.org") == (False, False)
    assert "Nothing fits" in root.opens("/admin/outbox?view=failed&recipient=nobody@example.org").text
    assert root.opens("/admin/outbox?view=nonsense").status_code == 404


def test_a_link_to_sign_in_waits_and_goes_on_like_any_mail_and_is_forgotten_after(
    app: Flask, post: Post, root: Visitor
) -> None:
    with app.app_context(), writing():
        from helpdesk.tickets import outbox
        from helpdesk.tickets.outbox import Recipient

        number = outbox.post(
            Recipient(OLGA, None, "account"),
            subject="Sign in",
            body="{{ links.here }}",
            names={"links": {"here": "https://x/c4n4ry"}},
            secret=True,
        )
    root.sends(f"/admin/outbox/{number}/hold")
    assert "c4n4ry" not in root.opens(f"/admin/outbox/{number}").text
    root.sends(f"/admin/outbox/{number}/discard", why="Not now")
    with app.app_context():
        assert "c4n4ry" not in str(session().get_one(Delivery, number).frozen)
    assert root.sends(f"/admin/outbox/{number}/retry").status_code == 409
    post.turn()
    assert post.to(OLGA) == []
