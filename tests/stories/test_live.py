"""The doorbell over real websockets: who hears what, and who nothing (attacks 53, 67 and 81)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from helpdesk import clock
from helpdesk.db import session, writing
from helpdesk.people.models import Person, SignIn
from helpdesk.web import sign_ins
from tests.cast import Character
from tests.servers.live import with_sockets

Opens = Callable[..., "Page"]


class Page:
    """An open page, speaking socket.io as the browser does."""

    def __init__(self, line: ClientConnection) -> None:
        self.line = line
        assert self.hear().startswith("0")
        self.line.send("40")
        self.answer = self.hear()

    @property
    def welcome(self) -> bool:
        return self.answer.startswith("40{")

    def joins(self, *rooms: str) -> Page:
        """Join, and wait until the server has taken it: an event of no meaning is answered after it."""
        self.line.send("421" + json.dumps(["join", list(rooms)]))
        assert self.hear().startswith("431")
        return self

    def hear(self) -> str:
        while (said := str(self.line.recv(timeout=10))) == "2":
            self.line.send("3")
        return said

    def rings(self) -> str:
        """The next room that rings."""
        return str(json.loads(self.hear().removeprefix("42"))[1]["room"])

    def is_cut_off(self) -> bool:
        try:
            while self.hear() != "41":
                pass
        except ConnectionClosed:
            return True
        return True


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    """The desk behind uvicorn, with its sockets."""
    with with_sockets(app) as number:
        yield number


@pytest.fixture
def opens(app: Flask, port: int) -> Iterator[Opens]:
    """Opens a page of somebody who signed in at the desk or at the cabinet, or with another cookie; all are closed at
    the end.
    """

    def cookie_of(who: Character, audience: str) -> str:
        token = secrets.token_urlsafe(32)
        with app.app_context(), writing() as here:
            row: dict[str, Any] = {"person_id": who.id, "audience": audience, "token_hash": sign_ins._hash(token)}
            here.add(SignIn(**row, expires_at=clock.now() + timedelta(hours=1)))
        serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        return str(serializer.dumps({"token": token}))

    where = f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket"
    with ExitStack() as pages:

        def opened(who: Character, at: str = "desk", *, spoilt: str = "", origin: str | None = None) -> Page:
            headers = {"Cookie": f"session={cookie_of(who, at)}{spoilt}"}
            line = connect(where, additional_headers=headers, origin=origin, open_timeout=10)  # type: ignore[arg-type]
            return Page(pages.enter_context(line))

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


def test_nobody_listens_without_a_sign_in(opens: Opens, ann: Character) -> None:
    assert opens(ann).welcome
    assert not opens(ann, spoilt="x").welcome
    assert not opens(ann, "pending").welcome


def test_another_site_may_not_open_a_socket(opens: Opens, port: int, ann: Character) -> None:
    """Attack 81."""
    with pytest.raises(InvalidStatus):
        opens(ann, origin="https://evil.example")
    assert opens(ann, origin=f"http://127.0.0.1:{port}").welcome


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
