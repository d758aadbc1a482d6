"""`helpdesk workflow check`, `schema`, `test` and `init`: what whoever writes a file asks for. No database of the
desk's is opened.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from helpdesk.cli.desk import as_json, show_json
from helpdesk.cli.errors import FAILED, fail
from helpdesk.cli.workflow.files import show_findings, the_file, the_path
from helpdesk.text.counted import counted

if TYPE_CHECKING:
    from helpdesk.rollout.report import Report, Result


@click.command()
@the_file
@click.option("--strict", is_flag=True, help="Warnings count as errors.")
@as_json
def check(path: Path | None, strict: bool, as_json: bool) -> None:
    """Say what is wrong with a workflow file.

    Exit code 0: clean. 1: errors. 2: cannot be read.
    """
    from helpdesk.workflows.check import run_file

    path = the_path(path)
    findings = run_file(path).findings
    bad = [finding for finding in findings if strict or finding.severity == "error"]
    if as_json:
        show_json([finding.as_dict() for finding in findings])
    else:
        show_findings(findings)
        warnings = len(findings) - len([one for one in findings if one.severity == "error"])
        click.echo(f"{path}: {counted(len(findings) - warnings, 'error')}, {counted(warnings, 'warning')}.")
    if bad:
        raise click.exceptions.Exit(FAILED)


@click.command()
def schema() -> None:
    """Print the JSON Schema of the language, for editors."""
    from helpdesk.workflows.json_schema import json_schema

    show_json(json_schema())


@click.command(short_help="Run the tests that stand in a workflow file.")
@the_file
@as_json
def test(path: Path | None, as_json: bool) -> None:
    """Run the tests that stand in a workflow file: offline, on a desk in memory, with a simulated clock.

    Exit code 0: all passed. 1: some failed, or the file has errors. 2: it cannot be read.
    """
    from helpdesk.rollout import testing
    from helpdesk.workflows.load import read_texts

    report = testing.run(read_texts(the_path(path)), done=None if as_json else _tell)
    if as_json:
        show_json(report.as_dict())
    else:
        _sum_up(report)
    if not report.passed:
        raise click.exceptions.Exit(FAILED)


@click.command()
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
    path = the_path(path)
    path = path / "workflows.yaml" if path.is_dir() else path
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        fail(f"{path} is there already; --force writes over it.", FAILED)
    click.echo(f"{path} is the workflow “{template}”. Next: helpdesk workflow check {path}, and your own names in it.")


def _tell(result: Result) -> None:
    mark = click.style("✗", fg="red") if result.failures else click.style("✓", fg="green")
    click.echo(f"{mark} {result.name}")
    for failure in result.failures:
        click.echo(f"    {failure}")


def _sum_up(report: Report) -> None:
    if report.findings:
        show_findings(report.findings)
        return
    if report.untested:
        click.echo(f"\nNo test covers {counted(len(report.untested), 'transition')}:")
        for transition in report.untested:
            click.echo(f"  {transition}")
    failed = len([result for result in report.results if result.failures])
    arrows = len(report.covered) + len(report.untested)
    covered = f"{len(report.covered)} of {counted(arrows, 'transition')} covered"
    click.echo(f"\n{counted(len(report.results), 'test')}, {failed} failed; {covered}.")
