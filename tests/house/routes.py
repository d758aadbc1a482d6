"""What each route of the desk must answer to whom, written by hand: the matrix holds the URL map against it.

Deliberately not made from the product's own gates: a route that somebody adds, or opens wider, stands here only after
it was thought about. The words: `ok` (done, shown, or refused for its values alone), `not_now` (409), `not_found`
(404), `sign_in` (led there), `no_token` (401: the address is for programs, and whoever is signed in has no key).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tests.house.oracle import Oracle

Answer = Literal["ok", "not_now", "not_found", "sign_in", "no_token"]


@dataclass(frozen=True)
class Asker:
    """Somebody with a browser. `at`: signed in at the desk, in the cabinet, or nowhere."""

    name: str
    at: Literal["desk", "cabinet", ""] = "desk"
    roles: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    admin: bool = False

    @property
    def email(self) -> str:
        place = {"olga": "example.org", "mallory": "evil.example"}
        return f"{self.name}@{place.get(self.name, 'acme.example')}"


@dataclass(frozen=True)
class Place:
    """The ticket of the matrix, where it stands: Olga's, assigned to nobody."""

    oracle: Oracle
    workflow: str
    state: str

    def seen_by(self, who: Asker) -> bool:
        """As staff, at the desk."""
        names = self.oracle.counts_as([*who.roles], [*who.groups]) | ({"admin"} if who.admin else set())
        return who.at == "desk" and self.oracle.sees(names, self.workflow, self.state)

    @property
    def hidden(self) -> bool:
        return bool(self.oracle.workflows[self.workflow]["states"][self.state].get("hidden_from_customer"))


Expected = Callable[[Asker, Place, str], Answer]  # the last: the action in the address, where there is one


def everyone(_who: Asker, _at: Place, _action: str) -> Answer:
    return "ok"


def nobody(_who: Asker, _at: Place, _action: str) -> Answer:
    """There is nothing at the address that the matrix asks for: a made-up token, a made-up file."""
    return "not_found"


def programs(_who: Asker, _at: Place, _action: str) -> Answer:
    """No browser, whoever is signed in there. What programs get is asked by a test of its own."""
    return "no_token"


def signed_in(who: Asker, _at: Place, _action: str) -> Answer:
    return "ok" if who.at else "sign_in"


def staff(who: Asker, _at: Place, _action: str) -> Answer:
    return {"desk": "ok", "cabinet": "not_found", "": "sign_in"}[who.at]  # type: ignore[return-value]


def admin(who: Asker, at: Place, action: str) -> Answer:
    return "not_found" if who.at == "desk" and not who.admin else staff(who, at, action)


def with_right(right: str) -> Expected:
    """Who has this right, by a role or by what that includes."""

    def expected(who: Asker, at: Place, action: str) -> Answer:
        rights = {
            each
            for name in at.oracle.counts_as([*who.roles], [*who.groups])
            for each in at.oracle.desk["roles"].get(name, {}).get("may", [])
        }
        return "not_found" if who.at == "desk" and right not in rights else staff(who, at, action)

    return expected


def ticket(who: Asker, at: Place, action: str) -> Answer:
    """The ticket at the desk, and all that hangs on it."""
    return "not_found" if who.at == "desk" and not at.seen_by(who) else staff(who, at, action)


def action_at_the_desk(who: Asker, at: Place, action: str) -> Answer:
    if who.at != "desk":
        return staff(who, at, action)
    names = at.oracle.counts_as([*who.roles], [*who.groups])
    said = at.oracle.staff(names, at.workflow, at.state, action)
    return "ok" if said == "may" else said  # type: ignore[return-value]


def request(who: Asker, at: Place, _action: str) -> Answer:
    """Olga's request in the cabinet: hers alone, and not where the file hides it."""
    return ("ok" if who.name == "olga" and not at.hidden else "not_found") if who.at else "sign_in"


def action_in_the_cabinet(who: Asker, at: Place, action: str) -> Answer:
    if who.name != "olga":
        return request(who, at, action)
    said = at.oracle.customer(at.workflow, at.state, action)
    return "ok" if said == "may" else said  # type: ignore[return-value]


