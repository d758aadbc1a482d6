"""People: the list, one person, and who may come in."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import Select, exists, func, or_, select

from helpdesk.admin.blueprint import bp
from helpdesk.admin.forms import PersonForm
from helpdesk.admin.pages import page
from helpdesk.db import session, writing
from helpdesk.errors import HelpdeskError, Invalid
from helpdesk.people import bans, find, reach, second_factor, staffing
from helpdesk.people.models import WITH_RIGHTS, Address, Membership, Person, PersonRole, SignIn
from helpdesk.text import plain
from helpdesk.web import letters
from helpdesk.web.gates import current_person, for_admin
from helpdesk.workflows import revisions

STAFF = or_(
    Person.is_admin,
    exists().where(PersonRole.person_id == Person.id),
    exists().where(Membership.person_id == Person.id),
)
VIEWS: dict[str, Any] = {
    "staff": STAFF & Person.disabled_at.is_(None),
    "customers": ~STAFF & Person.disabled_at.is_(None),
    "disabled": Person.disabled_at.is_not(None),
}


@bp.get("/")
@for_admin
def home() -> ResponseReturnValue:
    return redirect(url_for("admin.people"), 303)


@bp.get("/people", endpoint="people")
@for_admin
def people_page() -> ResponseReturnValue:
    """Staff first; customers and the disabled behind tabs. `q` finds by the beginning of a name or an address in all of
    them.
    """
    view, asked = request.args.get("view", "staff"), request.args.get("q", "").strip()
    kept = {"view": view} | ({"q": asked} if asked else {})
    rows, pager = page(_asked(view, asked).options(*WITH_RIGHTS), Person.id, **kept)
    seen = _seen(rows)
    return render_template(
        "admin/people.html",
        people=[_row(person) | {"seen_at": seen.get(person.id)} for person in rows],
        pager=pager,
        query=asked,
        tabs=_tabs(view) if not asked else None,
        new_url=url_for("admin.new_person"),
    )


@bp.route("/people/new", methods=["GET", "POST"], endpoint="new_person")
@for_admin
def new_person() -> ResponseReturnValue:
    """Somebody new at the desk; they are mailed a link to choose a password."""
    form = PersonForm().offer(revisions.active().desk)
    if form.validate_on_submit():
        try:
            with writing():
                person = staffing.enlist(form.email.data or "", name=form.name.data or "")
                _fill(person, form)
        except Invalid as invalid:
            _at_their_fields(form, invalid)
        except HelpdeskError as refused:
            form.email.errors = [refused.sentence]
        else:
            letters.ask("invite", form.email.data or "")
            flash(_("Added. A link to choose a password is on its way."), "success")
            return redirect(url_for("admin.people"), 303)
    return _form_page(form, None), 422 if form.errors else 200


@bp.route("/people/<int:person_id>", methods=["GET", "POST"], endpoint="people_one")
@for_admin
def person_page(person_id: int) -> ResponseReturnValue:
    """One person: name, roles, groups, and how they sign in."""
    person = _person(person_id)
    form = PersonForm(obj=person).offer(revisions.active().desk, person)
    if form.validate_on_submit():
        try:
            with writing():
                person = _person(person_id)
                person.name = plain.person_name(form.name.data or "")
                _move_address(person, form.email.data or "")
                _fill(person, form)
        except Invalid as invalid:
            _at_their_fields(form, invalid)
        except HelpdeskError as refused:
            form.form_errors.append(refused.sentence)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("admin.people_one", person_id=person_id), 303)
    return _form_page(form, person), 422 if form.errors else 200


@bp.post("/people/<int:person_id>/<any(disable, enable, lift_ban, password, second_factor):what>", endpoint="people_do")
@for_admin
def do(person_id: int, what: str) -> ResponseReturnValue:
    """Let somebody out or in, lift a ban, mail them a link for a new password, or take a lost second step away."""
    person = _person(person_id)
    if what == "password":
        letters.ask("reset", person.email)
        flash(_("A link to choose a new password is on its way."), "success")
    else:
        with writing():
            person = _person(person_id)
            if what == "disable":
                if person.id == current_person().id:
                    raise HelpdeskError(_("You cannot disable yourself."))
                staffing.let_out(person)
            elif what == "enable":
                staffing.let_in(person)
            elif what == "lift_ban":
                bans.lift(person)
            else:
                second_factor.turn_off(person)
                staffing.sign_out_everywhere(person)
        flash(_("Done."), "success")
    return redirect(url_for("admin.people_one", person_id=person_id), 303)


def _asked(view: str, asked: str) -> Select[Any]:
    if asked:
        start = find.normal(asked)
        by_address = select(Address.person_id).where(Address.value.startswith(start, autoescape=True))
        return select(Person).where(or_(*_called(asked), Person.id.in_(by_address)))
    if view not in VIEWS:
        abort(404)
    return select(Person).where(VIEWS[view])


def _called(asked: str) -> list[Any]:
    """That a name begins so. SQLite knows small and large letters of ASCII only, so others are asked for in both."""
    spellings = dict.fromkeys((asked, asked.lower(), asked.title()))
    return [Person.name.istartswith(each, autoescape=True) for each in spellings]


def _tabs(view: str) -> list[dict[str, Any]]:
    labels = {"staff": _("Staff"), "customers": _("Customers"), "disabled": _("Disabled")}
    return [
        {"label": label, "url": url_for("admin.people", view=name), "active": name == view, "count": None}
        for name, label in labels.items()
    ]


def _row(person: Person) -> dict[str, Any]:
    desk = revisions.active().desk
    return {
        "name": person.shown_name,
        "email": person.email,
        "url": url_for("admin.people_one", person_id=person.id),
        "roles": [desk.roles[name].label if name in desk.roles else name for name in person.roles],
        "groups": [desk.groups[name].label if name in desk.groups else name for name in person.groups],
        "is_admin": person.is_admin,
        "disabled": person.disabled_at is not None,
        "banned_at": person.banned_at,
        "staff": person.is_staff,
        "two_factor": second_factor.is_on(person),
    }


def _seen(people: list[Person]) -> dict[int, Any]:
    """When each last signed in, in one question."""
    ids = [person.id for person in people]
    query = select(SignIn.person_id, func.max(SignIn.created_at)).where(SignIn.person_id.in_(ids))
    return dict(session().execute(query.group_by(SignIn.person_id)).all())


def _person(person_id: int) -> Person:
    person = session().get(Person, person_id)
    if person is None:
        abort(404)
    return person


def _fill(person: Person, form: PersonForm) -> None:
    staffing.give(person, roles=form.roles.data or [], groups=form.groups.data or [])
    staffing.set_admin(person, bool(form.is_admin.data))
    person.language, person.timezone = form.language.data or "", form.timezone.data or ""
    if form.tier is not None:
        person.tier = form.tier.data or ""


def _move_address(person: Person, email: str) -> None:
    """A new address for somebody: one that belongs to nobody else, and not proven yet (attack 51)."""
    value = find.normal(find.valid_email(email))
    if value == person.email:
        return
    if find.by_email(value) is not None:
        raise Invalid({"email": _("This address belongs to somebody already.")})
    for each in person.addresses:
        each.is_primary = False
    person.addresses.append(Address(kind="email", value=value, is_primary=True))
    staffing.sign_out_everywhere(person)


def _at_their_fields(form: PersonForm, invalid: Invalid) -> None:
    for name, sentence in invalid.problems.items():
        form[name].errors = [*form[name].errors, sentence]


def _form_page(form: PersonForm, person: Person | None) -> str:
    about: dict[str, Any] = {"form": form, "person": None, "list_url": url_for("admin.people")}
    if person is not None:
        does = {
            what: url_for("admin.people_do", person_id=person.id, what=what)
            for what in ("disable", "enable", "lift_ban", "password", "second_factor")
        }
        about |= {
            "person": _row(person)
            | {
                "created_at": person.created_at,
                "addresses": [
                    {"value": a.value, "kind": a.kind, "verified": bool(a.verified_at), "lost": reach.of_address(a)}
                    for a in person.addresses
                ],
            },
            "disable_url": does["disable"] if person.id != current_person().id else None,
            "enable_url": does["enable"],
            "lift_ban_url": does["lift_ban"],
            "reset_url": does["password"] if person.is_staff else None,
            "two_factor_reset_url": does["second_factor"],
            "away_url": url_for("admin.people_away", person_id=person.id) if person.is_staff else None,
            "tickets_url": url_for("desk.search", q=person.email) if person.email else None,
        }
    return render_template("admin/person.html", **about)
