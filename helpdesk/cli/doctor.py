"""`helpdesk doctor`: the settings in force, and whether the desk can work with them."""

from __future__ import annotations

from dataclasses import asdict, fields

import click

from helpdesk.cli.desk import as_json, show_json
from helpdesk.cli.errors import FAILED

MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "failed": ("✗", "red")}


@click.command(short_help="Show the settings and check that the desk can work.")
@as_json
def doctor(as_json: bool) -> None:
    """Show the settings, secrets hidden, and check database, workflow, mail, clock, disk and rights on files.

    Changes nothing. Exit code 0: the desk can work, perhaps with warnings. 1: something must be mended.
    """
    from config import Settings
    from helpdesk.cli import checks

    settings = Settings.from_env()
    shown = {f"HELPDESK_{each.name.upper()}": _shown(settings, each.name, each.metadata) for each in fields(Settings)}
    if not as_json:
        for name, value in shown.items():
            click.echo(f"{name:<28} {value}")
        click.echo()
    verdicts = []
    for verdict in checks.all_of(settings):
        verdicts.append(verdict)
        if not as_json:
            mark, color = MARKS[verdict.status]
            click.echo(f"{click.style(mark, fg=color)} {verdict.name}: {verdict.message}")
    if as_json:
        show_json({"settings": shown, "checks": [asdict(verdict) for verdict in verdicts]})
    if any(verdict.status == "failed" for verdict in verdicts):
        raise click.exceptions.Exit(FAILED)


def _shown(settings: object, name: str, metadata: object) -> str:
    value = getattr(settings, name)
    if metadata["secret"]:  # type: ignore[index]
        return "(set, not shown)" if value else "(not set)"
    return str(value) if value != "" else "(not set)"
