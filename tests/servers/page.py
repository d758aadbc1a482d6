"""An open page's line to the doorbell, as the browser's script speaks it."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from flask import Flask
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from helpdesk import clock
from helpdesk.db import writing
from helpdesk.people.models import SignIn
from helpdesk.web import sign_ins
from tests.at_the_desk import attribute
from tests.cast import Character
from tests.servers.process import PATIENCE


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

    def misses(self, **drawn: str) -> list[str]:
        """Join rooms, each with what was drawn of it; gives those that have rung since. `ticket_42` is ticket:42."""
        self.line.send("422" + json.dumps(["join", [[name.replace("_", ":"), at] for name, at in drawn.items()]]))
        answer = self.hear()
        assert answer.startswith("432")
        return [name for name, _ in json.loads(answer[3:])[0]]

    def hear(self) -> str:
        while (said := str(self.line.recv(timeout=PATIENCE))) == "2":
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


@contextmanager
def page_of(
    app: Flask, address: str, who: Character, at: str = "desk", *, spoilt: str = "", origin: str | None = None
) -> Iterator[Page]:
    """A page of somebody who signed in at the desk or at the cabinet, open within the block. `spoilt`: added to its
    cookie; `origin`: the site that opens it.
    """
    where = f"{address.replace('http:', 'ws:')}/socket.io/?EIO=4&transport=websocket"
    headers = {"Cookie": f"session={_cookie_of(app, who, at)}{spoilt}"}
    with connect(where, additional_headers=headers, origin=origin, open_timeout=PATIENCE) as line:  # type: ignore[arg-type]
        yield Page(line)


def drawn(page: str, room: str) -> str:
    """The moment that the part of the page carries which listens to this room."""
    found = re.search(rf'<[^>]*data-live="[^"]*\b{room}\b[^"]*"[^>]*>', page)
    assert found
    return attribute(found[0], "data-drawn")


def _cookie_of(app: Flask, who: Character, audience: str) -> str:
    token, ends = secrets.token_urlsafe(32), clock.now() + timedelta(hours=1)
    with app.app_context(), writing() as here:
        here.add(SignIn(person_id=who.id, audience=audience, token_hash=sign_ins._hash(token), expires_at=ends))
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return str(serializer.dumps({"token": token}))
