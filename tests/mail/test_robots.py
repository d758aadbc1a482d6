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
        {"subject": "Out of office printers"},
        {"subject": "Auto-Reply does not work in your product"},
        {"subject": "Automatic replies do not work"},
        {"subject": "Autosvar fungerar inte"},
        {"subject": "Poissaolo järjestelmä ei toimi"},
        {"subject": "On holiday I lost my card"},
        {"subject": "Olga is out of the office and I need help"},
        {"subject": "Ausencia de factura"},
        {"subject": "外出先からログインできない"},
        {"subject": "不在の荷物"},
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
        {"subject": "【自動返信】お問い合わせ"},
        {"subject": "Frånvarande: skrivare"},
        {"subject": "Odpowiedź automatyczna: drukarka"},
        {"subject": "Odpověď v nepřítomnosti: tiskárna"},
        {"subject": "Автовідповідь: принтер"},
        {"subject": "İşyeri Dışında: yazıcı"},
        {"subject": "پاسخ خودکار: چاپگر"},
        {"subject": "ตอบกลับอัตโนมัติ: เครื่องพิมพ์"},
        {"subject": "Réponse d'absence : imprimante"},
        {"subject": "AUTO: Olga Tamm is out of the office (returning 01.03.2024)"},
        {"subject": "Olga Tamm is out of the office."},
        {"subject": "Olga Tamm ist außer Haus."},
        {"subject": "I am out of the office until Monday"},
        {"subject": "Re: Printer (Auto reply)"},
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
        ("Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@mx.example>", "Onbestelbaar: Printer"),
        ("Notes_Router@mx.example", "DELIVERY FAILURE: User bob not listed in Domino Directory"),
        ("mail-daemon@mx.example", "Mail System Error - Returned Mail"),
        ("MailMarshal <Admin@mx.example>", "Undeliverable Mail: Printer"),
    ],
)
def test_bounces_of_no_standard_are_bounces(sender: str, subject: str) -> None:
    assert parse(letter(FAILED, from_=sender, subject=subject)).auto == "bounce"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Сбой доставки: принтер", "Сбой доставки следующим получателям или группам"),
        ("Ei voi toimittaa: tulostin", "Viestiä ei ole voitu lähettää"),
        ("Kan ikke levere: skriver", "Meldingen kom ikke frem"),
        ("Não é possível entregar: impressora", "O destinatário não existe"),
        ("VIRUS (X) IN MAIL FROM YOU", "Our internal reference code for your message is 42"),
        ("[BOUNCE]", "Hi. This is the James mail server at mx.example."),
    ],
)
def test_the_subject_of_a_bounce_is_known_where_the_text_is_not(subject: str, text: str) -> None:
    assert parse(letter(text, from_="postmaster@mx.example", subject=subject)).auto == "bounce"


TRANSCRIPT = (
    "   ----- Transcript of session follows -----\r\n... while talking to mx.client.example:\r\n"
    ">>> RCPT To:<bob@client.example>\r\n<<< 550 5.1.1 User unknown"
)


def test_a_report_that_comes_from_nobodys_address_is_told_by_how_it_begins() -> None:
    """Somebody who asks about one has a word of their own above it."""
    heads = {"from_": "root@mx.client.example", "subject": "Returned mail: see transcript for details"}
    assert parse(letter(TRANSCRIPT, **heads)).auto == "bounce"
    assert parse(letter(f"What does this mean?\r\n\r\n{TRANSCRIPT}", **heads)).auto == "none"
    assert parse(letter(TRANSCRIPT, subject="Question about our mail server")).auto == "none"


def test_a_report_written_for_a_program_is_a_bounce() -> None:
    data = '{"notificationType":"Bounce","bounce":{"bouncedRecipients":[{"emailAddress":"bob@client.example"}]}}'
    assert parse(letter(data, from_="no-reply@sns.cloud.example", subject="Notification Message")).auto == "bounce"
    assert parse(letter(f"We get this: {data}", subject="Notification Message")).auto == "none"


ABOUT = "complaint about message from 192.0.2.7"


def test_complaints_of_providers_are_known_in_whatever_form_they_come() -> None:
    """The mail complained about and where it came from is all that some send; a person says something."""
    fields = part("text/plain", "Feedback-Type: abuse\r\nUser-Agent: Reports/1.0\r\nVersion: 1")
    bare = mail_of(multipart("mixed", part("message/rfc822", letter())), subject=ABOUT)
    told = mail_of(multipart("mixed", fields, part("message/rfc822", letter())), subject="Earn money")
    for raw in (bare, told):
        assert (parse(raw).auto, parse(raw).robot) == ("auto-reply", "complaint")
    written = multipart("mixed", part("text/plain", "Please stop this."), part("message/rfc822", letter()))
    assert parse(mail_of(written, subject=ABOUT)).robot == ""
    assert parse(letter("Feedback-Type: abuse? What is that?", subject="Your report")).robot == ""


def test_mail_of_lists_is_known() -> None:
    assert parse(letter(list_id="Users <users.lists.example>")).auto == "list"
    assert parse(letter(precedence="bulk")).auto == "list"


def test_our_own_mail_come_back_is_a_loop() -> None:
    """Attack 35: with our mark known, only our mark counts; somebody else's desk is a robot by its other headers."""
    raw = letter(x_helpdesk_loop="desk-1")
    assert parse(raw).auto == "loop"
    assert parse(raw, loop_marks=frozenset({"desk-1"})).auto == "loop"
    assert parse(raw, loop_marks=frozenset({"desk-2"})).auto == "none"
