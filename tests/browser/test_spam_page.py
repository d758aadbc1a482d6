"""The page of spam by hand and eye: what is kept, whose mail it is, and both taken back."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from helpdesk.workflows import revisions
from tests.browser.steps import sign_in, the_head
from tests.cast import Character
from tests.conftest import DESK
from tests.plugins.post import Post, letter
from tests.servers.browser import look, look_in_all

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_an_administrator_looks_at_the_spam_and_takes_some_back(
    app: Flask, page: Page, address: str, post: Post, ann: Character
) -> None:
    with app.app_context():
        text = DESK.read_text().replace("spam: {type: delete,", "spam: {type: spam,")
        assert revisions.adopt(text, author="the tests").revision
    ann.performs("spam", post.case(letter("win@cheap.example", "Buy now")))
    post.arrives(letter("win@cheap.example", "Buy now!", message_id="<2@cheap>"), envelope_from="win@cheap.example")
    sign_in(page, address, the_head(app).email)
    page.goto(f"{address}/admin/spam")
    expect(page.get_by_text("win@cheap.example is on the block list.")).to_be_visible()
    look_in_all(page, "spam")
    page.get_by_role("button", name="Remove win@cheap.example").click()
    expect(page.get_by_text("Nobody is blocked")).to_be_visible()
    page.get_by_role("button", name="Not spam").click()
    expect(page.get_by_text("No spam", exact=True)).to_be_visible()
    look(page, "spam-none")
