"""Talks with robots that say nothing of being one: how they are told from people, so that they end (attack 35).

A robot that says what it is gets no answer at all (`channels.email.auto`). This is about the others: another desk whose
marks a gateway took off, an absence note in a program's own words, a mailbox that thanks for every mail. How fast they
answer tells nothing: people are quick, and robots may wait for days. What tells is that nobody ever does anything else:
our mail, their mail, our mail. So mails of ours are counted only while they are *unattended*: since then nobody of the
house has done anything to their ticket, and its customer has not written in the cabinet, which no robot does. An act of
a person begins the count anew; what a person of the house sends is never counted and never held back.

* A turn is a mail of ours on a ticket and mail about that ticket after it. After `TURNS` of them the desk is silent
  there. Whoever sends five mails before anybody looks has been told twice that they arrived; reminders to somebody who
  is silent are no turns.
* `ANSWERS` went to one mailbox, whatever ticket each mail opened, and one of those mails said the same as this one.
  What people write differs from time to time; what robots write differs in numbers, dates and names. A whole sentence
  that differs in numbers alone is counted for all of a firm, as some robots write from another address each time.
* `UNATTENDED` answers went to one mailbox, whatever was said.

Asked by `unasked`; what is remembered stands on the rows of the outbox. Knows no channel.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    ScalarSelect,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from helpdesk import clock
from helpdesk.db import UTCDateTime, answer
from helpdesk.tickets.models import Delivery, Event, Message

TURNS = 2
ANSWERS = 2
UNATTENDED = 5
REMEMBERED = timedelta(days=30)

NO_WORDS = "-"
SENTENCE = 6  # words; people of one domain say less than that in the same way
_WORDS = 8  # that stand for all of a text
_LOOKED_THROUGH = 600  # characters of a text
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d")
_LONG = 15  # characters; a longer word is a line of a script that knows no spaces, or made up
_DOTLESS = ("gmail.com", "googlemail.com")
# Domains of everybody: who writes the same from there copied it somewhere, and is no house.
OPEN_TO_ALL = frozenset(
    "gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com icloud.com me.com mac.com aol.com "
    "gmx.de gmx.net web.de t-online.de mail.ru yandex.ru qq.com 163.com 126.com proton.me protonmail.com fastmail.com "
    "orange.fr free.fr laposte.net wanadoo.fr libero.it wp.pl o2.pl seznam.cz mail.ee hot.ee inbox.lv".split()
)


def mailbox(address: str) -> str:
    """Whose mailbox an address leads to: the tag behind a plus leads nowhere else, nor do dots at Google."""
    local, at, domain = address.lower().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _DOTLESS:
        local = local.replace(".", "")
    return f"{local}{at}{domain}"


def house(mailbox: str) -> str:
    """Where it is at home."""
    return mailbox.rpartition("@")[2]


def sketch(text: str) -> str:
    """What a mail says, in so few characters that it stands on a row: the same for mails that differ in numbers, dates
    and a few words (the smallest hashes of its words; Broder, On the resemblance and containment of documents, 1997).
    """
    plain = unicodedata.normalize("NFKC", text[:_LOOKED_THROUGH]).casefold()
    words = (word for word in _WORD.findall(plain) if not _NUMBER.search(word))
    hashes = {zlib.crc32(piece.encode()) * 0x9E3779B1 & 0xFFFFFFFF for word in words for piece in _pieces(word)}
    return ".".join(f"{each:08x}" for each in sorted(hashes)[:_WORDS]) or NO_WORDS


def alike(one: str, other: str) -> bool:
    """Whether two sketches are of mails that say the same."""
    here, there = set(one.split(".")), set(other.split("."))
    smallest = sorted(here | there)[:_WORDS]
    return 2 * sum(each in here and each in there for each in smallest) >= len(smallest)


def is_one(talk: str | None, *, address: str, ticket_id: int) -> bool:
    """Whether the desk talks to a robot there. `talk`: the sketch of the mail that would be answered, if one would."""
    turns, known, to_them, alike_at_home, others_at_home = answer(
        CLOSELY, recipient=address, ticket=ticket_id, author=0, **asked(talk, address)
    ).one()
    if turns >= TURNS or known:
        return True
    if talk is None:
        return False
    theirs = (to_them or "").split()
    if len(theirs) >= UNATTENDED or (len(theirs) >= ANSWERS and any(alike(talk, each) for each in theirs)):
        return True
    return bool(alike_at_home) and alike_at_home + others_at_home >= ANSWERS


def left_alone(address: str, *, since: datetime) -> int:
    """How many of the newest automatic mails to this mailbox nobody attended to, of those sent since then."""
    return int(answer(LEFT_ALONE, mailbox=mailbox(address), since=since).scalar_one())


def asked(talk: str | None, address: str) -> dict[str, Any]:
    """What the questions to the database need to know of the mail that would be answered."""
    home = house(mailbox(address))
    whole_sentence = talk is not None and talk.count(".") + 1 >= SENTENCE and home not in OPEN_TO_ALL
    return {
        "mailbox": mailbox(address),
        "house": home if whole_sentence else "",
        "talk": talk or "",
        "remembered": clock.now() - REMEMBERED,
    }


def _pieces(word: str) -> list[str]:
    return [word] if len(word) <= _LONG else [word[at : at + 3] for at in range(0, len(word), 3)]


def _attended(ticket_id: ColumnElement[Any], event_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a person did something about the ticket after this event."""
    acted = exists().where(Event.ticket_id == ticket_id, Event.actor_kind == "staff", Event.id > event_id)
    came = exists().where(
        Message.ticket_id == ticket_id,
        Message.author_kind == "customer",
        Message.channel != "email",
        Message.event_id > event_id,
    )
    return or_(acted, came)


