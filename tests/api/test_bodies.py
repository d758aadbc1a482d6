"""Whatever a program sends, it gets a sentence and never an error of ours (attacks 56, 87, 93)."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from flask import Flask

from tests.cast import Character
from tests.house.rows import changes, everything
from tests.program import Program

ANN = "ann@acme.example"
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def shape(answer: Any) -> tuple[int, str]:
    assert answer.mimetype == "application/problem+json", answer.text
    said = answer.json
    assert said.keys() >= {"type", "title", "status", "detail", "code"}
    assert said["status"] == answer.status_code
    return answer.status_code, said["code"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "line 1, column 2"),
        (b'{"values": {"price": 1,}}', "line 1, column 24"),
        (b"\xff\xfe{}", "byte 0"),
        (b"[]", "must be an object"),
        (b'"text"', "must be an object"),
        (b"null", "must be an object"),
        (b"12", "must be an object"),
        (b'{"values": {"price": NaN}}', "NaN"),
        (b'{"values": {"price": -Infinity}}', "Infinity"),
        (b'{"values": {}, "values": {}}', "twice"),
        (b"{" + b",".join(b'"%d": 1' % n for n in range(150_000)) + b', "149999": 1}', "“149999” is said twice"),
        (b'{"values": {"message": "a\\u0000b"}}', "NUL"),
        (b'{"values": {"a\\u0000b": 1}}', "NUL"),
        (b'{"values": {"message": "\\ud800"}}', "surrogate"),
        (b'{"values": {"\\udfff": 1}}', "surrogate"),
        (b"[" * 10_000, "nested too deep"),
        (b'{"values":' * 10_000, "nested too deep"),
        (b'{"values": ' + b"[" * 30 + b"]" * 30 + b"}", "nested too deep"),
        (b'{"values": {"files": [' + b"{}," * 300_000 + b"{}]}}", "more parts"),
        (b"<?xml version='1.0'?>", "not JSON"),
        (b"\x80\x04\x95pickle", "not UTF-8"),
    ],
    ids=lambda value: value[:24].decode("latin-1") if isinstance(value, bytes) else "",
)
def test_a_body_that_is_none_is_400_and_says_where(
    app: Flask, olga: Character, ann: Character, body: bytes, says: str
) -> None:
    case, before = olga.writes("Printer"), None
    program = Program(app, ANN)
    program.gets("/tickets")
    before = everything(app)
    for path in ("/tickets", f"/tickets/{case.ref}/actions/quote"):
        answer = program.posts(path, data=body, content_type="application/json")
        assert shape(answer) == (400, "bad_request")
        assert says in answer.json["detail"]
    assert changes(before, everything(app)) == []


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml", None],
)
def test_what_says_that_it_is_something_else_is_415(
    app: Flask, olga: Character, ann: Character, kind: str | None
) -> None:
    """A form of another site can send these without asking: a key in a header it cannot (attack 67)."""
    case = olga.writes("Printer")
    answer = Program(app, ANN).posts(f"/tickets/{case.ref}/actions/take", data=b'{"values": {}}', content_type=kind)
    assert shape(answer) == (415, "unsupported_media_type")
    assert case.assignee is None


def test_no_body_at_all_is_an_action_without_values(app: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Printer")
    assert Program(app, ANN).posts(f"/tickets/{case.ref}/actions/take", data=b"").status_code == 200
    assert case.assignee == ANN


@pytest.mark.parametrize("strange", ["role", "is_admin", "queue", "created_at", "internal", "state", "as", "__class__"])
def test_an_unknown_key_is_refused_by_name(app: Flask, olga: Character, ann: Character, strange: str) -> None:
    """attack 56"""
    case = olga.writes("Printer")
    program = Program(app, ANN)
    new = {"source": "contact_form", "values": {"message": "x"}}
    for path, body in ((f"/tickets/{case.ref}/actions/take", {}), ("/tickets", new)):
        for sent in ({**body, strange: 1}, {**body, "values": {**body.get("values", {}), strange: "1"}}):  # type: ignore[dict-item]
            answer = program.posts(path, sent)
            assert shape(answer) == (422, "invalid"), (path, sent)
            assert [*answer.json["problems"]] == [strange]
    assert case.assignee is None


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"values": []}, "values"),
        ({"values": "x"}, "values"),
        ({"seen": "1"}, "seen"),
        ({"seen": -1}, "seen"),
        ({"seen": 1.5}, "seen"),
        ({"seen": True}, "seen"),
        ({"seen": 10**400}, "seen"),
        ({"seen": {}}, "seen"),
        ({"values": {"undo_this": "no"}}, "undo_this"),
        ({"values": {"undo_this": True, "message": "x"}}, "undo_this"),
    ],
)
def test_a_key_of_the_wrong_kind_is_refused_by_name(
    app: Flask, olga: Character, ann: Character, body: dict[str, Any], name: str
) -> None:
    case = olga.writes("Printer")
    answer = Program(app, ANN).posts(f"/tickets/{case.ref}/actions/take", body)
    assert (answer.status_code, [*answer.json["problems"]]) == (422, [name])


@pytest.mark.parametrize(
    "value",
    ["1e999999999", "9" * 5000, "-0", "1" + "0" * 40, "0.001", "1e-400", "12.5.1"],
    ids=lambda value: value[:12],
)
def test_a_number_of_any_size_is_judged_and_never_an_error_of_ours(
    app: Flask, olga: Character, ann: Character, value: str
) -> None:
    case = olga.writes("Printer")
    body = f'{{"values": {{"price": {value}}}}}'.encode()
    answer = Program(app, ANN).posts(f"/tickets/{case.ref}/actions/quote", data=body, content_type="application/json")
    assert answer.status_code in (400, 422)
    shape(answer)


@pytest.mark.parametrize(
    "files",
    [
        "x",
        {"filename": "a"},
        ["x"],
        [{}],
        [{"filename": "a", "content": 1}],
        [{"filename": 1, "content": ""}],
        [{"filename": "a", "content": "not base64!"}],
        [{"filename": "a", "content": "YQ==", "path": "/etc/passwd"}],
        [{"filename": "a", "content": "YQ==", "content_type": []}],
        [{"filename": "a", "content": "YQ=="}] * 21,
    ],
    ids=lambda value: json.dumps(value)[:40],
)
def test_a_file_that_is_none_is_refused_and_nothing_is_stored(
    app: Flask, olga: Character, ann: Character, files: Any, settings: Any
) -> None:
    case = olga.writes("Printer")
    answer = Program(app, ANN).does(case.ref, "reply", message="x", files=files)
    assert (answer.status_code, [*answer.json["problems"]]) == (422, ["files"])
    assert not [each for each in settings.data_folder.rglob("*") if each.is_file() and len(each.name) == 64]


def test_files_go_by_the_names_of_pages(app: Flask, olga: Character, ann: Character) -> None:
    """attack 17: the name is made fit to be shown, and is never a path"""
    case = olga.writes("Printer")
    content = base64.b64encode(b"x" * 3000).decode()
    sent = [{"filename": "../../a\u202egpj.exe", "content_type": 'text/html;x="><script>', "content": content}]
    done = Program(app, ANN).does(case.ref, "reply", message="See.", files=sent)
    assert done.status_code == 200, done.text
    (file,) = done.json["ticket"]["messages"][-1]["attachments"]
    assert (file["filename"], file["size"]) == ("agpj.exe", 3000)
    fetched = Program(app, ANN).gets(f"/tickets/{case.ref}/attachments/{file['id']}")
    assert fetched.headers["Content-Type"] == "application/octet-stream"
    assert fetched.headers["Content-Disposition"].startswith("attachment;")


def test_a_body_that_is_too_large_is_not_read(app: Flask, ann: Character) -> None:
    """attack 93: the limit of pages, for the files and what carries them"""
    app.config["MAX_CONTENT_LENGTH"] = 1000
    answer = Program(app, ANN).posts("/tickets", data=b"{" + b" " * 1000, content_type="application/json")
    assert shape(answer) == (413, "too_large")


def test_every_error_under_the_api_has_the_one_shape(app: Flask, ann: Character) -> None:
    program = Program(app, ANN)
    assert shape(program.gets("/nothing")) == (404, "not_found")
    assert shape(program.posts("/tickets/R-1")) == (405, "method_not_allowed")
    assert shape(program.client.delete("/api/v1/tickets/R-1", headers=program._head(None))) == (
        405,
        "method_not_allowed",
    )
    assert shape(Program(app).gets("/tickets")) == (401, "unauthorized")
    assert shape(program.gets("/tickets/R-1%00")) == (400, "bad_request")
    assert shape(program.client.get("/api/v2/tickets", headers=program._head(None))) == (404, "not_found")
    wrong = program.gets("/tickets", headers={"HX-Request": "true"}, order="x")
    assert shape(wrong) == (422, "invalid")


def test_a_long_key_for_once_is_refused(app: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Printer")
    answer = Program(app, ANN).does(case.ref, "take", headers={"Idempotency-Key": "x" * 256})
    assert shape(answer) == (400, "bad_request")
