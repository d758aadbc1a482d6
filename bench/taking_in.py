"""Mail intake: a backlog is kept, then each mail is read in the child and received as a ticket; beside the barest
program that parses a mail and inserts it, with as many flushes to the disk.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.engine import make_url

from bench.desks import Desk
from bench.figures import Figure
from bench.words import Words
from helpdesk import files, jobs
from helpdesk.channels.email import store
from helpdesk.channels.email.read import read_mail

MAILS, WARM_UPS, RUNS = 150, 50, 3  # fewer than the automatic mails that may leave in an hour
FILE_FLUSHES, COMMITS = 2, 3  # the file and its folder; the mail kept, its job leased, the ticket written
AT_LEAST = 0.25


def measure(desk: Desk, folder: Path, *, mails: int = MAILS) -> list[Figure]:
    """Mails a second, ours and the reference's, in three runs that take turns."""
    app, words = desk.app(), Words(7).anew()
    ours, bare = [], []
    with app.app_context():
        know_all_folders()
        taken_in([new_mail(words) for _ in range(WARM_UPS)])
        for _ in range(RUNS):
            given = [new_mail(words) for _ in range(mails)]
            bare.append(mails / _bare(given, desk.settings.database, folder))
            ours.append(mails / taken_in(given))
    what = f"mail intake ({FILE_FLUSHES + COMMITS} flushes each)"
    return [
        Figure(
            what,
            f"{desk.kind}, {desk.tickets:,} tickets",
            ours,
            bare,
            unit="mails/s",
            goal=AT_LEAST,
            more_is_better=True,
        )
    ]


def know_all_folders() -> None:
    """Store something in each folder of files, as a process that works for a while has done: it flushes the folder
    above at the first file that it puts into each.
    """
    unknown = {f"{number:02x}" for number in range(256)}
    while unknown:
        unknown.discard(files.store(secrets.token_bytes(8)).sha256[:2])


def taken_in(mails: list[bytes]) -> float:
    """Keep these mails and read them all; how many seconds that took."""
    begun = time.perf_counter()
    keep_all(mails)
    read_all()
    return time.perf_counter() - begun


def keep_all(mails: list[bytes]) -> None:
    """Store them, as the SMTP door does."""
    for raw in mails:
        store.keep(raw, source="support_mail", envelope_from="", envelope_to=["support@localhost"])


def read_all(*, most: int | None = None) -> None:
    """Read what waits, as a worker does; at most so many."""
    worker, read = f"bench:{os.getpid()}", 0
    while (most is None or read < most) and (claimed := jobs.claim(worker, ["read_mail"])):
        read_mail(*claimed)
        read += 1


def _bare(mails: list[bytes], database: str, folder: Path) -> float:
    """Parse with the standard library and insert with the bare driver: no rules, no ticket, no history."""
    connection = _connection(database, folder)
    begun = time.perf_counter()
    for raw in mails:
        _flushed_file(folder / secrets.token_hex(16), raw)
        mail = message_from_bytes(raw, policy=policy.default)
        body = mail.get_body(("plain",))
        text = body.get_content() if body else ""
        row = (str(mail["From"]), str(mail["Subject"]), text)
        connection.execute(INSERT[type(connection)], row)
        connection.commit()
        for state in ("leased", "done")[: COMMITS - 1]:
            connection.execute(UPDATE[type(connection)], (state,))
            connection.commit()
    took = time.perf_counter() - begun
    connection.execute("DROP TABLE bare_mail")
    connection.commit()
    connection.close()
    return took


INSERT: dict[Any, str] = {
    sqlite3.Connection: "INSERT INTO bare_mail (sender, subject, body) VALUES (?, ?, ?)",
    psycopg.Connection: "INSERT INTO bare_mail (sender, subject, body) VALUES (%s, %s, %s)",
}
UPDATE: dict[Any, str] = {
    sqlite3.Connection: "UPDATE bare_mail SET state = ? WHERE id = (SELECT max(id) FROM bare_mail)",
    psycopg.Connection: "UPDATE bare_mail SET state = %s WHERE id = (SELECT max(id) FROM bare_mail)",
}


def _connection(database: str, folder: Path) -> Any:
    address = make_url(database)
    if address.get_backend_name() == "sqlite":
        connection: Any = sqlite3.connect(folder / "bare.sqlite3")
        connection.execute("pragma journal_mode=wal")
        connection.execute("pragma synchronous=full")
        key = "id integer primary key"
    else:
        connection = psycopg.connect(address.set(drivername="postgresql").render_as_string(hide_password=False))
        key = "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
    connection.execute("DROP TABLE IF EXISTS bare_mail")
    connection.execute(f"CREATE TABLE bare_mail ({key}, sender text, subject text, body text, state text)")
    connection.commit()
    return connection


def _flushed_file(path: Path, raw: bytes) -> None:
    with path.open("wb") as out:
        out.write(raw)
        out.flush()
        os.fsync(out.fileno())
    handle = os.open(path.parent, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def new_mail(words: Words) -> bytes:
    """A mail from somebody who never wrote."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = f"Somebody New <n{secrets.token_hex(6)}@mail.example>"
    mail["To"], mail["Subject"] = "support@localhost", words.subject().text
    mail["Message-ID"] = f"<{secrets.token_hex(12)}@mail.example>"
    mail.set_content("\n\n".join(words.message().text for _ in range(3)))
    mail.add_alternative(f"<p>{words.message().text}</p><p>{words.message().text}</p>", subtype="html")
    return mail.as_bytes()
