"""`helpdesk workflow why` (N7)."""

from __future__ import annotations

from flask import Flask

from tests.cast import Character
from tests.cli.conftest import Helpdesk


def test_a_missing_button_is_explained_for_people_and_for_scripts(
    olga: Character, ann: Character, helpdesk: Helpdesk
) -> None:
    case = olga.writes("Printer on fire")
    said = helpdesk("workflow", "why", case.ref, "receive_payment", "--as", ann.email)
    assert said.code == 0
    assert said.out.startswith("✗ Ann has no button “Receive payment”. It is for Accountant; Ann is Front line.\n")
    assert "  ✗ “New” does not offer it.  desk.yaml:45\n" in said.out
    data = helpdesk("workflow", "why", str(case.id), "receive_payment", "--as", ann.email, "--json").json
    assert data.keys() == {"ticket", "asked", "as", "holds", "says", "revision", "parts"}
    guards = next(part for part in data["parts"] if part["name"] == "guards")
    assert guards["reasons"][1] == {
        "code": "allow", "holds": False, "says": "It is for Accountant; Ann is Front line.", "line": "desk.yaml:131",
    }  # fmt: skip


def test_the_ticket_itself_is_explained_with_its_decision(
    olga: Character, ann: Character, edgar: Character, helpdesk: Helpdesk
) -> None:
    case = olga.writes("Printer on fire")
    ann.performs("forward", case, text="Please look.")
    said = helpdesk("workflow", "why", case.ref)
    assert "Edgar comes first by least_busy: 0 open.  desk.yaml:117" in said.out
    assert "    1.  Edgar    0 open" in said.out


def test_the_operator_asks_in_the_place_of_somebody_who_sees_nothing(
    olga: Character, mallory: Character, helpdesk: Helpdesk
) -> None:
    case = olga.writes("Printer on fire")
    said = helpdesk("workflow", "why", case.ref, "reply", "--as", mallory.email)
    assert said.code == 0
    assert "Mallory is not of the staff." in said.out


def test_what_is_not_there_ends_with_its_code(app: Flask, olga: Character, ann: Character, helpdesk: Helpdesk) -> None:
    case = olga.writes("Printer on fire")
    assert helpdesk("workflow", "why", "R-9999").code == 4
    assert helpdesk("workflow", "why", case.ref, "reply", "--as", "gone@acme.example").code == 4
    unknown = helpdesk("workflow", "why", case.ref, "replay", "--as", ann.email)
    assert (unknown.code, unknown.err.strip().endswith("Did you mean “reply”?")) == (4, True)
