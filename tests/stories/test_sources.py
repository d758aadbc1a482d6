"""An administrator looks after the mailboxes: reads, pauses, tests and signs in (W2, fault 12, attacks 67 and 86)."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask import Flask
from sqlalchemy import select

from helpdesk.channels.email import diary, fetch, standing
from helpdesk.channels.email.account import NotLetIn
from helpdesk.channels.email.models import MailDiary, MailSignIn
from helpdesk.db import session, writing
from helpdesk.tickets.models import Ticket
from tests.cast import hire
from tests.plugins.post import SUPPORT, Post
from tests.real.mailboxes import SOURCE, fetched, reads, state
from tests.real.test_signing_in import agrees
from tests.servers.dovecot import Account
from tests.servers.oauth import Provider
from tests.visitor import Visitor, give_password

PAGE = f"/admin/sources/{SOURCE}"


@pytest.fixture
def admin(app: Flask) -> Visitor:
    return signed_in(app, "root@acme.example")


def signed_in(app: Flask, address: str) -> Visitor:
    boss = hire(app, address, "Rita", admin=True)
    give_password(app, boss.email)
    visitor = Visitor(app)
    visitor.signs_in(boss.email)
    return visitor


def test_a_source_is_paused_and_resumed(app: Flask, post: Post, admin: Visitor) -> None:
    reads(app, "imap://desk:secret@127.0.0.1:1")
    with app.app_context():
        fetch.schedule()
    assert "Not read yet" in admin.opens(PAGE).text
    assert admin.sends(f"{PAGE}/pause").status_code == 303
    page = admin.opens(PAGE).text
    assert "Paused since" in page
    assert "secret" not in page
    post.turn()
    assert state(app).read_at is None
    assert admin.sends(f"{PAGE}/fetch").status_code == 409
    assert admin.sends(f"{PAGE}/resume").status_code == 303
    post.turn()
    assert "127.0.0.1 does not give its mail: Connection refused" in admin.opens(PAGE).text
    assert [each.kind for each in lines(app)] == ["paused", "resumed", "trouble"]
    assert lines(app)[0].detail == "Rita"


def test_a_page_that_stood_open_offers_what_can_be_done_now(app: Flask, admin: Visitor) -> None:
    """The part of the page that asks for itself has its buttons: somebody else paused or resumed it meanwhile."""
    reads(app, "imap://desk:secret@127.0.0.1:1")

    def buttons() -> list[str]:
        part = admin.client.get(PAGE, headers={"HX-Request": "true"}).text
        assert "<html" not in part
        return re.findall(rf'action="{PAGE}/(pause|resume|fetch)"', part)

    assert buttons() == ["pause", "fetch"]
    admin.sends(f"{PAGE}/pause")
    assert buttons() == ["resume"]
    assert re.findall(rf'action="{PAGE}/(pause|resume|fetch)"', admin.opens(PAGE).text) == ["resume"]
    admin.sends(f"{PAGE}/resume")
    assert buttons() == ["pause", "fetch"]


def test_a_source_that_is_not_let_in_says_so_and_is_tried_on_demand(app: Flask, post: Post, admin: Visitor) -> None:
    url = "imap://desk:secret@127.0.0.1:1"
    reads(app, url)
    with app.app_context():
        fetch.schedule()
        standing.trouble(SOURCE, url, NotLetIn("mail.acme.example does not give its mail: it knows us not."))
    page = admin.opens(PAGE).text
    assert "Not let in" in page
    assert "it knows us not" in page
    post.turn()
    assert "it knows us not" in state(app).error
    assert admin.sends(f"{PAGE}/fetch").status_code == 303
    post.turn()
    assert "it knows us not" not in state(app).error


def test_a_test_goes_out_comes_back_and_becomes_no_ticket(app: Flask, post: Post, admin: Visitor) -> None:
    assert "Send me a test" in admin.opens(PAGE).text
    assert admin.sends(f"{PAGE}/test").status_code == 303
    assert "on its way" in admin.sends(f"{PAGE}/test").text
    post.turn()
    (sent,) = post.to(SUPPORT)
    assert "Sent, not back yet" in admin.opens(PAGE).text
    row = post.arrives(sent.raw)
    assert (row.status, row.ticket_id) == ("ignored", None)
    page = admin.opens(PAGE).text
    assert "It came back" in page
    assert [each.kind for each in lines(app)] == ["test", "arrived"]
    post.arrives(b"Received: again\r\n" + sent.raw)
    assert [each.kind for each in lines(app)] == ["test", "arrived"]
    with app.app_context():
        assert session().scalars(select(Ticket)).all() == []


def test_the_diary_keeps_the_last_hundred_things(app: Flask, admin: Visitor) -> None:
    with app.app_context(), writing():
        for number in range(1, 131):
            diary.note(SOURCE, "read", number=number)
        diary.note("another", "read", number=1)
    assert [each.number for each in lines(app)] == list(range(31, 131))
    first = admin.opens(PAGE)
    assert "130 mails came" in first.text
    assert "80 mails came" not in first.text
    older = re.search(r'href="([^"]+before=[^"]+)"', first.text)
    assert older
    second = admin.opens(unescape(older[1])).text
    assert "80 mails came" in second
    assert "31 mails came" in second


def test_the_page_asks_for_the_state_alone(app: Flask, admin: Visitor) -> None:
    piece = admin.opens(PAGE, headers={"HX-Request": "true"}).text
    assert piece.count("<html") == 0
    assert 'id="source-state"' in piece


def test_no_other_source_has_such_a_page(app: Flask, admin: Visitor) -> None:
    for name in ("contact_form", "nobody"):
        assert admin.opens(f"/admin/sources/{name}").status_code == 404


@pytest.fixture
def to_sign_in(app: Flask, provider: Provider, imap_mailbox: Account) -> Flask:
    app.config["HELPDESK"] = replace(app.config["HELPDESK"], private_hosts="127.0.0.1")
    provider.user = imap_mailbox.address
    reads(app, f"imap+insecure://{quote(imap_mailbox.address)}@localhost:{imap_mailbox.port}", more=provider.keys)
    return app


def test_a_mailbox_is_signed_in_from_its_page(to_sign_in: Flask, admin: Visitor, provider: Provider) -> None:
    given = comes_back(admin)
    assert provider.asked == []  # looking at the page has changed nothing
    assert admin.sends("/admin/sources/signed-in", **given).status_code == 303
    assert fetched(to_sign_in) == 0
    assert [each.kind for each in lines(to_sign_in)][:1] == ["signed_in"]
    again = admin.sends("/admin/sources/signed-in", **given)
    assert again.status_code == 409  # a sign-in ends once


def test_a_sign_in_ends_only_in_the_browser_that_began_it(
    to_sign_in: Flask, admin: Visitor, provider: Provider
) -> None:
    """Attack 67: nobody makes an administrator connect a mailbox of the attacker's."""
    other = signed_in(to_sign_in, "other@acme.example")
    given = comes_back(other)
    for path in ("/admin/sources/signed-in?" + "&".join(f"{k}={quote(v)}" for k, v in given.items()),):
        assert admin.opens(path).status_code == 409
    assert admin.sends("/admin/sources/signed-in", **given).status_code == 409
    begin(admin)
    assert admin.sends("/admin/sources/signed-in", **given).status_code == 409
    with to_sign_in.app_context():
        assert session().scalars(select(MailSignIn)).all() == []
    assert provider.asked == []


