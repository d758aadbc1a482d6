"""Consent in the browser: an approver reads who is asked and votes, at the desk and behind a mailed link (N17, N10)."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from config import Settings
from helpdesk.channels import confirming
from helpdesk.db import writing
from helpdesk.intake import Inbound
from helpdesk.tickets import action_links
from tests.browser.steps import sign_in
from tests.cast import Case, Character, hire
from tests.servers.browser import DESKTOP, PHONE, OpenPage, accessibility_problems, look
from tests.visitor import give_password

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
in_every_look = pytest.mark.parametrize(
    ("scheme", "size"),
    [("light", DESKTOP), ("dark", DESKTOP), ("light", PHONE), ("dark", PHONE)],
    ids=["light-wide", "dark-wide", "light-narrow", "dark-narrow"],
)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, workflows=str(Path(__file__).parents[1] / "approvals" / "desk.yaml"))


@pytest.fixture
def page(new_page: OpenPage, scheme: str, size: dict[str, int]) -> Page:
    return new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")


@pytest.fixture
def case(app: Flask, ann: Character, olga: Character) -> Case:
    """Two of the board must consent; Maria has."""
    for name in ("Maria", "Nils", "Petra"):
        hire(app, f"{name.lower()}@acme.example", name, roles=["manager", "board"] if name == "Nils" else ["board"])
        give_password(app, f"{name.lower()}@acme.example")
    made = olga.writes("A new building", "The old one is too small.")
    ann.performs("ask_board", made, price="250000")
    Character(app, "maria@acme.example").performs("consent", made, text="We need the space.")
    return made


@in_every_look
def test_an_approver_votes_on_the_ticket(
    app: Flask, address: str, page: Page, case: Case, ann: Character, scheme: str, size: dict[str, int]
) -> None:
    give_password(app, ann.email)
    sign_in(page, address, ann.email)
    page.goto(f"{address}/desk/tickets/{case.ref}")
    asked = page.get_by_role("region", name="Waits for 2 consents")
    expect(asked).to_be_visible()
    expect(asked).to_contain_text("1 of 2")
    look(page, f"consent-asked-{scheme}-{size['width']}")
    assert accessibility_problems(page) == []

    ann.performs("call_back", case)
    ann.performs("ask", case)
    page.context.clear_cookies()
    sign_in(page, address, "nils@acme.example")
    page.goto(f"{address}/desk/tickets/{case.ref}")
    asked = page.get_by_role("region", name="Waits for one consent")
    asked.get_by_label("Comment").fill("Go ahead.")
    look(page, f"consent-mine-{scheme}-{size['width']}")
    assert accessibility_problems(page) == []
    asked.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("approved by Nils")).to_be_visible()
    look(page, f"consent-given-{scheme}-{size['width']}")
    assert case.state == "bought"


@in_every_look
def test_an_approver_votes_behind_the_mailed_link(
    app: Flask, address: str, page: Page, case: Case, scheme: str, size: dict[str, int]
) -> None:
    mail = next(mail for mail in case.mails if mail.recipient == "nils@acme.example")
    path = re.sub(r"^https?://[^/]+", address, mail.frozen["names"]["links"]["approve"])
    page.goto(path)
    expect(page.get_by_role("heading", name="Your consent is asked")).to_be_visible()
    look(page, f"consent-link-{scheme}-{size['width']}")
    assert accessibility_problems(page) == []
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text(f"You approved {case.ref}.")).to_be_visible()
    look(page, f"consent-link-done-{scheme}-{size['width']}")
    assert case.state == "bought"
    page.goto(path)
    expect(page.get_by_text("was approved on")).to_be_visible()
    look(page, f"consent-link-late-{scheme}-{size['width']}")


@in_every_look
def test_a_customer_rates_behind_the_mailed_link(
    app: Flask, address: str, page: Page, case: Case, ann: Character, scheme: str, size: dict[str, int]
) -> None:
    Character(app, "nils@acme.example").performs("consent", case)
    ann.performs("ask_rating", case)
    mail = next(mail for mail in reversed(case.mails) if mail.recipient == "olga@example.org")
    page.goto(re.sub(r"^https?://[^/]+", address, mail.frozen["names"]["links"]["rate"]) + "/4")
    expect(page.get_by_role("radio", name="4")).to_be_checked()
    look(page, f"rate-link-{scheme}-{size['width']}")
    assert accessibility_problems(page) == []
    page.get_by_role("button", name="Rate it").click()
    expect(page.get_by_text("Your rating is with us.")).to_be_visible()
    assert case.fields["rating"] == 4


@pytest.mark.parametrize(("scheme", "size"), [("light", DESKTOP)])
def test_a_comment_that_is_being_written_stays_when_somebody_else_votes(
    app: Flask, address: str, page: Page, case: Case, scheme: str, size: dict[str, int]
) -> None:
    """before the board the votes have the file's words, so this asks the head; another head comments meanwhile"""
    other = hire(app, "boss@acme.example", "Boss", roles=["manager"])
    ann = Character(app, "ann@acme.example")
    ann.performs("call_back", case)
    ann.performs("ask", case)
    sign_in(page, address, "nils@acme.example")
    page.goto(f"{address}/desk/tickets/{case.ref}")
    comment = page.get_by_label("Comment")
    comment.fill("Half a thought")
    other.performs("note", case, text="Look at the price.")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # nobody rings here: they look again
    expect(page.get_by_text("Look at the price.")).to_be_visible()
    expect(comment).to_have_value("Half a thought")


@in_every_look
def test_being_away_is_planned_in_the_browser(
    app: Flask, address: str, page: Page, case: Case, scheme: str, size: dict[str, int]
) -> None:
    hire(app, "ada@acme.example", "Ada", admin=True, roles=["manager"])
    give_password(app, "ada@acme.example")
    sign_in(page, address, "ada@acme.example")
    page.goto(f"{address}/account/away")
    page.get_by_label("First day").fill("2031-07-01")
    page.get_by_label("Last day").fill("2031-07-14")
    page.get_by_role("radio", name="Nils").check()
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_text("Nils stands in")).to_be_visible()
    look(page, f"away-{scheme}-{size['width']}")
    assert accessibility_problems(page) == []
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("Nils stands in")).to_be_hidden()


@in_every_look
def test_what_waits_for_its_sender_is_listed(
    app: Flask, address: str, page: Page, case: Case, scheme: str, size: dict[str, int]
) -> None:
    hire(app, "ada@acme.example", "Ada", admin=True)
    give_password(app, "ada@acme.example")
    with app.app_context(), writing():
        confirming.wait(
            Inbound(source="support_mail", channel="email", address="new@example.org", subject="A long " * 20)
        )
    sign_in(page, address, "ada@acme.example")
    page.goto(f"{address}/admin/unconfirmed")
    expect(page.get_by_text("new@example.org")).to_be_visible()
    look(page, f"unconfirmed-{scheme}-{size['width']}")
    assert accessibility_problems(page) == []
    with app.app_context():
        (row,) = confirming.waiting()
        link = action_links.url("confirm", ticket_id=0, person_id=0, round=row.id)
    page.goto(re.sub(r"^https?://[^/]+", address, link))
    look(page, f"confirm-link-{scheme}-{size['width']}")
    assert accessibility_problems(page) == []
    page.get_by_role("button", name="Yes, it was me").click()
    expect(page.get_by_role("heading", name="Thank you, we have it")).to_be_visible()
