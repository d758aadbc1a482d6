"""`helpdesk workflow why`: why a button is or is not there, why a ticket stands as it does, naming the lines.

The command line is the operator's: `--as` only says in whose place the question is asked, and keeps nothing from
whoever asks it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from helpdesk.cli.desk import as_json, opened, show_json, somebody

if TYPE_CHECKING:
    from helpdesk.rollout.why import Answer, Part, Reason
    from helpdesk.routing.decision import Decision, Weighed

MARKS = {True: ("✓", "green"), False: ("✗", "red"), None: ("·", "cyan")}


@click.command(short_help="Say why a button is or is not there, and what it would do.")
@click.argument("ticket")
@click.argument("action", required=False)
@click.option(
    "--as", "person", metavar="PERSON", help="In whose place: the address of somebody of the staff or a customer."
)
@as_json
def why(ticket: str, action: str | None, person: str | None, as_json: bool) -> None:
    """Say why an action of a ticket can or cannot be run, and what it would do.

    Without ACTION: why the ticket is in its state, why its assignee has it, what is due, and which mails went. ACTION
    may also be the name of an e-mail. Nothing is changed.
    """
    from helpdesk.rollout import why as explaining

    with opened() as settings:
        asked = explaining.find(ticket)
        actor = explaining.part_of(somebody(person), asked) if person else None
        if action:
            answer = explaining.action(asked, action, actor, path=settings.workflow_path)
        else:
            answer = explaining.ticket(asked, path=settings.workflow_path)
    if as_json:
        show_json(answer.as_dict())
    else:
        _show(answer)


def _show(answer: Answer) -> None:
    mark, color = MARKS[answer.holds]
    click.echo(f"{click.style(mark, fg=color)} {click.style(answer.sentence, bold=True)}")
    for part in answer.parts:
        _show_part(part)


def _show_part(part: Part) -> None:
    click.echo(f"\n{click.style(part.title, bold=True)}")
    for reason in part.reasons:
        _show_reason(reason)
    if part.decision:
        _show_decision(part.decision)


def _show_reason(reason: Reason) -> None:
    mark, color = MARKS[reason.holds]
    where = f"  {click.style(reason.line, dim=True)}" if reason.line else ""
    click.echo(f"  {click.style(mark, fg=color)} {reason.says}{where}")
    for name, value in reason.saw:
        click.echo(click.style(f"      {name} is {value}", dim=True))


def _show_decision(decision: Decision) -> None:
    """The members as a table: in the order in which they were asked, then those who were ruled out."""
    rows = [(_place(each), each.name, each.tier, each.says or each.out) for each in decision.members]
    widths = [max(len(row[column]) for row in rows) for column in range(3)] if rows else []
    for row, each in zip(rows, decision.members, strict=True):
        text = "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[3]])
        click.echo(f"    {click.style(text, bold=each.id == decision.person_id, dim=bool(each.out))}")
    if decision.more:
        click.echo(f"    … and {decision.more} more")


def _place(each: Weighed) -> str:
    return f"{each.place}." if each.place else "–"
