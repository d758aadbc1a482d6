"""Forms made from the workflow file: each type of field as a control, and what it gives to the door (W17, W18)."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from flask import Flask

from helpdesk.errors import Invalid
from helpdesk.pages.forms import TRAP
from helpdesk.tickets.rich import Rich
from helpdesk.tickets.values import read as read_values
from helpdesk.web.action_forms import AskForm, Filling, form_of, raw_values
from helpdesk.workflows.kinds import field_types
from helpdesk.workflows.schema import BUILT_IN, RESERVED, Field, Input

CHOICES = {"a": "First", "b": "Second"}
SENT = {
    "text": "a word",
    "textarea": "two\nlines",
    "richtext": "<b>as text</b>",
    "number": "12,5",
    "money": "1 200.50",
    "date": "2026-03-31",
    "datetime": "2026-03-31T14:30",
    "choice": "b",
    "multichoice": ["", "a", "b"],
    "checkbox": ["no", "yes"],
    "agreement": ["no", "yes"],
    "email": "olga@example.org",
    "phone": "+372 555 0001",
    "url": "https://example.org/x",
    "group": "front",
    "rating": "4",
    "ticket": "R-7",
    "messages": ["12", "3"],
    "tags": "urgent, paper",
    "attachments": ["7"],
    "recipients": "Kai <kai@parts.example>; lee@glass.example",
    "side_conversation": "4",
    "side_message": "9",
}


def asking(kind: str, **more: Any) -> Input:
    show_if, required = more.pop("show_if", None), more.pop("required", False)
    field = Field(name=kind, type=kind, label=kind.title(), choices=CHOICES if "choice" in kind else {}, **more)
    return Input(name=kind, field=field, required=required, show_if=show_if, keep=more.get("keep", "action"))


def sent(app: Flask, inputs: list[Input], values: dict[str, Any]) -> tuple[AskForm, dict[str, Any]]:
    with app.test_request_context("/", method="POST", data=values):
        form = form_of(inputs)
        return form, raw_values(form)


def test_every_type_of_field_has_a_control_and_the_door_understands_it(app: Flask) -> None:
    inputs = [asking(kind) for kind in SENT]
    assert set(SENT) | {"file", "user"} == set(field_types.names()), "a new type needs a line here"
    with app.test_request_context("/"):
        for field in form_of(inputs):
            assert str(field()).startswith("<"), field.name
    with app.test_request_context("/", method="POST", data=SENT):
        form = form_of(inputs)
        assert form.validate(), form.errors
        values = read_values(inputs, raw_values(form), held={}, names={}).noted
    assert str(values["money"]) == "1,200.50 EUR"
    assert values["multichoice"] == ("a", "b")
    assert (values["checkbox"], values["rating"], values["choice"]) == (True, 4, "b")
    assert (values["messages"], values["tags"]) == ((3, 12), ("urgent", "paper"))
    assert values["recipients"] == ("kai@parts.example", "lee@glass.example")
    assert (values["attachments"], values["side_conversation"], values["side_message"]) == ((7,), 4, 9)


def test_an_empty_input_is_given_as_empty_and_an_absent_one_is_left_out(app: Flask) -> None:
    """So the door can tell "cleared" from "not asked": a field hidden by its condition is not sent at all."""
    _, values = sent(app, [asking("text"), asking("number"), asking("multichoice")], {"text": "", "multichoice": ""})
    assert values == {"text": "", "multichoice": ""}


def test_an_unticked_box_says_no_and_a_hidden_one_says_nothing(app: Flask) -> None:
    _, values = sent(app, [asking("checkbox"), asking("agreement")], {"checkbox": "no"})
    assert values == {"checkbox": "no"}


def test_a_message_is_plain_without_script_and_html_with_it(app: Flask) -> None:
    message = Input(name="message", field=BUILT_IN["message"], builtin=True)
    _, plain = sent(app, [message], {"message": "1 < 2\r\nsecond"})
    assert plain["message"] == Rich("1 < 2\nsecond")
    form, rich = sent(app, [message], {"message_html": "<p>1 <b>2</b></p><script>x</script>"})
    assert rich["message"] == Rich("1 2", "<p>1 <b>2</b></p>")
    with app.test_request_context("/"):
        assert 'data-holds="html"' in str(form["message"]())
    _, empty = sent(app, [message], {"message_html": "<p><br></p>"})
    assert empty["message"] == ""


def test_a_field_holds_what_the_ticket_holds(app: Flask) -> None:
    with app.test_request_context("/"):
        held = {"money": field_types.get("money")().value_of("12.50", currency="EUR"), "text": "kept"}
        form = form_of([asking("money", keep="ticket"), asking("text", keep="ticket")], Filling(held=held))
        assert 'value="12.50"' in str(form["money"]())
        assert 'value="kept"' in str(form["text"]())


def test_files_are_stored_and_empty_file_inputs_are_none(app: Flask) -> None:
    files = Input(name="files", field=BUILT_IN["files"], builtin=True)
    _, none = sent(app, [files], {"files": (io.BytesIO(b""), "")})
    assert none == {}
    _, some = sent(app, [files], {"files": (io.BytesIO(b"plan"), "../../plan.txt")})
    assert [(each.filename, each.size) for each in some["files"]] == [("plan.txt", 4)]


def test_a_refusal_of_the_door_stands_at_its_field(app: Flask) -> None:
    with app.test_request_context("/"):
        form = form_of([asking("text")])
        form.refuse(Invalid({"text": "Not this.", "elsewhere": "Nor that."}))
        assert (list(form["text"].errors), form.form_errors) == (["Not this."], ["Nor that."])


def test_no_field_name_is_in_the_forms_way(app: Flask) -> None:
    """The file may call a field `data`, `errors` or `validate`."""
    names = ["data", "errors", "validate", "process", "meta", "csrf"]
    inputs = [Input(name=name, field=Field(name=name, type="text", label=name)) for name in names]
    _, values = sent(app, inputs, dict.fromkeys(names, "x"))
    assert values == dict.fromkeys(names, "x")


def test_a_label_is_text_but_an_agreements_may_hold_a_link(app: Flask) -> None:
    """Attack 10: what the workflow file says is escaped or cleaned like anything else."""
    label = 'I agree to the <a href="/pages/terms" onclick="x()">terms</a><script>1</script>'
    with app.test_request_context("/"):
        agreement = Input(name="a", field=Field(name="a", type="agreement", label=label))
        text = str(form_of([agreement])["a"].label.text)
    assert 'href="http://desk.example/pages/terms"' in text
    assert "onclick" not in text
    assert "script" not in text


def test_what_pages_put_into_such_a_form_is_no_name_for_a_field(app: Flask) -> None:
    """`workflow check` refuses them: a field called `nonce` would be the form's own."""
    assert TRAP in RESERVED
    folder = Path(app.jinja_loader.searchpath[0])  # type: ignore[union-attr]
    pages = [page.read_text() for page in folder.rglob("*.html")]
    with_fields = [page for page in pages if re.search(r"\bfields\((composer\.)?form\b", page)]
    assert len(with_fields) >= 4
    macro = (folder / "macros/form.html").read_text()
    own = {name for page in (*with_fields, macro) for name in re.findall(r'<input[^>]* name="(\w+)"', page)}
    assert {"seen", "nonce", "csrf_token"} <= own <= RESERVED
