"""The first day with the demo, as somebody has it who has just typed `make run`: the real program, a mail program and
several people at their browsers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import letter_to, listens, sheet
from tests.servers.browser import OpenPage
from tests.servers.desk import Desk, running_desk

PHOTO = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with running_desk(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


def signed_in(page: Page, desk: Desk, name: str) -> Page:
    """At the queue, by a click on the demo's list of people."""
    page.goto(f"{desk.url}/account/sign-in")
    page.get_by_role("button", name=name).click()
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Open")).to_be_visible()
    listens(page)
    return page


def its_headers(letter: Page) -> EmailMessage:
    """The headers that would have left."""
    raw = letter.request.get(letter.url + "/raw").body()
    mail = BytesParser(policy=default).parsebytes(raw)
    assert isinstance(mail, EmailMessage)
    return mail


def answered(letter: Page, text: str) -> None:
    """The recipient answers it."""
    letter.get_by_label("Your answer").fill(text)
    letter.get_by_role("button", name="Send the answer").click()
    expect(letter.get_by_role("heading", level=1, name="Mail catcher")).to_be_visible()


def signed_in_to_the_cabinet(page: Page, desk: Desk, address: str) -> Page:
    """By the mailed link."""
    page.goto(f"{desk.url}/my/requests")
    page.get_by_label("E-mail").fill(address)
    page.get_by_role("button", name="Mail me a link").click()
    link = re.search(r"http\S+/my/sign-in/\S+", letter_text(page, desk, address))
    assert link
    page.goto(link[0])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My requests")
    return page


def letter_text(page: Page, desk: Desk, address: str) -> str:
    letter = letter_to(page, desk.url, address, "Your link to sign in at Northwind Devices")
    body = its_headers(letter).get_body(["plain"])
    return str(body.get_content()) if body else ""


def in_the_queue(page: Page, subject: str) -> str:
    """The ref of a ticket that stands in the list."""
    row = page.get_by_role("listitem").filter(has=page.get_by_role("link", name=subject))
    return row.locator(".ref").inner_text()


def opens(page: Page, subject: str) -> None:
    page.get_by_role("link", name=subject).click()
    expect(page.get_by_role("heading", level=1, name=subject)).to_be_visible()
    listens(page)


def writes(page: Page, action: str, text: str, ready: str = "") -> None:
    """Open an action's form, perhaps put a ready answer in, write, send."""
    page.get_by_role("link", name=re.compile(f"^{action}")).click()
    words = sheet(page)
    expect(words).to_be_focused()
    if ready:
        page.get_by_text("Ready answers").click()
        page.get_by_role("button", name=ready).click()
        words.press("Enter")
    page.keyboard.type(text)
    page.locator("form.composer").get_by_role("button", name=action, exact=True).click()
    expect(page.locator("form.composer")).to_have_count(0)


def state_of(page: Page) -> str:
    return page.locator("#ticket-head .badge").inner_text()


def test_a_mail_is_a_ticket_is_answered_and_comes_back(desk: Desk, new_page: OpenPage, tmp_path: Path) -> None:
    ann = signed_in(new_page(), desk, "Ann Byrne")

    mail = EmailMessage()
    mail["From"], mail["To"] = "Tiiu Tamm <tiiu@home.example>", "support@localhost"
    mail["Subject"], mail["Message-ID"] = "The kettle sings", "<kettle@home.example>"
    mail.set_content("It sings when it is empty. A photo is with this mail.")
    mail.add_attachment(PHOTO, maintype="image", subtype="png", filename="kettle.png")
    desk.takes_mail(mail)
    expect(ann.get_by_role("link", name="The kettle sings")).to_be_visible()  # nobody reloads

    reader = new_page()
    ref = in_the_queue(ann, "The kettle sings")
    receipt = its_headers(letter_to(reader, desk.url, "tiiu@home.example", f"[{ref}] We have your request"))
    assert receipt["In-Reply-To"] == "<kettle@home.example>"
    assert receipt["Auto-Submitted"] == "auto-replied"

    opens(ann, "The kettle sings")
    with ann.expect_download() as downloading:
        ann.get_by_role("link", name="kettle.png").click()
    downloading.value.save_as(tmp_path / "kettle.png")
    assert (tmp_path / "kettle.png").read_bytes() == PHOTO
    writes(ann, "Note", "She is a friend of the head.")
    writes(ann, "Reply", "And which kettle is it?", ready="Opening hours")
    assert state_of(ann) == "Waiting for the customer"

    answer = its_headers(letter_to(reader, desk.url, "tiiu@home.example", "Re: The kettle sings"))
    assert answer["In-Reply-To"] == receipt["Message-ID"]  # the newest of their conversation
    assert answer["References"].split() == ["<kettle@home.example>", receipt["Message-ID"]]
    words = answer.get_body(["plain"]).get_content()  # type: ignore[union-attr]
    for part in ("Hello Tiiu Tamm", "We are open from Monday to Friday", "And which kettle is it?", "Ann Byrne"):
        assert part in words

    answered(reader, "It is the red one.")
    expect(ann.locator("#timeline").get_by_text("It is the red one.")).to_be_visible()
    expect(ann.locator("#ticket-head .badge")).to_have_text("In progress")  # `on_message` moved it
    expect(ann.locator("#timeline")).to_contain_text("Tiiu Tamm Write to us In progress")

    tiiu = signed_in_to_the_cabinet(new_page(), desk, "tiiu@home.example")
    tiiu.get_by_role("link", name="The kettle sings").click()
    for part in ("It sings when it is empty", "And which kettle is it?", "It is the red one.", "kettle.png"):
        expect(tiiu.get_by_text(part).first).to_be_visible()
    expect(tiiu.get_by_text("We are on it").first).to_be_visible()  # the state in the customer's words
    assert "friend of the head" not in tiiu.content()
    assert "ann@example.test" not in tiiu.content()


