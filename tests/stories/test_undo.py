"""A reply that waits for seconds: taken back with its text and files, or stopped as the customer wrote first."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select

from config import Settings
from helpdesk import clock, files, sweeping
from helpdesk.actions import waiting
from helpdesk.db import db, session, writing
from helpdesk.people import find
from helpdesk.tickets import waiting as waiting_rows
from helpdesk.tickets.actors import staff
from helpdesk.tickets.models import Attachment, Unread
from helpdesk.tickets.rich import Rich
from helpdesk.tickets.waiting import WaitingReply
from helpdesk.workflows import revisions
from tests.attacks.test_double_work import at_once
from tests.cast import Case, Character, hire
from tests.plugins.post import Post, letter
from tests.visitor import Visitor

DESK = Path(__file__).parents[1] / "desk.yaml"
OLGA = "olga@example.org"
TYPED = "Which <floor>, please?"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    text = DESK.read_text().replace("currency: EUR}", "currency: EUR, undo_seconds: 10}")
    (tmp_path / "desk.yaml").write_text(text)
    return replace(settings, workflows=str(tmp_path / "desk.yaml"))


@pytest.fixture(autouse=True)
def stands(still: None) -> Iterator[None]:
    return iter([None])


@pytest.fixture
def case(post: Post) -> Case:
    return post.case(letter(OLGA))


@pytest.fixture
def desk(app: Flask, ann: Character) -> Visitor:
    return Visitor(app).is_let_in(ann.email)


def replies(desk: Visitor, case: Case, text: str = TYPED, **more: str) -> str:
    """Ann sends her reply; gives the id of what waits, or "" where nothing does."""
    page = desk.opens(f"/desk/tickets/{case.ref}/do/reply").text
    nonce = re.search(r'class="composer".*?name="nonce" value="([^"]+)"', page, re.DOTALL)
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert nonce
    assert seen
    fields = {"message": text, "kind": "technical", "nonce": nonce[1], "seen": seen[1], **more}
    answer = desk.sends(f"/desk/tickets/{case.ref}/do/reply", **fields)
    assert answer.status_code == 303, answer.text
    found = re.search(r"/waiting/(\d+)/undo", desk.opens(f"/desk/tickets/{case.ref}").text)
    return found[1] if found else ""


def presses(desk: Visitor, case: Case, reply: str, what: str) -> int:
    return desk.sends(f"/desk/tickets/{case.ref}/waiting/{reply}/{what}").status_code


def wait(post: Post, seconds: int = 11) -> None:
    clock.travel(timedelta(seconds=seconds))
    post.turn()


def test_what_was_stopped_stays_in_sight_when_the_file_lets_nothing_wait_any_more(
    app: Flask, post: Post, desk: Visitor, case: Case
) -> None:
    """A text that somebody wrote is never out of their sight: it is sent, edited or thrown away as before."""
    reply = replies(desk, case)
    presses(desk, case, reply, "undo")
    with app.app_context():
        assert revisions.adopt(DESK.read_text(), author="the tests").revision
        assert not revisions.active().desk.company.undo_seconds
    assert "Which &lt;floor&gt;, please?" in desk.opens(f"/desk/tickets/{case.ref}").text
    form = desk.opens(f"/desk/tickets/{case.ref}/do/reply?waiting={reply}").text
    assert "Which &lt;floor&gt;, please?" in form[form.index("composer") :]
    assert presses(desk, case, reply, "send") == 303
    assert case.messages[-1].text == TYPED
    assert f"/waiting/{reply}/" not in desk.opens(f"/desk/tickets/{case.ref}").text


def test_a_reply_leaves_after_its_seconds_as_if_it_had_been_sent_then(post: Post, desk: Visitor, case: Case) -> None:
    replies(desk, case)
    post.turn()
    assert (case.state, len(case.messages), len(post.to(OLGA))) == ("new", 1, 1)
    assert "floor" not in str(case.events)
    wait(post)
    assert (case.state, case.assignee, case.fields["kind"]) == ("waiting", "ann@acme.example", "technical")
    assert len(post.to(OLGA)) == 2
    assert case.story == ["opened", "acknowledge", "reply"]
    assert "unsent" not in desk.opens(f"/desk/tickets/{case.ref}").text


def test_undo_puts_the_text_back_where_it_was_written(post: Post, desk: Visitor, case: Case) -> None:
    reply = replies(desk, case)
    assert presses(desk, case, reply, "undo") == 303
    wait(post, 3600)
    assert (case.state, len(post.to(OLGA))) == ("new", 1)
    page = desk.opens(f"/desk/tickets/{case.ref}/do/reply?waiting={reply}").text
    composer = page.partition('class="composer"')[2]
    assert "Which &lt;floor&gt;, please?" in composer.partition("</textarea>")[0]
    assert re.search(
        r'<(?:option|input)[^>]*(?:selected|checked)[^>]*value="technical"|value="technical"[^>]*checked', composer
    )
    assert replies(desk, case, "Which floor or door?", waiting=reply) != reply
    wait(post)
    assert "Which floor or door?" in post.to(OLGA)[-1].message.get_body(["plain"]).get_content()
    assert len(post.to(OLGA)) == 2, "the first one went with the second"


def test_what_has_left_cannot_be_taken_back_and_says_so(post: Post, desk: Visitor, case: Case) -> None:
    reply = replies(desk, case)
    wait(post)
    answer = desk.sends(f"/desk/tickets/{case.ref}/waiting/{reply}/undo")
    assert answer.status_code == 404
    assert "has left already" in answer.text
    assert len(post.to(OLGA)) == 2


def test_files_come_back_too_and_are_not_swept_away(app: Flask, post: Post, desk: Visitor, case: Case) -> None:
    page = desk.opens(f"/desk/tickets/{case.ref}/do/reply").text
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    desk.sends(
        f"/desk/tickets/{case.ref}/do/reply",
        message=TYPED,
        seen=seen[1],
        files=(io.BytesIO(b"a plan"), "plan of the house.txt"),  # type: ignore[arg-type]
    )
    (reply,) = set(re.findall(r"/waiting/(\d+)/undo", desk.opens(f"/desk/tickets/{case.ref}").text))
    presses(desk, case, reply, "undo")
    page = desk.opens(f"/desk/tickets/{case.ref}/do/reply?waiting={reply}").text
    assert f'value="back/{reply}/0"' in page
    with app.app_context():
        (row,) = session().scalars(select(WaitingReply)).all()
        (kept,) = row.values["files"]["files"]
        assert sweeping.named([kept["sha256"]]) == {kept["sha256"]}
    replies(desk, case, waiting=reply, **{"files-enclosed": f"back/{reply}/0"})
    wait(post)
    with app.app_context():
        (attached,) = session().scalars(select(Attachment)).all()
        assert (attached.filename, files.read(attached.sha256)) == ("plan of the house.txt", b"a plan")


def test_files_come_back_to_their_writer_alone(app: Flask, post: Post, desk: Visitor, case: Case) -> None:
    """Attack 45: the name of a file in somebody else's form."""
    seen = re.search(r'name="seen" value="(\d+)"', desk.opens(f"/desk/tickets/{case.ref}/do/reply").text)
    assert seen
    plan = (io.BytesIO(b"a plan"), "plan.txt")
    desk.sends(f"/desk/tickets/{case.ref}/do/reply", message=TYPED, seen=seen[1], files=plan)  # type: ignore[arg-type]
    with app.app_context():
        (number,) = session().scalars(select(WaitingReply.id)).all()
    hire(app, "eve@acme.example", "Eve", groups=["front"])
    eve = Visitor(app).is_let_in("eve@acme.example")
    named = {"message": "Mine", "files-enclosed": f"back/{number}/0"}
    assert eve.sends(f"/desk/tickets/{case.ref}/do/comment", **named).status_code == 422
    for made_up in (f"back/{10**30}/0", "back/" + "9" * 5000 + "/0", f"back/{number}/{10**30}", f"back/{number}/1"):
        sent = named | {"files-enclosed": made_up}
        assert desk.sends(f"/desk/tickets/{case.ref}/do/comment", **sent).status_code == 422, made_up[:40]
    assert desk.sends(f"/desk/tickets/{case.ref}/do/comment", **named).status_code == 303


