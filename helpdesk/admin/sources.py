"""Where tickets come from, and how each source is doing: read now, paused, tested, signed in; and its diary."""

from __future__ import annotations

import hmac
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from helpdesk import sealed
from helpdesk.admin import robots, source_view
from helpdesk.admin.blueprint import bp
from helpdesk.admin.pages import page
from helpdesk.channels.email import fetch, probes, sources, standing
from helpdesk.channels.email.models import MailDiary, MailSource
from helpdesk.channels.email.oauth import signing_in
from helpdesk.channels.email.oauth.flows import ProviderAway, SignInFailed
from helpdesk.db import session
from helpdesk.errors import NotFound, NotPossible
from helpdesk.web.fragments import is_fragment
from helpdesk.web.gates import current_person, for_admin
from helpdesk.workflows import revisions
from helpdesk.workflows.schema import Source

BEGUN = "mail_sign_in"  # where the session keeps the sign-in that its browser has begun
PURPOSE = "begun sign-in"


@bp.get("/sources", endpoint="sources")
@for_admin
def sources_page() -> ResponseReturnValue:
    """Where tickets come from."""
    known = {row.name: row for row in session().scalars(select(MailSource))}
    came = source_view.last_mail()
    listed = revisions.active().desk.sources.values()
    lines = [source_view.line(each, known.get(each.name), came.get(each.name)) for each in listed]
    return render_template("admin/sources.html", sources=lines, robots=robots.counted())


@bp.get("/sources/<name>", endpoint="sources_one")
@for_admin
def source_page(name: str) -> ResponseReturnValue:
    """One mail source: its state, its last test, its diary. The page asks for the state alone, now and then."""
    source = _source(name)
    state = source_view.state(source, standing.of(name), probes.latest(name), source_view.last_mail().get(name))
    if is_fragment():
        return render_template("admin/_source_state.html", source=state)
    rows, pager = page(select(MailDiary).where(MailDiary.source == name), MailDiary.id, name=name)
    return render_template(
        "admin/source.html", source=state, diary=[source_view.happened(row) for row in rows], pager=pager
    )


@bp.post("/sources/<name>/fetch", endpoint="fetch_now")
@for_admin
def fetch_now(name: str) -> ResponseReturnValue:
    """Read a mailbox now: its job becomes due."""
    standing.try_now(name)
    if not fetch.soon(name):
        raise NotPossible(_("This source reads no mailbox, or is being read just now."))
    return _done(name, _("The mailbox is being read."))


@bp.post("/sources/<name>/<any(pause, resume):what>", endpoint="sources_do")
@for_admin
def pause_or_resume(name: str, what: str) -> ResponseReturnValue:
    """Leave a mailbox alone, or read it again whatever had paused it."""
    if fetch.of_name(name) is None:
        raise NotFound(_("There is no such mailbox."))
    who = _me()
    if what == "pause":
        standing.pause(name, who=who)
        return _done(name, _("It is left alone until you resume it. Mail waits in the mailbox."))
    standing.resume(name, who=who)
    fetch.soon(name)
    return _done(name, _("It is read again."))


@bp.post("/sources/<name>/test", endpoint="sources_test")
@for_admin
def send_a_test(name: str) -> ResponseReturnValue:
    """Mail the source's own address, to see that it comes back."""
    source = _source(name)
    probes.send(source, who=_me())
    return _done(name, _("A test is on its way to %(address)s.", address=source.options.address))


@bp.post("/sources/<name>/sign-in", endpoint="sources_sign_in")
@for_admin
def sign_in(name: str) -> ResponseReturnValue:
    """Begin to sign a mailbox in at its provider. A link leads there, for a form of ours may lead nowhere else."""
    begun, provider = signing_in.begin(name)
    verifier = sealed.seal(begun.verifier, purpose=PURPOSE, owner=begun.state)
    cookie[BEGUN] = {"source": name, "state": begun.state, "verifier": verifier}
    return render_template(
        "admin/source_sign_in.html",
        provider=provider,
        url=begun.url,
        source_url=url_for("admin.sources_one", name=name),
    )


@bp.get("/sources/signed-in", endpoint="sources_back")
@for_admin
def come_back() -> ResponseReturnValue:
    """The provider has sent the browser back. A button ends the sign-in: looking at a page changes nothing."""
    name = _begun(request.args.get("state", ""))["source"]
    return render_template(
        "admin/source_signed_in.html",
        refused="code" not in request.args,
        given={"state": request.args.get("state", ""), "code": request.args.get("code", "")},
        label=_source(name).label or name,
        source_url=url_for("admin.sources_one", name=name),
    )


@bp.post("/sources/signed-in", endpoint="sources_finish")
@for_admin
def finish() -> ResponseReturnValue:
    """End the sign-in that this browser has begun, with the code it brings back."""
    state = request.form.get("state", "")
    begun = _begun(state)
    name = begun["source"]
    verifier = sealed.unseal(begun["verifier"], purpose=PURPOSE, owner=state)
    cookie.pop(BEGUN)
    try:
        signing_in.finish(name, code=request.form.get("code", ""), verifier=verifier, who=_me())
    except (SignInFailed, ProviderAway) as refused:
        flash(refused.sentence, "error")
        return redirect(url_for("admin.sources_one", name=name), 303)
    fetch.soon(name)
    return _done(name, _("The mailbox is signed in, and is being read."))


def _begun(state: str) -> dict[str, Any]:
    """The sign-in of this very browser that came back with this state. Raises NotPossible for any other."""
    begun = cookie.get(BEGUN)
    if not isinstance(begun, dict) or not hmac.compare_digest(str(begun.get("state", "")).encode(), state.encode()):
        elsewhere = _("This sign-in did not begin in this browser.")
        terminal = _("If it began in a terminal, paste the address of this page there.")
        raise NotPossible(f"{elsewhere} {terminal}")
    return begun


def _source(name: str) -> Source:
    found = next((each for each in sources.mailboxes() if each.name == name), None)
    if found is None:
        raise NotFound(_("There is no such source of mail."))
    return found


def _me() -> str:
    person = current_person()
    return person.name or person.email or ""


def _done(name: str, said: str) -> ResponseReturnValue:
    flash(said, "success")
    return redirect(url_for("admin.sources_one", name=name), 303)
