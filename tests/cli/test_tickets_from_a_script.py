"""`helpdesk ticket …`: the same doors, the same rights (attacks 40, 43 and 56)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cast import Character
from tests.cli.conftest import Helpdesk

OLGA, ANN, KADRI, MALLORY = "olga@example.org", "ann@acme.example", "kadri@acme.example", "mallory@evil.example"
KEYS = {
    "ref",
    "workflow",
    "state",
    "subject",
    "requester",
    "assignee",
    "group",
    "fields",
    "actions",
    "events",
    "messages",
}


def opened(helpdesk: Helpdesk, *more: str) -> str:
    said = helpdesk("ticket", "new", "--as", OLGA, "--subject", "Printer", "--message", "It burns", *more)
    assert said.code == 0, said.err
    return said.out.strip()


def test_a_repair_is_led_to_its_payment_from_scripts(
    helpdesk: Helpdesk, ann: Character, kadri: Character, edgar: Character
) -> None:
    ref = opened(helpdesk)
    assert helpdesk("ticket", "do", ref, "quote", "--as", ANN, "--with", "price=120").code == 0
    seen = helpdesk("ticket", "show", ref, "--as", KADRI, "--json").json
    assert seen["state"] == "awaiting_payment"
    assert seen["fields"] == {"price": "120"}
    assert seen["actions"] == ["receive_payment", "remind", "close"]
    paid = helpdesk(
        "ticket", "do", ref, "receive_payment", "--as", KADRI, "--with", "amount=120", "--with", "method=card", "--json"
    )
    assert paid.json == {"ref": ref, "state": "in_repair"}  # an accountant does not see what is in repair
    story = [
        event["action"] or event["kind"]
        for event in helpdesk("ticket", "show", ref, "--as", OLGA, "--json").json["events"]
    ]
    assert story == ["opened", "ask_payment", "receive_payment"]


def test_show_gives_the_keys_that_scripts_rely_on(helpdesk: Helpdesk, ann: Character, tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"\x89PNG")
    ref = opened(helpdesk, "--file", str(photo))
    helpdesk("ticket", "do", ref, "reply", "--as", ANN, "--with", "message=Which floor?")
    seen = helpdesk("ticket", "show", ref, "--as", ANN, "--json").json
    assert seen.keys() >= {*KEYS, "deliveries"}
    question, answer = seen["messages"]
    assert question.keys() >= {"id", "kind", "from", "to", "text", "html", "attachments"}
    assert (question["kind"], question["from"], question["text"]) == ("message", OLGA, "It burns")
    assert [(file["filename"], file["size"]) for file in question["attachments"]] == [("photo.png", 4)]
    assert (answer["from"], answer["to"]) == (ANN, [OLGA])
    assert [delivery["status"] for delivery in seen["deliveries"]] == ["waiting", "waiting"]


def test_a_refusal_is_3_and_a_sentence_and_changes_nothing(helpdesk: Helpdesk, ann: Character) -> None:
    ref = opened(helpdesk)
    before = helpdesk("ticket", "show", ref, "--as", ANN, "--json").json
    for words, sentence in (
        (["finish"], None),
        (["quote"], "Please fill in “Price”."),
        (["quote", "--with", "price=dear"], "“Price” must be an amount of money."),
        (["quote", "--with", "price=12", "--with", "serial=AB123456"], "“Serial number” is not asked here."),
        (["quote", "--with", "price=12", "--with", "colour=red"], "“colour” is not asked here."),
        (["reply", "--with", "message=Hello", "--seen", "0"], "This ticket changed meanwhile."),
    ):
        said = helpdesk("ticket", "do", ref, *words, "--as", ANN)
        assert said.code == (3 if sentence else 4), said
        assert sentence is None or said.err.startswith(sentence)
        assert said.out == ""
    assert helpdesk("ticket", "show", ref, "--as", ANN, "--json").json == before


@pytest.mark.parametrize("who", [MALLORY, KADRI, "nobody@nowhere.example"])
def test_a_ticket_that_is_not_theirs_is_not_there(
    helpdesk: Helpdesk, mallory: Character, kadri: Character, who: str
) -> None:
    """Attack 43: neither looking nor acting tells a foreign ticket from one that does not exist."""
    ref = opened(helpdesk)
    for words in (["show"], ["do", "reply"], ["do", "no_such_action"]):
        there = helpdesk("ticket", words[0], ref, *words[1:], "--as", who)
        missing = helpdesk("ticket", words[0], "R-999999", *words[1:], "--as", who)
        assert (there.code, there.err) == (missing.code, missing.err) == (4, there.err)
    if who != "nobody@nowhere.example":
        assert helpdesk("ticket", "list", "--as", who, "--json").json == []


def test_the_customers_view_carries_no_note_and_nobody_of_the_house(
    helpdesk: Helpdesk, ann: Character, edgar: Character
) -> None:
    """Attack 40: the canary of a note, a colleague's address and what is not for customers never come out."""
    ref = opened(helpdesk)
    helpdesk("ticket", "do", ref, "comment", "--as", ANN, "--with", "message=CANARY the customer is rude")
    helpdesk("ticket", "do", ref, "reply", "--as", ANN, "--with", "message=Which floor?")
    helpdesk("ticket", "do", ref, "quote", "--as", ANN, "--with", "price=2000")  # too dear: to the workshop
    for words in (["show", ref, "--json"], ["show", ref], ["list", "--json"], ["list", "CANARY"]):
        said = helpdesk("ticket", *words, "--as", OLGA)
        assert said.code == 0
        assert "CANARY" not in said.out
        assert "acme.example" not in said.out.replace("desk.acme.example", "")
    assert "CANARY" in helpdesk("ticket", "show", ref, "--as", "edgar@acme.example", "--json").out