def test_the_customer_who_writes_first_stops_it_and_its_writer_is_told(
    app: Flask, post: Post, ann: Character, desk: Visitor, case: Case
) -> None:
    ann.performs("take", case)
    reply = replies(desk, case)
    post.arrives(letter(OLGA, "I have found it myself.", answers=post.to(OLGA)[0].message))
    wait(post)
    assert len(post.to(OLGA)) == 1
    page = desk.opens(f"/desk/tickets/{case.ref}").text
    assert f"{OLGA} wrote while your reply waited." in page
    assert "Which &lt;floor&gt;, please?" in page
    assert case.story[-1] == "stopped"
    with app.app_context():
        assert session().get(Unread, (ann.id, case.id)) is not None
    assert presses(desk, case, reply, "send") == 303
    post.turn()
    assert len(post.to(OLGA)) == 2


def test_what_is_refused_is_refused_when_it_is_written_or_comes_back(
    app: Flask, post: Post, ann: Character, boris: Character, desk: Visitor, case: Case
) -> None:
    answer = desk.sends(f"/desk/tickets/{case.ref}/do/reply", message="", kind="technical")
    assert answer.status_code == 422
    replies(desk, case)
    boris.performs("close", case, kind="technical")
    wait(post)
    assert (case.state, len(post.to(OLGA))) == ("done", 1)
    assert "is not possible while the ticket is" in desk.opens(f"/desk/tickets/{case.ref}").text


