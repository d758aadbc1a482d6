"""Undo by hand and eye: the seconds run, the text comes back, and whoever wrote is told that the customer was first."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import expect

from config import Settings
from tests.browser.steps import sheet, sign_in
from tests.cast import Character
from tests.plugins.post import Post, letter
from tests.servers.browser import DESKTOP, PHONE, OpenPage, look
from tests.visitor import give_password

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DESK = Path(__file__).parents[1] / "desk.yaml"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    text = DESK.read_text().replace("currency: EUR}", "currency: EUR, undo_seconds: 120}")
    (tmp_path / "desk.yaml").write_text(text)
    return replace(settings, workflows=str(tmp_path / "desk.yaml"))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_reply_is_taken_back(
    app: Flask, address: str, post: Post, ann: Character, new_page: OpenPage, size: dict[str, int], scheme: str
) -> None:
    give_password(app, ann.email)
    case = post.case(letter("olga@example.org", subject="The lamp is dark"))
    page = new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    look_at = f"{scheme}-{size['width']}"
    sign_in(page, address, ann.email)
    page.goto(f"{address}/desk/tickets/{case.ref}/do/reply")
    sheet(page).fill("Which lamp is it, please? The one above the door, or the one in the hall?")
    page.locator(".composer").get_by_role("button", name="Reply", exact=True).click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    left = page.locator("[data-leaves]")
    before = left.text_content()
    expect(left).not_to_have_text(before or "")
    look(page, f"undo-waits-{look_at}")
    page.get_by_role("button", name="Undo").click()
    expect(sheet(page)).to_contain_text("Which lamp is it, please?")
    expect(page.get_by_role("heading", name="taken back, not sent")).to_be_visible()
    look(page, f"undo-taken-back-{look_at}")
    page.locator(".composer").get_by_role("button", name="Reply", exact=True).click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()  # what was taken back is gone, this one waits
    expect(page.locator(".unsent")).to_have_count(1)
    post.arrives(letter("olga@example.org", "I found it myself.", answers=post.to("olga@example.org")[0].message))
    (reply,) = page.locator(".unsent form").first.evaluate_all("forms => forms.map(form => form.action)")
    number = int(reply.split("/")[-2])
    with app.app_context():
        from helpdesk import jobs

        jobs.hasten(f"waiting_reply:{number}")
    post.turn()
    page.goto(f"{address}/desk/tickets/{case.ref}")
    expect(page.get_by_text("wrote while your reply waited.")).to_be_visible()
    look(page, f"undo-stopped-{look_at}")
