"""Whoever may not meets a page that is not there: attacks 43 to 46, 59, 95 and 96 through real requests to the desk."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from helpdesk.db import session
from helpdesk.tickets.models import Attachment
from helpdesk.tickets.rich import Rich, Upload
from helpdesk.workflows import revisions
from tests.at_the_desk import AtTheDesk
from tests.cast import Case, Character
from tests.visitor import Visitor, without_tokens

CANARY = "canary-7c1e"


@pytest.fixture
def secret(app: Flask, olga: Character, boris: Character) -> Case:
    """A ticket at the workshop, which Ann of the front line does not see; everything in it carries the canary."""
    with app.app_context():
        file = Upload.keep(CANARY.encode(), filename=f"{CANARY}.txt", content_type="text/plain")
        words = Rich(CANARY, f"<table><tr><td>{CANARY}</td></tr></table>")
    case = olga.writes(f"About {CANARY}", message=words, files=(file,))
    boris.performs("forward", case, text=CANARY)
    return case


def addresses(app: Flask, case: Case, by: str) -> list[tuple[str, str]]:
    """Every address of the desk that names a ticket, from the URL map itself, with this ticket put in."""
    with app.app_context():
        file = session().query(Attachment.id).scalar() or 1
    found = []
    for rule in app.url_map.iter_rules():
        if "<ref>" in rule.rule and rule.rule.startswith("/desk/"):
            parts = {"ref": by, "action": "comment", "name": "hours", "int:message_id": str(case.messages[0].id)}
            parts |= {"int:attachment_id": str(file), "int:reply_id": "1", "any(undo, send, discard):what": "undo"}
            path = rule.rule
            for name, value in parts.items():
                path = path.replace(f"<{name}>", value)
            assert "<" not in path, f"{path}: a new part of an address needs a value here"
            found += [(method, path) for method in rule.methods - {"HEAD", "OPTIONS"}]
    assert len(found) >= 10
    return found


def asks(browser: Visitor, method: str, path: str) -> int:
    answer = browser.opens(path) if method == "GET" else browser.sends(path, message=CANARY)
    assert CANARY not in answer.text.replace(path, "")
    return answer.status_code


def test_every_address_of_a_ticket_out_of_sight_is_not_there(app: Flask, ann: Character, secret: Case) -> None:
    """Attack 43: by ref and by number alike, and nothing has changed afterwards."""
    browser = AtTheDesk(app, ann)
    before = len(secret.events)
    for by in (secret.ref, str(secret.id)):
        for method, path in addresses(app, secret, by):
            assert asks(browser, method, path) == 404, f"{method} {path}"
    assert len(secret.events) == before


def test_a_ticket_out_of_sight_looks_like_one_that_never_was(app: Flask, ann: Character, secret: Case) -> None:
    browser = AtTheDesk(app, ann)
    hidden, never = browser.opens(f"/desk/tickets/{secret.ref}"), browser.opens("/desk/tickets/R-999999")
    assert (hidden.status_code, without_tokens(hidden.text)) == (never.status_code, without_tokens(never.text))


@pytest.mark.parametrize("who", ["nobody", "customer", "stranger"])
def test_nobody_but_staff_opens_anything_of_the_desk(
    app: Flask, olga: Character, mallory: Character, secret: Case, who: str
) -> None:
    """Attack 43: the requester and a stranger, signed in at the cabinet, and somebody who is not signed in."""
    browser = Visitor(app)
    if who != "nobody":
        browser.signs_in_to_the_cabinet({"customer": olga, "stranger": mallory}[who].email)
    refused = {303} if who == "nobody" else {404}
    for method, path in [*addresses(app, secret, secret.ref), ("GET", "/desk/"), ("GET", "/desk/search?q=about")]:
        assert asks(browser, method, path) in refused, f"{method} {path}"


def test_what_is_out_of_sight_is_in_no_list_count_or_search(
    app: Flask, ann: Character, boris: Character, secret: Case
) -> None:
    """Attack 44."""
    browser = AtTheDesk(app, ann)
    for path in (
        "/desk/",
        "/desk/filters/all",
        "/desk/filters/unread",
        f"/desk/search?q={CANARY}",
        "/desk/search?q=olga",
    ):
        page = browser.opens(path)
        assert page.status_code == 200
        assert secret.ref not in page.text
        assert f"About {CANARY}" not in page.text
    for asked in (secret.ref, str(secret.id), "olga@example.org"):
        assert browser.opens("/desk/search", query_string={"q": asked}).status_code == 200, "no jump, no hint"
    assert AtTheDesk(app, boris).opens(f"/desk/search?q={secret.ref}").status_code == 303


def test_other_tickets_of_the_requester_are_shown_only_if_they_are_seen(
    app: Flask, ann: Character, olga: Character, secret: Case
) -> None:
    """Attack 44: the side of the page is a list too."""
    other = olga.writes("Harmless")
    page = AtTheDesk(app, ann).opens(f"/desk/tickets/{other.ref}").text
    assert CANARY not in page
    assert secret.ref not in page


def test_a_part_of_another_ticket_is_not_reached_through_ones_own(
    app: Flask, ann: Character, olga: Character, secret: Case
) -> None:
    """Attacks 45 and 46: a message or file is looked for in its own ticket only."""
    own = olga.writes("Harmless")
    browser = AtTheDesk(app, ann)
    with app.app_context():
        file = session().query(Attachment.id).scalar()
    message = secret.messages[0].id
    for part in (f"messages/{message}/html", f"messages/{message}/original.eml", f"attachments/{file}"):
        answer = browser.opens(f"/desk/tickets/{own.ref}/{part}")
        assert answer.status_code == 404, part
        assert CANARY not in answer.text


def test_a_file_is_a_download_of_no_type(app: Flask, boris: Character, secret: Case) -> None:
    """Attacks 4 to 7."""
    with app.app_context():
        file = session().query(Attachment.id).scalar()
    answer = AtTheDesk(app, boris).opens(f"/desk/tickets/{secret.ref}/attachments/{file}")
    assert answer.data == CANARY.encode()
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_is_not_offered_cannot_be_posted(
    app: Flask, ann: Character, boris: Character, kadri: Character, edgar: Character, olga: Character
) -> None:
    """Attack 59: for every action of the file, in a state, by each of the staff: no button, no deed."""
    case = olga.writes("Printer on fire")
    with app.app_context():
        names = list(revisions.active().desk.workflows["repair"].actions)
    for who in (ann, boris, kadri, edgar):
        browser = AtTheDesk(app, who)
        offered = who.buttons(case) if who in (ann, boris) else []
        story, version = case.story, case.version
        for name in names:
            if name in offered:
                continue
            path = f"/desk/tickets/{case.ref}/do/{name}"
            assert browser.opens(path).status_code in (404, 409), f"{who.email} {name}"
            sent = browser.sends(path, message="x", price="1", amount="1", method="card", kind="billing")
            assert sent.status_code in (404, 409), f"{who.email} {name}"
        assert (case.story, case.version, case.state) == (story, version, "new")


def test_two_agents_press_the_same_button(app: Flask, ann: Character, boris: Character, olga: Character) -> None:
    """Attack 95: one wins; the other sees what changed and loses no word."""
    case = olga.writes("Printer on fire")
    anns, boriss = AtTheDesk(app, ann), AtTheDesk(app, boris)
    hers, his = anns.opens_form(case, "reply"), boriss.opens_form(case, "reply")
    assert anns.sends_form(case, "reply", hers, message="Ann answers.").status_code == 303
    late = boriss.sends_form(case, "reply", his, message="Boris wrote a long answer.", kind="billing")
    assert late.status_code == 409
    assert "Boris wrote a long answer." in late.text
    assert "Ann: Reply" in late.text
    assert [message.text for message in case.messages][1:] == ["Ann answers."]
    again = boriss.sends_form(case, "reply", {**his, "seen": str(case.version)}, message="Boris wrote a long answer.")
    assert again.status_code in (303, 409)


def test_many_at_once_leave_one_trace(app: Flask, ann: Character, boris: Character, olga: Character) -> None:
    """Attack 95: many pages drawn from the same moment, each with a number of its own."""
    case = olga.writes("Printer on fire")
    anns = AtTheDesk(app, ann)
    forms = [anns.opens_form(case, "reply") for _ in range(12)]
    cookie = anns.client.get_cookie("session").value

    def send(hidden: dict[str, str]) -> int:
        client = app.test_client()
        client.set_cookie("session", cookie)
        return client.post(f"/desk/tickets/{case.ref}/do/reply", data={**hidden, "message": "Which floor?"}).status_code

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(send, forms))
    assert answers == [303] + [409] * 11
    assert case.story.count("reply") == 1
    assert len([mail for mail in case.mails if mail.role == "customer" and not mail.automatic]) == 1


def test_the_same_form_twenty_times_at_once_has_one_effect(
    app: Flask, kadri: Character, boris: Character, olga: Character
) -> None:
    """Attack 96: a payment is received once."""
    case = olga.writes("Broken screen")
    boris.performs("quote", case, price="120")
    boris.joins(roles=["accountant"])
    browser = AtTheDesk(app, boris)
    hidden = browser.opens_form(case, "receive_payment")
    cookie = browser.client.get_cookie("session").value

    def send(_n: int) -> int:
        client = app.test_client()
        client.set_cookie("session", cookie)
        values = {**hidden, "amount": "120", "method": "card"}
        return client.post(f"/desk/tickets/{case.ref}/do/receive_payment", data=values).status_code

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(send, range(20)))
    assert answers == [303] * 20
    assert len(case.payments) == 1
    assert case.story.count("receive_payment") == 1


def test_a_form_from_elsewhere_does_nothing(app: Flask, ann: Character, olga: Character) -> None:
    """Attack 67."""
    case = olga.writes("Printer on fire")
    browser = AtTheDesk(app, ann)
    hidden = browser.opens_form(case, "reply")
    path = f"/desk/tickets/{case.ref}/do/reply"
    foreign = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    assert browser.client.post(path, data={**hidden, "message": "x"}, headers=foreign).status_code == 403
    assert browser.client.post(path, data={"message": "x"}).status_code == 403
    assert case.state == "new"
