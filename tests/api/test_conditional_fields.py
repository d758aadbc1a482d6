"""A field with a condition is the same on the desk, in the cabinet, on the form, by mail, from a script and by the API
(N9): the server decides, whoever asks and however.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from helpdesk.db import writing
from helpdesk.people import find
from helpdesk.workflows import conditions
from helpdesk.workflows.schema import Field
from tests.actions.desks import AGAIN, DONE, OPEN, in_force
from tests.at_the_desk import AtTheDesk
from tests.cast import Case, Character, hire
from tests.cli.conftest import Helpdesk, helpdesk  # noqa: F401 (a fixture)
from tests.conditions import CASES, CHOICES, KINDS, read
from tests.program import Program
from tests.visitor import Visitor

ANN, OLGA = "ann@acme.example", "olga@example.org"
FIELDS = """
    kind: {type: choice, label: Kind, choices: {technical: Technical, billing: Billing}, keep: ticket}
    serial: {type: text, label: Serial number, pattern: '[A-Z]{2}[0-9]{6}', keep: ticket}
"""
ASKED = """{use: serial, show_if: "fields.kind == 'technical'", required: true}"""
ACTIONS = f"""
    details: {{type: set_fields, label: Details, allow: [agent], customer: run, fields: [kind, {ASKED}]}}
    answer: {{type: customer_message, label: Answer, customer: run, fields: [message, {ASKED}]}}
    close: {{type: close, label: Close, allow: [agent], to: done}}
    {AGAIN}
