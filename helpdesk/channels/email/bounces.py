"""Telling a bounce from a letter: delivery reports (RFC 3464) and the hundred forms that came before and beside it.

Called by `auto`. Words alone never make a bounce: somebody or something must also look like a mail system, so that a
person who writes about a bounce, or forwards one, stays a person.
"""

from __future__ import annotations

import re

from helpdesk.channels.email.addresses import Address
from helpdesk.channels.email.headers import Headers
from helpdesk.channels.email.mime import Part

_SYSTEMS = re.compile(
    r"(?i)^(?:mail(?:er)?[-_.]?daemon|microsoftexchange[0-9a-f]{20,}|notes[-_.]?router|post[-_.]?(?:master|office)|.*anti-?virus.*|.*(?:smtp|mail)[-_.]?gateways?|mail[-_.]?(?:delivery|system|router|gateway|er|adm(?:in)?)|mdaemon|daemon|bounces?|delivery|no-?reply-?bounce|"
    r"mailsys(?:tem)?|smtp(?:d|-?gateway)?|returned?[-_]?mail|mda|double-bounce|e?xim|amavis(?:d)?|virus(?:wall|alert)?|nobody)(?:[-+=._].*)?$"
)
_SYSTEM_NAMES = re.compile(
    r"(?i)mailer[- ]?daemon|mail delivery (?:sub)?system|postmaster|mail (?:system|administrator|router|delivery service)|system administrator|delivery (?:sub)?system|internet mail delivery|systemadministrator|mail server|mail ?marshal|content[- ]filter"
)
_SUBJECTS = re.compile(
    r"""(?ix)
    undeliver | non-?deliver | not[ ](?:be[ ])?delivered | un(?:able|successful)[ ].{0,20}deliver | deliver(?:y|ing)?.{0,40}(?:fail|status|problem|error|delay|notif|report|unsuccess|suspend|impossible) |
    (?:fail|error|problem|delay)\w{0,10}.{0,30}(?:deliver|sending|transmi) | returned[ ](?:e-?)?mail | mail[ ](?:is[ ]|was[ ])?returned | returned[ ]to[ ]sender | \bbounce\b | virus.{0,80}[ ](?:from|by)[ ]you\b | apparently[ ]from[ ]you | return(?:ed|ing)?[ ]message | failure[ ]notice | mail[ ](?:system[ ])?(?:error|failure|fail) |
    (?:mail|message|e-?mail)\s.{0,30}(?:fail|rejected|bounced|refused|blocked|status[ ]report) | bounced | unknown[ ](?:user|recipient|address) | user[ ]unknown | could[ ]not[ ]send | can(?:no|')t[ ]send | \bwarning:[ ](?:could|message|mail) | message[ ]delayed | delayed[ ]mail |
    unzustellbar | nicht[ ]zugestellt | zustellung | rückläufer | unzustellbare? | non[ ]remis | non[ ]distribu | [ée]chec | no[ ](?:se[ ]puede|se[ ]pudo)[ ]entreg | no[ ]entregad | não[ ](?:foi[ ]|é[ ])?(?:entreg|pode|possível[ ]entreg) | falha[ ]na | mancata[ ]consegna | non[ ]recapit | impossibile[ ]recapit |
    onbestelbaar | niet[ ]bezorgd | olevererbart | kan[ ](?:ikke|inte)[ ]lever | kunde[ ]inte[ ]levereras | olevererat | toimittamatta | voi(?:tu)?[ ]toimittaa | perille | niedostarcz | nie[ ]można[ ]dostarcz | nedoruč | nelze[ ]doruč | kézbesíthetetlen | nelivr |
    недостав | не[ ]достав | не[ ]уда[её]тся[ ]достав | сбой[ ]достав | невозможно[ ]достав | не[ ]може.{0,20}достав | teslim[ ]edilemedi | iletilemedi | αδυναμία | 退信 | 退回 | 无法(?:投递|送达)|無法(?:傳遞|投遞|送達) | 配信(?:不能|できません|エラー) | 送信(?:エラー|できません)|未達 | 반송 | 전송[ ]?실패 | لم[ ]يتم[ ]تسليم | לא[ ]נמסר
    """
)
_ANSWERED = re.compile(r"(?i)^\s*(?:re|aw|sv|fwd?|wg|tr|rv|i|vs|enc|doorst|odp|pd|fs|vl)\s*:")
_STATUS = re.compile(r"(?<![\d.])(?:[45]\.\d{1,3}\.\d{1,3}|(?:4[25]|5[0-7])\d)(?![\d.])")
_FIELDS = re.compile(
    r"(?im)^[ \t]*(?:final-recipient|original-recipient|reporting-mta|diagnostic-code|action:\s*(?:failed|delayed)|status:\s*[45]\.)"
)
_PHRASES = re.compile(
    r"""(?ix)
    (?:could|can|did|was|were|has|have|is)[ ]?(?:not|n't)[ ](?:yet[ ])?(?:be[ ]|been[ ])?(?:deliver|reach|sent|accept|found|receiv|forward|process) | undeliver | user[ ](?:is[ ])?unknown | unknown[ ](?:user|recipient|local|mailbox|account|address) | no[ ]such[ ](?:user|mailbox|recipient|address|account|domain|person|local) | mailbox[ ](?:is[ ])?(?:full|unavailable|not|over|disabled|does|exceeded) |
    (?:over|exceed\w{0,10}).{0,20}quota | quota[ ](?:has[ ]been[ ])?exceed | permanent(?:ly)?[ ](?:fatal[ ])?(?:error|fail) | delivery[ ](?:to[ ].{0,80})?(?:has[ ])?(?:fail|attempt|error|status|tempor|perman) | fail(?:ed|ure)?[ ](?:to[ ])?deliver | host[ ](?:unknown|not[ ]found|or[ ]domain[ ]name) | (?:account|address|recipient|user)s?[ ].{0,40}(?:does[ ]not[ ]exist|doesn't|not[ ]found|disabled|rejected|inactive|invalid|denied|refused) |
    unable[ ]to[ ](?:deliver|relay|send|accept) | relay(?:ing)?[ ](?:access[ ])?denied | returned[ ](?:below|to[ ](?:you|sender)) | original[ ]message[ ](?:follows|below|is[ ]attached|was[ ]received) | message[ ](?:transfer|too[ ]large|size) | retry[ ]time | connection[ ](?:refused|timed) | transcript[ ]of[ ]session | spam | blocked | (?:is|was)[ ]rejected | rejected[ ]your | bounce |
    zugestellt | nicht[ ]gefunden | n'(?:a|est|ont)[ ]pas | no[ ](?:se[ ])?pud | não[ ](?:foi|pode) | impossibile | niet[ ]worden[ ]bezorgd | не[ ]удалось | 无法|無法|エラー|配信|宛先 | 못
    """
)
# How the reports of mail systems begin, for those that come from a person's address (`root@…`).
_REPORT_BEGINS = re.compile(
    r"""(?ix)\s*(?:-{3,}[ ]*(?:the[ ]following[ ]addresses|transcript[ ]of[ ]session|unsent[ ]message) | [*\s]{20,}this[ ]is[ ]a[ ]warning[ ]message[ ]only |
    hi\.[ ]this[ ]is[ ]the[ ] | this[ ]is[ ]the[ ](?:mail[ ](?:system|delivery)|postfix|mailer-daemon) | this[ ]message[ ]was[ ]created[ ]automatically[ ]by[ ] | this[ ]is[ ]an[ ]automatically[ ]generated[ ]delivery |
    the[ ]original[ ]message[ ]was[ ]received[ ]at | delivery[ ]has[ ]failed[ ]to[ ]these[ ]recipients | this[ ]is[ ]a[ ]delivery[ ]status[ ]notification)"""
)
# Reports that services send as data for a program: whoever has them sent to the desk gets them here.
_DATA = re.compile(r'\s*\{.{0,2000}?"(?:notificationType|eventType)"\s*:\s*"Bounce"', re.DOTALL)


