"""What was promised, by eye: beside a ticket and in the queue, both themes, wide and narrow; never in the cabinet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from helpdesk import clock, timers
from tests.actions.desks import OPEN, in_force
from tests.browser.steps import come_in, sign_in
from tests.cast import Case, Character
from tests.servers.browser import DESKTOP, PHONE, OpenPage, look
from tests.visitor import give_password

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.parametrize(
        ("scheme", "size"), [("light", DESKTOP), ("dark", PHONE)], ids=["light-wide", "dark-narrow"]
    ),
]


@pytest.fixture
def page(new_page: OpenPage, scheme: str, size: dict[str, int]) -> Page:
    return new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")


@pytest.fixture
def cases(app: Flask, olga: Character, ann: Character) -> dict[str, Case]:
    """A ticket for each way in which a promise can stand."""
    in_force(
        app,
        workflow="sla: [{first_response: 2h, resolution: 2d, warn_at: [50]}]",
        states=f"""
            new: {{{OPEN}, color: green, actions: [reply, hold, close]}}
            held: {{{OPEN}, color: amber, pauses_sla: true, actions: [reply, close]}}
            done: {{{OPEN}, color: gray, final: true, actions: [again]}}
        """,
        actions="""
            reply: {type: reply, label: Reply, allow: [agent], customer: see, fields: [message], emails: [{to: [customer], subject: Re, body: Text}]}
            hold: {type: set_fields, label: Hold, allow: [agent], to: held}
            close: {type: close, label: Close, allow: [agent], to: done}
            again: {type: reopen, label: Again, allow: [agent], to: new}
        """,  # noqa: E501
    )
    found = {}
    for name, hours, does in (
        ("fresh", 0.2, ()),
        ("risk", 1.3, ()),
        ("late", 5, ()),
        ("answered", 1.5, ("reply",)),
        ("held", 1.6, ("reply", "hold")),
        ("done", 30, ("reply", "close")),
        ("too late", 70, ("reply", "close")),
    ):
        with clock.frozen(datetime.now(UTC) - timedelta(hours=hours)):
            found[name] = olga.writes(f"It is {name}")
            if name == "too late":
                clock.travel(timedelta(hours=60))
            for action in does:
                clock.travel(timedelta(minutes=20))
                ann.performs(action, found[name], **({"text": "Here you are."} if action == "reply" else {}))
    with app.app_context():
        while timers.run_due():
            pass
    return found


def test_the_desk_shows_what_is_promised_and_the_cabinet_does_not(
    app: Flask,
    address: str,
    page: Page,
    new_page: OpenPage,
    cases: dict[str, Case],
    ann: Character,
    olga: Character,
    scheme: str,
) -> None:
    give_password(app, ann.email)
    sign_in(page, address, ann.email)
    rows = page.locator("[data-row]")
    expect(rows.locator(".due[data-is=late]")).to_have_count(1)
    expect(rows.locator(".due[data-is=risk]")).to_have_count(1)
    look(page, f"promises-queue-{scheme}")
    says = {
        "fresh": ("runs", "runs"),
        "risk": ("risk", "runs"),
        "late": ("late", "runs"),
        "answered": ("kept", "runs"),
        "held": ("kept", "paused"),
        "done": ("kept", "kept"),
        "too late": ("missed", "missed"),
    }
    for name, case in cases.items():
        page.goto(f"{address}/desk/tickets/{case.ref}")
        promised = page.locator(".promise")
        expect(promised).to_have_count(2)
        assert tuple(each.get_attribute("data-is") for each in promised.all()) == says[name], name
        if page.locator(".props-opener").is_visible():
            page.locator(".props-opener").click()
            expect(promised.first).to_be_visible()
        look(page, f"promises-{name.replace(' ', '-')}-{scheme}")
    cabinet = new_page(color_scheme=scheme)
    come_in(app, cabinet, address, olga.email)
    cabinet.get_by_role("link", name="It is late").click()
    expect(cabinet.get_by_text("It does not work.")).to_be_visible()
    for word in ("overdue", "Promised", "first response"):
        expect(cabinet.get_by_text(word)).to_have_count(0)
