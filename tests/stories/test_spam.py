"""Spam: what an agent calls so teaches a block list, what the mail server calls so is believed where the source says
so, and an administrator takes either back.
"""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import insert

from helpdesk.db import session, writing
from helpdesk.errors import NotPossible
from helpdesk.people.blocked import Blocked, add
from helpdesk.people.models import Address, Person
from helpdesk.workflows import revisions
from tests.attacks.test_double_work import at_once
from tests.cast import Character, hire
from tests.conftest import DESK
from tests.plugins.post import SUPPORT, Post, letter
from tests.tables import looked_at
from tests.tickets.test_queue import plan_of, questions
from tests.visitor import Visitor

SELLER = "win@cheap.example"
HOP = "from mx.cheap.example by mx.acme.example; Mon, 12 Jan 2026 10:00:00 +0000"


def adopt(app: Flask, *, block: str = "address", believes: bool = False) -> None:
    text = DESK.read_text().replace("spam: {type: delete,", f"spam: {{type: spam, block: {block},")
    if believes:
        text = text.replace("unknown_sender: accept,", "unknown_sender: accept, spam_headers: true,")
    with app.app_context():
        assert revisions.adopt(text, author="the tests").revision


def blocked(app: Flask) -> list[str]:
    with app.app_context():
        return [row.value for row in session().query(Blocked).order_by(Blocked.id)]


def test_what_an_agent_calls_spam_is_the_last_that_is_heard_of_its_sender(
    app: Flask, post: Post, ann: Character
) -> None:
    adopt(app)
    case = post.case(letter(SELLER, "Buy now"))
    told = len(post.to(SELLER))
    ann.performs("spam", case)
    assert (case.state, blocked(app)) == ("trash", [SELLER])
    again = post.arrives(letter("Win <WIN@cheap.example>", "Buy now!", message_id="<2@cheap>"))
    answer = post.arrives(letter(SELLER, "Well?", answers=post.to(SELLER)[0].message, message_id="<3@cheap>"))
    assert [(row.status, row.ticket_id) for row in (again, answer)] == [("spam", None)] * 2
    assert again.error == f"{SELLER} is on the block list."
    assert len(post.to(SELLER)) == told, "nobody is answered"
    assert post.arrives(letter("other@cheap.example", "Hello")).status == "filed"


def test_many_mails_of_one_sender_are_called_spam_at_once(app: Flask, post: Post, ann: Character) -> None:
    """Two agents tidy up side by side: the list holds the sender once, and neither is refused."""
    adopt(app)
    cases = [post.case(letter(SELLER, f"Buy {n}", message_id=f"<{n}@cheap>")) for n in range(6)]
    at_hand = iter(cases)
    at_once(len(cases), lambda: ann.performs("spam", next(at_hand)))
    assert ({case.state for case in cases}, blocked(app)) == ({"trash"}, [SELLER])


def test_the_block_list_is_read_page_by_page_to_its_first_entry(app: Flask, ann: Character) -> None:
    known = ann.id
    with app.app_context(), writing():
        for number in range(1, 621):
            add("address", f"s{number:03}@cheap.example", why="spam", by_id=known)
    hire(app, "admin@acme.example", "Admin", roles=["manager"], admin=True)
    browser, place, found = Visitor(app).is_let_in("admin@acme.example"), "/admin/spam", []
    while place:
        page = browser.opens(place).text
        found += re.findall(r"s\d{3}@cheap.example(?=</bdi>)", page)
        older = re.search(r'href="([^"]+senders_before=\d+#senders)"', page)
        place = unescape(older[1]) if older else ""
    assert found == [f"s{number:03}@cheap.example" for number in range(620, 0, -1)]
    assert "· Ann" in page


def test_an_administrator_takes_it_back(app: Flask, post: Post, ann: Character) -> None:
    adopt(app)
    ann.performs("spam", post.case(letter(SELLER, "Buy now")))
    kept = post.arrives(letter(SELLER, "I am your accountant", message_id="<2@cheap>"))
    hire(app, "admin@acme.example", "Admin", roles=["manager"], admin=True)
    browser = Visitor(app).is_let_in("admin@acme.example")
    page = browser.opens("/admin/spam").text
    assert f"{SELLER} is on the block list." in page
    assert browser.sends(f"/admin/spam/{kept.id}/clear").status_code == 303
    post.turn()
    assert post.row(kept.id).status == "filed"
    assert browser.sends(f"/admin/spam/{kept.id}/clear").status_code == 409
    with app.app_context():
        entry = session().query(Blocked.id).scalar()
    assert browser.sends(f"/admin/spam/senders/{entry}/remove").status_code == 303
    assert blocked(app) == []
    assert browser.sends(f"/admin/spam/senders/{entry}/remove").status_code == 404
    assert post.arrives(letter(SELLER, "Thank you", message_id="<4@cheap>")).status == "filed"


