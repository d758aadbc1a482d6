"""Somebody else changes the ticket, or the list, just while one is at it: what one has begun goes on (W14)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from config import Settings
from tests.browser.steps import Held, at_the_ticket, listens, sheet, sign_in
from tests.cast import Case, Character
from tests.servers.browser import PHONE, OpenPage
from tests.servers.desk import ROOT
from tests.servers.serving import served
from tests.visitor import give_password

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Rings = Callable[[Page], None]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, workflows=str(ROOT / "workflows.yaml"))


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with served(app) as url:
        yield url


@pytest.fixture
def case(olga: Character) -> Case:
    return olga.writes("Printer on fire")


@pytest.fixture
def rings(case: Case, boris: Character) -> Rings:
    """Boris says something on the ticket, and the page shows it."""

    def rings(page: Page) -> None:
        page.locator("#ticket-actions, #props").evaluate_all("each => each.forEach(one => one.dataset.old = '')")
        boris.performs("note", case, message="Let me look.")
        expect(page.locator("#timeline").get_by_text("Let me look.")).to_have_count(1)
        expect(page.locator("#ticket-actions[data-old], #props[data-old]")).to_have_count(0)

    return rings


@pytest.fixture
def ticket(app: Flask, address: str, page: Page, ann: Character, case: Case) -> Page:
    return at_the_ticket(app, page, address, ann, case)


def link(page: Page, label: str) -> Locator:
    return page.locator("#ticket-actions").get_by_role("link", name=label)


def test_a_click_that_has_begun_ends(ticket: Page, rings: Rings) -> None:
    link(ticket, "Reply").hover()
    ticket.mouse.down()
    rings(ticket)
    ticket.mouse.up()
    expect(sheet(ticket)).to_be_focused()


def test_a_form_that_was_asked_for_comes(ticket: Page, rings: Rings) -> None:
    form = Held(ticket, "**/do/reply")
    link(ticket, "Reply").click()
    form.is_asked()
    rings(ticket)
    form.goes_through()
    expect(sheet(ticket)).to_be_focused()


def test_the_focus_stays(ticket: Page, rings: Rings) -> None:
    link(ticket, "Note").focus()
    rings(ticket)
    expect(link(ticket, "Note")).to_be_focused()


def test_an_open_menu_stays_open_and_keeps_the_focus(ticket: Page, rings: Rings) -> None:
    ticket.get_by_label("More actions").focus()
    ticket.keyboard.press("Enter")
    ticket.keyboard.press("ArrowDown")
    rings(ticket)
    expect(ticket.get_by_role("button", name="Spam")).to_be_focused()


def test_what_is_asked_back_is_done_when_it_is_answered(ticket: Page, case: Case, rings: Rings) -> None:
    ticket.get_by_label("More actions").click()
    ticket.get_by_role("button", name="Spam").click()
    rings(ticket)
    ticket.get_by_role("dialog").get_by_role("button", name="Spam").click()
    expect(ticket.get_by_role("heading", level=1, name="Open")).to_be_visible()  # it is none of Ann's any more
    assert case.state == "trash"


def test_the_drawer_of_a_phone_stays_open(
    app: Flask, address: str, new_page: OpenPage, ann: Character, case: Case, rings: Rings
) -> None:
    page = at_the_ticket(app, new_page(viewport=PHONE), address, ann, case)
    page.get_by_role("button", name="Details").click()
    expect(page.locator("#props")).to_be_in_viewport()
    rings(page)
    expect(page.locator("#props")).to_be_in_viewport()


def test_whoever_walks_over_a_list_by_keys_goes_on_where_they_are(
    app: Flask, address: str, page: Page, ann: Character, olga: Character
) -> None:
    for subject in ("Broken screen", "Lamp does not shine", "Printer on fire"):
        olga.writes(subject)
    give_password(app, ann.email)
    sign_in(page, address, ann.email)
    listens(page)
    for _ in range(2):
        page.keyboard.press("j")
    expect(page.get_by_role("link", name="Lamp does not shine")).to_be_focused()
    olga.writes("Loud fan")
    expect(page.get_by_role("link", name="Loud fan")).to_be_visible()
    expect(page.get_by_role("link", name="Lamp does not shine")).to_be_focused()
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Broken screen")).to_be_focused()