"""
SOURCES = f"contact_form: {{type: form, slug: contact, workflow: case, fields: [name, email, kind, {ASKED}, message]}}"
SERIAL = "AB123456"
# What is entered, and what the door says: nothing, or the problem and its code.
ENTERED: tuple[tuple[dict[str, str], str, str], ...] = (
    ({"kind": "billing"}, "", ""),
    ({"kind": "technical", "serial": SERIAL}, "", ""),
    ({"kind": "technical"}, "Please fill in “Serial number”.", "required"),
    ({"kind": "technical", "serial": ""}, "Please fill in “Serial number”.", "required"),
    ({"kind": "technical", "serial": "wrong"}, "“Serial number” does not have the expected form.", "invalid"),
    ({"kind": "billing", "serial": SERIAL}, "“Serial number” is not asked here.", "hidden"),
    ({"serial": SERIAL}, "“Serial number” is not asked here.", "hidden"),
    ({}, "", ""),
)
entering = pytest.mark.parametrize(("entered", "sentence", "code"), ENTERED, ids=[str(each[0]) for each in ENTERED])


@pytest.fixture
def desk(app: Flask) -> Flask:
    states = f"new: {{{OPEN}, actions: [details, close], on_message: {{customer: answer}}}}\n{DONE}"
    in_force(app, states=states, actions=ACTIONS, fields=FIELDS, workflow="fields: [kind, serial]", sources=SOURCES)
    return app


Way = Callable[[Flask, Helpdesk, Case, dict[str, str]], tuple[str, str]]
"""Run `details` with what is entered; gives the sentence of the refusal and its code, where the way tells one."""


def by_the_api(email: str) -> Way:
    def way(app: Flask, _helpdesk: Helpdesk, case: Case, entered: dict[str, str]) -> tuple[str, str]:
        answer = Program(app, email).does(case.ref, "details", **entered)
        if answer.status_code == 200:
            return "", ""
        assert answer.status_code == 422
        return answer.json["problems"]["serial"], answer.json["code"]

    return way


def by_a_script(_app: Flask, helpdesk: Helpdesk, case: Case, entered: dict[str, str]) -> tuple[str, str]:  # noqa: F811
    words = [word for name, value in entered.items() for word in ("--with", f"{name}={value}")]
    said = helpdesk("ticket", "do", case.ref, "details", "--as", ANN, *words)
    assert said.code in (0, 3)
    return said.err.strip(), ""


def at_the_desk(app: Flask, _helpdesk: Helpdesk, case: Case, entered: dict[str, str]) -> tuple[str, str]:
    return sentence_in(AtTheDesk(app, Character(app, ANN)).does(case, "details", **entered))


def in_the_cabinet(app: Flask, _helpdesk: Helpdesk, case: Case, entered: dict[str, str]) -> tuple[str, str]:
    browser = Visitor(app).is_let_in(OLGA, "cabinet")
    return sentence_in(browser.sends(f"/my/requests/{case.ref}/do/details", confirmed="yes", seen="1", **entered))


def sentence_in(page: Any) -> tuple[str, str]:
    """The sentence that a page shows at the field."""
    if page.status_code in (200, 303):
        return "", ""
    assert page.status_code == 422, page.status
    (found,) = {sentence for _, sentence, _ in ENTERED if sentence and sentence in page.text}
    return found, ""


WAYS: dict[str, Way] = {
    "desk": at_the_desk,
    "cabinet": in_the_cabinet,
    "script": by_a_script,
    "API, staff": by_the_api(ANN),
    "API, customer": by_the_api(OLGA),
}


@entering
@pytest.mark.parametrize("way", WAYS)
def test_an_action_asks_the_same_by_every_way(
    desk: Flask,
    helpdesk: Helpdesk,  # noqa: F811
    olga: Character,
    ann: Character,
    way: str,
    entered: dict[str, str],
    sentence: str,
    code: str,
) -> None:
    case = olga.writes("Hello")
    said, named = WAYS[way](desk, helpdesk, case, entered)
    assert said == sentence
    assert named in ("", code)
    assert case.fields == ({} if sentence else entered)


@entering
@pytest.mark.parametrize("way", ["form", "desk", "script", "API, staff", "API, customer"])
def test_opening_a_ticket_asks_the_same_by_every_way(
    desk: Flask,
    helpdesk: Helpdesk,  # noqa: F811
    olga: Character,
    ann: Character,
    way: str,
    entered: dict[str, str],
    sentence: str,
    code: str,
) -> None:
    before = olga.writes("Known")
    values = {"message": "It burns.", **entered}
    if way in ("form", "desk"):
        browser = Visitor(desk) if way == "form" else AtTheDesk(desk, ann)
        path = "/forms/contact" if way == "form" else "/desk/tickets/new?form=contact_form"
        browser.opens(path)
        said = sentence_in(browser.sends(path, name="Olga", email=OLGA, **values))[0]
    elif way == "script":
        words = [word for name, value in values.items() for word in ("--with", f"{name}={value}")]
        said = helpdesk("ticket", "new", "--as", OLGA, "--source", "contact_form", *words).err.strip()
    else:
        of = {"for": OLGA} if way == "API, staff" else {}
        body = {"source": "contact_form", **of, "values": values}
        answer = Program(desk, ANN if of else OLGA).posts("/tickets", body)
        said = "" if answer.status_code == 201 else answer.json["problems"]["serial"]
        assert said == "" or answer.json["code"] == code
    assert said == sentence
    opened = Program(desk, OLGA).gets("/tickets").json["tickets"]
    assert len(opened) == (1 if sentence else 2)
    newest = Program(desk, ANN).gets(f"/tickets/{opened[0]['ref']}").json
    assert newest["fields"] == ({} if sentence else entered)
    assert before.fields == {}


@pytest.mark.parametrize(("kind", "runs"), [("billing", True), ("technical", False)])
def test_a_mail_that_runs_an_action_meets_the_same_condition(
    desk: Flask, olga: Character, ann: Character, kind: str, runs: bool
) -> None:
    """A mail has words and no fields: where one more is asked, it is kept as a note, and a program is told what for."""
    case = olga.writes("Hello")
    with_serial = {"serial": SERIAL} if kind == "technical" else {}
    ann.performs("details", case, kind=kind, **with_serial)
    program = Program(desk, OLGA)
    if not runs:
        with desk.app_context(), writing() as here:
            from helpdesk.tickets.models import FieldValue

            here.delete(here.get_one(FieldValue, (case.id, "serial")))
    (answer,) = program.gets(f"/tickets/{case.ref}/actions").json["actions"][-1:]
    told = {each["name"]: (each["conditional"], each["show_if"], each["shown"]) for each in answer["inputs"]}
    # What the house knows decides, so their form shows it, as in the cabinet, and the door judges.
    assert (answer["name"], told["serial"]) == ("answer", (True, None, True))
    olga.writes("Re: Hello", "By mail.", about=case)
    assert case.story[-1] == ("answer" if runs else "filed")
    said = program.does(case.ref, "answer", message="By the API.")
    assert said.status_code == (200 if runs else 422)
    assert runs or said.json["problems"] == {"serial": "Please fill in “Serial number”."}


def test_the_tree_is_the_one_of_the_page_and_a_customer_is_told_nothing_of_the_house(
    app: Flask, olga: Character, ann: Character
) -> None:
    actions = f"""
        look:
          type: set_fields
          label: Look
          allow: [agent]
          customer: run
          fields:
            - kind
            - {{use: serial, show_if: "fields.kind == 'technical'"}}
            - {{use: why, show_if: "fields.secret == 'gold'"}}
            - {{use: when, show_if: "fields.at > '2026'"}}
        keep: {{type: set_fields, label: Keep, allow: [agent], fields: [secret, at]}}
        close: {{type: close, label: Close, allow: [agent], to: done}}
        {AGAIN}
    """
    fields = FIELDS + (
        "    secret: {type: text, label: Secret, keep: ticket}\n"
        "    why: {type: text, label: Why, keep: ticket}\n"
        "    when: {type: text, label: When, keep: ticket}\n"
        "    at: {type: datetime, label: At, keep: ticket}\n"
    )
    in_force(
        app,
        states=f"new: {{{OPEN}, actions: [look, keep, close]}}\n{DONE}",
        actions=actions,
        fields=fields,
        workflow="fields: [kind, serial, secret, why, when, at]",
    )
    case = olga.writes("Hello")
    ann.performs("keep", case, secret="gold")

    def inputs(email: str) -> dict[str, Any]:
        found = Program(app, email).gets(f"/tickets/{case.ref}/actions").json["actions"]
        (look,) = [each for each in found if each["name"] == "look"]
        return {each["name"]: each for each in look["inputs"]}

    staff, customer = inputs(ANN), inputs(OLGA)
    tree = ["compare", ["field", "kind", "choice", None], ["eq", ["value", "technical"]]]
    for each in (staff, customer):
        assert (each["serial"]["show_if"], each["serial"]["shown"]) == (tree, False)
        assert each["kind"]["choices"][0] == {"value": "technical", "label": "Technical"}
    assert staff["why"]["show_if"] == ["compare", ["value", "gold"], ["eq", ["value", "gold"]]]
    assert (staff["why"]["shown"], staff["when"]["shown"]) == (True, False)
    assert "gold" not in str(customer)
    for name in ("why", "when"):
        assert (customer[name]["show_if"], customer[name]["conditional"], customer[name]["shown"]) == (None, True, True)


class TestTheTableOfConditions:
    """The table that holds the page's script to the server, sent as a form of the desk and as JSON."""

    def test_the_api_the_desk_and_the_server_agree(self, app: Flask, olga: Character, ann: Character) -> None:
        cases = [(text, raws) for text, raws in CASES if text not in REFUSED]
        put_in_force(app, [text for text, _ in cases])
        case = olga.writes("Hello")
        with app.app_context(), writing():
            person = find.by_email(OLGA)
            assert person is not None
            person.category = "vip"
        ann.performs("keep", case, kept="blue")
        hire(app, "ann@example.org", "Another Ann", roles=["agent"])
        fields = {name: Field(name=name, type=kind, label=name, choices=CHOICES) for name, kind in KINDS.items()}
        names = {"customer": {"category": "vip"}}
        program, browser = Program(app, ANN), AtTheDesk(app, ann)
        differ, seen = [], set()
        for number, (text, raws) in enumerate(cases):
            holds = conditions.holds(text, {**names, "fields": {"kept": "blue"} | read(fields, raws)})
            seen.add(holds)
            sent = {name: as_json(KINDS[name], raw) for name, raw in raws.items()}
            by_api = program.does(case.ref, f"ask_{number}", **sent, extra="x").status_code
            by_desk = browser.does(case, f"ask_{number}", **raws, extra="x").status_code
            wanted = ((200,), (303,)) if holds else ((422,), (422,))
            if (by_api,) != wanted[0] or (by_desk,) != wanted[1]:
                differ.append((text, raws, holds, by_api, by_desk))
        assert differ == []
        assert seen == {True, False}


