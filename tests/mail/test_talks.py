"""Talks with robots that carry no sign of being one end, and people are not taken for them (attack 35)."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import Settings
from helpdesk import clock, create_app
from helpdesk.db import db, session
from helpdesk.tickets import talks
from helpdesk.tickets.models import Ticket
from helpdesk.workflows import revisions
from tests.cast import Character
from tests.mail.robots import BOT, ROBOTS, THANKS, Robot
from tests.plugins.post import SUPPORT, Post, letter

CHATTY = Path(__file__).parent / "chatty.yaml"
OLGA = "olga@example.org"
ROUNDS = 8
pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, workflows=str(CHATTY))


def talk(post: Post, robot: Robot) -> int:
    """Let the robot answer each mail of ours until one side is silent; gives how many mails of ours there were."""
    answered = 0
    while answered < len(post.sink.received) < ROUNDS:
        clock.travel(robot.after)
        ours = post.sink.received[answered]
        answered += 1
        post.arrives(robot.answers(ours, answered))
    return len(post.sink.received)


@pytest.mark.parametrize("name", ROBOTS)
def test_a_robot_without_any_sign_gets_two_mails(post: Post, name: str) -> None:
    """Somebody writes in its name, and our receipt is the first thing it hears."""
    post.arrives(letter(BOT, "Is anybody there?", subject="Hello"))
    assert len(post.sink.received) == 1
    assert 1 <= talk(post, ROBOTS[name]) <= 2


@pytest.mark.parametrize("name", ["thanks under a new subject", "answers and quotes", "takes more than a day"])
def test_a_person_of_the_house_may_go_on_and_the_robot_is_not_answered_more_often(
    post: Post, ann: Character, name: str
) -> None:
    case = post.case(letter(BOT, "Is anybody there?", subject="Hello"))
    before = talk(post, ROBOTS[name])
    ann.performs("reply", case, text="Who are you?")
    post.turn()
    assert len(post.sink.received) == before + 1, "what a person sends is sent"
    assert talk(post, ROBOTS[name]) <= before + 2


def test_the_history_says_why_nothing_was_sent(post: Post, ann: Character) -> None:
    post.arrives(letter(BOT, THANKS, subject="Hello"))
    talk(post, ROBOTS["thanks under a new subject"])
    case = post.case(letter(BOT, THANKS, subject="Last one"))
    refused = next(event for event in case.events if event.kind == "refused")
    assert BOT in refused.data["why"]
    assert "like a robot" in refused.data["why"]


@pytest.mark.parametrize("style", ["answers and quotes", "thanks under a new subject"])
def test_not_even_a_timer_writes_to_a_robot_for_ever(post: Post, style: str) -> None:
    """Each closing by time is a mail, each answer to it opens the ticket again, or another one that will be closed."""
    post.arrives(letter(BOT, THANKS, subject="Hello"))
    answered = 0
    for _ in range(8):
        while answered < len(post.sink.received):
            answered += 1
            post.arrives(ROBOTS[style].answers(post.sink.received[answered - 1], answered))
        clock.travel(timedelta(days=8))
        post.turn()
    assert answered == len(post.sink.received) <= 5


def test_absence_notes_of_two_colleagues_do_not_go_back_and_forth(
    app: Flask, post: Post, ann: Character, edgar: Character
) -> None:
    """Both are of the house and are told of what the other writes, by robots that carry no sign."""
    edgar.joins(groups=["front"])
    case = post.case(letter(OLGA, "It is urgent."))
    post.arrives(letter(ann.email, "I am in the mountains.", answers=post.to(OLGA)[-1].message))
    answered = 0
    while answered < len(post.sink.received) < 40:
        ours = post.sink.received[answered]
        answered += 1
        if ours.recipients[0] in (ann.email, edgar.email):
            post.arrives(letter(ours.recipients[0], f"Away until {answered}.", answers=ours.message))
    for each in (ann.email, edgar.email):
        assert 1 <= len(post.to(each)) <= 4
    assert case.state == "new"


def test_a_customer_who_writes_often_is_told_twice_and_always_answered(post: Post, ann: Character) -> None:
    """Five mails about one ticket in an hour: two are acknowledged, and what Ann writes arrives each time."""
    case = post.case(letter(OLGA, "The printer is on fire."))
    for text in ("It is the one on the third floor.", "Now the curtains.", "We are outside.", "They are here."):
        clock.travel(timedelta(minutes=10))
        post.case(letter(OLGA, text, answers=post.to(OLGA)[-1].message))
    assert len(case.messages) == 5
    assert all(each.audience == "public" for each in case.messages)
    assert len(post.to(OLGA)) == 2
    for text in ("Stay outside.", "Is everybody safe?"):
        ann.performs("reply", case, text=text)
        post.turn()
        assert text in post.to(OLGA)[-1].raw.decode()
        clock.travel(timedelta(minutes=20))
        post.case(letter(OLGA, f"Yes, about “{text}”", answers=post.to(OLGA)[-1].message))
        assert "We have your answer" in post.to(OLGA)[-1].message["Subject"], "quick answers to a question are answered"


def test_a_lively_conversation_with_an_agent_is_acknowledged_each_time(post: Post, ann: Character) -> None:
    """Six answers in half an hour, each to a question of Ann's: the cap for what nobody looks at is not theirs."""
    case = post.case(letter(OLGA, "The printer is on fire."))
    for question in ("Which floor?", "Which room?", "Which one?", "Is it hot?", "Is it loud?", "Is it out?"):
        ann.performs("reply", case, text=question)
        post.turn()
        clock.travel(timedelta(minutes=5))
        post.case(letter(OLGA, f"About {question}: yes.", answers=post.to(OLGA)[-1].message))
        assert "We have your answer" in post.to(OLGA)[-1].message["Subject"]
    assert len(post.to(OLGA)) == 13


