"""Ready answers with files and questions (W42, W43): from the folder of the workflow file to the customer's mail."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from config import Settings
from helpdesk import files
from helpdesk.db import session, writing
from helpdesk.tickets.models import Attachment, Message, Ticket
from helpdesk.workflows import revisions
from tests.at_the_desk import AtTheDesk
from tests.cast import Case, Character
from tests.conftest import DESK
from tests.plugins.post import Post

PRICES, MAP = b"%PDF-1.7 prices", b"\x89PNG\r\n\x1a\n a map"

ANSWERS = """
  prices: {label: Price list, body: "Here are our prices.", files: [price-list.pdf, papers/map.png]}
  visit:
    label: A visit
    files: [papers/map.png]
    ask:
      - {name: day, type: date, label: Day, required: true, min: "2026-01-01"}
      - {name: fare, type: money, label: Fare}
      - {name: room, type: choice, label: Room, choices: {one: First, two: Second}}
      - {name: code, type: text, label: Code, pattern: '[A-Z]{2}', show_if: fields.room == 'two'}
      - {name: nonce, type: text, label: A name that pages use}
    body: "We come on {{ asked.day }} for {{ asked.fare }}{% if asked.room == 'two' %} ({{ asked.code }}){% endif %}."
    languages: {de: "Wir kommen am {{ asked.day }} für {{ asked.fare }}."}
"""


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """A desk whose workflow file has files beside it."""
    folder = tmp_path / "house"
    (folder / "papers").mkdir(parents=True)
    (folder / "price-list.pdf").write_bytes(PRICES)
    (folder / "papers/map.png").write_bytes(MAP)
    hours = '  hours: {label: Opening hours, body: "We are open from nine to six."}\n'
    text = DESK.read_text("utf-8")
    assert hours in text
    (folder / "workflows.yaml").write_text(text.replace(hours, hours + ANSWERS))
    return Settings(**{**vars(settings), "workflows": str(folder / "workflows.yaml")})


@pytest.fixture
def anns(app: Flask, ann: Character) -> AtTheDesk:
    return AtTheDesk(app, ann)


def inserts(anns: AtTheDesk, case: Case, answer: str, **values: str) -> TestResponse:
    """What the page's script asks."""
    path = f"/desk/tickets/{case.ref}/do/reply/answers/{answer}"
    asked = {f"ask-{answer}-{name}": value for name, value in values.items()}
    hidden = {"csrf_token": anns.opens_form(case, "reply")["csrf_token"], "answer-asked": answer}
    return anns.client.post(path, data={**hidden, **asked}, headers={"Accept": "application/json"})


def said(app: Flask, case: Case) -> tuple[str, dict[str, bytes]]:
    """The last message and its files."""
    with app.app_context():
        newest = select(Message).where(Message.ticket_id == case.id).order_by(Message.id.desc()).limit(1)
        message = session().scalars(newest).one()
        attached = session().scalars(select(Attachment).where(Attachment.message_id == message.id))
        return message.text, {each.filename: files.read(each.sha256) for each in attached}


def test_the_files_of_an_answer_leave_with_the_reply(app: Flask, anns: AtTheDesk, olga: Character, post: Post) -> None:
    case = olga.writes("What does it cost?")
    answer = inserts(anns, case, "prices").get_json()
    assert answer["text"] == "Here are our prices."
    assert [each["name"] for each in answer["files"]] == ["price-list.pdf", "map.png"]
    named = [each["value"] for each in answer["files"]]
    anns.does(case, "reply", message=answer["text"], **{"files-enclosed": named})
    assert said(app, case) == ("Here are our prices.", {"price-list.pdf": PRICES, "map.png": MAP})
    with app.app_context():
        types = dict(session().execute(select(Attachment.filename, Attachment.content_type)).all())
    assert types == {"price-list.pdf": "application/pdf", "map.png": "image/png"}
    post.turn()
    (letter,) = [each.message for each in post.to(olga.email) if "Here are our prices." in str(each.message)]
    attached = {each.get_filename(): each.get_content() for each in letter.iter_attachments()}
    assert attached == {"price-list.pdf": PRICES, "map.png": MAP}


def test_without_script_the_form_comes_back_with_text_and_files(app: Flask, anns: AtTheDesk, olga: Character) -> None:
    case = olga.writes("What does it cost?")
    hidden = anns.opens_form(case, "reply")
    path = f"/desk/tickets/{case.ref}/do/reply/answers/prices"
    page = anns.client.post(path, data={**hidden, "message": "Dear Olga,"})
    assert page.status_code == 200
    assert re.search(r"Dear Olga,\s+Here are our prices\.</textarea>", page.text)
    boxes = re.findall(r'name="files-enclosed" value="([^"]+)"[^>]* checked', page.text)
    assert boxes == ["price-list.pdf", "papers/map.png"]
    assert said(app, case)[0] == "It does not work.", "nothing was sent yet"
    anns.sends_form(case, "reply", hidden, message="Dear Olga", **{"files-enclosed": ["papers/map.png"]})
    assert said(app, case) == ("Dear Olga", {"map.png": MAP}), "the other one was taken out"


