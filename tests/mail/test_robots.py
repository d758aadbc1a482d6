"""People and machines told apart, so that machines are never answered (attack 35)."""

from __future__ import annotations

import pytest

from helpdesk.channels.email.parse import parse
from tests.mail.letters import letter, mail_of, multipart, part

REPORT = (
    "Reporting-MTA: dns; mx.client.example\r\n\r\nFinal-Recipient: rfc822; bob@client.example\r\nAction: failed\r\n"
    "Status: 5.1.1\r\n"
)
FAILED = "Your message could not be delivered.\r\n<bob@client.example>: 550 5.1.1 User unknown"


def report(**headers: str) -> bytes:
    given = {
        "from_": "Mail Delivery System <MAILER-DAEMON@mx.client.example>",
        "subject": "Undelivered Mail Returned to Sender",
        "return_path": "<>",
    }
    body = multipart(
        "report; report-type=delivery-status",
        part("text/plain", FAILED),
        part("message/delivery-status", REPORT),
        part("message/rfc822", letter()),
    )
    return mail_of(body, **(given | headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"subject": "Printer on fire"},
        {"subject": "Re: Out of paper"},
        {"subject": "Delivery of my order failed", "from_": "olga@client.example"},
        {"auto_submitted": "no"},
        {"from_": "Postman Pat <pat@client.example>"},
        {"from_": "noreply@website.example", "reply_to": "olga@client.example"},
        {"return_path": "<olga@client.example>"},
        {"precedence": "normal"},
        {"x_auto_response_suppress": "None"},
    ],
)
def test_a_person_is_a_person(headers: dict[str, str]) -> None:
    assert parse(letter("My parcel was not delivered. Error 550 it says.", **headers)).auto == "none"


@pytest.mark.parametrize(
    "subject", ["Fwd: Undelivered Mail Returned to Sender", "Re: Undelivered Mail", "WG: failure notice"]
)
def test_a_person_who_forwards_a_bounce_is_a_person(subject: str) -> None:
    assert parse(letter(f"What is this?\r\n\r\n{FAILED}", subject=subject)).auto == "none"
    attached = multipart("mixed", part("text/plain", "What is this?"), part("message/rfc822", report()))
    assert parse(mail_of(attached, subject=subject)).auto == "none"


@pytest.mark.parametrize(
    "headers",
    [
        {"auto_submitted": "auto-replied"},
        {"auto_submitted": "auto-generated; x=y"},
        {"x_autoreply": "yes"},
        {"x_auto_response_suppress": "DR, OOF, AutoReply"},
        {"precedence": "auto_reply"},
        {"precedence": "junk"},
        {"return_path": "<>"},
        {"from_": "no-reply@shop.example"},
        {"subject": "Out of Office: Printer"},
        {"subject": "Automatic reply: Printer"},
        {"subject": "Automatische Antwort: Drucker"},
        {"subject": "Réponse automatique : imprimante"},
        {"subject": "Respuesta automática: impresora"},
        {"subject": "Automaatvastus: printer"},
        {"subject": "Автоответ: принтер"},
        {"subject": "自动回复：打印机"},
        {"subject": "自動応答: プリンタ"},
    ],
)
def test_absence_notes_and_notifications_are_automatic(headers: dict[str, str]) -> None:
    """Attack 35; a note with a null return path is no bounce."""
    assert parse(letter("I am away until Monday.", **headers)).auto == "auto-reply"


def test_a_read_receipt_is_automatic() -> None:
    receipt = part("message/disposition-notification", "Disposition: automatic-action; displayed")
    body = multipart("report; report-type=disposition-notification", part("text/plain", "Read."), receipt)
    assert parse(mail_of(body)).auto == "auto-reply"


def test_delivery_reports_are_bounces() -> None:
    assert parse(report()).auto == "bounce"
    assert parse(report(from_="postmaster@client.example", subject="Unzustellbar: Printer")).auto == "bounce"
    assert parse(letter(REPORT, content_type="message/delivery-status", subject="x")).auto == "bounce"


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("MAILER-DAEMON@mx.example", "failure notice"),
        ("Mail Delivery Subsystem <mailer-daemon@mx.example>", "Returned mail: see transcript for details"),
        ("postmaster@mx.example", "Undeliverable: Printer on fire"),
        ("postmaster@mx.example", "Warning: message delayed 24 hours"),
        ("mailer-daemon", "Недоставленное сообщение"),
        ("postmaster@mx.example", "配信不能"),
    ],
)
def test_bounces_of_no_standard_are_bounces(sender: str, subject: str) -> None:
    assert parse(letter(FAILED, from_=sender, subject=subject)).auto == "bounce"


def test_mail_of_lists_is_known() -> None:
    assert parse(letter(list_id="Users <users.lists.example>")).auto == "list"
    assert parse(letter(precedence="bulk")).auto == "list"


def test_our_own_mail_come_back_is_a_loop() -> None:
    """Attack 35: with our mark known, only our mark counts; somebody else's desk is a robot by its other headers."""
    raw = letter(x_helpdesk_loop="desk-1")
    assert parse(raw).auto == "loop"
    assert parse(raw, loop_marks=frozenset({"desk-1"})).auto == "loop"
    assert parse(raw, loop_marks=frozenset({"desk-2"})).auto == "none"
