"""Signing in at the outgoing server with a token (SASL XOAUTH2, as Google and Microsoft describe it; RFC 4954).

The token goes over TLS alone; a server on this very machine may have it in the clear while tests run. Nothing that the
server answers is repeated with the token in it.
"""

from __future__ import annotations

import base64
import ipaddress
import smtplib
import ssl

from helpdesk.delivery.failures import Unreachable
from helpdesk.delivery.grants import TokenRefused
from helpdesk.settings import current
from helpdesk.text import plain


def sign_in(host: smtplib.SMTP, *, user: str, token: str) -> None:
    """Raises TokenRefused, and Unreachable for what is not the token's fault."""
    if not _keeps_secrets(host):
        raise Unreachable(
            "The sign-in of a mailbox is sent over TLS only: HELPDESK_SMTP_URL must be smtp:// or smtps://."
        )
    host.ehlo_or_helo_if_needed()
    if "XOAUTH2" not in host.esmtp_features.get("auth", "").upper().split():
        raise Unreachable("The outgoing mail server offers no sign-in by OAuth (XOAUTH2).")
    secret = base64.b64encode(f"user={user}\x01auth=Bearer {token}\x01\x01".encode()).decode()
    try:
        code, text = host.docmd("AUTH", f"XOAUTH2 {secret}")
        if code == 334:  # what is wrong, in JSON; the answer itself comes after an empty line
            code, text = host.docmd("")
    except smtplib.SMTPResponseException as odd:
        code, text = odd.smtp_code, str(odd.smtp_error).encode()
    if code == 235:
        return
    said = text.decode("utf-8", "replace").replace(secret, "…").replace(token, "…")
    why = f"The outgoing mail server does not let us in: {code} {plain.line(said, limit=300)}"
    if 500 <= code < 600:
        raise TokenRefused(f"{why} (If the mailbox was signed in before it was to send, sign it in again.)")
    raise Unreachable(why)


def _keeps_secrets(host: smtplib.SMTP) -> bool:
    if isinstance(host.sock, ssl.SSLSocket):
        return True
    return (
        current().env == "test"
        and host.sock is not None
        and ipaddress.ip_address(host.sock.getpeername()[0]).is_loopback
    )
