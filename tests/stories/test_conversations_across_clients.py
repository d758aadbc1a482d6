"""Forty conversations, with twenty mail programs: a customer asks, is answered, and writes again, twice. Each message
is on the one ticket, with the words that were typed, whether their program names what it answers or not.
"""

from __future__ import annotations

import pytest

from tests.cast import Character
from tests.mail.clients import CLIENTS, answer
from tests.plugins.post import Post, letter

CUSTOMER = "Tiiu Tamm <tiiu@home.example>"
FIRST, SECOND = "It is the red one.\nIt stands in the kitchen.", "Thank you, that helped."


def test_there_are_twenty_programs() -> None:
    assert len(CLIENTS) == 20


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("threads", [True, False], ids=["names what it answers", "does not"])
@pytest.mark.parametrize("client", CLIENTS)
def test_all_of_a_conversation_is_on_one_ticket(post: Post, ann: Character, client: str, threads: bool) -> None:
    case = post.case(
        letter(CUSTOMER, "It sings when it is empty.", subject="The kettle", message_id="<k0@home.example>")
    )
    for number, (asked, typed) in enumerate((("Which kettle is it?", FIRST), ("Descale it.", SECOND)), 1):
        ann.performs("reply", case, text=asked)
        post.turn()
        ours = post.to("tiiu@home.example")[-1].message
        assert f"<k{number - 1}@home.example>" in ours["References"].split(), "their own program threads by it"
        theirs = answer(client, ours, typed, sender=CUSTOMER, message_id=f"<k{number}@home.example>", threads=threads)
        assert post.case(theirs).id == case.id
        said = case.messages[-1]
        assert said.text.strip() == typed
        assert asked in said.quoted, "the rest is one click away"
    assert len({message.author_id for message in case.messages}) == 2
