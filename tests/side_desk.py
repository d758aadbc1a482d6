"""The tests' desk with actions that ask third parties, publish what they answer, and let people read along."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from helpdesk.workflows import revisions
from tests.conftest import DESK

ACTIONS = """
      ask_outside: {type: consult, label: Ask outside, allow: [agent], fields: [message, files], answered: came}
      came:
        type: set_fields
        label: An answer came
        automatic: true
        to: [{when: "ticket.state == 'waiting'", to: new}, {to: same}]
      publish:
        type: publish
        label: Publish
        allow: [agent]
        fields: [message, files]
        emails: [{to: [customer], template: answer, attach: true}]
      share: {type: share, label: In copy, allow: [agent]}
      join: {type: merge, label: Merge, allow: [agent]}
"""


def text() -> str:
    written = Path(DESK).read_text()
    offered = "actions: [reply, comment, quote, close]"
    for old, new in (
        ("quote, comment, close, spam]", "quote, comment, ask_outside, publish, share, join, close, spam]"),
        (offered, offered.replace("close", "ask_outside, publish, share, close")),
        ("\n      spam: {type: delete", f"{ACTIONS}      spam: {{type: delete"),
    ):
        assert old in written
        written = written.replace(old, new)
    return written


def adopt(app: Flask, changed: str | None = None) -> None:
    """Put this desk in force."""
    with app.app_context():
        adopted = revisions.adopt(changed or text(), author="the tests")
        assert adopted.revision, [str(finding) for finding in adopted.findings]