# Method and endpoint of every route there is. What the address names is in test_http_matrix.py.
ROUTES: dict[tuple[str, str], Expected] = {
    ("GET", "account.away"): staff,
    ("POST", "account.away"): staff,
    ("POST", "account.back"): lambda who, at, action: "not_found" if who.at else "sign_in",  # a made-up absence
    ("GET", "account.forgotten"): everyone,
    ("POST", "account.forgotten"): everyone,
    ("GET", "account.password"): staff,
    ("POST", "account.password"): staff,
    ("GET", "account.reset"): nobody,
    ("POST", "account.reset"): nobody,
    ("GET", "account.second_step"): everyone,
    ("POST", "account.second_step"): everyone,
    ("GET", "account.second_step_off"): staff,
    ("POST", "account.second_step_off"): staff,
    ("GET", "account.second_step_set_up"): staff,
    ("POST", "account.second_step_set_up"): staff,
    ("GET", "account.sign_in"): everyone,
    ("POST", "account.sign_in"): everyone,
    ("POST", "account.sign_out"): everyone,
    ("POST", "account.sign_out_everywhere"): signed_in,
    ("GET", "admin.alarms"): admin,
    ("POST", "admin.alarms_see_to"): admin,
    ("GET", "admin.home"): admin,
    ("GET", "admin.outbox"): admin,
    ("POST", "admin.outbox_again"): admin,
    ("POST", "admin.outbox_do"): admin,
    ("GET", "admin.outbox_one"): admin,
    ("GET", "admin.people"): admin,
    ("GET", "admin.people_one"): admin,
    ("GET", "admin.people_away"): admin,
    ("POST", "admin.people_away"): admin,
    ("POST", "admin.people_back"): lambda who, at, action: "not_found" if who.at else "sign_in",  # the same
    ("POST", "admin.people_one"): admin,
    ("POST", "admin.people_do"): admin,
    ("GET", "admin.new_person"): admin,
    ("POST", "admin.new_person"): admin,
    ("GET", "admin.quarantine"): admin,
    ("POST", "admin.quarantine_do"): admin,
    ("GET", "admin.spam"): admin,
    ("POST", "admin.clear_spam"): admin,
    ("POST", "admin.unblock"): admin,
    ("GET", "admin.raw_mail"): admin,
    ("GET", "admin.unconfirmed"): admin,
    ("POST", "admin.unconfirmed_do"): lambda who, at, action: "not_found" if who.at else "sign_in",  # a made-up one
    ("GET", "admin.sources"): admin,
    ("POST", "admin.fetch_now"): admin,
    ("GET", "admin.sources_one"): admin,
    ("POST", "admin.sources_do"): admin,
    ("POST", "admin.sources_test"): admin,
    ("POST", "admin.sources_sign_in"): admin,
    ("GET", "admin.sources_back"): admin,
    ("POST", "admin.sources_finish"): admin,
    ("GET", "admin.workflow"): admin,
    ("POST", "admin.workflow_apply"): admin,
    ("POST", "admin.workflow_change"): admin,
    ("POST", "admin.workflow_check"): admin,
    ("POST", "admin.workflow_discard"): admin,
    ("POST", "admin.workflow_draft"): admin,
    ("POST", "admin.workflow_enclose"): admin,
    ("POST", "admin.workflow_enclosures"): admin,
    ("GET", "admin.workflow_history"): admin,
    ("GET", "admin.workflow_history_one"): admin,
    ("GET", "admin.workflow_letter"): admin,
    ("POST", "admin.workflow_letters"): admin,
    ("POST", "admin.workflow_part"): admin,
    ("POST", "admin.workflow_part_new"): admin,
    ("POST", "admin.workflow_places"): admin,
    ("POST", "admin.workflow_plan"): admin,
    ("POST", "admin.workflow_rebase"): admin,
    ("POST", "admin.workflow_together"): admin,
    ("GET", "admin.workflow_rights"): admin,
    ("GET", "admin.workflow_schema"): admin,
    ("GET", "admin.workflow_see"): admin,
    ("POST", "admin.workflow_take"): admin,
    ("POST", "admin.workflow_tests"): admin,
    ("GET", "api.deliveries"): programs,
    ("GET", "api.description"): everyone,
    ("GET", "api.docs"): everyone,
    ("POST", "api.done"): programs,
    ("GET", "api.events"): programs,
    ("GET", "api.fetched"): programs,
    ("GET", "api.listed"): programs,
    ("GET", "api.messages"): programs,
    ("GET", "api.offered"): programs,
    ("POST", "api.opened"): programs,
    ("GET", "api.shown"): programs,
    ("GET", "assets.serve"): nobody,
    ("GET", "cabinet.home"): signed_in,
    ("GET", "cabinet.requests"): signed_in,
    ("GET", "cabinet.profile"): signed_in,
    ("POST", "cabinet.profile"): signed_in,
    ("GET", "cabinet.conversation"): request,
    ("GET", "cabinet.file"): request,
    ("GET", "cabinet.printed"): request,
    ("GET", "cabinet.do"): action_in_the_cabinet,
    ("POST", "cabinet.do"): action_in_the_cabinet,
    ("GET", "cabinet.sign_in"): everyone,
    ("POST", "cabinet.sign_in"): everyone,
    ("GET", "cabinet.link"): nobody,
    ("POST", "cabinet.take_link"): nobody,
    ("GET", "desk.queue"): staff,
    ("GET", "desk.filtered"): staff,
    ("GET", "desk.counts"): staff,
    ("GET", "desk.search"): staff,
    ("GET", "desk.download"): with_right("export"),
    ("GET", "desk.new"): with_right("create"),
    ("POST", "desk.open"): with_right("create"),
    ("GET", "desk.ticket_page"): ticket,
    ("GET", "desk.timeline"): ticket,
    ("GET", "desk.printed"): ticket,
    ("GET", "desk.why"): ticket,
    ("GET", "desk.letter"): ticket,
    ("GET", "desk.original"): ticket,
    ("GET", "desk.attachment"): ticket,
    ("POST", "desk.read"): ticket,
    ("POST", "desk.follow"): ticket,
    ("GET", "desk.do"): action_at_the_desk,
    ("POST", "desk.done"): action_at_the_desk,
    ("POST", "desk.ready_answer"): action_at_the_desk,
    # There is no such reply: only whoever wrote one has it.
    ("POST", "desk.waiting"): lambda who, at, action: "not_found" if who.at else "sign_in",
    ("GET", "forms.ask"): everyone,
    ("POST", "forms.send"): everyone,
    ("GET", "forms.thanks"): everyone,
    ("GET", "home.home"): everyone,
    ("GET", "links.approve"): nobody,
    ("GET", "links.confirm"): nobody,
    ("POST", "links.confirm"): nobody,
    ("POST", "links.vote"): nobody,
    ("GET", "links.pay"): nobody,
    ("POST", "links.pretend"): nobody,
    ("POST", "links.notice"): nobody,
    ("GET", "links.rate"): nobody,
    ("POST", "links.rate"): nobody,
    ("GET", "links.reopen"): nobody,
    ("POST", "links.reopen"): nobody,
    ("GET", "operations.health"): everyone,
    ("GET", "operations.metrics"): nobody,  # for this machine alone; the askers come from elsewhere
    ("GET", "operations.ready"): everyone,
    ("GET", "styleguide.guide"): everyone,
}
