"""What an administrator writes into the workflow file is text like anybody's: on no page of an agent, a customer or
another administrator, and in no mail, is a word of it markup (attack 10).
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask

from config import Settings
from tests.at_the_desk import AtTheDesk
from tests.cast import Character, hire
from tests.conftest import DESK
from tests.crawling import reached
from tests.plugins.post import Post, letter
from tests.servers.mail_sink import Received
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is shown is the same on both

WORDS = {"label", "customer_label", "text", "body", "subject", "default_text", "hint", "placeholder"}
TRAP = '"><img src=x{0} onerror=alert({0})>'
PLANTED: dict[int, str] = {}  # by number: where it stands in the file
REPAIR = ".workflows.repair"
# What each of them is shown at the least, letter by letter: else nothing would have been tried on them.
SHOWN = {
    "staff": {
        ".company.name",
        ".groups.front.label",
        ".roles.agent.label",
        ".fields.kind.label",
        ".fields.kind.choices.technical",
        ".replies.hours.label",
        ".replies.hours.body",
        ".sources.contact_form.label",
        f"{REPAIR}.states.new.label",
        f"{REPAIR}.actions.reply.label",
        f"{REPAIR}.actions.reply.default_text",
        f"{REPAIR}.actions.receive_payment.methods.cash",
    },
    "another administrator": {
        ".company.name",
        ".roles.agent.label",
        ".emails.answer.body",
        ".fields.consent.label",
        f"{REPAIR}.label",
        f"{REPAIR}.states.new.customer_label",
        f"{REPAIR}.actions.escalate.label",
    },
    "a customer": {
        ".company.name",
        ".emails.please_pay.subject",
        ".fields.kind.label",
        ".fields.kind.choices.billing",
        ".sources.contact_form.label",
        ".sources.contact_form.after.text",
        f"{REPAIR}.states.waiting.customer_label",
        f"{REPAIR}.actions.receive_payment.methods.cash",
    },
    "a mail": {".company.name", ".emails.answer.body", ".emails.receipt.body"},
}


def planted(node: Any, where: str = "") -> Any:
    """The file with a trap of its own number behind every word that people are shown."""
    if isinstance(node, list):
        return [planted(each, f"{where}.{number}") for number, each in enumerate(node)]
    if not isinstance(node, dict):
        return node
    named = where.endswith((".choices", ".methods"))
    made = {}
    for key, value in node.items():
        here = f"{where}.{key}"
        shown = key in WORDS or named or here == ".company.name"
        made[key] = value + _trap(here) if isinstance(value, str) and shown else planted(value, here)
    return made


def _trap(where: str) -> str:
    number = 100 + len(PLANTED)
    PLANTED[number] = where
    return TRAP.format(number)


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    PLANTED.clear()
    file = tmp_path / "desk.yaml"
    file.write_text(yaml.safe_dump(planted(yaml.safe_load(DESK.read_text())), sort_keys=False, allow_unicode=True))
    return replace(settings, workflows=str(file))


def numbers(text: str, sign: str) -> set[int]:
    """Which traps stand in a page: as markup behind `<`, as text behind `&lt;`."""
    return {int(found) for found in re.findall(rf"{sign}img src=(?:&#34;|&quot;|\")?x(\d+)", text)}


def test_no_word_of_the_file_is_markup_for_anybody(
    app: Flask, post: Post, olga: Character, ann: Character, boris: Character, kadri: Character, edgar: Character
) -> None:
    """Attack 10: every label, ready answer, template, choice and the name of the house."""
    hire(app, "ada@acme.example", "Ada", roles=["manager"], admin=True)
    cases = [post.case(letter(olga.email, subject=f"Printer {number}")) for number in range(3)]
    ann.performs("comment", cases[0], text="It is warm.")
    ann.performs("reply", cases[0], text="Which floor?", kind="technical")
    ann.performs("forward", cases[1], text="Please look.")
    ann.performs("quote", cases[2], price="40")
    kadri.performs("receive_payment", cases[2], amount="40", method="cash")
    post.turn()
    again = [f"/desk/tickets/{case.ref}/do/{action}" for case in cases for action in ("reply", "quote", "details")]
    staff = [AtTheDesk(app, who) for who in (ann, boris, kadri, edgar)]
    ada = Visitor(app).is_let_in("ada@acme.example")
    olgas = Visitor(app).is_let_in(olga.email, "cabinet")
    shown = {
        "staff": [answer for who in staff for answer in everything_of(who, *again)],
        "another administrator": everything_of(ada, "/admin/workflow/"),
        "a customer": [*everything_of(olgas), *asks_by_form(app)],
        "a mail": [_html(mail) for mail in post.sink.received],
    }
    for audience, texts in shown.items():
        markup = {PLANTED[number] for text in texts for number in numbers(text, "<")}
        assert markup == set(), audience
        words = {PLANTED[number] for text in texts for number in numbers(text, "&lt;")}
        assert words >= SHOWN[audience], (audience, sorted(SHOWN[audience] - words))


def everything_of(who: Visitor, *more: str) -> list[str]:
    """All pages and fragments that somebody reaches."""
    return [each.text for both in reached(who, *more).values() for each in both if each.mimetype == "text/html"]


def asks_by_form(app: Flask) -> list[str]:
    """The page of the form, with its complaints, and the word of thanks."""
    browser = Visitor(app)
    asked = browser.opens("/forms/contact")
    refused = browser.sends("/forms/contact", email="edda@example.org", kind="none of these")
    entered = {"email": "edda@example.org", "subject": "Hi", "message": "Hello", "consent": "yes"}
    thanked = browser.sends("/forms/contact", **entered)
    return [asked.text, refused.text, thanked.text, browser.opens(thanked.location).text if thanked.location else ""]


def _html(mail: Received) -> str:
    html = mail.message.get_body(["html"])
    assert html is not None
    return str(html.get_content())
