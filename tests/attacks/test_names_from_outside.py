"""Names that come from outside stand for what the workflow file declares and for nothing of the program (attacks 42 and
88).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from config import Settings
from helpdesk.db import session
from helpdesk.errors import HelpdeskError, Invalid, NotFound
from helpdesk.people.models import Person
from helpdesk.workflows.check.templates import NAMES
from tests.at_the_desk import AtTheDesk
from tests.cast import Character
from tests.visitor import give_password

KEY, SMTP = "canarysigningkey of the desk, long enough", "smtp://desk:canarysmtp@127.0.0.1:1"
OF_THE_PROGRAM = ["__class__", "__init__", "_run", "run", "perform", "delete", "shutdown", "state", "metadata", "none"]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, secret_key=KEY, smtp_url=SMTP)


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping):
        for name, below in value.items():
            yield from leaves(below, (*path, name))
    else:
        yield path, value


def test_a_mails_names_are_the_declared_ones_as_plain_data(app: Flask, olga: Character, ann: Character) -> None:
    """Attack 42: everything a template could reach is dumped, and no secret of the desk or of a person is in it."""
    give_password(app, ann.email)
    case = olga.writes("Printer on fire")
    ann.performs("reply", case, text="Which floor?")
    with app.app_context():
        hashes = {person.password_hash for person in session().query(Person) if person.password_hash}
    assert hashes
    for delivery in case.mails:
        known = delivery.frozen["names"]
        for path, _ in leaves(known):
            declared = NAMES.get(path[0])
            assert path[0] == "fields" or (declared is not None and path[1] in declared), path
        told = json.dumps(known)
        for secret in (KEY, "canarysmtp", *hashes):
            assert secret not in told


@pytest.mark.parametrize("name", OF_THE_PROGRAM)
def test_a_name_of_the_program_is_no_action(app: Flask, olga: Character, ann: Character, name: str) -> None:
    """Attack 88, at the door and at the desk's address."""
    case = olga.writes("Printer on fire")
    before = (case.version, case.story)
    with pytest.raises(NotFound):
        ann.performs(name, case, text="x")
    anns = AtTheDesk(app, ann)
    assert anns.opens(f"/desk/tickets/{case.ref}/do/{name}").status_code == 404
    assert anns.sends(f"/desk/tickets/{case.ref}/do/{name}", message="x").status_code == 404
    assert (case.version, case.story) == before


@pytest.mark.parametrize("name", ["__class__", "_sa_instance_state", "state", "assignee_id", "requester_verified"])
def test_a_name_of_the_record_is_no_field(app: Flask, olga: Character, ann: Character, name: str) -> None:
    """Attack 88: a value for what the action does not ask is refused by the door, and passed over in a form."""
    case = olga.writes("Printer on fire")
    state = case.state
    with pytest.raises(Invalid):
        ann.performs("comment", case, text="x", **{name: "closed"})
    AtTheDesk(app, ann).sends(f"/desk/tickets/{case.ref}/do/comment", message="y", **{name: "closed"})
    assert case.state == state
    assert case.assignee is None


@pytest.mark.parametrize("name", [*OF_THE_PROGRAM, "requester_id", "1; DROP TABLE tickets"])
def test_a_name_of_the_program_is_no_list(app: Flask, ann: Character, name: str) -> None:
    """Attack 88: lists and their order are chosen among what there is."""
    anns = AtTheDesk(app, ann)
    assert anns.opens(f"/desk/filters/{name}").status_code == 404
    assert anns.opens(f"/desk/?filter={name}").status_code in (200, 404)
    assert anns.opens(f"/desk/?sort={name}&order={name}").status_code == 200


def test_the_refusal_says_nothing_of_the_program(olga: Character, ann: Character) -> None:
    case = olga.writes("Printer on fire")
    with pytest.raises(HelpdeskError) as refused:
        ann.performs("__class__", case)
    assert "class" not in refused.value.sentence.lower()
