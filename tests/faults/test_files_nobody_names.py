"""What is left in the store of files and no row names is taken away, and nothing else, also where the same bytes are
stored at that very moment (fault 4).
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import MetaData, Text, cast, select

from helpdesk import clock, files, settings, stored, sweeping
from helpdesk.channels.email import store
from helpdesk.channels.email.models import InboundMail
from helpdesk.db import db, session, writing
from helpdesk.intake import Inbound, unconfirmed
from helpdesk.jobs import Job
from helpdesk.tickets.models import Attachment
from helpdesk.tickets.rich import Rich, Upload
from helpdesk.worker import Worker
from helpdesk.workflows import revisions
from helpdesk.workflows.enclosures import Enclosure, Known
from tests.cast import Character

NAME = re.compile(r"\b[0-9a-f]{64}\b")
TIMES = 60


def keeps(app: Flask, content: bytes) -> str:
    with app.app_context():
        return files.store(content).sha256


def place(app: Flask, name: str) -> Path:
    with app.app_context():
        return files.path_of(name)


def ages(app: Flask, *, days: float = 2) -> None:
    """All that is in the store was stored so long ago."""
    then = time.time() - days * 86_400
    with app.app_context():
        for each in settings.current().files.rglob("*"):
            os.utime(each, (then, then))


def sweeps(app: Flask) -> None:
    with app.app_context(), writing():
        stored.put(sweeping.SWEPT, "2020-01-01")
    with app.app_context():
        sweeping.schedule()
    Worker(app, chores=()).run_until_idle(kinds=[sweeping.KIND])


def test_what_nobody_names_goes_after_a_day(app: Flask) -> None:
    forgotten, fresh = keeps(app, b"forgotten"), keeps(app, b"fresh")
    half = place(app, forgotten).with_name(".a file that a crash left half written.0a1b2c3d")
    half.write_bytes(b"forg")
    sweeps(app)
    assert place(app, forgotten).exists(), "it may be an upload that is just arriving"
    ages(app, days=0.9)
    sweeps(app)
    assert place(app, forgotten).exists()
    ages(app)
    os.utime(place(app, fresh))
    sweeps(app)
    assert [place(app, forgotten).exists(), half.exists(), place(app, fresh).exists()] == [False, False, True]
    with app.app_context():
        assert session().scalars(select(Job)).all() == []
    assert keeps(app, b"forgotten") == forgotten
    assert place(app, forgotten).read_bytes() == b"forgotten", "whoever stores it again has it"


def test_whatever_a_row_names_stays(app: Flask, olga: Character, ann: Character) -> None:
    """Attachments, mails as they came, files of every revision and of drafts, requests that wait to be confirmed."""
    case = olga.writes("Printer")
    with app.app_context():
        photo = Upload.keep(b"a photo", filename="photo.jpg", content_type="image/jpeg")
        waits = Upload.keep(b"a form's file", filename="cv.pdf", content_type="application/pdf")
        draft, terms = files.store(b"a draft's file"), files.store(b"an old revision's file")
        with writing():
            stored.put(
                "workflow_draft:1",
                {
                    "texts": {},
                    "based_on": 1,
                    "added": {"a.pdf": Enclosure(draft.sha256, 14, "application/pdf").as_dict()},
                },
            )
            unconfirmed.keep(
                Inbound(
                    source="contact_form",
                    channel="form",
                    address="new@client.example",
                    message=Rich.plain("Hi"),
                    files=(waits,),
                )
            )
        desk = revisions.get(revisions.active().id).text
        known = Known({"terms.pdf": Enclosure(terms.sha256, 22, "application/pdf")})
        answer = '  terms: {label: Terms, body: "Here.", files: [terms.pdf]}\n'
        assert "replies:\n" in desk
        revisions.adopt(desk.replace("replies:\n", "replies:\n" + answer, 1), author="a test", beside=known)
        revisions.adopt(desk, author="a test")
    ann.performs("reply", case, text="Look", files=(photo,))
    kept = [photo.sha256, waits.sha256, draft.sha256, terms.sha256]
    with app.app_context():
        mail = store.keep(b"From: olga@client.example\r\n\r\nHelp", source="support_mail")
        kept.append(session().get_one(InboundMail, mail).sha256)
        kept += session().scalars(select(Attachment.sha256)).all()
    orphan = keeps(app, b"nobody's")
    ages(app)
    sweeps(app)
    assert all(place(app, name).exists() for name in kept)
    assert not place(app, orphan).exists()
    with app.app_context(), writing():
        stored.forget("workflow_draft:1")
    sweeps(app)
    assert not place(app, draft.sha256).exists(), "the draft was thrown away"


def test_no_place_that_names_a_file_is_forgotten(app: Flask, olga: Character, ann: Character) -> None:
    """Every word of every column of every table that is the name of a file in the store is found."""
    case = olga.writes("Printer")
    with app.app_context():
        photo = Upload.keep(b"a photo", filename="photo.jpg", content_type="image/jpeg")
    ann.performs("reply", case, text="Look", files=(photo,))
    with app.app_context():
        store.keep(b"From: olga@client.example\r\n\r\nHelp", source="support_mail")
        tables = MetaData()
        tables.reflect(db.engine)
        said = set()
        for each in tables.sorted_tables:
            for column in each.columns:
                texts = session().scalars(select(cast(column, Text)).where(cast(column, Text).is_not(None)))
                said |= {name for text in texts for name in NAME.findall(str(text))}
        held = {name for name in said if files.path_of(name).exists()}
        assert photo.sha256 in held
        assert sweeping.named(held) == held


@pytest.mark.parametrize("remembered", [True, False], ids=["by this process", "by another one"])
def test_a_file_that_is_stored_again_while_it_is_swept_is_there(app: Flask, remembered: bool) -> None:
    """Whoever comes first: it is young again and stays, or it is gone and written once more."""
    with app.app_context():
        for number in range(TIMES):
            name = files.store(b"%d" % number).sha256
            if not remembered:
                files._flushed.clear()
            os.utime(files.path_of(name), (0, 0))
            both(app, lambda number=number: files.store(b"%d" % number), lambda name=name: files.forget(name))
            assert files.read(name) == b"%d" % number


def test_who_stores_a_file_between_the_last_look_at_it_and_its_end_waits_and_has_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, is_back = threading.Event(), threading.Event()
    really = files._is_old

    def slowly(file: Path) -> bool:
        is_old = really(file)
        looked.set()
        is_back.wait(0.5)  # whoever stores it cannot be back before this one ends
        return is_old

    def again() -> None:
        looked.wait()
        files.store(b"forgotten")
        is_back.set()

    name = keeps(app, b"forgotten")
    ages(app)
    monkeypatch.setattr(files, "_is_old", slowly)
    both(app, again, lambda: files.forget(name))
    assert place(app, name).read_bytes() == b"forgotten"


def test_a_mail_that_comes_again_while_its_bytes_are_swept_is_kept(app: Flask) -> None:
    """The whole sweep, and a row that is committed meanwhile."""
    for number in range(12):
        raw = b"From: olga@client.example\r\n\r\nHelp %d" % number
        keeps(app, raw)
        ages(app)
        both(app, lambda raw=raw: store.keep(raw, source="support_mail"), lambda: sweeps(app))
    with app.app_context():
        names = session().scalars(select(InboundMail.sha256)).all()
        assert len(names) == 12
        assert all(files.path_of(name).exists() for name in names)


def both(app: Flask, first: Callable[[], object], second: Callable[[], object]) -> None:
    """At the very same moment."""
    barrier, trouble = threading.Barrier(2), []

    def does(what: Callable[[], object]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                what()
            except Exception as error:  # noqa: BLE001 - shown below, in the thread that looks
                trouble.append(error)

    threads = [threading.Thread(target=does, args=(each,)) for each in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not trouble, trouble


def test_it_goes_in_portions_once_a_day(app: Flask, still: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "PORTION", 3)
    names = [keeps(app, b"%d" % number) for number in range(10)]
    ages(app)
    worker = Worker(app, chores=())

    def chore() -> None:
        with app.app_context():
            sweeping.schedule()
        worker.run_until_idle(kinds=[sweeping.KIND])

    chore()
    assert all(place(app, name).exists() for name in names), "from the day after the first"
    clock.travel(timedelta(days=1))
    chore()
    assert not any(place(app, name).exists() for name in names)
    again = keeps(app, b"once more")
    ages(app)
    chore()
    assert place(app, again).exists(), "it was this day's turn already"


def test_a_folder_of_another_database_and_a_muted_copy_are_left_alone(app: Flask) -> None:
    """Who tries another database with the same folder, or restores a backup beside it, loses nothing."""
    orphan = keeps(app, b"another desk's")
    ages(app)
    with app.app_context(), writing():
        stored.put("muted", True)
    sweeps(app)
    assert place(app, orphan).exists()
    with app.app_context(), writing():
        stored.forget("muted")
        files.owner("of the other database")
    sweeps(app)
    assert place(app, orphan).exists()
