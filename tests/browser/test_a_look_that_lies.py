"""A mail that would lie over the whole page, opened in a real browser (attack 12): wherever one clicks on it, nobody is
led away, nothing is fetched, and what the page says of itself stays in its place.
"""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from helpdesk.tickets.rich import Rich
from tests.browser.steps import sign_in
from tests.cast import Character
from tests.servers.browser import OpenPage
from tests.servers.serving import served
from tests.visitor import Visitor, give_password

AWAY = "http://127.0.0.1:9/away"  # nobody answers there, so that a page that goes there is seen
LIES_OVER = (
    "position:fixed;position:absolute;inset:0;top:0;left:0;width:100vw;height:100vh;display:block;z-index:2147483647;"
    f"opacity:0.01;background:url({AWAY})"
)
OVERLAYS = {
    "a link": f'<p>Hello</p><a href="{AWAY}" style="{LIES_OVER}"></a>',
    "a sheet": f'<style>a {{ {LIES_OVER} }} * {{ cursor: pointer }}</style><p>Hello</p><a href="{AWAY}"></a>',
    "a form": f'<p>Hello</p><form action="{AWAY}"><button style="{LIES_OVER}">Go on</button></form>',
    "a map": f'<p>Hello</p><map name=m><area shape=rect coords="0,0,9999,9999" href="{AWAY}"></map>'
    f'<img usemap="#m" src="{AWAY}" style="{LIES_OVER}">',
    "a table": f'<table style="{LIES_OVER}" background="{AWAY}"><tr><td>Hello<a href="{AWAY}" style="{LIES_OVER}">'
    "</a></td></tr></table>",
    "a label": f'<p>Hello</p><label for="reply" style="{LIES_OVER}"></label><a class="button" href="{AWAY}"></a>',
}


def watched(page: Page) -> list[str]:
    """All that the page asks of another host, and each window that opens, from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if AWAY in request.url else None)
    page.on("popup", lambda popup: asked.append(f"a window: {popup.url}"))
    return asked


def clicked_all_over(page: Page) -> None:
    """A click at each place of what strangers wrote, in their frame too, and at the corners of the page."""
    words = page.get_by_text("Hello").first
    frame = page.frame_locator("iframe").get_by_text("Hello").first
    shown = frame if page.locator("iframe").count() else words
    expect(shown).to_be_visible()
    box = shown.bounding_box()
    assert box
    for across in range(9):
        for down in range(-2, 4):
            page.mouse.click(box["x"] + 2 + across * box["width"] / 9, max(1, box["y"] + 2 + down * 12))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is shown is the same on both
@pytest.mark.parametrize("name", OVERLAYS)
def test_wherever_one_clicks_on_a_mail_nobody_is_led_away(
    app: Flask, new_page: OpenPage, olga: Character, ann: Character, name: str
) -> None:
    case = olga.writes("Look", message=Rich("Hello", OVERLAYS[name]))  # as an older, worse program may have stored it
    give_password(app, ann.email)
    with served(app) as own:
        desk, cabinet = new_page(), new_page()
        sign_in(desk, own, ann.email)
        cookie = Visitor(app).is_let_in(olga.email, "cabinet").client.get_cookie("session")
        assert cookie is not None
        cabinet.context.add_cookies([{"name": "session", "value": cookie.value, "url": own}])
        for page, path in ((desk, f"/desk/tickets/{case.ref}"), (cabinet, f"/my/requests/{case.ref}")):
            asked = watched(page)
            page.goto(own + path)
            clicked_all_over(page)
            assert page.url.partition("?")[0].partition("#")[0] == own + path
            assert asked == []
            heading = page.get_by_role("heading", name="Look").first
            heading.click()  # fails where something lies over it
            assert asked == []


def test_the_clicks_themselves_would_be_seen(new_page: OpenPage) -> None:
    """If they were not, the test above would prove nothing."""
    page = new_page()
    asked = watched(page)
    page.set_content(OVERLAYS["a link"].replace(f"background:url({AWAY})", ""))
    clicked_all_over(page)
    expect(page).not_to_have_url("about:blank")
    assert AWAY in asked
