"""The workflow in the browser, without script: its text is checked, planned and applied by buttons; two administrators
do not overwrite each other; the table of rights and the desk as others see it. What scripts ask is asked here as well.
"""

from __future__ import annotations

import io
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from markupsafe import escape
from werkzeug.test import TestResponse

from config import Settings
from helpdesk.workflows import revisions
from tests.cast import Character, hire
from tests.conftest import DESK
from tests.house.rows import changes, everything
from tests.visitor import Visitor

HTMX = {"HX-Request": "true"}
NEW_BUTTON = ("        label: Reply\n", "        label: Answer them\n")


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """With a file of its own: applying writes it."""
    return replace(settings, workflows=str(shutil.copy(DESK, tmp_path / "desk.yaml")))


@pytest.fixture
def admin(app: Flask) -> Visitor:
    return administrator(app, "root@acme.example", "Root")


@pytest.fixture
def text(app: Flask) -> str:
    return app.config["HELPDESK"].workflow_path.read_text()


def administrator(app: Flask, email: str, name: str) -> Visitor:
    hire(app, email, name, roles=["manager"], admin=True)
    browser = Visitor(app).is_let_in(email)
    browser.opens("/admin/workflow")
    return browser


def sends(browser: Visitor, do: str, text: str, *, base: int = 1, fragment: bool = False, **more: Any) -> TestResponse:
    fields = {"file": "desk.yaml", "text": text, "based_on": base, **more}
    data = {"csrf_token": browser.token, **fields}
    return browser.client.post(f"/admin/workflow/{do}", data=data, headers=HTMX if fragment else None)


def revision(app: Flask) -> int:
    with app.app_context():
        return revisions.active().id


