"""What rings for a change, and the bell between processes that share a Redis."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Full, Queue
from threading import Thread
from typing import Any

import socketio
from sqlalchemy import bindparam, exists, or_, select

from helpdesk.db import session
from helpdesk.live.rung import Rung
from helpdesk.tickets import events
from helpdesk.tickets.messages import for_requester
from helpdesk.tickets.models import Event, Message, Ticket

CHANNEL = "helpdesk"  # the name between processes that share a Redis
WAITING = 1000  # rings that a worker keeps for a Redis that is slow

log = logging.getLogger("helpdesk.live")


class Here(socketio.AsyncManager):
    """The pages of a desk of one process. Notes what rings before it is told to them."""

    def __init__(self, rung: Rung) -> None:
        super().__init__()
        self.rung = rung

    async def emit(self, event: str, data: Any, namespace: str, room: Any = None, **more: Any) -> None:
        if room:
            self.rung.note(room)
        await super().emit(event, data, namespace, room=room, **more)


class Shared(socketio.AsyncRedisManager):
    """The pages of this process, told of what rings here and in all processes that share the Redis."""

    def __init__(self, rung: Rung, redis_url: str) -> None:
        super().__init__(redis_url, channel=CHANNEL)
        self.rung = rung

    async def _handle_emit(self, message: dict[str, Any]) -> None:
        """A ring of this process or of another, on its way to the pages of this one."""
        if room := message.get("room"):
            self.rung.note(room)
        await super()._handle_emit(message)

    def _redis_connect(self) -> None:
        """The line is new, or new again: what others rang meanwhile was not heard."""
        super()._redis_connect()
        self.rung.begins_anew()


class Ringer:
    """The doorbell's button in a process without pages: a worker rings through Redis, in a thread of its own, so that
    no job stands still where Redis does. Without Redis the pages look by themselves.
    """

    def __init__(self, redis_url: str) -> None:
        self._manager = socketio.RedisManager(redis_url, channel=CHANNEL, write_only=True)
        self._rings: Queue[tuple[str, str]] = Queue(WAITING)
        Thread(target=self._ring_on, name="doorbell", daemon=True).start()
        events.changed.connect(self._rang)

    def _rang(self, _sender: object, *, ticket_id: int, event_id: int) -> None:
        with only_a_hint(), suppress(Full):  # then they are of no use any more
            for ring in rooms_of(ticket_id, event_id):
                self._rings.put_nowait(ring)

    def _ring_on(self) -> None:
        while True:
            room, name = self._rings.get()
            with only_a_hint():
                self._manager.emit("ring", {"room": name}, room=room)


@contextmanager
def only_a_hint() -> Iterator[None]:
    """What is told here is committed already: that a bell is broken or Redis is down must not look like a failure of it
    (fault 26).
    """
    try:
        yield
    except Exception:
        log.exception("The doorbell could not be rung.")


def rooms_of(ticket_id: int, event_id: int) -> list[tuple[str, str]]:
    """The inner rooms an event rings in, with the name each page knows: the ticket's, and the queues it left and came
    into. In the customer's room rings what they may know of, or read: the same that moves their request up (`heard`).
    """
    told = session().execute(TOLD, {"event": event_id, "ticket": ticket_id}).one_or_none()
    if told is None:
        return []
    name = f"ticket:{ticket_id}"
    states = {told.state, told.from_state, told.to_state} - {None}
    rings = [(name, name), *((queue_of(told.workflow, str(state)), "queue") for state in states)]
    return [*rings, (f"{name}:customer", name)] if told.for_customer else rings


def queue_of(workflow: str, state: str) -> str:
    """The inner room of a state's list."""
    return f"queue:{workflow}/{state}"


_READABLE = exists().where(Message.event_id == Event.id, for_requester(Ticket.requester_id))
_FOR_CUSTOMER = or_(Event.for_customer, _READABLE).label("for_customer")
TOLD = (
    select(Ticket.workflow, Ticket.state, Event.from_state, Event.to_state, _FOR_CUSTOMER)
    .join_from(Event, Ticket, Ticket.id == bindparam("ticket"))
    .where(Event.id == bindparam("event"))
)
