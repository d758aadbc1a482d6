"""The reply without what it quotes: what people wrote is never lost, what they quoted is one click away."""

from __future__ import annotations

import time

import pytest

from helpdesk.text.quotes import split

QUOTED = "> Which floor?\n> Ann"

ATTRIBUTIONS = [
    "On Mon, 5 Feb 2024 at 10:00, Ann Lee <ann@firm.example> wrote:",
    "On 5 Feb 2024, at 10:00, Ann Lee wrote:",
    "Am 05.02.2024 um 10:00 schrieb Ann Lee <ann@firm.example>:",
    "Le lun. 5 févr. 2024 à 10:00, Ann Lee <ann@firm.example> a écrit :",
    "El lun, 5 feb 2024 a las 10:00, Ann Lee (<ann@firm.example>) escribió:",
    "Em seg., 5 de fev. de 2024 às 10:00, Ann Lee <ann@firm.example> escreveu:",
    "Il giorno lun 5 feb 2024 alle ore 10:00 Ann Lee <ann@firm.example> ha scritto:",
    "Op ma 5 feb 2024 om 10:00 schreef Ann Lee <ann@firm.example>:",
    "Den mån 5 feb. 2024 kl 10:00 skrev Ann Lee <ann@firm.example>:",
    "Den man. 5. feb. 2024 kl. 10.00 skrev Ann Lee <ann@firm.example>:",
    "ma 5. helmik. 2024 klo 10.00 Ann Lee (ann@firm.example) kirjoitti:",
    "Kuupäev E, 5. veebruar 2024 kell 10:00 kirjutas Ann Lee (<ann@firm.example>):",
    "Pirmd., 2024. g. 5. febr., plkst. 10:00 — lietotājs Ann Lee (<ann@firm.example>) rakstīja:",
    "2024-02-05, pr, 10:00 Ann Lee <ann@firm.example> rašė:",
    "pon., 5 lut 2024 o 10:00 Ann Lee <ann@firm.example> napisał(a):",
    "po 5. 2. 2024 v 10:00 odesílatel Ann Lee <ann@firm.example> napsal:",
    "po 5. 2. 2024 o 10:00 Ann Lee <ann@firm.example> napísal(a):",
    "пн, 5 февр. 2024 г. в 10:00, Ann Lee <ann@firm.example>:",
    "5 февраля 2024 г., 10:00, Ann Lee написал:",
    "пн, 5 лют. 2024 р. о 10:00 Ann Lee <ann@firm.example> пише:",
    "Ann Lee <ann@firm.example> ezt írta (időpont: 2024. febr. 5., H, 10:00):",
    "În lun., 5 feb. 2024 la 10:00, Ann Lee <ann@firm.example> a scris:",
    "Στις Δευ 5 Φεβ 2024 στις 10:00, Ann Lee <ann@firm.example> έγραψε:",
    "Ann Lee <ann@firm.example>, 5 Şub 2024 Pzt, 10:00 tarihinde şunu yazdı:",
    "Ann Lee <ann@firm.example> 于2024年2月5日周一 10:00写道：",
    "2024年2月5日(月) 10:00 Ann Lee <ann@firm.example>:",
    "2024년 2월 5일 (월) 오전 10:00, Ann Lee <ann@firm.example>님이 작성:",
    "\u202bב-5 בפבר׳ 2024 בשעה 10:00, \u202aAnn Lee\u202c\u200f <ann@firm.example\u202c> כתב/ה:\u202c",
    "في الاثنين، 5 فبراير 2024 في 10:00 ص تمت كتابة ما يلي بواسطة Ann Lee <ann@firm.example>:",
    "Vào Th 2, 5 thg 2, 2024 vào lúc 10:00 Ann Lee <ann@firm.example> đã viết:",
    "Pada Sen, 5 Feb 2024 10:00, Ann Lee <ann@firm.example> menulis:",
    "---- On Mon, 05 Feb 2024 10:00:00 +0100 Ann Lee <ann@firm.example> wrote ----",
    "2024-02-05 10:00 GMT+01:00 Ann Lee <ann@firm.example>:",
]
UNQUOTED = [  # some programs do not mark what they quote, so the line alone has to tell
    "На пн, 5.02.2024 г. в 10:00 Ann Lee <ann@firm.example> написа:",
    "пон, 5. феб 2024. у 10:00 Ann Lee <ann@firm.example> је написао/ла:",
    "\u202bבתאריך יום ב׳, 5 בפבר׳ 2024 ב-10:00 מאת \u202aAnn Lee\u202c\u200f <\u202aann@firm.example\u202c>:\u202c",
    "2024年2月5日(月) 10:00 Ann Lee <ann@firm.example>:",
    "Ann Lee <ann@firm.example> 于2024年2月5日周一 10:00写道：",
    "Ann Lee <ann@firm.example> 於 2024年2月5日 週一 上午10:00寫道：",
    "Missatge de Ann Lee <ann@firm.example> del dia dl., 5 de febr. 2024 a les 10:00:",
    "Wiadomość napisana przez Ann Lee <ann@firm.example> w dniu 5 lut 2024, o godz. 10:00:",
    "W dniu 5.02.2024 o 10:00, Ann Lee pisze:",
    "Ann Lee kirjoitti 5.2.2024 klo 10.00:",
    "05.02.2024 10:00 kirjutas Ann Lee:",
    "------------------&nbsp;原始邮件&nbsp;------------------",
]


