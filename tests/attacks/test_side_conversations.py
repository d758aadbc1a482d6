"""Attack 39: what third parties answer stays in the house until somebody publishes it. And what they are told is what
was written to them, and nothing else of the ticket.
"""

from __future__ import annotations

import pytest
from flask import Flask

from helpdesk.db import session
from helpdesk.errors import Invalid, NotFound
from helpdesk.tickets import links
from helpdesk.tickets.links import Thread
from helpdesk.tickets.models import Attachment, Message
from helpdesk.tickets.rich import Rich, Upload
from tests import side_desk
from tests.cast import Case, Character
from tests.crawling import reached
from tests.plugins.post import SUPPORT, Post, letter
from tests.program import Program
from tests.visitor import Visitor

OLGA, VENDOR, MALLORY = "olga@example.org", "kai@parts.example", "mallory@evil.example"
CANARY = "canaryvendor"


@pytest.fixture(autouse=True)
def desk(app: Flask) -> None:
    """Whoever else writes runs an action that customers see, and every text quotes what a customer may read."""
    written = side_desk.text()
    told = "{{ action.message }}\\n\\n{{ links.cabinet }}"
    assert told in written
    written = written.replace(told, "{{ action.message }} {{ ticket.text }} {{ history.customer }}")
    written = written.replace("other: comment", "other: customer_note")
    came = "automatic: true\n        to: [{when"
    assert came in written
    mails = "customer: see\n        emails: [{to: [customer], template: answer}]"
    written = written.replace(came, came.replace("\n", f"\n        {mails}\n", 1))
    side_desk.adopt(app, written)


@pytest.fixture
def case(post: Post, ann: Character) -> Case:
    """Ann has asked the vendor, who answered with the canary, in words and in a file."""
    case = post.case(letter(f"Olga <{OLGA}>", "My screen is broken. I live in Long Street 5."))
    ann.performs("take", case)
    ann.performs("comment", case, text="A difficult customer.")
    ann.performs("ask_outside", case, text="How much is a screen?", recipients=VENDOR, side_subject="A screen")
    post.turn()
    answer = letter(f"Kai <{VENDOR}>", CANARY, answers=post.to(VENDOR)[0].message, message_id="<a@parts>")
    answer.add_attachment(CANARY.encode(), maintype="text", subtype="plain", filename=f"{CANARY}.txt")
    assert post.case(answer).id == case.id
    return case


def number_of(case: Case) -> int:
    """That of its side conversation."""
    with case.app.app_context():
        return int(session().query(Message.conversation_id).filter(Message.conversation_id.is_not(None)).first()[0])


def test_no_way_of_the_customer_leads_to_what_a_third_party_said(
    app: Flask, post: Post, ann: Character, case: Case
) -> None:
    """Cabinet, files, API and mail; whatever the file names for messages of others, and whatever its texts quote."""
    ann.performs("reply", case, text="We are on it.")
    post.arrives(letter(OLGA, "Any news?", answers=post.to(OLGA)[-1].message))
    ann.performs("reply", case, text="Soon.")
    post.turn()
    browser = Visitor(app).is_let_in(OLGA, "cabinet")
    seen = [answer.text for answers in reached(browser, f"/my/requests/{case.ref}").values() for answer in answers]
    assert any("My screen is broken." in each for each in seen), "the search is blind"
    with app.app_context():
        files = session().query(Attachment.id).all()
    assert len(files) == 1
    ways = [f"/my/requests/{case.ref}/files/{files[0].id}", f"/my/requests/{case.id}/files/{files[0].id}"]
    assert {browser.opens(each).status_code for each in ways} == {404}
    program = Program(app, OLGA)
    seen += [program.gets(f"/tickets/{case.ref}").text, program.gets("/tickets").text]
    seen += [each.raw.decode() for each in post.to(OLGA)]
    assert [each for each in seen if CANARY in each or VENDOR in each or "A screen" in each] == []
    assert program.gets(f"/tickets/{case.ref}/files/{files[0].id}").status_code == 404


def test_it_is_internal_whatever_part_its_writer_plays(app: Flask, ann: Character, case: Case) -> None:
    (answer,) = [each for each in case.messages if each.text == CANARY]
    assert (answer.audience, answer.author_kind) == ("internal", "other")
    assert "customer_note" not in case.story


def test_a_third_party_is_told_what_was_written_to_them_and_nothing_else(
    app: Flask, post: Post, ann: Character, case: Case
) -> None:
    with app.app_context():
        first = session().query(Message.id).order_by(Message.id).limit(1).scalar()
    number = number_of(case)
    ann.performs("ask_outside", case, text="See below.", conversation=number, include=[first])
    post.turn()
    told = "".join(each.raw.decode() for each in post.to(VENDOR))
    inside = (case.ref, f"t{case.id}", OLGA, ann.email, "difficult", "/desk/", "/my/", "Printer on fire")
    assert [each for each in inside if each in told] == []
    assert "Long Street" in told, "what was included is there"
    # and as a person of the desk they see nothing of it
    vendor = Visitor(app).is_let_in(VENDOR, "cabinet")
    assert case.ref not in vendor.opens("/my/").text
    assert vendor.opens(f"/my/requests/{case.ref}").status_code == 404
    assert Program(app, VENDOR).gets(f"/tickets/{case.ref}").status_code == 404


