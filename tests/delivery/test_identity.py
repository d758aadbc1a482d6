"""As whom the desk writes: what the file says of the source a ticket came through."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import parseaddr

from flask import Flask

from helpdesk import intake
from helpdesk.db import session, writing
from helpdesk.tickets.models import Delivery
from tests.cast import Case, Character, hire
from tests.plugins.post import SUPPORT, Post, letter

OLGA = "olga@example.org"


def words(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body([kind])
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_a_reply_goes_out_as_its_source_with_the_agents_name_and_signature(post: Post, ann: Character) -> None:
    case = post.case(letter(OLGA))
    ann.performs("reply", case, text="Which floor?")
    post.turn()
    receipt, reply = (each.message for each in post.to(OLGA))
    assert parseaddr(reply["From"]) == ("Ann, Acme repairs", SUPPORT)
    assert parseaddr(reply["Reply-To"])[1] == SUPPORT
    text = words(reply)
    assert "\n-- \nKind regards\nAnn <acme>\nhttps://acme.example\n" in text
    assert text.index("Which floor?") < text.index("Kind regards") < text.index("ref:t")
    assert "Ann &lt;acme&gt;" in words(reply, "html")
    assert parseaddr(receipt["From"])[0] == "Acme repairs"
    assert "Kind regards" not in words(receipt), "what the desk sends by itself is not signed by anybody"


def test_what_goes_to_the_house_is_not_signed(post: Post, ann: Character, edgar: Character) -> None:
    case = post.case(letter(OLGA))
    ann.performs("forward", case, text="Please look")
    post.turn()
    (notice,) = post.to(edgar.email)
    assert parseaddr(notice.message["From"]) == ("Ann, Acme repairs", SUPPORT)
    assert "Kind regards" not in words(notice.message)


def test_a_form_without_a_mailbox_writes_as_itself(app: Flask, post: Post, ann: Character) -> None:
    """What it leaves out is that of the first mailbox: where answers go, and where bounces do."""
    with app.app_context():
        from helpdesk.tickets.rich import Rich
        from helpdesk.workflows import revisions

        source = revisions.active().desk.sources["contact_form"]
        said = {"name": "Olga", "subject": "Printer", "message": Rich("It burns."), "consent": "yes"}
        ticket = intake.receive(intake.Inbound.entered(source, said, address=OLGA)).ticket_id
    ann.performs("reply", Case(app, ticket), text="Which floor?")
    post.turn()
    reply = post.to(OLGA)[-1]
    assert parseaddr(reply.message["From"])[1] == "forms@acme.example"
    assert parseaddr(reply.message["Reply-To"])[1] == SUPPORT
    assert "\n-- \nThe web team\n" in words(reply.message)
    assert reply.sender.startswith("back+b")


def test_mail_that_says_it_comes_from_an_identity_of_ours_opens_nothing(post: Post) -> None:
    """Attack 35: nobody reads the form's address, so only the desk itself writes as it."""
    assert post.arrives(letter("forms@acme.example")).status == "ignored"


def test_a_signature_stands_where_the_text_puts_it(app: Flask, post: Post, ann: Character) -> None:
    case = post.case(letter(OLGA))
    ann.performs("reply", case, text="Which floor?")
    with app.app_context(), writing() as here:
        row = here.get_one(Delivery, case.mails[-1].id)
        row.frozen = {**row.frozen, "body": "{{ action.message }}\n\n{{ signature }}\n\nEarlier: nothing"}
    post.turn()
    text = words(post.to(OLGA)[-1].message)
    assert "Kind regards" in text
    assert text.count("Kind regards") == 1
    assert text.index("Kind regards") < text.index("Earlier")
    assert "\n-- \n" not in text


def test_a_name_is_never_an_address_or_a_second_header(app: Flask, post: Post) -> None:
    """Attacks 28 and 31: the name beside our address is a text of the file with a person's name in it."""
    name = 'Eve" <victim@example.net>, "http://evil.example/ x\r\nBcc: victim@example.net'
    eve = hire(app, "eve@acme.example", "Eve", groups=["front"])
    with app.app_context(), writing():
        from helpdesk.people import find

        person = find.by_email("eve@acme.example")
        assert person is not None
        person.name = name
    case = post.case(letter(OLGA))
    eve.performs("reply", case, text="Which floor?")
    post.turn()
    found = [each for each in post.to(OLGA) if "Which floor?" in words(each.message)]
    assert len(found) == 1
    sent = found[0]
    assert parseaddr(sent.message["From"])[1] == SUPPORT
    assert sent.recipients == (OLGA,)
    assert "victim" not in str(sent.message["Bcc"])
    assert "<victim" not in sent.message["From"]
    assert "//" not in sent.message["From"]
    with app.app_context():
        assert session().get_one(Delivery, case.mails[-1].id).status == "sent"
