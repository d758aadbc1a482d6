"""Golden tests of mail: messages are handed in at the real door of a desk in memory, and compared with what stands
beside them (`golden_file`). For `helpdesk mail test`.

Nothing of the real desk is touched and nothing leaves; each conversation begins on an empty desk with the workflow's
made-up people on it (`rollout.stage`). The clock stands at the time a message says it was written: else it would have
lain about for years, and such mail is answered by no robot.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from helpdesk import clock, jobs
from helpdesk.channels.email import inspect, read, reader, store
from helpdesk.channels.email.golden_file import Golden, NotReadableError, Value
from helpdesk.channels.email.models import InboundMail
from helpdesk.channels.email.parse import Mail
from helpdesk.db import session
from helpdesk.rollout import stage
from helpdesk.tickets.models import Delivery, Event, Ticket

YEARS = range(1990, 2100)  # in which mail is written; any other is a slip of the sender's clock
WRITTEN = ("from", "subject", "auto", "would", "state", "mailed", "attachments", "reply_text")
_THREAD = re.compile(rb"^(?:in-reply-to|references):.*\n(?:[ \t].*\n)*", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Outcome:
    """What the desk made of one message: `seen` by the keys of `golden_file`. It passed when nothing `failed`; where no
    expectations stand beside it nothing can.
    """

    golden: Golden
    seen: Mapping[str, Any]
    failed: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "file": str(self.golden.mail),
            "expected": self.golden.wanted is not None,
            "failed": list(self.failed),
            "seen": dict(self.seen),
        }


def run(
    conversations: list[list[Golden]], texts: Mapping[str, str], *, done: Callable[[Outcome], None] | None = None
) -> list[Outcome]:
    """Hand all of them in, conversation after conversation. `texts`: a workflow that is free of errors."""
    outcomes = []
    with stage.raised(texts) as desk:
        for messages in conversations:
            with desk.fresh():
                play = _Conversation()
                for each in messages:
                    outcomes.append(play.takes(each))
                    if done:
                        done(outcomes[-1])
    return outcomes


def write(outcome: Outcome) -> None:
    """Put down what the desk makes of a message now as what is expected of it from now on; never over what is there.
    Raises OSError.
    """
    seen = {key: outcome.seen[key] for key in WRITTEN if outcome.seen.get(key) not in (None, "")}
    lines = [f"{key}: {_written(value)}\n" for key, value in seen.items()]
    with outcome.golden.beside.open("x", encoding="utf-8") as file:
        file.writelines(lines)


def _written(value: Any) -> str:
    """As YAML that says the same to whoever reads it and to us: what nobody sees is spelled out."""
    text = json.dumps(value, ensure_ascii=False)
    return "".join(each if each.isprintable() else f"\\U{ord(each):08x}" for each in text)


@dataclass
class _Conversation:
    """Messages that arrive one after the other; `begun`: the tickets, and the message that opened each; `at`: when the
    newest was written.
    """

    tickets: dict[str, int] = field(default_factory=dict)
    begun: dict[int, str] = field(default_factory=dict)
    at: datetime | None = None

    def takes(self, golden: Golden) -> Outcome:
        mail = reader.read(golden.mail)
        if mail.date is not None and mail.date.year in YEARS:
            self.at = max(self.at or mail.date, mail.date)
        with clock.frozen(self.at or clock.now()):
            seen = _described(golden, mail) | self._filed(golden)
        return Outcome(golden, seen, tuple(_compared(golden, seen)))

    def _filed(self, golden: Golden) -> dict[str, Any]:
        """Hand it in, and look at what became of it."""
        events, mails = _last(Event), _last(Delivery)
        mail_id = store.keep(self._raw(golden), source=golden.through)
        for work in jobs.claim("mail test", ["read_mail"]):
            read.read_mail(replace(work, attempts=read.TRIES))  # what breaks it is its outcome, not tried again
        session().rollback()
        row = session().get_one(InboundMail, mail_id)
        if row.status != "filed" or row.ticket_id is None:
            would = {"quarantined": "quarantine", "waiting": "confirm"}.get(row.status, "ignore")
            return {"would": would, "why": row.error, "workflow": "", "state": "", "ran": [], "mailed": []}
        ticket = session().get_one(Ticket, row.ticket_id)
        opened = self.begun.get(ticket.id)
        self.begun.setdefault(ticket.id, golden.name)
        self.tickets[golden.name] = ticket.id
        ran = select(Event.action).where(Event.ticket_id == ticket.id, Event.kind == "ran", Event.id > events)
        mailed = select(Delivery.role).where(
            Delivery.ticket_id == ticket.id, Delivery.kind == "mail", Delivery.id > mails
        )
        return {
            "would": f"reply:{opened}" if opened else "new",
            "workflow": ticket.workflow,
            "state": ticket.state,
            "ran": list(session().scalars(ran.order_by(Event.id))),
            "mailed": sorted(set(session().scalars(mailed))),
        }

    def _raw(self, golden: Golden) -> bytes:
        """The message; one that answers names the desk's last mail of that ticket instead of what it named."""
        raw = golden.mail.read_bytes()
        if not golden.answers:
            return raw
        ticket_id = self.tickets.get(golden.answers)
        if ticket_id is None:
            raise NotReadableError(f"{golden.beside}: no earlier message “{golden.answers}” is on a ticket.")
        newest = select(Delivery.message_id).where(Delivery.ticket_id == ticket_id, Delivery.kind == "mail")
        message_id = session().scalar(newest.order_by(Delivery.id.desc()).limit(1))
        if message_id is None:
            raise NotReadableError(f"{golden.beside}: the desk has mailed nothing about “{golden.answers}”.")
        named = message_id.encode()
        head, gap, body = _parted(raw)
        return b"In-Reply-To: %s\nReferences: %s\n" % (named, named) + _THREAD.sub(b"", head + b"\n") + gap + body