@pytest.mark.parametrize("line", ATTRIBUTIONS)
def test_what_follows_an_attribution_is_cut_in_many_languages(line: str) -> None:
    reply = split(f"The third.\n\n{line}\n\n{QUOTED}\n")
    assert reply.text == "The third."
    assert "Which floor?" in reply.rest
    assert line in reply.rest


@pytest.mark.parametrize("line", UNQUOTED)
def test_an_attribution_alone_ends_the_reply(line: str) -> None:
    reply = split(f"The third.\n\n{line}\n\nWhich floor?\nAnn\n")
    assert reply.text == "The third."
    assert "Which floor?" in reply.rest


def test_an_attribution_right_below_the_reply_takes_no_line_of_it_with_it() -> None:
    """Yandex: no blank line between, and no word for writing."""
    assert split(f'The third.\n05.02.2024, 10:00, "Ann Lee" <ann@firm.example>:\n{QUOTED}').text == "The third."


def test_the_words_of_a_text_that_is_signed_inside_itself_are_the_reply() -> None:
    signed = (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nThe third.\n- -- \nOlga\n"
        "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----"
    )
    assert split(signed).text == "The third."
    assert "iQ==" in split(signed).rest


def test_an_attribution_that_a_program_broke_in_two_takes_no_line_of_the_reply_with_it() -> None:
    reply = split(f"The third.\nOn Mon, 5 Feb 2024 at 10:00, Ann Lee <ann@firm.example>\nwrote:\n{QUOTED}")
    assert reply.text == "The third."


HEADS = [
    "-----Original Message-----\nFrom: Ann Lee\nSent: Monday, 5 February 2024 10:00\nTo: Olga\nSubject: Floor",
    "________________________________\nFrom: Ann Lee <ann@firm.example>\nSent: Monday, 5 February 2024 10:00\nTo: O",
    "*From:* Ann Lee <ann@firm.example>\n*Date:* 5 February 2024\n*To:* Olga\n*Subject:* Floor",
    "Von: Ann Lee <ann@firm.example>\nGesendet: Montag, 5. Februar 2024 10:00\nAn: Olga\nBetreff: Stock",
    "De : Ann Lee\nEnvoyé : lundi 5 février 2024 10:00\nÀ : Olga\nObjet : Étage",
    "Saatja: Ann Lee <ann@firm.example>\nSaadetud: esmaspäev, 5. veebruar 2024\nAdressaat: Olga\nTeema: Korrus",
    "От: Ann Lee <ann@firm.example>\nОтправлено: 5 февраля 2024 г. 10:00\nКому: Olga\nТема: Этаж",
    "发件人: Ann Lee <ann@firm.example>\n发送时间: 2024年2月5日 10:00\n收件人: Olga\n主题: 楼层",
    "Kinga: Ann <ann@firm.example>\nWakati: 5.2.2024 10:00\nKwa: Olga\nMada: Ghorofa",  # a language we never listed
]


