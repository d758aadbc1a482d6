"""`helpdesk token …`: keys by which programs act as a person at /api/v1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import click

from helpdesk.cli.desk import as_json, opened, show_json, show_table, somebody

if TYPE_CHECKING:
    from helpdesk.people.models import ApiToken


@click.group(short_help="Make and revoke tokens for programs.")
def token() -> None:
    """Make, list and revoke tokens: a program that brings one may do what its person may do at that moment."""


@token.command(short_help="Make a token for a person and print it, once.")
@click.argument("email")
@click.option("--name", required=True, help="What it is for, so that somebody knows it later.")
@click.option(
    "--scope", type=click.Choice(["read", "write"]), default="read", show_default=True, help="Only look, or act too."
)
@click.option("--days", type=int, default=90, show_default=True, help="How long it lasts; at most 366.")
@as_json
def add(email: str, name: str, scope: Literal["read", "write"], days: int, as_json: bool) -> None:
    """Make a token for a person and print it, once: nobody can look it up later."""
    from helpdesk.db import writing
    from helpdesk.people import api_tokens

    with opened():
        with writing():
            made, secret = api_tokens.make(somebody(email), name=name, scope=scope, days=days)
        row = _row(made)
    if as_json:
        show_json({**row, "token": secret})
        return
    click.echo(secret)
    click.echo(f"It acts as {row['person']} until {row['expires_at'][:10]} and is not shown again.", err=True)


@token.command("list", short_help="List tokens by how they begin.")
@click.argument("email", required=False)
@as_json
def list_(email: str | None, as_json: bool) -> None:
    """List all tokens, or a person's: never the tokens themselves, but how they begin."""
    from helpdesk.people import api_tokens

    with opened():
        rows = [_row(each) for each in api_tokens.listed(somebody(email) if email else None)]
    if as_json:
        show_json(rows)
        return
    columns = {
        "id": "ID",
        "beginning": "BEGINS",
        "person": "PERSON",
        "name": "NAME",
        "scope": "SCOPE",
        "state": "STATE",
        "expires_at": "UNTIL",
        "last_used_at": "LAST USED",
    }
    show_table(
        [row | {name: (row[name] or "")[:16] for name in ("expires_at", "last_used_at")} for row in rows], columns
    )


@token.command(short_help="Take a token back.")
@click.argument("token")
def revoke(token: str) -> None:
    """Take a token back, by its number or its beginning: at its next request it opens nothing."""
    from helpdesk.db import writing
    from helpdesk.people import api_tokens

    with opened():
        with writing():
            gone = api_tokens.revoke(token)
        click.echo(f"Token {gone.id}, “{gone.name}” of {gone.person.email}, was revoked.")


def _row(token: ApiToken) -> dict[str, Any]:
    from helpdesk.people import api_tokens

    used = token.last_used_at
    return {
        "id": token.id,
        "beginning": token.beginning,
        "person": token.person.email,
        "name": token.name,
        "scope": token.scope,
        "state": api_tokens.state_of(token),
        "created_at": token.created_at.isoformat(),
        "expires_at": token.expires_at.isoformat(),
        "last_used_at": used.isoformat() if used else None,
    }
