"""A side conversation by mail: an agent asks a vendor, the vendor answers from Outlook, and the customer sees what is
published and nothing else (attack 39).
"""

from __future__ import annotations

import pytest
from flask import Flask

from helpdesk.db import session
from helpdesk.tickets.models import Attachment, Message, Unread
from helpdesk.tickets.rich import Rich, Upload
from helpdesk.tickets.side_conversations import SideConversation
from tests import side_desk
from tests.at_the_desk import AtTheDesk, hidden_in
from tests.cast import Case, Character
from tests.mail import clients
from tests.plugins.post import SUPPORT, Post, letter
from tests.program import Program

OLGA, VENDOR, OTHER = "olga@example.org", "kai@parts.example", "lee@glass.example"


@pytest.fixture(autouse=True)
def desk(app: Flask) -> None:
    side_desk.adopt(app)


def begun(post: Post, ann: Character, *, to: str = VENDOR, **more: object) -> Case:
    case = post.case(letter(OLGA, "My screen is broken, and I am at Long Street 5."))
    ann.performs("take", case)
    ann.performs("ask_outside", case, text="What is a new screen?", recipients=to, side_subject="A screen", **more)
    post.turn()
    return case


def conversation(case: Case, number: int = -1) -> SideConversation:
    with case.app.app_context():
        rows = session().query(SideConversation).filter_by(ticket_id=case.id).order_by(SideConversation.id).all()
        session().expunge_all()
        return rows[number]


def said_in(case: Case, number: int = -1) -> list[Message]:
    about = conversation(case, number).id
    return [each for each in case.messages if each.conversation_id == about]


def test_a_vendor_answers_from_outlook_and_the_answer_stays_in_the_house(
    app: Flask, post: Post, ann: Character
) -> None:
    case = begun(post, ann)
    (asked,) = post.to(VENDOR)
    assert asked.message["Subject"] == "A screen"
    assert asked.message["From"] == f"Acme <{SUPPORT}>"
    raw = asked.raw.decode()
    assert "What is a new screen?" in raw
    assert not [word for word in (case.ref, OLGA, "Long Street", "/my/", "/desk/", f"t{case.id}p") if word in raw]
    told = len(post.to(OLGA))

    reply = clients.answer(
        "Outlook for Windows", asked.message, "40 euro.", sender=f"Kai <{VENDOR}>", message_id="<a@parts>", threads=True
    )
    assert post.case(reply).id == case.id
    answer = said_in(case)[-1]
    assert (answer.text, answer.audience, answer.author_kind) == ("40 euro.", "internal", "other")
    assert "What is a new screen?" in answer.quoted
    assert case.story[-2:] == ["answered", "came"]
    assert case.state == "new"
    assert len(post.to(OLGA)) == told
    assert len(post.to(VENDOR)) == 1, "an answer is answered by nobody"
    with app.app_context():
        assert [row.person_id for row in session().query(Unread).filter_by(ticket_id=case.id)] == [ann.id]


def test_it_goes_on_in_a_thread_of_its_own(post: Post, ann: Character) -> None:
    case = begun(post, ann)
    (asked,) = post.to(VENDOR)
    post.arrives(letter(VENDOR, "40 euro.", answers=asked.message, message_id="<a@parts>"))
    number = conversation(case).id
    ann.performs("ask_outside", case, text="And two of them?", conversation=number)
    ann.performs("reply", case, text="We are asking.")
    post.turn()
    again = post.to(VENDOR)[-1].message
    assert again["References"].split() == [asked.message["Message-ID"], "<a@parts>"]
    assert again["Subject"] == "A screen"
    assert "@parts" not in post.to(OLGA)[-1].raw.decode()
    assert post.to(OLGA)[-1].message["References"].count("<") == 1
    ann.performs("ask_outside", case, text="Never mind.", conversation=number, closing="yes")
    assert conversation(case).closed_at
    post.turn()
    # whoever answers in one that is over opens it again
    post.arrives(letter(VENDOR, "70 for two.", answers=again, message_id="<b@parts>"))
    assert conversation(case).closed_at is None
    assert [each.text for each in said_in(case)] == [
        "What is a new screen?", "40 euro.", "And two of them?", "Never mind.", "70 for two.",
    ]  # fmt: skip


def test_two_at_once_never_meet(post: Post, ann: Character) -> None:
    case = begun(post, ann, to=f"{VENDOR}, {OTHER}")
    ann.performs("ask_outside", case, text="Is there glue?", recipients=[OTHER], side_subject="Glue")
    post.turn()
    assert [len(post.to(each)) for each in (VENDOR, OTHER)] == [1, 2]
    assert {len(each.recipients) for each in post.to(VENDOR)} == {1}
    assert OTHER not in post.to(VENDOR)[0].raw.decode(), "each has a mail of their own"
    screen, glue = post.to(OTHER)
    for asked, text in ((glue, "Plenty."), (screen, "45 euro.")):
        post.arrives(letter(OTHER, text, answers=asked.message))
    assert [each.text for each in said_in(case, 0)] == ["What is a new screen?", "45 euro."]
    assert [each.text for each in said_in(case, 1)] == ["Is there glue?", "Plenty."]


