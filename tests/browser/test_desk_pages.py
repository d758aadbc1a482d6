"""The desk by eye: every page in both themes, wide and narrow, with little, with nothing and with far too much on it.

Axe finds nothing, no page breaks its own policy, and none is wider than its window. The dark pages are read on a phone
and the light ones on a desk, so that each theme and each width is seen once.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from config import Settings
from helpdesk import alarms
from helpdesk.db import writing
from helpdesk.tickets.rich import Upload
from tests.browser.steps import come_in, sheet, sign_in, the_head
from tests.cast import Case, Character
from tests.servers.browser import DESKTOP, PHONE, OpenPage, look
from tests.servers.desk import ROOT
from tests.visitor import do_jobs

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.parametrize(
        ("scheme", "size"), [("light", DESKTOP), ("dark", PHONE)], ids=["light-wide", "dark-narrow"]
    ),
]

LONG_WORD = "W" * 2000
LONG_TEXT = "\n".join(f"{number}. The quick brown fox jumps over the lazy dog." for number in range(200))
MANY = 70  # events: more than the story shows at first


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The desk as it ships, as a demo, so that the mail catcher is there."""
    return replace(settings, demo=True, workflows=str(ROOT / "workflows.yaml"))


@pytest.fixture
def boris(app: Flask) -> Character:
    return the_head(app)


@pytest.fixture
def page(new_page: OpenPage, scheme: str, size: dict[str, int]) -> Page:
    return new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")


@pytest.fixture
def case(olga: Character, ann: Character) -> Case:
    case = olga.writes("Printer on fire", "Smoke comes out of it.\n\nWhat should I do?")
    ann.performs("note", case, text="A note.")
    ann.performs("reply", case, text="Please unplug it.")
    olga.writes("Re: Printer on fire", "<table><tr><td>Done, with its own look.</td></tr></table>", about=case)
    return case


def test_the_desk_with_nothing_on_it(
    address: str, page: Page, boris: Character, scheme: str, size: dict[str, int]
) -> None:
    sign_in(page, address, boris.email)
    for path in ("desk/", "desk/filters/mine", "desk/filters/unread", "desk/search", "desk/search?q=nothing"):
        page.goto(f"{address}/{path}")
        look(page, f"empty-{path.replace('/', '-')}-{scheme}")
    page.goto(f"{address}/desk/tickets/R-404")
    look(page, f"missing-{scheme}")
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", level=1, name="Open")).to_be_visible()


def test_the_desk_at_work(
    address: str, page: Page, boris: Character, case: Case, scheme: str, size: dict[str, int]
) -> None:
    sign_in(page, address, boris.email)
    for path in ("desk/", "desk/search?q=printer", f"desk/tickets/{case.ref}", "desk/tickets/new"):
        page.goto(f"{address}/{path}")
        look(page, f"work-{path.replace('/', '-')}-{scheme}")
    page.get_by_role("button", name="Open the ticket").click()
    look(page, f"new-refused-{scheme}")
    page.goto(f"{address}/desk/tickets/{case.ref}/do/reply")
    look(page, f"reply-{scheme}")
    page.goto(f"{address}/desk/tickets/{case.ref}")
    if size == PHONE:
        page.get_by_role("button", name="Menu").click()
        look(page, f"drawer-{scheme}")
        page.keyboard.press("Escape")


def test_an_action_that_is_refused_and_one_that_came_too_late(
    address: str, page: Page, boris: Character, ann: Character, case: Case, scheme: str, size: dict[str, int]
) -> None:
    sign_in(page, address, boris.email)
    page.goto(f"{address}/desk/tickets/{case.ref}")
    page.get_by_role("link", name="Ask the workshop").click()
    form = page.locator("form.composer")
    form.get_by_role("button", name="Ask the workshop").click()
    expect(form.locator(".problem")).to_be_visible()
    look(page, f"refused-{scheme}")
    ann.performs("note", case, text="Meanwhile.")
    sheet(page).press_sequentially("Is it known?")
    form.get_by_role("button", name="Ask the workshop").click()
    expect(page.get_by_text("This ticket changed while you were writing.")).to_be_visible()
    look(page, f"stale-{scheme}")


