"""Which desk is active: from the file, from the editor, back again; and a broken file never takes a running desk
down.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from helpdesk.db import session, writing
from helpdesk.errors import Invalid
from helpdesk.workflows import revisions
from helpdesk.workflows.revisions import in_force
from helpdesk.workflows.schema import Desk

SMALL = (Path(__file__).parent / "small.yaml").read_text()


@pytest.fixture
def desk(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "workflows.yaml"
    path.write_text(SMALL)
    return path


def test_a_new_file_becomes_the_active_desk(desk: Flask, file: Path) -> None:
    before = revisions.active().id
    adopted = revisions.adopt_file(file)
    assert adopted.changed
    assert adopted.revision != before
    assert revisions.active().id == adopted.revision
    assert list(revisions.active().desk.workflows) == ["help"]
    assert revisions.active().rules.offered("help", "done") == ("again",)


def test_the_same_file_is_adopted_once(desk: Flask, file: Path) -> None:
    first = revisions.adopt_file(file)
    again = revisions.adopt_file(file)
    assert not again.changed
    assert again.revision == first.revision
    assert len([row for row in revisions.history() if row.hash == revisions.active().hash]) == 1


def test_a_broken_file_leaves_the_last_good_desk_and_is_told(desk: Flask, file: Path) -> None:
    good = revisions.adopt_file(file)
    file.write_text(SMALL.replace("initial: new", "initial: nwe"))
    broken = revisions.adopt_file(file)
    assert not broken.changed
    assert broken.findings[0].code == "unknown_state"
    assert revisions.active().id == good.revision
    (problem,) = revisions.problems()
    assert (problem["line"], problem["message"]) == (19, "There is no state “nwe”.")
    revisions.adopt_file(file)
    assert len([row for row in revisions.history() if row.problems]) == 1, "looking again writes nothing"
    file.write_text(SMALL)
    assert revisions.adopt_file(file).changed
    assert revisions.problems() == []


class Stranded(revisions.NoTickets):
    def stranded(self, after: Desk, /) -> list[str]:
        return ["14 tickets are in a state that is gone."]


def test_a_file_that_would_strand_tickets_is_not_applied(desk: Flask, file: Path) -> None:
    before = revisions.active().id
    adopted = revisions.adopt_file(file, tickets=Stranded())
    assert adopted.reasons
    assert not adopted.changed
    assert revisions.active().id == before
    assert revisions.problems() == [{"message": "14 tickets are in a state that is gone."}]


def test_a_change_in_the_editor_outlives_a_restart(desk: Flask, file: Path) -> None:
    revisions.adopt_file(file)
    edited = revisions.adopt(SMALL.replace("label: Help\n", "label: Aid\n"), author="Boris", note="A better word")
    assert not revisions.adopt_file(file).changed
    assert revisions.active().id == edited.revision
    assert revisions.active().desk.workflows["help"].label == "Aid"


def test_a_text_with_mistakes_is_refused_whole(desk: Flask) -> None:
    before = revisions.active().id
    with pytest.raises(Invalid) as refused:
        revisions.adopt(SMALL.replace("EUR", "EURO"), author="Boris")
    assert "A currency is written as its code: EUR, USD, BDT." in refused.value.problems.values()
    assert revisions.active().id == before


def test_one_transaction_has_one_desk(desk: Flask, file: Path) -> None:
    """No action changes its rules half-way."""
    revisions.adopt_file(file)
    with writing() as here:
        before = revisions.active()
        in_force._looked.clear()
        here.info["elsewhere"] = True
        assert revisions.active() is before


def test_another_process_is_followed(desk: Flask, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    revisions.adopt_file(file)
    assert revisions.active().desk.workflows["help"].label == "Help"
    session().rollback()
    monkeypatch.setattr(in_force, "LOOK_AGAIN", 0.0)
    elsewhere = create_engine(session().get_bind().engine.url)
    changed = SMALL.replace("label: Help\n", "label: Elsewhere\n")
    with elsewhere.begin() as other:
        other.execute(
            text(
                "insert into revisions (hash, files, origin, author, note, problems, created_at, activated_at, "
                "in_file) select 'other', :files, 'editor', '', '', problems, created_at, activated_at, in_file "
                "from revisions where activated_at is not null order by id desc limit 1"
            ),
            {"files": json.dumps({"workflows.yaml": changed})},
        )
    elsewhere.dispose()
    session().rollback()
    assert revisions.active().desk.workflows["help"].label == "Elsewhere"
