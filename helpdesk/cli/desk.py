"""Opening the desk for a command, and the small things every command says and shows the same way."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from helpdesk.cli.errors import UNUSABLE, fail

if TYPE_CHECKING:
    from config import Settings
    from helpdesk.people.models import Person

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")
as_person = click.option("--as", "person", required=True, metavar="PERSON", help="Address of whoever does it.")


@contextmanager
def opened() -> Iterator[Settings]:
    """The desk of the environment's settings, its database at hand, without pages."""
    from config import Settings
    from helpdesk import bare

    settings = Settings.from_env()
    with bare.opened(settings):
        yield settings


def somebody(address: str) -> Person:
    """The person this address belongs to. Raises NotFound."""
    from helpdesk.errors import NotFound
    from helpdesk.people import find

    person = find.by_email(address)
    if person is None:
        raise NotFound(f"Nobody here has the address {address}.")
    return person


def pairs(given: Sequence[str]) -> dict[str, Any]:
    """The `name=value` words of `--with` as a dict; a name that comes twice holds a list. Any other form is refused."""
    values: dict[str, Any] = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            fail(f"--with wants field=value, not {word!r}.", UNUSABLE)
        name = name.strip()
        if name in values:
            before = values[name]
            values[name] = [*(before if isinstance(before, list) else [before]), value]
        else:
            values[name] = value
    return values


def show_json(data: Any) -> None:
    """JSON on stdout, readable and in UTF-8 whatever the terminal thinks."""
    text = json.dumps(data, ensure_ascii=False, indent=2, default=str)
    click.echo(text.encode("utf-8", "backslashreplace"))


def show_table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> None:
    """Rows under headings (`columns`: key → heading), each column as wide as it must be."""
    if not rows:
        return
    lines = [list(columns.values()), *([_cell(row.get(key)) for key in columns] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(columns))]
    for number, line in enumerate(lines):
        text = "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        click.echo(click.style(text, bold=True) if number == 0 else text)


def _cell(value: Any) -> str:
    several = value if isinstance(value, list | tuple) else [] if value is None else [value]
    text = ", ".join(str(one) for one in several)
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    return text if len(text) <= 60 else text[:59] + "…"


def secret_word(given: str | None) -> str | None:
    """A password from an option: itself, or the first line of standard input for “-”."""
    return sys.stdin.readline().rstrip("\r\n") if given == "-" else given
