"""The cabinet: a customer follows a request, answers it, and sees nothing that is not theirs."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask

from helpdesk.tickets.rich import Upload
from tests.at_the_desk import AtTheDesk, hidden_in
from tests.cast import Case, Character
from tests.visitor import Visitor

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001"
    "e221bc330000000049454e44ae426082"
)


@pytest.fixture
def request_of_olga(olga: Character) -> Case:
    return olga.writes("Printer on fire", "Smoke comes out of it.")


@pytest.fixture
def cabinet(app: Flask, olga: Character, request_of_olga: Case) -> Visitor:
    browser = Visitor(app)
    browser.signs_in_to_the_cabinet(olga.email)
    return browser


def page_of(browser: Visitor, case: Case) -> str:
    return browser.opens(f"/my/requests/{case.ref}").text


def hidden_fields(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(seen|nonce)" value="([^"]+)"', page))


def test_the_customer_reads_the_conversation_and_never_a_note(
    app: Flask, cabinet: Visitor, request_of_olga: Case, ann: Character
) -> None:
    """attacks 40 and 41: staff speak by name, notes and addresses stay inside"""
    ann.performs("comment", request_of_olga, text="CANARY-NOTE she is difficult")
    ann.performs("reply", request_of_olga, text="Which floor is it on?", kind="technical")
    page = page_of(cabinet, request_of_olga)
    assert "Smoke comes out of it." in page
    assert "Which floor is it on?" in page
    assert "Ann" in page
    assert "Please answer" in page, "the state in the customer's words"
    assert "Waiting for the customer" not in page
    assert "CANARY-NOTE" not in page
    assert "ann@acme.example" not in page
    assert "Technical" not in page, "what staff filled in beside the message"
    assert "Received" not in cabinet.opens("/my/requests").text
    assert "Please answer" in cabinet.opens("/my/requests").text


def test_what_the_customer_filled_in_is_read_again_and_what_staff_did_for_them_is_not(
    app: Flask, olga: Character, ann: Character
) -> None:
    """attack 40: the same form, sent by Olga and entered by Ann for her"""
    form = {"email": olga.email, "subject": "Printer", "message": "Smoke.", "kind": "technical", "consent": "yes"}
    Visitor(app).sends("/forms/contact", **form, serial="AB123456")
    anns = AtTheDesk(app, ann)
    hidden = hidden_in(anns.opens("/desk/tickets/new").text, "/desk/tickets/new?form=contact_form")
    anns.client.post("/desk/tickets/new?form=contact_form", data={**hidden, **form, "serial": "CD654321"})
    browser = Visitor(app)
    browser.signs_in_to_the_cabinet(olga.email)
    refs = sorted(set(re.findall(r"/my/requests/(R-\d+)", browser.opens("/my/requests").text)))
    by_olga, by_ann = (browser.opens(f"/my/requests/{ref}").text for ref in refs)
    assert "AB123456" in by_olga
    assert "Smoke." in by_ann
    assert "CD654321" not in by_ann


def test_a_file_of_a_note_is_not_there(app: Flask, cabinet: Visitor, request_of_olga: Case, ann: Character) -> None:
    """attacks 40 and 45: the customer of the ticket is no reader of its notes"""
    ann.performs("comment", request_of_olga, text="See the file.", files=[_upload(app, "note.pdf", b"CANARY-FILE")])
    ann.performs("reply", request_of_olga, text="Here.", files=[_upload(app, "plan.pdf", b"%PDF-1.4 a plan")])
    shown = re.findall(r'href="(/my/requests/[^"]+/files/\d+)"', page_of(cabinet, request_of_olga))
    answers = [cabinet.opens(f"/my/requests/{request_of_olga.ref}/files/{number}") for number in range(1, 5)]
    assert [answer.data for answer in answers if answer.status_code == 200] == [b"%PDF-1.4 a plan"]
    assert len(set(shown)) == 1


def test_the_answer_box_runs_what_a_message_means_here(cabinet: Visitor, request_of_olga: Case, ann: Character) -> None:
    """W41: the state's `on_message.customer` needs no button of its own"""
    ann.performs("reply", request_of_olga, text="Which floor?")
    page = page_of(cabinet, request_of_olga)
    answered = cabinet.sends(
        f"/my/requests/{request_of_olga.ref}/do/customer_reply",
        message="The third.",
        files=(io.BytesIO(PIXEL), "floor.png"),
        **hidden_fields(page),
    )
    assert answered.status_code == 303
    assert request_of_olga.state == "new"
    assert request_of_olga.story == ["opened", "acknowledge", "reply", "customer_reply"]
    page = page_of(cabinet, request_of_olga)
    assert "The third." in page
    picture = cabinet.opens(re.findall(r'href="(/my/requests/[^"]+/files/\d+)"', page)[0])
    assert (picture.status_code, picture.mimetype, picture.data) == (200, "image/png", PIXEL)


