"""Reports about mail of ours as mail systems write them: the standard's, and those of programs that never heard of it.

Each takes a mail as it left and gives the report that comes back to the desk.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.mail.letters import letter, mail_of, multipart, part
from tests.plugins.post import SUPPORT
from tests.servers.mail_sink import Received

DAEMON = "Mail Delivery System <MAILER-DAEMON@mx.example.org>"


def head_of(ours: Received) -> bytes:
    return ours.raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def standard(
    ours: Received, *, status: str, action: str = "failed", said: str = "", text: str = "See below.", to: str = ""
) -> bytes:
    """A delivery report of RFC 3464."""
    recipient = to or ours.recipients[0]
    fields = (
        f"Reporting-MTA: dns; mx.example.org\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\nAction: {action}\r\n"
        f"Status: {status}\r\n" + (f"Diagnostic-Code: smtp; {said}\r\n" if said else "")
    )
    parts = (part("text/plain; charset=utf-8", text), part("message/delivery-status", fields), _returned(ours))
    return mail_of(multipart("report; report-type=delivery-status", *parts), **_from(DAEMON, "Undelivered Mail"))


def _returned(ours: Received) -> bytes:
    return part("text/rfc822-headers", head_of(ours))


def _from(sender: str, subject: str) -> dict[str, str]:
    return {
        "from_": sender,
        "subject": subject,
        "to": SUPPORT,
        "message_id": f"<{hash((sender, subject)):x}@mx.example>",
    }


def _plain(sender: str, subject: str, text: str, ours: Received, **more: str) -> bytes:
    copy = head_of(ours).decode("ascii", "replace")
    return letter(f"{text}\r\n\r\n{copy}", **_from(sender, subject), content_type="text/plain; charset=utf-8", **more)


def postfix_in_german(ours: Received) -> bytes:
    text = f"Ihre Nachricht konnte nicht zugestellt werden.\r\n\r\n<{ours.recipients[0]}>: unbekannt"
    return standard(ours, status="5.1.1", said="550 5.1.1 User unknown in virtual mailbox table", text=text)


def gmail(ours: Received) -> bytes:
    text = (
        f"** Address not found **\r\n\r\nYour message wasn't delivered to {ours.recipients[0]} because the address "
        "couldn't be found, or is unable to receive mail."
    )
    said = "550-5.1.1 The email account that you tried to reach does not exist."
    return standard(ours, status="5.1.1", said=said, text=text)


def exchange(ours: Received) -> bytes:
    text = f"Your message to {ours.recipients[0]} couldn't be delivered.\r\n\r\nolga wasn't found at example.org."
    said = "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"
    return standard(ours, status="5.1.10", said=said, text=text)


def qmail(ours: Received) -> bytes:
    text = (
        "Hi. This is the qmail-send program at mx.example.org.\r\nI'm afraid I wasn't able to deliver your message to "
        "the following addresses.\r\nThis is a permanent error; I've given up. Sorry it didn't work out.\r\n\r\n"
        f"<{ours.recipients[0]}>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n\r\n"
        "--- Below this line is a copy of the message.\r\n"
    )
    return _plain("MAILER-DAEMON@mx.example.org", "failure notice", text, ours)


def exim(ours: Received) -> bytes:
    text = (
        "This message was created automatically by mail delivery software.\r\n\r\nA message that you sent could not be "
        "delivered to one or more of its\r\nrecipients. This is a permanent error. The following address(es) failed:"
        "\r\n\r\n"
        f"  {ours.recipients[0]}\r\n    Unrouteable address\r\n\r\n------ This is a copy of your message ------\r\n"
    )
    sender = "Mail Delivery System <Mailer-Daemon@mx.example.org>"
    subject = "Mail delivery failed: returning message to sender"
    return _plain(sender, subject, text, ours, x_failed_recipients=ours.recipients[0])


def exim_says_nothing_else(ours: Received) -> bytes:
    """`X-Failed-Recipients`, and words that say nothing."""
    text = f"The address {ours.recipients[0]}: 550 No such user\r\n"
    return _plain("postman@mx.example.org", "Returned", text, ours, x_failed_recipients=ours.recipients[0])


NOBODY_THERE: dict[str, Callable[[Received], bytes]] = {
    "Postfix, in German": postfix_in_german,
    "Gmail": gmail,
    "Exchange": exchange,
    "qmail": qmail,
    "Exim": exim,
    "X-Failed-Recipients": exim_says_nothing_else,
}


def delayed(ours: Received) -> bytes:
    said = "451 4.4.1 connect to mx.example.org: Connection timed out"
    return standard(ours, status="4.4.1", action="delayed", said=said, text="Your message is delayed.")


def exim_waits(ours: Received) -> bytes:
    text = (
        "This message was created automatically by mail delivery software.\r\nA message that you sent has not yet been "
        f"delivered to one or more of its\r\nrecipients after more than 24 hours on the queue.\r\n\r\n"
        f"  {ours.recipients[0]}\r\n\r\nNo action is required on your part. Delivery attempts will continue.\r\n"
    )
    subject = "Warning: message 1aBcDe-0001Xy-2Z delayed 24 hours"
    return _plain("Mail Delivery System <Mailer-Daemon@mx.example.org>", subject, text, ours)


NOT_YET = {"the standard's": delayed, "Exim's": exim_waits}


def full(ours: Received) -> bytes:
    return standard(ours, status="5.2.2", said="552 5.2.2 Mailbox full")


def given_up(ours: Received) -> bytes:
    return standard(ours, status="4.4.7", said="451 4.4.7 Message expired after five days")


def refused_as_spam(ours: Received) -> bytes:
    return standard(ours, status="5.7.1", said="554 5.7.1 Message blocked as spam, see our policy")


def refused_by_policy(ours: Received) -> bytes:
    """What it says of users is about the sender's."""
    said = "550 5.7.1 Message rejected by policy: user not found in the list of senders"
    return standard(ours, status="5.7.1", said=said)


THIS_TIME = {
    "a full mailbox": full,
    "given up after days": given_up,
    "taken for spam": refused_as_spam,
    "refused by a policy": refused_by_policy,
}


def complaint(ours: Received, *, kind: str = "abuse") -> bytes:
    """Of a provider's feedback loop (RFC 5965)."""
    fields = f"Feedback-Type: {kind}\r\nUser-Agent: Loop/1.0\r\nVersion: 1\r\nSource-IP: 192.0.2.1\r\n"
    parts = (
        part("text/plain", "This is an email abuse report."),
        part("message/feedback-report", fields),
        part("message/rfc822", ours.raw),
    )
    return mail_of(
        multipart("report; report-type=feedback-report", *parts), **_from("fbl@provider.example", "Complaint")
    )
