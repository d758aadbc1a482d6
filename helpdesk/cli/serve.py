"""`helpdesk serve` and `helpdesk worker`: the processes of a desk."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from config import Settings

DEMO_MAIL_DOOR = "127.0.0.1:2525"


@click.command(short_help="Run the desk.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port to listen on.")
@click.option("--demo", is_flag=True, help="Made-up people and tickets; all mail is caught and shown at /dev/mail.")
@click.option(
    "--role",
    type=click.Choice(["web", "worker", "all"]),
    default="all",
    show_default=True,
    help="Everything in one process, or only the pages, or only the work behind them.",
)
def serve(host: str, port: int, demo: bool, role: Literal["web", "worker", "all"]) -> None:
    """Run the desk: pages, live updates, jobs, timers and mail in one process.

    The first start makes the tables; after an upgrade run `helpdesk migrate`. Several processes share one desk on
    PostgreSQL and Redis: any number with --role web behind a proxy, any number with --role worker.
    """
    from config import Settings
    from helpdesk import asgi

    changes: dict[str, Any] = {"demo": True} if demo else {}
    if demo and not Settings.from_env().mail_door:
        changes["mail_door"] = DEMO_MAIL_DOOR
    listening = asgi.listen(host, 0) if port == 0 and role != "worker" else None
    if listening:
        port = listening.getsockname()[1]  # links are written before the first browser comes
    if not os.environ.get("HELPDESK_BASE_URL"):
        changes["base_url"] = f"http://127.0.0.1:{port}"
    settings = Settings.from_env(**changes)
    _prepare(settings)
    asgi.serve(settings, host=host, port=port, role=role, say=click.echo, listening=listening)


@click.command(short_help="Run only the work behind the pages.")
def worker() -> None:
    """Run what happens behind the pages: jobs, timers, mailboxes. Run as many as are needed."""
    from config import Settings
    from helpdesk import asgi

    settings = Settings.from_env()
    _prepare(settings)
    asgi.serve(settings, role="worker", say=click.echo)


def _prepare(settings: Settings) -> None:
    """A new desk and the demo get their tables; an old desk gets them when its operator says so."""
    from helpdesk import bare, demo, migrating
    from helpdesk.cli import starting
    from helpdesk.db import db

    with bare.opened(settings) as app:
        if settings.demo or migrating.current(db.engine) is None:
            starting.bring_up_to_date(settings, say=click.echo)
        else:
            starting.must_be_current()
            starting.take_workflow(settings, say=click.echo)
        if settings.demo:
            demo.prepare(app, say=click.echo)
            if hired := demo.hired(app):
                click.echo("The demo's people sign in with:")
            for line in hired:
                click.echo(f"  {line.email:<24} {line.password:<20} {line.name}, {line.role}")