def test_the_code_in_the_quote_is_enough_and_a_stranger_with_it_is_named(post: Post, ann: Character) -> None:
    case = begun(post, ann)
    (asked,) = post.to(VENDOR)
    quoted = "\n".join(f"> {line}" for line in asked.message.get_body(["plain"]).get_content().splitlines())
    post.arrives(letter("boss@parts.example", f"35, for you.\n\nKai wrote:\n{quoted}", subject="screen"))
    answer = said_in(case)[-1]
    assert answer.text == "35, for you."
    assert "boss@parts.example is not in this side conversation" in answer.warnings[-1]


def test_what_is_included_is_what_was_chosen(post: Post, ann: Character) -> None:
    case = post.case(letter(OLGA, "My screen is broken."))
    with case.app.app_context():
        note = Upload.keep(b"inside", filename="inside.txt", content_type="text/plain")
        photo = Upload.keep(b"a photo", filename="photo.txt", content_type="text/plain")
    ann.performs("comment", case, text="She is a difficult one.", files=[note, photo])
    first = case.messages[0].id
    with case.app.app_context():
        chosen = session().query(Attachment.id).filter_by(filename="photo.txt").scalar()
    ann.performs("ask_outside", case, text="Look:", recipients=VENDOR, include=[first], include_files=[chosen])
    post.turn()
    (asked,) = post.to(VENDOR)
    text = asked.message.get_body(["plain"]).get_content()
    assert "> My screen is broken." in text
    assert OLGA not in asked.raw.decode()
    assert [part.get_filename() for part in asked.message.iter_attachments()] == ["photo.txt"]
    assert "difficult" not in asked.raw.decode()


def test_a_message_is_published_in_the_words_of_whoever_publishes_it(post: Post, ann: Character) -> None:
    case = begun(post, ann)
    post.arrives(letter(VENDOR, "40 euro, 30 for us.", answers=post.to(VENDOR)[0].message))
    answer = said_in(case)[-1]
    ann.performs("publish", case, published=answer.id, message=Rich("A screen costs 40 euro."))
    post.turn()
    assert "A screen costs 40 euro." in post.to(OLGA)[-1].raw.decode()
    assert "30 for us" not in "".join(each.raw.decode() for each in post.to(OLGA))
    public = case.messages[-1]
    assert (public.audience, public.author_kind, public.conversation_id) == ("public", "staff", None)
    assert case.events[-2].data["published"]["message"] == answer.id
    assert said_in(case)[-1].audience == "internal"


def test_a_program_asks_and_goes_on(app: Flask, post: Post, ann: Character) -> None:
    case = post.case(letter(OLGA, "My screen is broken."))
    program = Program(app, ann.email)
    asked = program.does(case.ref, "ask_outside", message="How much?", recipients=[VENDOR], side_subject="A screen")
    assert asked.status_code == 200, asked.text
    post.turn()
    post.arrives(letter(VENDOR, "40 euro.", answers=post.to(VENDOR)[0].message))
    question, answer = program.gets(f"/tickets/{case.ref}").json["messages"][-2:]
    assert (question["to"], answer["from"], answer["kind"]) == ([VENDOR], VENDOR, "note")
    number = answer["side_conversation"]
    assert number == question["side_conversation"] == conversation(case).id
    assert program.does(case.ref, "ask_outside", message="Thanks", conversation=number).status_code == 200
    assert program.does(case.ref, "publish", message="40 euro.", published=answer["id"]).status_code == 200
    assert [each.conversation_id for each in case.messages] == [None, number, number, number, None]


def test_the_whole_of_it_at_a_browser_without_script(app: Flask, post: Post, ann: Character) -> None:
    case = post.case(letter(OLGA, "My screen is broken."))
    browser = AtTheDesk(app, ann)
    assert "side_subject" in browser.opens(f"/desk/tickets/{case.ref}/do/ask_outside").text
    browser.does(case, "ask_outside", recipients=VENDOR, side_subject="A screen", message="How much?")
    post.turn()
    post.arrives(letter(VENDOR, "40 euro, 30 for us.", answers=post.to(VENDOR)[0].message))
    page = browser.opens(f"/desk/tickets/{case.ref}").text
    number = conversation(case).id
    assert page.count(f'id="side-{number}"') == 1
    assert "40 euro, 30 for us." in page
    path = f"/desk/tickets/{case.ref}/do/ask_outside"
    opened = browser.opens(f"{path}?conversation={number}").text
    assert f'value="{VENDOR}"' in opened
    assert "side_subject" not in opened
    hidden = hidden_in(opened, path)
    assert hidden["conversation"] == str(number)
    browser.sends_form(case, "ask_outside", hidden, recipients=VENDOR, message="For two?")
    assert len(said_in(case)) == 3
    answer = said_in(case)[1]
    path = f"/desk/tickets/{case.ref}/do/publish"
    opened = browser.opens(f"{path}?published={answer.id}").text
    assert "40 euro, 30 for us.</textarea>" in opened
    browser.sends_form(case, "publish", hidden_in(opened, path), published=str(answer.id), message="40 euro.")
    assert (case.messages[-1].audience, case.messages[-1].text) == ("public", "40 euro.")
    token = browser.opens_form(case, "ask_outside")["csrf_token"]
    browser.sends_form(case, "ask_outside", {"csrf_token": token}, conversation=str(number), closing="yes")
    assert conversation(case).closed_at
    page = browser.opens(f"/desk/tickets/{case.ref}").text
    assert "published from “A screen”" in page
