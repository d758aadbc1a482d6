"""The live side of a web process: who listens, and to what. A hint: nobody relies on hearing it, and a page without it
looks every 20 seconds.

Rooms a page may join: `queue`, for staff, rings when a ticket changes in a state they see; `ticket:42` for whoever sees
that ticket, for its customer only when something happened that a customer may see. Whoever joins says when each part of
the page was drawn, and is told which rooms rang since (`rung`). Who listens is asked again every few seconds, so that a
person who was disabled, signed out or lost a right hears nothing more (attacks 53 and 81). Needs no web: `identify` is
given.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any

import socketio
from flask import Flask

from helpdesk.db import session
from helpdesk.live.ringing import Here, Shared, only_a_hint, queue_of, rooms_of
from helpdesk.live.rung import Rung
from helpdesk.people.models import SignIn
from helpdesk.routing import presence
from helpdesk.tickets import events, policy
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import revisions

ASK_AGAIN = 4.0  # seconds until a person who may listen no more is cut off
ROOMS = 50  # of one page
LONGEST_FRAME = 10_000  # bytes from a page
LONGEST_MOMENT = 18  # digits

Identify = Callable[[str], SignIn | None]
Pair = tuple[str, str]
Wanted = tuple[str, str]  # the name of a room, and when what listens to it was drawn; empty where nobody says

log = logging.getLogger("helpdesk.live")
_TICKET = re.compile(r"ticket:(\d{1,9})")  # no ticket has a greater number


@dataclass(frozen=True)
class Listener:
    """Who is behind a connection: their cookie, whether they listen as staff, the states they see as such, and the
    revision of the workflow by which their page was drawn: with another one its buttons may be others.
    """

    cookie: str
    person_id: int
    staff: bool
    states: frozenset[Pair]
    revision: int


@dataclass
class Connection:
    listener: Listener
    tickets: dict[int, str] = field(default_factory=dict)  # number of a ticket -> the inner room it listens in
    queue: bool = False

    def rooms(self, name: str) -> Iterator[str]:
        """The inner rooms it is in by this name."""
        if name == "queue" and self.queue:
            yield from (queue_of(*pair) for pair in self.listener.states)
        if name.startswith("ticket:"):
            yield from (room for number, room in self.tickets.items() if f"ticket:{number}" == name)


class Doorbell:
    """The live side of a web process. `identify` gives the sign-in behind a cookie's value, inside an app context."""

    def __init__(self, app: Flask, identify: Identify, *, redis_url: str = "") -> None:
        self.app, self.identify = app, identify
        self.connections: dict[str, Connection] = {}
        self.rung = Rung()
        self.shared = Shared(self.rung, redis_url) if redis_url else None
        self.server = socketio.AsyncServer(
            async_mode="asgi",
            transports=["websocket"],
            client_manager=self.shared or Here(self.rung),
            max_http_buffer_size=LONGEST_FRAME,
            ping_interval=20,
            ping_timeout=20,
        )
        self.server.on("connect", self._connect)
        self.server.on("disconnect", self._disconnect)
        self.server.on("join", self._join)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._watch: asyncio.Task[None] | None = None
        self._noted: set[int] = set()  # who was here when that was last noted
        self._note_again = 0.0

    async def start(self) -> None:
        """Called on the event loop when the server starts."""
        self._loop = asyncio.get_running_loop()
        self.server.manager.initialize()  # by itself it would hear other processes from the first page on only
        self.server.manager_initialized = True
        self._watch = asyncio.create_task(self._ask_again_and_again())
        events.changed.connect(self._rang)

    async def stop(self) -> None:
        events.changed.disconnect(self._rang)
        if self._watch:
            self._watch.cancel()
        if listening := getattr(self.shared, "thread", None):
            listening.cancel()
        for line in (getattr(self.shared, "pubsub", None), getattr(self.shared, "redis", None)):
            if line is not None:
                await line.aclose()

    # --- from the desk to the pages

    def _rang(self, _sender: object, *, ticket_id: int, event_id: int) -> None:
        """A change was committed, in whatever thread of this process."""
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        with only_a_hint():
            for room, name in rooms_of(ticket_id, event_id):
                asyncio.run_coroutine_threadsafe(self.server.emit("ring", {"room": name}, room=room), loop)

    # --- from the pages to the desk

    async def _connect(self, sid: str, environ: dict[str, Any], _auth: object = None) -> None:
        listener = await asyncio.to_thread(self._who, self._cookie(environ))
        if listener is None:
            raise socketio.exceptions.ConnectionRefusedError("Nobody is signed in.")
        self.connections[sid] = Connection(listener)

    async def _disconnect(self, sid: str, _reason: object = None) -> None:
        self.connections.pop(sid, None)

    async def _join(self, sid: str, asked: object = None) -> list[Wanted]:
        """Names of rooms, each with the moment at which the part of the page that listens was drawn. Gives back those
        that rang since: they are entered before, so no ring falls in between.
        """
        wanted = _wanted(asked)
        names = {name for name, _ in wanted}
        here = self.connections.get(sid)
        if here is None:
            return []
        if "queue" in names and here.listener.staff and not here.queue:
            here.queue = True
            await self._enter_states(sid, here.listener.states)
        numbers = {int(found[1]) for each in names if (found := _TICKET.fullmatch(each))}
        for number in numbers - here.tickets.keys():
            room = await asyncio.to_thread(self._room_for, here.listener, number)
            if room and sid in self.connections and len(here.tickets) < ROOMS:
                here.tickets[number] = room
                await self.server.enter_room(sid, room)
        return [(name, at) for name, at in wanted if at and self.rung.since(int(at), here.rooms(name))]

    async def _enter_states(self, sid: str, states: frozenset[Pair]) -> None:
        for pair in states:
            await self.server.enter_room(sid, queue_of(*pair))

    # --- who may listen

    async def _ask_again_and_again(self) -> None:
        while True:
            await asyncio.sleep(ASK_AGAIN)
            try:
                await self.ask_again()
            except Exception:
                log.exception("The listeners could not be asked again.")

    async def ask_again(self) -> None:
        """Cut off whoever may listen no more, and everybody when another workflow is in force. A page that may listen
        comes back by itself, joins what it may now, and fetches anew what it shows.
        """
        known = {sid: here.listener for sid, here in self.connections.items()}
        tickets = {sid: dict(here.tickets) for sid, here in self.connections.items()}
        for sid in await asyncio.to_thread(self._changed, known, tickets):
            await self.server.disconnect(sid)
        here = {each.listener.person_id for each in self.connections.values() if each.listener.staff}
        if here - self._noted or time.monotonic() > self._note_again:
            self._noted, self._note_again = here, time.monotonic() + presence.NOTED_EVERY.total_seconds()
            await asyncio.to_thread(self._note_who_is_here, here)

    def _note_who_is_here(self, people: set[int]) -> None:
        """For strategies that look at who is at work; for a desk that names none of them nothing is written."""
        with self.app.app_context():
            if people and presence.is_asked(revisions.active().desk):
                presence.note(people)

    def _changed(self, known: dict[str, Listener], tickets: dict[str, dict[int, str]]) -> list[str]:
        asked: dict[Listener, bool] = {}
        gone = []
        for sid, listener in known.items():
            if listener not in asked:
                asked[listener] = self._who(listener.cookie) == listener
            lost = any(self._room_for(listener, number) != room for number, room in tickets[sid].items())
            if not asked[listener] or lost:
                gone.append(sid)
        return gone

    def _who(self, cookie: str) -> Listener | None:
        with self.app.app_context():
            sign_in = self.identify(cookie) if cookie else None
            if sign_in is None:
                return None
            staff = sign_in.audience == "desk" and sign_in.person.is_staff
            states = policy.visible_states(sign_in.person) if staff else frozenset()
            return Listener(cookie, sign_in.person_id, staff, states, revisions.active().id)

    def _room_for(self, listener: Listener, number: int) -> str | None:
        """The inner room for this ticket: staff who see it hear all, its customer only what is the customer's."""
        with self.app.app_context():
            ticket = session().get(Ticket, number)
            if ticket is None:
                return None
            here = (ticket.workflow, ticket.state)
            if listener.staff and here in listener.states:
                return f"ticket:{number}"
            if ticket.requester_id == listener.person_id and here in policy.open_to_customers():
                return f"ticket:{number}:customer"
            return None

    def _cookie(self, environ: dict[str, Any]) -> str:
        try:
            found = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(self.app.config["SESSION_COOKIE_NAME"])
        except CookieError:
            return ""
        return found.value if found else ""


def _wanted(asked: object) -> list[Wanted]:
    """What a page asks for, as far as it makes sense: a name of a room, or `[name, moment]`."""
    if not isinstance(asked, list):
        return []
    pairs = [[each, ""] if isinstance(each, str) else each for each in asked[:ROOMS]]
    return [(pair[0], pair[1]) for pair in pairs if _is_pair(pair)]


def _is_pair(given: object) -> bool:
    match given:
        case [str(), str(at)]:
            return not at or (at.isascii() and at.isdecimal() and len(at) <= LONGEST_MOMENT)
    return False
