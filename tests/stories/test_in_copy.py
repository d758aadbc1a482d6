"""Who is in copy of a mail: noted, let in by the requester or by staff, told only what is written from then on (attack
23).
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from helpdesk.db import session
from helpdesk.errors import Invalid
from helpdesk.tickets import participants
from helpdesk.tickets.links import Thread, signer
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.participants import Participant
from helpdesk.tickets.rich import Upload
from tests import side_desk
from tests.at_the_desk import AtTheDesk
from tests.cast import Case, Character
from tests.plugins.post import SUPPORT, Post, letter

OLGA, PIA, LEE = "olga@example.org", "pia@example.org", "lee@other.example"
PROVEN = "mx.acme.example; dmarc=pass header.from=example.org"


@pytest.fixture(autouse=True)
def desk(app: Flask) -> None:
    """Every answer quotes what was said before, and our own mail server has a name."""
    told = "{{ action.message }}\\n\\n{{ links.cabinet }}"
    written = side_desk.text()
    assert told in written
    side_desk.adopt(app, written.replace(told, "{{ action.message }} {{ history.customer }} {{ links.cabinet }}"))
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], authserv_id="mx.acme.example")


def copied(case: Case) -> dict[str, str]:
    with case.app.app_context():
        rows = session().query(Participant).filter_by(ticket_id=case.id)
        return {row.address: row.part for row in rows}


def test_the_requesters_own_mail_lets_somebody_read_along_from_then_on(post: Post, ann: Character) -> None:
    case = post.case(letter(OLGA, "canary-first"))
    ann.performs("reply", case, text="canary-second")
    post.turn()
    ours = post.to(OLGA)[-1].message
    cc = {"Cc": f'"Pia P" <{PIA}>, {SUPPORT}', "Authentication_Results": PROVEN}
    post.arrives(letter(OLGA, "canary-third", answers=ours, **cc))
    assert copied(case) == {PIA: "in"}
    assert post.to(PIA) == [], "nobody is told what was said before"
    with case.app.app_context():
        file = Upload.keep(b"a plan", filename="plan.txt", content_type="text/plain")
    ann.performs("reply", case, text="We come on Monday.", files=[file])
    post.turn()
    (copy,) = post.to(PIA)
    raw = copy.raw.decode()
    assert "We come on Monday." in raw
    assert [word for word in ("canary", "/my/", "/desk/", OLGA) if word in raw] == []
    assert [part.get_filename() for part in copy.message.iter_attachments()] == ["plan.txt"]
    assert copy.recipients == (PIA,)
    # what she answers comes to the ticket, as somebody else's word
    assert post.case(letter(PIA, "Monday is fine.", answers=copy.message)).id == case.id
    assert (case.messages[-1].author_kind, case.messages[-1].audience) == ("other", "internal")
    assert post.case(letter(PIA, "At nine.", subject=f"Re: [{case.ref}]")).id == case.id


def test_a_note_and_a_side_conversation_reach_nobody_in_copy(post: Post, ann: Character) -> None:
    case = post.case(letter(OLGA, "Help"))
    ann.performs("share", case, add=[PIA])
    ann.performs("comment", case, text="canary-note")
    ann.performs("ask_outside", case, text="canary-side", recipients=LEE)
    post.turn()
    assert post.to(PIA) == []


def test_who_is_named_by_an_unproven_mail_is_noted_and_let_in_with_one_click(
    app: Flask, post: Post, ann: Character
) -> None:
    """Attack 23: the same mail without our server's word gives nobody anything."""
    case = post.case(letter(OLGA, "Help", Cc=f"Lee <{LEE}>"))
    assert copied(case) == {LEE: "noted"}
    ann.performs("reply", case, text="Which floor?")
    post.turn()
    assert post.to(LEE) == []
    browser = AtTheDesk(app, ann)
    page = browser.opens(f"/desk/tickets/{case.ref}").text
    assert "Were in copy of a mail, and get nothing:" in page
    hidden = {"csrf_token": browser.token, "confirmed": "yes"}
    assert browser.sends_form(case, "share", hidden, add=LEE).status_code == 303
    assert copied(case) == {LEE: "in"}
    ann.performs("reply", case, text="Or the third one?")
    post.turn()
    assert len(post.to(LEE)) == 1
    browser.sends_form(case, "share", hidden, remove=LEE)
    ann.performs("reply", case, text="Hello?")
    # whom staff took out, only staff lets in again
    post.arrives(letter(OLGA, "Hello", subject=case.ref, Cc=LEE, Authentication_Results=PROVEN))
    ann.performs("reply", case, text="Hello!")
    post.turn()
    assert copied(case) == {LEE: "out"}
    assert len(post.to(LEE)) == 1
    assert "added lee@other.example in copy" in browser.opens(f"/desk/tickets/{case.ref}").text


def test_nobody_but_the_requester_and_staff_lets_anybody_in(post: Post, ann: Character) -> None:
    """Attack 23: neither a participant, nor whoever holds a code that was sent to somebody else, nor a robot."""
    case = post.case(letter(OLGA, "Help"))
    ann.performs("share", case, add=[PIA])
    ann.performs("reply", case, text="Which floor?")
    post.turn()
    ours = post.to(PIA)[-1].message
    post.arrives(letter(PIA, "I add Lee", answers=ours, Cc=LEE, Authentication_Results=PROVEN))
    assert copied(case) == {PIA: "in", LEE: "noted"}
    other = post.case(letter(OLGA, "On leave", Cc=LEE, Auto_Submitted="auto-replied", Authentication_Results=PROVEN))
    assert copied(other) == {}


def test_an_agent_who_answers_by_mail_with_a_copy_sends_it_once(app: Flask, post: Post, ann: Character) -> None:
    case = post.case(letter(OLGA, "Help"))
    ann.performs("take", case)
    ann.performs("share", case, add=[PIA])
    ann.performs("reply", case, text="First.")
    with app.app_context():
        token = signer().reply_token(Thread(case.id, ann.id))
    proven = "mx.acme.example; dmarc=pass header.from=acme.example"
    post.arrives(letter(ann.email, f"Second.\n\n{token}", Cc=f"{PIA}, {LEE}", Authentication_Results=proven))
    assert case.messages[-1].author_kind == "staff"
    assert [len(post.to(each)) for each in (PIA, LEE)] == [1, 0]
    assert copied(case) == {PIA: "in", LEE: "in"}


def test_there_is_an_end_to_it(app: Flask, post: Post, ann: Character) -> None:
    """At most 48; the desk's own addresses and the requester are never in copy."""
    crowd = [f"p{number}@crowd.example" for number in range(60)]
    case = post.case(letter(OLGA, "Help", Cc=", ".join([*crowd, OLGA, SUPPORT]), Authentication_Results=PROVEN))
    assert len(copied(case)) == participants.MOST
    assert set(copied(case).values()) == {"in"}
    for add in (["one@more.example"], [SUPPORT], ["support+x@acme.example"], []):
        with pytest.raises(Invalid):
            ann.performs("share", case, add=add)
    with pytest.raises(Invalid):  # whoever is not in it makes no room
        ann.performs("share", case, add=["one@more.example"], remove=["nobody@more.example"])
    ann.performs("share", case, add=[OLGA, "one@more.example"], remove=crowd[:1])
    assert copied(case)["one@more.example"] == "in"
    assert OLGA not in copied(case)
    with app.app_context():
        assert session().get_one(Ticket, case.id).shared
