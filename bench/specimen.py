"""A life lived once through the doors, and all the rows it left: the pattern that `stamping` copies.

So generated rows have the shape of door-made ones by construction, whatever the workflow file says by then. Values
that belong to this one ticket (its number, its requester, its words, its moments) are chosen so that they can be
found again in every row.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table, select, text

from bench.lives import Life, Step
from bench.people import STAFF
from helpdesk import clock, intake, jobs
from helpdesk.actions import perform
from helpdesk.channels.email import store
from helpdesk.channels.email.read import read_mail
from helpdesk.db import Base, is_sqlite, session, writing
from helpdesk.delivery.mail import deliver
from helpdesk.people.models import Address, Person
from helpdesk.tickets import unread
from helpdesk.tickets.actors import staff
from helpdesk.tickets.models import Delivery, Ticket
from helpdesk.tickets.rich import Rich, Upload
from helpdesk.workflows import revisions

NUMBER, PERSON = 770_000_007, 880_000_008  # of the specimen's ticket and its requester
NAME, EMAIL, SUBJECT = "Quilla Marker", "quilla-marker@bench.example", "Subjectmarker"
START, APART = datetime(2001, 1, 1, 9, tzinfo=UTC), timedelta(hours=1)
SOON = timedelta(seconds=4)  # until a mail is sent or read
TABLES = (
    "people", "addresses", "tickets", "events", "messages", "attachments", "field_values", "ticket_tags", "followers",
    "unread_marks", "timers", "deliveries", "payments", "submissions", "inbound_mail", "message_search",
)  # fmt: skip
SEARCH_ROWS = {  # the tokens in their order; PostgreSQL keeps each word with its places
    "sqlite": "SELECT rowid AS message_id, ticket_id, tokens FROM message_search ORDER BY 1",
    "postgresql": "SELECT message_id, ticket_id, (SELECT string_agg(lexeme, ' ' ORDER BY place) "
    "FROM unnest(tokens), unnest(positions) AS place) AS tokens FROM message_search ORDER BY 1",
}
HANDLERS = {"deliver": deliver, "read_mail": read_mail}


@dataclass(frozen=True)
class Specimen:
    """The rows a life left, by table, each as a mapping of its columns. `zone`: the company's, in which texts tell
    the time.
    """

    life: Life
    rows: dict[str, list[dict[str, Any]]]
    zone: ZoneInfo


def words_of(step: int) -> str:
    """What is said at a step of a specimen; found again by `stamping`."""
    return f"Wordsmarker{step:02d}x"


def mail_of(step: int) -> str:
    return f"<mailmarker{step:02d}x@bench.example>"


def moment_of(step: int) -> datetime:
    return START + step * APART


def minute(moment: datetime, zone: ZoneInfo) -> str:
    """A moment as the desk's texts tell it."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


class _Enough(Exception):
    """The rows are read; nothing of it stays."""


def live(life: Life) -> Specimen:
    """Live `life` on the desk at hand, which has the bench's staff and no tickets, take its rows out, and roll all
    of it back.
    """
    rows: dict[str, list[dict[str, Any]]] = {}
    zone = ZoneInfo(revisions.active().desk.company.timezone)
    with suppress(_Enough), writing():
        tell(life)
        rows = {name: rows_of(name) for name in TABLES}
        raise _Enough
    return Specimen(life, rows, zone)


def tell(life: Life, *, number: int = NUMBER, person: int = PERSON) -> None:
    """Live `life` through the doors. Part of the transaction at hand."""
    next_number(number)
    here = session()
    here.add(
        Person(
            id=person,
            name=NAME,
            language="en",
            created_at=START,
            addresses=[Address(kind="email", value=EMAIL, is_primary=True)],
        )
    )
    here.flush()
    with clock.frozen(START):
        _open(life)
    _work(START)
    for step, each in enumerate(life.steps, start=1):
        with clock.frozen(moment_of(step)):
            _take(number, each, step)
        _work(moment_of(step))


def next_number(number: int) -> None:
    """The next ticket gets this number."""
    if is_sqlite():
        session().execute(text("UPDATE counters SET value = :last WHERE name = 'tickets'"), {"last": number - 1})
    else:
        session().execute(text("SELECT setval('ticket_numbers', :last)"), {"last": number - 1})


def rows_of(name: str) -> list[dict[str, Any]]:
    """All rows of a table, in the order of its key, with Python values; of people only the requester."""
    here = session()
    if name == "message_search":
        return [
            dict(row) for row in here.execute(text(SEARCH_ROWS["sqlite" if is_sqlite() else "postgresql"])).mappings()
        ]
    table: Table = Base.metadata.tables[name]
    asked = select(table).order_by(*table.primary_key)
    if name in ("people", "addresses"):
        asked = asked.where(table.c["id" if name == "people" else "person_id"] > len(STAFF))
    return [dict(row) for row in here.execute(asked).mappings()]


def _open(life: Life) -> None:
    if life.source == "support_mail":
        _mail(0, SUBJECT, file=life.file)
        return
    source = revisions.active().desk.sources[life.source]
    files = (_file(),) if life.file else ()
    entered = {"name": NAME, "subject": SUBJECT, "message": Rich.plain(words_of(0)), "files": files, **life.values}
    intake.receive(intake.Inbound.entered(source, entered, address=EMAIL, nonce=f"form-{NUMBER}"))


def _take(ticket_id: int, step: Step, number: int) -> None:
    ticket = session().get_one(Ticket, ticket_id)
    if step.who == "customer":
        _mail(number, f"Re: {SUBJECT}", answers=ticket_id)
        return
    person = _worker(ticket, step)
    values = dict(step.values) | ({"message": Rich.plain(words_of(number))} if step.says else {})
    unread.clear(person, ticket_id)
    perform(ticket_id, step.action, staff(person), values)


def _worker(ticket: Ticket, step: Step) -> Person:
    """Whoever has the ticket, if they are of that kind; else the first who is."""
    able = [each.id for each in STAFF if each.team == step.who]
    return session().get_one(Person, ticket.assignee_id if ticket.assignee_id in able else able[0])


def _mail(number: int, subject: str, *, answers: int | None = None, file: bool = False) -> None:
    """A mail of the customer, kept as it comes and then read; `answers`: the last one we wrote them about this
    ticket.
    """
    mail = EmailMessage(policy=SMTP.clone(max_line_length=998))  # a folded Message-ID is no Message-ID
    mail["From"], mail["To"], mail["Subject"] = f"{NAME} <{EMAIL}>", "support@localhost", subject
    mail["Message-ID"], mail["Date"] = mail_of(number), clock.now()
    if answers:
        theirs = select(Delivery.message_id).where(Delivery.ticket_id == answers, Delivery.recipient == EMAIL)
        mail["In-Reply-To"] = session().scalar(theirs.order_by(Delivery.id.desc()).limit(1))
    mail.set_content(words_of(number))
    if file:
        mail.add_attachment("A small file, the same for all.\n" * 40, filename="notes.txt")
    store.keep(
        mail.as_bytes(), source="support_mail", envelope_from=EMAIL, envelope_to=["support@localhost"], peer="127.0.0.1"
    )
    _work(clock.now(), later=timedelta())


def _file() -> Upload:
    return Upload.keep(b"A small file, the same for all.\n" * 40, filename="notes.txt", content_type="text/plain")


def _work(at: datetime, *, later: timedelta = SOON) -> None:
    """What is left to do is done a moment later: mail read, mail sent into the catcher."""
    with clock.frozen(at + later):
        for work in jobs.claim("bench", ["read_mail"] if not later else list(HANDLERS), limit=50):
            HANDLERS[work.kind](work)
