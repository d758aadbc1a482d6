"""The numbers in the sidebar follow what happens, on a page that stands open, and ask for it sparingly (W14, W53)."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.steps import sign_in
from tests.cast import Character
from tests.servers.serving import served, wait_for_a_listener
from tests.visitor import give_password

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

GAP = 5  # seconds; a page asks at most so often


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with served(app) as url:
        yield url


@pytest.fixture
def desk(app: Flask, address: str, page: Page, ann: Character) -> Page:
    """Ann's queue, listening."""
    give_password(app, ann.email)
    sign_in(page, address, ann.email)
    wait_for_a_listener(app)
    return page


def test_the_numbers_follow_what_arrives_and_what_is_done(desk: Page, olga: Character, boris: Character) -> None:
    expect(desk.locator("[data-count='open']")).to_have_text("")
    case = olga.writes("Printer on fire")
    expect(desk.locator("[data-count='open']")).to_have_text("1")
    expect(desk.locator("[data-count='state:repair.new']")).to_have_text("1")
    expect(desk.get_by_role("link", name="Printer on fire")).to_be_visible()
    boris.performs("quote", case, price="80")  # where Ann does not look any more
    expect(desk.locator("[data-count='state:repair.new']")).to_have_text("")


def test_a_storm_of_events_is_a_handful_of_questions(desk: Page, olga: Character, ann: Character) -> None:
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url) if "/desk/counts" in request.url else None)
    begun = time.monotonic()
    for n in range(30):
        olga.writes(f"Printer {n} on fire")
    expect(desk.locator("[data-count='open']")).to_have_text("30")
    assert len(asked) <= 1 + (time.monotonic() - begun) // GAP


def test_a_ticket_that_was_read_is_counted_no_more(desk: Page, olga: Character) -> None:
    """W53."""
    olga.writes("Printer on fire")
    expect(desk.locator("[data-count='unread']")).to_have_text("1")
    desk.get_by_role("link", name="Printer on fire").click()
    expect(desk).to_have_url(re.compile("/desk/tickets/"))
    expect(desk.locator("[data-count='unread']")).to_have_text("")


def test_who_is_at_the_keyboard_in_the_sidebar_stays_there(desk: Page, olga: Character) -> None:
    mine = desk.get_by_role("link", name="Mine")
    mine.focus()
    olga.writes("Printer on fire")
    expect(desk.locator("[data-count='open']")).to_have_text("1")
    expect(mine).to_be_focused()


def test_a_page_whose_stream_does_not_come_looks_by_itself(
    app: Flask, address: str, page: Page, ann: Character, olga: Character
) -> None:
    """And breaks nothing: a page that threw would fail this test."""
    page.clock.install()
    page.route("**/socket.io-*.js", lambda route: route.abort())
    give_password(app, ann.email)
    sign_in(page, address, ann.email)
    olga.writes("Printer on fire")
    page.clock.run_for(30_000)
    expect(page.locator("[data-count='open']")).to_have_text("1")
    expect(page.get_by_role("link", name="Printer on fire")).to_be_visible()
