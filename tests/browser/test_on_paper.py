"""The page for paper in a real browser: black on white, nothing cut from what it belongs to, and nothing fetched by
printing (attack 19).
"""

from __future__ import annotations

import os
import re
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.browser.steps import come_in, sign_in
from tests.cast import Case, Character
from tests.plugins.post import Post, letter
from tests.servers.browser import OpenPage, accessibility_problems, look_in_all
from tests.servers.http_sink import HttpSink
from tests.visitor import give_password

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is printed is the same on both

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)


def payloads(elsewhere: str) -> list[str]:
    """What makes a printer of pages fetch: each address by each element that would ask for it."""
    addresses = [
        "file:///etc/passwd",
        f"{elsewhere}/inside",
        f"//{urlsplit(elsewhere).netloc}/no-scheme",
        "php://filter/convert.base64-encode/resource=/etc/passwd",
        "phar://a.phar/b",
        "expect://id",
        "gopher://127.0.0.1:6379/_INFO",
        "http://169.254.169.254/latest/meta-data/",
        "/desk/search?q=passwd",
        "\\\\127.0.0.1\\share\\x.png",
    ]
    elements = [
        '<img src="{0}">',
        '<img srcset="{0} 2x" src="{0}">',
        '<picture><source srcset="{0}"><img src="{0}"></picture>',
        '<div style="background:url({0})">x</div>',
        "<style>@import url({0}); b {{ background: url({0}) }} @font-face {{ font-family: x; src: url({0}) }}</style>",
        '<link rel="stylesheet" href="{0}">',
        '<iframe src="{0}"></iframe>',
        '<object data="{0}"><embed src="{0}"></object>',
        '<svg><image href="{0}" xlink:href="{0}"/><use href="{0}#a"/></svg>',
        '<video src="{0}" poster="{0}" autoplay></video><audio src="{0}" autoplay></audio>',
        '<table background="{0}"><tr><td background="{0}">x</td></tr></table>',
        '<input type="image" src="{0}">',
        '<meta http-equiv="refresh" content="0;url={0}"><base href="{0}">',
        "<script>fetch('{0}')</script>",
    ]
    return [element.format(address) for address in addresses for element in elements]


def mailed(post: Post, sender: str, elsewhere: str) -> Case:
    """One mail with all of it, and a picture of its own as its last words."""
    mail: EmailMessage = letter(sender, "Look.", subject="<img src=file:///etc/passwd>")
    shown = "".join(payloads(elsewhere))
    mail.add_alternative(f"<p>Look</p>{shown}<p>The end</p><img src='cid:own@picture' alt='own'>", subtype="html")
    html = mail.get_payload()[1]  # type: ignore[index]
    html.add_related(PICTURE, "image", "png", cid="<own@picture>", filename="own.png")
    return post.case(mail)


def test_printing_asks_for_nothing(
    app: Flask, post: Post, address: str, new_page: OpenPage, ann: Character, olga: Character, http_sink: HttpSink
) -> None:
    """Attack 19: by staff and by the customer, on the screen, for paper and as PDF; its own picture is there."""
    case = mailed(post, olga.email, http_sink.origin)
    give_password(app, ann.email)
    for path in (f"/desk/tickets/{case.ref}/print", f"/my/requests/{case.ref}/print"):
        page = new_page()
        if path.startswith("/desk"):
            sign_in(page, address, ann.email)
        else:
            come_in(app, page, address, olga.email)
        page.wait_for_load_state("networkidle")
        asked: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))  # type: ignore[misc]
        page.goto(address + path, wait_until="networkidle")
        expect(page.get_by_text("The end")).to_be_visible()
        page.emulate_media(media="print")
        assert len(page.pdf(prefer_css_page_size=True)) > 5_000
        page.wait_for_load_state("networkidle")
        own = [url.removeprefix(address) for url in asked]
        assert own[0] == path
        others = {re.sub(r"\d+", "N", url) for url in own[1:] if not url.startswith("/assets/")}
        files = path.replace("/print", "/attachments/" if path.startswith("/desk") else "/files/")
        assert others == {re.sub(r"\d+", "N", f"{files}1")}, "the picture that came inside the mail, and nothing else"
        assert page.locator(".words img[src]").evaluate_all("all => all.map(each => each.naturalWidth)") == [1]
        assert page.locator("iframe, object, embed, svg image, link[href^='http'], [style]").count() == 0
    assert http_sink.asked == []


