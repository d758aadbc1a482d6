"""`helpdesk mail …`: mail by hand: from a pipe, from the mailboxes now, again, and what could not be read."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from helpdesk.cli.desk import as_json, opened, show_json, show_table
from helpdesk.cli.errors import FAILED, TRY_AGAIN, UNUSABLE, fail, told
from helpdesk.text.counted import counted

if TYPE_CHECKING:
    from helpdesk.channels.email.golden import Outcome
    from helpdesk.channels.email.inspect import Threading

NO_USE = 65  # EX_DATAERR: the mail itself is the trouble, so that nobody tries again


@click.group(short_help="Take in mail by hand, and read it again.")
def mail() -> None:
    """Take in mail by hand, read it again, and see what the desk makes of it."""


@mail.command(short_help="Take one message from standard input.")
@click.option("--source", default="", help="The source of the workflow file it is for; else its recipient decides.")
def receive(source: str) -> None:
    """Take one message from standard input, as Postfix, procmail and getmail hand it over.

    Exit code 0: stored, it can be forgotten. 75: not stored, try again. 65: no mail, or one too large to take.
    """
    with told(code=TRY_AGAIN), opened() as settings:
        from helpdesk.channels.email import pipe

        raw = sys.stdin.buffer.read(settings.upload_limit + 1)
        if not raw.strip():
            fail("There is no mail in the pipe.", NO_USE)
        if len(raw) > settings.upload_limit:
            fail(f"This mail is larger than {settings.upload_limit:,} bytes, the most the desk takes.", NO_USE)
        pipe.receive(raw, source=source, environ=os.environ)


@mail.command(short_help="Read the mailboxes of the workflow file now.")
def fetch() -> None:
    """Read the mailboxes of the workflow file now, and turn what came into tickets."""
    from helpdesk.channels.email.account import MailboxAway

    with _worker() as work:
        boxes = _boxes()
        away = False
        for box in boxes:
            try:
                click.echo(f"{box}: {_all_of(box)} new")
            except MailboxAway as trouble:
                away = True
                click.echo(f"{box}: {trouble.sentence}", err=True)
        work(("read_mail",))
        if away:
            raise click.exceptions.Exit(FAILED)


@mail.command(short_help="Listen to the mailboxes until Ctrl-C.")
def listen() -> None:
    """Listen to the mailboxes (IMAP IDLE), and turn what comes into tickets at once, until Ctrl-C.

    `helpdesk serve` and `helpdesk worker` do this by themselves; of several processes one listens to each mailbox.
    """
    from flask import current_app

    from helpdesk import asgi
    from helpdesk.channels.email import fetch as fetching
    from helpdesk.worker import Worker

    with opened():
        boxes = _boxes()
        fetching.schedule()
        worker = Worker(
            current_app._get_current_object(),  # type: ignore[attr-defined]
            say=lambda box, what: click.echo(f"{box}: {what}"),
        )
        with asgi.ending() as end:
            worker.start(lanes=("mailboxes", "in"))
            click.echo(f"Listening to {', '.join(boxes)}. Ctrl-C ends it.")
            end.wait()
            worker.stop()


@mail.command(short_help="Sign a mailbox in at its provider.")
@click.argument("source")
@click.option("--browser", is_flag=True, help="By an address to open, also where the provider offers a code to enter.")
def authorize(source: str, browser: bool) -> None:
    """Sign the mailbox of SOURCE in at its provider (OAuth), and have it read.

    Shows a code and where to enter it; where the provider offers none, an address to open. Exit code 1: it was refused.
    """
    from helpdesk.channels.email import fetch as fetching
    from helpdesk.channels.email.oauth import signing_in

    with opened():
        signing_in.in_a_terminal(source, say=click.echo, ask=click.prompt, browser=browser)
        fetching.soon(source)
        click.echo(f"The mailbox of “{source}” is signed in.")


@mail.command(short_help="Read a stored message again that was put aside.")
@click.argument("mail_id", metavar="ID", type=int)
def replay(mail_id: int) -> None:
    """Read a stored message again that was put aside, now that what was wrong is mended."""
    from helpdesk.channels.email import store
    from helpdesk.channels.email.models import InboundMail
    from helpdesk.db import session
    from helpdesk.tickets.models import Ticket

    with _worker() as work:
        store.replay(mail_id)
        work(("read_mail",))
        session().rollback()
        row = session().get_one(InboundMail, mail_id)
        if row.status == "filed" and row.ticket_id:
            click.echo(f"Mail {mail_id} is on {session().get_one(Ticket, row.ticket_id).ref}.")
        elif row.status == "received":
            click.echo(f"Mail {mail_id} will be read by the worker.")
        else:
            fail(f"Mail {mail_id} is {row.status}: {row.error}")


@mail.command(short_help="List the messages that could not be read.")
@as_json
def quarantine(as_json: bool) -> None:
    """List the messages that could not be read or given to anybody; `mail replay ID` tries one again."""
    from helpdesk.channels.email import store

    with opened():
        rows = [
            {
                "id": row.id,
                "received_at": row.received_at.isoformat(timespec="seconds"),
                "source": row.source,
                "from": row.envelope_from,
                "size": row.size,
                "sha256": row.sha256,
                "why": row.error,
            }
            for row in store.waiting()
        ]
    if as_json:
        show_json(rows)
    else:
        show_table(rows, {"id": "ID", "received_at": "WHEN", "source": "SOURCE", "from": "FROM", "why": "WHY"})


@mail.command(short_help="Say what the desk makes of messages, touching nothing.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=click.Path(exists=True, path_type=Path))
@as_json
def inspect(paths: Sequence[Path], as_json: bool) -> None:
    """Say what the desk makes of a message, or of a folder of them, touching nothing.

    With --json one object a line. Exit code 0 for any bytes whatsoever.
    """
    from helpdesk.channels.email import inspect as inspecting

    with _threading() as thread:
        for found in inspecting.inspect_all(list(paths), thread=thread):
            click.echo(json.dumps(found, ensure_ascii=True) if as_json else inspecting.told(found))


@mail.command(short_help="Compare messages with what is expected of them.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--workflow", type=click.Path(path_type=Path), help="The workflow file; without it the desk's own.")
@click.option("--write", is_flag=True, help="Write down what is made of each message that has no expectations yet.")
@as_json
def test(folder: Path, workflow: Path | None, write: bool, as_json: bool) -> None:
    """Hand the messages of a folder (.eml) to a desk in memory, and compare with the expectations (.yaml) beside them.

    Nothing of your desk is touched. Exit code 0: all as expected. 1: some are not, or the workflow has errors. 2: the
    folder or an expectation cannot be read.
    """
    from helpdesk.channels.email import golden, golden_file
    from helpdesk.cli.workflow.files import sound, the_path

    texts = sound(the_path(workflow))
    conversations = golden_file.conversations(folder)
    if not conversations:
        fail(f"There is no message (.eml) in {folder}.", UNUSABLE)
    outcomes = golden.run(conversations, texts, done=None if as_json else _tell)
    new = [each for each in outcomes if each.golden.wanted is None]
    for each in new if write else ():
        golden.write(each)
    failed = [each for each in outcomes if each.failed]
    if as_json:
        show_json([each.as_dict() for each in outcomes])
    else:
        said = f"{counted(len(outcomes), 'message')}, {len(failed)} not as expected"
        click.echo(f"\n{said}; {len(new)} without expectations{', which are written now' if new and write else ''}.")
    if failed:
        raise click.exceptions.Exit(FAILED)


def _tell(outcome: Outcome) -> None:
    expected = outcome.golden.wanted is not None
    sign, color = ("✗", "red") if outcome.failed else ("✓", "green") if expected else ("·", "cyan")
    click.echo(f"{click.style(sign, fg=color)} {outcome.golden.mail}: {outcome.seen['would']}")
    for each in outcome.failed:
        click.echo(f"    {each}")


def _boxes() -> list[str]:
    """The sources that read a mailbox; ends with a sentence where there are none, or they must not be read."""
    from helpdesk import stored
    from helpdesk.channels.email import sources

    if stored.get("muted"):
        fail("This desk is a restored copy and fetches nothing. `helpdesk restore --live` wakes it.")
    boxes = [box.name for box in sources.mailboxes() if box.options.fetch]
    if not boxes:
        fail("No source of the workflow file has a mailbox to read (`fetch`).")
    return boxes


def _all_of(box: str) -> int:
    """Read a mailbox batch after batch until nothing is new; how many mails that were."""
    from helpdesk.channels.email.fetch import fetch as read_batch

    total = 0
    while batch := read_batch(box).number:
        total += batch
    return total


@contextmanager
def _worker() -> Iterator[Callable[[Sequence[str]], int]]:
    """The desk, and a worker that does only the kinds of jobs it is told, here and now."""
    from flask import current_app

    from helpdesk.worker import Worker

    with opened():
        worker = Worker(current_app._get_current_object(), chores=())  # type: ignore[attr-defined]
        yield lambda kinds: worker.run_until_idle(kinds=kinds)


@contextmanager
def _threading() -> Iterator[Threading | None]:
    """How a mail finds its ticket on this desk; None where there is no desk yet, which is then not made either."""
    from config import Settings

    settings = Settings.from_env()
    if settings.database.startswith("sqlite") and not Path(settings.database.partition("///")[2]).exists():
        yield None
        return
    from helpdesk import intake
    from helpdesk.channels.email import thread
    from helpdesk.channels.email.parse import Mail

    def ref_of(mail: Mail) -> str | None:
        claimed = intake.Inbound(
            source="",
            channel="email",
            address=mail.from_.address,
            subject=mail.subject,
            thread=thread.signed(mail),
            references=thread.references(mail),
        )
        ticket = intake.ticket_of(claimed)
        return ticket.ref if ticket else None

    with opened():
        yield ref_of
