"""`helpdesk workflow …`: the file that describes the desk, checked, drawn, tested, and its revisions.

`check`, `schema`, `graph` and `test` read a file and open no database of the desk's; the others ask the running desk's
revisions.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from helpdesk.cli.desk import as_json, opened, show_json, show_table
from helpdesk.cli.errors import FAILED, NOT_THERE, UNUSABLE, fail
from helpdesk.cli.rollout import show_applied, show_plan, show_progress
from helpdesk.cli.why import why

if TYPE_CHECKING:
    from helpdesk.rollout.report import Report, Result
    from helpdesk.workflows.findings import Finding
    from helpdesk.workflows.schema import Desk

the_file = click.argument("path", required=False, type=click.Path(path_type=Path))


the_moves = click.option(
    "--move", "moves", multiple=True, metavar="WORKFLOW.STATE=STATE", help="Where tickets of a state that goes come."
)


@click.group()
def workflow() -> None:
    """Check, draw, test and change the workflow file.

    PATH is a file or a folder of .yaml files; without it the one of HELPDESK_WORKFLOWS is meant.
    """


workflow.add_command(why)


@workflow.command()
@the_file
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@as_json
def check(path: Path | None, strict: bool, as_json: bool) -> None:
    """Say what is wrong with a workflow file.

    Exit code 0: clean. 1: errors. 2: cannot be read.
    """
    from helpdesk.workflows.check import run_file

    path = _path(path)
    findings = run_file(path).findings
    bad = [finding for finding in findings if strict or finding.severity == "error"]
    if as_json:
        show_json([finding.as_dict() for finding in findings])
    else:
        _show(findings)
        warnings = len(findings) - len([one for one in findings if one.severity == "error"])
        click.echo(f"{path}: {_counted(len(findings) - warnings, 'error')}, {_counted(warnings, 'warning')}.")
    if bad:
        raise click.exceptions.Exit(FAILED)


@workflow.command()
def schema() -> None:
    """Print the JSON Schema of the language, for editors."""
    from helpdesk.workflows.json_schema import json_schema

    show_json(json_schema())


@workflow.command()
@the_file
@click.option("--workflow", "name", help="Only this workflow.")
@click.option("--format", "shape", type=click.Choice(["mermaid", "dot", "svg"]), default="mermaid", show_default=True)
@click.option("--live", is_flag=True, help="With the desk's tickets: how many, for how long, which are stuck.")
@click.option("--diff", "earlier", metavar="REVISION|PATH", help="Show in colours what differs from this one.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file instead.")
def graph(
    path: Path | None, name: str | None, shape: str, live: bool, earlier: str | None, output: Path | None
) -> None:
    """Draw the states and the ways between them."""
    from helpdesk.cli import drawing

    desk = _runnable(_path(path))
    if name is not None and name not in desk.workflows:
        fail(f"There is no workflow “{name}”. There are {', '.join(desk.workflows)}.", NOT_THERE)
    chosen = [name] if name else list(desk.workflows)
    if shape == "svg" and len(chosen) > 1:
        fail(f"An SVG holds one workflow; say which with --workflow: {', '.join(desk.workflows)}.", UNUSABLE)
    before = None if earlier is None else drawing.earlier(earlier, read=_runnable)
    drawn = drawing.draw(desk, chosen, shape, before=before, live=live)
    if output:
        output.write_text(drawn, encoding="utf-8")
    else:
        click.echo(drawn, nl=False)


@workflow.command()
@the_file
@as_json
def test(path: Path | None, as_json: bool) -> None:
    """Run the tests that stand in a workflow file: offline, on a desk in memory, with a simulated clock.

    Exit code 0: all passed. 1: some failed. 2: the file cannot be read or has errors.
    """
    from helpdesk.rollout import testing
    from helpdesk.workflows.load import read_texts

    report = testing.run(read_texts(_path(path)), done=None if as_json else _tell)
    if as_json:
        show_json(report.as_dict())
    else:
        _sum_up(report)
    if not report.passed:
        raise click.exceptions.Exit(UNUSABLE if report.findings else FAILED)


@workflow.command()
@click.option("--template", help="Which workflow to start from; without it they are listed.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@the_file
def init(path: Path | None, template: str | None, force: bool) -> None:
    """Write a tested workflow to start from.

    Each is a whole desk that passes its own tests. Put your company and addresses in, check it, and start the desk.
    """
    from helpdesk.workflows import library

    if template is None:
        listed = click.HelpFormatter()
        listed.write_dl(list(library.all_of_them().items()))
        click.echo(listed.getvalue(), nl=False)
        return
    text = library.text(template)
    path = _path(path)
    path = path / "workflows.yaml" if path.is_dir() else path
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        fail(f"{path} is there already; --force writes over it.", FAILED)
    click.echo(f"{path} is the workflow “{template}”. Next: helpdesk workflow check {path}, and your own names in it.")


@workflow.command()
@as_json
def history(as_json: bool) -> None:
    """List the revisions, newest first; refused ones too."""
    from helpdesk.workflows import revisions

    with opened():
        rows = [
            {
                "id": row.id,
                "at": row.created_at.isoformat(timespec="seconds"),
                "origin": row.origin,
                "author": row.author,
                "note": row.note,
                "status": "refused" if row.activated_at is None else "was active",
                "problems": row.problems,
            }
            for row in revisions.history()
        ]
    active = next((row for row in rows if row["status"] != "refused"), None)
    if active:
        active["status"] = "active"
    if as_json:
        show_json(rows)
        return
    columns = {"id": "REV", "at": "WHEN", "status": "STATUS", "origin": "FROM", "author": "WHO", "note": "NOTE"}
    show_table(rows, columns)


@workflow.command()
@click.argument("revision", type=int)
def show(revision: int) -> None:
    """Print a revision's text."""
    from helpdesk.workflows import revisions

    with opened():
        files = dict(revisions.get(revision).files)
    for name, text in files.items():
        click.echo(text if len(files) == 1 else f"# {name}\n{text}", nl=not text.endswith("\n"))


