"""What stands on a page while something is on its way, and what when it broke: in both themes, wide and narrow."""

from __future__ import annotations

import logging

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect

from helpdesk.web.gates import for_everyone
from tests.browser.steps import sign_in
from tests.cast import Character
from tests.servers.browser import DESKTOP, PHONE, OpenPage, accessibility_problems, look
from tests.visitor import give_password

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.parametrize("scheme", ["light", "dark"]),
    pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "narrow"]),
]


@pytest.fixture
def page(new_page: OpenPage, scheme: str, size: dict[str, int]) -> Page:
    return new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")


def test_the_list_beside_a_ticket_has_its_shape_before_it_comes(
    app: Flask, address: str, page: Page, ann: Character, olga: Character, size: dict[str, int]
) -> None:
    case = olga.writes("Printer on fire")
    give_password(app, ann.email)
    sign_in(page, address, ann.email)
    waiting: list[Route] = []
    page.route("**/desk/?beside=*", lambda route: waiting.append(route))  # noqa: PLW0108 - Playwright wants a function
    with page.expect_request("**/desk/?beside=*"):
        page.goto(f"{address}/desk/tickets/{case.ref}")
    shape = page.get_by_role("status", name="Loading")
    if size == DESKTOP:
        expect(shape).to_be_visible()
    assert accessibility_problems(page) == []
    waiting[0].continue_()
    expect(shape).to_have_count(0)
    expect(page.locator(".pane-list [data-row]")).to_have_count(1)


def test_what_breaks_says_what_to_do_and_a_number_that_stands_in_the_log(
    app: Flask, address: str, page: Page, caplog: pytest.LogCaptureFixture, scheme: str, size: dict[str, int]
) -> None:
    """Attack 100: and nothing of what broke."""
    broken = [True]

    @for_everyone
    def breaks() -> str:
        if broken:
            raise RuntimeError("CANARY /etc/helpdesk.conf")
        return "Mended."

    app.add_url_rule("/breaks", "breaks", breaks)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with caplog.at_level(logging.ERROR):
        page.goto(f"{address}/breaks?page=2")
    expect(page.get_by_role("heading", name="Something went wrong on our side")).to_be_visible()
    look(page, f"broken-{scheme}-{size['width']}")
    number = page.locator("[data-error-number]").inner_text()
    assert f"Error {number} at GET /breaks" in caplog.text
    assert "CANARY" not in page.content()
    expect(page.get_by_role("link", name="Home", exact=True)).to_be_visible()
    broken.clear()
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_text("Mended.")).to_be_visible()
    assert page.url.endswith("/breaks?page=2")


def test_a_link_that_was_used_leads_to_a_new_one(address: str, page: Page, scheme: str, size: dict[str, int]) -> None:
    page.goto(f"{address}/my/sign-in/used")
    look(page, f"used-link-{scheme}-{size['width']}")
    page.get_by_role("link", name="Mail me a new link").click()
    expect(page.get_by_role("heading", name="Your requests")).to_be_visible()
    page.goto(f"{address}/account/reset/used")
    page.get_by_role("link", name="Mail me a new link").click()
    expect(page.get_by_role("heading", name="Forgotten your password?")).to_be_visible()


def test_whoever_works_at_the_desk_is_led_back_to_it(
    app: Flask, address: str, page: Page, ann: Character, scheme: str, size: dict[str, int]
) -> None:
    give_password(app, ann.email)
    sign_in(page, address, ann.email)
    page.goto(f"{address}/desk/tickets/S-4711")
    look(page, f"not-there-{scheme}-{size['width']}")
    page.get_by_role("link", name="Desk", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Open")).to_be_visible()
