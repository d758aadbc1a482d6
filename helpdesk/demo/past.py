"""Six weeks of the demo's company, lived through the two doors: every story's beats in the order of time, with the
clock set to each.

Timers fire and mails leave on the way, as they would have. All of it is part of one transaction; nothing is sent
outside, because the demo's mail is caught.
"""

from __future__ import annotations

import heapq
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import click
from sqlalchemy import select

from helpdesk import clock, intake, jobs, timers
from helpdesk.actions import perform
from helpdesk.db import session
from helpdesk.delivery.mail import deliver
from helpdesk.demo import papers
from helpdesk.demo.company import STAFF, of_role
from helpdesk.demo.plots import Beat
from helpdesk.demo.stories import Story, Writer, all_stories
from helpdesk.errors import NotPossible
from helpdesk.people import find
from helpdesk.people.models import Company, Person
from helpdesk.tickets import unread
from helpdesk.tickets.actors import customer, staff
from helpdesk.tickets.links import Thread
from helpdesk.tickets.models import Follower, Ticket, Unread
from helpdesk.tickets.rich import Rich, Upload
from helpdesk.workflows import revisions

SEED = "northwind"
LONGEST = timedelta(days=42)
HOMES = ("mail.example", "post.example", "example.org")  # where private people have their mail; other domains are firms
DOORS = ("support_mail", "contact", "repair")
SOON = timedelta(seconds=4)  # until a mail is sent


@dataclass(order=True)
class Turn:
    """The next beat of a story, and when. Ordered by time; `number` keeps equal times apart."""

    at: datetime
    number: int
    tale: Tale = field(compare=False)


@dataclass
class Tale:
    """A story on its way: the moments of its beats, and its ticket once it is open."""

    story: Story
    moments: list[datetime]
    number: int
    ticket: int = 0
    told: int = 0


def play() -> None:
    """Live through it. Part of the transaction at hand. Refuses where there is no door that its people come through."""
    if not revisions.active().desk.sources.keys() >= set(DOORS):
        raise NotPossible("The demo's tickets come by mail and by two forms that this workflow file does not have.")
    chance, now = random.Random(SEED), clock.now()  # noqa: S311 (nothing secret hangs on it)
    tales = [Tale(story, _moments(story, now, chance), number) for number, story in enumerate(all_stories(chance))]
    turns = [Turn(tale.moments[0], tale.number, tale) for tale in tales]
    heapq.heapify(turns)
    beats = sum(len(tale.moments) for tale in tales)
    with click.progressbar(length=beats, label=f"The demo's past: {len(tales)} requests in six weeks") as bar:
        while turns:
            turn = heapq.heappop(turns)
            _let_time_pass(turn.at)
            with clock.frozen(turn.at):
                _tell(turn.tale, chance)
            _send(turn.at, before=turns[0].at if turns else now)
            if turn.tale.told < len(turn.tale.moments):
                heapq.heappush(turns, Turn(turn.tale.moments[turn.tale.told], turn.number, turn.tale))
            bar.update(1)
    _let_time_pass(now)
    _read_what_is_old(now, chance)


def _moments(story: Story, now: datetime, chance: random.Random) -> list[datetime]:
    """When the story begins and when each beat comes; the last one `rest` days ago, none in the future."""
    waits = [timedelta(hours=chance.uniform(*beat.hours)) for beat in story.plot.beats]
    last = now - timedelta(days=chance.uniform(*story.plot.rest))
    start = max(last - sum(waits, timedelta()), now - LONGEST)
    moments = [start]
    for wait in waits:
        moments.append(min(moments[-1] + wait, max(last, moments[-1])))
    return moments


# --- telling ----------------------------------------------------------------------------------------------------------


def _tell(tale: Tale, chance: random.Random) -> None:
    beat = tale.story.plot.beats[tale.told - 1] if tale.told else None
    tale.told += 1
    if beat is None:
        tale.ticket = _open(tale, chance)
    elif beat.do == "write":
        _write(tale, beat, chance)
    else:
        _act(tale, beat, chance)


def _open(tale: Tale, chance: random.Random) -> int:
    story = tale.story
    writer = _known(story.writer)
    name = "repair" if story.workflow == "repair" else chance.choice(("contact", "support_mail"))
    name = name if story.writer.name else "support_mail"
    files = (
        (_paper(chance.choice(("picture", "letter", "log")), tale),) if chance.random() < 0.18 and story.facts else ()
    )
    if name == "support_mail":
        return intake.receive(_mail(tale, story.text, address=writer.email, subject=story.subject)).ticket_id
    values: dict[str, Any] = {
        "name": writer.name,
        "subject": story.subject,
        "message": Rich.plain(story.text),
        "consent": True,
        "files": files,
    }
    if name == "repair":
        values |= {"device": story.facts["device"], "fault": story.facts["fault"]}
        values |= {"serial": f"NW{chance.randrange(100_000, 999_999)}"} if story.facts["fault"] != "software" else {}
    else:
        values["topic"] = chance.choice(("question", "question", "order", "invoice", "other"))
    source = revisions.active().desk.sources[name]
    nonce = f"demo-{tale.number}"
    return intake.receive(intake.Inbound.entered(source, values, address=writer.email, nonce=nonce)).ticket_id


