"""Ready answers with files and questions, by hand and eye (W42, W43): an agent puts them in, takes a file out and
sends, with script and without; an administrator adds a file in the editor, and the desk has it.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from config import Settings
from helpdesk.db import session
from helpdesk.tickets.models import Attachment, Message
from tests.browser.steps import sheet, sign_in, the_head
from tests.cast import Case, Character
from tests.conftest import DESK
from tests.servers.browser import OpenPage, look_in_all
from tests.visitor import give_password

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ANSWERS = """
  prices: {label: Price list, body: "Here are our prices.", files: [price-list.pdf, papers/the-way-to-us.png]}
  visit:
    label: A visit
    files: [papers/the-way-to-us.png]
    ask:
      - {name: day, type: date, label: Day, required: true}
      - {name: fare, type: money, label: Fare, help: What the way costs}
      - {name: door, type: choice, label: Door, choices: {front: Front door, yard: In the yard}}
      - {name: code, type: text, label: Code of the gate, pattern: '[0-9]{4}', show_if: fields.door == 'yard'}
    body: "We come on {{ asked.day }} for {{ asked.fare }}.{% if asked.code %} The code is {{ asked.code }}.{% endif %}"
"""
BILL = "      bill: {type: reply, label: Bill, allow: [agent], customer: see, fields: [price, message, files]}\n"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    folder = tmp_path / "house"
    (folder / "papers").mkdir(parents=True)
    (folder / "price-list.pdf").write_bytes(b"%PDF-1.7" + b" " * 48_000)
    (folder / "papers/the-way-to-us.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b" " * 420_000)
    hours = '  hours: {label: Opening hours, body: "We are open from nine to six."}\n'
    text = DESK.read_text("utf-8").replace(hours, hours + ANSWERS)
    text = text.replace("always: [take, details]", "always: [take, details, bill]")
    text = text.replace("      acknowledge:", f"{BILL}      acknowledge:", 1)
    (folder / "workflows.yaml").write_text(text)
    return replace(settings, workflows=str(folder / "workflows.yaml"))


@pytest.fixture
def case(app: Flask, olga: Character, ann: Character) -> Case:
    give_password(app, ann.email)
    return olga.writes("What would a repair cost?", "The printer smokes. Could somebody come by?")


@pytest.fixture
def replying(page: Page, address: str, case: Case, ann: Character) -> Page:
    """Ann with the form of a reply."""
    sign_in(page, address, ann.email)
    page.goto(f"{address}/desk/tickets/{case.ref}/do/reply")
    expect(sheet(page)).to_be_visible()
    return page


def puts_in(page: Page, answer: str) -> None:
    page.locator("form.composer summary", has_text="Ready answers").click()
    page.get_by_role("button", name=answer).click()


def enclosed(page: Page) -> Locator:
    return page.get_by_role("list", name="Files of ready answers").get_by_role("listitem")


def sent(app: Flask, case: Case) -> tuple[str, list[str]]:
    with app.app_context():
        newest = select(Message).where(Message.ticket_id == case.id).order_by(Message.id.desc()).limit(1)
        message = session().scalars(newest).one()
        named = select(Attachment.filename).where(Attachment.message_id == message.id).order_by(Attachment.id)
        return message.text, list(session().scalars(named))


def test_an_agent_puts_answers_in_takes_a_file_out_and_sends(app: Flask, replying: Page, case: Case) -> None:
    page = replying
    puts_in(page, "Price list")
    expect(sheet(page)).to_contain_text("Here are our prices.")
    expect(enclosed(page)).to_have_count(2)
    puts_in(page, "Price list")
    expect(enclosed(page)).to_have_count(2)  # a file goes along once
    look_in_all(page, "answers-composer")

    puts_in(page, "A visit")
    dialog = page.get_by_role("dialog", name="A visit")
    dialog.get_by_label("Day").fill("2026-03-31")
    dialog.get_by_label("Fare").fill("a lot")
    expect(dialog.get_by_label("Code of the gate")).to_be_hidden()
    dialog.get_by_label("Door").select_option("In the yard")
    dialog.get_by_label("Code of the gate").fill("12")
    dialog.get_by_role("button", name="Insert").click()
    expect(dialog.get_by_text("“Fare” must be an amount of money.")).to_be_visible()
    expect(dialog.get_by_text("“Code of the gate” does not have the expected form.")).to_be_visible()
    expect(dialog.get_by_label("Fare")).to_be_focused()
    expect(sheet(page)).not_to_contain_text("We come")
    look_in_all(page, "answers-questions")
    dialog.get_by_label("Fare").fill("1200")
    dialog.get_by_label("Code of the gate").fill("1234")
    dialog.get_by_role("button", name="Insert").click()
    expect(dialog).to_be_hidden()
    expect(sheet(page)).to_contain_text("We come on March 31, 2026 for 1,200.00 EUR. The code is 1234.")
    puts_in(page, "A visit")
    expect(dialog.get_by_label("Fare")).to_have_value("")
    expect(dialog.get_by_text("must be an amount")).to_have_count(0)
    dialog.get_by_role("button", name="Close").click()

    enclosed(page).filter(has_text="price-list.pdf").get_by_role("button", name="Remove price-list.pdf").click()
    expect(enclosed(page)).to_have_count(1)
    page.locator("form.composer").get_by_role("button", name="Reply", exact=True).click()
    expect(page.locator("form.composer")).to_have_count(0)
    text, files = sent(app, case)
    assert "We come on March 31, 2026" in text
    assert files == ["the-way-to-us.png"]
    expect(page.locator("#thread").get_by_role("link", name="the-way-to-us.png")).to_be_visible()


def test_enter_in_a_line_sends_the_form_and_puts_no_answer_in(
    app: Flask, replying: Page, address: str, case: Case
) -> None:
    page = replying
    page.goto(f"{address}/desk/tickets/{case.ref}/do/bill")
    sheet(page).click()
    page.keyboard.type("This is what it costs.")
    page.get_by_label("Price").fill("12")
    page.get_by_label("Price").press("Enter")
    expect(page.locator("form.composer")).to_have_count(0)
    assert sent(app, case) == ("This is what it costs.", [])


def test_without_script_the_form_comes_back(
    app: Flask, address: str, new_page: OpenPage, case: Case, ann: Character
) -> None:
    page = new_page(java_script_enabled=False)
    sign_in(page, address, ann.email)
    page.goto(f"{address}/desk/tickets/{case.ref}/do/reply")
    page.get_by_label("Message").fill("Dear Olga,")
    puts_in(page, "Price list")
    expect(page.get_by_label("Message")).to_have_value("Dear Olga,\n\nHere are our prices.")
    puts_in(page, "A visit")
    asks = page.get_by_role("region", name="A visit")
    asks.get_by_label("Fare").fill("a lot")
    asks.get_by_role("button", name="Insert").click()
    expect(asks.get_by_text("Please fill in “Day”.")).to_be_visible()
    if folder := os.environ.get("HELPDESK_SHOTS"):
        page.screenshot(path=Path(folder) / "answers-without-script.png")
    asks.get_by_label("Day").fill("2026-03-31")
    asks.get_by_label("Fare").fill("12")
    asks.get_by_role("button", name="Insert").click()
    expect(page.get_by_label("Message")).to_have_value(
        "Dear Olga,\n\nHere are our prices.\n\nWe come on March 31, 2026 for 12.00 EUR."
    )
    expect(asks).to_have_count(0)
    page.get_by_label("price-list.pdf").uncheck()
    page.locator("form.composer").get_by_role("button", name="Reply", exact=True).click()
    expect(page.locator("form.composer")).to_have_count(0)
    assert sent(app, case)[1] == ["the-way-to-us.png"]


def test_an_administrator_adds_a_file_in_the_editor(
    app: Flask, settings: Settings, page: Page, address: str, case: Case, tmp_path: Path
) -> None:
    boris = the_head(app)
    terms = tmp_path / "terms.txt"
    terms.write_text("Everything is as agreed.")
    sign_in(page, address, boris.email)
    page.goto(f"{address}/admin/workflow")
    code = page.locator("[data-code] .cm-content")
    expect(code).to_be_visible()
    code.click()
    page.keyboard.press("Control+f")
    page.keyboard.type("nine to six.")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.type(", files: [terms.txt")
    findings = page.locator("[data-findings] li")
    expect(findings.filter(has_text="There is no file “terms.txt” with this text.")).to_have_count(1)
    page.locator("[data-panel=enclosures]").click()
    panel = page.locator("#flow-panel")
    expect(panel.get_by_text("price-list.pdf")).to_be_visible()
    panel.locator("input[type=file]").set_input_files(terms)
    look_in_all(page, "answers-editor")
    panel.get_by_role("button", name="Add", exact=True).click()
    expect(panel.get_by_text("“terms.txt” is with your draft now.")).to_be_visible()
    expect(findings.filter(has_text="terms.txt")).to_have_count(0)
    look_in_all(page, "answers-editor-added")
    page.get_by_role("button", name="Plan and apply").click()
    panel.get_by_label("What did you change, and why?").fill("Terms go along")
    panel.get_by_role("button", name="Apply").click()
    page.get_by_role("dialog").get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Revision 2 is in force")).to_be_visible()
    assert (settings.workflow_path.parent / "terms.txt").read_text() == "Everything is as agreed."
    page.goto(f"{address}/desk/tickets/{case.ref}/do/reply")
    puts_in(page, "Opening hours")
    expect(enclosed(page)).to_have_text(re.compile("terms.txt"))
