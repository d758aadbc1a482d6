"""/api/v1/openapi.json and /api/v1/docs say what is so: every route, every key of every answer, every example."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from helpdesk.api import openapi
from helpdesk.api.blueprint import bp
from helpdesk.web.gates import Gate, gate_of
from tests.cast import Character, hire
from tests.program import Program
from tests.visitor import Visitor

ANN, OLGA = "ann@acme.example", "olga@example.org"


@pytest.fixture
def described(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = Program(app).gets("/openapi.json").json
    return found


def holds(described: dict[str, Any], answer: Any, name: str = "") -> None:
    """The answer is what is described for its address, or the shape of this name."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": described["components"]}
    problems = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(answer)]
    assert problems == []


def test_every_route_of_the_api_is_described_and_nothing_else(app: Flask, described: dict[str, Any]) -> None:
    routes = {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(f"{bp.url_prefix}/") and gate_of(app.view_functions[rule.endpoint]) is Gate.PROGRAMS
    }
    said = {(method, path) for path, each in described["paths"].items() for method in each}
    assert said == routes
    assert len({each["operationId"] for path in described["paths"].values() for each in path.values()}) == len(said)


def test_it_is_openapi_and_each_schema_is_one(described: dict[str, Any]) -> None:
    assert described["openapi"] == "3.1.0"
    assert described["info"].keys() >= {"title", "version"}
    schemes = described["components"]["securitySchemes"]
    assert [*described["security"][0]] == [*schemes] == ["token"]
    known = described["components"]["schemas"]
    for schema in known.values():
        Draft202012Validator.check_schema(schema)
    named = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(described)))
    assert named == known.keys()
    for path, methods in described["paths"].items():
        for method, said in methods.items():
            in_path = [each["name"] for each in said["parameters"] if each["in"] == "path"]
            assert in_path == re.findall(r"{(\w+)}", path)
            assert all(each["required"] for each in said["parameters"] if each["in"] == "path")
            assert all("description" in each for each in said["responses"].values())
            assert ("requestBody" in said) == (method == "post")
            assert {"401", "404", "422", "429", "500"} <= said["responses"].keys()
            names = [(each["in"], each["name"]) for each in said["parameters"]]
            assert len(names) == len(set(names))


def test_every_example_is_taken_and_every_answer_is_as_described(
    app: Flask, described: dict[str, Any], olga: Character, ann: Character
) -> None:
    case = olga.writes("Printer on fire")
    ann.performs("comment", case, text="Between us")
    program = Program(app, ANN)
    opened = Program(app, OLGA)
    file = {"filename": "a.txt", "content": "YQ=="}
    with_file = program.does(case.ref, "comment", message="See.", files=[file]).json["ticket"]
    names = {
        "ref": case.ref,
        "action": "reply",
        "attachment_id": str(with_file["messages"][-1]["attachments"][0]["id"]),
    }
    asked = 0
    for path, methods in described["paths"].items():
        for method, said in methods.items():
            where = path.removeprefix("/api/v1").format(**names)
            who = opened if said["operationId"] == "opened" else program
            if method == "get":
                answer = who.gets(where)
            else:
                body = said["requestBody"]["content"]["application/json"]["example"]
                holds_body(described, said, body)
                body = {**body, "seen": case.version} if "seen" in body else body
                if said["operationId"] == "opened":
                    body = {**body, "source": "contact_form", "values": {**body["values"], "consent": True}}
                answer = who.posts(where, body)
            content = said["responses"][str(answer.status_code)]["content"]
            assert answer.status_code in (200, 201), answer.text
            assert answer.mimetype in content
            if answer.is_json:
                schema = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
                holds(described, answer.json, schema)
            asked += 1
    assert asked == 9


def holds_body(described: dict[str, Any], said: dict[str, Any], body: Any) -> None:
    schema = said["requestBody"]["content"]["application/json"]["schema"]
    whole = {**schema, "components": described["components"]}
    assert [error.message for error in Draft202012Validator(whole).iter_errors(body)] == []
    assert [*Draft202012Validator(whole).iter_errors({**body, "is_admin": True})] != []


