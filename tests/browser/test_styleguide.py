"""The style guide in a real browser: everybody can read each part of the look, in both themes, wide and narrow."""

from __future__ import annotations

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from config import Settings
from helpdesk import create_app
from helpdesk.db import db
from tests.servers.browser import DESKTOP, PHONE, OpenPage, accessibility_problems


@pytest.fixture
def guide(address: str) -> str:
    """The address of the style guide on this test's desk."""
    return f"{address}/styleguide"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestStyleGuide:
    """It reads no row, so one kind of database is enough."""

    @pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "narrow"])
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_everybody_can_read_every_part(
        self, guide: str, new_page: OpenPage, size: dict[str, int], scheme: str
    ) -> None:
        page = new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
        page.goto(guide)
        page.get_by_role("toolbar").wait_for()  # the scripts have run
        assert accessibility_problems(page) == []
        assert _wider_than_its_window(page) == 0

    def test_the_chosen_theme_is_there_when_the_next_page_arrives(self, guide: str, page: Page) -> None:
        page.goto(guide)
        page.get_by_role("button", name="Dark").click()
        assert _theme(page) == "dark"
        next_page = page.request.get(guide).text()
        assert 'data-theme="dark"' in next_page  # the server drew it, so nothing flashes
        assert '<meta name="color-scheme" content="dark">' in next_page  # nor before the style sheet is here
        page.get_by_role("button", name="Like the system").click()
        assert _theme(page) is None

    def test_a_dangerous_button_asks_first(self, guide: str, page: Page) -> None:
        page.goto(guide)
        page.get_by_role("button", name="Close", exact=True).click()
        asked = page.get_by_role("dialog", name="Close this ticket?")
        expect(asked).to_be_visible()
        page.keyboard.press("Escape")
        expect(asked).to_be_hidden()
        assert "?" not in page.url

    def test_a_field_appears_when_its_condition_holds(self, guide: str, page: Page) -> None:
        page.goto(guide)
        field = page.get_by_label("Shown while the choice is Billing")
        expect(field).to_be_hidden()
        page.get_by_label("Billing", exact=True).check()
        expect(field).to_be_visible()

    def test_what_is_written_on_the_sheet_is_sent_as_simple_html(self, guide: str, page: Page) -> None:
        page.goto(guide)
        sheet = page.get_by_role("textbox", name="Rich text")
        sheet.click()
        page.keyboard.press("Control+b")
        page.keyboard.type("unplugged")
        assert page.locator("textarea[name=rich_html]").input_value() in ("<p><b>unplugged</b></p>", "<b>unplugged</b>")

    def test_a_chosen_file_can_be_taken_out_again(self, guide: str, page: Page) -> None:
        page.goto(guide)
        page.get_by_label("Files").set_input_files(
            [{"name": each, "mimeType": "text/plain", "buffer": b"x"} for each in ("one.txt", "two.txt")]
        )
        page.get_by_role("button", name="Remove one.txt").click()
        left = page.locator("input[name=files]").evaluate("input => [...input.files].map(each => each.name).join()")
        assert left == "two.txt"


def test_outside_the_workshop_there_is_no_style_guide(settings: Settings) -> None:
    app = create_app(replace(settings, env="production"))
    assert app.test_client().get("/styleguide").status_code == 404
    with app.app_context():
        db.engine.dispose()


def _theme(page: Page) -> str | None:
    theme: str | None = page.evaluate("document.documentElement.dataset.theme ?? null")
    return theme


def _wider_than_its_window(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