def test_a_page_that_is_old_is_said_to_be_old_at_once(post: Post, boris: Character, desk: Visitor, case: Case) -> None:
    page = desk.opens(f"/desk/tickets/{case.ref}/do/reply").text
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    boris.performs("comment", case, text="Wait, please")
    answer = desk.sends(f"/desk/tickets/{case.ref}/do/reply", message=TYPED, seen=seen[1])
    assert answer.status_code == 409
    assert TYPED.replace("<", "&lt;").replace(">", "&gt;") in answer.text


def test_whoever_goes_on_with_the_ticket_sends_it_at_once(post: Post, desk: Visitor, case: Case) -> None:
    replies(desk, case)
    page = desk.opens(f"/desk/tickets/{case.ref}/do/close").text
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    answer = desk.sends(f"/desk/tickets/{case.ref}/do/close", kind="technical", seen=seen[1])
    assert answer.status_code == 303, answer.text
    assert case.story == ["opened", "acknowledge", "reply", "close"]


def test_a_form_sent_twice_waits_once(app: Flask, post: Post, desk: Visitor, case: Case) -> None:
    """Attack 96."""
    page = desk.opens(f"/desk/tickets/{case.ref}/do/reply").text
    nonce = re.search(r'class="composer".*?name="nonce" value="([^"]+)"', page, re.DOTALL)
    assert nonce
    for _ in range(2):
        desk.sends(f"/desk/tickets/{case.ref}/do/reply", message=TYPED, nonce=nonce[1])
    wait(post)
    desk.sends(f"/desk/tickets/{case.ref}/do/reply", message=TYPED, nonce=nonce[1])
    wait(post)
    assert len(post.to(OLGA)) == 2
    with app.app_context():
        assert session().scalars(select(WaitingReply)).all() == []


def test_a_form_sent_ten_times_at_once_waits_once(app: Flask, case: Case, ann: Character) -> None:
    """Attack 96: a double click is no error either."""

    def send() -> Any:
        with app.app_context():
            person = find.by_email(ann.email)
            assert person is not None
            spec = revisions.active().desk.workflows["repair"].actions["reply"]
            values = {"message": Rich.plain(TYPED), "kind": "technical"}
            return waiting.wait(case.id, spec, staff(person), values, form={}, seen=None, nonce="the-form")

    assert at_once(10, send) == [None] * 10
    with app.app_context():
        assert len(session().scalars(select(WaitingReply)).all()) == 1


