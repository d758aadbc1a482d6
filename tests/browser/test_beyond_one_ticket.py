"""Merging, splitting, macros, tags and one click, by hand and eye: what an agent sees, with script and without."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from helpdesk.workflows import revisions
from tests.browser.steps import sheet, sign_in
from tests.cast import Case, Character
from tests.conftest import DESK
from tests.servers.browser import PHONE, OpenPage, look
from tests.visitor import give_password

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ACTIONS = """    actions:
      merge: {type: merge, label: Merge, button: {color: violet}, allow: [manager], to: done}
      split: {type: split, label: Split off, allow: [agent]}
      call: {type: call, label: Phone call, allow: [agent], fields: [message]}
      about: {type: set_fields, label: Subject and tags, allow: [agent], fields: [subject, tags]}
      answer_and_close: {type: macro, label: Answer and close, allow: [agent], run: [reply, close]}
"""


@pytest.fixture
def merging(app: Flask) -> None:
    text = DESK.read_text().replace("    actions:\n      acknowledge", ACTIONS + "      acknowledge")
    text = text.replace("always: [take, details]", "always: [take, about, call, merge, split, answer_and_close]")
    text = text.replace(
        "      details: {type: set_fields, label: Details, allow: [agent], fields: [kind, serial]}\n", ""
    )
    with app.app_context():
        adopted = revisions.adopt(text, author="a test")
        assert adopted.revision, [str(each) for each in adopted.findings]


@pytest.fixture
def cases(app: Flask, merging: None, olga: Character, ann: Character, boris: Character) -> tuple[Case, Case]:
    give_password(app, boris.email)
    first = olga.writes("The printer burns", "It began to smoke this morning, then I saw flames.")
    second = olga.writes("Printer again", "Here is the picture you asked for.\n\nAnd the screen flickers too.")
    ann.performs("reply", first, text="Please keep away from it. Which model is it?")
    ann.performs("comment", second, text="The same printer as yesterday.")
    return first, second


def looks(page: Page, name: str) -> None:
    """Wide and light, narrow and dark; without motion, so that no colour is on its way to another."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    look(page, f"{name}-light-1440")
    wide = page.viewport_size
    page.set_viewport_size(PHONE)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    look(page, f"{name}-dark-390")
    page.set_viewport_size(wide or PHONE)
    page.emulate_media(color_scheme="light")


def more(page: Page) -> None:
    """Open the menu of the actions that have no room."""
    page.locator("#ticket-actions summary").click()


def test_a_ticket_is_merged_looked_at_and_taken_out_again(
    address: str, page: Page, boris: Character, cases: tuple[Case, Case]
) -> None:
    first, second = cases
    sign_in(page, address, boris.email)
    page.goto(f"{address}/desk/tickets/{second.ref}/do/merge")
    page.get_by_label("Merge into").fill(first.ref)
    page.locator("form.composer").get_by_role("button", name="Merge").click()
    expect(page.locator(".linked")).to_contain_text(f"Merged into {first.ref}")
    expect(page.get_by_text("Go on in the ticket it was merged into.")).to_be_visible()
    looks(page, "merged")
    page.locator(".linked").get_by_role("link", name=first.ref).click()
    expect(page.locator(".timeline")).to_contain_text("Here is the picture you asked for.")
    expect(page.locator(".linked")).to_contain_text(f"With {second.ref}")
    looks(page, "merged-into")
    page.locator(".linked").get_by_role("link", name=second.ref).click()
    page.get_by_role("button", name="Undo merge").click()
    page.locator("dialog[open]").get_by_role("button", name="Undo merge").click()
    expect(page.locator(".linked")).to_have_count(0)
    assert second.state == "new"


def test_messages_are_chosen_and_split_off(
    address: str, page: Page, boris: Character, cases: tuple[Case, Case]
) -> None:
    first, _ = cases
    sign_in(page, address, boris.email)
    page.goto(f"{address}/desk/tickets/{first.ref}/do/split")
    page.get_by_label("It began to smoke").check()
    looks(page, "splitting")
    page.get_by_label("Subject of the new ticket").fill("Flames")
    page.locator("form.composer").get_by_role("button", name="Split off").click()
    page.locator(".timeline .entry-line").get_by_role("link").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Flames")
    expect(page.locator(".linked")).to_contain_text(f"Split off from {first.ref}")


def test_tags_are_chips(address: str, page: Page, boris: Character, cases: tuple[Case, Case]) -> None:
    first, _ = cases
    sign_in(page, address, boris.email)
    page.goto(f"{address}/desk/tickets/{first.ref}/do/about")
    tags = page.get_by_label("Tags", exact=True)
    tags.press_sequentially("urgent,big printer,Urgent,")
    tags.press_sequentially("paper")
    tags.press("Enter")
    chips = page.locator(".tags-box li")
    expect(chips).to_have_count(3)
    looks(page, "tags")
    page.get_by_role("button", name="Remove: paper").click()
    expect(chips).to_have_count(2)
    page.locator("form.composer").get_by_role("button", name="Subject and tags").click()
    expect(page.locator(".props")).to_contain_text("big printer")
    page.goto(f"{address}/desk/")
    expect(page.locator(f"#row-{first.ref}")).to_contain_text("urgent")


def test_a_macro_is_one_form_and_one_button(
    address: str, page: Page, boris: Character, cases: tuple[Case, Case]
) -> None:
    _, second = cases
    sign_in(page, address, boris.email)
    page.goto(f"{address}/desk/tickets/{second.ref}/do/answer_and_close")
    sheet(page).fill("It is repaired.")
    page.get_by_label("Technical").check()
    page.locator("form.composer").get_by_role("button", name="Answer and close").click()
    page.get_by_text("Done: Answer and close").wait_for()
    assert second.state == "done"


def test_one_click_asks_first(
    address: str, page: Page, new_page: OpenPage, boris: Character, cases: tuple[Case, Case]
) -> None:
    first, second = cases
    sign_in(page, address, boris.email)
    page.goto(f"{address}/desk/tickets/{second.ref}")
    more(page)
    page.get_by_role("button", name="Spam").click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_contain_text("Spam: are you sure?")
    dialog.get_by_role("button", name="Spam").click()
    page.get_by_text("Done: Spam").wait_for()
    assert second.state == "trash"
    bare = new_page(java_script_enabled=False)
    sign_in(bare, address, boris.email)
    bare.goto(f"{address}/desk/tickets/{second.ref}")
    bare.get_by_role("link", name="Reopen").click()
    bare.get_by_role("button", name="Reopen").click()
    bare.goto(f"{address}/desk/tickets/{second.ref}")
    more(bare)
    bare.get_by_role("button", name="Spam").click()
    expect(bare.get_by_text("Spam: are you sure?")).to_be_visible()
    assert second.state == "new"
    bare.locator("form.composer").get_by_role("button", name="Spam").click()
    bare.wait_for_load_state()
    assert second.state == "trash"
    assert first.state == "waiting"
