"""The desk takes its time to answer, and the reader goes on meanwhile: no answer comes into another ticket's place, and
nothing that was written is lost (W14, attack 95).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.steps import Held, at_the_ticket, sheet
from tests.cast import Case, Character
from tests.servers.serving import served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with served(app) as url:
        yield url


@pytest.fixture
def fire(olga: Character) -> Case:
    return olga.writes("Printer on fire")


@pytest.fixture
def lamp(olga: Character) -> Case:
    return olga.writes("Lamp does not shine")


@pytest.fixture
def desk(app: Flask, address: str, page: Page, ann: Character, fire: Case, lamp: Case) -> Page:
    """Ann at the printer's ticket; the lamp's is in the list beside it."""
    return at_the_ticket(app, page, address, ann, fire)


def opens(page: Page, subject: str) -> None:
    page.locator(".pane-list").get_by_role("link", name=subject).click()


def acts(page: Page, label: str) -> None:
    page.locator("#ticket-actions").get_by_role("link", name=label).click()


def stands_at(page: Page, case: Case, subject: str) -> None:
    """All of the page is about this ticket, its address too."""
    expect(page.get_by_role("heading", level=1)).to_have_text(subject)
    expect(page).to_have_url(re.compile(f"/desk/tickets/{case.ref}$"))
    expect(page.locator("#ticket-actions").get_by_role("link", name="Reply")).to_have_attribute(
        "href", f"/desk/tickets/{case.ref}/do/reply"
    )
    expect(page.locator(".pane-list [aria-current=true]")).to_have_text(subject)


def test_news_of_the_ticket_that_was_left_is_none_of_the_next(
    desk: Page, boris: Character, fire: Case, lamp: Case
) -> None:
    news = Held(desk, f"**/tickets/{fire.ref}/timeline?*")
    boris.performs("comment", fire, text="Let me look.")
    news.is_asked()
    opens(desk, "Lamp does not shine")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Lamp does not shine")
    news.goes_through()
    stands_at(desk, lamp, "Lamp does not shine")
    expect(desk.locator("#timeline").get_by_text("Let me look.")).to_have_count(0)


@pytest.mark.parametrize("late", ["the first", "the last"])
def test_of_two_tickets_that_are_opened_the_last_stays(
    desk: Page, olga: Character, fire: Case, lamp: Case, late: str
) -> None:
    fan = olga.writes("Loud fan")
    expect(desk.locator(".pane-list").get_by_role("link", name="Loud fan")).to_be_visible()
    first, last = Held(desk, f"**/tickets/{lamp.ref}"), Held(desk, f"**/tickets/{fan.ref}")
    opens(desk, "Lamp does not shine")
    opens(desk, "Loud fan")
    for answer in (first, last) if late == "the last" else (last, first):
        answer.goes_through()
    stands_at(desk, fan, "Loud fan")


@pytest.mark.parametrize("late", ["what was sent", "the next ticket"])
def test_whoever_sends_an_answer_and_opens_the_next_ticket_is_there(
    desk: Page, fire: Case, lamp: Case, late: str
) -> None:
    acts(desk, "Note")
    sheet(desk).fill("It smokes.")
    sent, next_ = Held(desk, "**/do/comment"), Held(desk, f"**/tickets/{lamp.ref}")
    desk.locator("form.composer").get_by_role("button", name="Note", exact=True).click()
    opens(desk, "Lamp does not shine")
    for answer in (sent, next_) if late == "the next ticket" else (next_, sent):
        answer.goes_through()
    stands_at(desk, lamp, "Lamp does not shine")
    assert "It smokes." in [message.text for message in fire.messages]


def test_what_was_refused_comes_back_with_what_was_written(
    desk: Page, boris: Character, fire: Case, lamp: Case
) -> None:
    acts(desk, "Reply")
    sheet(desk).fill("Take the blue cable.")
    sent = Held(desk, "**/do/reply")
    desk.locator("form.composer").get_by_role("button", name="Reply", exact=True).click()
    boris.performs("reply", fire, message="Take the red cable.")
    opens(desk, "Lamp does not shine")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Lamp does not shine")
    sent.goes_through()
    stands_at(desk, fire, "Printer on fire")
    expect(desk.get_by_text("This ticket changed while you were writing.")).to_be_visible()
    expect(sheet(desk)).to_have_text("Take the blue cable.")


def test_a_form_that_was_asked_for_comes_into_the_ticket_as_it_is_by_now(desk: Page, fire: Case) -> None:
    followed, form = Held(desk, "**/follow"), Held(desk, "**/do/reply")
    desk.get_by_role("button", name="Follow").click()
    acts(desk, "Reply")
    followed.goes_through()
    expect(desk.get_by_role("button", name="Unfollow")).to_be_visible()
    form.goes_through()
    expect(sheet(desk)).to_be_focused()


def test_a_form_of_the_ticket_that_was_left_does_not_come_into_the_next(desk: Page, lamp: Case) -> None:
    form = Held(desk, "**/do/reply")
    acts(desk, "Reply")
    opens(desk, "Lamp does not shine")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Lamp does not shine")
    form.goes_through()
    stands_at(desk, lamp, "Lamp does not shine")
    expect(desk.locator("form.composer")).to_have_count(0)
