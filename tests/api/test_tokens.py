"""Tokens (attacks 48, 49, 53, 71 and 98): in the header only, hashed, narrow, never for ever, and dead with their
person's rights.
"""

from __future__ import annotations

import logging
import re
import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from helpdesk import clock
from helpdesk.db import session, writing
from helpdesk.people import api_tokens, bans, find, staffing
from helpdesk.people.models import ApiToken, Person
from tests.at_the_desk import AtTheDesk
from tests.cast import Character, hire
from tests.cli.conftest import Helpdesk, helpdesk  # noqa: F401 (a fixture)
from tests.house.rows import changes, everything
from tests.program import Program, token_of
from tests.visitor import Visitor

ANN, OLGA = "ann@acme.example", "olga@example.org"


def person_of(email: str) -> Person:
    person = find.by_email(email)
    assert person is not None
    return person


def used_at(app: Flask) -> list[object]:
    with app.app_context():
        return list(session().scalars(select(ApiToken.last_used_at)))


def test_a_token_is_shown_once_and_kept_as_a_hash(app: Flask, ann: Character, helpdesk: Helpdesk) -> None:  # noqa: F811
    """attacks 48 and 98"""
    made = helpdesk("token", "add", ANN, "--name", "stock system", "--scope", "write", "--days", "30")
    secret = made.out.strip()
    assert re.fullmatch(r"hd_[\w-]{43}", secret), made
    assert secret not in made.err
    (row,) = helpdesk("token", "list", ANN, "--json").json
    assert (row["person"], row["name"], row["scope"], row["state"]) == (ANN, "stock system", "write", "active")
    assert secret.startswith(row["beginning"])
    assert len(row["beginning"]) == 11
    assert row["last_used_at"] is None
    for said in (helpdesk("token", "list"), helpdesk("token", "list", "--json")):
        assert secret not in said.out
    with app.app_context():
        tables = [str(line) for line in session().execute(text("SELECT * FROM api_tokens"))]
    assert secret not in str(tables)
    program = Program(app)
    program.token = secret
    assert program.gets("/tickets").status_code == 200
    assert helpdesk("token", "list", "--json").json[0]["last_used_at"] is not None
    assert helpdesk("token", "revoke", row["beginning"]).code == 0
    assert program.gets("/tickets").status_code == 401
    assert helpdesk("token", "list", "--json").json[0]["state"] == "revoked"


def test_a_token_is_never_for_ever_nor_for_nobody(app: Flask, ann: Character, helpdesk: Helpdesk) -> None:  # noqa: F811
    for words, code in (
        (["add", ANN, "--name", "x", "--days", "367"], 3),
        (["add", ANN, "--name", "x", "--days", "0"], 3),
        (["add", ANN, "--name", " "], 3),
        (["add", ANN], 2),
        (["add", "nobody@nowhere.example", "--name", "x"], 4),
        (["add", ANN, "--name", "x", "--scope", "everything"], 2),
        (["revoke", "999"], 4),
        (["revoke", "hd_"], 4),
    ):
        assert helpdesk("token", *words).code == code, words
    assert helpdesk("token", "add", ANN, "--name", "x", "--json").json["scope"] == "read"
    (row,) = helpdesk("token", "list", "--json").json
    assert row["expires_at"][:10] == (clock.now() + timedelta(days=90)).date().isoformat()
    assert helpdesk("token", "revoke", str(row["id"])).code == 0


def test_a_token_opens_nothing_after_its_last_day(app: Flask, ann: Character) -> None:
    program = Program(app, ANN)
    assert program.gets("/tickets").status_code == 200
    with clock.frozen(clock.now() + timedelta(days=90, seconds=1)):
        assert program.gets("/tickets").status_code == 401


def test_ten_thousand_tokens_differ_and_look_alike() -> None:
    made = {api_tokens.PREFIX + each for each in (api_tokens.secrets.token_urlsafe(32) for _ in range(10_000))}
    assert len(made) == 10_000
    assert all(api_tokens.FORM.fullmatch(each) for each in made)


