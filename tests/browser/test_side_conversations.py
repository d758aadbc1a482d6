"""Side conversations by hand and eye (attack 39): an agent asks a vendor, sees the answer come while the page is open,
unfolds the thread by keyboard, writes on and publishes; each page looked at and scanned.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests import side_desk
from tests.browser.steps import at_the_ticket, sheet
from tests.cast import Case, Character
from tests.plugins.post import Post, letter
from tests.servers.browser import DESKTOP, PHONE, OpenPage, look, look_in_all
from tests.servers.serving import served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

VENDOR = "kai@parts.example"
LONG = (
    "the.department.of.spare.parts@warehouse.of.a.long.name.example",
    "lee.who.likes.dots.and.words@glass.and.more.of.a.long.name.example",
)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with served(app) as url:
        yield url


@pytest.fixture
def case(app: Flask, post: Post) -> Case:
    side_desk.adopt(app)
    asked = letter(
        "Olga <olga@example.org>", "My screen is broken. What would a new one cost?", subject="Broken screen"
    )
    return post.case(asked)


def test_an_agent_asks_a_vendor_and_publishes_what_they_answer(
    app: Flask, page: Page, address: str, post: Post, ann: Character, case: Case
) -> None:
    at_the_ticket(app, page, address, ann, case)
    page.get_by_role("link", name="Ask outside").click()
    to = page.get_by_role("combobox", name="To", exact=False)
    to.fill("kai@parts.example; lee@glass.example")
    to.press("Enter")
    page.get_by_label("Subject").fill("A screen for a model 7")
    sheet(page).fill("What does a new screen cost, and how soon?")
    page.get_by_text("Messages to include").click()
    page.get_by_label("My screen is broken", exact=False).check()
    look_in_all(page, "side-form")
    page.locator("form.composer").get_by_role("button", name="Ask outside").click()
    card = page.locator(".side")
    expect(card).to_contain_text("A screen for a model 7")
    post.turn()
    (asked,) = post.to(VENDOR)
    reply = letter(f"Kai Parts <{VENDOR}>", "40 euro, 30 for us. Two days.", answers=asked.message)
    post.arrives(reply)
    expect(page.get_by_text("answered in the side conversation")).to_be_visible()
    expect(card.locator(".side-last")).to_contain_text("40 euro, 30 for us.")
    look_in_all(page, "side-folded")
    card.locator("summary").first.focus()
    page.keyboard.press("Enter")
    expect(card.get_by_text("40 euro, 30 for us. Two days.").last).to_be_visible()
    look_in_all(page, "side-unfolded")
    card.get_by_role("link", name="Write to").click()
    expect(page.locator("form.composer .tags-box .tag")).to_have_count(2)
    expect(page.get_by_label("Subject")).to_have_count(0)
    sheet(page).fill("And for two of them?")
    page.locator("form.composer").get_by_role("button", name="Ask outside").click()
    expect(card.locator(".badge").first).to_have_text("3 messages")
    card.locator("summary").first.click()
    card.get_by_role("link", name="Publish").click()
    expect(sheet(page)).to_contain_text("40 euro, 30 for us.")
    sheet(page).fill("A new screen costs 40 euro and takes two days.")
    look_in_all(page, "side-publish")
    page.locator("form.composer").get_by_role("button", name="Publish").click()
    expect(page.get_by_text("published from “A screen for a model 7”")).to_be_visible()
    assert [each.audience for each in case.messages] == ["public", "internal", "internal", "internal", "public"]


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "narrow"])
def test_the_button_names_whom_one_writes_to_and_keeps_to_its_card(
    app: Flask, new_page: OpenPage, address: str, ann: Character, case: Case, size: dict[str, int]
) -> None:
    """Third parties are often known by nothing but their addresses."""
    ann.performs(
        "ask_outside", case, text="What does a screen cost?", recipients="; ".join(LONG), side_subject="A screen"
    )
    page = new_page(viewport=size, reduced_motion="reduce")
    at_the_ticket(app, page, address, ann, case)
    page.locator(".side summary").first.click()
    button = page.locator(".side-tools").get_by_role("link", name=f"Write to {LONG[0]}")
    expect(button).to_be_visible()
    look(page, f"side-long-{size['width']}")
    assert page.locator(".side-tools").evaluate("box => box.scrollWidth - box.clientWidth") <= 0
    assert button.evaluate("button => button.scrollWidth - button.clientWidth") <= 0


def test_who_was_in_copy_is_let_in_with_one_click(
    app: Flask, page: Page, address: str, post: Post, ann: Character
) -> None:
    """Attack 23 by hand: noted, let in, taken out."""
    side_desk.adopt(app)
    case = post.case(letter("olga@example.org", "Help", Cc="Pia Pettersson <pia@example.org>, lee@other.example"))
    at_the_ticket(app, page, address, ann, case)
    page.get_by_role("button", name="Add: pia@example.org").click()
    expect(page.get_by_role("button", name="Take out: pia@example.org")).to_be_visible()
    expect(page.locator("#timeline")).to_contain_text("added pia@example.org in copy")
    for size, width in ((page.viewport_size or PHONE, "1440"), (PHONE, "390")):
        page.set_viewport_size(size)
        if width == "390":
            page.get_by_role("button", name="Details").click()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            look(page, f"in-copy-{scheme}-{width}")
    page.get_by_role("button", name="Take out: pia@example.org").click()
    expect(page.get_by_role("button", name="Take out: pia@example.org")).to_have_count(0)