def test_a_reply_that_was_taken_back_and_is_sent_ten_times_at_once_is_no_error(
    app: Flask, post: Post, desk: Visitor, case: Case, ann: Character
) -> None:
    """Attack 96: what it was taken back from is gone with the first."""
    reply = replies(desk, case)
    presses(desk, case, reply, "undo")
    again = {"message": "Which floor, then?", "kind": "technical", "nonce": "the-form", "waiting": reply}
    browsers = iter([Visitor(app).is_let_in(ann.email) for _ in range(10)])
    answers = at_once(10, lambda: next(browsers).sends(f"/desk/tickets/{case.ref}/do/reply", **again))
    assert {answer.status_code for answer in answers} == {303}
    with app.app_context():
        (row,) = session().scalars(select(WaitingReply)).all()
        assert waiting_rows.thawed(row.values)["message"].text == "Which floor, then?"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_whoever_holds_a_reply_and_its_ticket_takes_the_reply_first(
    app: Flask, post: Post, desk: Visitor, case: Case, ann: Character
) -> None:
    """Attack 95: else a reply whose time has come and its writer, who goes on with the ticket, wait for each other."""
    for goes in ("by its time", "by its button", "before what follows"):
        reply = replies(desk, case, text=goes)
        with app.app_context():
            person = find.by_email(ann.email)
            assert person is not None
            with held_by(app) as rows:
                if goes == "by its time":
                    wait(post)
                elif goes == "by its button":
                    waiting.send_now(case.id, int(reply), staff(person))
                else:
                    waiting.send_all_of(case.id, staff(person), seen=None)
        of_both = [each for each in rows if each in ("waiting_replies", "tickets")]
        assert set(of_both) == {"waiting_replies", "tickets"}
        assert of_both[0] == "waiting_replies", goes


@contextmanager
def held_by(app: Flask) -> Iterator[list[str]]:
    """The tables whose rows are held, in their order."""
    rows: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if " FOR " in statement:
            rows.extend(re.findall(r"FROM (\w+)", statement)[:1])

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield rows
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_nobody_sees_or_touches_what_another_has_not_sent(
    app: Flask, post: Post, desk: Visitor, case: Case, boris: Character
) -> None:
    """Attack 45: not a colleague who sees the ticket too, nor its customer."""
    reply = replies(desk, case)
    head = Visitor(app).is_let_in(boris.email)
    assert "floor" not in head.opens(f"/desk/tickets/{case.ref}").text
    assert head.opens(f"/desk/tickets/{case.ref}/do/reply?waiting={reply}").status_code == 404
    for what in ("undo", "send", "discard"):
        assert presses(head, case, reply, what) == 404
    customer = Visitor(app, ip="198.51.100.8")
    customer.signs_in_to_the_cabinet(OLGA)
    assert "floor" not in customer.opens(f"/my/requests/{case.ref}").text
    wait(post)
    assert len(post.to(OLGA)) == 3  # with the link to sign in


def test_what_writes_to_nobody_and_what_the_desk_does_by_itself_does_not_wait(
    app: Flask, post: Post, desk: Visitor, case: Case
) -> None:
    assert len(post.to(OLGA)) == 1, "the receipt"
    desk.sends(f"/desk/tickets/{case.ref}/do/comment", message="Between us")
    assert case.story[-1] == "comment"
    with app.app_context(), writing() as here:
        assert here.scalars(select(WaitingReply)).all() == []


def test_discarding_leaves_nothing(app: Flask, post: Post, desk: Visitor, case: Case) -> None:
    reply = replies(desk, case)
    assert presses(desk, case, reply, "discard") == 303
    wait(post)
    assert len(post.to(OLGA)) == 1
    assert "unsent" not in desk.opens(f"/desk/tickets/{case.ref}").text
