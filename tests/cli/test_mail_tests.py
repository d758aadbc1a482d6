"""`helpdesk mail test`: messages with the owner's expectations beside them, on a desk in memory (N14)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import Settings
from helpdesk.channels.email.models import InboundMail
from helpdesk.db import session
from helpdesk.tickets.models import Ticket
from tests.cli.conftest import ROOT, Helpdesk
from tests.mail.letters import letter

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ADDRESS = "support@localhost"
QUESTION = "01-question"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, workflows=str(ROOT / "workflows.yaml"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A customer asks, and answers the desk's receipt from a mail program that quotes it."""
    folder = tmp_path / "mails"
    folder.mkdir()
    arrives(folder, QUESTION, "The kettle sings", "It sings when it is empty.")
    arrives(
        folder,
        "02-answer",
        "Re: something else altogether",
        "It is the red one.\n\nOn Mon, 12 Jan 2026 at 10:05, Us <support@localhost> wrote:\n> We have your request.",
        in_reply_to="<made-up@nowhere.example>",
    )
    return folder


def arrives(folder: Path, name: str, subject: str, text: str, **more: str) -> None:
    raw = letter(
        subject=subject,
        from_="Tiiu Tamm <tiiu@home.example>",
        to=ADDRESS,
        body=text,
        message_id=f"<{name}@home.example>",
        **more,
    )
    (folder / f"{name}.eml").write_bytes(raw)


def expects(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.yaml").write_text(dedent(text))


def test_a_conversation_goes_as_its_owner_expects_and_touches_nothing(
    app: Flask, helpdesk: Helpdesk, folder: Path
) -> None:
    expects(folder, QUESTION, "would: new\nstate: new\nfrom: tiiu@home.example\nmailed: [customer]\nattachments: []\n")
    expects(
        folder,
        "02-answer",
        """
        answers: 01-question
        would: reply:01-question
        subject: "Re: something else altogether"
        reply_text: {has: red one, lacks: [We have your request]}
        """,
    )
    said = helpdesk("mail", "test", str(folder))
    assert (said.code, said.out.splitlines()[-1]) == (0, "2 messages, 0 not as expected; 0 without expectations.")
    with app.app_context():
        assert session().scalar(select(func.count()).select_from(Ticket)) == 0
        assert session().scalar(select(func.count()).select_from(InboundMail)) == 0


def test_without_its_thread_the_answer_is_a_new_ticket(helpdesk: Helpdesk, folder: Path) -> None:
    """What is given makes the difference: the message alone names a mail of nobody."""
    expects(folder, "02-answer", "would: new\n")
    assert helpdesk("mail", "test", str(folder)).code == 0


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ("would: quarantine", "“would” should be “quarantine”; it is “new”."),
        ("state: done", "“state” should be “done”; it is “new”."),
        ("mailed: []", "“mailed” should be none; it is “customer”."),
        ("attachments: [kettle.png]", "“attachments” should be “kettle.png”; it is none."),
        ("ran: [close]", "“ran” should be “close”; it is"),
        ("text: {has: water}", "“text” lacks “water”; it is “It sings when it is empty.”."),
        ("text: {lacks: [empty]}", "“text” has “empty”; it is “It sings when it is empty.”."),
        ("from: olga@home.example", "“from” should be “olga@home.example”; it is “tiiu@home.example”."),
    ],
)
def test_what_is_not_as_expected_is_told_with_its_line(helpdesk: Helpdesk, folder: Path, wrong: str, told: str) -> None:
    expects(folder, QUESTION, f"subject: The kettle sings\n{wrong}\n")
    said = helpdesk("mail", "test", str(folder))
    assert said.code == 1
    assert f"{folder / QUESTION}.yaml:2: {told}" in said.out
    (first, _) = helpdesk("mail", "test", str(folder), "--json").json
    assert (first["expected"], len(first["failed"]), first["seen"]["would"]) == (True, 1, "new")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("fro: x", "01-question.yaml:1:1: There is no “fro” to be expected. Did you mean “from”?"),
        ("auto: none\n  would: new", "01-question.yaml:2:"),
        ("- auto", "01-question.yaml:1:1: A file of expectations is a list of keys and values"),
        ("from: [a, b]", "01-question.yaml:1:7: “from” is one text."),
        ("to: {a: b}", "01-question.yaml:1:5: “to” is a list of texts."),
        ("text: {hass: b}", "01-question.yaml:1:8: “text” is a text, or what it `has` and `lacks`."),
        ("answers: 00-before", "01-question.yaml: no earlier message “00-before” is on a ticket."),
        ("a: &x [*x]", "01-question.yaml:1:"),
    ],
)
def test_an_expectation_that_means_nothing_is_told_where_it_stands(
    helpdesk: Helpdesk, folder: Path, text: str, told: str
) -> None:
    (folder / "01-question.yaml").write_text(text)
    said = helpdesk("mail", "test", str(folder))
    assert (said.code, told in said.err) == (2, True), said


def test_what_is_made_of_a_message_now_can_be_expected_from_now_on(helpdesk: Helpdesk, folder: Path) -> None:
    """Never over what is there, and whatever stands in the message."""
    arrives(folder, "03-odd", "\u202eKettle \U0001fad6\u200b: “on” & 'off' # no", 'One\n\ttwo: "three"\n\n- four')
    expects(folder, QUESTION, "would: new\n")
    first = helpdesk("mail", "test", str(folder), "--write")
    assert first.out.splitlines()[-1].endswith("2 without expectations, which are written now.")
    assert (folder / "01-question.yaml").read_text() == "would: new\n"
    second = helpdesk("mail", "test", str(folder), "--write")
    assert (second.code, second.out.splitlines()[-1]) == (0, "3 messages, 0 not as expected; 0 without expectations.")


def test_each_folder_is_a_conversation_of_its_own(helpdesk: Helpdesk, folder: Path) -> None:
    """The same question is new in each of them."""
    other = folder / "another day"
    other.mkdir()
    for name in (QUESTION, "02-answer"):
        (other / f"{name}.eml").write_bytes((folder / f"{name}.eml").read_bytes())
    seen = helpdesk("mail", "test", str(folder), "--json").json
    assert [each["seen"]["would"] for each in seen] == ["new"] * 4


@pytest.mark.parametrize("raw", [b"", b"\xff\x00 \r\n" * 50, b"From: a@b.example, c@d.example\n\nTwo\n"])
def test_any_bytes_have_an_outcome(helpdesk: Helpdesk, tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "odd.eml").write_bytes(raw)
    said = helpdesk("mail", "test", str(tmp_path))
    assert (said.code, said.out.splitlines()[0]) == (0, f"· {tmp_path / 'odd.eml'}: quarantine")


def test_no_messages_and_a_broken_workflow_are_told(helpdesk: Helpdesk, tmp_path: Path, folder: Path) -> None:
    assert helpdesk("mail", "test", str(tmp_path / "none")).code == 2
    broken = tmp_path / "broken.yaml"
    broken.write_text("version: 1\n")
    assert helpdesk("mail", "test", str(folder), "--workflow", str(broken)).code == 1
