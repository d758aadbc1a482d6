"""`helpdesk ticket …`: the desk from a script, with a person's rights, through the same two doors as every page."""

from __future__ import annotations

import mimetypes
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from helpdesk.cli.desk import as_json, as_person, opened, pairs, show_json, show_table, somebody
from helpdesk.cli.errors import UNUSABLE, fail

if TYPE_CHECKING:
    from helpdesk.people.models import Person
    from helpdesk.tickets.history import Name
    from helpdesk.tickets.lists import Asked
    from helpdesk.tickets.rich import Upload

LISTS: Mapping[Name, Mapping[str, str]] = {  # what a ticket is shown with, and the columns of a table of it
    "messages": {},
    "events": {"id": "ID", "at": "AT", "kind": "KIND", "action": "ACTION", "actor": "BY", "to_state": "STATE"},
    "deliveries": {"id": "ID", "created_at": "AT", "kind": "KIND", "to": "TO", "status": "STATUS", "sent_at": "SENT"},
}
values_option = click.option("--with", "values", multiple=True, metavar="FIELD=VALUE", help="A value; may be repeated.")
files_option = click.option(
    "--file",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="To attach; may be repeated.",
)


@click.group(short_help="List, show and open tickets, and act on them.")
def ticket() -> None:
    """Look at tickets, open them, and do what a person may do with them.

    Whoever has a role or a group acts as staff, everybody else as the customer they are. Exit code 3: refused, and a
    sentence says why. 4: there is no such ticket, or this person may not see it.
    """


