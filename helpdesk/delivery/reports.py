"""What a report about a mail of ours says of one recipient: it failed for good or this time, it waits, or it was
called spam. In the standard's words (RFC 3464, RFC 5965) where there are any, else in those of the programs that never
heard of them.

Asked by `outcome`, which is given only reports that are believed. Knows no row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

LONGEST = 60_000  # characters that are looked at

COMPLAINTS = ("abuse", "fraud", "virus", "opt-out", "opt-out-list", "other")  # not how it was signed, nor its praise
Kind = Literal["failed", "delayed", "arrived", "complaint"]


@dataclass(frozen=True)
class Report:
    """`for_good`: no mail will arrive at this address; what failed otherwise may arrive another day."""

    kind: Kind
    why: str = ""
    for_good: bool = False


def read(text: str, recipient: str) -> Report:
    """What the report says about `recipient`."""
    text = text[:LONGEST]
    if feedback := _field(text, "feedback-type").lower():
        return Report("complaint" if feedback in COMPLAINTS else "arrived", feedback)
    fields = _about(text, recipient)
    action, status = _field(fields, "action").lower(), _field(fields, "status")
    why = _said(fields) or _line(text) or status
    if action in ("delivered", "relayed", "expanded") or (status.startswith("2.") and action != "failed"):
        return Report("arrived", why)
    if action == "delayed" or (not action and (status.startswith("4.") or _waits(text))):
        return Report("delayed", why)
    code = (_CODE.search(why) or _CODE.search(status) or (None if fields else _CODE.search(text)) or [""])[0]
    return Report("failed", why, for_good=_is_for_good(code, why if fields else text))


def means_nobody(answer: str) -> bool:
    """Whether a mail server that was to take the mail says that nobody has this address. Of its other refusals ours may
    be the fault.
    """
    code = _CODE.search(answer)
    return bool(code and _NOBODY.match(code[0])) or bool(re.search(r"\b55[03]\b", answer) and _UNKNOWN.search(answer))


_CODE = re.compile(r"(?<![\w.])[45]\.\d{1,3}\.\d{1,3}(?![\w.])")
_NOBODY = re.compile(r"5\.(?:1\.(?:0|1|2|3|6|10)|2\.1|4\.4)$")
# Not of the address but of this mail, or of that day: a full mailbox, too large, what it says, who sends it.
_PASSING = re.compile(r"5\.(?:0\.0|1\.[78]|2\.[023]|[3567]\.\d+|4\.(?:[0567]|3\d\d))$")
_NOT_THEM = re.compile(
    r"(?i)quota|(?:mail)?box (?:is )?full|exceed|too (?:large|big|many)|sender|spam|block(?:ed|list)|black ?list|"
    r"policy|relay|dmarc|lock failure|sequence of commands|suppression list"
)
_UNKNOWN = re.compile(
    r"(?i)user (?:is )?unknown|unknown (?:user|recipient|local|mailbox|account|address)|address not found|"
    r"name is not recognized|no such (?:user|mailbox|recipient|address|account|person|local)|"
    r"no mailbox here|unrouteable address|(?:address|account|mailbox|user|recipient)s?\b.{0,60}"
    r"(?:does not exist|doesn[’']t exist|not found|couldn[’']t be found|is disabled|no longer|inactive|invalid)|"
    r"host (?:or domain name )?not found|domain not found|nicht gefunden|unbekannte?r? (?:empfänger|benutzer)|"
    r"n'existe pas|no existe|inesistente|não existe|nie istnieje|не существует|不存在|宛先不明"
)
_NOT_YET = re.compile(r"(?i)not yet been (?:delivered|sent)|warning message only|no action is required on your part")
_WAITING = re.compile(
    r"(?i)\b(?:has|have) not (?:yet )?been (?:delivered|sent) yet|delivery incomplete|message delayed|"
    r"still being retried|will (?:be retried|keep trying|retry|continue to try|try again)|"
    r"delivery (?:is|was|has been) delayed|warning message only|do not need to resend|"
    r"no action is required|temporar(?:y|ily) (?:problem|failure|defer)"
)
_FINAL = re.compile(
    r"(?i)permanent|gave up|giving up|undeliverable|has failed|"
    r"could not be delivered|couldn[’']t be delivered|wasn[’']t delivered"
)


def _is_for_good(code: str, words: str) -> bool:
    words = " ".join(words.split())
    if code.startswith("4.") or (_NOT_THEM.search(words) and not _NOBODY.match(code)):
        return False
    return bool(code and not _PASSING.match(code)) or bool(_UNKNOWN.search(words))


def _waits(text: str) -> bool:
    return bool(_NOT_YET.search(text)) or (bool(_WAITING.search(text)) and not _FINAL.search(text))


def _about(text: str, recipient: str) -> str:
    """The fields about this recipient; of a report about one recipient only, those, however it was rewritten."""
    blocks = [block for block in re.split(r"\r?\n[ \t]*\r?\n", text) if re.search(r"(?im)^[ \t]*action:", block)]
    theirs = [block for block in blocks if recipient.lower() in block.lower()]
    return (theirs or blocks[:1] or [""])[0]


def _field(text: str, name: str) -> str:
    found = re.search(rf"(?im)^[ \t]*{name}:[ \t]*(\S.*(?:\r?\n[ \t]+\S.*)*)", text)
    return " ".join(found[1].split()) if found else ""


def _said(fields: str) -> str:
    """What the other server said, without the name of the way it said it."""
    return re.sub(r"^[\w-]+\s*;\s*", "", _field(fields, "diagnostic-code"))


def _line(text: str) -> str:
    """The line of a letter to people that says why."""
    coded = re.search(r"(?m)^.*(?<![\w.@/+=-])(?:[45]\.\d{1,3}\.\d{1,3}|[45]\d\d)(?![\w.@/+=]).*$", text)
    lines = re.finditer(r"(?m)^.+$", text)
    told = coded or next((line for line in lines if _UNKNOWN.search(line[0]) or _NOT_THEM.search(line[0])), None)
    return " ".join(told[0].split())[:300] if told else ""