def test_it_counts_in_the_header_and_nowhere_else(app: Flask, olga: Character, ann: Character) -> None:
    """attack 98: not in the address, a body, a form, a cookie or another header; and a session opens no address of the
    API
    """
    case = olga.writes("Printer on fire")
    secret = token_of(app, ANN)
    stranger = Program(app)
    path = f"/tickets/{case.ref}"
    for named in ("token", "access_token", "api_key"):
        assert stranger.gets(path, **{named: secret}).status_code == 401
        assert stranger.posts(f"{path}/actions/take", {named: secret}).status_code == 401
    assert stranger.posts(f"{path}/actions/take", data={"access_token": secret}).status_code == 401
    for headers in (
        {"X-Api-Key": secret},
        {"Cookie": f"session={secret}"},
        {"Authorization": secret},
        {"Authorization": f"Basic {secret}"},
        {"Authorization": f"Bearer {secret} {secret}"},
        {"X-Forwarded-User": ANN, "Remote-User": ANN, "X-On-Behalf-Of": ANN},
    ):
        assert stranger.gets(path, headers=headers).status_code == 401, headers
    browser = AtTheDesk(app, ann)
    assert browser.client.get(f"/api/v1{path}").status_code == 401
    assert browser.client.post(f"/api/v1{path}/actions/take", json={}).status_code == 401
    for written in ("bearer", "BEARER", "Bearer"):
        assert stranger.gets(path, headers={"Authorization": f"{written} {secret}"}).status_code == 200
    refused = Program(app, ANN).gets(path, token=secret)
    assert (refused.status_code, [*refused.json["problems"]]) == (422, ["token"])


def test_a_token_opens_no_page(app: Flask, ann: Character) -> None:
    """attack 75: it is no way past the second step of the desk"""
    head = {"Authorization": f"Bearer {token_of(app, ANN)}"}
    for path in ("/desk/", "/my/requests", "/admin/people"):
        answer = Visitor(app).client.get(path, headers=head)
        assert answer.status_code == 303, path
        assert "sign-in" in answer.location


@pytest.mark.parametrize(
    "sent", ["", " ", "%", "_", "hd_", "hd_%", "null", "0", "[]", "hd_" + "_" * 43, "hd_" + "a" * 42, "hd_" + "a" * 44]
)
def test_a_look_up_has_no_quirks(app: Flask, ann: Character, sent: str) -> None:
    """attack 49: exact, typed, and nothing is not a token either"""
    token_of(app, ANN)
    answer = Program(app).gets("/tickets", headers={"Authorization": f"Bearer {sent}"})
    assert (answer.status_code, answer.json["code"]) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert answer.mimetype == "application/problem+json"


def test_who_may_come_in_no_more_has_no_program_either(app: Flask, ann: Character, olga: Character) -> None:
    """attack 53: by the rows of this moment"""
    olga.writes("Printer on fire")
    agent, customer = Program(app, ANN), Program(app, OLGA)
    assert agent.gets("/tickets").json["tickets"]
    hire(app, ANN, "Ann")  # her groups are gone
    assert agent.gets("/tickets").json["tickets"] == []
    with app.app_context(), writing():
        person_of(ANN).disabled_at = clock.now()
        person_of(OLGA).banned_at = clock.now()
    assert [each.gets("/tickets").status_code for each in (agent, customer)] == [401, 401]


def test_whoever_is_let_out_or_banned_gets_no_old_token_back(app: Flask, ann: Character, olga: Character) -> None:
    olga.writes("Printer on fire")
    agent, customer = Program(app, ANN), Program(app, OLGA)
    with app.app_context(), writing():
        staffing.let_out(person_of(ANN))
        bans.ban(person_of(OLGA))
    with app.app_context(), writing():
        staffing.let_in(person_of(ANN))
        bans.lift(person_of(OLGA))
    assert [each.gets("/tickets").status_code for each in (agent, customer)] == [401, 401]


