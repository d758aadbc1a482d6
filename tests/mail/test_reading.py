"""Reading mail as it really is: wrong labels, broken headers, odd structures. Nothing raises, nothing is dropped."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from helpdesk.channels.email.parse import parse
from tests.mail.letters import letter, mail_of, multipart, part, winmail

PLAIN, RICH = "text/plain; charset=utf-8", "text/html; charset=utf-8"


def test_an_ordinary_mail_is_read_whole() -> None:
    mail = parse(
        letter(
            "It burns.\r\n-- \r\nOlga",
            cc="Boris <boris@client.example>, kadri@client.example",
            in_reply_to="<a@desk.example>",
            references="<a@desk.example>\r\n <b@desk.example>",
            delivered_to="support@desk.example",
        )
    )
    assert (mail.from_.name, mail.from_.address) == ("Olga Tamm", "olga@client.example")
    assert [one.address for one in mail.to] == ["support@desk.example"]
    assert [one.name for one in mail.cc] == ["Boris", ""]
    assert mail.subject == "Printer on fire"
    assert mail.message_id == "1@client.example"
    assert mail.in_reply_to == "a@desk.example"
    assert mail.references == ("a@desk.example", "b@desk.example")
    assert mail.delivered_to == ("support@desk.example",)
    assert mail.date == datetime(2024, 2, 5, 8, 0, tzinfo=UTC)
    assert mail.text == "It burns.\n-- \nOlga"
    assert mail.reply_text == "It burns."
    assert mail.html is None
    assert mail.auto == "none"
    assert mail.problems == ()


RUSSIAN, CHINESE, JAPANESE, GERMAN = (
    "Принтер горит, помогите",
    "打印机着火了，请帮忙",
    "プリンタが燃えています",
    "Grüße aus Köln",
)


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        (RUSSIAN, "koi8-r", "koi8-r"),
        (RUSSIAN, "cp1251", "windows-1251"),
        (RUSSIAN, "cp1251", ""),
        (RUSSIAN, "koi8-r", "x-unknown"),
        (RUSSIAN, "utf-8", "iso-8859-1"),
        (RUSSIAN, "utf-8", "us-ascii"),
        (RUSSIAN, "utf-8", "no-such-charset"),
        (GERMAN, "latin-1", "utf-8"),
        (GERMAN, "cp1252", "iso-8859-1"),
        (GERMAN, "cp1252", ""),
        ("“Grüße” – 5 €", "cp1252", "iso-8859-1"),
        (CHINESE, "gb18030", "gb2312"),
        ("朱镕基", "gbk", "gb2312"),
        (CHINESE, "utf-8", "gb2312"),
        ("印表機著火了，請幫忙", "big5", "big5"),
        (JAPANESE, "iso2022_jp", "iso-2022-jp"),
        (JAPANESE, "cp932", "shift_jis"),
        (JAPANESE, "euc_jp", "euc-jp"),
        ("프린터에 불이 났어요", "cp949", "ks_c_5601-1987"),
        ("Ünlü çiçek", "cp1254", "iso-8859-9"),
        ("Καλημέρα", "cp1253", "windows-1253"),
        (GERMAN, "utf-7", "utf-7"),
        (GERMAN, "utf-16", "utf-16"),
        (GERMAN, "utf-8-sig", "us-ascii"),
    ],
)
def test_bytes_become_the_text_they_were_whatever_the_label_says(text: str, codec: str, label: str) -> None:
    kind = f'text/plain; charset="{label}"' if label else "text/plain"
    body = base64.encodebytes(text.encode(codec))
    assert parse(letter(body, content_type=kind, content_transfer_encoding="base64")).text == text


def test_vendor_characters_in_iso_2022_jp_are_read() -> None:
    """NEC row 13: the circled one that mail from Windows carries and the standard does not know."""
    assert parse(letter(b"\x1b$B-!\x1b(B ok", content_type="text/plain; charset=iso-2022-jp")).text == "① ok"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("=?utf-8?B?R3LDvMOfZQ==?=", "Grüße"),
        ("=?utf-8?b?R3LDvMOfZQ?=", "Grüße"),
        ("=?utf-8?Q?Gr=C3=BC?= =?utf-8?Q?=C3=9Fe?=", "Grüße"),
        ("=?utf-8?Q?Gr=C3?=\r\n =?utf-8?Q?=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8*de?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?Q?Gr=C3=BC=C3=9Fe aus K=C3=B6ln?=", "Grüße aus Köln"),
        ("=?iso-8859-1?Q?Gr=FC=DFe?= and more", "Grüße and more"),
        ("=?bogus-8?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?utf-8?Q?Gr=C3=BC=C3=9Fe=0D=0ABcc:_x@y.example?=", "Grüße Bcc: x@y.example"),
        ("=?utf-8?B?R3LDvMOf", "Grüß"),
        ("=?utf-8?X?abc?=", "=?utf-8?X?abc?="),
        ("a =? b ?= c", "a =? b ?= c"),
        ("Grüße", "Grüße"),
        ("Gr\u202e\u200büße", "Grüße"),
    ],
)
def test_subjects_are_decoded_with_all_their_mistakes(raw: str, shown: str) -> None:
    """Attacks 16 and 31: no line break and no invisible character comes out of an encoded word."""
    assert parse(letter(subject=raw)).subject == shown


def test_raw_8_bit_headers_are_guessed() -> None:
    assert parse(letter(subject="Grüße".encode("cp1252"))).subject == "Grüße"
    assert parse(letter(subject="Принтер горит".encode("cp1251"))).subject == "Принтер горит"


def test_broken_folding_and_junk_before_the_headers_cost_no_header() -> None:
    raw = b"HTTP banner\r\n" + letter("Hi").replace(b"Subject: ", b"lost folding here\r\nSubject: ")
    mail = parse(raw)
    assert mail.subject == "Printer on fire"
    assert mail.text == "Hi"
    assert "broken-headers" in mail.problems


@pytest.mark.parametrize("ends", [b"\r", b"\n", b"\r\r\n", b"\n\0"])
def test_odd_line_ends_make_no_difference(ends: bytes) -> None:
    mail = parse(letter("Hi\r\nthere").replace(b"\r\n", ends))
    assert mail.subject == "Printer on fire"
    assert mail.text.startswith("Hi")


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="bill.pdf"', "bill.pdf"),
        ("attachment; filename=my bill.pdf", "my bill.pdf"),
        ("attachment; filename*=utf-8''Rechnung%20M%C3%A4rz.pdf", "Rechnung März.pdf"),
        ("attachment; filename*0*=utf-8''Rech; filename*1*=nung%20M%C3%A4; filename*2=rz.pdf", "Rechnung März.pdf"),
        ('attachment; filename*1="b.pdf"; filename*0="a"', "ab.pdf"),
        ('attachment; filename="=?utf-8?B?TcOkcnoucGRm?="', "März.pdf"),
        ("attachment; filename==?utf-8?Q?M=C3=A4rz.pdf?=", "März.pdf"),
        ("attachment; filename*=utf-8''..%2f..%2fa%00.html", "a.html"),
        ('attachment; filename="..\\\\..\\\\boot.ini"', "boot.ini"),
        ("attachment; filename*=utf-8''%E2%80%8B.htaccess", "htaccess"),
        ("attachment; filename*=utf-8''a%E2%80%AEgpj.exe", "agpj.exe"),
        ('attachment; filename="unclosed.pdf', "unclosed.pdf"),
        ("attachment; filename*=bogus'x'M%C3%A4rz.pdf", "März.pdf"),
        ("attachment", "attachment-1.pdf"),
    ],
)
def test_attachment_names_are_decoded_and_lead_nowhere(header: str, name: str) -> None:
    """Attacks 16 and 17: RFC 2231, encoded words and their mistakes; no path, no control, no disguise."""
    raw = mail_of(multipart("mixed", part(PLAIN, "Hi"), part("application/pdf", "x", f"Content-Disposition: {header}")))
    assert [file.filename for file in parse(raw).attachments] == [name]


def test_an_alternative_shows_both_its_forms_once() -> None:
    mail = parse(mail_of(multipart("alternative", part(PLAIN, "Hi Ann"), part(RICH, "<p>Hi <b>Ann</b></p>"))))
    assert mail.text == "Hi Ann"
    assert mail.html == "<p>Hi <b>Ann</b></p>"
    assert mail.attachments == ()


def test_two_html_parts_of_an_alternative_are_both_shown() -> None:
    mail = parse(
        mail_of(multipart("alternative", part(PLAIN, "Hi"), part(RICH, "<p>one</p>"), part(RICH, "<p>two</p>")))
    )
    assert mail.html == "<p>one</p><p>two</p>"


def test_pictures_of_the_text_are_inline_and_found_by_their_id() -> None:
    picture = part("image/png", "x", "Content-ID: <logo@client>", "Content-Disposition: inline")
    mail = parse(mail_of(multipart("related", part(RICH, '<img src="cid:logo@client" alt="Logo">'), picture)))
    assert mail.html == '<img data-cid="logo@client" alt="Logo">'
    assert [(file.inline, file.content_id) for file in mail.attachments] == [(True, "logo@client")]


def test_text_parts_with_names_are_files_and_nameless_ones_are_read() -> None:
    named = part('text/plain; name="log.txt"', "boot", 'Content-Disposition: attachment; filename="log.txt"')
    mail = parse(mail_of(multipart("mixed", part(PLAIN, "Above"), named, part(PLAIN, "Below"))))
    assert mail.text == "Above\n\nBelow"
    assert [(file.filename, file.content) for file in mail.attachments] == [("log.txt", b"boot")]


def test_html_alone_is_readable_as_text() -> None:
    mail = parse(letter("<p>Hi<br>there</p><script>alert(1)</script>", content_type=RICH))
    assert mail.text == "Hi\nthere"
    assert mail.html == "<p>Hi<br>there</p>"


def test_the_words_of_enriched_text_are_read_and_its_looks_stay_a_file() -> None:
    source = "It is <bold>urgent</bold>,<nl>very."
    enriched = part("text/enriched", source)

    mixed = parse(multipart("mixed", part(PLAIN, "Hello"), enriched))
    assert mixed.text == "Hello\n\nIt is urgent,\nvery."
    assert [file.content.decode().strip() for file in mixed.attachments] == [source]

    alternative = parse(multipart("alternative", part(PLAIN, "It is urgent."), enriched))
    assert alternative.text == "It is urgent."
    assert [file.content.decode().strip() for file in alternative.attachments] == [source]


def test_flowed_text_flows() -> None:
    mail = parse(letter("One \r\nline.\r\n> quoted \r\n> too\r\n-- \r\nOlga", content_type="text/plain; format=flowed"))
    assert mail.text == "One line.\n> quoted too\n-- \nOlga"


def test_uuencoded_files_in_old_text_are_files() -> None:
    mail = parse(letter("See this:\r\nbegin 644 hello.txt\r\n+:&5L;&\\@=V]R;&0\r\n`\r\nend\r\nBye"))
    assert [(file.filename, file.content) for file in mail.attachments] == [("hello.txt", b"hello world")]
    assert mail.text == "See this:\nBye"


def test_winmail_dat_gives_the_files_inside() -> None:
    held = winmail(("Rechnung März.pdf", b"%PDF"), ("notes.txt", b"x"), text="Hello from Outlook")
    body = base64.encodebytes(held)
    raw = letter(body, content_type='application/ms-tnef; name="winmail.dat"', content_transfer_encoding="base64")
    mail = parse(raw)
    assert [(f.filename, f.content) for f in mail.attachments] == [("Rechnung März.pdf", b"%PDF"), ("notes.txt", b"x")]
    assert mail.text == "Hello from Outlook"


def test_a_winmail_dat_that_makes_no_sense_stays_as_it_came() -> None:
    for content in (b"no tnef", winmail(("a.txt", b"x"))[:25], b"\x78\x9f\x3e\x22\0\0" + b"\xff" * 50):
        body = base64.encodebytes(content)
        mail = parse(
            letter(body, content_type="application/ms-tnef; name=winmail.dat", content_transfer_encoding="base64")
        )
        assert [(file.filename, file.content) for file in mail.attachments] == [("winmail.dat", content)]


def test_a_mail_inside_a_mail_is_a_file_and_not_looked_into() -> None:
    inner = letter("Secret body", subject="The inner one")
    mail = parse(mail_of(multipart("mixed", part(PLAIN, "See below"), part("message/rfc822", inner))))
    assert mail.text == "See below"
    assert [(file.filename, file.content) for file in mail.attachments] == [("The inner one.eml", inner)]


def test_an_invitation_comes_with_its_calendar_file() -> None:
    invitation = part("text/calendar; method=REQUEST; charset=utf-8", "BEGIN:VCALENDAR")
    mail = parse(mail_of(multipart("alternative", part(PLAIN, "Meeting at ten"), invitation)))
    assert mail.text == "Meeting at ten"
    assert [(file.filename, file.content_type) for file in mail.attachments] == [("attachment-1.ics", "text/calendar")]


def test_sealed_mail_is_shown_as_such_and_kept() -> None:
    signed = multipart(
        "signed; protocol=application/pgp-signature", part(PLAIN, "Hi"), part("application/pgp-signature", "x")
    )
    assert parse(mail_of(signed)).sealed == "pgp-signed"
    assert parse(mail_of(signed)).text == "Hi"
    closed = parse(letter("x", content_type="application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m"))
    assert closed.sealed == "smime-encrypted"
    assert [file.filename for file in closed.attachments] == ["smime.p7m"]


def test_base64_that_is_none_and_none_that_is_base64() -> None:
    assert parse(letter("Just plain words here, no encoding", content_transfer_encoding="base64")).text.startswith(
        "Just"
    )
    body = base64.b64encode(b"Hello").decode() + "\r\n_____\r\nList footer, unsubscribe here"
    assert parse(letter(body, content_transfer_encoding="base64")).text == "Hello"
    assert parse(letter("SGVs\r\nbG8=", content_transfer_encoding="Base64;")).text == "Hello"


def test_quoted_printable_with_mistakes_keeps_its_text() -> None:
    assert (
        parse(letter("50=25 = half=\r\n of=ZZ it=", content_transfer_encoding="quoted-printable")).text
        == "50% = half of=ZZ it"
    )


def test_a_multipart_without_its_boundary_is_put_together_all_the_same() -> None:
    raw = mail_of(
        multipart("mixed", part(PLAIN, "Hi"), part("application/pdf", "x", "Content-Disposition: attachment"))
    )
    for broken in (raw.replace(b'; boundary="=_mixed_2"', b""), raw.replace(b'="=_mixed_2"', b'="other"')):
        mail = parse(broken)
        assert mail.text == "Hi"
        assert len(mail.attachments) == 1
        assert "broken-multipart" in mail.problems


def test_a_mail_cut_off_in_the_middle_keeps_what_came() -> None:
    raw = mail_of(multipart("mixed", part(PLAIN, "Hi there"), part("application/pdf", "x" * 500)))
    assert parse(raw[:-300]).text == "Hi there"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("Mon, 5 Feb 2024 10:00:00 +0200 (EET)", datetime(2024, 2, 5, 8, tzinfo=UTC)),
        ("2024-02-05T10:00:00+02:00", datetime(2024, 2, 5, 8, tzinfo=UTC)),
        ("5 Feb 24 10:00 GMT", datetime(2024, 2, 5, 10, tzinfo=UTC)),
        ("Mon, 99 Foo 20000 77:77", None),
        ("yesterday", None),
        ("", None),
        ("Thu, 1 Jan 1970 00:00:00 +9999", None),
    ],
)
def test_dates_are_believed_as_far_as_they_make_sense(value: str, wanted: datetime | None) -> None:
    """Fault 18."""
    found = parse(letter(date=value)).date
    assert found == wanted or (wanted is None and found is not None and found.year < 1971)


@pytest.mark.parametrize(
    "raw", [b"", b"\0", b"\xff" * 1000, b"\r\n", b":", b"From:", b"--\r\n--", bytes(range(256)) * 20]
)
def test_any_bytes_are_a_mail(raw: bytes) -> None:
    """Fault 17."""
    mail = parse(raw)
    assert not mail.sender_is_clear
    assert "\0" not in mail.text
