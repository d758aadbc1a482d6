"""An administrator who never saw the code changes the desk in the browser: by forms, by the text with its findings, by
the plan. Another browser has the new button without anything being restarted. And the page by eye, by keyboard, on a
phone, in the dark, and without script.

Attack 82 holds throughout: `new_page` fails a test whose page broke its own policy, which forbids inline style.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update

from config import Settings
from helpdesk.db import writing
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import revisions
from tests.browser.steps import Held, sign_in, the_head
from tests.cast import Case, Character, hire
from tests.servers.browser import PHONE, OpenPage, look
from tests.servers.desk import ROOT
from tests.visitor import give_password

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PARKED = """\
      parked:
        label: Parked
        customer_label: We are on it
        visible_to: [agent]
        actions: [reply, note]
        on_message: {customer: customer_writes, staff: note, other: note}
"""
PARK = "      park: {type: set_fields, label: Park, allow: [agent], to: parked}\n"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """The desk that ships, with a state more that is about to go."""
    text = (ROOT / "workflows.yaml").read_text()
    text = text.replace("      open:\n", f"{PARKED}      open:\n", 1).replace(
        "      acknowledge:", f"{PARK}      acknowledge:", 1
    )
    text = text.replace("[reply, note, ask_colleague", "[reply, park, note, ask_colleague", 1)
    path = tmp_path / "workflows.yaml"
    path.write_text(text)
    return replace(settings, workflows=str(path))


@pytest.fixture
def boris(app: Flask) -> Character:
    return the_head(app)


@pytest.fixture
def case(app: Flask, olga: Character) -> Case:
    return olga.writes("The lamp is dark", source="support_mail")


@pytest.fixture
def editor(page: Page, address: str, boris: Character) -> Page:
    sign_in(page, address, boris.email)
    return opened(page, address)


def adds(page: Page, what: str) -> None:
    page.locator(".flow-tools summary", has_text="Add").click()
    page.get_by_role("button", name=what, exact=True).click()


def opened(page: Page, address: str) -> Page:
    """The editor, once the text has been looked at and the diagram is drawn."""
    page.goto(f"{address}/admin/workflow")
    expect(page.locator(".flow-canvas svg")).to_be_visible()
    expect(page.locator("[data-findings-sum]")).to_contain_text("No mistakes found")
    return page


def text_of(page: Page) -> str:
    return page.locator("[data-text]").first.input_value()


def goes_to(page: Page, words: str) -> None:
    """Put the cursor behind these words, by searching for them."""
    page.locator(".cm-content").focus()
    page.keyboard.press("Control+f")
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator(".cm-search")).to_have_count(0)
    page.keyboard.press("ArrowRight")


def panel(page: Page) -> Locator:
    return page.locator("#flow-panel")


def written(page: Page) -> None:
    """Press the form's button and wait until the text has it and the form is that of the part as it is now."""
    before = text_of(page)
    with page.expect_response("**/workflow/part"):
        panel(page).locator("[data-write]").click()
    assert text_of(page) != before
    expect(panel(page).locator("[data-part-form]:not([data-dirty])")).to_be_visible()


def unfold(where: Locator, title: str) -> Locator:
    """A part of a form that is folded up."""
    group = (
        where.locator("details.part-group")
        .filter(has=where.page.locator("summary > span").get_by_text(title, exact=True))
        .first
    )
    if not group.evaluate("each => each.open"):
        group.locator("summary").first.click()
    return group


