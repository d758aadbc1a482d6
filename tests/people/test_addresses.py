"""Whom an address means: one spelling for each, and never that of another."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from helpdesk.db import session
from helpdesk.errors import Invalid
from helpdesk.people import find
from helpdesk.tickets import following
from helpdesk.tickets.models import Follower
from tests.cast import Character
from tests.meanwhile import meanwhile
from tests.plugins.post import Post, letter


def test_an_answer_goes_to_the_domain_that_asked(post: Post, ann: Character) -> None:
    """Two domains, two owners: IDNA has told them apart since 2008 (RFC 5891)."""
    asked, others = "olga@straße.example", "olga@strasse.example"
    case = post.case(letter("x@y.example").as_bytes().replace(b"x@y.example", asked.encode()))
    other = post.case(letter(others))
    ann.performs("reply", case, text="Which floor?")
    assert [mail.recipient for mail in case.mails if mail.kind == "mail"][-1] == asked
    assert {mail.recipient for mail in other.mails} == {others}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" Ann@Acme.Example ", "ann@acme.example"),
        ("JÜRGEN@Köln.Example", "jürgen@köln.example"),
        ("STRAẞE@x.example", "straße@x.example"),
        ("an\u212aa@x.example", "an\u212aa@x.example"),
    ],
)
def test_capitals_are_small_letters_and_no_letter_becomes_another(written: str, kept: str) -> None:
    """Attack 15: what only looks like the K of an agent's address is somebody else's."""
    assert find.normal(written) == kept
    assert find.normal(kept) == kept


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+372 555-0001", "+3725550001"),
        ("(0) 555 0001", "05550001"),
        ("+٣٧٢ ٥٥٥٠٠٠١", "+3725550001"),
        ("555+1", "5551"),
    ],
)
def test_a_number_is_kept_in_the_digits_that_telephones_dial(written: str, kept: str) -> None:
    assert find.normal(written, kind="phone") == kept


def test_an_address_that_grows_when_it_is_spelled_out_is_none() -> None:
    with pytest.raises(Invalid):
        find.valid_email(f"a@{'İ' * 240}.example")


def test_following_twice_at_the_same_moment_is_following_once(app: Flask, olga: Character, ann: Character) -> None:
    case = olga.writes("Printer")

    def follow() -> None:
        person = find.by_email(ann.email)
        assert person is not None
        following.start(person, case.id)

    meanwhile(app, follow, follow)
    with app.app_context():
        assert session().scalar(select(func.count()).where(Follower.ticket_id == case.id)) == 1
