"""Pictures that stand in a text leave with it: as parts of the mail, shown in their places, and nowhere else."""

from __future__ import annotations

import re
from email.message import EmailMessage

from flask import Flask

from helpdesk.db import session, writing
from helpdesk.tickets.models import Delivery
from helpdesk.tickets.rich import Rich, Upload
from tests.cast import Character
from tests.plugins.post import Post, letter

OLGA = "olga@example.org"
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 60


def picture(app: Flask, name: str, content_type: str = "image/png") -> Upload:
    with app.app_context():
        return Upload.keep(PNG, filename=f"{name}.png", content_type=content_type, inline=True, content_id=f"<{name}>")


def writes(post: Post, ann: Character, html: str, *files: Upload) -> EmailMessage:
    case = post.case(letter(OLGA))
    ann.performs("reply", case, message=Rich.from_html(html), files=files)
    post.turn()
    return post.to(OLGA)[-1].message


def test_a_picture_of_the_text_stands_in_its_place(app: Flask, post: Post, ann: Character) -> None:
    """RFC 2387 and RFC 2392: text and HTML are one alternative, the HTML and its pictures belong together."""
    plan = picture(app, "plan")
    with app.app_context():
        note = Upload.keep(b"a note", filename="note.txt", content_type="text/plain")
    mail = writes(post, ann, '<p>Here:</p><img src="cid:plan" alt="The plan"><p>So.</p>', plan, note)
    assert mail.get_content_type() == "multipart/mixed"
    whole, attached = mail.iter_parts()
    assert whole.get_content_type() == "multipart/alternative"
    text, related = whole.iter_parts()
    assert (text.get_content_type(), related.get_content_type()) == ("text/plain", "multipart/related")
    html, inside = related.iter_parts()
    (cid,) = re.findall(r'<img src="cid:([^"]+)" alt="The plan">', html.get_content())
    assert inside["Content-ID"] == f"<{cid}>"
    assert inside.get_content() == PNG
    assert inside.get_content_disposition() == "inline"
    assert attached.get_filename() == "note.txt"
    assert "data-cid" not in html.get_content()


def test_without_other_files_the_mail_is_an_alternative_alone(app: Flask, post: Post, ann: Character) -> None:
    mail = writes(post, ann, '<p>Here: <img src="cid:plan"></p>', picture(app, "plan"))
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "multipart/related"]


def test_only_pictures_are_shown_and_only_those_the_text_speaks_of(app: Flask, post: Post, ann: Character) -> None:
    page = picture(app, "page", "text/html")
    mail = writes(post, ann, '<p>Look: <img src="cid:page"> <img src="cid:other"></p>', page, picture(app, "spare"))
    html = mail.get_body(["html"])
    assert html is not None
    assert "cid:" not in html.get_content()
    assert [part.get_content_type() for part in mail.iter_attachments()] == ["text/html", "image/png"]


def test_a_mail_that_attaches_nothing_has_the_pictures_of_its_text_and_no_others(
    app: Flask, post: Post, ann: Character
) -> None:
    """What a mail does not say it does not show either: a canary in a picture (attack 40)."""
    case = post.case(letter(OLGA))
    ann.performs("reply", case, message=Rich.from_html('<p><img src="cid:plan"></p>'), files=[picture(app, "plan")])
    with app.app_context(), writing() as here:
        row = here.get_one(Delivery, case.mails[-1].id)
        (kept,) = row.frozen["files"]
        row.frozen = {**row.frozen, "files": [{**kept, "only_inside": True}], "body": "Look at {{ links.cabinet }}"}
    post.turn()
    assert b"image/png" not in post.to(OLGA)[-1].raw
    with app.app_context():
        assert session().get_one(Delivery, case.mails[-1].id).status == "sent"


def test_a_picture_brings_no_header_along(app: Flask, post: Post, ann: Character) -> None:
    """Attack 31: its name and its Content-ID are a stranger's words; ours are of our own making."""
    with app.app_context():
        evil = Upload.keep(
            PNG,
            filename='x".png\r\nBcc: victim@example.net',
            content_type="image/png",
            inline=True,
            content_id="plan\r\nBcc: victim@example.net",
        )
    mail = writes(post, ann, '<p><img src="cid:plan&#13;&#10;Bcc: victim@example.net"></p>', evil)
    assert b"\nBcc" not in post.to(OLGA)[-1].raw
    assert mail["Bcc"] is None
