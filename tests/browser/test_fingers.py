"""What a finger presses on a phone is as large as a fingertip, 44 pixels high, on every kind of page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from config import Settings
from helpdesk import alarms
from helpdesk.db import writing
from tests.browser.steps import come_in, sign_in, the_head
from tests.cast import Character
from tests.plugins.post import Post, letter
from tests.servers.browser import PHONE, OpenPage, look
from tests.servers.desk import ROOT

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# Links within a sentence or a row, and what stands in a label, are pressed by the line they stand on.
TOO_SMALL = """() => {
  const pressed = ["button", "summary", "select", ".button", ".input", ".choice", ".rating label", ".menu-item",
    ".tabs a", ".site-nav > a", ".back-link", ".at"].join();
  const line = '[data-kind="link"], .rating input';
  return [...document.querySelectorAll(pressed)]
    .filter((each) => each.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !each.matches(line))
    .filter((each) => Math.round(each.getBoundingClientRect().height) < 44)
    .map((each) => `${each.getBoundingClientRect().height} high: ${each.outerHTML.slice(0, 120)}`);
}"""
QUOTES = "It still burns.\n\nOn Mon, 12 Jan 2026, Ann wrote:\n> Which floor?\n> And which room?\n"
SAYS = """(text) => document.dispatchEvent(new CustomEvent("toast", { detail: { text, kind: "error" } }))"""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, demo=True, workflows=str(ROOT / "workflows.yaml"))


@pytest.fixture
def page(new_page: OpenPage) -> Page:
    return new_page(viewport=PHONE, has_touch=True, reduced_motion="reduce")


@pytest.fixture
def boris(app: Flask) -> Character:
    return the_head(app)


def test_at_the_desk(app: Flask, address: str, page: Page, boris: Character, olga: Character) -> None:
    case = olga.writes("Printer on fire")
    with app.app_context(), writing():
        alarms.sound("disk", "The disk is nearly full.")
    sign_in(page, address, boris.email)
    for path in (case.ref, f"{case.ref}/do/reply", f"{case.ref}/do/details", "new"):
        page.goto(f"{address}/desk/tickets/{path}")
        look(page, f"fingers-{path.replace('/', '-')}")
        assert page.evaluate(TOO_SMALL) == [], path
    for path in ("people", "outbox", "quarantine", "alarms"):
        page.goto(f"{address}/admin/{path}")
        look(page, f"fingers-{path}")
        assert page.evaluate(TOO_SMALL) == [], path


def test_where_customers_are(app: Flask, address: str, page: Page, olga: Character) -> None:
    case = olga.writes("Printer on fire")
    for path in ("/", "/forms/repair", "/my/sign-in"):
        page.goto(address + path)
        assert page.evaluate(TOO_SMALL) == [], path
    come_in(app, page, address, olga.email)
    for path in ("/my/requests", f"/my/requests/{case.ref}", "/my/profile"):
        page.goto(address + path)
        assert page.evaluate(TOO_SMALL) == [], path


def test_an_error_that_is_said_can_be_closed(address: str, page: Page, boris: Character, olga: Character) -> None:
    """However long its sentence is."""
    case = olga.writes("Printer on fire")
    sign_in(page, address, boris.email)
    page.goto(f"{address}/desk/tickets/{case.ref}")
    page.wait_for_load_state("load")
    page.evaluate(SAYS, "Nothing was saved. " * 12)
    said = page.locator(".toast")
    said.evaluate("toast => Promise.all(toast.getAnimations().map((each) => each.finished))")
    size = said.get_by_role("button", name="Close").bounding_box()
    assert size is not None
    assert (size["width"], size["height"]) == (44, 44)
    said.get_by_role("button", name="Close").click()
    expect(said).to_have_count(0)


def test_what_is_quoted_is_unfolded_by_a_round_button_with_its_dots_in_the_middle(
    address: str, page: Page, post: Post, boris: Character
) -> None:
    case = post.case(letter("olga@example.org", QUOTES, to="support@localhost"))
    sign_in(page, address, boris.email)
    page.goto(f"{address}/desk/tickets/{case.ref}")
    button = page.locator(".quoted > summary")
    size, dots = button.bounding_box(), button.locator(".icon").bounding_box()
    assert size
    assert dots
    assert (size["width"], size["height"]) == (44, 44)
    assert dots["x"] + dots["width"] / 2 == pytest.approx(size["x"] + 22, abs=1)
    look(page, "fingers-quoted")
    button.click()
    expect(page.locator(".quoted blockquote")).to_be_visible()


def test_the_rest_of_the_buttons_is_in_sight(address: str, page: Page, boris: Character, olga: Character) -> None:
    """The bar of actions is wider than a phone; that there are more is always seen."""
    case = olga.writes("Printer on fire")
    sign_in(page, address, boris.email)
    page.goto(f"{address}/desk/tickets/{case.ref}")
    expect(page.get_by_label("More actions")).to_be_in_viewport(ratio=1)
    page.get_by_label("More actions").click()
    expect(page.get_by_role("button", name="Spam")).to_be_in_viewport(ratio=1)
    look(page, "fingers-more")
    page.get_by_role("link", name="Details", exact=True).click()
    expect(page.get_by_label("Subject")).to_be_visible()
