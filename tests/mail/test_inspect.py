"""`mail inspect`: one object a message, exit 0 for any bytes, nothing touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from helpdesk.channels.email import inspect
from tests.mail.letters import letter

KEYS = [
    *(
        "file",
        "message_id",
        "from",
        "from_name",
        "to",
        "cc",
        "reply_to",
        "subject",
        "date",
        "text",
        "reply_text",
        "html",
    ),
    *("attachments", "auto", "in_reply_to", "references", "would", "problems"),
]


def test_a_folder_gives_one_object_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.eml").write_bytes(letter("One"))
    (tmp_path / "b.eml").write_bytes(b"\xff\0\r")
    (tmp_path / "c.eml").write_bytes(b"")
    assert inspect.main(["--json", str(tmp_path)]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [Path(one["file"]).name for one in told] == ["a.eml", "b.eml", "c.eml"]
    assert all(list(one) == KEYS for one in told)
    assert [one["would"] for one in told] == ["new", "quarantine", "quarantine"]


def test_for_people_it_is_a_few_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(letter("It burns."))
    assert inspect.main([str(path)]) == 0
    said = capsys.readouterr().out
    assert "Olga Tamm <olga@client.example>" in said
    assert "| It burns." in said


def test_would_names_the_ticket_that_threading_finds(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(letter())
    assert inspect.inspect(path, thread=lambda mail: "SUP-42")["would"] == "reply:SUP-42"
    path.write_bytes(letter(x_helpdesk_loop="x"))
    assert inspect.inspect(path)["would"] == "ignore"
    path.write_bytes(letter(from_="mailer-daemon@x.example", subject="failure notice"))
    assert inspect.inspect(path)["would"] == "ignore"
