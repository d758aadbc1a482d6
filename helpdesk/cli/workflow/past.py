"""`helpdesk workflow history`, `show` and `diff`: every text the desk was given, and what changed between two."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

import click

from helpdesk.cli.desk import as_json, opened, show_json, show_table
from helpdesk.cli.workflow.shown import marked


@click.command()
@as_json
def history(as_json: bool) -> None:
    """List the revisions, newest first; refused ones too."""
    from helpdesk.workflows import revisions

    with opened():
        active = revisions.newest_id()
        rows = [
            {
                "id": row.id,
                "at": row.created_at.isoformat(timespec="seconds"),
                "origin": row.origin,
                "author": row.author,
                "note": row.note,
                "status": "active" if row.id == active else "was active" if row.activated_at else "refused",
                "problems": row.problems,
            }
            for row in revisions.history()
        ]
    if as_json:
        show_json(rows)
        return
    columns = {"id": "REV", "at": "WHEN", "status": "STATUS", "origin": "FROM", "author": "WHO", "note": "NOTE"}
    show_table(rows, columns)


@click.command()
@click.argument("revision", type=int)
def show(revision: int) -> None:
    """Print a revision's text."""
    from helpdesk.workflows import revisions

    with opened():
        files = dict(revisions.get(revision).files)
    for name, text in files.items():
        click.echo(text if len(files) == 1 else f"# {name}\n{text}", nl=not text.endswith("\n"))


@click.command(short_help="Show what changed from one revision to another.")
@click.argument("earlier", type=int)
@click.argument("later", type=int)
@click.option("--summary", is_flag=True, help="Only in words, without the lines of the text.")
@as_json
def diff(earlier: int, later: int, summary: bool, as_json: bool) -> None:
    """Show what changed from one revision to another: in words, then the text."""
    with opened():
        _show_differences(earlier, later, summary=summary, as_json=as_json)


def _show_differences(earlier: int, later: int, *, summary: bool, as_json: bool) -> None:
    """Two revisions compared, in words and line by line."""
    from helpdesk.rollout.differences import between, held_otherwise
    from helpdesk.workflows import revisions

    first, last = revisions.get(earlier), revisions.get(later)
    before, after = dict(first.files), dict(last.files)
    old, new = revisions.desk_of(earlier), revisions.desk_of(later)
    digests = {name: one.sha256 for name, one in last.enclosed.items()}
    told = (*(between(old, new) if old and new else ()), *held_otherwise(first.enclosed, digests))
    lines = list(_text_difference(before, after, earlier, later))
    if as_json:
        show_json({"differences": [one.as_dict() for one in told], "text": lines})
        return
    for each in told:
        click.echo(marked(each))
    if not summary:
        if told and lines:
            click.echo()
        for line in lines:
            ink = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1])
            click.echo(click.style(line, fg=ink) if ink else line)


def _text_difference(
    before: Mapping[str, str], after: Mapping[str, str], earlier: int | str, later: int | str
) -> Iterable[str]:
    """The unified difference of two revisions' texts, file by file."""
    if len(before) == len(after) == 1:  # one file each, whatever they were called
        after = dict(zip(before, after.values(), strict=True))
    for name in sorted({*before, *after}):
        yield from difflib.unified_diff(
            before.get(name, "").splitlines(),
            after.get(name, "").splitlines(),
            f"{name} (revision {earlier})",
            f"{name} (revision {later})",
            lineterm="",
        )
