"""Long names, long addresses and narrow windows: nothing runs out of its box, and nothing that matters is hidden."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from config import Settings
from helpdesk import alarms
from helpdesk.db import writing
from tests.browser.steps import come_in, sign_in, the_head
from tests.cast import Character
from tests.plugins.post import Post
from tests.servers.browser import DESKTOP, PHONE, OpenPage, look
from tests.servers.desk import ROOT
from tests.visitor import do_jobs

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.parametrize(
        ("scheme", "size"), [("dark", DESKTOP), ("light", PHONE)], ids=["dark-wide", "light-narrow"]
    ),
]
LONG = "a.very.long.address.of.somebody.who.likes.dots.and.words@subdomain.of.a.long.example.org"
SUBJECT = "Supercalifragilistic" * 12


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, demo=True, workflows=str(ROOT / "workflows.yaml"))


@pytest.fixture
def page(new_page: OpenPage, scheme: str, size: dict[str, int]) -> Page:
    return new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")


@pytest.fixture
def boris(app: Flask) -> Character:
    return the_head(app)


def runs_over(page: Page, selector: str) -> int:
    """By how many pixels what is in it is wider than its box."""
    return int(page.locator(selector).first.evaluate("box => box.scrollWidth - box.clientWidth"))


def test_an_answer_to_a_long_address_keeps_to_its_form(
    app: Flask, address: str, page: Page, boris: Character, scheme: str, size: dict[str, int]
) -> None:
    case = Character(app, LONG).writes(SUBJECT, "W" * 900)
    sign_in(page, address, boris.email)
    page.goto(f"{address}/desk/tickets/{case.ref}/do/reply")
    look(page, f"long-reply-{scheme}")
    assert runs_over(page, "form.composer") <= 0
    expect(page.locator("form.composer summary", has_text="Ready answers")).to_be_in_viewport(ratio=1)


def test_the_mail_catcher_holds_a_long_address(
    app: Flask, address: str, page: Page, scheme: str, size: dict[str, int]
) -> None:
    Character(app, LONG).writes(SUBJECT)
    do_jobs(app, "deliver")
    page.goto(f"{address}/dev/mail/")
    look(page, f"long-caught-{scheme}")
    page.get_by_role("link", name=LONG).first.click()
    page.get_by_role("link", name="Everybody").click()
    expect(page.get_by_role("link", name="Everybody")).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="We have your request").first.click()
    letter = page.frame_locator(".mail-frame").locator("html")
    expect(letter.locator("body")).not_to_be_empty()  # the letter has come into its frame
    assert letter.evaluate("letter => letter.scrollWidth - letter.clientWidth") <= 0


def test_the_company_is_named_in_full_and_every_place_is_in_reach(
    app: Flask, address: str, page: Page, olga: Character, scheme: str, size: dict[str, int]
) -> None:
    olga.writes("Printer on fire")
    come_in(app, page, address, olga.email)
    expect(page.get_by_role("heading", level=1, name="My requests")).to_be_visible()
    assert runs_over(page, ".site-head .brand span") <= 0
    page.wait_for_load_state("load")  # the script hears Escape
    page.get_by_label("You and this site").click()
    expect(page.locator(".menu-sheet").get_by_role("link", name="Home")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".menu-sheet").get_by_role("link", name="Home")).to_be_hidden()


def test_the_administration_is_in_sight_however_many_states_there_are(
    address: str, page: Page, boris: Character, scheme: str, size: dict[str, int]
) -> None:
    sign_in(page, address, boris.email)
    if size == PHONE:
        page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Administration")).to_be_in_viewport(ratio=1)


def test_what_is_wrong_with_a_form_is_said_once(address: str, page: Page, scheme: str, size: dict[str, int]) -> None:
    page.goto(f"{address}/forms/contact")
    page.get_by_label("E-mail").fill("nonsense")
    page.locator("main form").evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="Send").click()
    problems = page.locator(".problems")
    expect(problems).to_contain_text("2 things need your attention.")
    assert problems.inner_text().count("E-mail") == 1
    look(page, f"said-once-{scheme}")
    problems.get_by_role("link", name="must be an e-mail address").click()
    expect(page.get_by_label("E-mail")).to_be_focused()


def test_a_mail_in_quarantine_is_named_by_who_sent_it(
    post: Post, address: str, page: Page, boris: Character, scheme: str, size: dict[str, int]
) -> None:
    raw = f"From: a@b.example, {LONG}\r\nTo: support@localhost\r\nSubject: Hello\r\n\r\nHello\r\n"
    assert post.arrives(raw.encode(), envelope_from=LONG, to=["support@localhost"]).status == "quarantined"
    sign_in(page, address, boris.email)
    page.goto(f"{address}/admin/quarantine")
    expect(page.get_by_text(f"Mail from {LONG}")).to_be_visible()
    look(page, f"quarantined-{scheme}")


def test_initials_of_any_script_fit_their_circle(
    app: Flask, address: str, page: Page, boris: Character, scheme: str, size: dict[str, int]
) -> None:
    case = Character(app, "ananya@post.example").writes("পাখা শব্দ করে", name="অনন্যা চৌধুরী")
    sign_in(page, address, boris.email)
    page.goto(f"{address}/desk/tickets/{case.ref}")
    face = page.locator(".entry > .avatar").first
    expect(face).to_have_text("অচৌ")
    room = face.evaluate(
        """face => {
          const letters = document.createRange();
          letters.selectNodeContents(face);
          return face.getBoundingClientRect().width - letters.getBoundingClientRect().width;
        }"""
    )
    assert room >= 4


def test_a_ticket_of_many_tags_takes_no_room_from_the_others(
    app: Flask, address: str, page: Page, boris: Character, olga: Character, scheme: str, size: dict[str, int]
) -> None:
    case = olga.writes("Many tags")
    boris.performs("details", case, tags=[f"a-rather-long-tag-{number}" for number in range(30)])
    other = olga.writes(SUBJECT)
    sign_in(page, address, boris.email)
    look(page, f"many-tags-{scheme}")
    assert runs_over(page, "#rows") <= 0
    for ticket, subject in ((case, "Many tags"), (other, SUBJECT)):
        row = page.locator(f"#row-{ticket.ref}")
        expect(row.get_by_role("link", name=subject)).to_be_visible()
        expect(row.locator(".face")).to_be_in_viewport(ratio=1)
    if size == DESKTOP:
        expect(page.locator(f"#row-{case.ref}").get_by_text("+28")).to_be_visible()


def test_the_desk_is_as_tall_as_its_window(
    app: Flask, post: Post, address: str, page: Page, boris: Character, scheme: str, size: dict[str, int]
) -> None:
    """What only a screen reader hears makes no page longer than what is seen of it."""
    for number in range(12):
        raw = f"From: a@b.example, c@d.example\r\nTo: support@localhost\r\nSubject: {number}\r\n\r\nHello\r\n"
        post.arrives(raw.encode(), envelope_from="a@b.example", to=["support@localhost"])
    sign_in(page, address, boris.email)
    for path in ("quarantine", "outbox", "people", "sources"):
        page.goto(f"{address}/admin/{path}")
        assert page.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0, path


def test_many_alarms_leave_the_page_in_sight(
    app: Flask, address: str, page: Page, boris: Character, scheme: str, size: dict[str, int]
) -> None:
    with app.app_context(), writing():
        for number in range(6):
            alarms.sound(f"webhook:{number}", f"The webhook “{number}” does not answer.")
    sign_in(page, address, boris.email)
    page.goto(f"{address}/admin/sources")
    expect(page.get_by_text("does not answer").locator("visible=true")).to_have_count(2)
    expect(page.get_by_role("heading", name="Mail", exact=True)).to_be_in_viewport()
    page.get_by_text("4 more alarms").click()
    expect(page.get_by_text("does not answer").locator("visible=true")).to_have_count(6)
    look(page, f"many-alarms-{scheme}")
    page.goto(f"{address}/admin/alarms")
    expect(page.get_by_text("does not answer").locator("visible=true")).to_have_count(6)
