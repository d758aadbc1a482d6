"""What leaves the desk, by hand and eye: paying, and the outbox with its text messages and calls."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import expect

from config import Settings
from helpdesk.db import insert, writing
from helpdesk.people.models import Address
from tests import outside_desk
from tests.browser.steps import come_in, sign_in
from tests.cast import Case, Character, hire
from tests.plugins.post import Post
from tests.servers.browser import DESKTOP, PHONE, OpenPage, look
from tests.servers.http_sink import HttpSink
from tests.visitor import give_password

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # both are read in the stories


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """A demo, so that the catcher is there; the worker below is told that it is none, and calls."""
    return replace(settings, demo=True)


@pytest.fixture
def case(
    app: Flask, post: Post, olga: Character, ann: Character, http_sink: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> Case:
    """A quoted repair; a text message went, one call was answered, one is tried again, one waits for its variable."""
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], private_hosts="127.0.0.1", demo=False)
    monkeypatch.setenv("CRM_URL", http_sink.url)
    monkeypatch.setenv("CRM_SECRET", "a secret of the tests, long enough")
    outside_desk.adopt(app)
    case = olga.writes("Broken lamp", "It flickers.")
    with app.app_context():
        person_id = olga.id
        with writing():
            insert(Address, person_id=person_id, kind="phone", value="+37255502000")
    ann.performs(
        "text", case, text="Your lamp is on the bench. We write to you with a price before anything costs money."
    )
    ann.performs("tell", case)
    post.turn()
    http_sink.answers(503, times=9)
    ann.performs("own", case, reason="moved")
    ann.performs("quote", case, price="120")
    post.turn()
    return case


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_customer_pays_what_the_cabinet_asks(
    app: Flask, address: str, new_page: OpenPage, case: Case, olga: Character, size: dict[str, int], scheme: str
) -> None:
    page = new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    look_at = f"{scheme}-{size['width']}"
    come_in(app, page, address, olga.email)
    page.get_by_role("link", name="Broken lamp").click()
    expect(page.get_by_role("heading", name="Please pay €120.00")).to_be_visible()
    look(page, f"pay-cabinet-{look_at}")
    page.get_by_role("link", name="Pay", exact=True).click()
    expect(page.get_by_text("no money moves")).to_be_visible()
    look(page, f"pay-page-{look_at}")
    page.get_by_role("button", name="Pretend to pay €120.00").click()
    expect(page.get_by_text("We received €120.00")).to_be_visible()
    look(page, f"pay-done-{look_at}")
    assert [str(line.amount) for line in case.payments] == ["120.00"]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_left_and_what_did_not_is_seen(
    app: Flask, address: str, new_page: OpenPage, case: Case, size: dict[str, int], scheme: str
) -> None:
    ada = hire(app, "ada@acme.example", "Ada", roles=["manager", "accountant"], admin=True)
    ada.performs("receive", case, amount="50", method="cash")
    give_password(app, ada.email)
    page = new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    look_at = f"{scheme}-{size['width']}"
    sign_in(page, address, ada.email)
    page.goto(f"{address}/admin/outbox")
    expect(page.get_by_text("“crm” answered 503.").first).to_be_visible()
    look(page, f"outbox-kinds-{look_at}")
    page.goto(f"{address}/desk/tickets/{case.ref}")
    expect(page.get_by_text("Webhook crm called")).to_have_count(1)
    expect(page.get_by_text("Text message sent to +37255502000")).to_have_count(1)
    look(page, f"ticket-outside-{look_at}")
    page.goto(f"{address}/dev/mail/texts")
    expect(page.get_by_text("Your lamp is on the bench.")).to_have_count(2)
    look(page, f"texts-caught-{look_at}")