def test_who_was_only_asked_takes_no_part_in_the_ticket(post: Post, case: Case) -> None:
    """Its number, or a mail of the side conversation in References without our code, is no key to it (attack 24)."""
    by_number = post.case(letter(VENDOR, "And what else?", subject=f"Re: [{case.ref}] it"))
    by_reference = post.case(letter(VENDOR, "And what else?", References="<a@parts>", message_id="<b@parts>"))
    assert case.id not in {by_number.id, by_reference.id}


def test_the_customer_with_a_vendors_mail_in_hand_does_not_get_into_the_conversation(
    post: Post, ann: Character, case: Case
) -> None:
    """What they say is theirs to read; said there, it would show them that there is such a conversation."""
    handed_on = post.to(VENDOR)[0].message
    elsewhere = post.case(letter(OLGA, "Kai sent me this.", answers=handed_on))
    assert elsewhere.id != case.id
    with case.app.app_context():
        said = session().query(Message).filter_by(text="Kai sent me this.").one()
        assert (said.conversation_id, said.audience) == (None, "public")


def test_a_code_of_one_sort_is_none_of_the_other(app: Flask, post: Post, ann: Character, case: Case) -> None:
    """That of a side conversation with its sign changed names no ticket, and the other way round."""
    with app.app_context():
        signer, number = links.signer(), number_of(case)
        aside, ticket = Thread.aside(number, 1), Thread(case.id, ann.id)
        for made, read in (
            (signer.reply_token(aside), signer.read_token),
            (signer.message_id(aside, serial="ab"), signer.read_message_id),
        ):
            assert read(made) == aside
            assert read(made.replace("c", "t", 1)) is None
        assert signer.read_token(signer.reply_token(ticket).replace("ref:t", "ref:c")) is None
        assert signer.read_message_id(signer.message_id(ticket, serial="ab").replace("<t", "<c")) is None


@pytest.mark.parametrize("address", [OLGA, "OLGA@Example.org", SUPPORT, "support+x@acme.example", "nobody"])
def test_nothing_is_asked_of_the_customer_or_of_the_desk_itself(case: Case, ann: Character, address: str) -> None:
    with pytest.raises(Invalid):
        ann.performs("ask_outside", case, text="How much?", recipients=address)


def test_nothing_of_another_ticket_can_be_named(app: Flask, post: Post, ann: Character, case: Case) -> None:
    """Attack 43, by the numbers a form sends: messages, files, conversations."""
    other = post.case(letter(MALLORY, "Mine.", subject="Other"))
    with app.app_context():
        file = session().query(Attachment.id).scalar()
        answer = session().query(Message.id).filter_by(text=CANARY).scalar()
    number = number_of(case)
    for values in ({"include": [answer]}, {"include_files": [file]}, {"conversation": number}):
        with pytest.raises(Invalid):
            ann.performs("ask_outside", other, text="Look", recipients=VENDOR, **values)
    with pytest.raises(Invalid):
        ann.performs("publish", other, text="Look", published=answer)
    with pytest.raises(Invalid):
        ann.performs("publish", case, text="Look", published=case.messages[0].id)
    assert len(post.to(VENDOR)) == 1


def test_who_may_not_does_not(case: Case, olga: Character, mallory: Character, kadri: Character) -> None:
    for who in (olga, mallory, kadri):
        for action in ("ask_outside", "publish"):
            with pytest.raises(NotFound):
                who.performs(action, case, text="Me too", recipients=VENDOR)


def test_a_merge_publishes_nothing(app: Flask, post: Post, ann: Character, boris: Character, case: Case) -> None:
    """Attack 39 beside attack 52: a merged ticket's conversation is read on the one that stays, by staff."""
    second = post.case(letter(OLGA, "And the mouse.", subject="Mouse"))
    boris.performs("join", case, into_ticket=second.ref)
    again = letter(VENDOR, f"{CANARY} again", answers=post.to(VENDOR)[0].message)
    assert post.case(again).id == case.id, "it stays with the ticket it began on"
    ann.performs("ask_outside", second, text="Thank you.", conversation=number_of(case))
    with app.app_context():
        said = session().query(Message).filter(Message.conversation_id.is_not(None)).all()
        assert {each.ticket_id for each in said} == {case.id}
        assert len(said) == 4
    browser = Visitor(app).is_let_in(OLGA, "cabinet")
    assert CANARY not in browser.opens(f"/my/requests/{second.ref}").text


def test_a_machine_of_theirs_runs_nothing(post: Post, ann: Character, case: Case) -> None:
    """Attack 35: an out-of-office on the side is filed, and nobody is answered."""
    before, story = len(post.to(VENDOR)), case.story
    away = letter(VENDOR, "I am away.", answers=post.to(VENDOR)[0].message, Auto_Submitted="auto-replied")
    post.arrives(away)
    assert case.story == [*story, "answered"]
    assert len(post.to(VENDOR)) == before


def test_the_words_of_an_answer_are_no_template(app: Flask, post: Post, ann: Character, case: Case) -> None:
    """Attack 83, in a mail to a third party and in what is published."""
    with app.app_context():
        file = Upload.keep(b"x", filename="x.txt", content_type="text/plain")
    ann.performs("ask_outside", case, text="{{ company.name }} {{ 7*7 }}", recipients=VENDOR, files=[file])
    ann.performs("publish", case, message=Rich("{{ 7*7 }}"))
    post.turn()
    assert "{{ 7*7 }}" in post.to(VENDOR)[-1].message.get_body(["plain"]).get_content()
    assert "{{ 7*7 }}" in post.to(OLGA)[-1].message.get_body(["plain"]).get_content()
