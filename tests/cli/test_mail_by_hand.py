"""`helpdesk mail …`"""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask

from helpdesk.channels.email.models import InboundMail
from helpdesk.db import session, writing
from tests.cast import Character
from tests.cli.conftest import Helpdesk

MAIL = b"""From: Olga <olga@example.org>
To: support@acme.example
Subject: Printer
Message-ID: <1@example.org>

It burns.
"""


def test_a_mail_from_a_pipe_is_stored_before_0_is_said(app: Flask, helpdesk: Helpdesk) -> None:
    assert helpdesk("mail", "receive", stdin=MAIL).code == 0
    assert helpdesk("mail", "receive", "--source", "support_mail", stdin=MAIL).code == 0
    with app.app_context():
        assert session().query(InboundMail).count() >= 1


def test_what_could_not_be_stored_is_75_so_that_the_mail_server_keeps_it(helpdesk: Helpdesk, tmp_path: Path) -> None:
    """Fault 2: never a lost mail, never a bounce for a trouble that passes."""
    assert (
        helpdesk("mail", "receive", stdin=MAIL, HELPDESK_DATABASE_URL=f"sqlite:///{tmp_path}/no/where.sqlite3").code
        == 75
    )
    assert helpdesk("mail", "receive", stdin=MAIL, HELPDESK_ENV="nonsense").code == 75
    assert helpdesk("mail", "receive", "--source", "no_such_source", stdin=MAIL).code == 75
    assert helpdesk("mail", "receive", stdin=MAIL, HELPDESK_FILES_URL="/dev/null/files").code == 75


def test_nothing_and_too_much_are_65_because_trying_again_would_not_help(helpdesk: Helpdesk) -> None:
    assert helpdesk("mail", "receive", stdin=b"\n").code == 65
    assert helpdesk("mail", "receive", stdin=MAIL, HELPDESK_UPLOAD_LIMIT="100").code == 65


def test_a_mail_put_aside_is_listed_and_read_again(app: Flask, helpdesk: Helpdesk, ann: Character) -> None:
    helpdesk("mail", "receive", stdin=MAIL)
    with app.app_context(), writing() as here:
        row = here.query(InboundMail).one()
        row.status, row.error = "quarantined", "The parser broke."
        mail_id = str(row.id)
    (listed,) = helpdesk("mail", "quarantine", "--json").json
    assert (str(listed["id"]), listed["why"]) == (mail_id, "The parser broke.")
    said = helpdesk("mail", "replay", mail_id)
    assert said.code == 0, said.err
    assert helpdesk("mail", "quarantine", "--json").json == []
    assert [row["subject"] for row in helpdesk("ticket", "list", "--as", ann.email, "--json").json] == ["Printer"]
    assert helpdesk("mail", "replay", mail_id).code == 3
    assert helpdesk("mail", "replay", "99").code == 4


def test_inspect_tells_any_bytes_and_where_they_would_go(helpdesk: Helpdesk, olga: Character, tmp_path: Path) -> None:
    case = olga.writes("Printer")
    (tmp_path / "mails").mkdir()
    for name, raw in (
        ("1-new.eml", MAIL),
        ("2-reply.eml", MAIL.replace(b"Printer", b"Re: [%s] Printer" % case.ref.encode())),
        ("3-stranger.eml", MAIL.replace(b"olga", b"eve").replace(b"Printer", b"Re: [%s]" % case.ref.encode())),
        ("4-nothing.eml", b""),
        ("5-bytes.eml", bytes(range(256))),
    ):
        (tmp_path / "mails" / name).write_bytes(raw)
    said = helpdesk("mail", "inspect", "--json", str(tmp_path / "mails"))
    assert said.code == 0
    rows = [json.loads(line) for line in said.out.splitlines()]
    assert [row["would"] for row in rows] == ["new", f"reply:{case.ref}", "new", "quarantine", "quarantine"]
    assert rows[0]["reply_text"] == "It burns."
    assert len(case.messages) == 1, "looking touches nothing"


def test_inspect_needs_no_desk_and_makes_none(program: Helpdesk, tmp_path: Path) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_bytes(MAIL)
    assert program("mail", "inspect", "--json", str(mail)).json["from"] == "olga@example.org"
    assert not (tmp_path / "var").exists()


def test_there_must_be_something_to_listen_to_and_to_sign_in(helpdesk: Helpdesk) -> None:
    said = helpdesk("mail", "listen")
    assert (said.code, "mailbox to read" in said.err) == (1, True)
    said = helpdesk("mail", "authorize", "support_mail")
    assert (said.code, "is signed in" in said.err) == (4, True)
