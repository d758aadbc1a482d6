"""A reply in HTML is shown as it was written, at the desk and in the cabinet, with its quote folded away."""

from __future__ import annotations

from flask import Flask

from tests.at_the_desk import AtTheDesk
from tests.cast import Character
from tests.plugins.post import Post, letter
from tests.visitor import Visitor

ANSWER = (
    '<div>The <b>grey</b> one.<script>alert(1)</script> See <a href="https://lamps.example/7">this</a>.</div><br>'
    '<div class="gmail_quote"><div>On Mon, 12 Jan 2026 at 10:00, Acme &lt;support@acme.example&gt; wrote:<br></div>'
    "<blockquote>Which <i>floor</i>?</blockquote></div>"
)
BETWEEN = (
    '<div class="gmail_quote"><div>On Mon, 12 Jan 2026 at 10:00, Acme &lt;support@acme.example&gt; wrote:<br></div>'
    "<blockquote>Which <i>floor</i>?</blockquote></div><div>The <b>third</b>.</div>"
)


def test_an_html_reply_keeps_its_formatting_and_folds_its_quote(
    app: Flask, post: Post, ann: Character, olga: Character
) -> None:
    case = post.case(letter(olga.email, "Help!"))
    ann.performs("reply", case, text="Which floor?")
    post.turn()
    ours = post.to(olga.email)[-1].message
    for html in (ANSWER, BETWEEN):
        answer = letter(olga.email, "", subject="Re: Printer on fire", answers=ours)
        answer.set_content(html, subtype="html")
        assert post.case(answer).id == case.id
    first, second = case.messages[-2:]
    assert "<b>grey</b>" in first.html
    assert "floor" not in first.html + first.text
    assert "floor" in first.quoted
    assert "third" in second.text

    at_the_desk = AtTheDesk(app, ann).opens(f"/desk/tickets/{case.ref}").text
    told = at_the_desk.split(f'id="message-{first.id}"')[1].split("</article>")[0]
    assert "<b>grey</b>" in told
    assert 'href="https://lamps.example/7"' in told
    assert "alert(1)" not in told
    assert '<details class="quoted">' in told
    browser = Visitor(app)
    browser.signs_in_to_the_cabinet(olga.email)
    cabinet = browser.opens(f"/my/requests/{case.ref}").text
    assert "<b>grey</b>" in cabinet
    assert "alert(1)" not in cabinet
