"""Hostile mail, subjects, names, file names, values and notes, opened in a real browser by staff, by a customer, and in
the mails we send: nothing runs, nothing is fetched from elsewhere, nothing is computed (attacks 1-3, 8-10, 14, 82).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from email.header import Header
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Dialog, Page

from config import Settings
from helpdesk import intake
from helpdesk.tickets.rich import Rich, Upload
from helpdesk.workflows import revisions
from tests.browser.payloads import corpus
from tests.cast import Case, Character, hire
from tests.conftest import DESK
from tests.plugins.post import Post, letter
from tests.servers.browser import OpenPage
from tests.servers.http_sink import HttpSink
from tests.servers.process import wait_until
from tests.servers.serving import served
from tests.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is shown is the same on both

TALL = {"width": 1200, "height": 9000}  # so that every frame of a long story is in sight and loads
MESSAGES = 24  # of one ticket
READER = "/read"  # the address of the mail program
ON_THEIR_WAY = """() => [...document.querySelectorAll("iframe")]
  .map((frame) => frame.contentDocument)
  .filter((within) => within && (within.URL === "about:blank" || within.readyState !== "complete")).length"""


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """The tests' desk, with a field that takes any text."""
    file = tmp_path / "desk.yaml"
    file.write_text(DESK.read_text().replace(r", pattern: '[A-Z]{2}\d{6}'", ""))
    return replace(settings, workflows=str(file))


@dataclass
class Watched:
    """A page on which nothing may happen by itself."""

    page: Page
    own: str
    sink: HttpSink
    happened: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("dialog", self._dialog)
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.on("console", lambda said: self._complained(said.text))
        self.page.on("popup", lambda popup: self.happened.append(f"a window opened: {popup.url}"))

    def opens(self, path: str) -> None:
        """Open it, let it load, look for what was computed; then once more as it would be printed."""
        self.page.goto(self.own + path, wait_until="load")
        wait_until(lambda: not self.page.evaluate(ON_THEIR_WAY), what=f"the frames of {path}")
        self.settles(path)
        self.page.emulate_media(media="print")
        self.settles(path)
        self.page.emulate_media(media="screen")

    def reads(self, document: str, name: str) -> None:
        """A mail of ours in somebody's mail program."""
        self.sink.documents[READER] = document
        self.page.goto(self.sink.origin + READER, wait_until="load")
        self.settles(name)

    def settles(self, name: str) -> None:
        """Nothing has happened by now. Asked at each page: one on which something did may never come to rest."""
        assert self.happened == [], name
        for frame in self.page.frames:
            if re.search(r"q\s*49\s*z", frame.content()):
                self.happened.append(f"{name}: something was computed")
        if not self.page.url.startswith((self.own, self.sink.origin + READER)):
            self.happened.append(f"{name}: led away to {self.page.url}")

    def _dialog(self, dialog: Dialog) -> None:
        self.happened.append(f"{self.page.url}: a dialog said {dialog.message}")
        dialog.dismiss()

    def _complained(self, said: str) -> None:
        if "Content Security Policy" in said:
            self.happened.append(f"{self.page.url}: {said}")

    def _asked(self, url: str) -> None:
        if not url.startswith((self.own, self.sink.origin + READER, "data:", "about:", "blob:")):
            self.happened.append(f"{self.page.url}: asked for {url}")


def sign_in(app: Flask, page: Page, own: str, email: str, audience: str) -> None:
    browser = Visitor(app).is_let_in(email, audience)  # type: ignore[arg-type]
    cookie = browser.client.get_cookie("session")
    assert cookie is not None
    page.context.add_cookies([{"name": "session", "value": cookie.value, "url": own}])