@workflow.command()
@click.argument("earlier", type=int)
@click.argument("later", type=int)
@click.option("--summary", is_flag=True, help="Only in words, without the lines of the text.")
@as_json
def diff(earlier: int, later: int, summary: bool, as_json: bool) -> None:
    """Show what changed from one revision to another: in words, then the text."""
    from helpdesk.cli.rollout import show_differences

    with opened():
        show_differences(earlier, later, summary=summary, as_json=as_json)


@workflow.command()
@the_file
@the_moves
@click.option("--test", "tests", is_flag=True, help="Run the file's own tests as well.")
@as_json
def plan(path: Path | None, moves: tuple[str, ...], tests: bool, as_json: bool) -> None:
    """Say what a file would do to the tickets that are live. Changes nothing.

    Exit code 0: it can be applied. 1: it has errors, or tickets would be stranded. 2: it cannot be read.
    """
    from helpdesk.rollout.plan import plan as planned

    texts = _texts(_path(path))
    with opened():
        found = planned(texts, moves=_moves(moves), tests=tests)
    if as_json:
        show_json(found.as_dict())
    else:
        show_plan(found)
    if not found.ready:
        raise click.exceptions.Exit(FAILED)


@workflow.command()
@the_file
@the_moves
@click.option("--note", default="", help="Why, for the history.")
@as_json
def apply(path: Path | None, moves: tuple[str, ...], note: str, as_json: bool) -> None:
    """Make a file the active desk, at once and for all processes, and bring its tickets along.

    Refused while it has errors, or while a ticket would be left in a state that is no more.
    """
    from helpdesk.rollout import apply as rollout

    path = _path(path)
    texts = _sound(path)
    with opened() as settings:
        own = path.resolve() == settings.workflow_path
        origin = "file" if own else "command line"
        done = rollout.apply(texts, author=_who(), note=note, origin=origin, moves=_moves(moves))
        show_applied(done, as_json=as_json)
        if not own and not as_json:
            click.echo(f"{settings.workflow_path} stays as it is: file and desk differ now.")


