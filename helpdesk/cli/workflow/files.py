"""The workflow file a command is about: finding it, reading it, and what is printed of its faults."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from helpdesk.cli.errors import FAILED, fail

if TYPE_CHECKING:
    from collections.abc import Iterable

    from helpdesk.workflows.findings import Finding
    from helpdesk.workflows.schema import Desk

the_file = click.argument("path", required=False, type=click.Path(path_type=Path))


def the_path(path: Path | None) -> Path:
    """What was given, else the file or folder of HELPDESK_WORKFLOWS."""
    if path is not None:
        return path
    from config import Settings

    return Settings.from_env().workflow_path


def runnable(path: Path) -> Desk:
    """The desk a file describes; where it has errors these are shown and the command ends."""
    from helpdesk.workflows.load import load_file

    loaded = load_file(path)
    if loaded.desk is None:
        show_findings(loaded.findings)
        fail(f"{path} has errors; `helpdesk workflow check` says which.", FAILED)
    return loaded.desk


def sound(path: Path) -> dict[str, str]:
    """The file's texts; where they have errors these are shown and the command ends."""
    from helpdesk.workflows import check

    texts = texts_of(path)
    errors = [each for each in check.run_file(path).findings if each.severity == "error"]
    if errors:
        show_findings(errors)
        fail(f"{path} has errors.", FAILED)
    return texts


def texts_of(path: Path) -> dict[str, str]:
    """The file's texts as a revision keeps them. Raises OSError."""
    from helpdesk.workflows import revisions
    from helpdesk.workflows.load import read_texts

    return revisions.named_files(read_texts(path))


def show_findings(findings: Iterable[Finding]) -> None:
    """Each with its place, its code, the sentence and the hint."""
    for finding in findings:
        place = click.style(f"{finding.file}:{finding.line}:{finding.column}", bold=True)
        color = "red" if finding.severity == "error" else "yellow"
        click.echo(f"{place}: {click.style(finding.severity, fg=color)} {finding.code}")
        click.echo(
            "  "
            + " ".join(part for part in (finding.path and f"{finding.path}:", finding.message, finding.hint) if part)
        )
