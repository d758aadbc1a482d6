"""Mail of a service to its user: a code, a link to confirm an address or to choose a password.

Whoever signs up somewhere with our support address, the code of their own ticket behind a plus, would have such mail
come to their ticket and read it in the cabinet (attack 25, the “ticket trick”). Called by `inbound`; `intake` keeps
what is so marked inside the house where it is not the ticket's own customer who wrote. A person who is taken for a
service is read by staff as ever.
"""

from __future__ import annotations

import re

_NOBODY = re.compile(
    r"(?i)(?:.*[._+-])?(?:no|do-?_?not|donot)[-_.]?(?:reply|respond|answer)\d*(?:[._+-].*)?|mailer|automated|postmaster|"
    r"(?:verify|verif(?:ication|ier)|confirm(?:ation)?|activat(?:e|ion)|sign-?up|regist(?:er|ration)|secur(?:e|ity)|"
    r"otp|login|auth(?:enticat(?:e|ion|or))?|invit(?:e|ation)|welcome|notif(?:y|ier|ication)|alert|support-?bot)"
    r"s?(?:e?mail|code|link|account|service|team|bot|alert|notice)?s?\d*(?:[._+-].*)?"  # whole words: no author
)
_SAYS = re.compile(
    r"(?i)\b(?:verification|security|confirmation|one[- ]time|log-?in|sign[- ]?in|access|activation|authentication) "
    r"?(?:code|pin|password|passcode|link)\b|\byour code (?:is|:)|\bcode is:? ?\d{4,8}\b|\b\d{4,8} is your\b|"
    r"\b(?:verify|confirm|validate) (?:your|this) (?:e-?mail|account|address|registration|identity|sign-?up)|"
    r"\bmagic link\b|\bactivate your account|\b(?:reset|choose|set) (?:your|a new) password|"
    r"\bcomplete (?:your )?(?:registration|sign-?up)|bestätigungscode|sicherheitscode|verificatiecode|kinnituskood|"
    r"code de (?:vérification|confirmation|sécurité)|código de (?:verificación|confirmación)|"
    r"codice di (?:verifica|conferma)|код подтверждения|проверочный код|验证码|確認コード|인증번호"
)
_LOOKED_THROUGH = 5_000  # characters


def wrote(address: str, subject: str, text: str) -> bool:
    """Whether a service rather than a person seems to have written this."""
    return bool(_NOBODY.fullmatch(address.rpartition("@")[0]) or _SAYS.search(f"{subject}\n{text[:_LOOKED_THROUGH]}"))
