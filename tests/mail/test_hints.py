"""Letters without a believable label of their own: what the mail says elsewhere weighs, where the bytes fit it."""

from __future__ import annotations

import pytest

from helpdesk.channels.email.parse import parse
from tests.mail.letters import letter, mail_of, multipart, part

POLISH, RUSSIAN = "Zażółć gęślą jaźń", "Принтер горит, помогите мне"


@pytest.mark.parametrize(
    ("text", "codec", "headers"),
    [
        ("äöüß", "latin-1", {"subject": "=?iso-8859-1?Q?=E4?="}),
        (POLISH, "iso8859-2", {"subject": "=?iso-8859-2?Q?Za=BF?="}),
        (POLISH, "cp1250", {"content_language": "pl"}),
        ("Güneş ışığı çok", "cp1254", {"from_": "=?windows-1254?Q?=DEule?= <s@client.example>"}),
        ("Šodien būs jauka diena", "cp1257", {"content_language": "en, lv-LV"}),
        ("שלום לכם", "cp1255", {"subject": "=?windows-1255?B?+ew=?="}),
        ("สวัสดีครับ", "cp874", {"subject": "=?tis-620?B?ytfR?="}),
        (POLISH, "iso8859-2", {"subject": "=?iso-8859-2?Q?Za=BF?=", "content_type": "text/plain; charset=us-ascii"}),
        (POLISH, "iso8859-2", {"subject": "=?iso-8859-2?Q?Za=BF?=", "content_type": "text/plain; charset=x-none"}),
    ],
)
def test_a_text_without_a_label_is_read_by_those_of_the_head(text: str, codec: str, headers: dict[str, str]) -> None:
    assert parse(letter(text.encode(codec), **headers)).text == text


def test_a_text_without_a_label_is_read_by_that_of_another_part() -> None:
    bare = b"Content-Type: text/plain\r\n\r\n" + POLISH.encode("iso8859-2")
    both = multipart("alternative", bare, part("text/html; charset=iso-8859-2", b"<p>x</p>"))
    assert parse(mail_of(both)).text == POLISH


def test_a_page_says_its_language() -> None:
    page = '<html lang="cs"><body>Příliš žluťoučký kůň</body></html>'
    assert parse(letter(page.encode("cp1250"), content_type="text/html")).text == "Příliš žluťoučký kůň"


def test_raw_names_are_read_by_the_labels_of_the_mail() -> None:
    named = b'Content-Type: application/pdf; name="\xbf\xf3\xb3w.pdf"\r\n\r\nx'
    mail = parse(
        mail_of(
            multipart("mixed", part("text/plain; charset=iso-8859-2", "Hi"), named),
            subject=POLISH.encode("iso8859-2"),
            from_="Łukasz Żak <l@client.example>".encode("iso8859-2"),
            x_note="=?iso-8859-2?Q?=BF?=",
        )
    )
    assert (mail.subject, mail.from_.name) == (POLISH, "Łukasz Żak")
    assert [file.filename for file in mail.attachments] == ["żółw.pdf"]


@pytest.mark.parametrize(
    ("text", "codec", "hint"),
    [
        (RUSSIAN, "cp1251", "=?iso-8859-1?Q?=E4?="),
        (RUSSIAN, "koi8-r", "=?windows-1251?B?z/Do?="),
        ("Grüße aus Köln für alle", "latin-1", "=?koi8-r?B?z/Do?="),
        ("Grüße aus Köln für alle", "latin-1", "=?gb2312?B?tPLTobv6?="),
    ],
)
def test_a_hint_that_does_not_fit_is_not_followed(text: str, codec: str, hint: str) -> None:
    """Letters in the midst of another script, capitals behind small ones, signs that no word has."""
    assert parse(letter(text.encode(codec), subject=hint)).text == text


def test_a_label_that_the_bytes_prove_wrong_is_none() -> None:
    raw = letter(RUSSIAN.encode("cp1251"), content_type="text/plain; charset=us-ascii")
    assert parse(raw).text == RUSSIAN


def test_a_label_of_its_own_is_believed_before_any_hint() -> None:
    raw = letter("Grüße".encode("cp1252"), content_type="text/plain; charset=cp1252", subject="=?iso-8859-2?Q?=BF?=")
    assert parse(raw).text == "Grüße"


@pytest.mark.parametrize(
    ("text", "codec", "label"),
    [
        ("프린터에 불이", "iso2022_kr", "iso-2022-kr"),
        ("프린터에 불이", "iso2022_kr", ""),
        ("Příliš žluťoučký", "mac_latin2", "x-mac-ce"),
        ("Καλημέρα", "mac_greek", "x-mac-greek"),
        ("日本語です", "euc_jp", "x-euc-jp"),
    ],
)
def test_labels_of_old_programs_are_known(text: str, codec: str, label: str) -> None:
    kind = f"text/plain; charset={label}" if label else "text/plain"
    assert parse(letter(text.encode(codec), content_type=kind)).text == text


def test_a_uuencoded_part_is_the_file_it_was() -> None:
    body = "begin 644 hello.txt\r\n+:&5L;&\\@=V]R;&0\r\n`\r\nend\r\n"
    for coding in ("x-uuencode", "uuencode"):
        file = part("application/octet-stream; name=hello.txt", body, f"Content-Transfer-Encoding: {coding}")
        (found,) = parse(mail_of(multipart("mixed", part("text/plain", "Hi"), file))).attachments
        assert (found.filename, found.content) == ("hello.txt", b"hello world")


@pytest.mark.parametrize("header", ['attachment filename="a.pdf"', 'attachment, filename="a.pdf"'])
def test_a_semicolon_left_out_costs_no_name(header: str) -> None:
    file = part("application/pdf", "x", f"Content-Disposition: {header}")
    (found,) = parse(mail_of(multipart("mixed", part("text/plain", "Hi"), file))).attachments
    assert (found.filename, found.inline) == ("a.pdf", False)


def test_a_comment_behind_the_type_does_no_harm() -> None:
    assert parse(letter("<p>Hi</p>", content_type="text/html (a page); charset=utf-8")).text == "Hi"


def test_an_encoded_word_that_lost_one_sign_at_its_end_is_read() -> None:
    assert parse(letter(subject="=?utf-8?Q?Gr=C3=BC=C3=9Fe?")).subject == "Grüße"
