"""The demo's catcher at /dev/mail: every letter the desk sent, and a way to answer it as whoever got it; and every text
message.

There only in the demo. An answer goes the way any mail goes: raw bytes into the store, then the worker reads it. It
carries the headers a mail program would set, so it finds its ticket by the same codes.
"""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from io import BytesIO
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import MultipleFileField, TextAreaField
from wtforms.validators import InputRequired

from helpdesk import clock, files
from helpdesk.channels.email import sources, store
from helpdesk.delivery import catcher
from helpdesk.delivery.catcher import CaughtMail
from helpdesk.errors import NotFound
from helpdesk.text import plain
from helpdesk.web import headers
from helpdesk.web.gates import for_everyone
from helpdesk.web.readable import number as number_of

bp = Blueprint("devmail", __name__, url_prefix="/dev/mail")

PAGE = 50


class AnswerForm(FlaskForm):
    """What the recipient writes back."""

    message = TextAreaField(_l("Your answer"), [InputRequired(_l("Please write something."))])
    files = MultipleFileField(_l("Files"))


@bp.get("/")
@for_everyone
def inbox() -> ResponseReturnValue:
    """The newest first, of one mailbox or all."""
    chosen = request.args.get("to", "")
    before = request.args.get("before", type=number_of)
    caught = catcher.newest(recipient=chosen, before=before, limit=PAGE + 1)
    older = url_for(".inbox", to=chosen or None, before=caught[PAGE - 1].id) if len(caught) > PAGE else None
    everybody = {"label": _l("Everybody"), "url": url_for(".inbox"), "active": not chosen, "count": None}
    boxes = [
        {"label": address, "url": url_for(".inbox", to=address), "active": address == chosen, "count": number}
        for address, number in catcher.boxes()
    ]
    return render_template(
        "devmail/inbox.html",
        mails=[_line(each) for each in caught[:PAGE]],
        views=_views("mails"),
        boxes=[everybody, *boxes],
        pager={"newer_url": url_for(".inbox", to=chosen or None) if before else None, "older_url": older},
        write_url=None,
    )


@bp.get("/texts")
@for_everyone
def texts() -> ResponseReturnValue:
    """The text messages that no telephone got, newest first."""
    before = request.args.get("before", type=number_of)
    caught = catcher.texts(before=before, limit=PAGE + 1)
    older = url_for(".texts", before=caught[PAGE - 1].id) if len(caught) > PAGE else None
    return render_template(
        "devmail/texts.html",
        texts=[{"to": each.recipient, "body": each.body, "at": each.at} for each in caught[:PAGE]],
        views=_views("texts"),
        pager={"newer_url": url_for(".texts") if before else None, "older_url": older},
    )


@bp.get("/<int:number>")
@for_everyone
def message(number: int) -> ResponseReturnValue:
    """One letter, with everything that was in it."""
    return _page(*catcher.get(number), AnswerForm())


@bp.post("/<int:number>")
@for_everyone
def answer(number: int) -> ResponseReturnValue:
    """Answer it as whoever got it."""
    caught, mail = catcher.get(number)
    form = AnswerForm()
    if not form.validate():
        return make_response(_page(caught, mail, form), 422)
    raw = _answer(caught, mail, form)
    recipient = str(mail["Reply-To"] or mail["From"])
    source = sources.of_address(_address(recipient))
    store.keep(
        raw.as_bytes(),
        source=source.name if source else "",
        envelope_from=caught.recipient,
        envelope_to=[_address(recipient)],
        peer="the mail catcher",
    )
    return redirect(url_for(".inbox"), 303)


@bp.get("/<int:number>/html")
@for_everyone
def as_html(number: int) -> Response:
    """The letter as a mail program draws it, for the sandboxed frame of its page."""
    _caught, mail = catcher.get(number)
    return headers.as_letter(make_response(_body(mail, "html")), ours=True)


@bp.get("/<int:number>/raw")
@for_everyone
def raw(number: int) -> ResponseReturnValue:
    """The bytes that would have left."""
    caught, _mail = catcher.get(number)
    return _download(files.read(caught.sha256), f"mail-{number}.eml")


