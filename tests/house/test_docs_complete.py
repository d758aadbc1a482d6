"""What people can set, type or write in the file stands in the documentation, and nothing stands there that is not."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import click
import pytest

from config import Settings
from helpdesk.cli import root
from helpdesk.cli.errors import NOT_THERE, OURS, REFUSED, STOPPED, TRY_AGAIN, UNUSABLE
from helpdesk.workflows import kinds

DOCS = Path(__file__).parents[2] / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text()


def commands() -> dict[str, click.Command]:
    """Every command by its words, groups left out."""
    found: dict[str, click.Command] = {}
    waiting: list[tuple[str, click.Command]] = [("", root)]
    context = click.Context(root)
    while waiting:
        words, command = waiting.pop()
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner is not None
                waiting.append((f"{words} {name}".strip(), inner))
        else:
            found[words] = command
    return found


def shown(default: str | int | bool) -> str:
    """A default as the table shows it."""
    if isinstance(default, bool):
        return "`yes`" if default else "`no`"
    return "" if default == "" else f"`{default}`"


def section(words: str) -> str:
    """What docs/commands.md says about a command: from its heading to the next one."""
    return page("commands.md").partition(f"\n### `helpdesk {words}")[2].partition("\n##")[0]


def test_every_setting_stands_in_the_table_as_config_py_says_it() -> None:
    rows = re.findall(r"^\| `HELPDESK_(\w+)` \| (.*?) \| (.*?) \|$", page("settings.md"), re.MULTILINE)
    assert rows == [(each.name.upper(), shown(each.default), each.metadata["says"]) for each in fields(Settings)]


def test_no_page_names_a_setting_that_is_not() -> None:
    known = {f"HELPDESK_{each.name.upper()}" for each in fields(Settings)}
    for path in DOCS.rglob("*.md"):
        assert set(re.findall(r"HELPDESK_[A-Z_]*[A-Z]", path.read_text())) <= known, path


@pytest.mark.parametrize("words", sorted(commands()))
def test_every_command_and_option_is_documented(words: str) -> None:
    said = section(words)
    assert said, f"docs/commands.md has no heading for `helpdesk {words}`"
    for parameter in commands()[words].params:
        if isinstance(parameter, click.Option) and not parameter.hidden:
            for spelling in (*parameter.opts, *parameter.secondary_opts):
                assert re.search(rf"{re.escape(spelling)}(?![\w-])", said), f"helpdesk {words} {spelling}"


def test_no_command_is_documented_that_is_not() -> None:
    headings = re.findall(r"^### `helpdesk ([^`]*)`", page("commands.md"), re.MULTILINE)
    known = commands()
    assert [
        heading for heading in headings if not any(heading == w or heading.startswith(f"{w} ") for w in known)
    ] == []


def test_every_exit_code_is_documented() -> None:
    table = re.findall(r"^\| (\d+) \|", page("commands.md"), re.MULTILINE)
    assert {int(code) for code in table} >= {0, 1, UNUSABLE, REFUSED, NOT_THERE, OURS, TRY_AGAIN, STOPPED}


def test_every_action_and_source_type_is_documented() -> None:
    said = page("workflows.md")
    assert [name for name in kinds.actions.names() if f"`{name}`" not in said] == []
    assert [name for name in kinds.channels.names() if f"Sources of type {name}" not in said] == []


@pytest.mark.parametrize("path", sorted(DOCS.rglob("*.md")), ids=lambda path: path.name)
def test_every_link_between_pages_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", path.read_text())
    assert [link for link in links if not (path.parent / link).exists()] == []
