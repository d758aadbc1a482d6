"""`helpdesk serve` and `helpdesk worker`: the processes of a desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from config import Settings

DEMO_MAIL_DOOR = "127.0.0.1:2525"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("--demo", is_flag=True, help="A desk with made-up people and tickets; all mail is caught and shown at /dev/mail.")
@click.option(
    "--role",
    type=click.Choice(["web", "worker", "all"]),
    default="all",
    show_default=True,
    help="Everything in one process, or only the pages, or only the work behind them.",
)
def serve(host: str, port: int, demo: bool, role: str) -> None:
    """Run the desk: pages, live updates, jobs, timers and mail in one process.

    The tables are made or changed first. Several processes share one desk on PostgreSQL and Redis: any number with
    --role web behind a proxy, any number with --role worker; run `helpdesk migrate` before them.
    """
    from config import Settings
    from helpdesk import asgi, worker

    settings = Settings.from_env(demo=True) if demo else Settings.from_env()
    if demo and not settings.mail_door:
        settings = Settings.from_env(demo=True, mail_door=DEMO_MAIL_DOOR)
    _prepare(settings, whole=role == "all")
    if role == "worker":
        worker.run(settings)
    else:
        asgi.serve(settings, host=host, port=port, role=role)


@click.command()
def worker() -> None:
    """Run what happens behind the pages: jobs, timers, mailboxes. Run as many as are needed."""
    from config import Settings
    from helpdesk import worker as workers

    settings = Settings.from_env()
    _prepare(settings, whole=False)
    workers.run(settings)


def _prepare(settings: Settings, *, whole: bool) -> None:
    """One process brings its database up to date itself; of several, none does it behind the others' back."""
    from helpdesk import bare
    from helpdesk.cli import starting
    from helpdesk.db import db

    with bare.create_app(settings).app_context():
        if whole:
            starting.bring_up_to_date(settings, say=click.echo)
        else:
            starting.must_be_current()
            starting.take_workflow(settings, say=click.echo)
        db.engine.dispose()
