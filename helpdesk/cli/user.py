"""`helpdesk user …`: people, their roles and groups, and how they sign in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from helpdesk.cli.desk import as_json, opened, secret_word, show_json, show_table, somebody

if TYPE_CHECKING:
    from helpdesk.people.models import Person

roles_option = click.option("--role", "roles", multiple=True, help="A role of the workflow file; may be repeated.")
groups_option = click.option("--group", "groups", multiple=True, help="A group of the workflow file; may be repeated.")
LONGEST = {"name": 100, "language": 20, "timezone": 64, "tier": 40, "category": 40}  # characters
password_option = click.option("--password", help="A password; “-” reads it from standard input.")


@click.group(short_help="Add people and give them roles.")
def user() -> None:
    """Add people, give them roles and groups, and mend their sign-in."""


@user.command()
@click.argument("email")
@click.option("--name", default="", help="What colleagues and customers read.")
@roles_option
@groups_option
@password_option
@click.option("--admin", is_flag=True, help="May do everything on the administration pages.")
@click.option("--language", default="", help="Language of their pages and mails, such as et.")
@click.option("--timezone", default="", help="Zone in which they read times, such as Europe/Tallinn.")
def add(
    email: str, name: str, roles: Sequence[str], groups: Sequence[str], password: str | None, admin: bool, **more: str
) -> None:
    """Add a person. Without roles and groups they are a customer.

    Refused if the address belongs to somebody already who is known by a role, a group or a password.
    """
    from helpdesk.db import writing
    from helpdesk.people import passwords, staffing

    with opened():
        _must_exist(roles, groups)
        with writing():
            person = staffing.enlist(email, name=name)
            staffing.set_admin(person, admin)
            staffing.give(person, roles=roles, groups=groups)
            _change(person, more)
            if password is not None:
                passwords.put(person, secret_word(password) or "")
    click.echo(f"{email} was added.")


@user.command("set")
@click.argument("email")
@click.option("--name", help="What colleagues and customers read.")
@roles_option
@groups_option
@click.option("--no-roles", is_flag=True, help="Take all roles away.")
@click.option("--no-groups", is_flag=True, help="Take them out of all groups.")
@click.option("--admin/--no-admin", default=None, help="Give or take the administrator's flag.")
@click.option("--enable", is_flag=True, help="Let somebody who was disabled in again.")
@click.option("--language", help="Language of their pages and mails, such as et.")
@click.option("--timezone", help="Zone in which they read times, such as Europe/Tallinn.")
@click.option("--tier", help="Their tier, for strategies that go by it.")
@click.option("--category", help="A customer's category, such as vip.")
def set_(
    email: str,
    roles: Sequence[str],
    groups: Sequence[str],
    no_roles: bool,
    no_groups: bool,
    admin: bool | None,
    enable: bool,
    **more: str | None,
) -> None:
    """Change a person. Roles and groups that are named replace those they had."""
    from helpdesk.db import writing
    from helpdesk.people import staffing

    with opened():
        _must_exist(roles, groups)
        with writing():
            person = somebody(email)
            _change(person, more)
            kept_roles = () if no_roles else person.roles
            kept_groups = () if no_groups else person.groups
            staffing.give(person, roles=roles or kept_roles, groups=groups or kept_groups)
            if admin is not None:
                staffing.set_admin(person, admin)
            if enable:
                staffing.let_in(person)
    click.echo(f"{email} was changed.")


@user.command("list")
@click.option("--staff", is_flag=True, help="Only those who work at the desk.")
@as_json
def list_(staff: bool, as_json: bool) -> None:
    """List people with their roles and groups."""
    from sqlalchemy import select

    from helpdesk.db import session
    from helpdesk.people.models import WITH_RIGHTS, Person

    with opened():
        people = session().scalars(select(Person).options(*WITH_RIGHTS).order_by(Person.id))
        rows = [_row(person) for person in people if person.is_staff or not staff]
    if as_json:
        show_json(rows)
        return
    columns = {"email": "E-MAIL", "name": "NAME", "roles": "ROLES", "groups": "GROUPS", "notes": ""}
    show_table([row | {"notes": _notes(row)} for row in rows], columns)


@user.command()
@click.argument("email")
@password_option
def password(email: str, password: str | None) -> None:
    """Give a person a new password; ends their sign-ins everywhere."""
    from helpdesk.db import writing
    from helpdesk.people import passwords, staffing

    if password is None:
        password = click.prompt("New password", hide_input=True, confirmation_prompt=True)
    word = secret_word(password) or ""
    with opened(), writing():
        person = somebody(email)
        passwords.put(person, word)
        staffing.sign_out_everywhere(person)
    click.echo(f"{email} has a new password and was signed out everywhere.")


@user.command()
@click.argument("email")
def disable(email: str) -> None:
    """Let a person in no more; ends their sign-ins. What they wrote stays, and `user set --enable` undoes it."""
    from helpdesk.db import writing
    from helpdesk.people import staffing

    with opened(), writing():
        person = somebody(email)
        staffing.let_out(person)
    click.echo(f"{email} is disabled and was signed out everywhere.")


@user.command("2fa-reset", short_help="Forget a person's second step of signing in.")
@click.argument("email")
def second_factor_reset(email: str) -> None:
    """Forget a person's second step of signing in, such as a lost telephone; ends their sign-ins."""
    from helpdesk.db import writing
    from helpdesk.people import second_factor, staffing

    with opened(), writing():
        person = somebody(email)
        second_factor.turn_off(person)
        staffing.sign_out_everywhere(person)
    click.echo(f"{email} signs in without a second step until they set up a new one.")


def _must_exist(roles: Sequence[str], groups: Sequence[str]) -> None:
    """Roles and groups are those of the workflow in force. Raises Invalid."""
    from helpdesk.errors import Invalid
    from helpdesk.workflows import revisions
    from helpdesk.workflows.findings import did_you_mean

    if not roles and not groups:
        return
    desk = revisions.active().desk
    problems = {}
    for noun, names, known in (("role", roles, desk.roles), ("group", groups, desk.groups)):
        for name in names:
            if name not in known:
                hint = did_you_mean(name, known) or f"There are {', '.join(known)}."
                problems[noun] = f"There is no {noun} “{name}”. {hint}"
    if problems:
        raise Invalid(problems)


def _change(person: Person, more: dict[str, Any]) -> None:
    from helpdesk.errors import Invalid
    from helpdesk.text import plain
    from helpdesk.workflows.texts import FORMS

    given = {name: plain.line(value) for name, value in more.items() if value is not None}
    for name, meaning in (("timezone", "zone"), ("language", "language")):
        if given.get(name) and (problem := FORMS[meaning](given[name])):
            raise Invalid({name: problem})
    for name, value in given.items():
        if len(value) > LONGEST[name]:
            raise Invalid({name: f"--{name} has at most {LONGEST[name]} characters."})
        if value or name != "name":
            setattr(person, name, value)


def _row(person: Person) -> dict[str, Any]:
    return {
        "email": person.email,
        "name": person.name,
        "roles": person.roles,
        "groups": person.groups,
        "admin": person.is_admin,
        "disabled": person.disabled_at is not None,
        "second_step": person.totp_secret is not None,
        "language": person.language,
        "timezone": person.timezone,
    }


def _notes(row: dict[str, Any]) -> str:
    words = {"admin": "administrator", "disabled": "disabled", "second_step": "second step"}
    return ", ".join(word for key, word in words.items() if row[key])
