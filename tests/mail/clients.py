"""How mail programs answer: what each writes around the words that somebody typed, made by hand from what they send.

A client takes the mail it answers and gives the body of its answer; `answer` puts the headers on. The times they quote
are made up; the desk does not look at them.
"""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from email.utils import parseaddr
from functools import partial
from html import escape

Client = Callable[[EmailMessage, str], EmailMessage]
CLIENTS: dict[str, Client] = {}


def answer(client: str, ours: EmailMessage, text: str, *, sender: str, message_id: str, threads: bool) -> EmailMessage:
    """The answer of a program to a mail of ours. `threads`: it names what it answers, as all but a few do."""
    mail = CLIENTS[client](ours, text)
    mail["From"], mail["To"], mail["Message-ID"] = sender, str(ours["Reply-To"] or ours["From"]), message_id
    mail["Subject"] = f"{'AW' if 'German' in client else 'Re'}: {ours['Subject']}"
    if threads:
        mail["In-Reply-To"] = ours["Message-ID"]
        mail["References"] = f"{ours.get('References', '')} {ours['Message-ID']}".strip()
    return mail


def client(name: str) -> Callable[[Client], Client]:
    def put(made: Client) -> Client:
        CLIENTS[name] = made
        return made

    return put


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).strip()


def marked(mail: EmailMessage, mark: str = "> ") -> str:
    return "\n".join(f"{mark}{line}".rstrip() for line in text_of(mail).splitlines())


def who(mail: EmailMessage) -> tuple[str, str]:
    name, address = parseaddr(str(mail["From"]))
    return name or address, address


def plain(text: str) -> EmailMessage:
    mail = EmailMessage()
    mail.set_content(text)
    return mail


def both(text: str, html: str) -> EmailMessage:
    mail = plain(text)
    mail.add_alternative(html, subtype="html")
    return mail


def paragraphs(text: str, tag: str = "div") -> str:
    return "".join(f"<{tag}>{line or '<br>'}</{tag}>" for line in text.splitlines())


def block(mail: EmailMessage, words: tuple[str, str, str, str], when: str) -> str:
    """The header that Outlook and those like it put above what they quote."""
    name, address = who(mail)
    said = (f"{name} <{address}>", when, str(mail["To"]), str(mail["Subject"]))
    return "\n".join(f"{word} {value}" for word, value in zip(words, said, strict=True))


ENGLISH, GERMAN = ("From:", "Sent:", "To:", "Subject:"), ("Von:", "Gesendet:", "An:", "Betreff:")


@client("Gmail")
def gmail(ours: EmailMessage, text: str) -> EmailMessage:
    name, address = who(ours)
    said = f"On Mon, Jan 12, 2026 at 10:05 AM {name} <{address}> wrote:"
    html = (
        f'<div dir="ltr">{paragraphs(text)}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" '
        f'class="gmail_attr">On Mon, Jan 12, 2026 at 10:05 AM {name} &lt;<a href="mailto:{address}">{address}</a>&gt; '
        f'wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex">{paragraphs(text_of(ours))}'
        "</blockquote></div>"
    )
    return both(f"{text}\n\n{said}\n\n{marked(ours)}\n", html)


@client("Gmail on Android")
def gmail_on_android(ours: EmailMessage, text: str) -> EmailMessage:
    name, address = who(ours)
    said = f"On Mon, 12 Jan 2026, 10:05 {name}, <{address}> wrote:"
    html = (
        f'<div dir="auto">{paragraphs(text)}</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">{said}'
        f'<br></div><blockquote class="gmail_quote">{paragraphs(text_of(ours))}</blockquote></div>'
    ).replace(f"<{address}>", f"&lt;{address}&gt;")
    return both(f"{text}\n\n{said}\n\n{marked(ours)}\n", html)


@client("Outlook for Windows")
def outlook(ours: EmailMessage, text: str) -> EmailMessage:
    head = block(ours, ENGLISH, "Monday, January 12, 2026 10:05 AM")
    return both(f"{text}\n\n{head}\n\n{text_of(ours)}\n", _word(ours, text, head))


@client("Outlook for Windows, German")
def outlook_german(ours: EmailMessage, text: str) -> EmailMessage:
    head = block(ours, GERMAN, "Montag, 12. Januar 2026 10:05")
    return both(f"{text}\n\n{head}\n\n{text_of(ours)}\n", _word(ours, text, head))


def _word(ours: EmailMessage, text: str, head: str) -> str:
    lines = [line.partition(" ") for line in head.splitlines()]
    said = "<br>".join(f"<b>{word}</b> {escape(value)}" for word, _, value in lines)
    return (
        f'<html><body lang="EN-US"><div class="WordSection1">{paragraphs(text, "p")}<p class="MsoNormal">&nbsp;'
        '</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">'
        f"{said}</p></div>{paragraphs(text_of(ours), 'p')}</div></body></html>"
    )