REFUSED = ("fields.urgent == 'true'", "fields.urgent == 1", "fields.urgent != 1", "customer.nothing != 'x'")
"""What no desk in force asks: `workflow check` refuses it."""


def put_in_force(app: Flask, texts: list[str]) -> None:
    """An action for each condition: all the fields, and one that the condition shows."""
    asked = ", ".join(KINDS)
    lines = [
        f"ask_{number}: {{type: set_fields, label: Ask {number}, allow: [agent], fields: [{asked}, "
        f"{{use: extra, show_if: {yaml_text(text)}}}]}}"
        for number, text in enumerate(texts)
    ]
    lines += ["keep: {type: set_fields, label: Keep, allow: [agent], fields: [kept]}", AGAIN.strip()]
    lines += ["close: {type: close, label: Close, allow: [agent], to: done}"]
    choices = "choices: {technical: Technical, billing: Billing, '12': Twelve}, "
    fields = [
        f"{name}: {{type: {kind}, label: {name}, {choices if 'choice' in kind else ''}keep: action}}"
        for name, kind in KINDS.items()
        if name != "name"
    ]
    fields += ["kept: {type: text, label: Kept, keep: ticket}", "extra: {type: text, label: Extra, keep: action}"]
    names = ", ".join(f"ask_{number}" for number in range(len(texts)))
    in_force(
        app,
        states=f"new: {{{OPEN}, actions: [keep, close, {names}]}}\n{DONE}",
        actions="\n".join(lines),
        fields="\n".join(fields),
        workflow="fields: [kept]",
    )


def yaml_text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def as_json(kind: str, raw: list[str]) -> Any:
    if kind == "checkbox":
        return raw[-1] == "yes"
    return raw if kind == "multichoice" else raw[-1]
