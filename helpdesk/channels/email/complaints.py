"""Telling that somebody called a mail of ours spam: reports of providers (RFC 5965) and what they send in its stead.

Called by `auto` and `robots`. A person who complains writes a sentence; a provider sends the mail it is about and says
where it came from.
"""

from __future__ import annotations

import re

from helpdesk.channels.email.bounces import outer
from helpdesk.channels.email.mime import Part

_FIELDS = re.compile(r"(?im)^feedback-type:[ \t]*\S+[ \t]*(?:\n[ \t]*)*\n(?:user-agent|version):")
_SUBJECT = re.compile(
    r"(?i)^(?:complaint about message from|(?:e-?mail )?(?:feedback|abuse|spam) report (?:for|from|about)(?: ip)?) "
    r"\[?(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]{6,39})\]?\s*$"
)


def is_complaint(top: Part, text: str) -> bool:
    """By its parts; else by the fields among the text, or by the subject over a mail without a word."""
    if top.type == "multipart/report" and "feedback-report" in top.params.get("report-type", "").lower():
        return True
    if not top.children:
        return False
    kinds = {part.type for part in outer(top)}
    if "message/feedback-report" in kinds:
        return True
    if kinds.isdisjoint(("message/rfc822", "text/rfc822-headers")):
        return False
    words = text[:20_000].strip()
    if _FIELDS.search(words):
        return True
    return bool(_SUBJECT.match(top.headers.get("subject"))) and (not words or "abuse report" in words[:200].lower())