def test_without_script_the_questions_stand_in_the_form(app: Flask, anns: AtTheDesk, olga: Character) -> None:
    case = olga.writes("When do you come?")
    hidden = anns.opens_form(case, "reply")
    path = f"/desk/tickets/{case.ref}/do/reply/answers/visit"
    page = anns.client.post(path, data={**hidden, "message": "Dear Olga,"})
    assert page.status_code == 200
    assert "Dear Olga,</textarea>" in page.text
    assert 'name="ask-visit-day"' in page.text.partition("composer-asks")[2].partition("</section>")[0]
    again = anns.client.post(path, data={**hidden, "message": "Dear Olga,", "answer-asked": "visit"})
    assert again.status_code == 422
    assert "Please fill in “Day”." in again.text
    given = {"ask-visit-day": "2026-03-31", "ask-visit-fare": "1200"}
    done = anns.client.post(path, data={**hidden, "message": "Dear Olga,", "answer-asked": "visit", **given})
    assert "We come on March 31, 2026 for 1,200.00 EUR." in done.text


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({}, "Please fill in “Day”."),
        ({"day": "tomorrow"}, "“Day” must be a date such as 2026-03-31."),
        ({"day": "2025-12-31"}, "“Day” must not be before 2026-01-01."),
        ({"day": "2026-03-31", "fare": "much"}, "“Fare” must be an amount of money."),
        ({"day": "2026-03-31", "room": "three"}, "“Room” must be one of: First, Second."),
        ({"day": "2026-03-31", "room": "two", "code": "abc"}, "“Code” does not have the expected form."),
        ({"day": "2026-03-31", "room": "one", "code": "AB"}, "“Code” is not asked here."),
    ],
)
def test_what_an_answer_asks_is_judged_as_any_field(
    anns: AtTheDesk, olga: Character, wrong: dict[str, str], sentence: str
) -> None:
    case = olga.writes("When do you come?")
    answer = inserts(anns, case, "visit", **wrong)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert re.search(r'aria-invalid="true"', answer.text)
    assert "We come" not in answer.text


def test_values_are_said_in_the_language_of_the_ticket(app: Flask, anns: AtTheDesk, olga: Character) -> None:
    case = olga.writes("When do you come?")
    values = {"day": "2026-03-31", "fare": "1200.5", "room": "two", "code": "AB"}
    english = inserts(anns, case, "visit", **values).get_json()
    assert english["text"] == "We come on March 31, 2026 for 1,200.50 EUR (AB)."
    assert [each["name"] for each in english["files"]] == ["map.png"]
    with app.app_context(), writing():
        session().get_one(Ticket, case.id).language = "de"
    german = inserts(anns, case, "visit", **values).get_json()
    assert german["text"] == "Wir kommen am 31. März 2026 für 1.200,50 EUR."


def test_only_files_of_answers_in_force_can_be_enclosed(app: Flask, anns: AtTheDesk, olga: Character) -> None:
    """Neither by the content of a file nor by a way on the disk, nor what lies beside the file unnamed."""
    case = olga.writes("What does it cost?")
    with app.app_context():
        content = revisions.active().enclosed["price-list.pdf"].sha256
    for name in (content, f"{content[:2]}/{content[2:]}", "workflows.yaml", "../house/price-list.pdf", "other.pdf"):
        answer = anns.does(case, "reply", message="Here", **{"files-enclosed": name})
        assert answer.status_code == 422, name
        assert "is no file of a ready answer now" in answer.text
    assert said(app, case)[0] == "It does not work."


def test_an_action_without_files_takes_none(app: Flask, anns: AtTheDesk, olga: Character) -> None:
    case = olga.writes("What does it cost?")
    hidden = anns.opens_form(case, "close")
    answer = anns.sends_form(case, "close", hidden, **{"files-enclosed": "price-list.pdf"})
    assert answer.status_code == 422


def test_a_file_that_changes_changes_the_desk(app: Flask, settings: Settings) -> None:
    path = settings.workflow_path
    with app.app_context():
        first = revisions.active()
        assert revisions.adopt_file(path).changed is False, "nothing is new at another start"
        (path.parent / "price-list.pdf").write_bytes(b"%PDF-1.7 dearer")
        assert revisions.adopt_file(path).changed
        second = revisions.active()
        assert second.id != first.id
        assert second.hash != first.hash
        assert files.read(second.enclosed["price-list.pdf"].sha256) == b"%PDF-1.7 dearer"
        assert files.read(revisions.get(first.id).enclosed["price-list.pdf"].sha256) == PRICES, "the way back is there"
        (path.parent / "price-list.pdf").unlink()
        left = revisions.adopt_file(path)
        assert (left.changed, [each.code for each in left.findings]) == (False, ["unknown_file"])
        assert revisions.active().id == second.id
        assert revisions.problems()
