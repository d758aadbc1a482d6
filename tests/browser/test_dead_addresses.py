"""That mail does not reach somebody, where it must be known: at the requester, before a reply, at the person; and how
many robots there were. In both themes, wide and narrow.
"""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from helpdesk.db import writing
from helpdesk.people import find, reach
from tests.browser.steps import sign_in
from tests.cast import Character, hire
from tests.plugins.post import Post, letter
from tests.servers.browser import DESKTOP, PHONE, OpenPage, look
from tests.visitor import give_password

OLGA = "olga@example.org"
WHY = "550 5.1.1 <olga@example.org>: Recipient address rejected: User unknown in virtual mailbox table"
pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.parametrize(
        ("scheme", "size"), [("light", DESKTOP), ("dark", PHONE)], ids=["light-wide", "dark-narrow"]
    ),
]


@pytest.fixture
def page(new_page: OpenPage, scheme: str, size: dict[str, int]) -> Page:
    return new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")


def test_whoever_works_there_learns_that_mail_comes_back(
    app: Flask, address: str, page: Page, post: Post, ann: Character, scheme: str, size: dict[str, int]
) -> None:
    case = post.case(letter(OLGA))
    with app.app_context(), writing():
        reach.came_back(OLGA, WHY)
    give_password(app, ann.email)
    sign_in(page, address, ann.email)
    page.goto(f"{address}/desk/tickets/{case.ref}")
    name = f"dead-address-{scheme}-{size['width']}"
    if size == PHONE:
        page.get_by_role("button", name="Details").click()
    side = page.get_by_role("complementary", name="Details")
    expect(side.get_by_text("has come back since")).to_be_visible()
    expect(side.get_by_text(WHY)).to_be_visible()
    look(page, f"{name}-ticket")
    page.goto(f"{address}/desk/tickets/{case.ref}/do/reply")
    expect(page.locator("form.composer").get_by_text("has come back since")).to_be_visible()
    look(page, f"{name}-reply")


def test_administrators_see_it_at_the_person_and_how_many_robots_wrote(
    app: Flask, address: str, page: Page, post: Post, scheme: str, size: dict[str, int]
) -> None:
    post.case(letter(OLGA))
    for number in range(3):
        post.arrives(letter(OLGA, f"Away {number}", Auto_Submitted="auto-replied"), source="support_mail")
    post.arrives(letter("list@example.org", "News", List_Id="<news.example.org>"), source="support_mail")
    with app.app_context(), writing():
        reach.came_back(OLGA, WHY)
        person = find.by_email(OLGA)
        assert person is not None
        number = person.id
    root = hire(app, "root@acme.example", "Root", admin=True)
    give_password(app, root.email)
    sign_in(page, address, root.email)
    name = f"dead-address-{scheme}-{size['width']}"
    page.goto(f"{address}/admin/people/{number}")
    expect(page.get_by_text("has come back since")).to_be_visible()
    look(page, f"{name}-person")
    page.goto(f"{address}/admin/sources")
    robots = page.get_by_role("region", name="Robots")
    expect(robots.get_by_text("Absence notes and notifications")).to_be_visible()
    look(page, f"{name}-sources")