@workflow.command()
@the_file
@click.option("--days", type=click.IntRange(1, 3650), default=30, show_default=True, help="How far back.")
@click.option("--limit", type=click.IntRange(1), default=2000, show_default=True, help="The last so many events.")
@as_json
def replay(path: Path | None, days: int, limit: int, as_json: bool) -> None:
    """Play the past days' events through a changed file and say which would have ended differently. Changes nothing."""
    from helpdesk.rollout.replay import replay as replayed

    texts = _sound(_path(path))
    with opened():
        found = replayed(texts, days=days, limit=limit, progress=show_progress("Playing"))
    if as_json:
        show_json(found.as_dict())
        return
    for sentence in found.sentences:
        click.echo(sentence)


@workflow.command()
@click.argument("revision", type=int)
@the_moves
@click.option("--note", default="", help="Why, for the history.")
@as_json
def rollback(revision: int, moves: tuple[str, ...], note: str, as_json: bool) -> None:
    """Make an earlier revision the active desk again, as a new revision; the workflow file follows."""
    from helpdesk.rollout import apply as rollout

    with opened() as settings:
        done = rollout.rollback(revision, author=_who(), note=note, moves=_moves(moves), path=settings.workflow_path)
        show_applied(done, as_json=as_json)


def _path(path: Path | None) -> Path:
    if path is not None:
        return path
    from config import Settings

    return Settings.from_env().workflow_path


def _runnable(path: Path) -> Desk:
    from helpdesk.workflows.load import load_file

    loaded = load_file(path)
    if loaded.desk is None:
        _show(loaded.findings)
        fail(f"{path} has errors; `helpdesk workflow check` says which.", FAILED)
    return loaded.desk


def _who() -> str:
    """Who sits at the command line, for the history."""
    import getpass

    try:
        return f"{getpass.getuser()} (command line)"
    except (KeyError, OSError):  # a container may run as a user without a name
        return "command line"


def _sound(path: Path) -> dict[str, str]:
    """The file's texts; where they have errors these are shown and the command ends."""
    from helpdesk.workflows import check

    texts = _texts(path)
    errors = [each for each in check.run_texts({**texts}).findings if each.severity == "error"]
    if errors:
        _show(errors)
        fail(f"{path} has errors.", FAILED)
    return texts


def _texts(path: Path) -> dict[str, str]:
    from helpdesk.workflows.load import read_texts

    return {Path(name).name: text.decode("utf-8", "replace") for name, text in read_texts(path).items()}


def _moves(given: tuple[str, ...]) -> dict[tuple[str, str], str]:
    """`workflow.state=state` words as `rollout` reads them."""
    asked: dict[tuple[str, str], str] = {}
    for word in given:
        source, equals, target = word.partition("=")
        workflow_name, dot, state = source.partition(".")
        if not (equals and dot and workflow_name and state and target):
            fail(f"--move wants workflow.state=state, not {word!r}.", UNUSABLE)
        asked[workflow_name, state] = target
    return asked


def _show(findings: list[Finding]) -> None:
    for finding in findings:
        place = click.style(f"{finding.file}:{finding.line}:{finding.column}", bold=True)
        color = "red" if finding.severity == "error" else "yellow"
        click.echo(f"{place}: {click.style(finding.severity, fg=color)} {finding.code}")
        click.echo(
            "  "
            + " ".join(part for part in (finding.path and f"{finding.path}:", finding.message, finding.hint) if part)
        )


def _tell(result: Result) -> None:
    mark = click.style("✗", fg="red") if result.failures else click.style("✓", fg="green")
    click.echo(f"{mark} {result.name}")
    for failure in result.failures:
        click.echo(f"    {failure}")


def _sum_up(report: Report) -> None:
    if report.findings:
        _show(list(report.findings))
        return
    if report.untested:
        click.echo(f"\nNo test covers {_counted(len(report.untested), 'transition')}:")
        for transition in report.untested:
            click.echo(f"  {transition}")
    failed = len([result for result in report.results if result.failures])
    arrows = len(report.covered) + len(report.untested)
    covered = f"{len(report.covered)} of {_counted(arrows, 'transition')} covered"
    click.echo(f"\n{_counted(len(report.results), 'test')}, {failed} failed; {covered}.")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
