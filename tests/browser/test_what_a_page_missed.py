"""What happens while a page is not joined to the doorbell yet, or no longer, is on it without another ring (W14)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from time import monotonic

import pytest
from flask import Flask
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.steps import listens, sign_in
from tests.cast import Character
from tests.servers.process import PATIENCE
from tests.servers.serving import served
from tests.visitor import give_password

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Line:
    """The page's line to the doorbell, which comes about only when the test says so."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._tried: list[WebSocketRoute] = []
        page.on("framenavigated", lambda _: self._tried.clear())  # another page begins a line of its own
        page.route_web_socket(re.compile("/socket.io/"), self._is_tried)

    def is_put_through(self) -> None:
        """The page's newest try gets through, and it has joined."""
        ends = monotonic() + PATIENCE
        while not self._tried and monotonic() < ends:
            self.page.wait_for_timeout(20)
        self._tried[-1].connect_to_server()
        listens(self.page)

    def breaks(self) -> None:
        """The page notices, and tries again by itself."""
        tried, self._tried[:] = self._tried[-1], []
        tried.close()
        expect(self.page.locator("html[data-listens]")).not_to_be_attached()

    def _is_tried(self, tried: WebSocketRoute) -> None:
        self._tried.append(tried)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with served(app) as url:
        yield url


@pytest.fixture
def line(app: Flask, address: str, page: Page, ann: Character) -> Line:
    """Ann's, who is signed in; none of her pages has joined."""
    line = Line(page)
    give_password(app, ann.email)
    sign_in(page, address, ann.email)
    return line


def test_a_list_shows_what_came_before_it_listened_and_while_its_line_was_down(
    line: Line, page: Page, olga: Character
) -> None:
    olga.writes("Printer on fire")
    line.is_put_through()
    expect(page.get_by_role("link", name="Printer on fire")).to_be_visible()
    expect(page.locator("[data-count='open']")).to_have_text("1")
    line.breaks()
    olga.writes("Broken screen")
    line.is_put_through()
    expect(page.get_by_role("link", name="Broken screen")).to_be_visible()
    expect(page.locator("[data-count='open']")).to_have_text("2")


def test_a_ticket_shows_what_was_said_before_it_listened_and_while_its_line_was_down(
    line: Line, page: Page, address: str, olga: Character, boris: Character
) -> None:
    case = olga.writes("Printer on fire")
    page.goto(f"{address}/desk/tickets/{case.ref}")
    boris.performs("comment", case, text="Let me look.")
    line.is_put_through()
    expect(page.locator("#timeline").get_by_text("Let me look.")).to_have_count(1)
    line.breaks()
    boris.performs("comment", case, text="It is the fuser.")
    line.is_put_through()
    expect(page.locator("#timeline").get_by_text("It is the fuser.")).to_have_count(1)


def test_a_line_that_comes_back_to_a_quiet_desk_asks_for_nothing(line: Line, page: Page, olga: Character) -> None:
    olga.writes("Printer on fire")
    line.is_put_through()
    expect(page.get_by_role("link", name="Printer on fire")).to_be_visible()
    expect(page.locator("[data-count='open']")).to_have_text("1")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    line.breaks()
    line.is_put_through()
    olga.writes("Broken screen")  # what follows is asked for once, and nothing before it was
    with page.expect_response(re.compile("/desk/counts")):
        expect(page.get_by_role("link", name="Broken screen")).to_be_visible()
    assert len([each for each in asked if "/desk/" in each]) == 2, asked
