"""The command line: `helpdesk …`. One file or folder a group of commands, each read only when it is called.

Commands do what pages do, through the same doors and with the same rights. Whatever goes wrong becomes a sentence and
an exit code in `errors`, and nowhere else. A command's module imports nothing heavy at its head, so that
`helpdesk workflow check` is quick.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from helpdesk.cli import errors

COMMANDS = {
    "serve": "serve",
    "worker": "serve",
    "init": "setup",
    "migrate": "setup",
    "doctor": "doctor",
    "workflow": "workflow",
    "mail": "mail",
    "ticket": "ticket",
    "user": "user",
    "token": "token",
    "backup": "backup",
    "restore": "backup",
}


class Root(click.Group):
    """Finds a command in its file when it is asked for, and tells what went wrong."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"helpdesk.cli.{COMMANDS[cmd_name]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        with errors.told():
            return super().invoke(ctx)


@click.group(
    cls=Root, name="helpdesk", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
def root() -> None:
    """A ticket desk whose states, actions and rights are written in one YAML file.

    Start with `helpdesk init`, then `helpdesk serve`. Settings are HELPDESK_* variables; `helpdesk doctor` shows them.
    """


def main() -> None:
    """What the installed program `helpdesk` runs."""
    sys.exit(root(prog_name="helpdesk"))
