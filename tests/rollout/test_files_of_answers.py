"""The files of ready answers with the text that names them: planned, applied, written beside it, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from helpdesk import files
from helpdesk.db import session
from helpdesk.rollout import apply as rollout
from helpdesk.rollout.plan import plan
from helpdesk.workflows import revisions
from helpdesk.workflows.enclosures import Enclosure, Known
from helpdesk.workflows.folder import Folder
from tests.rollout.changes import DESK

HOURS = "hours: {label: Opening hours, "
WITH_TERMS = DESK.replace(HOURS, f"{HOURS}files: [terms.txt], ")


@pytest.fixture
def desk(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


@pytest.fixture
def file(desk: Flask, tmp_path: Path) -> Path:
    """The desk's own file, in force; its answer brings nothing along yet."""
    folder = tmp_path / "house"
    folder.mkdir()
    path = folder / "desk.yaml"
    path.write_text(DESK)
    rollout.take_file(path)
    return path


def enclosure(content: bytes) -> Enclosure:
    stored = files.store(content)
    return Enclosure(stored.sha256, stored.size, "text/plain")


def edited(path: Path, content: bytes, text: str = WITH_TERMS) -> rollout.Applied:
    """What the editor does with a text and a file that was added to it."""
    beside = Known({"terms.txt": enclosure(content)})
    return rollout.apply({path.name: text}, author="Boris", path=path, beside=beside)


def start(path: Path) -> rollout.Taken:
    session().rollback()
    return rollout.take_file(path)


def test_the_editor_writes_them_beside_the_file_and_the_next_start_sees_no_news(file: Path) -> None:
    done = edited(file, b"As agreed.")
    assert done.file == "written"
    assert (file.parent / "terms.txt").read_bytes() == b"As agreed."
    assert [each.name for each in file.parent.iterdir() if each.name.startswith(".")] == []
    assert not start(file).changed
    again = edited(file, b"As agreed anew.")
    assert (again.file, (file.parent / "terms.txt").read_bytes()) == ("written", b"As agreed anew.")
    assert not start(file).changed


def test_no_text_of_the_editor_makes_a_file_of_this_machine_leave_the_house(file: Path) -> None:
    """An administrator adds a file under the name of one that lies there: neither is it overwritten, nor does the next
    start take it for the answer's.
    """
    secret = file.parent / "terms.txt"
    secret.write_bytes(b"of this machine")
    done = edited(file, b"As agreed.")
    assert done.file == "occupied"
    assert secret.read_bytes() == b"of this machine"
    assert "terms.txt" not in file.read_text()
    assert not start(file).changed
    held = revisions.active().enclosed["terms.txt"]
    assert files.read(held.sha256) == b"As agreed."


def test_a_link_is_never_written_through(file: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    (file.parent / "terms.txt").symlink_to(outside)
    assert edited(file, b"As agreed.").file == "occupied"
    assert not outside.exists()


def test_the_way_back_brings_the_file_of_then(file: Path) -> None:
    first = edited(file, b"first").revision
    edited(file, b"second")
    done = rollout.rollback(first, author="Boris", path=file)
    assert done.file == "written"
    assert (file.parent / "terms.txt").read_bytes() == b"first"
    assert files.read(revisions.active().enclosed["terms.txt"].sha256) == b"first"
    assert not start(file).changed


def test_a_file_that_was_edited_by_hand_waits_for_the_next_start(file: Path) -> None:
    edited(file, b"first")
    (file.parent / "terms.txt").write_bytes(b"by hand")
    assert edited(file, b"second").file == "edited"
    assert (file.parent / "terms.txt").read_bytes() == b"by hand"
    assert start(file).changed
    assert files.read(revisions.active().enclosed["terms.txt"].sha256) == b"by hand"


def test_a_plan_says_that_a_file_holds_something_else_and_keeps_nothing(file: Path, desk: Flask) -> None:
    edited(file, b"first")
    (file.parent / "terms.txt").write_bytes(b"second")
    kept = {each for each in desk.config["HELPDESK"].files.rglob("*") if each.is_file()}
    planned = plan({file.name: WITH_TERMS}, beside=Folder(file))
    assert [str(each) for each in planned.differences] == [
        "The file “terms.txt” of ready answers holds something else."
    ]
    assert {each for each in desk.config["HELPDESK"].files.rglob("*") if each.is_file()} == kept
    (file.parent / "terms.txt").unlink()
    assert [each.code for each in plan({file.name: WITH_TERMS}, beside=Folder(file)).errors] == ["unknown_file"]
