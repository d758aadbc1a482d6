"""A desk for questions of routing: two groups, an action a way of giving a ticket, and entries of `routing`."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask

from helpdesk.db import writing
from helpdesk.people import find
from helpdesk.workflows import revisions
from tests.cast import Character, hire

DESK = """\
version: 1
company: {{name: Acme, url: "https://acme.example", languages: [en], timezone: Europe/Tallinn, currency: EUR}}
roles:
  agent: {{label: Agent, may: [create, be_assigned]}}
  engineer: {{label: Engineer, may: [be_assigned]}}
  clerk: {{label: Clerk}}
groups:
  front: {{label: Front, roles: [agent]}}
  workshop: {{label: Workshop, roles: [engineer]}}
routing:
{routing}
workflows:
  case:
    label: Cases
    initial: new
    ref: "C-{{number}}"
    states:
      new: {{label: New, customer_label: New, visible_to: [agent, clerk], actions: [give, reply, take, hand, close],
        on_message: {{customer: customer_reply}}}}
      shop: {{label: Shop, customer_label: Shop, visible_to: [engineer], actions: [close]}}
      done: {{label: Done, customer_label: Done, visible_to: [everyone], final: true, actions: [again]}}
    actions:
      give: {{type: assign, label: Give, allow: [agent], assign: {{group: front, by: {by}}}}}
      reply: {{type: reply, label: Reply, allow: [agent], customer: see, fields: [message]}}
      customer_reply: {{type: customer_message, label: Answer, customer: run, to: new, fields: [message]}}
      take: {{type: assign, label: Take, allow: [agent], assign: actor}}
      hand: {{type: forward, label: Hand, allow: [agent], to: shop, fields: [message],
        assign: {{group: workshop, by: {by}}}}}
      close: {{type: close, label: Close, allow: [agent, engineer], to: done}}
      again: {{type: reopen, label: Again, allow: [everyone], to: new}}
sources:
  support_mail: {{type: email, address: support@acme.example, workflow: case{source}}}
"""


def in_force(app: Flask, *, by: str = "entry", routing: str = "entry: {by: least_busy}", source: str = "") -> None:
    """Make this desk the active one: `give` and `hand` go by `by`."""
    with app.app_context():
        revisions.adopt(DESK.format(by=by, routing=f"  {routing}", source=source), author="a test")


def agent(app: Flask, name: str, *, tier: str = "", groups: Sequence[str] = ("front",)) -> Character:
    """Somebody of the front line."""
    who = hire(app, f"{name.lower()}@acme.example", name, groups=groups)
    if tier:
        with app.app_context(), writing():
            person = find.by_email(who.email)
            assert person is not None
            person.tier = tier
    return who