def test_an_administrator_changes_the_desk_and_another_browser_has_the_new_button(
    app: Flask, editor: Page, address: str, new_page: OpenPage, case: Case, olga: Character, ann: Character
) -> None:
    park_fourteen(app, olga)
    give_password(app, ann.email)
    agent = new_page()
    sign_in(agent, address, ann.email)
    agent.goto(f"{address}/desk/tickets/{case.ref}")
    expect(agent.get_by_role("link", name="Reply")).to_be_visible()
    expect(agent.get_by_text("Lend a lamp")).to_have_count(0)

    # A state, by its form.
    adds(editor, "A state")
    panel(editor).get_by_role("textbox", name="Label", exact=True).fill("On loan")
    panel(editor).get_by_label("What the customer reads").fill("You have a lamp of ours")
    panel(editor).get_by_role("checkbox", name="Support agent").check()
    written(editor)
    expect(editor.locator('[data-state="on_loan"]')).to_be_visible()

    # What can be done there: consent, a clock, a button.
    expect(panel(editor).get_by_role("heading", level=2)).to_have_text("On loan")
    group = panel(editor).get_by_role("group", name="Actions")
    group.get_by_role("checkbox", name="Note").check()
    group.get_by_role("checkbox", name="Take back").check()
    on_message = unfold(panel(editor), "On message")
    on_message.get_by_label("Customer").select_option("customer_adds")
    on_message.get_by_label("Other").select_option("note")
    timers = unfold(panel(editor), "Timers")
    timers.get_by_text("Add", exact=True).click()
    timers.get_by_label("After").fill("3d")
    timers.get_by_label("Do").select_option("escalate")
    approve = unfold(panel(editor), "Approve")
    approve.get_by_role("checkbox", name="Head of support").check()
    approve.get_by_label("Email").select_option("overdue")
    approve.get_by_label("Accept").select_option("take_back")
    approve.get_by_label("Reject").select_option("close_silent")
    written(editor)
    assert "timers: [{after: 3d, do: escalate}]" in text_of(editor)

    # An action with a field of money that is asked under a condition.
    adds(editor, "An action")
    expect(panel(editor).get_by_role("heading", level=2)).to_have_text("A new action")
    panel(editor).get_by_role("textbox", name="Label", exact=True).fill("Lend a lamp")
    panel(editor).get_by_label("What it does").select_option("set_fields")
    panel(editor).get_by_label("Where the ticket goes").select_option("on_loan")
    panel(editor).get_by_role("group", name="Offered in").get_by_role("checkbox", name="New", exact=True).check()
    panel(editor).get_by_role("group", name="Who may run it").get_by_role("checkbox", name="Support agent").check()
    written(editor)
    expect(panel(editor).get_by_role("heading", level=2)).to_have_text("Lend a lamp")
    expect(editor.locator(".cm-activeLine")).to_contain_text("lend_a_lamp:")  # the text shows what the form added
    fields = unfold(panel(editor), "Fields")
    fields.get_by_text("Add", exact=True).click()
    fields.get_by_label("Use").select_option("topic")
    written(editor)
    fields = unfold(panel(editor), "Fields")
    fields.get_by_text("Add", exact=True).click()
    row = fields.locator("[data-new]")
    row.get_by_label("Name").fill("deposit")
    row.get_by_label("Type").select_option("money")
    row.get_by_label("Label").fill("Deposit")
    row.get_by_label("Show if").fill("fields.topic == 'order'")
    written(editor)
    kept = unfold(panel(editor), "Fields").locator("fieldset.part-row").first.get_by_label("Use").bounding_box()
    assert kept
    assert kept["width"] > 200, "what a row asks stands below its name, not squeezed beside it"
    expect(editor.locator("[data-findings-sum]")).to_contain_text("No mistakes found")
    assert "# automatic actions run on arrival" in text_of(editor)  # every comment is where it was

    # The state that goes, and two mistakes, each marked at its line.
    goes_to(editor, "label: Parked")
    expect(panel(editor).get_by_role("heading", level=2)).to_have_text("Parked")
    panel(editor).get_by_role("button", name="Remove").click()
    expect(panel(editor)).to_contain_text("Removed from the text")
    expect(panel(editor).get_by_role("button", name="Remove")).to_have_count(0)  # a second press removes nothing
    expect(editor.locator('[data-state="parked"]')).to_have_attribute("data-change", "removed")
    goes_to(editor, "label: In progress")
    editor.keyboard.type("\ncolr: blue")
    problems = editor.locator("[data-findings] li[data-severity=error]")
    expect(problems).to_have_count(2)
    lines = text_of(editor).split("\n")
    for problem in problems.all():
        line, _column = problem.locator("code").inner_text().split(":")
        assert "colr" in lines[int(line) - 1] or "to: parked" in lines[int(line) - 1]
    expect(problems.filter(has_text="colr")).to_contain_text("Did you mean “color”?")
    expect(editor.locator(".cm-lintRange-error").first).to_be_visible()
    look(editor, "editor-two-mistakes")

    # They are mended: one in the text, one by the form.
    problems.filter(has_text="colr").get_by_role("button").click()
    editor.keyboard.press("Home")
    editor.keyboard.press("Shift+End")
    editor.keyboard.press("Backspace")
    expect(problems).to_have_count(1)
    problems.first.get_by_role("button").click()
    expect(panel(editor).get_by_role("heading", level=2)).to_have_text("Park")
    unfold(panel(editor), "To").get_by_label("To").first.select_option("open")
    written(editor)
    expect(editor.locator("[data-findings-sum]")).to_contain_text("No mistakes found")

    # The plan, the tickets' way, the word for the history.
    editor.get_by_role("button", name="Plan and apply").click()
    expect(panel(editor)).to_contain_text("14 tickets are in the removed state “parked”")
    expect(panel(editor).get_by_role("button", name="Apply")).to_be_disabled()
    look(editor, "editor-plan")
    plan = Held(editor, "**/workflow/plan")
    panel(editor).get_by_label("Where do they go?").select_option("open")
    plan.is_asked()
    panel(editor).get_by_label("What did you change, and why?").fill("Lamps can be lent")
    plan.goes_through()  # the new plan comes while the word for the history stands there already
    expect(panel(editor)).to_contain_text("14 tickets of “parked” would be moved to “open”")
    expect(panel(editor).get_by_label("What did you change, and why?")).to_have_value("Lamps can be lent")
    panel(editor).get_by_role("button", name="Apply").click()
    editor.get_by_role("dialog").get_by_role("button", name="Apply").click()
    expect(editor.get_by_text("Revision 2 is in force")).to_be_visible()
    with app.app_context():
        assert revisions.active().id == 2

    agent.reload()
    agent.locator("#ticket-actions summary").click()
    agent.get_by_role("link", name="Lend a lamp").click()
    form = agent.locator("form.composer")
    expect(form.get_by_label("Deposit")).to_be_hidden()
    form.get_by_label("What is it about?").select_option("order")
    expect(form.get_by_label("Deposit")).to_be_visible()
    form.get_by_label("Deposit").fill("25")
    form.get_by_role("button", name="Lend a lamp").click()
    expect(agent.locator("#ticket-head .badge").first).to_have_text("On loan")


