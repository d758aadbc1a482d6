"""Mails with a link that works once: to sign in, to choose a password, to come for the first time.

A page only leaves the wish (`ask`), the same row for every address, and the worker finds out whose it is (`post`): so
asking takes as long and shows the same for an address we know and one we do not (attack 61). The link is built from
the configured base address, never from a request's Host (attack 69).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from helpdesk import jobs, settings
from helpdesk.db import writing
from helpdesk.errors import NotFound
from helpdesk.people import find, one_time
from helpdesk.people.models import OneTimeLink, Person
from helpdesk.people.one_time import Purpose
from helpdesk.text import plain
from helpdesk.tickets import outbox
from helpdesk.web import limits
from helpdesk.web.shell import brand
from helpdesk.web.visitors import network

JOB = "mail_link"
PATHS: Mapping[Purpose, str] = {"sign_in": "/my/sign-in/", "reset": "/account/reset/", "invite": "/account/reset/"}
BODY = "{text}\n\n{{{{ links.here }}}}\n\n{after}"


def ask(purpose: Purpose, address: str, *, target: str = "") -> None:
    """Have a link mailed to this address, if it is somebody's; none, silently, after three in an hour (attack 34)."""
    if not limits.allows("mailed_link", find.normal(address)):
        return
    with writing():
        jobs.enqueue(
            JOB, {"purpose": purpose, "address": address, "target": target, "language": str(get_locale() or "en")}
        )


@jobs.handles(JOB)
def post(work: jobs.Work) -> None:
    """Do what `ask` wished, in the worker. A stranger gets nothing."""
    payload = work.payload
    with writing():
        work.finish()
        person = find.by_email(payload["address"])
        if person is None or not person.is_active:
            return
        with force_locale(person.language or payload["language"]):
            _post(person, payload)


def _post(person: Person, payload: Mapping[str, Any]) -> None:
    purpose: Purpose = payload["purpose"]
    if purpose == "reset" and not (person.is_staff or person.password_hash):
        purpose = "sign_in"  # a customer without a password has none to forget
    if purpose == "sign_in" and person.is_staff:
        subject, body = _for_staff()
        link = url("/account/sign-in")
    else:
        subject, body = _texts(purpose)
        token = one_time.make(person, purpose, address=payload["address"], target=payload["target"])
        link = url(PATHS[purpose] + token)
    outbox.post(
        outbox.Recipient(payload["address"], person, "account"),
        subject=subject,
        body=body,
        names={
            "company": {"name": brand()},
            "customer": {"name": plain.unlinked(person.name), "language": str(get_locale() or "en")},
            "links": {"here": link},
        },
        secret=True,  # once it is sent, the outbox forgets the link
    )


def opened(token: str, *purposes: Purpose) -> OneTimeLink:
    """The link behind a token somebody came with, left as it is. Whoever tries many is stopped (attack 47)."""
    try:
        return one_time.look(token, *purposes)
    except NotFound:
        limits.spend("one_time_link", network())
        raise


def url(path: str) -> str:
    """The full address of a path of ours, for a mail."""
    return settings.current().base_url.rstrip("/") + path


def _texts(purpose: Purpose) -> tuple[str, str]:
    """Subject and body, as templates."""
    ignore = _("If you did not ask for this, you need not do anything.")
    if purpose == "sign_in":
        text = _("Open this link to see your requests. It works once, for ten minutes:")
        return _("Your link to sign in at {{ company.name }}"), BODY.format(text=text, after=ignore)
    if purpose == "invite":
        text = _("Open this link to choose your password. It works once, for three days:")
        return _("Your place at the desk of {{ company.name }}"), BODY.format(text=text, after="")
    text = _("Open this link to choose a new password. It works once, for an hour:")
    return _("A new password for {{ company.name }}"), BODY.format(text=text, after=ignore)


def _for_staff() -> tuple[str, str]:
    """Whoever works at the desk signs in there, with the second step: a mailed link opens nothing (attack 75)."""
    text = _("You work at this desk, so you sign in with your password. Your own requests are there too:")
    return _("Signing in at {{ company.name }}"), BODY.format(text=text, after="")
