"""Unique strings in every secret place, whole journeys through every door, and then a search of every byte that left:
none may be where its reader must not have it (attacks 40, 41, 43 to 47, 48, 55, 73).

One test, because the leaks that others missed are those nobody thought of. `SEEN_BY` proves that the search sees.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from config import Settings
from helpdesk.cli import root
from helpdesk.db import session, writing
from helpdesk.people import find, second_factor
from helpdesk.tickets.models import Ticket
from helpdesk.tickets.rich import Upload
from helpdesk.web import letters
from tests.cast import Character, hire
from tests.cli.conftest import environment
from tests.conftest import DESK
from tests.crawling import reached
from tests.house.rows import everything
from tests.plugins.post import Post, letter
from tests.program import Program
from tests.servers.mail_sink import Received, running_mail_sink
from tests.visitor import Visitor, give_password, mailed_link

OLGA, MALLORY, ANN, BORIS = "olga@example.org", "mallory@evil.example", "ann@acme.example", "boris@acme.example"
EDGAR, KADRI, ADMIN, VENDOR = "edgar@acme.example", "kadri@acme.example", "admin@acme.example", "vendor@parts.example"
PASSWORD, SMTP_PASSWORD, KEY = "canarypasswordofann", "canarysmtppassword", "canarysigningkey of the desk, long enough"

# What may be read by whom; anybody else must not come across it.
SEEN_BY = {
    "canarynote": {ANN, BORIS, EDGAR},
    "canarynotefile": {ANN, BORIS, EDGAR},
    "canaryfield": {ANN, BORIS, EDGAR},
    "canaryforward": {ANN, BORIS, EDGAR},
    "canaryvendor": {ANN, BORIS, EDGAR},
    "canaryrequest": {OLGA, ANN, BORIS, EDGAR},
    "canaryrequestfile": {OLGA, ANN, BORIS, EDGAR},
    "canaryreply": {OLGA, ANN, BORIS, EDGAR},
    "canaryforeign": {MALLORY, ANN, BORIS},
    "canaryforeignfile": {MALLORY, ANN, BORIS},
    "canarybill": {OLGA, KADRI, BORIS},
    "canarytrash": {BORIS},  # hidden from its customer, too
}
NUMBERS = range(1001, 1007)  # of the tickets, those that come by themselves among them
SECRETS = {"the password": PASSWORD, "the SMTP password": SMTP_PASSWORD, "the signing key": KEY}


@dataclass
class Seen:
    """What each reader got, by where."""

    by: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    read: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    def add(self, who: str, where: str, content: str | bytes) -> None:
        text = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
        self.by[who][where] = f"{self.by[who].get(where, '')}\n{text}"

    def places(self, canary: str) -> dict[str, list[str]]:
        """Who has it and where: as it is, escaped, quoted or in base64."""
        found: dict[str, list[str]] = defaultdict(list)
        for who, places in self.by.items():
            found[who] += [where for where in places if _has(self._readable(who, where), canary)]
        return {who: where for who, where in found.items() if where}

    def _readable(self, who: str, where: str) -> tuple[str, str]:
        """What was got there: as it is, and in small letters with what was escaped or quoted in the clear."""
        text = self.by[who][where]
        if (who, where) not in self.read or self.read[who, where][0] is not text:
            clear = unescape(unquote(text))
            self.read[who, where] = (text, f"{text}\n{clear}".lower())
        return self.read[who, where]


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """The tests' desk, with a field of free text that only staff fill in."""
    file = tmp_path / "desk.yaml"
    file.write_text(
        DESK.read_text().replace(r", pattern: '[A-Z]{2}\d{6}'", "").replace(", serial, subject", ", subject")
    )
    return replace(settings, secret_key=KEY, workflows=str(file))


@pytest.fixture
def post(app: Flask) -> Iterator[Post]:
    """A mail server that asks for a password."""
    with running_mail_sink(password=("desk", SMTP_PASSWORD)) as sink:
        url = f"smtp+insecure://desk:{SMTP_PASSWORD}@{sink.host}:{sink.port}"
        app.config["HELPDESK"] = replace(app.config["HELPDESK"], smtp_url=url)
        yield Post(app, sink)