def test_a_token_for_reading_does_nothing(app: Flask, olga: Character, ann: Character) -> None:
    """attack 98: read scope writes = 403"""
    case = olga.writes("Printer on fire")
    reader = Program(app, ANN, scope="read")
    assert reader.gets(f"/tickets/{case.ref}").status_code == 200
    before = everything(app)
    for answer in (
        reader.does(case.ref, "take"),
        reader.posts("/tickets", {"source": "contact_form", "values": {"message": "x"}}),
    ):
        assert answer.status_code == 403, answer.text
        assert answer.json["code"] == "scope"
        assert "insufficient_scope" in answer.headers["WWW-Authenticate"]
    assert changes(before, everything(app)) == []


def test_looking_notes_the_use_once_in_ten_minutes_and_writes_nothing_else(
    app: Flask, ann: Character, still: None
) -> None:
    program = Program(app, ANN)
    assert used_at(app) == [None]
    before = everything(app)
    first = clock.now()
    program.gets("/tickets")
    assert used_at(app) == [first]
    assert [line.partition(":")[0] for line in changes(before, everything(app))] == ["api_tokens"]
    for minutes, noted in ((9, first), (10, first + timedelta(minutes=10))):
        with clock.frozen(first + timedelta(minutes=minutes)):
            program.gets("/tickets")
        assert used_at(app) == [noted]


def test_wrong_tokens_are_soon_too_many_and_lock_nobody_out(app: Flask, ann: Character) -> None:
    """attack 71"""
    right, wrong = Program(app, ANN), Program(app)
    wrong.token = "hd_" + "x" * 43
    answers = [wrong.gets("/tickets").status_code for _ in range(101)]
    assert answers == [401] * 100 + [429]
    assert int(wrong.gets("/tickets").headers["Retry-After"]) > 0
    assert right.gets("/tickets").status_code == 200
    elsewhere = Program(app, ip="203.0.113.5")
    elsewhere.token = wrong.token
    assert elsewhere.gets("/tickets").status_code == 401


def test_one_token_asks_so_often_and_no_oftener(app: Flask, ann: Character, boris: Character) -> None:
    """attack 94"""
    busy, other = Program(app, ANN), Program(app, "boris@acme.example")
    answers = [busy.posts("/tickets/R-0/actions/take").status_code for _ in range(121)]
    assert answers == [404] * 120 + [429]
    assert busy.gets("/tickets").status_code == 200
    assert other.posts("/tickets/R-0/actions/take").status_code == 404


def test_no_log_holds_a_token(app: Flask, ann: Character, caplog: pytest.LogCaptureFixture) -> None:
    """attack 98: nor does an error of ours"""

    def broken(**_names: object) -> str:
        raise RuntimeError("broken")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.view_functions["api.shown"] = gated(app, broken)
    program = Program(app, ANN)
    with caplog.at_level(logging.DEBUG):
        answer = program.gets("/tickets/R-1")
        program.gets("/tickets", token=program.token)
        wrong = Program(app)
        wrong.token = program.token[:-1] + "-"
        wrong.gets("/tickets")
    assert (answer.status_code, answer.json["code"]) == (500, "ours")
    assert answer.json["number"] in caplog.text
    assert "RuntimeError" in caplog.text
    assert "RuntimeError" not in answer.text
    assert program.token not in caplog.text
    assert wrong.token not in caplog.text
    assert api_tokens._hash(program.token) not in caplog.text


def gated(app: Flask, view: object) -> object:
    view.gate = app.view_functions["api.shown"].gate  # type: ignore[attr-defined]
    return view


def test_two_requests_at_once_note_the_use_without_getting_in_each_others_way(app: Flask, ann: Character) -> None:
    program, said = Program(app, ANN), []
    tries = [threading.Thread(target=lambda: said.append(program.gets("/tickets").status_code)) for _ in range(6)]
    for each in tries:
        each.start()
    for each in tries:
        each.join()
    assert said == [200] * 6
    assert used_at(app) != [None]
