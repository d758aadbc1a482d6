"""A sign-in ends while somebody writes: the page leads to signing in, but takes nothing away that was not sent."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import expect

from helpdesk.db import session, writing
from helpdesk.people import staffing
from helpdesk.people.models import Person
from tests.browser.steps import sheet, sign_in
from tests.cast import Character
from tests.servers.browser import OpenPage
from tests.visitor import give_password

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
RING = "window.htmx.trigger(document.getElementById('bell'), 'doorbell')"


def test_what_is_being_written_stays_where_it_is(
    app: Flask, address: str, new_page: OpenPage, ann: Character, olga: Character
) -> None:
    case = olga.writes("Printer on fire")
    give_password(app, ann.email)
    page = new_page()
    sign_in(page, address, ann.email)
    page.goto(f"{address}/desk/tickets/{case.ref}/do/reply")
    sheet(page).fill("A long answer.")
    with app.app_context(), writing():
        staffing.sign_out_everywhere(session().get_one(Person, ann.id))
    with page.expect_response(lambda answer: "/timeline?" in answer.url and answer.status == 401):
        page.evaluate(RING)
    said = page.get_by_text("You are signed out. Copy what you wrote before you sign in again.")
    expect(said).to_be_visible()
    page.locator("form.composer").get_by_role("button", name="Reply").last.click()
    expect(said).to_have_count(1)
    expect(sheet(page)).to_have_text("A long answer.")
    page.goto(f"{address}/desk/tickets/{case.ref}")
    page.wait_for_url("**/account/sign-in?**")
    assert case.story == ["opened", "acknowledge"]