@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the tests' server takes a password without TLS
def test_no_canary_is_where_it_must_not_be(
    app: Flask, settings: Settings, post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.WARNING, "sqlalchemy")
    caplog.set_level(logging.DEBUG, "helpdesk")
    staff(app)
    secrets = SECRETS | keep_secrets(app, post)
    live(app, post)
    seen = Seen()
    with app.app_context():
        assert set(session().scalars(select(Ticket.id))) <= set(NUMBERS)
    browse(app, seen)
    secrets |= ask_the_api(app, seen)
    ask_the_command_line(settings, seen)
    for mail in post.sink.received:
        seen.add(mail.recipients[0], f"mail “{mail.message['Subject']}”", _decoded(mail))
    fail_to_send(app, post)
    seen.add("the log", "log", caplog.text)
    seen.add("the database", "rows", repr(everything(app)))
    wrong = []
    for canary, readers in SEEN_BY.items():
        places = seen.places(canary)
        wrong += [f"{who} has {canary}: {places[who][:4]}" for who in places.keys() - readers - {"the database"}]
        wrong += [f"The search is blind: {who} should have seen {canary}" for who in readers - places.keys()]
    for name, secret in secrets.items():
        owner = {OLGA} if "Olga" in name else {ANN} if "Ann" in name else set()
        allowed = {"the database"} if name.startswith(("hash", "seed")) else owner
        wrong += [f"{who} has {name}: {where[:4]}" for who, where in seen.places(secret).items() if who not in allowed]
    ann = seen.places(ANN)
    wrong += [f"{who} has Ann's address: {ann[who][:4]}" for who in ann.keys() & {OLGA, MALLORY, "nobody"}]
    assert not wrong, "\n".join(wrong)


def staff(app: Flask) -> None:
    hire(app, ANN, "Ann", groups=["front"])
    hire(app, BORIS, "Boris", roles=["manager"])
    hire(app, EDGAR, "Edgar", groups=["workshop"])
    hire(app, KADRI, "Kadri", roles=["accountant"])
    hire(app, ADMIN, "Ada", admin=True)
    hire(app, MALLORY, "Mallory")


def keep_secrets(app: Flask, post: Post) -> dict[str, str]:
    """A password, its hash, the seed of a second step, its secret, and links that work once."""
    post.case(letter(OLGA, subject="First"))
    give_password(app, ANN, PASSWORD)
    with app.app_context(), writing():
        boris = find.by_email(BORIS)
        assert boris is not None
        boris.totp_secret = second_factor.new_seed()
    with app.test_request_context():
        letters.ask("sign_in", OLGA)
        letters.ask("reset", ANN)
    link, reset = (mailed_link(app, address) for address in (OLGA, ANN))
    post.turn()
    with app.app_context():
        ann, boris = find.by_email(ANN), find.by_email(BORIS)
        assert ann is not None
        assert boris is not None
        assert ann.password_hash
        assert boris.totp_secret
        return {
            "hash of Ann's password": ann.password_hash,
            "seed of Boris's second step": boris.totp_secret,
            "secret of Boris's second step": second_factor.secret_of(boris.totp_secret),
            "link of Olga": link.rpartition("/")[2],
            "reset of Ann": reset.rpartition("/")[2],
        }


def live(app: Flask, post: Post) -> None:
    """Three tickets of Olga's and one of Mallory's go through everything the file offers."""
    ann, edgar = Character(app, ANN), Character(app, EDGAR)
    mail = letter(OLGA, "It is canaryrequest.", subject="Printer", message_id="<one@example.org>")
    mail.add_attachment(b"canaryrequestfile", maintype="text", subtype="plain", filename="plan.txt")
    case = post.case(mail)
    foreign = letter("Canaryforeign <mallory@evil.example>", "canaryforeign", subject="canaryforeign")
    foreign.add_attachment(b"canaryforeignfile", maintype="text", subtype="plain", filename="plan.txt")
    post.case(foreign)
    with app.app_context():
        note = Upload.keep(b"canarynotefile", filename="canarynotefile.txt", content_type="text/plain")
    ann.performs("comment", case, text="canarynote", files=[note])
    ann.performs("details", case, kind="technical", serial="canaryfield")
    ann.performs("forward", case, text="canaryforward")
    post.turn()
    edgar.performs("return_to_front", case, text="canaryforward again")
    ann.performs("reply", case, text="canaryreply")
    post.turn()
    ours = post.to(OLGA)[-1].message
    post.case(letter(VENDOR, "canaryvendor", subject="Re: Printer", answers=ours))
    post.case(letter(OLGA, "The third floor.", subject="Re: Printer", answers=ours))
    ann.performs("reply", case, text="canaryreply")
    ann.performs("close", case, kind="technical")
    bill = post.case(letter(OLGA, "canarybill", subject="Scanner"))
    ann.performs("quote", bill, price="10")
    trash = post.case(letter(OLGA, "canarytrash", subject="Offer"))
    ann.performs("spam", trash)
    Character(app, KADRI).performs("remind", bill)
    post.turn()