def test_far_too_much_on_one_ticket(
    app: Flask,
    address: str,
    page: Page,
    boris: Character,
    olga: Character,
    ann: Character,
    scheme: str,
    size: dict[str, int],
) -> None:
    with app.app_context():
        name = "a report with a rather long name, as scanners give them"
        files = tuple(
            Upload.keep(b"%d" % n, filename=f"{n} {name}.pdf", content_type="application/pdf") for n in range(30)
        )
    case = olga.writes("A very long subject " * 15, f"{LONG_TEXT}\n\n{LONG_WORD}", files=files)
    for number in range(MANY):
        ann.performs("details", case, order_number=f"{number}{'x' * (number % 30)}")
    sign_in(page, address, boris.email)
    page.goto(f"{address}/desk/")
    look(page, f"much-queue-{scheme}")
    page.goto(f"{address}/desk/tickets/{case.ref}")
    look(page, f"much-{scheme}")
    page.get_by_role("link", name="Show what was before").click()
    expect(page.locator(".file")).to_have_count(30)
    look(page, f"much-before-{scheme}")


def test_the_administration(
    app: Flask, address: str, page: Page, boris: Character, case: Case, scheme: str, size: dict[str, int]
) -> None:
    do_jobs(app, "deliver")
    sign_in(page, address, boris.email)
    for name in ("people", "sources", "quarantine", "outbox"):
        page.goto(f"{address}/admin/{name}")
        look(page, f"admin-{name}-{scheme}")
    page.goto(f"{address}/admin/people")
    page.get_by_role("link", name="Ann").first.click()
    look(page, f"admin-person-{scheme}")


def test_alarms_are_seen_to(
    app: Flask, address: str, page: Page, boris: Character, scheme: str, size: dict[str, int]
) -> None:
    """Fault 28."""
    lost = "A payment for R-1 came and is not in its ledger: 80 EUR (A-1). The ticket does not wait for a payment."
    with app.app_context(), writing():
        alarms.sound("payment:evt_1", lost)
        for ref in ("R-2", "R-3"):
            alarms.sound("refused:repair.close", f"“close” could not run by itself on {ref}: {LONG_WORD[:200]}")
    sign_in(page, address, boris.email)
    page.goto(f"{address}/admin/alarms")
    look(page, f"alarms-none-over-{scheme}")
    page.goto(f"{address}/admin/sources")
    look(page, f"alarms-{scheme}")
    page.locator(".flash", has_text=lost).get_by_role("button", name="I have seen to it").click()
    expect(page.get_by_text(lost)).to_have_count(0)
    expect(page.get_by_text("could not run by itself")).to_be_visible()
    expect(page).to_have_url(f"{address}/admin/sources")
    look(page, f"alarms-one-left-{scheme}")
    page.goto(f"{address}/admin/alarms")
    expect(page.get_by_role("row", name=lost)).to_contain_text("Boris")
    look(page, f"alarms-over-{scheme}")


def test_what_a_customer_sees(
    app: Flask, address: str, page: Page, case: Case, olga: Character, scheme: str, size: dict[str, int]
) -> None:
    page.goto(f"{address}/forms/repair")
    look(page, f"form-{scheme}")
    page.get_by_label("E-mail").fill("juhan@home.example")
    page.get_by_label("Broken").check()
    page.get_by_label("I agree").check()
    page.get_by_label("Serial number").fill("not a number")
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".problem")).to_be_visible()
    look(page, f"form-refused-{scheme}")
    page.get_by_label("Serial number").fill("AB123456")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("before anything costs money")).to_be_visible()
    look(page, f"thanks-{scheme}")

    do_jobs(app, "deliver")
    page.goto(f"{address}/dev/mail/")
    look(page, f"caught-{scheme}")
    page.get_by_role("link", name="Re: Printer on fire").first.click()
    look(page, f"letter-{scheme}")

    come_in(app, page, address, olga.email)
    page.get_by_role("link", name="Printer on fire").click()
    look(page, f"request-{scheme}")
