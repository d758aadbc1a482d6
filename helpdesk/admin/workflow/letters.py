"""How an e-mail of the draft would read, with a ticket's own data: rendered in the sandbox that renders real ones,
shown in a frame in which nothing runs. Nothing is sent. The ticket is loaded through the administrator's own sight.
"""

from __future__ import annotations

from typing import Any

from flask import current_app, make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import joinedload, selectinload

from helpdesk.admin.blueprint import bp
from helpdesk.admin.workflow import drafts, page
from helpdesk.db import session
from helpdesk.errors import NotFound
from helpdesk.text import plain, templates
from helpdesk.tickets import fields, links, names, policy
from helpdesk.tickets.actors import staff
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rich import Rich
from helpdesk.web import headers
from helpdesk.web.gates import current_person, for_admin
from helpdesk.web.texts import languages
from helpdesk.workflows import revisions
from helpdesk.workflows.editing import work

WITH_PEOPLE = (joinedload(Ticket.requester), joinedload(Ticket.assignee), selectinload(Ticket.tags))


@bp.post("/workflow/letters", endpoint="workflow_letters")
@for_admin
def letters() -> ResponseReturnValue:
    """The panel: which e-mail, in which language, about which ticket. Keeps the draft, which the frame then reads."""
    person, draft = current_person(), drafts.sent()
    drafts.keep(person, draft)
    known = work.ask("letters", draft.texts)["letters"]
    name = request.form.get("letter", "")
    name = name if name in known else next(iter(known), "")
    language = request.form.get("language", "")
    language = language if language in known.get(name, {}) else ""
    ref, problem = request.form.get("ref", "").strip(), ""
    try:
        ticket = policy.find(person, ref, options=WITH_PEOPLE) if ref else _newest()
    except NotFound as missing:
        ticket, problem = None, missing.sentence
    about: dict[str, Any] = {"letters": known, "letter": name, "in_language": language, "ref": ref, "problem": problem}
    about["spoken"] = languages()
    if name and not problem:
        about["ticket"] = ticket
        about |= _subject(known[name][language], ticket)
        shown = ticket.ref if ticket else None
        about["frame_url"] = url_for("admin.workflow_letter", letter=name, language=language or None, ref=shown)
    return page.fragment("admin/workflow/_letters.html", draft, **about)


@bp.get("/workflow/letter", endpoint="workflow_letter")
@for_admin
def letter() -> ResponseReturnValue:
    """One e-mail as a document for the frame."""
    person = current_person()
    known = work.ask("letters", drafts.of(person).texts)["letters"]
    source = known.get(request.args.get("letter", ""), {}).get(request.args.get("language", ""))
    if source is None:
        raise NotFound(_("There is no such e-mail."))
    ref = request.args.get("ref", "")
    ticket = policy.find(person, ref, options=WITH_PEOPLE) if ref else None
    try:
        body = templates.render(source["body"], _names(ticket), html=True)
    except templates.TemplateFailed as failed:
        body = str(Markup("<p><strong>{}</strong></p>").format(failed.sentence))
    return headers.as_letter(make_response(_dressed(body)), ours=True)


def _subject(source: dict[str, str], ticket: Ticket | None) -> dict[str, str]:
    try:
        return {"subject": plain.line(templates.render(source["subject"], _names(ticket)), limit=300)}
    except templates.TemplateFailed as failed:
        return {"subject": "", "subject_problem": failed.sentence}


def _newest() -> Ticket | None:
    """The newest ticket this administrator sees; none where there is none."""
    newest = policy.visible_to(current_person()).order_by(Ticket.id.desc()).limit(1)
    return session().scalars(newest.options(*WITH_PEOPLE)).one_or_none()


def _names(ticket: Ticket | None) -> dict[str, Any]:
    """What a text may look at: the ticket's own data, or made-up ones."""
    said = Rich.plain(_("Here stands what the person writes."))
    if ticket is None:
        return _made_up(said)
    about = names.of_ticket(ticket, actor=staff(current_person()), fields=fields.held(ticket), message=said)
    about["ticket"] |= {"text": names.first_text(ticket)}
    about["links"] = {"cabinet": links.cabinet_url(ticket.ref), "desk": links.desk_url(ticket.ref)}
    return about | {"history": names.history(ticket, mentioned_in="history"), "signature": ""}


def _made_up(said: Rich) -> dict[str, Any]:
    """A desk without tickets shows its letters too."""
    customer = {"id": 1, "name": "Olga Tamm", "email": "olga@example.org", "phone": "", "company": "", "category": ""}
    ticket = {"ref": "T-1", "number": 1, "subject": "The lamp is dark", "workflow": "", "state": "", "state_label": ""}
    ticket |= {"customer_state": "", "priority": "", "source": "", "channel": "email", "language": "", "tags": []}
    ticket |= dict.fromkeys(
        ("created_at", "updated_at", "due_first_response", "due_resolution", "assignee", "group"), ""
    )
    return {
        "signature": "",
        "ticket": ticket | {"text": "It does not light up any more."},
        "fields": {},
        "customer": customer | {"language": "en", "city": "", "country": ""},
        "actor": {"name": "Ann", "email": "ann@example.org", "kind": "staff"},
        "action": {"name": "", "label": "", "message": {"text": said.text, "html": said.html}},
        "company": names.of_company(),
        "links": {"cabinet": links.cabinet_url("T-1"), "desk": links.desk_url("T-1")},
        "history": {"customer": "", "staff": ""},
    }


def _dressed(body: str) -> str:
    shown = Markup(body)  # noqa: S704 - the sandbox escaped it
    made = current_app.jinja_env.get_template("email/layout.html")
    return made.render(brand=revisions.active().desk.company.name, language="", direction="", body=shown)
