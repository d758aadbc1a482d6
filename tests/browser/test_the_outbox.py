"""The queue of what leaves the desk, by hand and eye: a server that is away, a mail held back, one given up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.browser.steps import sign_in, the_head
from tests.cast import Character
from tests.plugins.post import Post, letter
from tests.servers.browser import DESKTOP, PHONE, OpenPage, look
from tests.servers.process import free_port

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LONG = "a.very.long.address.of.somebody.who.likes.dots.and.words@subdomain.of.a.long.example.org"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_queue_is_worked(
    app: Flask, address: str, post: Post, ann: Character, new_page: OpenPage, size: dict[str, int], scheme: str
) -> None:
    boris = the_head(app)
    look_at = f"{scheme}-{size['width']}"
    post.sink.answers("RCPT", "gone@example.net", "550 5.1.1 <gone@example.net>: no such user here")
    post.case(letter("gone@example.net", subject="The lamp came broken"))
    case = post.case(letter("olga@example.org", subject="A question about my invoice of last month"))
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], smtp_url=f"smtp+insecure://127.0.0.1:{free_port()}")
    ann.performs("reply", case, text="Which floor?")
    ann.performs("reply", case, text="And which door?")
    post.turn()
    page = new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    sign_in(page, address, boris.email)
    page.goto(f"{address}/admin/outbox")
    expect(page.get_by_text("does not answer").first).to_be_visible()
    look(page, f"outbox-all-{look_at}")
    page.get_by_role("navigation", name="Which messages").get_by_role("link", name="Waiting").click()
    expect(page.get_by_role("button", name="Send all of them now")).to_be_visible()
    look(page, f"outbox-waiting-{look_at}")
    page.get_by_role("link", name="Re: A question about my invoice").first.click()
    page.get_by_role("button", name="Hold back").click()
    page.get_by_role("navigation", name="Which messages").get_by_role("link", name="Held back").click()
    page.locator("table").get_by_role("link", name="Re: A question about my invoice").click()
    expect(page.get_by_role("heading", name="Re: A question about my invoice of last month")).to_be_visible()
    look(page, f"outbox-one-{look_at}")
    page.get_by_label("Why").fill("The customer has called meanwhile.")
    page.get_by_role("button", name="Give it up").click()
    expect(page.get_by_text("Nothing is held back")).to_be_visible()
    look(page, f"outbox-empty-{look_at}")
    page.goto(f"{address}/desk/tickets/{case.ref}")
    expect(page.get_by_text("Given up, to olga@example.org")).to_be_visible()
    look(page, f"outbox-ticket-{look_at}")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "narrow"])
def test_the_answer_of_a_mail_server_keeps_to_its_box(
    app: Flask, address: str, post: Post, new_page: OpenPage, size: dict[str, int]
) -> None:
    """Servers say whom they refuse, and where that is explained, in words of any length."""
    post.sink.answers("RCPT", LONG, f"550 5.1.1 <{LONG}>: no such user, see https://example.org/{'bounce' * 30}")
    post.case(letter(LONG, subject="The lamp came broken"))
    page = new_page(viewport=size, reduced_motion="reduce")
    sign_in(page, address, the_head(app).email)
    page.goto(f"{address}/admin/outbox?view=failed")
    page.locator("table a.whole").first.click()
    said = page.locator(".card .flash")
    expect(said).to_contain_text("no such user")
    look(page, f"outbox-long-refusal-{size['width']}")
    assert said.evaluate("box => box.scrollWidth - box.clientWidth") <= 0
    assert page.locator(".desk-scroll").evaluate("sheet => sheet.scrollWidth - sheet.clientWidth") <= 0
