"""`show_if` means the same in the page and on the server: one table of cases, asked of both; and a form follows it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from config import Settings
from helpdesk.web import conditional
from helpdesk.workflows import conditions
from helpdesk.workflows.kinds import field_types
from helpdesk.workflows.schema import Field, Input
from tests.actions.desks import DONE, OPEN, in_force
from tests.at_the_desk import AtTheDesk
from tests.browser.steps import sign_in
from tests.cast import Character
from tests.visitor import give_password

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

KINDS = {
    "price": "money", "size": "number", "stars": "rating", "day": "date", "kind": "choice", "extras": "multichoice",
    "urgent": "checkbox", "name": "text", "mail": "email", "who": "user",
}  # fmt: skip
CHOICES = {"technical": "Technical", "billing": "Billing", "12": "Twelve"}
CASES: tuple[tuple[str, dict[str, list[str]]], ...] = (
    ("fields.price > 1000", {"price": ["1000.01"]}),
    ("fields.price > 1000", {"price": ["1 000,00"]}),
    ("fields.price > 1000", {"price": ["1000,01 EUR"]}),
    ("fields.price > 999.99", {"price": ["1000"]}),
    ("fields.price > 1000", {"price": ["9"]}),
    ("fields.price == 0.1", {"price": ["0.10"]}),
    ("fields.price != 5", {"price": [""]}),
    ("fields.price < 5", {}),
    ("not fields.price", {"price": ["0"]}),
    ("fields.price", {"price": ["0.00"]}),
    ("fields.price == '12.50'", {"price": ["12.5"]}),
    ("fields.size * 2 > fields.price", {"size": ["6"], "price": ["11.99"]}),
    ("fields.size + 0.1 == 0.3", {"size": ["0.2"]}),
    ("fields.size - fields.price <= -1", {"size": ["1"], "price": ["2"]}),
    ("-fields.size < -99999999999999", {"size": ["99999999999999.5"]}),
    ("fields.size|abs == 3", {"size": ["-3"]}),
    ("1 < fields.size <= 3", {"size": ["3"]}),
    ("1 < fields.size <= 3", {"size": ["1.0"]}),
    ("fields.size in [1, '2', 3]", {"size": ["2.00"]}),
    ("fields.size not in [1, 2]", {"size": [""]}),
    ("fields.size == 1e2", {"size": ["1E2"]}),
    ("fields.stars >= 4", {"stars": ["4"]}),
    ("fields.day > '2026-03-31'", {"day": ["2026-04-01"]}),
    ("fields.day > '2026-03-31'", {"day": ["2026-03-31"]}),
    ("fields.day <= '2026-03-31' and fields.day >= '2026-03-01'", {"day": ["2026-03-02"]}),
    ("fields.day != '2026-03-31'", {"day": [""]}),
    ("fields.kind == 'technical'", {"kind": ["technical"]}),
    ("fields.kind == 'technical'", {"kind": [""]}),
    ("fields.kind != 'technical'", {"kind": ["billing"]}),
    ("fields.kind != 'technical'", {"kind": [""]}),
    ("fields.kind in ['technical', 'billing']", {"kind": ["billing"]}),
    ("fields.kind not in ['technical', 'billing']", {"kind": ["12"]}),
    ("fields.kind == 12", {"kind": ["12"]}),
    ("fields.kind in 'technical and more'", {"kind": ["technical"]}),
    ("'technical' in fields.extras", {"extras": ["technical", "billing"]}),
    ("'billing' in fields.extras", {"extras": ["technical"]}),
    ("fields.extras == ['technical']", {"extras": ["technical"]}),
    ("fields.extras|length > 1", {"extras": ["technical", "billing"]}),
    ("fields.extras", {"extras": ["technical"]}),
    ("fields.urgent", {"urgent": ["no", "yes"]}),
    ("fields.urgent", {"urgent": ["no"]}),
    ("fields.urgent == true", {"urgent": ["no", "yes"]}),
    ("fields.urgent == false", {"urgent": ["no"]}),
    ("fields.urgent == 'true'", {"urgent": ["no", "yes"]}),
    ("fields.urgent == 1", {"urgent": ["no", "yes"]}),
    ("fields.urgent != 1", {"urgent": ["no", "yes"]}),
    ("fields.name == 'Olga  T'", {"name": ["  Olga   T "]}),
    ("fields.name|lower == 'olga t'", {"name": ["Olga   T "]}),
    ("fields.name|upper == 'ÕUN'", {"name": ["õun"]}),
    ("fields.name|trim|length == 2", {"name": [" 🚲🚲 "]}),
    ("fields.name > 'Z'", {"name": ["a"]}),
    ("fields.name > '\uffee'", {"name": ["🚲"]}),
    ("fields.name > 5", {"name": ["10"]}),
    ("fields.name > 5", {"name": ["ten"]}),
    ("fields.name", {"name": ["   "]}),
    ("fields.name is defined", {"name": [""]}),
    ("fields.name is undefined", {"name": [""]}),
    ("fields.name is not none", {"name": ["x"]}),
    ("'ann' in fields.mail", {"mail": ["ann@example.org"]}),
    ("fields.who == 'ann@example.org'", {"who": ["Ann@Example.org"]}),
    ("fields.kind == 'billing' or fields.price > 5 and not fields.urgent", {"price": ["6"], "urgent": ["no"]}),
    ("(fields.price if fields.urgent else fields.size) > 5", {"price": ["6"], "size": ["1"], "urgent": ["no", "yes"]}),
    ("(fields.price if fields.urgent) > 5", {"price": ["6"], "urgent": ["no"]}),
    ("fields.size or fields.name", {"size": ["0"], "name": ["x"]}),
    ("fields.kept == 'blue' and customer.category == 'vip'", {}),
    ("fields.kept == 'blue' and customer.category == 'new'", {}),
    ("customer.nothing != 'x'", {}),
)  # fmt: skip
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


def read(fields: dict[str, Field], raws: dict[str, list[str]]) -> dict[str, Any]:
    """What was entered, as the doors read it."""
    return {
        name: field_types.get(fields[name].type)().read(
            raw if fields[name].type == "multichoice" else raw[-1], fields[name], currency="EUR", zone="UTC"
        )
        for name, raw in raws.items()
        if any(each.strip() for each in raw)
    }


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
