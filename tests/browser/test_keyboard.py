"""The desk without a mouse: single keys, where the focus goes, and that no key does anything while somebody types."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from config import Settings
from tests.browser.steps import sheet
from tests.cast import Case, Character
from tests.servers.browser import PHONE, OpenPage
from tests.servers.desk import ROOT
from tests.visitor import PASSWORD, give_password

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, workflows=str(ROOT / "workflows.yaml"))


@pytest.fixture
def cases(olga: Character) -> list[Case]:
    return [olga.writes("Printer on fire"), olga.writes("Lamp does not shine")]


@pytest.fixture
def desk(app: Flask, address: str, page: Page, ann: Character, cases: list[Case]) -> Page:
    return at_the_desk(app, address, page, ann)


def at_the_desk(app: Flask, address: str, page: Page, who: Character) -> Page:
    give_password(app, who.email)
    page.goto(f"{address}/account/sign-in")
    page.get_by_label("E-mail").fill(who.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Open")).to_be_visible()
    listens(page)
    return page


def listens(page: Page) -> None:
    """The page's script has come and hears keys, and htmx has what they press."""
    page.wait_for_load_state("load")
    expect(page.locator("html[data-keys]")).to_be_attached()


def test_a_ticket_is_found_answered_and_left_by_keys_alone(desk: Page, cases: list[Case]) -> None:
    desk.keyboard.press("j")
    expect(desk.get_by_role("link", name="Lamp does not shine")).to_be_focused()
    desk.keyboard.press("j")
    desk.keyboard.press("Enter")
    expect(desk).to_have_url(re.compile(f"/desk/tickets/{cases[0].ref}$"))
    listens(desk)
    desk.keyboard.press("n")
    words = sheet(desk)
    expect(words).to_be_focused()
    desk.keyboard.type("jknrau/?c is not a command")
    expect(words).to_have_text("jknrau/?c is not a command")
    expect(desk.locator("dialog[open]")).to_have_count(0)
    desk.keyboard.press("Control+Enter")
    expect(desk.locator(".timeline")).to_contain_text("is not a command")
    expect(desk.locator("#ticket")).to_be_focused()  # not lost at the top of the page
    desk.keyboard.press("u")
    expect(desk.get_by_role("heading", level=1, name="Open")).to_be_visible()


def test_escape_leaves_what_is_being_written_and_closes_what_is_open(desk: Page, cases: list[Case]) -> None:
    desk.keyboard.press("/")
    search = desk.get_by_role("searchbox", name="Search tickets")
    expect(search).to_be_focused()
    desk.keyboard.type("c")
    desk.keyboard.press("Escape")
    expect(search).not_to_be_focused()
    desk.keyboard.press("?")
    expect(desk.locator("dialog#keys-help")).to_be_visible()
    desk.keyboard.press("c")
    desk.keyboard.press("Escape")
    expect(desk.locator("dialog[open]")).to_have_count(0)
    menu = desk.locator(".desk-side summary.me")
    menu.focus()
    desk.keyboard.press("Enter")
    desk.keyboard.press("ArrowDown")
    expect(desk.get_by_role("link", name="Password")).to_be_focused()
    desk.keyboard.press("Escape")
    expect(menu).to_be_focused()
    expect(desk.locator("details[open]")).to_have_count(0)

    desk.goto(f"{desk.url.split('/desk')[0]}/desk/tickets/{cases[0].ref}/do/note")
    listens(desk)
    words = sheet(desk)
    expect(words).to_be_focused()
    desk.keyboard.type("A thought")
    desk.keyboard.press("Escape")
    expect(words).not_to_be_focused()
    expect(words).to_have_text("A thought")
    desk.keyboard.press("u")
    expect(desk.get_by_role("heading", level=1, name="Open")).to_be_visible()


def test_what_did_not_fit_on_the_bar_is_reached_by_arrows_and_the_focus_comes_back(
    desk: Page, address: str, cases: list[Case]
) -> None:
    desk.goto(f"{address}/desk/tickets/{cases[0].ref}")
    listens(desk)
    more = desk.get_by_label("More actions")
    more.focus()
    desk.keyboard.press("Enter")
    desk.keyboard.press("ArrowDown")
    expect(desk.get_by_role("button", name="Spam")).to_be_focused()
    desk.keyboard.press("ArrowUp")
    expect(desk.get_by_role("link", name="Why is a button missing?")).to_be_focused()
    desk.keyboard.press("ArrowDown")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="Spam: are you sure?")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.locator("dialog[open]")).to_have_count(0)
    expect(more).to_be_focused()
    assert cases[0].state == "new"


def test_whoever_skips_to_the_content_lands_at_the_ticket_and_sees_where_they_are(
    desk: Page, address: str, cases: list[Case]
) -> None:
    """Not before fifty rows of the list beside it."""
    desk.goto(f"{address}/desk/tickets/{cases[0].ref}")
    listens(desk)
    expect(desk.locator(".pane-list [data-row]")).to_have_count(2)
    desk.keyboard.press("Tab")
    expect(desk.get_by_role("link", name="Skip to the content")).to_be_focused()
    desk.keyboard.press("Enter")
    seen = []
    for _ in range(6):
        desk.keyboard.press("Tab")
        seen.append(
            desk.evaluate(
                """() => {
                  const here = document.activeElement;
                  return [Boolean(here.closest("#ticket")), getComputedStyle(here).outlineStyle];
                }"""
            )
        )
    assert seen == [[True, "solid"]] * 6


def test_on_a_phone_the_drawers_open_and_close_by_keys(
    app: Flask, address: str, new_page: OpenPage, ann: Character, cases: list[Case]
) -> None:
    page = at_the_desk(app, address, new_page(viewport=PHONE), ann)
    page.goto(f"{address}/desk/tickets/{cases[0].ref}")
    listens(page)
    for opener, drawer in (("Menu", "#side"), ("Details", "#props")):
        page.get_by_role("button", name=opener).focus()
        page.keyboard.press("Enter")
        expect(page.locator(drawer)).to_be_in_viewport()
        page.keyboard.press("Escape")
        expect(page.locator(drawer)).not_to_be_in_viewport()
        expect(page.get_by_role("button", name=opener)).to_be_focused()


def test_the_keys_can_be_switched_off(desk: Page, cases: list[Case]) -> None:
    """WCAG 2.1.4."""
    desk.keyboard.press("?")
    desk.get_by_text("Single keys work on this computer").click()
    desk.keyboard.press("Escape")
    desk.reload()
    listens(desk)
    desk.keyboard.press("?")
    desk.keyboard.press("c")
    expect(desk.locator("dialog[open]")).to_have_count(0)
    expect(desk.get_by_role("heading", level=1, name="Open")).to_be_visible()
