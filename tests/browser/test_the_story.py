"""The story of a ticket as a page unfolds it: each day once, however it was opened, and with or without script."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from config import Settings
from helpdesk import clock
from helpdesk.desk.story import FOLDED
from tests.at_the_desk import AtTheDesk
from tests.browser.steps import sign_in
from tests.cast import Case, Character
from tests.servers.browser import OpenPage
from tests.servers.desk import ROOT
from tests.visitor import give_password

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, workflows=str(ROOT / "workflows.yaml"))


@pytest.fixture
def case(app: Flask, olga: Character, ann: Character) -> Case:
    """A ticket of three days, whose second day is cut in two by the fold."""
    give_password(app, ann.email)
    with clock.frozen(clock.now() - timedelta(days=9)):
        case = olga.writes("Printer on fire")
        clock.travel(timedelta(days=2))
        for number in range(FOLDED):
            ann.performs("details", case, order_number=f"day two, {number}")
        clock.travel(timedelta(days=2))
        for number in range(3):
            ann.performs("details", case, order_number=f"day three, {number}")
    return case


def test_each_day_stands_once_when_the_story_is_unfolded(address: str, page: Page, ann: Character, case: Case) -> None:
    sign_in(page, address, ann.email)
    page.goto(f"{address}/desk/tickets/{case.ref}")
    days = page.locator(".timeline .day")
    expect(days).to_have_count(2)
    page.get_by_role("link", name="Show what was before").click()
    expect(page.get_by_text("day two, 0", exact=False).first).to_be_visible()
    expect(days).to_have_count(3)
    names = days.all_inner_texts()
    assert len(set(names)) == 3
    lines = page.locator(".timeline > li").all_inner_texts()
    assert lines.index(names[1]) < next(place for place, line in enumerate(lines) if "day two, 0" in line)


def test_without_script_what_was_before_is_a_page(address: str, new_page: OpenPage, ann: Character, case: Case) -> None:
    page = new_page(java_script_enabled=False)
    sign_in(page, address, ann.email)
    page.goto(f"{address}/desk/tickets/{case.ref}")
    page.get_by_role("link", name="Show what was before").click()
    expect(page.get_by_role("heading", level=1, name="Printer on fire")).to_be_visible()
    expect(page.get_by_text("day two, 0", exact=False).first).to_be_visible()


def test_a_day_that_was_not_asked_about_moves_no_line(app: Flask, ann: Character, case: Case) -> None:
    """What stands in the address is compared, never printed."""
    browser = AtTheDesk(app, ann)
    told = browser.opens(
        f"/desk/tickets/{case.ref}/timeline?before=999999&day=%22%3E%3Cscript%3E", headers={"HX-Request": "true"}
    )
    assert "hx-swap-oob" not in told.text
    assert "<script" not in told.text