def test_an_empty_answer_changes_nothing_and_keeps_its_place(cabinet: Visitor, request_of_olga: Case) -> None:
    page = page_of(cabinet, request_of_olga)
    refused = cabinet.sends(f"/my/requests/{request_of_olga.ref}/do/customer_reply", message="", **hidden_fields(page))
    assert refused.status_code == 422
    assert "Please write something, or add a file." in refused.text
    assert request_of_olga.story == ["opened", "acknowledge"]


def test_the_same_answer_sent_twice_is_one(cabinet: Visitor, request_of_olga: Case) -> None:
    """attack 96"""
    fields = hidden_fields(page_of(cabinet, request_of_olga))
    path = f"/my/requests/{request_of_olga.ref}/do/customer_reply"
    for _ in range(3):
        assert cabinet.sends(path, message="The third.", **fields).status_code == 303
    assert request_of_olga.story == ["opened", "acknowledge", "customer_reply"]


def test_an_answer_to_what_has_changed_is_asked_about_again(
    cabinet: Visitor, request_of_olga: Case, ann: Character
) -> None:
    """attack 95: her words are kept on the page, the news beside them"""
    fields = hidden_fields(page_of(cabinet, request_of_olga))
    ann.performs("reply", request_of_olga, text="Never mind, we found it.")
    path = f"/my/requests/{request_of_olga.ref}/do/customer_reply"
    stale = cabinet.sends(path, message="The third.", **fields)
    assert stale.status_code == 409
    assert "Something new has happened" in stale.text
    assert "Never mind, we found it." in stale.text
    assert "The third." in stale.text
    assert cabinet.sends(path, message="The third.", **hidden_fields(stale.text)).status_code == 303


def test_a_finished_request_is_taken_up_again_by_writing(
    cabinet: Visitor, request_of_olga: Case, ann: Character
) -> None:
    ann.performs("close", request_of_olga, kind="technical")
    assert "Closed" in page_of(cabinet, request_of_olga)
    fields = hidden_fields(page_of(cabinet, request_of_olga))
    path = f"/my/requests/{request_of_olga.ref}/do/reopen"
    assert cabinet.sends(path, message="It burns again.", **fields).status_code == 303
    assert request_of_olga.state == "new"


def test_what_is_hidden_from_customers_is_not_there(cabinet: Visitor, request_of_olga: Case, ann: Character) -> None:
    ann.performs("spam", request_of_olga)
    assert cabinet.opens(f"/my/requests/{request_of_olga.ref}").status_code == 404
    assert "Printer on fire" not in cabinet.opens("/my/requests").text


def test_another_customer_meets_nothing(app: Flask, request_of_olga: Case, ann: Character, mallory: Character) -> None:
    """attacks 43, 45, 59: page, file, form and run, by name and by number; and a child through a ticket of her own"""
    ann.performs("reply", request_of_olga, text="Here.", files=[_upload(app, "plan.pdf", b"%PDF-1.4 secret plan")])
    own = mallory.writes("My own matter")
    browser = Visitor(app)
    browser.signs_in_to_the_cabinet(mallory.email)
    file_id = request_of_olga.messages[-1].id
    for name in (request_of_olga.ref, str(request_of_olga.id)):
        assert browser.opens(f"/my/requests/{name}").status_code == 404
        assert browser.opens(f"/my/requests/{name}/files/1").status_code == 404
        assert browser.opens(f"/my/requests/{name}/do/customer_reply").status_code == 404
        assert browser.sends(f"/my/requests/{name}/do/customer_reply", message="Hello").status_code == 404
    assert file_id
    assert browser.opens(f"/my/requests/{own.ref}").status_code == 200
    assert browser.opens(f"/my/requests/{own.ref}/files/1").status_code == 404
    assert request_of_olga.story == ["opened", "acknowledge", "reply"]


def test_the_customer_runs_only_what_the_file_gives_her(cabinet: Visitor, request_of_olga: Case) -> None:
    """attack 59"""
    cabinet.opens("/my/requests")
    for action in (
        "reply",
        "comment",
        "close",
        "spam",
        "take",
        "acknowledge",
        "receive_payment",
        "nothing",
        "__class__",
    ):
        path = f"/my/requests/{request_of_olga.ref}/do/{action}"
        assert cabinet.opens(path).status_code == 404, action
        assert cabinet.sends(path, message="x").status_code == 404, action
    assert cabinet.sends(f"/my/requests/{request_of_olga.ref}/do/reopen", message="x").status_code == 409
    assert request_of_olga.story == ["opened", "acknowledge"]