def _write(tale: Tale, beat: Beat, chance: random.Random) -> None:
    """Somebody who is not staff: the customer by mail or in the cabinet, their robot, or a friend who was copied in."""
    text = _words(tale, beat, chance)
    requester = _requester(tale)
    files = (_paper(beat.file, tale),) if beat.file and chance.random() < 0.6 else ()
    thread = Thread(tale.ticket, requester.id)
    if beat.who == "friend":
        thread = Thread(tale.ticket, 0)
        intake.receive(_mail(tale, text, address="porter@gatehouse.example", name="Sam Doyle", thread=thread))
    elif beat.who == "robot":
        intake.receive(_mail(tale, text, address=requester.email, thread=thread, automatic=True))
    elif tale.number % 3 == 0:
        ticket = session().get_one(Ticket, tale.ticket)
        state = revisions.active().desk.workflows[ticket.workflow].states[ticket.state]
        values = {"message": Rich.plain(text)} | ({"files": files} if files else {})
        perform(ticket, state.on_message.customer or "", customer(requester), values)
    else:
        intake.receive(_mail(tale, text, address=requester.email, thread=thread, files=files))


def _act(tale: Tale, beat: Beat, chance: random.Random) -> None:
    """Somebody of the staff opens the ticket and does something: whoever has it, else any of the right people."""
    ticket = session().get_one(Ticket, tale.ticket)
    able = of_role(beat.who)
    holder = session().get(Person, ticket.assignee_id) if ticket.assignee_id else None
    address = holder.email if holder is not None and holder.email in able else chance.choice(able)
    person = find.by_email(address)
    if person is None:
        raise RuntimeError(f"{address} does not work here.")
    values = {name: _value(given, tale) for name, given in beat.values.items()}
    if beat.text:
        signed = f"\n\n{person.name}" if beat.do == "reply" else ""
        values["message"] = Rich.plain(_words(tale, beat, chance) + signed)
    if beat.file:
        values["files"] = (_paper(beat.file, tale),)
    unread.clear(person, ticket.id)
    perform(ticket, beat.do, staff(person), values)
    if chance.random() < 0.08:
        _follow(tale.ticket)


def _mail(tale: Tale, text: str, *, address: str, subject: str = "", name: str = "", **more: Any) -> intake.Inbound:
    return intake.Inbound(
        source="support_mail",
        channel="email",
        address=address,
        name=name,
        subject=subject or f"Re: {tale.story.subject}",
        message=Rich.plain(text),
        rfc_id=f"<demo.{tale.number}.{tale.told}@{address.partition('@')[2]}>",
        verified=tale.number % 2 == 0,
        **more,
    )


def _words(tale: Tale, beat: Beat, chance: random.Random) -> str:
    said = tale.story.lines.get(beat.text)
    return str(chance.choice(list(said))) if said else beat.text


def _value(given: Any, tale: Tale) -> Any:
    """`@price` and the like stand for a fact of the story."""
    if not (isinstance(given, str) and given.startswith("@")):
        return given
    facts = {**tale.story.facts, "reference": f"R{tale.ticket}"}
    return facts[given[1:]]


def _paper(kind: str, tale: Tale) -> Upload:
    about = {"picture": "photo", "letter": "invoice", "log": "app-log"}[kind]
    return papers.KINDS[kind](tale.number, about)


# --- people -----------------------------------------------------------------------------------------------------------


def _known(writer: Writer) -> Person:
    """The customer, with what the desk knows of them."""
    person = find.or_create(writer.email, name=writer.name, language=writer.language)
    if writer.city and not person.city:
        person.city, person.country, person.company = writer.city, writer.country, _firm(writer)
        session().flush()
    return person


def _firm(writer: Writer) -> Company | None:
    domain = writer.email.partition("@")[2]
    if domain in HOMES:
        return None
    found = session().scalar(select(Company).where(Company.domain == domain))
    return found or Company(name=domain.partition(".")[0].replace("-", " ").title(), domain=domain)


def _requester(tale: Tale) -> Person:
    return session().get_one(Person, session().get_one(Ticket, tale.ticket).requester_id)


def _follow(ticket_id: int) -> None:
    """The head keeps an eye on some."""
    head = find.by_email(STAFF[-1].email)
    if head is not None and session().get(Follower, (ticket_id, head.id)) is None:
        session().add(Follower(ticket_id=ticket_id, person_id=head.id))


def _read_what_is_old(now: datetime, chance: random.Random) -> None:
    """Who works reads: only what came lately is still unread, and not all of that."""
    marks = session().scalars(select(Unread).order_by(Unread.at, Unread.person_id, Unread.ticket_id))
    for mark in list(marks):
        if mark.at < now - timedelta(days=2) or chance.random() < 0.4:
            session().delete(mark)


# --- time -------------------------------------------------------------------------------------------------------------


def _let_time_pass(until: datetime) -> None:
    """What falls due by then happens, each thing at its moment."""
    while (due := timers.next_due()) is not None and due <= until:
        with clock.frozen(due):
            timers.run_due(limit=1)
        _send(due, before=until)


def _send(at: datetime, *, before: datetime) -> None:
    """The mails that this caused leave a moment later, into the catcher; at the latest when the next thing happens."""
    with clock.frozen(min(at + SOON, before)):
        for work in jobs.claim("demo", ["deliver"], limit=20):
            deliver(work)