def test_a_customer_with_several_requests_has_a_receipt_for_each(post: Post) -> None:
    """Three in ten minutes; of the fourth within the hour the cap for all automatic mail keeps the receipt."""
    wishes = ["The screen is dark.", "Please order more paper.", "My password expired.", "Who may open the cellar?"]
    cases = []
    for wish in wishes:
        cases.append(post.case(letter(OLGA, wish, subject=wish)))
        clock.travel(timedelta(minutes=3))
    assert len({case.id for case in cases}) == 4
    assert len(post.to(OLGA)) == 3
    clock.travel(timedelta(hours=1))
    assert cases[0].id != post.case(letter(OLGA, "Also, the lift is stuck again.", subject="Lift")).id
    assert len(post.to(OLGA)) == 4


def test_colleagues_of_one_house_each_have_their_receipt(post: Post) -> None:
    texts = {
        "peter@example.org": "The network is down in the whole building since nine.",
        "olga@example.org": "We cannot reach the network on the second floor either.",
        "maria@example.org": "Since this morning nobody here can print, and the network is slow.",
    }
    for address, text in texts.items():
        post.case(letter(address, text, subject="Network"))
        clock.travel(timedelta(minutes=1))
    assert [len(post.to(address)) for address in texts] == [1, 1, 1]


def test_whoever_sends_the_same_again_out_of_impatience_is_told_so(post: Post) -> None:
    for mark in ("?", "??"):
        post.case(letter(OLGA, f"Why does nobody answer{mark} It still does not work at all.", subject="Hello?"))
        clock.travel(timedelta(minutes=5))
    assert len(post.to(OLGA)) == 2


def test_a_silent_customer_hears_of_the_closing(post: Post) -> None:
    """Mails that come by time are no turns: nobody answered them."""
    case = post.case(letter(OLGA))
    post.case(letter(OLGA, "One more thing: it smells.", answers=post.to(OLGA)[-1].message))
    post.case(letter(OLGA, "And it smokes.", answers=post.to(OLGA)[0].message))
    assert len(post.to(OLGA)) == 2
    other = post.case(letter("peter@example.org", "Where is the key?"))
    clock.travel(timedelta(days=8))
    post.turn()
    assert {case.state, other.state} == {"done"}
    assert "Closed" in post.to("peter@example.org")[-1].message["Subject"]


def test_words_that_differ_in_numbers_dates_and_names_are_alike() -> None:
    said = (
        "Dear {}, your request {} of {} was received. We answer within {} hours. Kind regards, the team of Robots Ltd"
    )
    first = talks.sketch(said.format("Anna", 4711, "Monday", 4))
    assert talks.alike(first, talks.sketch(said.format("Jonas", 98, "3 May", 6)))
    assert not talks.alike(first, talks.sketch("The printer on the third floor is on fire, please send somebody."))
    assert not talks.alike(first, talks.sketch(""))
    assert talks.alike(talks.sketch(""), talks.sketch(" 12 \n"))
    assert talks.sketch("x" * 10**7) == talks.sketch("x" * 10**6)


