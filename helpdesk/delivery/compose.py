"""A mail of the outbox as bytes: its frozen text rendered, its headers set, and every line of its head looked at before
it may leave.

Called by `mail` outside any transaction. The gate at the end is our own: a header that decodes or folds into a second
one is the oldest trick against desks, and Python 3.11.7 does not stop all of it (attack 31, CVE-2024-6923).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from email.charset import QP, Charset
from email.header import Header
from email.mime.text import MIMEText
from email.policy import compat32
from typing import Any
from urllib.parse import quote, urlsplit

from babel import Locale, UnknownLocaleError
from flask import current_app
from flask_mail import Attachment, Mail, Message
from markupsafe import Markup

from helpdesk import files
from helpdesk.db import session
from helpdesk.delivery import loops, pictures, plainly, wording
from helpdesk.delivery.failures import Never
from helpdesk.delivery.pictures import Picture
from helpdesk.people.models import Person
from helpdesk.settings import current
from helpdesk.text import plain
from helpdesk.tickets.models import Delivery
from helpdesk.workflows import revisions

ONCE = frozenset(
    {
        "subject",
        "from",
        "to",
        "date",
        "message-id",
        "reply-to",
        "in-reply-to",
        "references",
        "auto-submitted",
        "x-auto-response-suppress",
        "x-helpdesk-loop",
        "mime-version",
        "content-type",
        "content-transfer-encoding",
    }
)
LONGEST_NAME = 900  # bytes of a file's name, spelled out on one line
_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,60}", re.IGNORECASE)
_FIELD = re.compile(rb"([!-9;-~]+):[ \t]?")


class Unsafe(Never):
    """The head of the mail is not what we meant to write."""


class Letter(Message):
    """Flask-Mail's message, written out without the refolding that turns encoded words back into line breaks."""

    shown_subject = ""
    pictures: Sequence[Picture] = ()  # of its text
    instead = ""  # why it says the built-in text instead of its own

    def _message(self) -> Any:
        # Flask-Mail looks here for how to spell file names; which server to use is said with each send.
        current_app.extensions.setdefault("mail", Mail().init_mail({}))
        made = super()._message()
        if not self.attachments and self.html:  # one wrapping too many: the text and its HTML are the whole mail
            inner: Any = made.get_payload(0)
            made.set_payload(inner.get_payload())
            made.set_type("multipart/alternative")
        if self.pictures:
            pictures.put_into(made, self.pictures)
        made.policy = compat32.clone(linesep="\r\n", max_line_length=998)  # some servers lose a folded Message-ID
        return made

    def _mimetext(self, text: str | None, subtype: str = "plain") -> MIMEText:
        """Text in lines that every server takes, whatever their length was (RFC 5321, 4.5.3.1.6)."""
        spelled = Charset("utf-8")
        spelled.body_encoding = QP
        return MIMEText(text or "", subtype, spelled)  # type: ignore[arg-type]

    def as_bytes(self) -> bytes:
        raw: bytes = super().as_bytes()
        check(raw)
        if not current().dkim_key:
            return raw
        from helpdesk.delivery import domain_keys  # a desk that signs nothing loads nothing for it

        sender = str(self.sender).rpartition("<")[2].rstrip(">")
        return domain_keys.signed(raw, sender=sender, settings=current())


def letter(delivery: Delivery, *, instead: str = "") -> Letter:
    """The mail, the same on each try but for its date. Raises TemplateFailed, files.Damaged, and `Unsafe` when it is
    written out.

    `instead`: why its own text cannot be made; it then says the built-in one.
    """
    said = plainly.texts(delivery) if instead else wording.texts(delivery)
    token = delivery.frozen.get("token", "")
    sender, answers = sender_of(delivery), delivery.frozen.get("reply_to")
    subject = plain.line(said.subject, limit=300) or revisions.active().desk.company.name
    html, inside, left = pictures.placed(said.html, delivery.frozen.get("files", []), message_id=delivery.message_id)
    made = Letter(
        subject=_encoded(subject),
        recipients=[_one_line(delivery.recipient)],
        sender=f'"{_display_name(said.from_)}" <{sender}>',
        reply_to=_one_line(answers) if answers else sender if delivery.frozen.get("sender") else None,
        body=_with_token(said.body, token),
        html=_page(html, token, str(_language(delivery.frozen["names"]))),
        charset="utf-8",
        extra_headers=_headers(delivery),
    )
    made.msgId = _one_line(delivery.message_id)
    made.shown_subject, made.instead = subject, instead
    made.attachments, made.pictures = [_attachment(one) for one in left], inside
    return made


def sender_of(delivery: Delivery) -> str:
    """The address it comes from: the source's, else the desk's own."""
    own = current().mail_from
    return _one_line(delivery.frozen.get("sender") or own or f"helpdesk@{_host()}")


