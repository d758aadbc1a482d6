"""One mail of each kind, small and sound: what the fuzzers begin with. `HELPDESK_MAIL_SEEDS` names a folder of more."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from tests.mail.clients import CLIENTS, answer
from tests.mail.letters import letter, mail_of, multipart, part, winmail

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(64))).decode()
REPORT = "Reporting-MTA: dns; mx.client.example\r\n\r\nFinal-Recipient: rfc822; b@client.example\r\nStatus: 5.1.1\r\n"
UUENCODED = "See below.\r\nbegin 644 cat.gif\r\n#0V%T\r\n`\r\nend\r\nThat was it."
WORDS = {
    "koi8-r": "Принтер горит",
    "windows-1251": "Счёт-фактура",
    "iso-2022-jp": "プリンタが燃えています",
    "shift_jis": "請求書",
    "gb18030": "打印机着火了",
    "big5": "印表機",
    "euc-kr": "프린터",
    "windows-1256": "الطابعة",
    "iso-8859-8": "מדפסת",
    "utf-7": "Grüße",
    "utf-16": "Žluťoučký",
}


def seeds() -> list[bytes]:
    """All of them, always in the same order."""
    return [*_simple(), *_composed(), *_robots(), *_answers(), *_more()]


def _simple() -> Iterator[bytes]:
    yield letter()
    yield letter("", subject=None, from_=None)
    yield letter("It burns.\r\n-- \r\nOlga", cc="Boris <b@client.example>, k@client.example", reply_to="o@home.example")
    yield letter("Long \r\nlines \r\nflow.\r\n> quoted \r\n> too", content_type="text/plain; format=flowed; delsp=yes")
    yield letter("<p>Hi<script>x</script><img src=cid:a><b>there", content_type="text/html; charset=utf-8")
    yield letter(UUENCODED)
    for charset, words in WORDS.items():
        body = words.encode(charset)
        yield letter(body, content_type=f"text/plain; charset={charset}")
        coded = base64.b64encode(body).decode()
        head = {"subject": f"=?{charset}?b?{coded}?=", "from_": f"=?{charset}?B?{coded}?= <olga@client.example>"}
        yield letter(coded, content_type=f"text/plain; charset={charset}", content_transfer_encoding="base64", **head)
    yield letter(
        "Gr=C3=BC=C3=9Fe =\r\n=20", content_transfer_encoding="quoted-printable", subject="=?utf-8?q?G=C3=BC?="
    )


def _composed() -> Iterator[bytes]:
    text, rich = part("text/plain; charset=utf-8", "Hi"), part("text/html; charset=utf-8", "<p>Hi <img src='cid:a@b'>")
    picture = part("image/png; name=a.png", PNG, "Content-Transfer-Encoding: base64", "Content-ID: <a@b>")
    named = part(
        "application/pdf",
        "%PDF",
        "Content-Disposition: attachment; filename*0*=utf-8''%e2%82%ac%20; filename*1=rates.pdf",
    )
    yield mail_of(multipart("alternative", text, rich))
    yield mail_of(multipart("related", multipart("alternative", text, rich), picture))
    yield mail_of(multipart("mixed", multipart("related", rich, picture), named, part("message/rfc822", letter())))
    yield mail_of(multipart("mixed", text, part("text/calendar; method=REQUEST", "BEGIN:VCALENDAR\r\nEND:VCALENDAR")))
    yield mail_of(multipart("signed; protocol=application/pgp-signature", text, part("application/pgp-signature", "x")))
    yield mail_of(
        multipart("encrypted", part("application/pgp-encrypted", "Version: 1"), part("a/b", "-----BEGIN PGP"))
    )
    tnef = base64.b64encode(winmail(("a.txt", b"hello"), text="Body")).decode()
    sealed = part("application/ms-tnef; name=winmail.dat", tnef, "Content-Transfer-Encoding: base64")
    yield mail_of(multipart("mixed", text, sealed))


def _robots() -> Iterator[bytes]:
    failed = part("text/plain", "<b@client.example>: 550 5.1.1 User unknown")
    told = multipart("report; report-type=delivery-status", failed, part("message/delivery-status", REPORT))
    yield mail_of(told, from_="MAILER-DAEMON@mx.client.example", return_path="<>", subject="Undelivered mail")
    yield letter("I am away.", auto_submitted="auto-replied", subject="Out of office", return_path="<>")
    yield letter("News", list_id="<news.client.example>", precedence="bulk")


def _answers() -> Iterator[bytes]:
    ours = EmailMessage()
    ours["From"], ours["To"], ours["Subject"] = "Help <help@desk.example>", "olga@client.example", "Printer on fire"
    ours["Message-ID"] = "<t1@desk.example>"
    ours.set_content("Which floor?\n\nAnn")
    for name in CLIENTS:
        told = answer(name, ours, "The third.", sender="olga@client.example", message_id="<2@c.example>", threads=True)
        raw = told.as_bytes(policy=SMTP)
        assert message_from_bytes(raw)["Message-ID"]
        yield raw


def _more() -> Iterator[bytes]:
    folder = os.environ.get("HELPDESK_MAIL_SEEDS")
    if folder:
        yield from (path.read_bytes() for path in sorted(Path(folder).iterdir()) if path.is_file())