@pytest.fixture
def mallory_wrote(app: Flask, post: Post, ann: Character, http_sink: HttpSink) -> tuple[list[Case], list[str]]:
    """The whole corpus as messages of Mallory's, and pieces of it in every other place where people can write."""
    payloads = corpus(http_sink.origin)
    assert len(payloads) >= 100
    mallory = Character(app, "mallory@evil.example")
    cases = []
    for start in range(0, len(payloads), MESSAGES):
        part = payloads[start : start + MESSAGES]
        case = mallory.writes(part[0], part[0], name=part[1])
        for number, payload in enumerate(part):
            framed = f"<table><tr><td>{payload}</td></tr></table>" if number % 3 == 0 else payload
            stored_unclean = Rich("Hello", f"<p>Hello</p>{framed}")  # as if by an older, worse program
            body = (Rich(payload), stored_unclean, Rich.from_html(f"<p>Hello</p>{framed}"))[number // 3 % 3]
            mallory.writes("Re", about=case, message=body, files=[_file(app, payload)] if number % 4 == 0 else ())
        cases.append(case)
    for number, payload in enumerate(payloads[::6]):
        mail = letter(f"s{number}@evil.example", payload, subject=payload[:200])
        mail.add_alternative(payload, subtype="html")
        mail.add_attachment(payload.encode(), maintype="text", subtype="html", filename=f"{payload[:80]}.html")
        cases.append(post.case(_named(mail, payload)))
        ann.performs("details", cases[-1], kind="technical", serial=payload)
        ann.performs("comment", cases[-1], message=Rich.from_html(f"Look: {payload}"))
        ann.performs("reply", cases[-1], message=Rich.from_html(f"Hi: {payloads[number * 6 + 1]}"))
    cases += [_by_form(app, payload) for payload in payloads[::20]]
    post.turn()
    return cases, payloads


def test_nothing_of_strangers_runs_fetches_or_is_computed(
    app: Flask,
    post: Post,
    new_page: OpenPage,
    ann: Character,
    http_sink: HttpSink,
    mallory_wrote: tuple[list[Case], list[str]],
) -> None:
    cases, payloads = mallory_wrote
    hire(app, "ada@acme.example", "Ada", roles=["manager"], admin=True)
    with served(app) as own:
        desk, cabinet, mails = (Watched(new_page(viewport=TALL), own, http_sink) for _ in range(3))
        sign_in(app, desk.page, own, "ada@acme.example", "desk")
        for path in (
            "/desk/",
            "/desk/filters/all",
            "/admin/people?view=customers",
            "/admin/outbox",
            "/admin/quarantine",
        ):
            desk.opens(path)
        for payload in payloads[::20]:
            desk.page.goto(f"{own}/desk/")
            desk.page.locator("input[name=q]").first.fill(payload)
            desk.page.locator("input[name=q]").first.press("Enter")
            desk.page.wait_for_load_state("load")
            desk.settles(f"search for {payload}")
        for case in cases:
            desk.opens(f"/desk/tickets/{case.ref}")
        framed = sum(frame.url.endswith("/html") for frame in desk.page.frames)
        desk.opens(f"/desk/tickets/{cases[0].ref}")
        framed += sum(frame.url.endswith("/html") for frame in desk.page.frames)
        assert framed, "no message was shown in its frame"
        for case in cases[-3:]:
            desk.opens(f"/desk/tickets/{case.ref}/do/reply")
        sign_in(app, cabinet.page, own, "mallory@evil.example", "cabinet")
        cabinet.opens("/my/requests")
        for case in cases:
            if case.subject and any(message.author_kind == "customer" for message in case.messages[:1]):
                cabinet.opens(f"/my/requests/{case.ref}")
        for name in ("s0", "s5"):
            sign_in(app, cabinet.page, own, f"{name}@evil.example", "cabinet")
            cabinet.opens("/my/profile")
            cabinet.opens("/my/requests")
            cabinet.page.locator("main a[href^='/my/requests/']").first.click()
            cabinet.page.wait_for_load_state("load")
            cabinet.settles(f"request of {name}")
        for number, sent in enumerate(post.sink.received):
            html = sent.message.get_body(("html",))
            assert html is not None
            mails.reads(html.get_content(), f"mail {number}")
    assert [*desk.happened, *cabinet.happened, *mails.happened] == []
    assert http_sink.asked == [], "attack 14: somebody learned that it was opened"


def test_the_watch_itself_is_awake(app: Flask, new_page: OpenPage, http_sink: HttpSink) -> None:
    """If the page were not watched, the test above would prove nothing."""
    watched = Watched(new_page(), "http://desk.example", http_sink)
    watched.reads("q49z", "computed")
    with pytest.raises(AssertionError, match="computed"):
        watched.reads(f"<img src={http_sink.origin}/x><script>setTimeout(alert, 0, 1)</script>", "trap")
    wait_until(lambda: "/x" in http_sink.asked, what="the picture to be fetched")
    watched.page.evaluate("0")  # until the dialog is over
    told = " ".join(watched.happened)
    assert "asked for" in told
    assert "dialog" in told


def _by_form(app: Flask, payload: str) -> Case:
    entered = {"email": "mallory@evil.example", "serial": payload, "consent": "yes", "subject": payload}
    with app.app_context():
        form = revisions.active().desk.sources["contact_form"]
        sent = {**entered, "message": payload}
        return Case(app, intake.receive(intake.Inbound.entered(form, sent, address=entered["email"])).ticket_id)


def _file(app: Flask, payload: str) -> Upload:
    with app.app_context():
        return Upload.keep(payload.encode(), filename=f"{payload[:100]}.svg", content_type="image/svg+xml")


def _named(mail: EmailMessage, payload: str) -> bytes:
    """The mail with the payload as its sender's name, in encoded words, as a mail program spells it."""
    name = Header(payload.replace("@", " ")[:150], "utf-8").encode().encode()
    return mail.as_bytes().replace(b"From: ", b"From: " + name + b" <", 1).replace(b".example\n", b".example>\n", 1)