def check(raw: bytes) -> None:
    """Let a mail pass only if its head holds the headers we write, each once, and nothing else. Raises `Unsafe`."""
    head, blank, _ = raw.partition(b"\r\n\r\n")
    if not blank or re.search(rb"\r(?!\n)|(?<!\r)\n|\0", head):
        raise Unsafe("A header of the mail holds a line break.")
    seen: set[str] = set()
    for line in head.split(b"\r\n"):
        if line[:1] in b" \t" and line.strip():
            continue
        found = _FIELD.match(line)
        name = found[1].decode("ascii").lower() if found else ""
        if name not in ONCE or name in seen:
            raise Unsafe(f"The mail would carry a header that is not ours: {name or line[:40]!r}.")
        seen.add(name)


def _headers(delivery: Delivery) -> dict[str, str]:
    references = [_one_line(one) for one in delivery.frozen.get("references", []) if re.fullmatch(r"<[^<>\s]+>", one)]
    threading = {"In-Reply-To": references[-1], "References": " ".join(references)} if references else {}
    return {**threading, **_submitted(delivery), loops.HEADER: loops.mark()}


def _submitted(delivery: Delivery) -> dict[str, str]:
    """Who wrote it (RFC 3834, 5): a machine as an answer to a message, a machine by itself, or, left out, a person."""
    if delivery.automatic or delivery.role == "account":  # a link to sign in is asked of a machine
        caused = "auto-replied" if delivery.frozen.get("answers") else "auto-generated"
        return {"Auto-Submitted": caused, "X-Auto-Response-Suppress": "All"}
    return {"Auto-Submitted": "auto-notified"} if _goes_to_staff(delivery) else {}


def _goes_to_staff(delivery: Delivery) -> bool:
    person = session().get(Person, delivery.person_id) if delivery.person_id else None
    return delivery.role != "customer" and person is not None and person.is_staff


def _encoded(subject: str) -> str:
    """A subject that prints as it reads: what looks like an encoded word is encoded, so nobody decodes it again."""
    if subject.isascii() and "=?" not in subject:
        return subject
    return Header(subject, "utf-8", header_name="Subject").encode(linesep="\r\n")


def _display_name(said: str) -> str:
    """The name beside the address: nothing in it that could be read as another address (attacks 15 and 28)."""
    given = plain.unlinked(said) or plain.unlinked(revisions.active().desk.company.name)
    return given.replace("\\", "").replace('"', "") or "Helpdesk"


def _with_token(body: str, token: str) -> str:
    """The text with the code by which an answer finds its ticket, on a line of its own at the end."""
    body = plain.scrub(body).rstrip()
    return f"{body}\n\n{token}\n" if token else f"{body}\n"


def _page(body: str, token: str, language: str) -> str:
    """The HTML part. The template knows no request; it gets all it shows."""
    footer = Markup('<span dir="ltr">{0}</span>').format(token) if token else None
    locale = _locale(language)
    return current_app.jinja_env.get_template("email/layout.html").render(
        brand=revisions.active().desk.company.name,
        language=language or "en",
        direction=locale.text_direction if locale else "ltr",
        body=Markup(body),  # noqa: S704 - the sandbox escaped it
        button=None,
        footer=footer,
        preheader=None,
        reply_line=None,
    )


def _language(names: dict[str, Any]) -> str:
    return str(names.get("ticket", {}).get("language") or names.get("customer", {}).get("language") or "")


def _locale(language: str) -> Locale | None:
    try:
        return Locale.parse(language.replace("-", "_")) if language else None
    except (ValueError, UnknownLocaleError):
        return None


def _attachment(one: dict[str, Any]) -> Attachment:
    """A file under headers of our own making: the claimed name and type are a stranger's words."""
    name = plain.filename(one["filename"])
    kind = one["content_type"] if _TYPE.fullmatch(one["content_type"]) else "application/octet-stream"
    if kind.partition("/")[0].lower() in ("multipart", "message"):
        kind = "application/octet-stream"
    return Attachment(
        content_type=kind, data=files.read(one["sha256"]), headers={"Content-Disposition": _disposed(name)}
    )


def _disposed(name: str) -> str:
    """Content-Disposition with the name in RFC 2231 spelling where it is not plain ASCII."""
    if name.isascii() and not set(name) & set('"\\'):
        return f'attachment; filename="{name}"'
    while len(quote(name, safe="")) > LONGEST_NAME:
        stem, dot, extension = name.rpartition(".")
        name = f"{stem[:-1]}{dot}{extension}" if len(stem) > 1 else name[:-1]
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def _one_line(value: str) -> str:
    if re.search(r"[\r\n\0]", value):
        raise Unsafe("A header of the mail holds a line break.")
    return value


def _host() -> str:
    return urlsplit(current().base_url).hostname or "localhost"