@pytest.mark.parametrize(
    ("address", "leads_to"),
    [
        ("info+17@robots.example", "info@robots.example"),
        ("Info@Robots.example", "info@robots.example"),
        ("o.l.ga+shop@gmail.com", "olga@gmail.com"),
        ("o.lga@example.org", "o.lga@example.org"),
        ("+1@example.org", "+1@example.org"),
        ("+37255512345", "+37255512345"),
    ],
)
def test_whose_mailbox_it_is(address: str, leads_to: str) -> None:
    assert talks.mailbox(address) == leads_to


def test_tags_do_not_multiply_what_a_victim_gets(olga: Character, app: Flask) -> None:
    """Attack 33: a thousand forms with the victim's address, each with another tag."""
    sent = sum(
        len(Character(app, f"victim+{number}@example.net").writes(f"Request {number}", f"Text {number}").mails)
        for number in range(8)
    )
    assert sent == 3


@dataclass
class Desk:
    """One of two desks: its mail, and the address it is written to."""

    post: Post
    address: str

    def sent_to(self, other: Desk) -> list[bytes]:
        return [each.raw for each in self.post.sink.received if other.address in each.recipients]


@pytest.fixture
def zenith(post: Post, migrated_sqlite: Path, tmp_path: Path) -> Iterator[Desk]:
    """A second desk, of another firm, with a database and a key of its own."""
    file, base = tmp_path / "zenith.yaml", tmp_path / "zenith.sqlite3"
    file.write_text(CHATTY.read_text().replace("acme", "zenith").replace("Acme", "Zenith"))
    shutil.copy(migrated_sqlite, base)
    settings = Settings(
        env="test",
        var=str(tmp_path / "zenith"),
        database_url=f"sqlite:///{base}",
        secret_key="the key of another house, as long as ours",
        workflows=str(file),
        base_url="http://zenith.example",
        sqlite_synchronous="normal",
        smtp_url=post.sink.url,
    )
    app = create_app(settings)
    with app.app_context():
        assert revisions.adopt_file(settings.workflow_path).revision
    yield Desk(Post(app, post.sink), SUPPORT.replace("acme", "zenith"))
    with app.app_context():
        db.engine.dispose()


STRIPPED = {
    "as it is": "",
    "a gateway takes off what says that it is automatic": "auto-submitted|x-auto-response-suppress|x-helpdesk-loop",
    "a gateway takes off the threads too": "auto-submitted|x-auto-response-suppress|x-helpdesk-loop|in-reply-to|"
    "references|message-id",
}


def without(raw: bytes, headers: str) -> bytes:
    head, blank, body = raw.partition(b"\r\n\r\n")
    kept = re.sub(rf"(?im)^(?:{headers}):.*\r?\n(?:[ \t].*\r?\n)*".encode(), b"", head + b"\r\n") if headers else head
    return kept.rstrip(b"\r\n") + blank + body


@pytest.mark.parametrize("way", STRIPPED)
@pytest.mark.parametrize("tokens", [True, False], ids=["whole", "without our codes"])
def test_two_desks_stop_after_two_mails_a_side(post: Post, zenith: Desk, way: str, tokens: bool) -> None:
    """Carried by the real writer and reader of both, whatever a gateway between them takes off."""
    acme = Desk(post, SUPPORT)
    post.arrives(letter(zenith.address, "Is anybody there?", subject="Hello"))
    carried = 0
    while carried < len(post.sink.received) < ROUNDS:
        clock.travel(timedelta(minutes=1))
        mail = post.sink.received[carried]
        carried += 1
        here = acme if acme.address in mail.recipients else zenith
        raw = without(mail.raw, STRIPPED[way])
        if not tokens:
            raw = re.sub(rb"ref:[\w-]+", b"", raw)
        here.post.arrives(raw, to=[here.address])
    assert 1 <= len(acme.sent_to(zenith)) <= 2
    assert len(zenith.sent_to(acme)) <= 2
    with zenith.post.app.app_context():
        assert session().scalar(select(func.count()).select_from(Ticket)) >= 1, "filed all the same"


def test_one_that_never_says_the_same_twice_is_answered_five_times(post: Post) -> None:
    """A saying of the day, in a new ticket each day: by its words it could be a person, so it takes longer."""
    words = "river apple seven cloud north paper stone glass light music winter bread".split()
    for day in range(7):
        said = " ".join(word + chr(97 + day) for word in words)
        post.case(letter(BOT, said, subject=f"Saying of day {day}"))
        clock.travel(timedelta(days=0.9))
    assert len(post.to(BOT)) == talks.UNATTENDED