def browse(app: Flask, seen: Seen) -> None:
    """Everybody looks at all they can reach, searches for what they must not find, and tries others' addresses."""
    tickets = [f"{room}/{number}" for room in ("/desk/tickets", "/my/requests") for number in NUMBERS]
    papers = ["/desk/tickets.csv?filter=all", *(f"{ticket}/print" for ticket in tickets)]
    children = [f"/my/requests/{n}/files/{m}" for n in NUMBERS for m in range(1, 6)]
    searches = [f"/desk/search?q={canary[:-1]}" for canary in SEEN_BY]  # cut short: the page repeats what was asked
    for number, who in enumerate(("nobody", OLGA, MALLORY, ANN, BORIS, EDGAR, KADRI, ADMIN)):
        browser = Visitor(app, ip=f"203.0.113.{number}")
        if who != "nobody":
            browser.is_let_in(who, "cabinet" if who in (OLGA, MALLORY) else "desk")
        for path, answers in reached(browser, *tickets, *papers, *children, *searches, most=400).items():
            for answer in answers:
                text = answer.text if answer.mimetype.startswith("text/") else answer.data.decode("utf-8", "replace")
                seen.add(who, path, f"{answer.headers}\n{text}")
        for path in (
            "/my/sign-in",
            "/account/sign-in",
            "/account/forgotten",
            "/forms/contact",
            f"/my/requests/{NUMBERS[1]}/do/reply",
        ):
            answer = browser.sends(path, email="x@example.org", subject="", message="")
            seen.add(who, f"POST {path}", f"{answer.headers}\n{answer.text}")


def ask_the_api(app: Flask, seen: Seen) -> dict[str, str]:
    """Everybody's program looks at all there is, and is refused in every way; gives the tokens and their hashes."""
    secrets: dict[str, str] = {}
    for number, who in enumerate((OLGA, MALLORY, ANN, BORIS, EDGAR, KADRI, ADMIN)):
        program = Program(app, who, ip=f"198.51.100.{number}")
        secrets[f"token {number}"] = program.token
        secrets[f"hash of token {number}"] = hashlib.sha256(program.token.encode()).hexdigest()
        paths = ["/tickets", *(f"/tickets?query={canary[:-1]}" for canary in SEEN_BY)]
        paths += [f"/tickets/{n}{under}" for n in NUMBERS for under in ("", "/actions")]
        paths += [f"/tickets/{n}/attachments/{m}" for n in NUMBERS for m in range(1, 6)]
        paths += ["/tickets?order=x", "/nothing", f"/tickets?token={program.token}"]
        for path in paths:
            answer = program.gets(path)
            seen.add(who, f"API {path}", f"{answer.headers}\n{answer.data.decode('utf-8', 'replace')}")
        for n in NUMBERS:
            for body in ({"values": {"x": "y"}}, {"seen": 0, "values": {"message": "x"}}):
                answer = program.posts(f"/tickets/{n}/actions/reply", body)
                seen.add(who, f"API POST /tickets/{n}", f"{answer.headers}\n{answer.text}")
    return secrets


def ask_the_command_line(settings: Settings, seen: Seen) -> None:
    commands = [["list"], ["list", "--json"], ["list", "canarynote"]]
    commands += [["show", str(number), *more] for number in NUMBERS for more in ([], ["--json"])]
    for who in (OLGA, MALLORY, KADRI, ADMIN, ANN):
        for words in commands:
            seen.add(who, f"helpdesk ticket {' '.join(words)}", _ran(settings, "ticket", *words, "--as", who))
    for words in (
        ["doctor"],
        ["doctor", "--json"],
        ["user", "list"],
        ["user", "list", "--json"],
        ["mail", "quarantine"],
        ["token", "list"],
        ["token", "list", "--json"],
    ):
        seen.add("the operator", f"helpdesk {' '.join(words)}", _ran(settings, *words))


def fail_to_send(app: Flask, post: Post) -> None:
    """A mail server that lets nobody in, for what stands in the errors and in the log."""
    good = app.config["HELPDESK"]
    for url in (good.smtp_url.replace("canarysmtp", "wrong-canarysmtp"), f"smtps://desk:{SMTP_PASSWORD}@127.0.0.1:1"):
        app.config["HELPDESK"] = replace(good, smtp_url=url)
        Character(app, OLGA).writes("Once more", "canarybill")
        post.turn()
    browser = Visitor(app).is_let_in(ADMIN)
    for path in ("/admin/outbox", "/admin/sources"):
        assert SMTP_PASSWORD not in browser.opens(path).text


def _ran(settings: Settings, *words: str) -> str:
    done = CliRunner().invoke(root, words, env=environment(settings), prog_name="helpdesk")
    return f"{done.stdout}\n{done.stderr}"


def _has(readable: tuple[str, str], canary: str) -> bool:
    """Whole words only, so that one canary may begin as another does."""
    text, clear = readable
    coded = base64.b64encode(canary.encode()).decode()[: len(canary) * 4 // 3 - 2]
    if canary.lower() not in clear:
        return coded in text
    spelled = re.compile(rf"(?<![a-z]){re.escape(canary.lower())}(?![a-z])")
    return bool(spelled.search(clear) or coded in text)


def _decoded(mail: Received) -> str:
    """The mail as it went, with its parts readable."""
    parts = [part.get_payload(decode=True) for part in mail.message.walk() if not part.is_multipart()]
    texts = [part.decode("utf-8", "replace") for part in parts if isinstance(part, bytes)]
    return "\n".join([mail.raw.decode("utf-8", "replace"), *map(str, mail.message.items()), *texts])
