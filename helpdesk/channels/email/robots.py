"""What kind of robot wrote a mail, more exactly than `auto` says: for the count that administrators see, and for those
that `auto` takes for people because a person stands behind them.

`bounce` and `delay`: mail did not arrive, or not yet · `complaint`: somebody called a mail of ours spam (RFC 5965) ·
`receipt`: a mail was opened (RFC 8098) · `calendar`: an invitation was accepted or refused · `challenge`: a filter
wants a person to prove that they are one, which the desk never does · `list`, `auto-reply` · `loop`: our own mail.

Called by `parse`.
"""

from __future__ import annotations

import re

from helpdesk.channels.email import bounces
from helpdesk.channels.email.complaints import is_complaint
from helpdesk.channels.email.headers import Headers
from helpdesk.channels.email.mime import Part

_OF_FILTERS = (
    "x-tmda-fingerprint", "x-tmda-confirm-done", "x-askversion", "x-ask-auth", "x-spamarrest", "x-spamarrest-noauth",
    "x-boxbe", "x-boxbe-notification", "x-qurb", "x-choicemail", "x-choicemail-registration-request", "x-mailblocks",
    "x-vanquish", "x-bluebottle-request", "x-challenge-response", "x-sender-verification", "x-dspam-challenge",
)  # fmt: skip
_FILTERS = re.compile(
    r"(?i)@(?:[\w-]+\.)*(?:boxbe|spamarrest|mailblocks|qurb|bluebottle|vanquish|choicemail|sendio)\.\w+$"
)
_PROVE = re.compile(
    r"(?is)(?:prove|verify|confirm|show|make sure|ensure)\b.{0,60}\b"
    r"(?:you are|you[’']re|real|human|person|not an? ?(?:robot|machine|spammer|bot))|"
    r"one[- ]time ?(?:confirmation|verification)|challenge[-/ ]response|"
    r"(?:approved|allowed|white)[ -]?list.{0,80}(?:click|link|reply)|"
    r"(?:click|reply|link).{0,80}\b(?:deliver|release)\b.{0,40}\b(?:message|mail)"
)
_ASKS = re.compile(
    r"(?i)please confirm (?:your (?:message|e-?mail|mail)|that)|verification required|\(verification\)|\[boxbe\]|"
    r"(?:sender|e-?mail|message|address) (?:verification|confirmation)|confirm your (?:e-?mail|message|identity)|"
    r"awaiting (?:your )?(?:confirmation|approval|authorization)"
)
STATUS = ("message/delivery-status", "message/global-delivery-status")
_LINK = re.compile(r"(?i)https?://|reply[ ]to[ ]this")


def kind(top: Part, auto: str, text: str, *, sender: str) -> str:
    """The kind, or empty for what a person wrote. `auto` is what `auto.classify` says."""
    outer = bounces.outer(top)
    types = {part.type for part in outer}
    report = top.params.get("report-type", "").lower()
    if is_complaint(top, text):
        return "complaint"
    if "message/disposition-notification" in types or "disposition-notification" in report:
        return "receipt"
    if auto == "bounce":
        return "delay" if _is_delay(top, outer) else "bounce"
    if auto == "none" and any(_answers_an_invitation(part) for part in outer):
        return "calendar"
    if auto in ("none", "auto-reply") and _is_challenge(top.headers, text, sender):
        return "challenge"
    return "" if auto == "none" else auto


def _is_delay(top: Part, outer: list[Part]) -> bool:
    told = next((part for part in outer if part.type in STATUS), None)
    if told is not None:
        actions = re.findall(rb"(?im)^[ \t]*action:[ \t]*([a-z]+)", told.content(20_000))
        return bool(actions) and all(each.lower() == b"delayed" for each in actions)
    return bool(re.search(r"(?i)\bdelay|\bwarning:|not[ ]yet", top.headers.get("subject")))


def _answers_an_invitation(part: Part) -> bool:
    if part.type not in ("text/calendar", "application/ics"):
        return False
    inside = re.search(rb"(?im)^METHOD:[ \t]*(\w+)", part.content(20_000))
    said = part.params.get("method") or (inside[1].decode() if inside else "")
    return said.upper() in ("REPLY", "COUNTER", "DECLINECOUNTER")


def _is_challenge(head: Headers, text: str, sender: str) -> bool:
    """By its filter's own marks; else by a subject and words that both ask for a proof, with a way to give it."""
    if any(name in head for name in _OF_FILTERS) or _FILTERS.search(sender):
        return True
    if re.search(r"(?i)\btmda\b", head.get("x-delivery-agent")):
        return True
    asked = text[:4000]
    return bool(_ASKS.search(head.get("subject")) and _PROVE.search(asked) and _LINK.search(asked))
