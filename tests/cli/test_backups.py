"""`helpdesk backup` and `helpdesk restore`: the same desk elsewhere, on either database, and muted (fault 31)."""

from __future__ import annotations

import io
import json
import sqlite3
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from config import Settings
from helpdesk import stored, sweeping
from helpdesk.db import session, writing
from helpdesk.tickets.models import Delivery, Event, Message, Ticket
from tests.cast import Character
from tests.cli.conftest import Helpdesk, Said, environment
from tests.conftest import DESK

OLGA, ANN = "olga@example.org", "ann@acme.example"


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The variables of another machine: its own folder, and an empty database of either kind."""
    place = tmp_path / "elsewhere"
    place.mkdir()
    named = {"HELPDESK_VAR": str(place), "HELPDESK_WORKFLOWS": str(place / "flow.yaml")}
    if request.param == "sqlite":
        yield named | {"HELPDESK_DATABASE_URL": f"sqlite:///{place}/helpdesk.sqlite3"}
        return
    server = request.getfixturevalue("postgresql")
    yield named | {"HELPDESK_DATABASE_URL": server.create("elsewhere")}
    server.drop("elsewhere")


@pytest.fixture
def busy_desk(helpdesk: Helpdesk, ann: Character, kadri: Character, tmp_path: Path) -> str:
    """A desk with a paid ticket, a file, a note, and mail that waits; gives the ticket's name."""
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"\x89PNG")
    helpdesk("ticket", "new", "--as", OLGA, "--subject", "Scanner", "--message", "It hums")
    ref = helpdesk(
        "ticket", "new", "--as", OLGA, "--subject", "Printer", "--message", "Põleb!", "--file", str(photo)
    ).out.strip()
    helpdesk("ticket", "do", ref, "comment", "--as", ANN, "--with", "message=Zebra")
    helpdesk("ticket", "do", ref, "quote", "--as", ANN, "--with", "price=120.50")
    helpdesk(
        "ticket", "do", ref, "receive_payment", "--as", kadri.email, "--with", "amount=120.50", "--with", "method=card"
    )
    return ref


def told(said: Said) -> Said:
    assert said.code == 0, said.err
    return said


def test_files_of_ready_answers_come_along_and_lie_beside_the_workflow_again(
    helpdesk: Helpdesk, elsewhere: dict[str, str], tmp_path: Path
) -> None:
    """Those of every text there was, so that the way back is there too."""
    folder = tmp_path / "drawer"
    folder.mkdir()
    hours = "hours: {label: Opening hours, "
    (folder / "workflows.yaml").write_text(DESK.read_text().replace(hours, f"{hours}files: [prices.pdf], "))
    for content in (b"cheap", b"dear"):
        (folder / "prices.pdf").write_bytes(content)
        told(helpdesk("workflow", "apply", str(folder / "workflows.yaml")))
    path = str(tmp_path / "desk.tar")
    told(helpdesk("backup", path))
    assert told(helpdesk("restore", path, **elsewhere)).out.startswith("Restored 0 tickets and 2 files.\n")
    place = Path(elsewhere["HELPDESK_WORKFLOWS"])
    assert (place.parent / "prices.pdf").read_bytes() == b"dear"
    told(helpdesk("workflow", "rollback", "2", **elsewhere))
    assert told(helpdesk("workflow", "diff", "3", "4", **elsewhere)).out.startswith("~ The file “prices.pdf” of ready")


def test_a_desk_comes_back_whole_on_either_database_and_muted(
    helpdesk: Helpdesk, busy_desk: str, edgar: Character, elsewhere: dict[str, str], tmp_path: Path
) -> None:
    path = str(tmp_path / "desk.tar")
    told(helpdesk("backup", path))
    assert Path(path).stat().st_mode & 0o077 == 0
    restored = told(helpdesk("restore", path, **elsewhere))
    assert restored.out.startswith("Restored 2 tickets and 1 file.\n")
    assert "muted" in restored.out
    for words in (
        ["ticket", "show", busy_desk, "--as", edgar.email, "--json"],
        ["ticket", "list", "--as", OLGA, "--json"],
        ["ticket", "list", "hums", "--as", ANN, "--json"],
        ["ticket", "list", "zebra", "--as", edgar.email, "--json"],
        ["user", "list", "--json"],
        ["workflow", "history", "--json"],
    ):
        assert told(helpdesk(*words, **elsewhere)).json == told(helpdesk(*words)).json, words
    assert [
        row["ref"] for row in helpdesk("ticket", "list", "zebra", "--as", edgar.email, "--json", **elsewhere).json
    ] == [busy_desk]
    number = int(busy_desk.removeprefix("R-"))
    told(helpdesk("ticket", "new", "--as", OLGA, "--subject", "Numbers go on", **elsewhere))
    assert f"R-{number + 1}" in helpdesk("ticket", "list", "--as", OLGA, **elsewhere).out
    doctor = helpdesk("doctor", "--json", **elsewhere).json["checks"]
    assert "muted" in [check["name"] for check in doctor]
    told(helpdesk("restore", "--live", **elsewhere))
    assert "muted" not in [check["name"] for check in helpdesk("doctor", "--json", **elsewhere).json["checks"]]