@pytest.mark.parametrize("head", HEADS)
def test_the_head_of_a_quoted_message_ends_the_reply(head: str) -> None:
    reply = split(f"The third.\n\n{head}\n\nWhich floor?\n")
    assert reply.text == "The third."
    assert "Which floor?" in reply.rest


def test_a_line_between_angles_that_says_who_and_when_ends_the_reply() -> None:
    """GroupWise; somebody who only points at a line says no time."""
    found = split("The red one.\n\n>>> Ann Byrne <ann@acme.example> 12/01/26 10:05 >>>\nWhich kettle is it?\n")
    assert (found.text, "Which kettle is it?" in found.rest) == ("The red one.", True)
    pointed = "Look:\n>>> this one >>>\nIt is the red one."
    assert split(pointed).text == pointed


def test_answers_between_the_lines_are_kept_whole() -> None:
    text = "See below.\n\nOn 5 Feb 2024, Ann wrote:\n> Which floor?\nThe third.\n> When?\nToday.\n> Thanks"
    assert split(text).text.startswith("See below.")
    assert "The third." in split(text).text
    assert "> When?" in split(text).text
    assert "Today." in split(text).text


def test_an_answer_below_the_quote_is_the_reply() -> None:
    reply = split(f"On 5 Feb 2024, Ann Lee <ann@firm.example> wrote:\n{QUOTED}\n\nThe third.")
    assert reply.text == "The third."
    assert "Which floor?" in reply.rest


def test_a_quote_that_the_writer_chose_stays() -> None:
    assert split("> The price is 9\n\nIs that with tax?").text == "> The price is 9\n\nIs that with tax?"


def test_a_mail_that_is_only_a_quote_is_not_emptied() -> None:
    assert split(QUOTED).text == QUOTED
    assert split("").text == ""


@pytest.mark.parametrize(
    "footer",
    [
        "-- \nOlga\n+372 555 1234",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "Отправлено с iPhone",
        "发自我的 iPhone",
        "Get Outlook for Android",
        "iPhoneから送信",
        "iPhone’umdan gönderildi",
        "أُرسلت من الـ iPhone",
        "Đã gửi từ iPhone của tôi",
        "Holen Sie sich Outlook für iOS",
        "Outlook für Android herunterladen",
        "Pobierz aplikację Outlook dla systemu iOS",
        "Скачайте Outlook для iOS",
        "iOS için Outlook uygulamasını edinin",
        "获取 Outlook for iOS",
        "Provenance : Courrier pour Windows",
        "_______________________________________________\nusers mailing list\nhttps://lists.example.org/users",
    ],
)
def test_signatures_and_footers_go_to_the_rest(footer: str) -> None:
    reply = split(f"The third.\n\n{footer}\n")
    assert reply.text == "The third."
    assert footer.split("\n", maxsplit=1)[0].strip() in reply.rest


def test_a_line_of_dashes_in_a_long_letter_is_no_signature() -> None:
    letter = "One.\n--\n" + "\n".join(f"Paragraph {number}." for number in range(30))
    assert split(letter).text == letter


@pytest.mark.parametrize(
    "marker",
    [
        "## Please type your reply above this line ##",
        "--- Bitte antworten Sie oberhalb dieser Zeile ---",
        "-- Répondez au-dessus de cette ligne --",
        "##- Palun vastake selle rea kohale -##",
        "请在此行上方回复",
        "##- Bitte geben Sie Ihre Antwort oberhalb dieser Zeile ein. -##",
        "##- Veuillez saisir votre réponse au-dessus de cette ligne. -##",
        "##- Skriv ditt svar ovanför denna rad -##",
        "##- Wpisz odpowiedź nad tym wierszem -##",
    ],
)
def test_the_desks_own_marker_ends_the_reply(marker: str) -> None:
    assert split(f"The third.\n\n{marker}\n\nYour ticket 42").text == "The third."


def test_a_forwarded_mail_without_a_word_gives_the_message_itself() -> None:
    head = (
        "---------- Forwarded message ----------\nFrom: Ann <ann@firm.example>\nDate: 5 Feb 2024\nSubject: Floor\nTo: O"
    )
    assert split(f"{head}\n\nWhich floor is it?").text == "Which floor is it?"


