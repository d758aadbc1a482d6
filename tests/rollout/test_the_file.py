"""The file on the disk and the desk in force: who writes which, and a file that goes bad takes no desk down (fault
28).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from flask import Flask

from helpdesk.db import session
from helpdesk.rollout import apply as rollout
from helpdesk.rollout.apply import Applied
from helpdesk.workflows import revisions
from tests.cast import Character
from tests.rollout.changes import DESK, RENAMED, WITHOUT_WAITING, changed

WORDED = changed(("label: Quote a price", "label: Name a price"))
AGAIN = changed(("label: Quote a price", "label: Say a price"))


@pytest.fixture
def desk(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


@pytest.fixture
def file(desk: Flask, tmp_path: Path) -> Path:
    """The desk's own file, in force."""
    path = tmp_path / "desk.yaml"
    path.write_text(DESK)
    path.chmod(0o640)
    rollout.take_file(path)
    return path


def edited(texts: Mapping[str, str], path: Path) -> Applied:
    return rollout.apply(texts, author="Boris", path=path)


def start(path: Path) -> rollout.Taken:
    """What a start of the desk does with the file."""
    session().rollback()
    return rollout.take_file(path)


def test_the_editor_writes_the_file_as_well_and_the_next_start_sees_no_news(file: Path) -> None:
    done = edited(WORDED, file)
    assert done.file == "written"
    assert "The workflow file was written as well." in done.sentences
    assert "label: Name a price" in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o640, "its mode is kept"
    assert [each.name for each in file.parent.iterdir() if each.name.endswith(".new")] == [], (
        "nothing is left beside it"
    )
    assert not start(file).changed
    assert revisions.active().id == done.revision
    assert rollout.rollback(done.revision - 1, author="Boris", path=file).file == "written"
    assert file.read_text() == DESK


def test_a_file_that_somebody_edited_meanwhile_is_left_alone(file: Path) -> None:
    mine = DESK.replace("label: Spam", "label: Junk")
    file.write_text(mine)
    done = edited(WORDED, file)
    assert done.file == "edited"
    assert "file and desk differ now" in done.sentences[-1]
    assert file.read_text() == mine


def test_a_file_that_cannot_be_written_is_said_so_and_the_desk_has_changed(file: Path) -> None:
    file.unlink()
    done = edited(WORDED, file)
    assert done.file == "not_writable"
    assert revisions.active().id == done.revision
    assert not file.exists(), "a file that is not there is not made up"


def test_a_link_stays_a_link(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "linked.yaml"
    link.symlink_to(file)
    rollout.take_file(link)
    assert edited(WORDED, link).file == "written"
    assert link.is_symlink()
    assert "label: Name a price" in file.read_text()


def test_a_folder_of_files_follows_file_by_file(desk: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "desk"
    folder.mkdir()
    head, tail = DESK.split("workflows:\n", 1)
    texts = {"a-people.yaml": head, "b-work.yaml": "workflows:\n" + tail}
    for name, text in texts.items():
        (folder / name).write_text(text)
    assert start(folder).changed
    fewer = {"b-work.yaml": texts["b-work.yaml"].replace("Quote a price", "Name a price"), "c-people.yaml": head}
    assert edited(fewer, folder).file == "written"
    assert sorted(each.name for each in folder.iterdir()) == ["b-work.yaml", "c-people.yaml"]
    assert "Name a price" in (folder / "b-work.yaml").read_text()
    assert not start(folder).changed


def test_a_desk_of_several_files_does_not_fit_into_one(file: Path) -> None:
    head, tail = DESK.split("workflows:\n", 1)
    texts = {"a.yaml": head, "b.yaml": ("workflows:\n" + tail).replace("Quote a price", "Name a price")}
    assert edited(texts, file).file == "other_shape"
    assert file.read_text() == DESK


def test_a_write_that_was_not_noted_is_no_news_either(file: Path) -> None:
    """The process ended between the rename and its note."""
    rollout.apply(WORDED, author="Boris")
    file.write_text(WORDED["workflows.yaml"])
    assert not start(file).changed
    assert edited(AGAIN, file).file == "written"


def test_what_is_in_force_already_makes_no_revision_and_the_file_follows(file: Path) -> None:
    done = rollout.apply(WORDED, author="Boris")
    again = rollout.rollback(done.revision, author="Boris", path=file)
    assert (again.revision, again.changed, again.file) == (done.revision, False, "written")
    assert again.sentences[0] == f"Nothing changes: revision {done.revision} is in force."
    assert edited(WORDED, file).file == "same"
    assert not start(file).changed
    assert revisions.history()[0].id == done.revision


def test_what_is_in_force_ends_the_banner_of_a_file_that_was_refused(file: Path) -> None:
    """Whoever applies it says that this is the desk, and not the file; that is a revision of its own."""
    file.write_text("version: 1\n")
    assert not start(file).changed
    assert revisions.problems()
    before = revisions.active().id
    assert rollout.apply({"workflows.yaml": DESK}, author="Boris").revision > before
    assert revisions.problems() == []


@pytest.mark.parametrize("broken", ["truncated", "stranding", "unreadable", "gone", "a folder", "a dangling link"])
def test_a_file_that_goes_bad_leaves_the_desk_as_it_is(
    file: Path, app: Flask, olga: Character, ann: Character, broken: str
) -> None:
    """Fault 28: cut in the middle of a write, a state taken out that is in use, not readable, not there."""
    ann.performs("reply", olga.writes("Printer"), text="Which floor?")
    before = revisions.active().id
    if broken == "truncated":
        file.write_text(DESK[: len(DESK) // 2])
    elif broken == "stranding":
        file.write_text(WITHOUT_WAITING["workflows.yaml"])
    elif broken == "unreadable":
        file.write_bytes(b"\xff\xfe\x00" * 100)
    else:
        file.unlink()
        if broken == "a folder":
            file.mkdir()
        elif broken == "a dangling link":
            file.symlink_to(file.parent / "nowhere.yaml")
    taken = start(file)
    assert not taken.changed
    assert taken.findings or taken.reasons
    assert revisions.problems(), "administrators see a banner"
    start(file)
    assert len([row for row in revisions.history() if row.problems]) == 1, "looking again writes nothing"
    session().rollback()
    assert revisions.active().id == before
    ann.performs("reply", olga.writes("Another"), text="The desk works on.")
    _remove(file)
    file.write_text(DESK)
    start(file)
    assert not revisions.problems(), "once it is well again the banner goes"


def _remove(file: Path) -> None:
    if file.is_dir():
        file.rmdir()
    else:
        file.unlink(missing_ok=True)


def test_a_start_with_a_renamed_state_brings_its_tickets_along(
    file: Path, app: Flask, olga: Character, ann: Character
) -> None:
    case = olga.writes("Printer")
    ann.performs("reply", case, text="Which floor?")
    file.write_text(RENAMED["workflows.yaml"])
    taken = start(file)
    assert (taken.changed, taken.carried.moved) == (True, 1)
    assert case.state == "on_hold"