def test_a_plan_is_not_covered_by_a_form_that_comes_late(editor: Page) -> None:
    part = Held(editor, "**/workflow/part")
    goes_to(editor, "label: Close")
    part.is_asked()
    editor.keyboard.type(" it")
    editor.get_by_role("button", name="Plan and apply").click()
    why = panel(editor).get_by_label("What did you change, and why?")
    expect(why).to_be_visible()
    part.is_asked().continue_()  # nobody waits for it any more
    editor.unroute("**/workflow/part")
    editor.wait_for_load_state("networkidle")
    expect(why).to_be_visible()


def test_a_plan_that_was_asked_for_comes_whatever_is_found_in_the_text_meanwhile(editor: Page) -> None:
    plan = Held(editor, "**/workflow/plan")
    with editor.expect_response("**/workflow/part"):
        goes_to(editor, "label: Close")
    expect(panel(editor).get_by_role("heading", level=2)).to_have_text("Closed")
    with editor.expect_response("**/workflow/check"):
        editor.keyboard.type(" it")  # the form beside it would be drawn anew
        editor.get_by_role("button", name="Plan and apply").click()
        plan.is_asked()
    plan.goes_through()
    why = panel(editor).get_by_label("What did you change, and why?")
    expect(why).to_be_visible()
    editor.wait_for_load_state("networkidle")
    expect(why).to_be_visible()


def test_the_search_of_the_text_speaks_as_the_rest_of_the_page(editor: Page) -> None:
    editor.locator(".cm-content").focus()
    editor.keyboard.press("Control+f")
    search = editor.locator(".cm-search")
    expect(search.get_by_placeholder("Replace with")).to_be_visible()
    top = [
        search.get_by_role(role, name=name).bounding_box() for role, name in (("button", "Next"), ("checkbox", "Words"))
    ]
    assert top[0]
    assert top[1]
    assert abs(top[0]["y"] + top[0]["height"] / 2 - top[1]["y"] - top[1]["height"] / 2) < 6, "they stand in one line"
    look(editor, "editor-search")


