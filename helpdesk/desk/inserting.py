"""Putting a ready answer into an action's form. The page's script asks for text and files; without it the button sends
the form, which comes back as it was with the answer in it. Nothing is done to the ticket.
"""

from __future__ import annotations

from flask import jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import escape

from helpdesk.desk import answers, enclosing
from helpdesk.desk.blueprint import bp
from helpdesk.desk.composing import composer, form_for
from helpdesk.desk.doing import spec_of
from helpdesk.desk.ticket import load, show
from helpdesk.errors import Invalid
from helpdesk.text.templates import TemplateFailed
from helpdesk.tickets import policy
from helpdesk.tickets.actors import staff
from helpdesk.web.action_forms import AskForm
from helpdesk.web.form_controls import RichField
from helpdesk.web.gates import current_person, for_staff


@bp.post("/tickets/<ref>/do/<action>/answers/<name>")
@for_staff
def ready_answer(ref: str, action: str, name: str) -> ResponseReturnValue:
    """The text and the files of a ready answer, with what it asks filled in; or its questions, with what is wrong."""
    person = current_person()
    ticket = load(person, ref)
    if refused := policy.refusal(ticket, action, staff(person)):
        raise refused
    spec, reply = spec_of(ticket, action), answers.find(name)
    asks = answers.form(person, ticket, spec, reply) if reply.ask else None
    form = form_for(person, ticket, spec)
    text: str | None = None
    problem, status = "", 200
    if asks is None or answers.was_asked(reply):
        try:
            text = answers.text_of(person, ticket, spec, reply, asks)
        except Invalid as invalid:
            assert asks is not None  # noqa: S101 - for the types: only what is asked can be wrong
            asks.refuse(invalid)
            status = invalid.status
        except TemplateFailed as failed:
            problem, status = failed.sentence, 422
    enclosed = enclosing.of(reply, form) if text is not None else []
    shown = answers.shown(person, ticket, spec, reply, asks=asks)
    if request.accept_mimetypes.best == "application/json":
        if text is not None:
            return jsonify(text=text, files=enclosing.shown(enclosed))
        return make_response(render_template("desk/_asked.html", answer=shown, problem=problem), 422)
    if problem:
        form.form_errors.append(problem)
    if text is not None:
        _put(form, text)
    asking = shown if text is None and asks is not None else None
    opened = composer(person, ticket, spec, form, asking=asking, enclosed=enclosed)
    return show(person, ticket, composer=opened, status=status)


def _put(form: AskForm, text: str) -> None:
    """The text after what is written already. A browser sends no file twice."""
    if "message" in form and isinstance(own := form["message"], RichField):
        before = str(own.data or "").rstrip()
        if own.is_html:
            own.data = before + "".join(f"<p>{escape(part)}</p>" for part in text.split("\n") if part.strip())
        else:
            own.data = f"{before}\n\n{text}" if before else text
    if any(file.filename for file in request.files.values()):
        form.form_errors.append(_("Please choose your own files again."))