def test_lists_of_facts_are_no_head_of_a_message() -> None:
    text = "Hello,\n\nPrinter: HP 4000\nFloor: third\nError: 13.20\n\nPlease come."
    assert split(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "We flew\n\nFrom: Tallinn\nTo: Berlin\nDate: 5.2.2024\n\nand lost a bag.",
        "My answers are above the line.\n\nThe line is red.",
        "It runs here.\n\nI use Outlook on my Android telephone at work, which never did that before.",
        "Yesterday at 10:05 Ann wrote: it works now.\n\nIt does not.",
    ],
)
def test_what_only_sounds_like_it_ends_no_reply(text: str) -> None:
    assert split(text).text == text


def test_code_between_fences_is_nobodys_quote() -> None:
    text = "Try this:\n```\n> select 1\n-- a comment\nFrom: x\n```\nDoes it work?"
    assert split(text).text == text


CLIENTS = {
    "gmail": """<div>The third.</div><div class="gmail_quote"><div class="gmail_attr">On Mon, 5 Feb 2024 at 10:00, Ann
        &lt;<a href="mailto:ann@firm.example">ann@firm.example</a>&gt; wrote:<br></div>
        <blockquote>Which floor?</blockquote></div>""",
    "outlook desktop": """<p>The third.</p><div>
        <div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in">
        <p><b>Kutoka:</b> Ann<br><b>Saa:</b> Monday 10:00<br><b>Mada:</b> Floor</p></div></div><p>Which floor?</p>""",
    "outlook web": """<div>The third.</div><hr style="width:98%">
        <div id="divRplyFwdMsg"><b>Fra:</b> Ann</div><div>Which floor?</div>""",
    "outlook phone": """<div>The third.</div><div id="ms-outlook-mobile-signature">Get Outlook for iOS</div>
        <div id="mail-editor-reference-message-container"><div>Ann asked</div>Which floor?</div>""",
    "apple": """<div>The third.</div><br>
        <blockquote type="cite"><div>On 5 Feb 2024, at 10:00, Ann wrote:</div>Which floor?</blockquote>""",
    "thunderbird": """<p>The third.</p><div class="moz-cite-prefix">Am 05.02.24 um 10:00 schrieb Ann:</div>
        <blockquote type="cite">Which floor?</blockquote>""",
    "yahoo": """<div>The third.</div><div id="yahoo_quoted_12"><div>On Monday Ann asked</div>Which floor?</div>""",
    "proton": """<div>The third.</div>
        <div class="protonmail_quote">Ann asked<blockquote>Which floor?</blockquote></div>""",
    "gmx": """<div>The third.</div>
        <div name="quote" style="margin:10px">Gesendet: Montag<br>Which floor?</div>""",
}


@pytest.mark.parametrize("client", CLIENTS)
def test_html_only_replies_of_each_client_are_cut(client: str) -> None:
    reply = split("", html=CLIENTS[client])
    assert reply.text == "The third."
    assert "Which floor?" in reply.rest


@pytest.mark.parametrize(
    "line",
    ["> q", "-- ", "Sent from my iPhone", "On 1.1.2020 10:00 a@b.example", "a wrote:", "From: x", "_" * 30, "-" * 1900],
)
def test_ten_thousands_of_lines_cost_no_minute(line: str) -> None:
    """Attack 91. The bound is the guard's, not a measure."""
    began = time.process_time()
    split("hello\n" + f"{line}\n" * 50_000)
    assert time.process_time() - began < 30


def test_thousands_of_answers_between_the_lines_cost_no_minute() -> None:
    """Attack 91: every attribution is judged by what follows it, but nobody reads on to the end for each."""
    letter = "Hello.\n" + f"{ATTRIBUTIONS[0]}\n> Which floor?\nThe third.\n" * 3300
    began = time.process_time()
    assert split(letter).text == letter.rstrip("\n"), "answers between the lines are kept whole"
    assert time.process_time() - began < 2, "a fifth of a second; with a look at all of the rest for each, seven"


@pytest.mark.parametrize("attribution", ATTRIBUTIONS[:5])
def test_nothing_is_lost_between_reply_and_rest(attribution: str) -> None:
    text = f"First.\n\nSecond.\n\n{attribution}\n{QUOTED}\n\n-- \nOlga"
    reply = split(text)
    words = set(text.split())
    assert words == set(reply.text.split()) | set(reply.rest.split())