def test_the_watch_is_awake(app: Flask, new_page: OpenPage, http_sink: HttpSink) -> None:
    """If nobody heard what a page asks for, the test above would prove nothing."""
    page = new_page()
    page.set_content("".join(each for each in payloads(http_sink.origin) if "<script" not in each), wait_until="commit")
    page.pdf()
    assert "/inside" in http_sink.asked


def a_day(app: Flask, olga: Character, ann: Character) -> Case:
    """A ticket of everything that a page for paper has to show, over several sheets."""
    case = olga.writes("The printer on the third floor burns since nine, and nobody has come yet", "It burns.\n" * 3)
    ann.performs("take", case)
    ann.performs("details", case, kind="technical", serial="AB123456")
    ann.performs("comment", case, text="She called twice. The key to the room is with the porter.")
    for number in range(5):
        ann.performs(
            "reply", case, text=f"{number}. Please see https://acme.example/manuals/{number}\n\n" + "A line.\n" * 18
        )
        olga.writes("Re", "A line of an answer.\n" * 16, about=case)
    return case


def test_it_is_black_on_white_and_cut_where_paper_may_be_cut(
    app: Flask, address: str, new_page: OpenPage, ann: Character, olga: Character
) -> None:
    case = a_day(app, olga, ann)
    give_password(app, ann.email)
    page = new_page(color_scheme="dark")
    sign_in(page, address, ann.email)
    page.goto(f"{address}/desk/tickets/{case.ref}")
    page.get_by_label("More actions").click()
    page.get_by_role("link", name="Print", exact=True).click()
    page.wait_for_url("**/print")
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    look_in_all(page, "paper")
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    colours = page.evaluate("() => { const s = getComputedStyle(document.body); return [s.color, s.backgroundColor] }")
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    heads = page.locator(".message > header").evaluate_all("all => all.map(each => getComputedStyle(each).breakAfter)")
    assert heads
    assert set(heads) == {"avoid"}
    pdf = page.pdf(prefer_css_page_size=True, tagged=True)
    assert pdf.startswith(b"%PDF")
    if folder := os.environ.get("HELPDESK_SHOTS"):
        (Path(folder) / "paper.pdf").write_bytes(pdf)


def test_where_little_can_be_done_printing_stands_beside_it(
    app: Flask, address: str, page: Page, ann: Character, olga: Character
) -> None:
    case = olga.writes("Printer on fire")
    ann.performs("close", case, kind="technical")
    give_password(app, ann.email)
    sign_in(page, address, ann.email)
    page.goto(f"{address}/desk/tickets/{case.ref}")
    look_in_all(page, "ticket-to-print")
    page.get_by_role("link", name="Print", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Printer on fire")


def test_its_button_opens_the_browsers_own_window(
    app: Flask, address: str, page: Page, ann: Character, olga: Character
) -> None:
    case = olga.writes("Printer on fire")
    come_in(app, page, address, olga.email)
    page.goto(f"{address}/my/requests/{case.ref}")
    look_in_all(page, "request-to-print")
    page.get_by_role("link", name="Print", exact=True).click()
    look_in_all(page, "request-on-paper")
    page.evaluate("() => { window.print = () => { document.title = 'printed' } }")
    page.get_by_role("button", name="Print", exact=True).click()
    expect(page).to_have_title("printed")
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Printer on fire")


def test_the_list_offers_its_file(app: Flask, address: str, page: Page, olga: Character, boris: Character) -> None:
    olga.writes("Printer on fire")
    give_password(app, boris.email)
    sign_in(page, address, boris.email)
    page.goto(f"{address}/desk/filters/all")
    look_in_all(page, "list-with-file")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download as CSV").click()
    assert waiting.value.suggested_filename.endswith(".csv")
    assert "Printer on fire" in waiting.value.path().read_text(encoding="utf-8-sig")
    assert accessibility_problems(page) == []
