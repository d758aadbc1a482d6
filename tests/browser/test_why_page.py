"""The page that explains, by eye: in both themes, wide and narrow, with a table of scores and with long words (N7)."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.steps import sign_in
from tests.cast import Character, hire
from tests.routing.desks import agent, in_force
from tests.servers.browser import DESKTOP, PHONE, OpenPage, look
from tests.visitor import give_password

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.parametrize(
        ("scheme", "size"), [("light", DESKTOP), ("dark", PHONE)], ids=["light-wide", "dark-narrow"]
    ),
]
ENTRY = (
    "entry: {by: first_line_first, prefer: [ticket_owner, last_agent], capacity: {email: 1}, "
    "tiers: [junior, senior], overflow_after: 2h}"
)


@pytest.fixture
def page(new_page: OpenPage, scheme: str, size: dict[str, int]) -> Page:
    return new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")


def test_a_missing_button_is_found_from_the_ticket_and_explained(
    page: Page, address: str, olga: Character, ann: Character, app: Flask, scheme: str
) -> None:
    case = olga.writes("The printer on the second floor " + "burns " * 30)
    give_password(app, ann.email)
    sign_in(page, address, ann.email)
    page.goto(f"{address}/desk/tickets/{case.ref}")
    look(page, f"why-from-here-{scheme}")
    page.locator("#ticket-actions summary").click()
    page.get_by_role("link", name="Why is a button missing?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Why?")
    look(page, f"why-ticket-{scheme}")
    page.get_by_role("link", name="Receive payment").click()
    expect(page.get_by_text("Ann has no button “Receive payment”.")).to_be_visible()
    look(page, f"why-missing-{scheme}")
    page.get_by_role("link", name="Quote a price").click()
    expect(page.get_by_text("fields.price > 1000 does not hold")).to_be_visible()
    look(page, f"why-branches-{scheme}")


def test_an_administrator_reads_the_scores_and_asks_in_somebodys_place(
    page: Page, address: str, olga: Character, app: Flask, scheme: str
) -> None:
    in_force(app, routing=ENTRY, source=", assign: {group: front, by: entry}")
    root = hire(app, "root@acme.example", "Root", groups=["front"], admin=True)
    for name, tier in (("Anton", "junior"), ("Bert", "senior"), ("Cora", "junior")):
        agent(app, name, tier=tier)
    case = olga.writes("The printer burns")
    for number in range(2):
        olga.writes(f"Another {number}")
    give_password(app, root.email)
    sign_in(page, address, root.email)
    page.goto(f"{address}/desk/tickets/{case.ref}/why")
    expect(page.get_by_role("cell", name="Anton chosen")).to_be_visible()
    look(page, f"why-scores-{scheme}")
    page.goto(f"{address}/desk/tickets/{case.ref}/why?action=hand")
    page.get_by_label("In the place of").fill("anton@acme.example")
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("Anton has the button “Hand”.")).to_be_visible()
    look(page, f"why-place-{scheme}")