def test_what_is_typed_outlives_the_page(app: Flask, editor: Page, address: str) -> None:
    goes_to(editor, "label: Support")
    editor.keyboard.type("ers")
    expect(editor.locator("[data-saved]")).to_have_text("Draft saved")
    editor.reload()
    expect(editor.locator(".cm-content")).to_contain_text("The desk as it ships")
    assert "label: Supporters" in text_of(editor)
    editor.locator("summary[aria-label=More]").click()
    editor.get_by_role("button", name="Throw my draft away").click()
    editor.get_by_role("dialog").get_by_role("button", name="Throw my draft away").click()
    expect(editor.get_by_text("This is the text in force again.")).to_be_visible()
    assert "Supporters" not in text_of(editor)


def test_completion_knows_keys_choices_and_the_files_own_names(editor: Page) -> None:
    goes_to(editor, "label: In progress")
    editor.keyboard.type("\ncus")
    offered = editor.locator(".cm-tooltip-autocomplete li")
    expect(offered.filter(has_text="customer_label")).to_be_visible()
    editor.keyboard.press("Escape")
    for _ in range(3):
        editor.keyboard.press("Backspace")
    editor.keyboard.type("on_enter: [esc")
    offered.filter(has_text="escalate").click()
    assert "on_enter: [escalate]" in text_of(editor)


def test_the_keyboard_alone_gets_in_and_out(editor: Page) -> None:
    """WCAG 2.1.2: Tab indents, and Escape lets it leave. The desk's single keys are not meant while somebody writes."""
    goes_to(editor, "label: In progress")
    editor.keyboard.type("jk/?")
    assert "label: In progressjk/?" in text_of(editor)
    editor.keyboard.press("Escape")
    editor.keyboard.press("Tab")
    expect(editor.locator(".cm-content")).not_to_be_focused()
    state = editor.locator('[data-state="waiting"]')
    state.focus()
    editor.keyboard.press("Enter")
    expect(panel(editor).get_by_role("heading", level=2)).to_have_text("Waiting for the customer")


def test_a_state_that_was_dragged_stays_there(app: Flask, editor: Page, address: str) -> None:
    before = place_of(editor, "new")
    box = editor.locator('[data-state="new"]').bounding_box()
    assert box
    editor.mouse.move(box["x"] + 15, box["y"] + 12)
    editor.mouse.down()
    editor.mouse.move(box["x"] + 45, box["y"] + 72, steps=4)
    with editor.expect_response("**/workflow/check"):
        editor.mouse.up()
    after = place_of(opened(editor, address), "new")
    assert after != before
    editor.get_by_role("button", name="Put every state back where it belongs").click()
    expect(editor.locator('[data-state="new"]')).to_have_attribute("transform", before)


def kai_is_first(app: Flask, editor: Page, address: str, new_page: OpenPage, *, kai: str, boris: str) -> None:
    """Both write behind these words and read their plan; Kai, another administrator, applies before Boris does."""
    hire(app, "kai@acme.example", "Kai", roles=["manager"], admin=True)
    give_password(app, "kai@acme.example")
    other = new_page()
    sign_in(other, address, "kai@acme.example")
    opened(other, address)
    for page, words, more in ((other, kai, "Help"), (editor, boris, "Answers")):
        goes_to(page, words)
        page.keyboard.type(f" and {more}")
        page.get_by_role("button", name="Plan and apply").click()
        panel(page).get_by_label("What did you change, and why?").fill(more)
    for page in (other, editor):
        panel(page).get_by_role("button", name="Apply").click()
        page.get_by_role("dialog").get_by_role("button", name="Apply").click()
        expect(page.get_by_text(re.compile("is in force. Pages|Somebody was first"))).to_be_visible()
    expect(panel(editor)).to_contain_text("Somebody was first")