@client("Outlook on the web")
def outlook_web(ours: EmailMessage, text: str) -> EmailMessage:
    head = block(ours, ENGLISH, "Monday, January 12, 2026 10:05 AM")
    said = escape(head).replace("\n", "<br>")
    html = (
        f'<html><body dir="ltr">{paragraphs(text)}<div id="appendonsend"></div><hr style="width:98%" tabindex="-1">'
        f'<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri">{said}</font><div>&nbsp;</div>'
        f"</div>{paragraphs(text_of(ours))}</body></html>"
    )
    return both(f"{text}\n________________________________\n{head}\n\n{text_of(ours)}\n", html)


@client("Apple Mail")
def apple(ours: EmailMessage, text: str) -> EmailMessage:
    name, address = who(ours)
    said = f"On 12 Jan 2026, at 10:05, {name} <{address}> wrote:"
    html = (
        f'<html><body style="overflow-wrap: break-word;">{paragraphs(text)}<br><div><br><blockquote type="cite"><div>'
        f'On 12 Jan 2026, at 10:05, {name} &lt;{address}&gt; wrote:</div><br class="Apple-interchange-newline">'
        f"{paragraphs(text_of(ours))}</blockquote></div></body></html>"
    )
    return both(f"{text}\n\n> {said}\n>\n{marked(ours)}\n", html)


@client("Thunderbird, German")
def thunderbird_german(ours: EmailMessage, text: str) -> EmailMessage:
    said = f"Am 12.01.26 um 10:05 schrieb {who(ours)[0]}:"
    html = (
        f'<html><body><p>{text}</p><div class="moz-cite-prefix">{said}<br></div><blockquote type="cite">'
        f"{paragraphs(text_of(ours), 'p')}</blockquote></body></html>"
    )
    return both(f"{text}\n\n{said}\n{marked(ours)}\n", html)


@client("Yahoo")
def yahoo(ours: EmailMessage, text: str) -> EmailMessage:
    name, address = who(ours)
    said = f"On Monday, January 12, 2026 at 10:05:00 AM GMT+2, {name} <{address}> wrote:"
    html = (
        f'<html><body><div class="ydp1-yahoo-style-wrap"><div dir="ltr">{text}</div><div><br></div></div><div '
        f'id="ydp2yahoo_quoted_1" class="ydp2yahoo_quoted"><div><div>{escape(said)}'
        f"</div><div><br></div>{paragraphs(text_of(ours))}</div></div></body></html>"
    )
    return both(f" {text}\n\n    {said}  \n \n {text_of(ours)}\n", html)


HEAD = "From: {person}\nSent: Monday, January 12, 2026 10:05 AM\nTo: {to}\nSubject: {subject}"
LINE = "________________________________"
PLAIN = {
    "Outlook as plain text": "{text}\n\n-----Original Message-----\n" + HEAD + "\n\n{ours}\n",
    "Outlook for iOS": "{text}\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n" + LINE + "\n" + HEAD + "\n\n{ours}\n",
    "iPhone": "{text}\n\nSent from my iPhone\n\n> On 12 Jan 2026, at 10:05, {person} wrote:\n>\n{marked}\n",
    "Thunderbird": "On 1/12/26 10:05, {name} wrote:\n{marked}\n\n{text}\n",
    "K-9": "{text}\n\nOn January 12, 2026 10:05:00 AM GMT+02:00, {person} wrote:\n{marked_tightly}\n",
    "Proton": "{text}\n\nSent with [Proton Mail](https://proton.me/) secure email.\n\n"
    "On Monday, January 12th, 2026 at 10:05 AM, {person} wrote:\n\n{marked}\n",
    "Samsung": "{text}\n\n\n\nSent from my Galaxy\n\n-------- Original message --------\n"
    "From: {person}\nDate: 12/01/2026 10:05 (GMT+02:00)\nTo: {to}\nSubject: {subject}\n\n{ours}\n",
    "Roundcube": "On 2026-01-12 10:05, {name} wrote:\n{marked}\n\n{text}\n",
    "Evolution": "{text}\n\nOn Mon, 2026-01-12 at 10:05 +0200, {name} wrote:\n{marked}\n",
    "mutt": "On Mon, Jan 12, 2026 at 10:05:00AM +0200, {name} wrote:\n{marked}\n\n{text}\n",
    "GroupWise": "{text}\n\n>>> {person} 12/01/26 10:05 >>>\n{ours}\n",
    "Notes": '{text}\n\n\n\nFrom:   "{name}" <{address}>\nTo:     {to}\nDate:   12/01/2026 10:05\nSubject:     Re: it'
    "\n\n\n\n{ours}\n",
}


def in_plain_text(shape: str, ours: EmailMessage, text: str) -> EmailMessage:
    name, address = who(ours)
    return plain(
        shape.format(
            text=text,
            name=name,
            address=address,
            person=f"{name} <{address}>",
            to=ours["To"],
            subject=ours["Subject"],
            ours=text_of(ours),
            marked=marked(ours),
            marked_tightly=marked(ours, ">"),
        )
    )


CLIENTS |= {name: partial(in_plain_text, shape) for name, shape in PLAIN.items()}
