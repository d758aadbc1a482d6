"""The doorbell over real websockets: who hears what, and who nothing (attacks 53, 67 and 81)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from websockets.exceptions import InvalidStatus

from helpdesk import clock
from helpdesk.db import session, writing
from helpdesk.live.ringing import rooms_of
from helpdesk.people.models import Person
from helpdesk.tickets.models import Event
from helpdesk.workflows import revisions
from tests.cast import Character
from tests.conftest import DESK
from tests.servers.page import Page, page_of
from tests.servers.serving import served

Opens = Callable[..., Page]
REPLY = "        type: reply\n        label: Reply\n        button: {color: green, key: r}\n        allow: [agent]\n"


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The desk behind uvicorn, with its sockets."""
    with served(app) as url:
        yield url


@pytest.fixture
def opens(app: Flask, address: str) -> Iterator[Opens]:
    """Opens pages; all are closed at the end."""
    with ExitStack() as pages:

        def opened(*who_and_where: Any, **more: Any) -> Page:
            return pages.enter_context(page_of(app, address, *who_and_where, **more))

        yield opened


def test_staff_hear_of_what_they_see_and_of_nothing_else(
    opens: Opens, olga: Character, ann: Character, kadri: Character
) -> None:
    case = olga.writes("Broken screen")
    agent = opens(ann).joins("queue", f"ticket:{case.id}")
    accountant = opens(kadri).joins("queue", f"ticket:{case.id}")
    ann.performs("comment", case, text="Let me look.")
    assert {agent.rings(), agent.rings()} == {"queue", f"ticket:{case.id}"}
    ann.performs("quote", case, price="80")  # now it awaits payment
    assert accountant.rings() == "queue"  # the first thing she hears: of the note she was told nothing


def test_rooms_of_no_ticket_leave_the_others_be(opens: Opens, olga: Character, ann: Character) -> None:
    case = olga.writes("Broken screen")
    agent = opens(ann).joins(f"ticket:{'9' * 18}", "ticket:-1", "ticket:", f"ticket:{case.id}")
    ann.performs("comment", case, text="Let me look.")
    assert agent.rings() == f"ticket:{case.id}"


def test_a_customer_hears_of_their_own_and_never_of_a_note(
    opens: Opens, olga: Character, ann: Character, mallory: Character
) -> None:
    case = olga.writes("Broken screen")
    hers = opens(olga, "cabinet").joins("queue", f"ticket:{case.id}")
    stranger = opens(mallory, "cabinet").joins("queue", f"ticket:{case.id}")
    ann.performs("comment", case, text="A note.")
    ann.performs("reply", case, text="Which floor?")
    assert hers.rings() == f"ticket:{case.id}"
    own = mallory.writes("Mine")
    stranger.joins(f"ticket:{own.id}")
    ann.performs("reply", own, text="Yes?")
    assert stranger.rings() == f"ticket:{own.id}"  # the first thing Mallory hears


def test_a_customer_hears_of_every_word_to_them_whatever_its_action_shows(
    app: Flask, olga: Character, ann: Character
) -> None:
    """A public reply rings also where the customer may not see that its action ran; what is inside rings nothing."""
    case = olga.writes("Broken screen")
    hidden = DESK.read_text().replace(REPLY + "        customer: see\n", REPLY)
    assert hidden != DESK.read_text()
    with app.app_context():
        assert revisions.adopt(hidden, author="the tests").revision
    for action, more in (
        ("comment", {"text": "A note."}),
        ("details", {"kind": "technical"}),
        ("reply", {"text": "?"}),
    ):
        ann.performs(action, case, **more)
    with app.app_context():
        told = session().scalars(select(Event).where(Event.ticket_id == case.id).order_by(Event.id)).all()
        hers = {each.action: f"ticket:{case.id}:customer" in dict(rooms_of(case.id, each.id)) for each in told}
        shown = {each.action: each.for_customer for each in told}
    assert hers == {None: True, "acknowledge": False, "comment": False, "details": False, "reply": True}
    assert shown["reply"] is False


def test_nobody_listens_without_a_sign_in(opens: Opens, ann: Character) -> None:
    assert opens(ann).welcome
    assert not opens(ann, spoilt="x").welcome
    assert not opens(ann, "pending").welcome


def test_another_site_may_not_open_a_socket(opens: Opens, address: str, ann: Character) -> None:
    """Attack 81."""
    with pytest.raises(InvalidStatus):
        opens(ann, origin="https://evil.example")
    assert opens(ann, origin=address).welcome


def test_junk_and_giants_are_cut_off_and_the_rest_goes_on(opens: Opens, ann: Character) -> None:
    """Attack 81."""
    for junk in (
        "4" + "x" * 1_000_000,
        "42[",
        "42{}",
        "9",
        '42["join",{"a":1}]',
        '42["join",["ticket:99999999999999999999"]]',
    ):
        page = opens(ann)
        page.line.send(junk)
        page.line.close()
    assert opens(ann).joins("queue").welcome


def test_another_workflow_is_heard_of_by_every_open_page(
    app: Flask, opens: Opens, ann: Character, olga: Character
) -> None:
    """Their line is cut; the page's script comes back and fetches what it shows, with the buttons there are now."""
    case = olga.writes("Broken screen")
    pages = opens(ann).joins("queue", f"ticket:{case.id}"), opens(olga, "cabinet").joins(f"ticket:{case.id}")
    with app.app_context():
        revision = revisions.active()
        adopted = revisions.adopt(Path(app.config["HELPDESK"].workflows).read_text() + "# another\n", author="Boris")
        assert adopted.revision != revision.id
    assert [page.is_cut_off() for page in pages] == [True, True]


def test_who_was_disabled_or_moved_is_cut_off(
    app: Flask, opens: Opens, ann: Character, boris: Character, olga: Character
) -> None:
    """Attack 53: within five seconds, without a word from them."""
    case = olga.writes("Broken screen")
    gone = opens(ann).joins("queue", f"ticket:{case.id}")
    stays = opens(boris).joins("queue")
    with app.app_context(), writing() as here:
        here.execute(update(Person).where(Person.id == ann.id).values(disabled_at=clock.now()))
    assert gone.is_cut_off()
    boris.performs("comment", case, text="Ann has left.")
    assert stays.rings() == "queue"
    with app.app_context():
        assert session().get_one(Person, ann.id).disabled_at