@bp.get("/<int:number>/files/<int:place>")
@for_everyone
def attachment(number: int, place: int) -> ResponseReturnValue:
    """A file of the letter."""
    _caught, mail = catcher.get(number)
    held = list(mail.iter_attachments())
    if place >= len(held):
        raise NotFound(_("There is no such file."))
    content: Any = held[place].get_payload(decode=True)
    return _download(content or b"", plain.filename(held[place].get_filename() or ""))


def _page(caught: CaughtMail, mail: EmailMessage, form: AnswerForm) -> str:
    shown = _line(caught) | {
        "text": _body(mail, "plain"),
        "html_url": url_for(".as_html", number=caught.id) if mail.get_body(["html"]) else None,
        "headers": [(name, str(value)) for name, value in mail.items()],
        "files": _files(caught, mail),
    }
    here = url_for(".answer", number=caught.id)
    return render_template("devmail/message.html", mail=shown, form=form, url=here, list_url=url_for(".inbox"))


def _views(active: str) -> list[dict[str, Any]]:
    """What the catcher holds."""
    views = (("mails", _l("Mails"), url_for(".inbox")), ("texts", _l("Text messages"), url_for(".texts")))
    return [{"label": label, "url": url, "active": name == active, "count": None} for name, label, url in views]


def _line(caught: CaughtMail) -> dict[str, Any]:
    at: datetime = caught.at
    return {
        "url": url_for(".message", number=caught.id),
        "from": caught.sender,
        "to": caught.recipient,
        "subject": caught.subject,
        "at": at,
        "snippet": "",
    }


def _files(caught: CaughtMail, mail: EmailMessage) -> list[dict[str, Any]]:
    original = {
        "name": f"mail-{caught.id}.eml",
        "url": url_for(".raw", number=caught.id),
        "content_type": "message/rfc822",
    }
    held = [
        {
            "name": plain.filename(part.get_filename() or ""),
            "url": url_for(".attachment", number=caught.id, place=place),
            "content_type": part.get_content_type(),
            "size": len(part.get_payload(decode=True) or b""),
        }
        for place, part in enumerate(mail.iter_attachments())
    ]
    return [*held, original | {"size": files.path_of(caught.sha256).stat().st_size}]


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body([kind])
    return str(part.get_content()) if part is not None else ""


def _answer(caught: CaughtMail, mail: EmailMessage, form: AnswerForm) -> EmailMessage:
    """The answer as a mail program writes it: the right headers, and the letter quoted below."""
    ours = str(mail["Message-ID"]).strip()
    reply = EmailMessage()
    reply["From"] = Address(addr_spec=caught.recipient)
    reply["To"] = str(mail["Reply-To"] or mail["From"])
    reply["Subject"] = caught.subject if caught.subject.lower().startswith("re:") else f"Re: {caught.subject}"
    reply["Date"] = format_datetime(clock.now())
    reply["Message-ID"] = make_msgid(domain=caught.recipient.rpartition("@")[2])
    reply["In-Reply-To"] = ours
    reply["References"] = " ".join([*str(mail["References"] or "").split(), ours])
    quoted = "\n".join(f"> {line}" for line in _body(mail, "plain").splitlines())
    reply.set_content(f"{form.message.data}\n\nOn {caught.at:%Y-%m-%d %H:%M}, {caught.sender} wrote:\n{quoted}\n")
    for sent in form.files.data or []:
        if getattr(sent, "filename", ""):
            main, _slash, sub = (sent.mimetype or "application/octet-stream").partition("/")
            reply.add_attachment(sent.read(), maintype=main, subtype=sub or "octet-stream", filename=sent.filename)
    return reply


def _address(value: str) -> str:
    """The bare address of a header we wrote ourselves."""
    return value.rpartition("<")[2].rstrip("> ").strip()


def _download(content: bytes, name: str) -> Response:
    response = send_file(BytesIO(content), "application/octet-stream", as_attachment=True, download_name=name)
    response.headers["Content-Security-Policy"] = headers.DOWNLOAD
    return response
