"""The desk of `outside.yaml`, which speaks to the world outside."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from helpdesk.workflows import revisions

DESK = (Path(__file__).parent / "outside.yaml").read_text()


def adopt(app: Flask) -> None:
    """Put this desk in force."""
    with app.app_context():
        adopted = revisions.adopt(DESK, author="the tests")
        assert adopted.revision, [str(finding) for finding in adopted.findings]