def test_a_provider_that_refuses_is_told_of(to_sign_in: Flask, admin: Visitor, provider: Provider) -> None:
    given = comes_back(admin)
    provider.denies = "<img src=x>"
    assert admin.sends("/admin/sources/signed-in", **given).status_code == 303
    page = admin.opens(PAGE).text
    assert "said no" in page
    assert "<img src=x>" not in page
    state_of_it = parse_qs(urlsplit(begin(admin)).query)["state"][0]
    assert "refused" in admin.opens(f"/admin/sources/signed-in?error=access_denied&state={state_of_it}").text


def begin(admin: Visitor) -> str:
    """Press the button; gives the address it leads to."""
    admin.opens(PAGE)
    page = admin.sends(f"{PAGE}/sign-in")
    assert page.status_code == 200
    link = re.search(r'href="(http[^"]+/authorize[^"]+)"', page.text)
    assert link
    return unescape(link[1])


def comes_back(admin: Visitor) -> dict[str, str]:
    """Agree at the provider; gives what the page that the browser came back to would send."""
    ended = urlsplit(agrees(begin(admin)))
    assert admin.opens(f"{ended.path}?{ended.query}").status_code in (200, 409)
    return {name: values[0] for name, values in parse_qs(ended.query).items()}


def lines(app: Flask) -> list[MailDiary]:
    with app.app_context():
        rows = list(session().scalars(select(MailDiary).where(MailDiary.source == SOURCE).order_by(MailDiary.id)))
        session().expunge_all()
        return rows
