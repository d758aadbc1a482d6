"""What strangers write is text in the bytes of our pages and mails, whatever stands in it (attacks 1, 8, 9, 14).

Quick, without a browser, and one guard at a time; what a real browser makes of the whole corpus is the business of
`tests/browser/test_hostile_content.py`.
"""

from __future__ import annotations

import pytest
from flask import Flask

from helpdesk.tickets.rich import Rich, Upload
from tests.at_the_desk import AtTheDesk
from tests.cast import Case, Character
from tests.plugins.post import Post, letter
from tests.visitor import Visitor

TRAP = '"><img src=x onerror=alert(1)>'
COMPUTED = "q{{7*7}}z q${7*7}z q<%= 7*7 %>z q#{7*7}z"


def as_customer(app: Flask, who: Character) -> Visitor:
    browser = Visitor(app)
    browser.is_let_in(who.email, "cabinet")
    return browser


def stored_unclean(olga: Character, html: str) -> Case:
    """A message as an older, worse program may have stored it."""
    case = olga.writes("Printer")
    olga.writes("Re", about=case, message=Rich("Hello", html))
    return case


def test_what_was_stored_unclean_is_cleaned_on_its_way_to_staff(app: Flask, olga: Character, ann: Character) -> None:
    """Attack 1: as a part of our page, and as a document in a frame of its own."""
    case = stored_unclean(olga, "<p>Hello</p><script>alert(1)</script><b onclick=alert(1)>x</b>")
    page = AtTheDesk(app, ann).opens(f"/desk/tickets/{case.ref}").text
    assert "<p>Hello</p>" in page
    assert "alert(1)" not in page
    framed = stored_unclean(olga, "<table><tr><td onclick=alert(1)>Hi<script>alert(1)</script></td></tr></table>")
    on_paper = AtTheDesk(app, ann).opens(f"/desk/tickets/{framed.ref}/print").text
    assert "<td>Hi</td>" in on_paper
    assert "alert(1)" not in on_paper
    path = f"/desk/tickets/{framed.ref}/messages/{framed.messages[-1].id}/html"
    document = AtTheDesk(app, ann).opens(path).text
    assert "<td>Hi</td>" in document
    assert "alert(1)" not in document


def test_what_was_stored_unclean_is_cleaned_on_its_way_to_the_customer(app: Flask, olga: Character) -> None:
    """Attack 1."""
    case = stored_unclean(olga, "<p>Hello</p><script>alert(1)</script><b onclick=alert(1)>x</b>")
    page = as_customer(app, olga).opens(f"/my/requests/{case.ref}").text
    assert "Hello" in page
    assert "alert(1)" not in page


def test_no_name_subject_or_file_is_markup_on_any_page(app: Flask, olga: Character, ann: Character) -> None:
    """Attack 8: in the list, on the ticket, in the cabinet, in a search that finds nothing."""
    with app.app_context():
        file = Upload.keep(b"x", filename=f"{TRAP}.png", content_type="image/png")
    case = olga.writes(TRAP, f"{TRAP} in the text", name=TRAP, files=[file])
    ann.performs("comment", case, text=TRAP)
    desk, cabinet = AtTheDesk(app, ann), as_customer(app, olga)
    pages = [desk.opens(path) for path in ("/desk/", "/desk/filters/all", f"/desk/tickets/{case.ref}")]
    pages.append(desk.opens(f"/desk/tickets/{case.ref}/print"))
    pages.append(desk.opens("/desk/search", query_string={"q": TRAP}))
    pages += [cabinet.opens(path) for path in ("/my/requests", f"/my/requests/{case.ref}", "/my/profile")]
    pages.append(cabinet.opens(f"/my/requests/{case.ref}/print"))
    for page in pages:
        assert page.status_code == 200
        assert "&lt;img src=x onerror=alert(1)&gt;" in page.text, "it is shown"
        assert "<img src=x" not in page.text


def test_what_looks_like_a_formula_is_shown_as_it_is_written(
    app: Flask, post: Post, olga: Character, ann: Character
) -> None:
    """Attack 9: on our pages and in the mails we send, in a subject and in a text."""
    case = post.case(letter(olga.email, COMPUTED, subject=COMPUTED))
    ann.performs("reply", case, text=COMPUTED)
    post.turn()
    page = AtTheDesk(app, ann).opens(f"/desk/tickets/{case.ref}").text
    html = post.to(olga.email)[-1].message.get_body(["html"])
    assert html is not None
    for shown in (page, html.get_content()):
        assert "q{{7*7}}z" in shown
        assert "q49z" not in shown


@pytest.mark.parametrize("source", ["https://tracker.example/pixel.png", "//tracker.example/pixel.png"])
def test_no_mail_of_ours_shows_a_picture_from_elsewhere(
    post: Post, olga: Character, ann: Character, source: str
) -> None:
    """Attack 14: what an agent writes or quotes is cleaned before it is mailed."""
    case = post.case(letter(olga.email))
    ann.performs("reply", case, message=Rich.from_html(f'<p>Look <img src="{source}" alt="A lamp"></p>'))
    post.turn()
    html = post.to(olga.email)[-1].message.get_body(["html"])
    assert html is not None
    assert "A lamp" in html.get_content()
    assert ' src="' not in html.get_content().replace("data-src", "")
