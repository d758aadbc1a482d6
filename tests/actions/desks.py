"""Small desks written for one question each: the cast's roles and groups, one workflow, one mailbox."""

from __future__ import annotations

from textwrap import dedent, indent

from flask import Flask

from helpdesk.workflows import revisions

DESK = """\
version: 1
company: {{name: Acme, url: "https://acme.example", languages: [en], timezone: Europe/Tallinn, currency: EUR}}
roles:
  agent: {{label: Agent, may: [create, be_assigned]}}
  engineer: {{label: Engineer, may: [be_assigned]}}
  accountant: {{label: Accountant}}
  manager: {{label: Manager, includes: [agent]}}
groups:
  front: {{label: Front, roles: [agent]}}
  workshop: {{label: Workshop, roles: [engineer]}}
{fields}
workflows:
  case:
    label: Cases
    initial: {initial}
    ref: "C-{{number}}"
{workflow}
    states:
{states}
    actions:
{actions}
sources:
  support_mail: {{type: email, address: support@acme.example, workflow: case{source}}}
{sources}
"""
OPEN = "label: Open, customer_label: Open, visible_to: [everyone]"  # what a state needs that is not asked about
DONE = f"done: {{{OPEN}, final: true, actions: [again]}}"
AGAIN = "again: {type: reopen, label: Again, allow: [everyone], to: new}"
MAIL = "subject: Word, body: Text"


def in_force(app: Flask, **parts: str) -> None:
    """Make the desk of these parts (`text_of`) the active one."""
    with app.app_context():
        revisions.adopt(text_of(**parts), author="a test")


def text_of(
    *,
    states: str,
    actions: str,
    fields: str = "",
    workflow: str = "",
    initial: str = "new",
    source: str = "",
    sources: str = "",
) -> str:
    """The desk as text. Each part is YAML at its own indentation."""
    parts = {
        "fields": f"fields:\n{_at(2, fields)}" if fields else "",
        "workflow": _at(4, workflow),
        "states": _at(6, states),
        "actions": _at(6, actions),
        "initial": initial,
        "source": source,
        "sources": _at(2, sources),
    }
    return DESK.format(**parts)


def _at(column: int, text: str) -> str:
    return indent(dedent(text).strip("\n"), " " * column)
