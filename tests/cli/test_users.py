"""`helpdesk user …`"""

from __future__ import annotations

from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

from helpdesk.db import session
from helpdesk.people import find, passwords
from tests.cast import hire
from tests.cli.conftest import Helpdesk

WORDS = "four words in a row"


def test_a_person_is_added_with_roles_groups_and_a_password(app: Flask, helpdesk: Helpdesk) -> None:
    added = helpdesk(
        "user",
        "add",
        "Ann@acme.example",
        "--name",
        "Ann",
        "--role",
        "accountant",
        "--group",
        "front",
        "--password",
        WORDS,
    )
    assert added.code == 0, added.err
    with app.app_context():
        ann = find.by_email("ann@acme.example")
        assert (ann.name, ann.roles, ann.groups, ann.is_admin) == ("Ann", ["accountant"], ["front"], False)
        assert passwords.fits(ann, WORDS)


def test_a_password_need_not_stand_on_the_command_line(app: Flask, helpdesk: Helpdesk) -> None:
    helpdesk("user", "add", "ann@acme.example", "--group", "front", "--password", "-", stdin=WORDS + "\n")
    with app.app_context():
        assert passwords.fits(find.by_email("ann@acme.example"), WORDS)


def test_set_changes_what_is_named_and_leaves_the_rest(app: Flask, helpdesk: Helpdesk) -> None:
    helpdesk("user", "add", "ann@acme.example", "--name", "Ann", "--role", "agent", "--group", "front")
    assert (
        helpdesk("user", "set", "ann@acme.example", "--role", "manager", "--admin", "--timezone", "Europe/Tallinn").code
        == 0
    )
    (row,) = helpdesk("user", "list", "--json").json
    assert (row["name"], row["roles"], row["groups"], row["admin"]) == ("Ann", ["manager"], ["front"], True)
    assert helpdesk("user", "set", "ann@acme.example", "--no-groups").code == 0
    assert helpdesk("user", "list", "--json").json[0]["groups"] == []


def test_wrong_names_and_weak_passwords_are_refused_with_a_sentence(helpdesk: Helpdesk) -> None:
    for words, code, said in (
        (["add", "ann@acme.example", "--role", "agnet"], 3, "There is no role “agnet”. Did you mean “agent”?"),
        (["add", "ann@acme.example", "--password", "short"], 3, "Use at least 10 characters"),
        (["add", "no address"], 3, "This is not an e-mail address."),
        (["set", "ann@acme.example", "--name", "Ann"], 4, "Nobody here has the address ann@acme.example."),
        (["set", "ann@acme.example", "--timezone", "Mars/Olympus"], 4, "Nobody"),
    ):
        refused = helpdesk("user", *words)
        assert refused.code == code
        assert refused.err.startswith(said)
    assert helpdesk("user", "list", "--json").json == []


def test_a_customer_becomes_staff_by_add_but_nobody_is_added_twice(helpdesk: Helpdesk) -> None:
    helpdesk("ticket", "new", "--as", "ann@acme.example", "--subject", "A job?")
    assert helpdesk("user", "add", "ann@acme.example", "--group", "front").code == 0
    assert helpdesk("user", "add", "ann@acme.example", "--group", "front").code == 3


def test_whoever_is_disabled_acts_no_more_until_enabled(helpdesk: Helpdesk) -> None:
    helpdesk("user", "add", "ann@acme.example", "--group", "front")
    ref = helpdesk("ticket", "new", "--as", "olga@example.org", "--subject", "Printer").out.strip()
    assert helpdesk("ticket", "show", ref, "--as", "ann@acme.example").code == 0
    assert helpdesk("user", "disable", "ann@acme.example").code == 0
    assert helpdesk("ticket", "show", ref, "--as", "ann@acme.example").code == 4
    helpdesk("user", "set", "ann@acme.example", "--enable")
    assert helpdesk("ticket", "show", ref, "--as", "ann@acme.example").code == 0


def test_a_new_password_or_a_lost_telephone_ends_every_sign_in(app: Flask, helpdesk: Helpdesk) -> None:
    from datetime import timedelta

    from helpdesk import clock
    from helpdesk.db import writing
    from helpdesk.people.models import SignIn

    helpdesk("user", "add", "ann@acme.example", "--group", "front")
    for number, words in enumerate(
        (["password", "ann@acme.example", "--password", WORDS], ["2fa-reset", "ann@acme.example"])
    ):
        with app.app_context(), writing() as here:
            ann = find.by_email("ann@acme.example")
            ann.totp_secret = "JBSWY3DPEHPK3PXP"
            until = clock.now() + timedelta(hours=1)
            here.add(SignIn(token_hash=str(number), person_id=ann.id, audience="desk", expires_at=until))
        assert helpdesk("user", *words).code == 0
        with app.app_context():
            assert session().get(SignIn, str(number)).ended_at is not None
    with app.app_context():
        assert find.by_email("ann@acme.example").totp_secret is None


def test_a_long_list_of_people_asks_no_more_than_a_short_one(app: Flask, helpdesk: Helpdesk) -> None:
    def questions() -> int:
        asked: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            asked.append(statement)

        event.listen(Engine, "before_cursor_execute", note)  # the command has an engine of its own
        try:
            assert helpdesk("user", "list").code == 0
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        return len([statement for statement in asked if statement.startswith("SELECT")])

    hire(app, "first@acme.example", "First", roles=["agent"])
    few = questions()
    for number in range(5):
        hire(app, f"agent{number}@acme.example", f"Agent {number}", roles=["agent"])
    assert questions() == few > 0


def test_what_is_no_language_and_what_is_too_long_is_refused(app: Flask, helpdesk: Helpdesk) -> None:
    hire(app, "ann@acme.example", "Ann", roles=["agent"])
    for option, value, said in (
        ("--language", "Estonian, please", "A language is written as its code"),
        ("--tier", "x" * 41, "--tier has at most 40 characters."),
        ("--name", "N" * 101, "--name has at most 100 characters."),
    ):
        refused = helpdesk("user", "set", "ann@acme.example", option, value)
        assert (refused.code, refused.err.startswith(said)) == (3, True), refused
    assert helpdesk("user", "set", "ann@acme.example", "--name", "An\x07n\nTamm", "--language", "et").code == 0
    assert helpdesk("user", "list", "--json").json[0]["name"] == "Ann Tamm"
