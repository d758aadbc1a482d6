"""The page of a mail source by eye: in order, paused, in trouble, tested, waiting for somebody to sign in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from helpdesk import clock
from helpdesk.channels.email import diary, standing
from helpdesk.channels.email.account import MailboxAway, NotLetIn
from helpdesk.channels.email.models import MailProbe
from helpdesk.channels.email.standing import SignInNeeded
from helpdesk.db import session, writing
from tests.browser.steps import sign_in, the_head
from tests.cast import Character
from tests.real.mailboxes import SOURCE, reads
from tests.servers.browser import DESKTOP, PHONE, OpenPage, look

URL = "imaps://support%40acme.example@outlook.office365.com/INBOX?folder=Sales&archive=Done"
OAUTH = ', oauth: {provider: microsoft, client_id: "the-desk"}'

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.parametrize(
        ("scheme", "size"), [("light", DESKTOP), ("dark", PHONE)], ids=["light-wide", "dark-narrow"]
    ),
]


@pytest.fixture
def boris(app: Flask) -> Character:
    return the_head(app)


@pytest.fixture
def page(new_page: OpenPage, scheme: str, size: dict[str, int]) -> Page:
    return new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")


def test_what_an_administrator_sees_of_a_source(
    app: Flask, address: str, page: Page, boris: Character, scheme: str, size: dict[str, int]
) -> None:
    reads(app, URL, more=OAUTH)
    with app.app_context():
        standing.trouble(SOURCE, URL, SignInNeeded("Nobody has signed this mailbox in."))
    sign_in(page, address, boris.email)
    page.goto(f"{address}/admin/sources")
    look(page, f"sources-{scheme}")
    page.get_by_role("link", name="Support", exact=False).first.click()
    look(page, f"source-to-sign-in-{scheme}")
    page.locator("#source-state").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="Continue")).to_have_attribute("href", re.compile("microsoft"))
    look(page, f"source-sign-in-{scheme}")
    page.get_by_role("link", name="Cancel").click()
    with app.app_context():
        standing.success(SOURCE, URL, number=3, backlog=48_213)
        with writing() as here:
            row = standing.known(SOURCE)
            row.messages, row.hears_since, row.listen_until = 1742, clock.now(), clock.now() + timedelta(hours=1)
            diary.note(SOURCE, "listening")
            assert here
    page.reload()
    expect(page.get_by_text("told of by the server at once")).to_be_visible()
    page.get_by_role("button", name="Send me a test").click()
    expect(page.get_by_text("Waiting to be sent")).to_be_visible()
    with app.app_context(), writing():
        probe = session().scalars(select(MailProbe)).one()
        probe.arrived_at, probe.arrived_by = probe.sent_at + timedelta(seconds=3), "imap"
        diary.note(SOURCE, "arrived", number=3)
    expect(page.get_by_text("It came back")).to_be_visible()  # by itself, without a reload
    page.reload()
    look(page, f"source-in-order-{scheme}")
    with app.app_context():
        standing.trouble(SOURCE, URL, MailboxAway(f"outlook.office365.com does not give its mail: {'x' * 200}"))
        standing.trouble(SOURCE, URL, NotLetIn("outlook.office365.com does not give its mail: AUTHENTICATE failed."))
    page.reload()
    look(page, f"source-refused-{scheme}")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    look(page, f"source-paused-{scheme}")