@pytest.mark.parametrize(
    ("name", "content", "claimed"),
    [
        ("x.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "image/svg+xml"),
        ("x.html", b"<script>alert(1)</script>", "text/html"),
        ("x.png", b"<html><script>alert(1)</script>", "image/png"),
        ("x.pdf", b"%PDF-1.4", "application/pdf"),
        ('a"\r\nSet-Cookie: x=1;.txt', b"text", 'text/html;x="><script>'),
        ("счёт.html", b"<b>", "text/html"),
    ],
)
def test_a_file_never_acts_as_a_page(
    app: Flask, cabinet: Visitor, request_of_olga: Case, olga: Character, name: str, content: bytes, claimed: str
) -> None:
    """attacks 4, 5, 6, 7 and 21"""
    upload = _upload(app, name, content, claimed)
    olga.writes("Re: it", "see file", about=request_of_olga, files=(upload,))
    page = page_of(cabinet, request_of_olga)
    path = re.findall(r'href="(/my/requests/[^"]+/files/\d+)"', page)[0]
    answer = cabinet.opens(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers.get("X-Content-Type-Options") == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers["Content-Disposition"].split("filename*")[0].replace("Set-Cookie_", "")
    assert "\n" not in answer.headers["Content-Disposition"]
    assert Visitor(app).opens(path).status_code == 303, "attack 46: the address alone opens nothing"


def test_the_list_goes_on_page_by_page(app: Flask, cabinet: Visitor, olga: Character) -> None:
    for number in range(30):
        olga.writes(f"Matter {number:02}")
    first = cabinet.opens("/my/requests").text
    older = re.findall(r'href="(/my/requests\?before=[^"]+)"', first)[0]
    second = cabinet.opens(older).text
    seen = re.findall(r"Matter \d\d", first) + re.findall(r"Matter \d\d", second)
    assert sorted(set(seen)) == sorted(seen) == [f"Matter {number:02}" for number in range(30)]
    assert "Printer on fire" in second
    assert cabinet.opens("/my/requests?before=x.y").status_code == 404


def test_the_profile_keeps_name_and_zone(cabinet: Visitor) -> None:
    cabinet.opens("/my/profile")
    saved = cabinet.sends("/my/profile", name="Olga\r\nOrlova http://evil.example", language="", timezone="Asia/Tokyo")
    assert saved.status_code == 303
    page = cabinet.opens("/my/profile").text
    assert 'value="Olga Orlova' in page
    assert '<option selected value="Asia/Tokyo">' in page
    assert cabinet.sends("/my/profile", name="Olga", language="", timezone="Mars/Base").status_code == 422


def _upload(app: Flask, name: str, content: bytes, claimed: str = "application/pdf") -> Upload:
    with app.app_context():
        return Upload.keep(content, filename=name, content_type=claimed)


def test_the_number_of_one_form_stands_in_no_other_requests_way(
    cabinet: Visitor, request_of_olga: Case, olga: Character
) -> None:
    """Attack 96: the same number sent for another request is another form, and sent again it is the same one."""
    other = olga.writes("Scanner", "It hums.")
    nonce = hidden_fields(page_of(cabinet, request_of_olga))["nonce"]
    for case in (request_of_olga, other, other):
        answer = cabinet.sends(f"/my/requests/{case.ref}/do/customer_reply", message="More of it.", nonce=nonce)
        assert answer.status_code == 303
    assert request_of_olga.story.count("customer_reply") == 1
    assert other.story.count("customer_reply") == 1


def test_what_was_written_comes_back_where_the_request_went_on_meanwhile(
    cabinet: Visitor, request_of_olga: Case, ann: Character
) -> None:
    """Somebody writes a long answer, and the desk closes the request under it."""
    page = page_of(cabinet, request_of_olga)
    ann.performs("close", request_of_olga, kind="technical")
    path = f"/my/requests/{request_of_olga.ref}/do/customer_reply"
    answer = cabinet.sends(path, message="A long story.", **hidden_fields(page))
    assert answer.status_code == 409
    assert "A long story." in answer.text
    assert request_of_olga.story[-1] == "close"
    assert cabinet.opens(path).status_code == 409, "nobody who only looks is shown a form for nothing"


def test_whoever_writes_very_much_has_not_to_write_it_again(cabinet: Visitor, request_of_olga: Case) -> None:
    path = f"/my/requests/{request_of_olga.ref}/do/customer_reply"
    codes = [cabinet.sends(path, message="").status_code for _ in range(60)]
    stopped = cabinet.sends(path, message="The sixty-first.")
    assert (set(codes), stopped.status_code) == ({422}, 429)
    assert "The sixty-first." in stopped.text


def test_a_long_conversation_is_folded_and_every_part_of_it_can_be_read(
    cabinet: Visitor, request_of_olga: Case, ann: Character
) -> None:
    for number in range(60):
        ann.performs("reply", request_of_olga, text=f"Answer {number:03d}.")
        ann.performs("comment", request_of_olga, text="CANARY-NOTE")
    page, told, turns = page_of(cabinet, request_of_olga), "", 0
    assert "Answer 059." in page
    assert "Smoke comes out of it." not in page
    while older := re.search(rf'href="(/my/requests/{request_of_olga.ref}\?before=\d+)"', page):
        told, page, turns = page + told, cabinet.opens(older[1]).text, turns + 1
    told = page + told
    assert turns == 1
    assert "Smoke comes out of it." in page
    assert re.findall(r"Answer (\d{3})\.", told) == [f"{number:03d}" for number in range(60)]
    assert "CANARY-NOTE" not in told
    assert 'id="answer"' in page, "one answers from every part"