def test_staff_opens_a_ticket_for_a_customer_only_with_the_right_to(
    helpdesk: Helpdesk, ann: Character, edgar: Character
) -> None:
    said = helpdesk(
        "ticket", "new", "--as", ANN, "--for", OLGA, "--subject", "By phone", "--message", "-", stdin="It rang.\n"
    )
    assert said.code == 0
    seen = helpdesk("ticket", "show", said.out.strip(), "--as", ANN, "--json").json
    assert (seen["requester"], seen["messages"][0]["text"]) == (OLGA, "It rang.")
    assert helpdesk("ticket", "new", "--as", "edgar@acme.example", "--for", OLGA, "--subject", "No").code == 4


def test_a_form_asks_from_a_script_what_it_asks_on_its_page(helpdesk: Helpdesk, ann: Character) -> None:
    form = ["ticket", "new", "--as", OLGA, "--source", "contact_form", "--subject", "Screen", "--message", "Dark"]
    refused = helpdesk(*form)
    assert (refused.code, refused.err) == (3, "Please fill in “I agree to the terms”.\n")
    ref = helpdesk(*form, "--with", "consent=yes", "--with", "kind=technical").out.strip()
    assert helpdesk("ticket", "show", ref, "--as", ANN, "--json").json["fields"] == {"kind": "technical"}


def test_list_finds_words_and_keeps_to_what_is_asked(helpdesk: Helpdesk, ann: Character, boris: Character) -> None:
    ref = opened(helpdesk)
    helpdesk("ticket", "new", "--as", OLGA, "--subject", "Scanner", "--message", "It hums")
    assert [row["ref"] for row in helpdesk("ticket", "list", "burns", "--as", ANN, "--json").json] == [ref]
    assert helpdesk("ticket", "list", "--as", ANN, "--mine", "--json").json == []
    helpdesk("ticket", "do", ref, "take", "--as", ANN)
    assert [row["assignee"] for row in helpdesk("ticket", "list", "--as", ANN, "--mine", "--json").json] == [ANN]
    hers = [row["subject"] for row in helpdesk("ticket", "list", "--as", OLGA, "--json").json]
    assert hers == ["Scanner", "Printer"], "who took it is the house's own business (attack 41)"
    assert helpdesk("ticket", "list", "--as", ANN, "--state", "done", "--json").json == []


def test_list_with_words_looks_until_it_has_enough_of_what_is_asked(helpdesk: Helpdesk, ann: Character) -> None:
    """Newer tickets with the same words, in another state, take no room."""
    ref = opened(helpdesk)
    helpdesk("ticket", "do", ref, "reply", "--as", ANN, "--with", "message=Which floor?")
    for _ in range(3):
        opened(helpdesk)
    asked = ["ticket", "list", "burns", "--as", ANN, "--limit", "2", "--json"]
    assert [row["ref"] for row in helpdesk(*asked, "--state", "waiting").json] == [ref]
    assert len({row["ref"] for row in helpdesk(*asked).json}) == 2