def _answers(where: ColumnElement[bool], *, most: int) -> FromClause:
    """The newest mails that answered by themselves there. What has not left yet, nobody can have answered."""
    return (
        select(Delivery.talk, Delivery.ticket_id, Delivery.event_id)
        .where(where, Delivery.talk.is_not(None), Delivery.sent_at.is_not(None), Delivery.created_at > _SINCE)
        .order_by(Delivery.created_at.desc())
        .limit(literal_column(str(most)))
        .subquery()
    )


def _unattended(answers: FromClause, column: ColumnElement[Any]) -> ScalarSelect[Any]:
    return select(column).where(~_attended(answers.c.ticket_id, answers.c.event_id)).scalar_subquery()


def _number(answers: FromClause) -> ScalarSelect[int]:
    return select(func.count()).select_from(answers).scalar_subquery()


_SINCE = bindparam("remembered", type_=UTCDateTime)
_TO_THEM = Delivery.mailbox == bindparam("mailbox")
_AT_HOME = Delivery.house == bindparam("house")
_THE_SAME = Delivery.talk == bindparam("talk")
AT_A_GLANCE = (_number(_answers(_TO_THEM, most=ANSWERS)), _number(_answers(_AT_HOME & _THE_SAME, most=1)))
"""Whether there is anything to look at more closely: enough answers went there, or one to the same words from the same
house. Two cheap columns for the question that is asked before every mail.
"""

_ABOUT = bindparam("ticket", type_=Integer)
_AUTHOR = bindparam("author", type_=Integer)
_attention = select(func.coalesce(func.max(Event.id), 0)).where(Event.ticket_id == _ABOUT, Event.actor_kind == "staff")
_in_the_cabinet = select(func.coalesce(func.max(Message.event_id), 0)).where(
    Message.ticket_id == _ABOUT, Message.author_kind == "customer", Message.channel != "email"
)
_unattended_since = (_attention.scalar_subquery(), _in_the_cabinet.scalar_subquery())
_ours_before = (
    select(func.max(Delivery.event_id))
    .where(
        Delivery.ticket_id == _ABOUT,
        Delivery.recipient == bindparam("recipient"),
        Delivery.sent_at.is_not(None),
        Delivery.event_id < Message.event_id,
        *(Delivery.event_id >= since for since in _unattended_since),  # what a person sent begins the first turn
    )
    .correlate(Message)
    .scalar_subquery()
)
# Of whom: of one person (`author`), or, of 0, of everybody who is not of the house.
_turns = (
    select(func.count(_ours_before.distinct()))
    .where(
        Message.ticket_id == _ABOUT,
        Message.channel == "email",
        Message.conversation_id.is_(None),
        *(Message.event_id > since for since in _unattended_since),
        or_(Message.author_id == _AUTHOR, and_(_AUTHOR == 0, Message.author_kind != "staff")),
    )
    .scalar_subquery()
)
_known = (
    select(func.count())
    .where(
        Event.ticket_id == _ABOUT,
        Event.kind == "refused",
        Event.data["robot"].as_boolean(),
        *(Event.id > since for since in _unattended_since),
    )
    .scalar_subquery()
)
_theirs = _answers(_TO_THEM, most=4 * UNATTENDED)
_alike_at_home = _answers(_AT_HOME & _THE_SAME, most=4 * ANSWERS)
_others_at_home = _answers(_AT_HOME & ~_THE_SAME, most=4 * ANSWERS)
CLOSELY = select(
    _turns,
    _known,
    _unattended(_theirs, func.aggregate_strings(_theirs.c.talk, " ")),
    _unattended(_alike_at_home, func.count(_alike_at_home.c.talk)),
    _unattended(_others_at_home, func.count(_others_at_home.c.talk)),
)
_lately = (
    select(Delivery.ticket_id, Delivery.event_id)
    .where(_TO_THEM, Delivery.automatic, Delivery.created_at > bindparam("since", type_=UTCDateTime))
    .order_by(Delivery.created_at.desc())
    .limit(100)
    .subquery()
)
LEFT_ALONE = select(func.count(_lately.c.ticket_id)).where(~_attended(_lately.c.ticket_id, _lately.c.event_id))
OF_ONE = select(_turns)