def _described(golden: Golden, mail: Mail) -> dict[str, Any]:
    """As `mail inspect` has it, but files by their names alone."""
    described = inspect.describe(golden.mail, mail)
    return {**described, "attachments": [file["filename"] for file in described["attachments"]]}


def _compared(golden: Golden, seen: Mapping[str, Any]) -> list[str]:
    """A sentence for each thing that is not as the file says, with its line."""
    failed = []
    for each in golden.wanted or ():
        found = seen.get(each.key)
        if why := _not_as(each.value, found, ordered=each.key in ("to", "cc", "ran")):
            failed.append(f"{golden.beside}:{each.line}: “{each.key}” {why}.")
    return failed


def _not_as(wanted: Value, found: Any, *, ordered: bool) -> str:
    """Why it is not what is expected; nothing where it is."""
    if isinstance(wanted, tuple):
        got = list(found or [])
        alike = list(wanted) == got if ordered else sorted(wanted) == sorted(got)
        return "" if alike else f"should be {_list(wanted)}; it is {_list(got)}"
    text = _even(str(found or ""))
    if isinstance(wanted, str):
        return "" if _even(wanted) == text else f"should be {_quoted(_even(wanted))}; it is {_quoted(text)}"
    lost = [part for part in wanted.has if _even(part) not in text]
    extra = [part for part in wanted.lacks if _even(part) in text]
    told = [*(f"lacks {_quoted(part)}" for part in lost), *(f"has {_quoted(part)}" for part in extra)]
    return f"{' and '.join(told)}; it is {_quoted(text)}" if told else ""


def _even(text: str) -> str:
    """Without the differences that nobody sees: ends of lines, blanks before them and around the whole."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def _list(names: Any) -> str:
    return ", ".join(_quoted(str(name)) for name in names) or "none"


def _quoted(text: str) -> str:
    short = text if len(text) <= 200 else f"{text[:200]}…"
    return f"“{short}”" if short else "nothing"


def _parted(raw: bytes) -> tuple[bytes, bytes, bytes]:
    """Header, what parts it from the body, and the body."""
    found = re.search(rb"\r?\n(\r?\n)", raw)
    return (raw[: found.start()], found[1], raw[found.end() :]) if found else (raw, b"", b"")


def _last(table: type[Event | Delivery]) -> int:
    return session().scalar(select(func.max(table.id))) or 0
