"""What the matrix over HTTP looks at: a ticket with all that can hang on one, and a browser for everybody who asks."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from helpdesk.channels.email import store
from helpdesk.db import session, writing
from helpdesk.tickets.models import Attachment, Message, Ticket
from helpdesk.tickets.rich import Upload
from tests.cast import Case, Character, hire
from tests.house.routes import Asker
from tests.plugins.post import Post, letter
from tests.visitor import Visitor

OLGA, MALLORY = Asker("olga", at="cabinet"), Asker("mallory", at="cabinet")
ASKERS = (
    Asker("nobody", at=""),
    OLGA,
    MALLORY,
    Asker("agent", groups=("front",)),
    Asker("engineer", groups=("workshop",)),
    Asker("accountant", roles=("accountant",)),
    Asker("manager", roles=("manager",)),
    Asker("administrator", admin=True),
    Asker("head", at="cabinet", roles=("manager",)),  # staff by a way that opens nothing of the desk (attack 75)
)
SUBJECT = "Halogenkaleidoscope"
WORD = "xylophonarium"


@dataclass
class Scene:
    """Olga's ticket, Mallory's, what the addresses of routes name, and a browser for each asker."""

    app: Flask
    case: Case
    other: Case
    names: dict[str, Any]
    browsers: dict[Asker, Visitor]

    def file_of(self, case: Case, *, audience: str = "public") -> int:
        query = select(Attachment.id).join(Message, Message.id == Attachment.message_id)
        with self.app.app_context():
            found = session().scalar(query.where(Message.ticket_id == case.id, Message.audience == audience).limit(1))
        assert found is not None
        return int(found)

    def put(self, state: str) -> None:
        """Into the state by force, with nobody assigned: the matrix asks about states, not about the ways there."""
        with self.app.app_context(), writing() as here:
            where = update(Ticket).where(Ticket.id == self.case.id)
            here.execute(where.values(state=state, assignee_id=None, group=None))


def set_up(app: Flask, post: Post) -> Scene:
    """Both tickets come by mail with a file; a note with a file of its own follows on Olga's."""
    for who in ASKERS:
        if who.roles or who.groups or who.admin:
            hire(app, who.email, who.name.title(), roles=who.roles, groups=who.groups, admin=who.admin)
    case, other = post.case(_mail(OLGA.email, SUBJECT)), post.case(_mail(MALLORY.email, "Other"))
    with app.app_context():
        note = Upload.keep(b"inside", filename="inside.txt", content_type="text/plain")
        aside = store.keep(b"no sender\r\n\r\n", source="", envelope_from="", envelope_to=["support@acme.example"])
    Character(app, "agent@acme.example").performs("comment", case, text="Between us", files=[note])
    post.turn()
    browsers = {who: Visitor(app, ip=f"198.51.100.{number}") for number, who in enumerate(ASKERS)}
    for who, browser in browsers.items():
        come_in(browser, who)
    scene = Scene(app, case, other, {}, browsers)
    scene.names |= {"ref": case.ref, "message_id": case.messages[0].id, "attachment_id": scene.file_of(case)}
    scene.names |= {
        "person_id": hire(app, "spare@acme.example", "Spare", roles=["agent"]).id,
        "delivery_id": 999_999,
        "alarm_id": 999_999,
        "entry_id": 999_999,
    }
    scene.names |= {"mail_id": aside, "name": "hours", "key": "all", "slug": "contact", "token": "made-up"}
    scene.names |= {
        "chosen": "5",
        "absence_id": 999_999,
        "reply_id": 999_999,
        "request_id": 999_999,
        "version": "0",
        "path": "x",
        "what": "enable",
        "revision": 1,
    }
    return scene


def come_in(browser: Visitor, who: Asker) -> None:
    """Sign in where this asker signs in."""
    if who.at:
        browser.is_let_in(who.email, who.at)
    else:
        browser.opens("/account/sign-in")


def _mail(address: str, subject: str) -> EmailMessage:
    mail = letter(address, f"It is a {WORD}.", subject=subject)
    mail.add_attachment(b"plan", maintype="application", subtype="pdf", filename="plan.pdf")
    return mail
