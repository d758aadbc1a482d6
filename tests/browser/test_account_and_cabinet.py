"""Signing in and the cabinet by hand and eye: every page readable by everybody, and no page breaks its own policy."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.cast import Case, Character
from tests.servers.browser import DESKTOP, PHONE, OpenPage, look
from tests.visitor import PASSWORD, give_password, mailed_link

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # both are read in the stories


@pytest.fixture
def case(olga: Character, ann: Character) -> Case:
    case = olga.writes("Printer on fire", "Smoke comes out of the printer on the third floor.\n\nWhat should I do?")
    ann.performs("comment", case, text="A note.")
    ann.performs("reply", case, text="Please unplug it.\n\nWhich model is it?", kind="technical")
    return case


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_customer_comes_in_by_the_link_and_answers(
    app: Flask, address: str, new_page: OpenPage, case: Case, olga: Character, size: dict[str, int], scheme: str
) -> None:
    page = new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    look_at = f"{scheme}-{size['width']}"
    page.goto(address)
    look(page, f"home-{look_at}")
    page.goto(f"{address}/my/requests")
    look(page, f"my-sign-in-{look_at}")
    page.get_by_label("E-mail").fill(olga.email)
    page.get_by_role("button", name="Mail me a link").click()
    look(page, f"my-sent-{look_at}")
    page.goto(address + mailed_link(app, olga.email))
    look(page, f"my-link-{look_at}")
    page.get_by_role("button", name="Sign in").click()
    look(page, f"my-requests-{look_at}")
    page.get_by_role("link", name="Printer on fire").click()
    look(page, f"my-request-{look_at}")
    expect(page.get_by_text("A note.")).to_have_count(0)
    page.locator("[contenteditable=true], textarea[name=message]:visible").first.fill("It is the grey one.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("It is the grey one.")).to_be_visible()
    look(page, f"my-answered-{look_at}")
    assert case.state == "new"
    page.goto(f"{address}/my/profile")
    look(page, f"my-profile-{look_at}")
    page.goto(f"{address}/my/requests/R-99999")
    look(page, f"nothing-{look_at}")


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_agent_signs_in_and_looks_after_the_account(
    app: Flask, address: str, new_page: OpenPage, ann: Character, size: dict[str, int], scheme: str
) -> None:
    give_password(app, ann.email)
    page = new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    look_at = f"{scheme}-{size['width']}"
    page.goto(f"{address}/account/password")
    look(page, f"sign-in-{look_at}")
    page.get_by_label("E-mail").fill(ann.email)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    look(page, f"sign-in-wrong-{look_at}")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile("/account/password$"))
    look(page, f"security-{look_at}")
    page.get_by_role("link", name="Turn on").click()
    look(page, f"two-factor-set-up-{look_at}")
    page.goto(f"{address}/account/forgotten")
    look(page, f"forgotten-{look_at}")
    page.get_by_label("E-mail").fill(ann.email)
    page.get_by_role("button", name="Mail me a link").click()
    look(page, f"forgotten-sent-{look_at}")
    page.goto(address + mailed_link(app, ann.email))
    look(page, f"reset-{look_at}")
