"""`show_if` means the same in the page and on the server: one table of cases, asked of both; and a form follows it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from config import Settings
from helpdesk.web import conditional
from helpdesk.workflows import conditions
from helpdesk.workflows.schema import Field, Input
from tests.actions.desks import DONE, OPEN, in_force
from tests.at_the_desk import AtTheDesk
from tests.browser.steps import sign_in
from tests.cast import Character
from tests.conditions import CASES, CHOICES, KINDS, read
from tests.visitor import give_password

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ASK = """async (cases) => {
    const site = document.querySelector("script[src*='/js/site.js']").src;
    const { entered, truth } = await import(site.replace("site.js", "conditions.js"));
    return cases.map(([tree, raws]) => truth(tree, (name, kind) => entered(kind, raws[name] ?? [], "EUR")));
}"""


def test_the_page_and_the_server_agree(address: str, page: Page) -> None:
    fields = {name: Field(name=name, type=kind, label=name, choices=CHOICES) for name, kind in KINDS.items()}
    asked = [Input(name=name, field=each) for name, each in fields.items()]
    held, names = {"kept": "blue"}, {"customer": {"category": "vip"}}
    trees = [conditional.tree(text, asked, held=held, names=names) for text, _ in CASES]
    assert None not in trees
    page.goto(f"{address}/account/sign-in")
    in_the_page = page.evaluate(ASK, [[tree, raws] for tree, (_, raws) in zip(trees, CASES, strict=True)])
    on_the_server = [conditions.holds(text, {**names, "fields": held | read(fields, raws)}) for text, raws in CASES]
    differ = [
        (text, raws, there, here)
        for (text, raws), there, here in zip(CASES, on_the_server, in_the_page, strict=True)
        if there != here
    ]
    assert differ == []
    assert set(on_the_server) == {True, False}


ACTIONS = """
    quote:
      type: set_fields
      label: Quote
      allow: [agent]
      fields:
        - price
        - {use: reason, show_if: "fields.price > 1000", required: true}
        - {use: boss, show_if: "fields.reason == 'large'"}
    close: {type: close, label: Close, allow: [agent], to: done}
    again: {type: reopen, label: Again, allow: [everyone], to: new}
"""
FIELDS = """
    price: {type: money, label: Price, keep: ticket}
    reason:
      type: choice
      label: Reason
      choices: {large: Large job, new: New part, old: Old part, odd: Odd, other: Other}
      keep: ticket
    boss: {type: text, label: Who allowed it, keep: ticket}
"""


class TestAForm:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, workflows=str(Path(__file__).parents[1] / "desk.yaml"))

    def test_it_follows_what_is_entered(
        self, app: Flask, address: str, page: Page, olga: Character, ann: Character
    ) -> None:
        in_force(
            app,
            states=f"new: {{{OPEN}, actions: [quote, close]}}\n{DONE}",
            actions=ACTIONS,
            fields=FIELDS,
            workflow="fields: [price, reason, boss]",
        )
        give_password(app, ann.email)
        case = olga.writes("Hello")
        sign_in(page, address, ann.email)
        page.goto(f"{address}/desk/tickets/{case.ref}/do/quote")
        price, reason = page.get_by_label("Price"), page.get_by_label("Reason")
        boss = page.get_by_label("Who allowed it")
        expect(reason).to_be_hidden()
        price.fill("1 000,01")
        expect(reason).to_be_visible()
        expect(boss).to_be_hidden()
        reason.select_option("large")
        expect(boss).to_be_visible()
        price.fill("1000")
        expect(reason).to_be_hidden()
        expect(boss).to_be_hidden()
        page.locator("form.composer").get_by_role("button", name="Quote").click()
        page.get_by_text("Quote: Price").wait_for()
        assert set(case.fields) == {"price"}
        assert AtTheDesk(app, ann).does(case, "quote", price="2000", reason="", boss="").status_code == 422
