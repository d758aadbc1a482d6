"""A page that was drawn before a change and listens only afterwards is told so when it joins, and of nothing it may not
see (W14, attacks 44 and 81).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from flask import Flask

from tests.at_the_desk import AtTheDesk
from tests.cast import Case, Character
from tests.servers.page import drawn, page_of
from tests.servers.serving import served

LONG_AGO = "1"


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    with served(app) as url:
        yield url


def of(case: Case, at: str) -> dict[str, str]:
    return {f"ticket_{case.id}": at}


def test_a_change_between_drawing_and_joining_is_told_at_the_join(
    app: Flask, address: str, ann: Character, olga: Character, boris: Character
) -> None:
    case, other = olga.writes("Broken screen"), olga.writes("Printer on fire")
    browser = AtTheDesk(app, ann)
    queue, ticket = browser.opens("/desk/").text, browser.opens(f"/desk/tickets/{case.ref}").text
    quiet = browser.opens(f"/desk/tickets/{other.ref}").text
    boris.performs("comment", case, text="Let me look.")
    with page_of(app, address, ann) as page:
        seen = {"queue": drawn(queue, "queue")}
        seen |= of(case, drawn(ticket, f"ticket:{case.id}")) | of(other, drawn(quiet, f"ticket:{other.id}"))
        assert page.misses(**seen) == ["queue", f"ticket:{case.id}"]


def test_a_page_drawn_after_the_change_has_missed_nothing(
    app: Flask, address: str, ann: Character, olga: Character, boris: Character
) -> None:
    case = olga.writes("Broken screen")
    with page_of(app, address, ann) as page:
        page.joins("queue")
        boris.performs("comment", case, text="Let me look.")
        assert page.rings() == "queue"  # it has rung
        browser = AtTheDesk(app, ann)
        ticket = browser.opens(f"/desk/tickets/{case.ref}").text
        assert page.misses(queue=drawn(browser.opens("/desk/").text, "queue")) == []
        assert page.misses(**of(case, drawn(ticket, f"ticket:{case.id}"))) == []


def test_a_piece_that_is_fetched_says_when_it_was_drawn(
    app: Flask, address: str, ann: Character, olga: Character, boris: Character
) -> None:
    """So that a line that was lost and is there again asks about what the page shows now."""
    case = olga.writes("Broken screen")
    browser = AtTheDesk(app, ann)
    old = drawn(browser.opens("/desk/").text, "queue")
    with page_of(app, address, ann) as page:
        page.joins("queue")
        boris.performs("comment", case, text="Let me look.")
        assert page.rings() == "queue"
    as_script = {"HX-Request": "true"}
    fresh = [browser.opens(each, headers=as_script).headers["Drawn"] for each in ("/desk/", "/desk/counts")]
    with page_of(app, address, ann) as again:
        assert [again.misses(queue=each) for each in (old, *fresh)] == [["queue"], [], []]
        boris.performs("comment", case, text="Hm.")
        assert again.rings() == "queue"


def test_what_a_joiner_may_not_see_has_not_rung_for_them(
    app: Flask, address: str, ann: Character, olga: Character, mallory: Character, kadri: Character
) -> None:
    """Attack 44, whatever they say they have seen: the accountant's states were quiet, the note was not Olga's, and the
    ticket is not Mallory's.
    """
    case = olga.writes("Broken screen")
    before = drawn(AtTheDesk(app, ann).opens("/desk/").text, "queue")
    ann.performs("comment", case, text="A note.")
    with page_of(app, address, kadri) as accountant, page_of(app, address, mallory, "cabinet") as stranger:
        assert accountant.misses(queue=before, **of(case, LONG_AGO)) == []
        assert stranger.misses(queue=LONG_AGO, **of(case, LONG_AGO)) == []
    with page_of(app, address, olga, "cabinet") as hers:
        assert hers.misses(queue=before, **of(case, before)) == []
        ann.performs("reply", case, text="Which floor?")
        assert hers.rings() == f"ticket:{case.id}"
    with page_of(app, address, olga, "cabinet") as again:
        assert again.misses(**of(case, before)) == [f"ticket:{case.id}"]


def test_a_desk_that_began_anew_does_not_know_what_was_missed(app: Flask, ann: Character) -> None:
    """So each page that was drawn before looks once."""
    before = drawn(AtTheDesk(app, ann).opens("/desk/").text, "queue")
    with served(app) as address, page_of(app, address, ann) as page:
        assert page.misses(queue=before) == ["queue"]
        assert page.misses(queue=drawn(AtTheDesk(app, ann).opens("/desk/").text, "queue")) == []


def test_junk_in_the_place_of_a_moment_is_not_listened_to(app: Flask, address: str, ann: Character) -> None:
    """Attack 81: the line stays, and the rest of what it asks for holds."""
    moments = ["-1", "1e9", "٣", "9" * 500, 1]
    junk = [*(["queue", each] for each in moments), ["queue"], [[]], {}, 7]
    with page_of(app, address, ann) as page:
        page.line.send("423" + json.dumps(["join", junk]))
        assert page.hear() == "433[[]]"
        assert page.misses(queue=LONG_AGO) == ["queue"]