def test_live_wakes_the_copy_at_once(
    app: Flask, helpdesk: Helpdesk, busy_desk: str, elsewhere: dict[str, str], tmp_path: Path
) -> None:
    with app.app_context(), writing():
        stored.put(sweeping.OWNER, "the desk that was backed up")
    told(helpdesk("backup", str(tmp_path / "desk.tar.gz")))
    told(helpdesk("restore", "--live", str(tmp_path / "desk.tar.gz"), **elsewhere))
    checks = helpdesk("doctor", "--json", **elsewhere).json["checks"]
    assert "muted" not in [check["name"] for check in checks]
    with app.app_context():
        assert stored.get("muted") is None, "the desk that was backed up is what it was"
    engine = create_engine(elsewhere["HELPDESK_DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as copy:
        names = copy.execute(text("select name from settings")).scalars().all()
    engine.dispose()
    assert sweeping.OWNER not in names, "the files of the desk it was made from are not the copy's to sweep"


def test_a_desk_is_never_written_over(helpdesk: Helpdesk, busy_desk: str, tmp_path: Path) -> None:
    told(helpdesk("backup", str(tmp_path / "desk.tar")))
    refused = helpdesk("restore", str(tmp_path / "desk.tar"))
    assert (refused.code, refused.err) == (
        3,
        "There is a desk here already, with 2 tickets. Restore where there is none.\n",
    )


def test_a_restore_that_was_cut_off_is_simply_run_again(
    helpdesk: Helpdesk, busy_desk: str, elsewhere: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fault 31: after its rows came, and before its search, key and workflow."""
    path = str(tmp_path / "desk.tar")
    told(helpdesk("backup", path))
    with monkeypatch.context() as cut_off:
        cut_off.setattr("helpdesk.backups.restore._put_workflow", lambda *_: exit(9))
        assert helpdesk("restore", path, **elsewhere).code == 9
    assert not Path(elsewhere["HELPDESK_WORKFLOWS"]).exists()
    assert told(helpdesk("restore", path, **elsewhere)).out.startswith("Restored 2 tickets and 1 file.\n")
    assert Path(elsewhere["HELPDESK_WORKFLOWS"]).exists()
    assert helpdesk("restore", path, **elsewhere).code == 3, "now there is a desk"


def test_a_desk_that_went_on_after_a_restore_was_cut_off_is_not_written_over(
    helpdesk: Helpdesk, busy_desk: str, elsewhere: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(tmp_path / "desk.tar")
    told(helpdesk("backup", path))
    with monkeypatch.context() as cut_off:
        cut_off.setattr("helpdesk.backups.restore._put_enclosures", lambda *_: exit(9))
        assert helpdesk("restore", path, **elsewhere).code == 9
    told(helpdesk("ticket", "new", "--as", OLGA, "--subject", "Life goes on", **elsewhere))
    assert helpdesk("restore", path, **elsewhere).code == 3


def test_a_backup_under_way_holds_one_moment(
    app: Flask, helpdesk: Helpdesk, olga: Character, elsewhere: dict[str, str], tmp_path: Path
) -> None:
    """Fault 31: while others write, what is in the backup fits together."""
    olga.writes("The first")
    stop, wrote = threading.Event(), []

    def writes_on() -> None:
        while not stop.is_set():
            wrote.append(olga.writes("One more"))

    writer = threading.Thread(target=writes_on)
    writer.start()
    try:
        for number in range(3):
            told(helpdesk("backup", str(tmp_path / f"{number}.tar")))
    finally:
        stop.set()
        writer.join()
    assert wrote
    told(helpdesk("restore", str(tmp_path / "2.tar"), **elsewhere))
    rows = helpdesk("ticket", "list", "--as", OLGA, "--limit", "10000", "--json", **elsewhere).json
    with tarfile.open(tmp_path / "2.tar") as tar:
        manifest = json.load(tar.extractfile("manifest.json"))  # type: ignore[arg-type]
    assert len(rows) == manifest["tickets"]
    for row in rows[:3]:
        seen = helpdesk("ticket", "show", row["ref"], "--as", OLGA, "--json", **elsewhere).json
        assert len(seen["messages"]) == 1


def test_a_missing_file_is_told_and_the_rest_is_saved(
    helpdesk: Helpdesk, busy_desk: str, settings: Settings, tmp_path: Path
) -> None:
    """Fault 36."""
    for file in (Path(settings.var) / "files").rglob("*"):
        if file.is_file():
            file.unlink()
    said = helpdesk("backup", str(tmp_path / "desk.tar"))
    assert said.code == 1
    assert "the store lacks 1 file: " in said.err
    assert (tmp_path / "desk.tar").exists()


def test_a_damaged_or_foreign_file_changes_nothing(
    helpdesk: Helpdesk, busy_desk: str, elsewhere: dict[str, str], tmp_path: Path
) -> None:
    whole = tmp_path / "desk.tar"
    told(helpdesk("backup", str(whole)))
    raw = whole.read_bytes()
    half, altered, foreign = tmp_path / "half.tar", tmp_path / "altered.tar", tmp_path / "foreign.tar"
    half.write_bytes(raw[: len(raw) // 2])
    altered.write_bytes(raw.replace(b"\x89PNG", b"\x89GNP"))
    foreign.write_bytes(b"no tar at all")
    for path in (half, altered, foreign):
        said = helpdesk("restore", str(path), **elsewhere)
        assert said.code == 1, path
        assert "backup" in said.err
        assert helpdesk("ticket", "list", "--as", OLGA, **elsewhere).code in (1, 4)


def test_a_backup_cannot_choose_where_it_is_unpacked(
    helpdesk: Helpdesk, busy_desk: str, elsewhere: dict[str, str], tmp_path: Path
) -> None:
    """Attack 17, by way of a tar: names that lead outside, links and odd names are passed over."""
    whole, hostile = tmp_path / "desk.tar", tmp_path / "hostile.tar"
    told(helpdesk("backup", str(whole)))
    with tarfile.open(whole) as tar, tarfile.open(hostile, "w") as out:
        for member in tar:
            out.addfile(member, tar.extractfile(member))
        for name in (
            "../escaped",
            "/tmp/escaped-absolutely",
            "files/../../escaped",
            "workflow/../escaped.yaml",
            "workflow/x.py",
        ):
            told_of = tarfile.TarInfo(name)
            told_of.size = 3
            out.addfile(told_of, io.BytesIO(b"bad"))
        link = tarfile.TarInfo("files/" + "a" * 64)
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        out.addfile(link)
    told(helpdesk("restore", str(hostile), **elsewhere))
    assert not [path for path in tmp_path.rglob("*") if "escaped" in path.name or path.suffix == ".py"]


def test_an_older_backup_is_brought_up_to_date_and_a_newer_one_refused(
    helpdesk: Helpdesk, busy_desk: str, elsewhere: dict[str, str], tmp_path: Path
) -> None:
    told(helpdesk("backup", str(tmp_path / "desk.tar")))
    with tarfile.open(tmp_path / "desk.tar") as tar, tarfile.open(tmp_path / "newer.tar", "w") as out:
        for member in tar:
            content = tar.extractfile(member).read()  # type: ignore[union-attr]
            if member.name == "database.sqlite3":
                content = as_of(content, "9999", tmp_path)
            member.size = len(content)
            out.addfile(member, io.BytesIO(content))
    said = helpdesk("restore", str(tmp_path / "newer.tar"), **elsewhere)
    assert (said.code, said.err) == (1, "The backup is of a newer version of the program. Install that one.\n")


def test_counts_are_the_same_to_the_row(
    app: Flask, helpdesk: Helpdesk, busy_desk: str, settings: Settings, tmp_path: Path
) -> None:
    told(helpdesk("backup", str(tmp_path / "desk.tar")))
    with tarfile.open(tmp_path / "desk.tar") as tar:
        (tmp_path / "taken").write_bytes(tar.extractfile("database.sqlite3").read())  # type: ignore[union-attr]
    taken = sqlite3.connect(tmp_path / "taken")
    with app.app_context():
        for model in (Ticket, Message, Event, Delivery):
            ours = session().query(model).count()
            assert taken.execute(f"select count(*) from {model.__tablename__}").fetchone()[0] == ours
    taken.close()
    assert environment(settings)["HELPDESK_SECRET_KEY"] not in (tmp_path / "desk.tar").read_bytes().decode("latin-1")


def as_of(database: bytes, version: str, folder: Path) -> bytes:
    path = folder / "as-of.sqlite3"
    path.write_bytes(database)
    changed = sqlite3.connect(path)
    changed.execute("update alembic_version set version_num = ?", (version,))
    changed.commit()
    changed.close()
    return path.read_bytes()
