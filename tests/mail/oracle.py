"""What holds of every mail that was read, whatever its bytes were: told to the fuzzers."""

from __future__ import annotations

import re
import time

from helpdesk.channels.email.carried import packed
from helpdesk.channels.email.parse import Mail, parse
from helpdesk.text import html, plain

SECONDS = 4.0  # of the processor; the child has ten
LINES = ("message_id", "subject", "in_reply_to", "list_id", "auto_submitted")
KINDS = {"none", "auto-reply", "bounce", "list", "loop"}
_ACTIVE = re.compile(r"(?i)<(script|iframe|object|embed|form|base|meta|link|style)\b|\son\w+\s*=|javascript:")


class Unsound(Exception):
    """What does not hold, of which mail."""

    def __init__(self, why: str, raw: bytes) -> None:
        super().__init__(f"{why}\n{raw[:3000]!r}")


def reads(raw: bytes) -> Mail:
    """The mail, which is sound. Raises Unsound."""
    began = time.process_time()
    try:
        mail = parse(raw)
    except Exception as error:
        raise Unsound(f"It raised {type(error).__name__}: {error}", raw) from error
    if time.process_time() - began > SECONDS:
        raise Unsound(f"It took {time.process_time() - began:.1f} seconds.", raw)
    for why in faults(mail):
        raise Unsound(why, raw)
    return mail


def faults(mail: Mail) -> list[str]:
    told = packed(mail)
    people = [told["from_"], *told["to"], *told["cc"], *told["reply_to"]]
    lines = [(name, told[name]) for name in LINES]
    lines += [(f"a person's {name}", one[name]) for one in people for name in ("name", "address")]
    lines += [("a file's name", file["filename"]) for file in told["attachments"]]
    lines += [("a reference", one) for one in told["references"]]
    texts = [*lines, ("text", mail.text), ("reply", mail.reply_text), ("html", mail.html or "")]
    faults = [f"{name} holds what no text may hold" for name, value in texts if plain.scrub(value) != value]
    faults += [f"{name} has several lines" for name, value in lines if "\n" in value]
    faults += [f"Something failed inside: {each}" for each in mail.problems if "-unreadable" in each]
    faults += [f"A file is called {file.filename!r}" for file in mail.attachments if "/" in file.filename]
    if mail.auto not in KINDS:
        faults.append(f"It is {mail.auto!r}")
    if mail.html and _ACTIVE.search(re.sub(r">[^<]*<", "><", mail.html)):
        faults.append("Its HTML does something")
    if mail.html and html.clean(mail.html) != mail.html:
        faults.append("Its HTML means something else when it is cleaned again")
    if mail.date is not None and mail.date.tzinfo is None:
        faults.append("Its date has no zone")
    return faults