def looked(browser: Visitor, text: str) -> dict[str, Any]:
    data = {"csrf_token": browser.token, "file": "desk.yaml", "text": text, "based_on": "1"}
    answer = browser.client.post("/admin/workflow/check", data=data, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_mistake_is_told_at_its_line_and_nothing_is_written(app: Flask, admin: Visitor, text: str) -> None:
    before = everything(app)
    wrong = text.replace("initial: new", "initial: nwe", 1)
    found = looked(admin, wrong)
    first = next(one for one in found["findings"] if one["severity"] == "error")
    assert "initial: nwe" in wrong.splitlines()[first["line"] - 1]
    assert "new" in first["hint"]
    assert "nwe" in sends(admin, "check", wrong).text  # the same without script, in the page
    assert found["names"]["states"]["repair"]
    assert changes(before, everything(app)) == []


def test_a_text_that_is_too_much_is_refused_with_a_sentence(app: Flask, admin: Visitor) -> None:
    """attack 85: hostile YAML in the editor; attack 93: too many files"""
    assert looked(admin, "a: &x [1]\nb: *x\n")["findings"][0]["code"] == "alias"
    assert looked(admin, "x" * 1_200_000)["findings"][0]["code"] == "too_big"
    assert sends(admin, "check", "version: 1", file="../../etc/passwd").status_code == 422
    many = {"file": [f"f{n}.yaml" for n in range(60)], "text": ["a: 1"] * 60}
    assert admin.sends("/admin/workflow/check", **many).status_code == 422


def test_checking_is_counted(app: Flask, admin: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """attack 94"""
    from limits import parse

    from helpdesk.web import limits

    monkeypatch.setitem(limits.RULES, "workflow_check", parse("2 per minute"))
    assert [sends(admin, "check", "version: 1").status_code for _ in range(3)] == [200, 200, 429]


def test_what_takes_too_long_is_killed_and_told(
    app: Flask, admin: Visitor, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """attack 84, for whole texts: what looks at them and what plays their tests is killed, and the desk goes on"""
    from helpdesk.rollout import trial
    from helpdesk.workflows.editing import work

    with monkeypatch.context() as short:
        short.setattr(work._child, "seconds", 0.001)
        assert [one["code"] for one in looked(admin, text)["findings"]] == ["not_checked"]
        assert sends(admin, "apply", text.replace(*NEW_BUTTON), note="unseen").status_code == 409
        short.setattr(trial._child, "seconds", 0.001)
        assert "did not come to an end" in sends(admin, "tests", text, fragment=True).text
    assert revision(app) == 1
    assert looked(admin, text)["drawings"]


def test_a_draft_is_kept_for_its_writer_alone(app: Flask, admin: Visitor, text: str) -> None:
    """What was typed is there after a reload, and on another machine; others go on seeing the text in force."""
    assert sends(admin, "draft", text.replace(*NEW_BUTTON)).status_code == 204
    assert "Answer them" in admin.opens("/admin/workflow").text
    assert "Answer them" not in administrator(app, "other@acme.example", "Other").opens("/admin/workflow").text
    admin.sends("/admin/workflow/discard")
    assert "Answer them" not in admin.opens("/admin/workflow").text


def test_a_changed_text_is_planned_and_applied_with_a_message(
    app: Flask, admin: Visitor, ann: Character, text: str
) -> None:
    changed = text.replace(*NEW_BUTTON)
    assert "The plan" in sends(admin, "plan", changed).text
    assert sends(admin, "apply", changed).status_code == 422  # without a message
    assert revision(app) == 1
    assert sends(admin, "apply", changed, note="A friendlier word").status_code == 303
    assert revision(app) == 2
    page = admin.opens("/admin/workflow/history").text
    assert "A friendlier word" in page
    assert "Root" in page
    assert "Answer them" in admin.opens("/admin/workflow/history/2").text
    again = sends(admin, "apply", changed, note="A friendlier word")  # sent twice: one effect (attack 96)
    assert again.status_code == 303
    assert revision(app) == 2


def test_the_text_in_force_changes_nothing_and_says_so(app: Flask, admin: Visitor, text: str) -> None:
    assert sends(admin, "apply", text).status_code == 303
    assert "Nothing changes: revision 1 is in force." in admin.opens("/admin/workflow").text
    assert revision(app) == 1


def test_a_text_with_mistakes_is_never_applied(app: Flask, admin: Visitor, text: str) -> None:
    answer = sends(admin, "apply", text.replace("initial: new", "initial: nwe", 1), note="oops")
    assert answer.status_code == 422
    assert "stands in the way" in answer.text
    assert revision(app) == 1


def test_tickets_of_a_state_that_goes_are_sent_where_the_administrator_says(
    app: Flask, admin: Visitor, ann: Character, olga: Character, text: str
) -> None:
    case = olga.writes("It is dark")
    state = case.state
    gone = text.replace(f"      {state}:\n", f"      {state}_2:\n").replace(
        f"initial: {state}\n", f"initial: {state}_2\n"
    )
    gone = re.sub(rf"(state|to): {state}\b", rf"\1: {state}_2", gone)
    plan = sends(admin, "plan", gone, fragment=True).text
    assert "1 ticket is in the removed state" in plan
    assert "disabled" in plan
    workflow = "repair"
    moved = {f"move:{workflow}:{state}": f"{state}_2"}
    assert sends(admin, "apply", gone, note="Renamed").status_code == 422
    assert sends(admin, "apply", gone, note="Renamed", **moved).status_code == 303
    assert case.state == f"{state}_2"


def test_two_administrators_do_not_overwrite_each_other(app: Flask, admin: Visitor, text: str) -> None:
    """attack 95: the second is shown what the first changed, and takes either text"""
    other = administrator(app, "other@acme.example", "Other")
    mine, theirs = text.replace(*NEW_BUTTON), text.replace("label: Repairs\n", "label: Mending\n", 1)
    assert mine != text != theirs
    assert sends(other, "apply", theirs, note="Mending").status_code == 303
    late = sends(admin, "apply", mine, note="Answers")
    assert late.status_code == 409
    assert "Mending" in late.text
    assert "Answer them" in late.text
    assert revision(app) == 2
    sends(admin, "rebase", mine)
    page = admin.opens("/admin/workflow").text
    assert 'name="based_on" value="2"' in page
    assert sends(admin, "apply", mine, base=2, note="Answers").status_code == 303


def test_two_administrators_who_changed_other_lines_bring_both_together(app: Flask, admin: Visitor, text: str) -> None:
    """attack 95: nothing of either is lost, and it is planned and applied like any text"""
    other = administrator(app, "other@acme.example", "Other")
    theirs, mine = text.replace("label: Repairs\n", "label: Mending\n", 1), text.replace(*NEW_BUTTON)
    sends(other, "apply", theirs, note="Mending")
    assert "Bring both together" in sends(admin, "apply", mine, note="Answers").text
    assert sends(admin, "together", mine).status_code == 303
    page = admin.opens("/admin/workflow").text
    assert 'name="based_on" value="2"' in page
    both = theirs.replace(*NEW_BUTTON)
    assert escape(both) in page
    assert sends(admin, "apply", both, base=2, note="Answers").status_code == 303
    assert revision(app) == 3


def test_who_changed_the_same_lines_brings_them_together_by_hand(app: Flask, admin: Visitor, text: str) -> None:
    other = administrator(app, "other@acme.example", "Other")
    theirs, mine = (text.replace("label: Repairs\n", f"label: {word}\n", 1) for word in ("Mending", "Fixing"))
    sends(other, "apply", theirs, note="Mending")
    late = sends(admin, "apply", mine, note="Fixing")
    assert "only a person can bring the two together" in late.text
    assert "Bring both together" not in late.text
    assert sends(admin, "together", mine).status_code == 409
    assert revision(app) == 2


def test_an_earlier_text_comes_back_as_a_draft(app: Flask, admin: Visitor, text: str) -> None:
    sends(admin, "apply", text.replace(*NEW_BUTTON), note="A friendlier word")
    assert admin.sends("/admin/workflow/history/1/take").status_code == 303
    page = admin.opens("/admin/workflow").text
    assert "Answer them" not in page
    assert 'name="based_on" value="2"' in page
    assert sends(admin, "apply", text, base=2, note="Back again").status_code == 303
    assert revision(app) == 3


def test_an_email_is_shown_with_a_tickets_data_in_a_frame_where_nothing_runs(
    app: Flask, admin: Visitor, ann: Character, olga: Character, text: str
) -> None:
    """attacks 1 and 83: a customer's words are values and the frame runs nothing"""
    case = olga.writes("<script>alert(1)</script> {{ 7*7 }}")
    name = next(iter(re.findall(r"^emails:\n  (\w+):", text, re.MULTILINE)))
    panel = sends(admin, "letters", text, fragment=True, letter=name, ref=case.ref).text
    frame = re.search(r'iframe src="([^"]+)"', panel)
    assert frame
    letter = admin.opens(frame[1].replace("&amp;", "&"))
    assert "script" not in letter.headers["Content-Security-Policy"]
    assert "sandbox" in letter.headers["Content-Security-Policy"]
    assert "<script>" not in letter.text
    assert "49" not in panel
    missing = sends(admin, "letters", text, fragment=True, letter=name, ref="S-99999")
    assert "There is no such ticket" in missing.text


def test_the_tests_of_the_file_are_run_and_told(app: Flask, admin: Visitor, text: str) -> None:
    told = sends(admin, "tests", text, fragment=True).text
    assert "No tests yet" in told or "passed" in told


def test_the_form_of_a_part_writes_its_lines(app: Flask, admin: Visitor, text: str) -> None:
    form = sends(admin, "part", text, fragment=True, path="workflows.repair.states.new").text
    assert 'name="label"' in form
    answer = sends(admin, "part/fill", text, path="workflows.repair.states.new", label="Just arrived")
    after = answer.get_json()["texts"]["desk.yaml"]
    assert "label: Just arrived" in after
    assert len(after.splitlines()) == len(text.splitlines())
    added = {
        "kind": "actions",
        "workflow": "repair",
        "label": "On loan",
        "type": "comment",
        "people": "agent",
        "states": "new",
    }
    after = sends(admin, "part/add", text, **added).get_json()["texts"]["desk.yaml"]
    assert "on_loan" in after
    assert sends(admin, "part/add", text, **added | {"label": "Reply"}).status_code == 409


def test_places_of_states_are_kept_and_given_up(app: Flask, admin: Visitor) -> None:
    from helpdesk.admin.workflow import drawing

    moved = admin.sends("/admin/workflow/places", workflow="repair", state="new", x="10.5", y="-3")
    assert moved.status_code == 204
    with app.app_context():
        assert drawing.places() == {"repair": {"new": [10.5, -3.0]}}
    assert admin.sends("/admin/workflow/places", workflow="repair", state="new", x="nan", y="0").status_code == 422
    assert admin.sends("/admin/workflow/places", workflow="repair").status_code == 204
    with app.app_context():
        assert drawing.places() == {}


def test_the_table_of_rights_is_what_the_rules_say(app: Flask, admin: Visitor, text: str) -> None:
    """N11: and a draft that opens a door says so"""
    page = admin.opens("/admin/workflow/rights?workflow=repair").text
    assert 'data-may="yes"' in page
    assert "data-change" not in page
    opened = re.sub(r"allow: \[accountant\]", "allow: [accountant, agent]", text)
    assert opened != text
    sends(admin, "draft", opened)
    marked = "".join(admin.opens(f"/admin/workflow/rights?workflow={name}").text for name in ("repair", "support"))
    assert 'data-change="more"' in marked
    sends(
        admin, "draft", text.replace("actions: [reply, forward, quote, comment", "actions: [reply, forward, comment", 1)
    )
    gone = admin.opens("/admin/workflow/rights?workflow=repair&only=1").text
    assert 'data-change="less"' in gone
    assert "quote" in gone


def test_the_table_agrees_with_what_is_refused(app: Flask, text: str) -> None:
    """N11: each cell of the table is asked of the rules in another way"""
    from helpdesk.admin.workflow.matrix import Column, Side

    with app.app_context():
        active = revisions.active()
        side = Side(active.desk, active.rules)
        for workflow in active.desk.workflows.values():
            for state in workflow.states.values():
                for name in active.rules.offered(workflow.name, state.name):
                    for role in active.desk.roles.values():
                        column = Column(role.name, role.label, "role")
                        cell = side.may(workflow.name, state.name, name, column)
                        standing = active.rules.standing([role.name], [])
                        sees = active.rules.sees(standing, workflow.name, state.name)
                        allowed = active.rules.allows(standing, workflow.name, name, is_assignee=True)
                        assert (cell != "no") == (sees and allowed), (workflow.name, state.name, name, role.name)


def test_the_desk_is_seen_as_somebody_else_without_being_them(
    app: Flask, admin: Visitor, ann: Character, kadri: Character, olga: Character
) -> None:
    case = olga.writes("It is dark")
    before = everything(app)
    as_agent = admin.opens(f"/admin/workflow/see?who=agent&ref={case.ref}").text
    with app.app_context():
        labels = [revisions.active().desk.workflows["repair"].actions[name].label for name in ann.buttons(case)]
    assert labels
    for label in labels:
        assert label in as_agent
    assert "no such ticket" in admin.opens(f"/admin/workflow/see?person={kadri.email}&ref={case.ref}").text
    assert "the customer" in admin.opens(f"/admin/workflow/see?who=customer&ref={case.ref}").text
    assert "Nobody has this address" in admin.opens("/admin/workflow/see?person=nobody@nowhere.example").text
    assert not re.search(r'<form[^>]*action="[^"]*/desk/tickets', as_agent)
    assert changes(before, everything(app)) == []
    assert "Root" in admin.opens("/admin/workflow").text  # still who they were


def test_a_desk_of_several_files_is_edited_and_applied_file_by_file(app: Flask, admin: Visitor, text: str) -> None:
    """A draft holds all files; a form changes the one its part stands in."""
    head, tail = text.split("\nsources:", 1)
    both = {"file": ["desk.yaml", "sources.yaml"], "text": [head + "\n", "sources:" + tail], "based_on": "1"}
    assert admin.client.post("/admin/workflow/draft", data={"csrf_token": admin.token, **both}).status_code == 204
    page = admin.opens("/admin/workflow").text
    assert 'data-file="sources.yaml"' in page
    assert page.count("<textarea") == 2
    part = {"csrf_token": admin.token, "path": "sources.support_mail", "label": "Letters", **both}
    after = admin.client.post("/admin/workflow/part/fill", data=part).get_json()["texts"]
    assert "label: Letters" in after["sources.yaml"]
    assert after["desk.yaml"] == both["text"][0]


def test_a_file_that_is_broken_leads_to_the_editor(app: Flask, admin: Visitor, text: str) -> None:
    path = app.config["HELPDESK"].workflow_path
    path.write_text(text.replace("initial: new", "initial: nwe", 1))
    with app.app_context():
        revisions.adopt_file(path)
    banner = admin.opens("/admin/people").text
    assert "not in force" in banner
    assert "Open the editor" in banner
    assert "not in force" in admin.opens("/admin/workflow").text


def test_only_administrators_apply(app: Flask, boris: Character, text: str) -> None:
    browser = Visitor(app).is_let_in(boris.email)
    assert sends(browser, "apply", text.replace(*NEW_BUTTON), note="mine now").status_code == 404
    assert revision(app) == 1


def adds(
    browser: Visitor, text: str, name: str, content: bytes, *, base: int = 1, fragment: bool = False
) -> TestResponse:
    """A file for ready answers, added to the draft."""
    data = {"csrf_token": browser.token, "file": "desk.yaml", "text": text, "based_on": base}
    sent = {**data, "enclosure": (io.BytesIO(content), name)}
    return browser.client.post("/admin/workflow/files/add", data=sent, headers=HTMX if fragment else None)


def test_a_file_is_kept_with_the_draft_until_it_is_applied(app: Flask, admin: Visitor, text: str) -> None:
    hours = "hours: {label: Opening hours, "
    own = text.replace(hours, f"{hours}files: [terms.txt], ")
    (app.config["HELPDESK"].workflow_path.parent / "other.txt").write_text("beside the file, and of nobody's business")
    (finding,) = looked(admin, own)["findings"]
    assert finding["code"] == "unknown_file"
    assert finding["hint"] == "Add it under “Files” of the editor, or put it beside the workflow file and apply that."
    assert [each["code"] for each in looked(admin, own.replace("terms", "other"))["findings"]] == ["unknown_file"]

    page = adds(admin, own, "terms.txt", b"As agreed.")
    assert page.status_code == 200
    assert "terms.txt" in page.text
    assert looked(admin, own)["findings"] == []
    second = administrator(app, "second@acme.example", "Second")
    assert [each["code"] for each in looked(second, own)["findings"]] == ["unknown_file"], "a draft is its writer's"
    done = sends(admin, "apply", own, note="Terms go along")
    assert done.status_code == 303, done.text
    assert (app.config["HELPDESK"].workflow_path.parent / "terms.txt").read_bytes() == b"As agreed."

    admin.client.post("/admin/workflow/history/1/take", data={"csrf_token": admin.token})
    assert sends(admin, "apply", text, base=2, note="Without them").status_code == 303
    admin.client.post("/admin/workflow/history/2/take", data={"csrf_token": admin.token})
    assert sends(admin, "apply", own, base=3, note="With them").status_code == 303, "the revision's files came along"
    with app.app_context():
        assert revisions.active().enclosed["terms.txt"].size == 10

    adds(admin, own, "terms.txt", b"As agreed anew.", base=4)
    planned = sends(admin, "plan", own, base=4)
    assert "The file “terms.txt” of ready answers holds something else." in planned.text
    assert sends(admin, "apply", own, base=4, note="Other terms").status_code == 303
    page = admin.opens("/admin/workflow/history/5").text
    assert "A file of ready answers holds something else: terms.txt" in page


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "Choose a file first."),
        ("more.yaml", "Files of the workflow itself"),
        ("ab:c.txt", "This is no name of a file"),
    ],
)
def test_a_file_that_cannot_be_sent_is_not_kept(admin: Visitor, text: str, name: str, sentence: str) -> None:
    refused = adds(admin, text, name, b"x", fragment=True)
    assert refused.status_code == 422
    assert sentence in refused.text


