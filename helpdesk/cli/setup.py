"""`helpdesk init` and `helpdesk migrate`: tables, the workflow, the first administrator."""

from __future__ import annotations

import sys

import click

from helpdesk.cli.desk import opened, secret_word


@click.command(short_help="Make the tables and the first administrator.")
@click.option("--email", help="Address of the first administrator.")
@click.option("--name", default="", help="Their name.")
@click.option("--password", help="Their password; “-” reads it from standard input.")
def init(email: str | None, name: str, password: str | None) -> None:
    """Make the tables and the first administrator. Can be run again without harm.

    Asks for what is missing if somebody sits at the terminal.
    """
    from sqlalchemy import select

    from helpdesk.cli import starting
    from helpdesk.db import session
    from helpdesk.people.models import Person

    with opened() as settings:
        starting.bring_up_to_date(settings, say=click.echo)
        admin = session().scalar(select(Person).where(Person.is_admin, Person.disabled_at.is_(None)).limit(1))
        if admin is not None and email is None:
            click.echo(f"The desk is ready; {admin.shown_name} is an administrator.")
            return
        if email is None and sys.stdin.isatty():
            email = click.prompt("E-mail address of the administrator")
            name = name or click.prompt("Name", default="")
        if email is None:
            click.echo("The tables are ready. Next: `helpdesk user add EMAIL --admin --password -`.")
            return
        if password is None and sys.stdin.isatty():
            password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        _make_admin(email, name, secret_word(password))
        click.echo(f"{email} is an administrator. Start the desk with `helpdesk serve`.")


@click.command(short_help="Bring the database to this version's tables.")
def migrate() -> None:
    """Bring the database to this version's tables, and take the workflow file if it is new.

    All of it happens or none. Run it once after each upgrade; back up before.
    """
    from helpdesk.cli import starting

    with opened() as settings:
        starting.bring_up_to_date(settings, say=click.echo)
    click.echo("The database is up to date.")


def _make_admin(email: str, name: str, password: str | None) -> None:
    from helpdesk.db import writing
    from helpdesk.people import find, passwords

    with writing():
        person = find.or_create(email, name=name)
        person.is_admin = True
        person.disabled_at = None
        if password is not None:
            passwords.put(person, password)