def is_receipt(top: Part) -> bool:
    """Read receipts (RFC 8098): from machines, but about mail that did arrive."""
    kind = top.params.get("report-type", "").lower()
    if top.type == "multipart/report" and "disposition-notification" in kind:
        return True
    return any(part.type == "message/disposition-notification" for part in outer(top))


def is_bounce(top: Part, sender: Address, text: str) -> bool:
    """Whether a mail system reports that a mail of ours did not arrive (or not yet)."""
    head = top.headers
    forwarded = _is_forwarded(head) and not _is_system(sender)
    if top.type == "message/delivery-status" or any(part.type == "message/delivery-status" for part in outer(top)):
        return not forwarded or top.type == "multipart/report"
    if top.type == "multipart/report" and "delivery" in top.params.get("report-type", "delivery").lower():
        return True
    if _DAEMON.match(sender.address):
        return True
    if forwarded:
        return False
    if "x-failed-recipients" in head or _DATA.match(text):
        return True
    return _points(top, sender, text[:20_000]) >= 4


def has_null_path(head: Headers) -> bool:
    """Whether the envelope said `<>`: the mark of mail that must not be answered."""
    paths = head.all("return-path")
    return bool(paths) and re.sub(r"\s", "", paths[0]) in ("<>", "", "<MAILER-DAEMON>")


def _is_forwarded(head: Headers) -> bool:
    return bool(_ANSWERED.match(head.get("subject"))) or (
        "in-reply-to" in head and not has_null_path(head) and not head.get("auto-submitted")
    )


_DAEMON = re.compile(r"(?i)^mailer-?daemon(?:@|$)")


def _is_system(sender: Address) -> bool:
    return bool(_SYSTEMS.match(sender.address.partition("@")[0]) or _SYSTEM_NAMES.search(sender.name))


def _points(top: Part, sender: Address, text: str) -> int:
    """Who speaks counts two, what the subject says two, what the text says up to three. A person speaking counts none."""
    head = top.headers
    begins = bool(_REPORT_BEGINS.match(text) and _SUBJECTS.search(head.get("subject")[:300]))
    system, null, fields = begins or _is_system(sender), has_null_path(head), bool(_FIELDS.search(text))
    machine = system or null or head.get("auto-submitted").lower().startswith("auto") or fields or not sender.address
    if not machine:
        return 0  # nearly every mail, and looking for words takes long
    subject = bool(_SUBJECTS.search(head.get("subject")[:300]))
    phrases, status = bool(_PHRASES.search(text)), bool(_STATUS.search(text))
    returned = any(part.type in ("message/rfc822", "text/rfc822-headers") for part in outer(top))
    if null and not (system or subject or fields or returned):
        return 0  # an absence note, most likely
    return 2 * (system or null) + 2 * subject + phrases + status + fields + returned + system * null


def outer(top: Part) -> list[Part]:
    """The parts of the mail itself, not those of mails attached to it."""
    return [part for part in top.walk() if part.depth <= 2]
