"""Acting on a ticket: the form of an action, and doing it. The door decides; these pages ask, show and lead on."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from flask import flash, make_response, redirect, request, url_for
from flask import render_template as render
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from helpdesk.actions import merging, perform, waiting
from helpdesk.actions.door import Outcome
from helpdesk.desk import enclosing, unsent
from helpdesk.desk.blueprint import bp
from helpdesk.desk.composing import composer, form_for
from helpdesk.desk.ticket import load, show
from helpdesk.errors import Invalid, NotFound, NotPossible, Stale
from helpdesk.people.models import Person
from helpdesk.tickets import policy
from helpdesk.tickets.actors import staff
from helpdesk.tickets.approvals import open_round
from helpdesk.tickets.models import Ticket
from helpdesk.web import confirming, nonces
from helpdesk.web.action_forms import AskForm, raw_values
from helpdesk.web.fragments import is_fragment
from helpdesk.web.gates import current_person, for_staff
from helpdesk.workflows import revisions, votes
from helpdesk.workflows.schema import Action


@bp.get("/tickets/<ref>/do/<action>", endpoint="do")
@for_staff
def ask(ref: str, action: str) -> ResponseReturnValue:
    """The form of an action: below the story, or for the page's script alone."""
    person = current_person()
    ticket = load(person, ref)
    if refused := policy.refusal(ticket, action, staff(person)):
        raise refused
    spec = spec_of(ticket, action)
    form, row = form_for(person, ticket, spec), unsent.continued(person, ticket)
    enclosed = unsent.put_back(form, row) if row else ()
    opened = composer(person, ticket, spec, form, enclosed=enclosed, continues=row.id if row else None)
    if is_fragment():
        return render("desk/_composer.html", composer=opened, ticket={"url": url_for("desk.ticket_page", ref=ref)})
    return show(person, ticket, composer=opened)


@bp.post("/tickets/<ref>/do/<action>", endpoint="done")
@for_staff
def do(ref: str, action: str) -> ResponseReturnValue:
    """Do it. Whatever is refused comes back with what was typed."""
    person = current_person()
    ticket = load(person, ref)
    spec = spec_of(ticket, action)
    nonce = nonces.bound(request.form.get("nonce", ""), "do", person.id, ticket.id, action)
    seen = request.form.get("seen", type=int)
    if merging.UNDO in request.form:
        outcome = perform(ticket.id, action, staff(person), {merging.UNDO: "yes"}, seen=seen, nonce=nonce)
        return _go_on(person, outcome, said=_("Taken back."))
    form = form_for(person, ticket, spec)
    if confirming.is_open(spec, form):
        if refused := policy.refusal(ticket, action, staff(person)):
            raise refused
        return redirect(url_for("desk.do", ref=ref, action=action), 303)
    if not form.validate():
        return _again(person, ref, spec, form, status=422)
    try:
        _same_round(ticket, spec)
        entered = enclosing.with_enclosed(raw_values(form))
        waits = waiting.seconds(spec, entered)
        done = _do(person, ticket, spec, entered, seen=seen, nonce=nonce)
    except Stale as stale:
        return _again(person, ref, spec, form, status=stale.status, changes=stale.changes or [stale.sentence])
    except Invalid as invalid:
        form.refuse(invalid)
        return _again(person, ref, spec, form, status=invalid.status)
    except NotPossible as refused:
        form.form_errors.append(refused.sentence)
        return _again(person, ref, spec, form, status=refused.status)
    if done is None:
        return _stays(person, ref, _("Sent in %(seconds)s s, unless you undo it.", seconds=waits))
    return _go_on(person, done, said=_("Done: %(action)s", action=spec.label))


def _do(
    person: Person, ticket: Ticket, spec: Action, entered: dict[str, Any], *, seen: int | None, nonce: str | None
) -> Outcome | None:
    """Do it, or have it wait (None). What the same person wrote here before leaves first."""
    actor = staff(person)
    row = unsent.continued(person, ticket, may_be_gone=True)
    ticket_id, continues = ticket.id, row.id if row else None
    if waiting.seconds(spec, entered):
        typed = unsent.typed()
        outcome = waiting.wait(ticket_id, spec, actor, entered, form=typed, seen=seen, nonce=nonce)
    else:
        seen = waiting.send_all_of(ticket_id, actor, seen=seen)
        outcome = perform(ticket_id, spec.name, actor, entered, seen=seen, nonce=nonce)
    if continues is not None:
        with suppress(NotFound):  # the same form, sent at this very moment, has done so
            waiting.discard(ticket_id, continues, actor)  # it goes on in this one
    return outcome


def _same_round(ticket: Ticket, spec: Action) -> None:
    """A vote is for what its page showed: not for another question that was asked meanwhile. Raises Stale."""
    shown = request.form.get("round", type=int)
    if votes.is_built_in(spec) and shown:
        asked = open_round(ticket)
        if asked is not None and asked.id != shown:
            raise Stale([])


def spec_of(ticket: Ticket, action: str) -> Action:
    """The action, for somebody who has some right to it; the door judges whether it fits now."""
    found = votes.action_of(revisions.active().desk.workflows[ticket.workflow], action)
    refused = policy.refusal(ticket, action, staff(current_person()))
    if found is None or (refused is not None and not isinstance(refused, NotPossible)):
        raise refused or AssertionError(action)
    return found


def _again(
    person: Person, ref: str, spec: Action, form: AskForm, *, status: int, changes: Sequence[str] = ()
) -> ResponseReturnValue:
    """The ticket as it is now, with the form as it was sent. What happened meanwhile counts as seen from here on."""
    ticket = load(person, ref)
    return show(person, ticket, composer=composer(person, ticket, spec, form, changes=changes), status=status)


def _go_on(person: Person, outcome: Outcome, *, said: str) -> ResponseReturnValue:
    """The ticket with what was done; or back to the list, if it has gone where this person does not see it."""
    if not outcome.in_sight:
        flash(
            _("%(ref)s is now “%(state)s”, where you do not see it.", ref=outcome.ref, state=outcome.label), "success"
        )
        target = url_for("desk.queue")
        return make_response("", 200, {"HX-Redirect": target}) if is_fragment() else redirect(target, 303)
    return _stays(person, outcome.ref, _("That was done already.") if outcome.repeated else said)


def _stays(person: Person, ref: str, said: str) -> ResponseReturnValue:
    """The ticket as it is now, and what is to be said of it."""
    target = url_for("desk.ticket_page", ref=ref)
    if not is_fragment():
        flash(said, "success")
        return redirect(target, 303)
    response = make_response(show(person, load(person, ref)))
    response.headers["HX-Push-Url"] = target
    response.headers["HX-Trigger"] = json.dumps({"toast": {"text": said, "kind": "success"}})
    return response
