"""The workflow file is the desk: what is written there stands on the page after a restart, with no code touched.

And the program ends when it is asked to.
"""

from __future__ import annotations

import re
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import letter_to, listens, sheet, sign_in
from tests.servers.browser import OpenPage
from tests.servers.desk import ROOT, Desk, processes_of, running_desk, tell

PASSWORD = "three words and a comma"
BORIS = "boris@acme.example"

NEW_EMAIL = """
  on_loan:
    subject: "[{{ ticket.ref }}] A lamp to borrow until {{ fields.back_on }}"
    body: "Hello {{ customer.name }}, please bring it back on {{ fields.back_on }}. {{ action.message }}"
"""
NEW_FIELD = """
  back_on: {type: date, label: Back on, help: The day the loan ends., keep: ticket}
"""
NEW_STATE = """
      lent:
        label: Lamp on loan
        customer_label: You have a lamp of ours
        color: teal
        visible_to: [agent]
        actions: [note, close]
        on_message: {customer: customer_writes, staff: note, other: note}
"""
NEW_ACTION = """
      lend:
        type: reply
        label: Lend a lamp
        button: {color: teal, key: l}
        allow: [agent]
        customer: see
        to: lent
        fields: [message, {use: back_on, required: true}]
        emails: [{to: [customer], template: on_loan, from: source}]
"""


@pytest.fixture
def workflows(tmp_path: Path) -> Path:
    """A copy of the file that ships."""
    copy = tmp_path / "workflows.yaml"
    copy.write_text((ROOT / "workflows.yaml").read_text())
    return copy


@pytest.fixture
def home(tmp_path: Path, workflows: Path) -> Path:
    """The data of a desk with its head and nobody else, so that it starts quickly."""
    tell(
        tmp_path, "init", "--email", BORIS, "--name", "Boris", "--password", PASSWORD, HELPDESK_WORKFLOWS=str(workflows)
    )
    tell(tmp_path, "user", "set", BORIS, "--role", "manager", HELPDESK_WORKFLOWS=str(workflows))
    return tmp_path


def written(workflows: Path, **parts: str) -> None:
    """Write each part at the head of the file's first section of that name."""
    for section, part in parts.items():
        text = workflows.read_text()
        found = re.search(rf"^ *{section}:(?! *\[).*$", text, re.MULTILINE)
        assert found
        workflows.write_text(text[: found.end()] + part.rstrip() + text[found.end() :])


def changed(workflows: Path, before: str, after: str) -> int:
    """Change the first such words of the file; gives their line."""
    text = workflows.read_text()
    assert before in text
    workflows.write_text(text.replace(before, after, 1))
    return text[: text.index(before)].count("\n") + 1


def at_the_desk(page: Page, desk: Desk) -> Page:
    sign_in(page, desk.url, BORIS)
    listens(page)
    return page


def test_a_new_state_action_field_and_mail_stand_on_the_desk_after_a_restart(
    home: Path, workflows: Path, new_page: OpenPage
) -> None:
    settings = {"HELPDESK_WORKFLOWS": str(workflows)}
    with running_desk(home, **settings) as desk:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "Olga <olga@home.example>", "support@localhost", "It is dark"
        mail.set_content("My lamp is with you.")
        boris = at_the_desk(new_page(), desk)
        desk.takes_mail(mail)
        boris.get_by_role("link", name="It is dark").click()
        expect(boris.get_by_role("link", name="Reply")).to_be_visible()
        expect(boris.get_by_text("Lend a lamp")).to_have_count(0)
        assert desk.ends(within=10) == 0

    written(workflows, emails=NEW_EMAIL, fields=NEW_FIELD, states=NEW_STATE, actions=NEW_ACTION)
    changed(workflows, "fields: [topic, order_number, price]", "fields: [topic, order_number, price, back_on]")
    changed(workflows, "actions: [reply, note, ask_colleague", "actions: [reply, lend, note, ask_colleague")
    with running_desk(home, **settings) as desk:
        assert "revision 2" in desk.said()
        boris = at_the_desk(new_page(), desk)
        expect(boris.get_by_role("navigation", name="Desk").get_by_text("Lamp on loan")).to_be_visible()
        boris.get_by_role("link", name="It is dark").click()
        boris.get_by_role("link", name="Lend a lamp").click()
        form = boris.locator("form.composer")
        expect(form.get_by_text("The day the loan ends.")).to_be_visible()
        sheet(boris).press_sequentially("It is a green one.")
        form.get_by_role("button", name="Lend a lamp").click()
        expect(form.get_by_label("Back on")).to_be_focused()  # the new field is a must, and the browser says so
        form.get_by_label("Back on").fill("2030-05-04")
        form.get_by_role("button", name="Lend a lamp").click()
        expect(boris.locator("#ticket-head .badge")).to_have_text("Lamp on loan")
        expect(boris.get_by_role("complementary", name="Details")).to_contain_text("Back on")

        letter = letter_to(boris, desk.url, "olga@home.example", "A lamp to borrow until")
        expect(letter.frame_locator("iframe").get_by_text("It is a green one.")).to_be_visible()


def test_a_typo_is_told_with_its_line_and_the_desk_goes_on_with_the_last_good_revision(
    home: Path, workflows: Path, new_page: OpenPage
) -> None:
    settings = {"HELPDESK_WORKFLOWS": str(workflows)}
    line = changed(workflows, "actions: [reply, note, ask_colleague", "actions: [reply, noet, ask_colleague")

    with running_desk(home, **settings) as desk:
        assert f"workflows.yaml:{line}:" in desk.said()
        assert "noet" in desk.said()
        assert "The desk goes on with revision 1." in desk.said()
        boris = at_the_desk(new_page(), desk)
        boris.goto(f"{desk.url}/admin/people")
        expect(boris.get_by_text(f"workflows.yaml:{line}:")).to_be_visible()
        expect(boris.get_by_text("noet")).to_be_visible()
        boris.goto(f"{desk.url}/desk/tickets/new?form=contact")
        boris.get_by_label("Name").fill("Olga")
        boris.get_by_label("E-mail").fill("olga@home.example")
        boris.get_by_label("Subject").fill("It is dark")
        sheet(boris).press_sequentially("Very.")
        boris.get_by_label("The customer has agreed").check()
        boris.get_by_role("button", name="Open the ticket").click()
        expect(boris.get_by_role("link", name="Note")).to_be_visible()


def test_it_ends_within_ten_seconds_with_pages_open_and_leaves_no_child(home: Path, new_page: OpenPage) -> None:
    with running_desk(home) as desk:
        at_the_desk(new_page(), desk)  # its socket stays open
        assert processes_of(home)
        assert desk.ends(within=10) == 0
        assert processes_of(home) == []
        assert "Traceback" not in desk.said()