@ticket.command("list", short_help="List the tickets a person may see.")
@click.argument("query", required=False)
@as_person
@click.option("--workflow", help="Only this workflow.")
@click.option("--state", help="Only this state.")
@click.option("--mine", is_flag=True, help="Only those assigned to the person.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="At most so many.")
@as_json
def list_(
    query: str | None, person: str, workflow: str | None, state: str | None, mine: bool, limit: int, as_json: bool
) -> None:
    """List the tickets a person may see, the newest activity first; QUERY searches them."""
    from helpdesk.tickets.lists import Asked

    asked = Asked(query=query or "", workflow=workflow or "", state=state or "", mine=mine)
    with opened():
        rows = _listed(somebody(person), asked, limit)
    if as_json:
        show_json(rows)
        return
    columns = {"ref": "REF", "state": "STATE", "subject": "SUBJECT", "requester": "FROM", "assignee": "ASSIGNEE"}
    show_table(rows, columns)


@ticket.command(short_help="Show a ticket as a person may see it.")
@click.argument("ref")
@as_person
@click.option("--only", type=click.Choice([*LISTS]), help="Nothing but this list of it.")
@click.option("--before", metavar="PLACE", default="", help="With --only: go on to older ones, from their “next”.")
@click.option("--limit", default=200, show_default=True, type=click.IntRange(1, 200), help="Of each list the newest.")
@as_json
def show(ref: str, person: str, only: Name | None, before: str, limit: int, as_json: bool) -> None:
    """Show a ticket as a person may see it: a customer sees no notes and no colleagues.

    Of a long one the newest messages, events and deliveries; “next” in the JSON says where --only and --before go on.
    """
    from helpdesk.tickets import views

    if before and only is None:
        fail("--before wants --only: each list goes on from a place of its own.", UNUSABLE)
    with opened():
        asker = somebody(person)
        seen = views.part(asker, ref, only, limit=limit, before=before) if only else views.view(asker, ref, limit=limit)
    if as_json:
        show_json(seen)
    elif only is None:
        click.echo(_told(seen))
    elif only == "messages":
        click.echo("\n".join([*_older(only, seen["next"]), *_said(seen)]).strip("\n"))
    else:
        show_table(seen[only], LISTS[only])
        click.echo("\n".join(_older(only, seen["next"])), nl=seen["next"] is not None)


@ticket.command(short_help="Open a ticket through a source.")
@as_person
@click.option("--for", "customer", metavar="PERSON", help="The customer, where staff opens it for somebody.")
@click.option("--source", help="The source of the workflow file it comes through; the first one if not said.")
@click.option("--subject", help="The same as --with subject=…")
@click.option("--message", help="The same as --with message=…; “-” reads standard input.")
@values_option
@files_option
@as_json
def new(
    person: str,
    customer: str | None,
    source: str | None,
    subject: str | None,
    message: str | None,
    values: Sequence[str],
    files: Sequence[Path],
    as_json: bool,
) -> None:
    """Open a ticket through a source, with the source's own questions and validation.

    A person the desk does not know yet becomes a customer, as by mail.
    """
    from helpdesk import intake
    from helpdesk.channels import entering
    from helpdesk.people import find
    from helpdesk.tickets import views

    entered = pairs(values)
    entered |= {name: text for name, text in (("subject", subject), ("message", message)) if text is not None}
    with opened():
        door = entering.source(source)
        known = find.by_email(find.valid_email(person))
        by = entering.opener(known, person) if customer else None
        given = _typed(intake.form_inputs(door), entered, files)
        received = entering.enter(door, given, address=customer or person, by=by)
        result = {"ref": received.ref, "how": received.how}
        seen = views.seen_by(by or somebody(person), received.ref) if as_json else None
    if as_json:
        show_json({**result, **(seen or {})})
    else:
        click.echo(received.ref)


@ticket.command()
@click.argument("ref")
@click.argument("action")
@as_person
@values_option
@files_option
@click.option("--seen", type=int, help="Refuse if the ticket is not at this version any more.")
@as_json
def do(
    ref: str, action: str, person: str, values: Sequence[str], files: Sequence[Path], seen: int | None, as_json: bool
) -> None:
    """Run an action on a ticket. The names of the actions are those of the workflow file."""
    from helpdesk.actions import perform
    from helpdesk.tickets import views
    from helpdesk.workflows import revisions, votes

    entered = pairs(values)
    with opened():
        asker = somebody(person)
        found, actor = views.load(asker, ref)
        workflow = revisions.active().desk.workflows.get(found.workflow)
        spec = votes.action_of(workflow, action) if workflow else None
        given = _typed(spec.fields, entered, files) if spec else entered
        outcome = perform(found.id, action, actor, given, seen=seen)
        result: dict[str, Any] = {"ref": outcome.ref, "state": outcome.state}
        gone = "" if outcome.in_sight else f" {asker.shown_name} does not see it there."
        after = views.seen_by(asker, outcome.ref) if as_json else None
    if as_json:
        show_json({**result, **(after or {})})
    else:
        click.echo(f"{outcome.ref} is now “{outcome.label}”.{gone}")


def _listed(person: Person, asked: Asked, limit: int) -> list[dict[str, Any]]:
    """So many tickets, page after page; what a search finds twice is listed once."""
    from helpdesk.tickets import lists

    rows: dict[str, dict[str, Any]] = {}
    place: str | None = ""
    while place is not None and len(rows) < limit:
        found = lists.page(person, asked, limit=min(limit - len(rows), lists.MOST), before=place)
        for row in found.rows:
            rows.setdefault(row["ref"], row)
        place = found.next
    return list(rows.values())


def _told(seen: dict[str, Any]) -> str:
    """A ticket for people."""
    lines = [f"{seen['ref']}  {seen['subject']}", f"  {seen['state_label']}, from {seen['requester']}"]
    if seen["assignee"] or seen["group"]:
        lines.append(f"  with {seen['assignee'] or seen['group']}")
    lines += [f"  {name}: {value}" for name, value in seen["fields"].items()]
    lines.append(f"  actions: {', '.join(seen['actions']) or 'none'}")
    lines += _older("messages", seen.get("next", {}).get("messages"))
    return "\n".join([*(_printable(line) for line in lines), *_said(seen)])


def _older(name: Name, place: str | None) -> list[str]:
    return ["", f"(older {name}: --only {name} --before {place})"] if place else []


def _said(seen: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    for message in seen["messages"]:
        lines += ["", f"{message['at'][:16]}  {message['kind']} from {message['from']}"]
        lines += [f"  {line}" for line in message["text"].split("\n")]
        lines += [f"  [{file['filename']}, {file['size']} bytes]" for file in message["attachments"]]
    return [_printable(line) for line in lines]


def _printable(line: str) -> str:
    return "".join(letter if letter.isprintable() or letter == "\t" else " " for letter in line)


def _typed(inputs: Sequence[Any], entered: dict[str, Any], files: Sequence[Path]) -> dict[str, Any]:
    """The words of the command line as the door takes them: files are kept, a message of “-” is read from stdin."""
    from helpdesk.tickets.rich import Rich
    from helpdesk.workflows.kinds import field_types

    values = dict(entered)
    if values.get("message") == "-":
        values["message"] = sys.stdin.read().strip("\n")
    if "message" in values:
        values["message"] = Rich.plain(str(values["message"]))
    for each in inputs:
        if each.name in values and field_types.get(each.field.type).is_file:
            named = values[each.name]
            values[each.name] = tuple(_kept(Path(one)) for one in (named if isinstance(named, list) else [named]))
    if files:
        values["files"] = (*values.get("files", ()), *(_kept(path) for path in files))
    return values


def _kept(path: Path) -> Upload:
    from helpdesk.tickets.rich import Upload

    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Upload.keep(path.read_bytes(), filename=path.name, content_type=kind)