@pytest.mark.parametrize("name", ["sitecustomize.py", "flask.pth", "run.so", "Makefile", "page.html", "py", "a.pdf.py"])
def test_no_program_is_written_beside_the_workflow_file(admin: Visitor, text: str, name: str) -> None:
    """attack 18: an administrator of the desk is none of the machine"""
    refused = adds(admin, text, name, b"import os", fragment=True)
    assert refused.status_code == 422
    assert "Documents, pictures, sound and film" in refused.text


def test_a_name_with_a_way_in_it_is_a_name_alone(admin: Visitor, text: str) -> None:
    """attack 17: neither `..` nor a folder comes in with an upload, nor a hidden file."""
    for name in ("../../terms.txt", "/etc/terms.txt", "..\\terms.txt", ".terms.txt"):
        page = adds(admin, text, name, b"x", fragment=True)
        assert "“terms.txt” is with your draft now." in page.text, name


def test_the_mails_are_shown_without_script_too(app: Flask, admin: Visitor) -> None:
    text = app.config["HELPDESK"].workflow_path.read_text()
    page = sends(admin, "letters", text, letter="receipt", language="")
    assert page.status_code == 200
    assert 'data-panel-shown="letters"' in page.text
    assert "/admin/workflow/letter?letter=receipt" in page.text