def test_a_domain_is_blocked_unless_somebody_else_writes_from_it(app: Flask, post: Post, ann: Character) -> None:
    adopt(app, block="domain")
    ann.performs("spam", post.case(letter(SELLER, "Buy now")))
    neighbour = post.case(letter("olga@mail.example", "Help"))
    ann.performs("spam", post.case(letter("seller@mail.example", "Buy")))
    ann.performs("spam", post.case(letter("win@gmail.com", "Buy")))
    assert blocked(app) == ["cheap.example", "seller@mail.example", "win@gmail.com"]
    assert post.arrives(letter("new@cheap.example", "Buy")).status == "spam"
    assert post.arrives(letter("new@shop.cheap.example", "Buy")).status == "spam"
    assert post.arrives(letter("new@notcheap.example", "Hello")).status == "filed"
    assert post.case(letter("olga@mail.example", "Still there", subject=neighbour.ref)).id == neighbour.id


def test_whether_somebody_else_writes_from_a_domain_is_found_along_an_index(app: Flask) -> None:
    """However many addresses the desk knows, at most two are read: of the one and of another."""
    names = [*(f"p{n}@firm{n}.example" for n in range(20_000)), "a@mail.example", "b@mail.example", '"x@y"@one.example']
    with app.app_context(), writing() as here:
        keys = here.scalars(insert(Person).returning(Person.id), [{"name": ""} for _ in names]).all()
        rows = zip(keys, names, strict=True)
        here.execute(insert(Address), [{"person_id": key, "kind": "email", "value": name} for key, name in rows])
    looked_at(app)
    with questions(app) as asked, app.app_context(), writing():
        kinds = [add("domain", each, why="spam", by_id=None)[0] for each in ("a@mail.example", "p7@firm7.example")]
        others = [add("domain", each, why="spam", by_id=None)[0] for each in ("z@one.example", "z@y")]
    assert (kinds, others) == (["address", "domain"], ["address", "domain"])
    walks = [each for each in asked if "FROM addresses" in each[0]]
    assert len(walks) == 4
    with app.app_context():
        for statement, values in walks:
            plan = "\n".join(plan_of(statement, values))
            assert "ix_addresses_domain" in plan, plan
            assert "Seq Scan" not in plan, plan
            assert "SCAN addresses" not in plan, plan


def test_staff_is_no_spam(app: Flask, post: Post, ann: Character, boris: Character) -> None:
    adopt(app)
    case = post.case(letter(boris.email, "A test"))
    with pytest.raises(NotPossible):
        ann.performs("spam", case)
    assert blocked(app) == []


@pytest.mark.parametrize(
    "header",
    [
        "X-Spam-Status: Yes, score=12.3 required=5.0",
        "X-Spam: Yes",
        "X-Spam-Flag: YES",
        "X-Spamd-Result: default: True [15.00 / 15.00]; BAYES_SPAM(5.00)[99%]",
    ],
)
def test_the_mail_servers_word_counts_where_the_source_says_so(
    app: Flask, post: Post, ann: Character, header: str
) -> None:
    raw = bytes(letter("new@shop.example", "Buy now", Received=HOP, message_id="<1@shop>"))
    marked = f"{header}\r\n".encode() + raw
    adopt(app)
    assert post.arrives(marked).status == "filed"
    adopt(app, believes=True)
    row = post.arrives(marked.replace(b"<1@shop>", b"<2@shop>"))
    assert (row.status, row.ticket_id) == ("spam", None)
    assert row.error.startswith("The mail server says so: x-spam")
    assert post.arrives(raw.replace(b"<1@shop>", b"<3@shop>")).status == "filed"


def test_what_stands_below_our_own_hop_was_written_by_anybody(app: Flask, post: Post) -> None:
    """Neither a verdict of another's server nor a second header of the same name counts."""
    adopt(app, believes=True)
    raw = bytes(letter("olga@example.org", "Help"))
    hop, other = f"Received: {HOP}\r\n".encode(), b"Received: from a by b; Mon, 12 Jan 2026 09:00:00 +0000\r\n"
    assert post.arrives(hop + other + b"X-Spam: Yes\r\n" + raw).status == "filed"
    clean = b"X-Spam-Status: No, score=-1.0\r\n"
    assert post.arrives(clean + hop + b"X-Spam-Status: Yes\r\n" + raw + b"\r\n").status == "filed"


def test_no_filter_swallows_an_answer(app: Flask, post: Post, ann: Character) -> None:
    adopt(app, believes=True)
    case = post.case(letter("olga@example.org", "Help"))
    ann.performs("reply", case, text="Which floor?")
    post.turn()
    answer = letter("olga@example.org", "FREE MONEY floor", answers=post.to("olga@example.org")[-1].message)
    assert post.case(b"X-Spam: Yes\r\n" + bytes(answer)).id == case.id
    assert post.arrives(b"X-Spam: Yes\r\n" + bytes(letter("olga@example.org", "New", to=SUPPORT))).status == "spam"