def test_a_repair_is_paid_once_and_to_the_accountant_alone(desk: Desk, new_page: OpenPage) -> None:
    customer = new_page()
    customer.goto(f"{desk.url}/forms/repair")
    customer.get_by_label("Name").fill("Juhan Liiv")
    customer.get_by_label("E-mail").fill("juhan@home.example")
    customer.get_by_label("Device").fill("Tide radio")
    customer.get_by_label("Serial number").fill("AB123456")
    customer.get_by_label("Broken").check()
    customer.get_by_label("Subject").fill("The radio hums")
    customer.get_by_role("textbox", name="Message").fill("Only on Sundays.")
    customer.get_by_label("I agree").check()
    customer.get_by_role("button", name="Send").click()
    expect(customer.get_by_text("before anything costs money")).to_be_visible()

    kadri = signed_in(new_page(), desk, "Kadri Saar")
    expect(kadri.get_by_role("link", name="The radio hums")).to_have_count(0)
    ann = signed_in(new_page(), desk, "Ann Byrne")
    ref = in_the_queue(ann, "The radio hums")
    opens(ann, "The radio hums")
    expect(ann.get_by_text("Receive payment")).to_have_count(0)
    ann.get_by_role("link", name="Quote a price").click()
    ann.get_by_label("Price of the repair").fill("45.50")
    ann.locator("form.composer").get_by_role("button", name="Quote a price").click()

    expect(ann.get_by_text(f"{ref} is now “Awaiting payment”, where you do not see it.")).to_be_visible()
    assert ann.goto(f"{desk.url}/desk/tickets/{ref}").status == 404  # type: ignore[union-attr]
    assert ann.goto(f"{desk.url}/desk/tickets/{ref}/do/receive_payment").status == 404  # type: ignore[union-attr]

    expect(kadri.get_by_role("link", name="The radio hums")).to_be_visible()  # it came to her by itself
    assert set(kadri.locator(".ticket-row .badge").all_inner_texts()) == {"Awaiting payment"}
    asked = its_headers(letter_to(new_page(), desk.url, "juhan@home.example", f"[{ref}] Your repair costs 45.50 EUR"))
    assert ref in asked.get_body(["plain"]).get_content()  # type: ignore[union-attr]
    opens(kadri, "The radio hums")
    kadri.get_by_role("link", name="Receive payment").click()
    kadri.get_by_label("Amount").fill("45.50")
    kadri.get_by_label("Card").check()
    kadri.locator("form.composer").get_by_role("button", name="Receive payment").dblclick()
    expect(kadri.get_by_text(f"{ref} is now “In repair”, where you do not see it.")).to_be_visible()

    boris = signed_in(new_page(), desk, "Boris Petrov")
    boris.goto(f"{desk.url}/desk/tickets/{ref}")
    expect(boris.locator(".paid")).to_have_count(1)
    expect(boris.locator(".paid")).to_contain_text("€45.50")

    juhan = signed_in_to_the_cabinet(customer, desk, "juhan@home.example")
    juhan.get_by_role("link", name="The radio hums").click()
    expect(juhan.locator(".paid")).to_contain_text("€45.50")
    expect(juhan.locator(".paid")).to_contain_text("Card")
    expect(juhan.get_by_text("In repair").first).to_be_visible()
    assert "Kadri" not in juhan.locator(".paid").inner_text()


def test_the_second_of_two_agents_sees_what_changed_and_keeps_the_text(desk: Desk, new_page: OpenPage) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "mari@home.example", "support@localhost", "The clock is late"
    mail.set_content("By an hour.")
    ann, mateo = signed_in(new_page(), desk, "Ann Byrne"), signed_in(new_page(), desk, "Mateo García")
    desk.takes_mail(mail)
    opens(ann, "The clock is late")
    opens(mateo, "The clock is late")
    mateo.get_by_role("link", name=re.compile("^Reply")).click()
    sheet(mateo).click()
    mateo.keyboard.type("Please turn the small wheel.")
    writes(ann, "Reply", "It is winter time.")
    expect(mateo.locator("#timeline").get_by_text("It is winter time.")).to_be_visible()
    expect(sheet(mateo)).to_contain_text("Please turn the small wheel.")

    send = mateo.locator("form.composer").get_by_role("button", name="Reply", exact=True)
    send.click()
    expect(mateo.get_by_text("This ticket changed while you were writing.")).to_be_visible()
    expect(mateo.locator("form.composer")).to_contain_text("Ann Byrne")
    expect(sheet(mateo)).to_contain_text("Please turn the small wheel.")
    expect(mateo.locator("#timeline").get_by_text("Please turn the small wheel.")).to_have_count(0)
    send.click()
    expect(mateo.locator("#timeline").get_by_text("Please turn the small wheel.")).to_be_visible()