def test_what_each_sees_is_as_described_at_every_turn(
    app: Flask, described: dict[str, Any], olga: Character, ann: Character, boris: Character, kadri: Character
) -> None:
    """attack 55: not a key more, through a whole repair, for staff and for the customer"""
    case = olga.writes("Printer on fire")
    head = hire(app, "head@acme.example", "Head", roles=["manager", "accountant"], groups=["front", "workshop"])
    staff, customer = Program(app, head.email), Program(app, OLGA)
    for action, values in (
        ("details", {"kind": "technical"}),
        ("reply", {"message": {"html": "<b>Which</b> floor?"}}),
        ("quote", {"price": "120.50", "serial": "AB123456"}),
        ("receive_payment", {"amount": "120.50", "method": "card"}),
        ("take", {}),
        ("finish", {"message": "Done."}),
        ("reopen", {"message": "Again."}),
    ):
        done = staff.does(case.ref, action, **values)
        assert done.status_code == 200, (action, done.text)
        holds(described, done.json, "Done")
        for who in (staff, customer):
            holds(described, who.gets(f"/tickets/{case.ref}").json, "Ticket")
            holds(described, who.gets(f"/tickets/{case.ref}/actions").json, "Actions")
            holds(described, who.gets("/tickets").json, "TicketPage")
    for wrong in (
        staff.does(case.ref, "quote", price="dear"),
        staff.does(case.ref, "quote", price="12", message="x"),
        staff.posts(f"/tickets/{case.ref}/actions/reply", {"seen": 0, "values": {"message": "x"}}),
        staff.gets("/tickets/R-0"),
        staff.gets("/tickets", order="x"),
        Program(app).gets("/tickets"),
        staff.posts("/tickets", data=b"{", content_type="application/json"),
    ):
        assert wrong.status_code >= 400
        holds(described, wrong.json, "Problem")


def test_the_page_says_how_and_names_every_address(app: Flask, described: dict[str, Any]) -> None:
    page = Visitor(app).opens("/api/v1/docs")
    text = unescape(page.text)
    plain = re.sub(r"<[^>]+>", "", text)
    assert page.status_code == 200
    assert "helpdesk token add" in text
    for path, methods in described["paths"].items():
        for method, said in methods.items():
            assert f'data-method="{method.upper()}">{method.upper()}</span><code>{path}</code>' in text
            assert said["summary"] in plain
            assert said["description"].replace("`", "") in plain
    for status, says in openapi.ERRORS.items():
        assert f"<code>{status}</code>" in text
        assert says.replace("`", "") in plain
    assert "`" not in plain
    ids = re.findall(r'\bid="([^"]+)"', page.text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page.text)) <= {*ids, "main"}
    elsewhere = {each for each in re.findall(r'(?:src|href)="([^"]+)"', page.text) if not each.startswith(("/", "#"))}
    assert elsewhere == set(), "nothing from elsewhere"


def test_the_type_of_every_error_leads_to_its_line_on_the_page(app: Flask, ann: Character, olga: Character) -> None:
    case, page = olga.writes("Printer"), Visitor(app).opens("/api/v1/docs").text
    program, reader = Program(app, ANN), Program(app, ANN, scope="read")
    for answer in (
        program.gets("/tickets/R-0"),
        program.does(case.ref, "reopen"),
        program.does(case.ref, "quote"),
        program.does(case.ref, "quote", price="1", serial="AB123456"),
        program.posts(f"/tickets/{case.ref}/actions/take", {"seen": 0}),
        program.posts(f"/tickets/{case.ref}/actions/take", data=b"x", content_type="text/plain"),
        program.posts(f"/tickets/{case.ref}/actions/take", data=b"x", content_type="application/json"),
        program.posts(f"/tickets/{case.ref}"),
        *[program.does(case.ref, "comment", message=each, headers={"Idempotency-Key": "one"}) for each in "ab"][1:],
        reader.does(case.ref, "take"),
        Program(app).gets("/tickets"),
    ):
        path, _, anchor = answer.json["type"].partition("#")
        assert path == "/api/v1/docs"
        assert f'id="{anchor}"' in page, anchor