def test_two_administrators_at_once(editor: Page, address: str, app: Flask, new_page: OpenPage) -> None:
    """attack 95"""
    kai_is_first(app, editor, address, new_page, kai="label: Support", boris="label: Support")
    expect(panel(editor)).to_contain_text("Support and Help")
    look(editor, "editor-somebody-was-first")
    assert "Support and Answers" in text_of(editor)  # nothing of theirs is lost
    panel(editor).get_by_role("button", name="Take their text").click()
    editor.get_by_role("dialog").get_by_role("button", name="Take their text").click()
    expect(editor.get_by_text("This is the text in force again.")).to_be_visible()
    assert "Support and Help" in text_of(editor)


def test_two_administrators_who_changed_other_lines(editor: Page, address: str, app: Flask, new_page: OpenPage) -> None:
    """attack 95: with one press both changes stand in one text, and it is planned anew"""
    kai_is_first(app, editor, address, new_page, kai="label: Support", boris="label: Repairs")
    look(editor, "editor-both-can-stand")
    panel(editor).get_by_role("button", name="Bring both together").click()
    expect(editor.get_by_text("Your text now holds both changes.")).to_be_visible()
    assert "Support and Help" in text_of(editor)
    assert "Repairs and Answers" in text_of(editor)


def test_without_script_there_is_a_text_and_buttons(
    new_page: OpenPage, address: str, boris: Character, app: Flask
) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(f"{address}/account/sign-in")
    page.get_by_label("E-mail").fill(boris.email)
    page.get_by_label("Password").fill("three words and a comma")
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{address}/admin/workflow")
    area = page.get_by_role("textbox", name="workflows.yaml")
    good = area.input_value()
    area.fill(good.replace("initial: new", "initial: nwe", 1))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("nwe").first).to_be_visible()
    area.fill(good.replace("label: Support\n", "label: Questions\n", 1))
    page.get_by_role("button", name="Plan and apply").click()
    page.get_by_label("What did you change, and why?").fill("A plainer name")
    page.get_by_role("button", name="Apply", exact=True).click()
    expect(page.get_by_text("Revision 2 is in force")).to_be_visible()


@pytest.mark.parametrize(
    ("scheme", "size"), [("light", {"width": 1440, "height": 900}), ("dark", PHONE)], ids=["light-wide", "dark-narrow"]
)
def test_every_page_about_the_workflow_by_eye(
    app: Flask, address: str, boris: Character, case: Case, new_page: OpenPage, scheme: str, size: dict[str, int]
) -> None:
    page = new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    name = f"{scheme}-{size['width']}"
    sign_in(page, address, boris.email)
    page.goto(f"{address}/admin/workflow")
    expect(page.locator("[data-findings-sum]")).to_contain_text("No mistakes found")
    look(page, f"editor-{name}")
    if size["width"] < 500:
        page.get_by_role("button", name="Diagram").click()
        expect(page.locator(".flow-canvas svg")).to_be_visible()
        look(page, f"editor-diagram-{name}")
    page.locator('[data-state="new"]').click()
    expect(panel(page).get_by_role("heading", level=2)).to_have_text("New")
    look(page, f"editor-form-{name}")
    page.get_by_role("button", name="E-mails").click()
    expect(panel(page).frame_locator("iframe").get_by_text("Hello")).to_be_visible()
    look(page, f"editor-letter-{name}")
    page.get_by_role("button", name="Tests", exact=True).click()
    expect(panel(page).get_by_text("passed").first).to_be_visible(timeout=60_000)
    look(page, f"editor-tests-{name}")
    for path in (
        "history",
        "history/1",
        "rights",
        "rights?workflow=repair&state=new",
        "see",
        f"see?who=agent&ref={case.ref}",
    ):
        page.goto(f"{address}/admin/workflow/{path}")
        look(page, f"workflow-{re.sub(r'[^a-z0-9]+', '-', path)}-{name}")


def park_fourteen(app: Flask, olga: Character) -> None:
    """Fourteen tickets in the state that is about to go, by force: how they came there is no part of the story."""
    cases = [olga.writes(f"Lamp {number}", source="support_mail") for number in range(14)]
    with app.app_context(), writing() as here:
        here.execute(update(Ticket).where(Ticket.id.in_([each.id for each in cases])).values(state="parked"))


def place_of(page: Page, state: str) -> str:
    return page.locator(f'[data-state="{state}"]').get_attribute("transform") or ""
