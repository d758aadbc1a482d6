"""A picture is pasted into a reply, stands in the mail that leaves, and both are looked at in light and dark."""

from __future__ import annotations

import base64
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from config import Settings
from tests.browser.steps import sheet, sign_in
from tests.cast import Character
from tests.plugins.post import Post, letter
from tests.servers.browser import DESKTOP, PHONE, OpenPage, look
from tests.visitor import give_password

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DESK = Path(__file__).parents[1] / "desk.yaml"
DRAWN = """async (sheet) => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 480, height: 200 });
  const pen = canvas.getContext("2d");
  Object.assign(pen, { lineWidth: 6, font: "28px serif" });
  pen.strokeRect(40, 30, 180, 140);
  pen.strokeRect(260, 80, 160, 90);
  pen.fillText("the hall", 60, 110);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/png"));
  const held = new DataTransfer();
  held.items.add(new File([blob], "image.png", { type: "image/png" }));
  sheet.focus();
  getSelection().selectAllChildren(sheet); getSelection().collapseToEnd();
  sheet.dispatchEvent(new ClipboardEvent("paste", { clipboardData: held, bubbles: true, cancelable: true }));
}"""  # black lines on nothing, as a sketch often is


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    signature = '{signature: "Kind regards\\n{{ actor.name }}, Acme repairs"}'
    text = DESK.read_text().replace("unknown_sender: accept", f"unknown_sender: accept, mail: {signature}")
    (tmp_path / "desk.yaml").write_text(text)
    return replace(settings, workflows=str(tmp_path / "desk.yaml"))


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["wide", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_pasted_picture_stands_in_the_mail(
    app: Flask, address: str, post: Post, ann: Character, new_page: OpenPage, size: dict[str, int], scheme: str
) -> None:
    give_password(app, ann.email)
    case = post.case(letter("olga@example.org", subject="The lamp is dark"))
    page = new_page(viewport=size, color_scheme=scheme, reduced_motion="reduce")
    look_at = f"{scheme}-{size['width']}"
    sign_in(page, address, ann.email)
    page.goto(f"{address}/desk/tickets/{case.ref}/do/reply")
    sheet(page).fill("Is it this one?")
    sheet(page).evaluate(DRAWN)
    expect(sheet(page).locator("img")).to_have_count(1)
    expect(page.locator("[data-chosen] li")).to_be_visible()
    look(page, f"picture-written-{look_at}")
    page.locator(".composer").get_by_role("button", name="Reply", exact=True).click()
    frame = page.frame_locator(".mail-frame")
    expect(frame.locator("img[src*='/attachments/']")).to_be_visible()
    assert frame.locator("img").evaluate("(picture) => picture.decode().then(() => picture.naturalWidth)") == 480
    look(page, f"picture-said-{look_at}")
    post.turn()
    mail = post.to("olga@example.org")[-1].message
    shows(page, mail)
    look(page, f"picture-mailed-{look_at}")


def shows(page: Page, mail: EmailMessage) -> None:
    """The HTML of a mail as a mail program shows it: its pictures are parts of the mail."""
    html = mail.get_body(["html"])
    assert html is not None
    said = html.get_content()
    (inside,) = [part for part in mail.walk() if part["Content-ID"]]
    data = base64.b64encode(inside.get_content()).decode()
    assert f"cid:{inside['Content-ID'].strip('<>')}" in said
    page.goto("about:blank")
    page.set_content(said.replace(f"cid:{inside['Content-ID'].strip('<>')}", f"data:image/png;base64,{data}"))
    assert page.locator("img").evaluate("(picture) => picture.decode().then(() => picture.naturalWidth)") == 480
