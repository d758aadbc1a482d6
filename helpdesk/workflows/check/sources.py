"""Doors that would get into each other's way, or that let nobody in."""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.workflows.check.whole import Whole
from helpdesk.workflows.findings import Finding
from helpdesk.workflows.schema import EmailSource, FormSource, SourceMail

LONGEST_UNDO = 120
LONGEST_LOCAL = 24  # characters of an address before its @, where a mark of the desk's follows (config.py)


def check(whole: Whole) -> Iterator[Finding]:
    slugs: dict[str, str] = {}
    addresses: dict[str, str] = {}
    for source in whole.desk.sources.values():
        options = source.options
        if isinstance(options, FormSource):
            if slugs.setdefault(options.slug, source.name) != source.name:
                sentence = f"“{slugs[options.slug]}” has the same slug."
                yield whole.at_value("slug_twice", sentence, (*source.path, "slug"))
            if options.login != "required" and "email" not in {one.name for one in options.fields}:
                sentence = "The form does not ask for the address that the answer goes to."
                hint = "Add `email` to its fields, or say `login: required`."
                yield whole.at_key("nobody_to_answer", sentence, (*source.path, "fields"), hint=hint)
        if source.assign.how == "ask":
            sentence = "Nobody is there to be asked when a ticket comes in."
            yield whole.at_value("bad_assign", sentence, (*source.path, "assign"))
        if source.mail is not None:
            yield from _identity(whole, source.mail)
        if isinstance(options, EmailSource):
            yield from _mailbox(whole, options)
            address = options.address.lower()
            if addresses.setdefault(address, source.name) != source.name:
                sentence = f"“{addresses[address]}” has the same address."
                yield whole.at_value("address_twice", sentence, (*source.path, "address"))
    yield from _refs(whole)
    if not 0 <= whole.desk.company.undo_seconds <= LONGEST_UNDO:
        sentence = f"Nothing waits for longer than {LONGEST_UNDO} seconds, and 0 means not at all."
        yield whole.at_value("bad_undo", sentence, (*whole.desk.company.path, "undo_seconds"))


def _mailbox(whole: Whole, source: EmailSource) -> Iterator[Finding]:
    fetch = source.fetch
    if fetch is None:
        return
    if fetch.imap is None and fetch.pop3 is None:
        yield whole.at_key("missing_key", "“fetch” needs the key “imap” or “pop3”.", fetch.path)
    if fetch.imap and fetch.pop3:
        yield whole.at_value("two_mailboxes", "A mailbox is read by IMAP or by POP3, not both.", (*fetch.path, "pop3"))
    for key, text in (("imap", fetch.imap), ("pop3", fetch.pop3)):
        if text and "${" not in text and not text.startswith((f"{key}s://", f"{key}://", f"{key}+insecure://")):
            sentence = f"The address of a mailbox begins with {key}s:// or {key}://."
            yield whole.at_value("bad_url", sentence, (*fetch.path, key))
    oauth = fetch.oauth
    if oauth and not oauth.provider:
        for key, url in (("token_url", oauth.token_url), ("scope", oauth.scope)):
            if not url:
                yield whole.at_key("missing_key", f"Without a “provider” it must be said: “{key}”.", oauth.path)
        if not oauth.authorize_url and not oauth.device_url:
            sentence = "Nobody could sign in: “authorize_url” or “device_url” is needed."
            yield whole.at_key("missing_key", sentence, oauth.path)


def _identity(whole: Whole, mail: SourceMail) -> Iterator[Finding]:
    """Answers that lead elsewhere, and an address for bounces that has no room for the desk's own mark."""
    answers = mail.reply_to or mail.from_
    boxes = {each.options.address.lower() for each in whole.desk.sources.values() if each.type == "email"}
    if answers and answers.lower() not in boxes:
        key = "reply_to" if mail.reply_to else "from"
        sentence = f"Answers to {answers} come back only if that mail is handed to a source of the desk."
        hint = "Name the address of a source in `reply_to`."
        yield whole.at_value("answers_elsewhere", sentence, (*mail.path, key), hint=hint, severity="warning")
    local = (mail.bounces or "").rpartition("@")[0]
    if "+" in local or len(local) > LONGEST_LOCAL:
        sentence = (
            f"The desk adds a plus sign and a mark: before the @ are at most {LONGEST_LOCAL} characters and no plus."
        )
        yield whole.at_value("bad_address", sentence, (*mail.path, "bounces"))


def _refs(whole: Whole) -> Iterator[Finding]:
    """A ref must name one ticket only, so the words around the number differ from workflow to workflow."""
    taken: dict[str, str] = {}
    for workflow in whole.desk.workflows.values():
        prefix = workflow.ref.partition("{number}")[0].lower().rstrip("0123456789")  # R1{number} can be R{number}'s
        if workflow.ref and taken.setdefault(prefix, workflow.name) != workflow.name:
            sentence = f"Refs of “{taken[prefix]}” begin in the same way."
            yield whole.at_value("ref_twice", sentence, (*workflow.path, "ref"))
        if workflow.ref.replace("{number}", "").isdigit():
            sentence = "With digits around it alone, the number of a ticket reads as that of another one."
            hint = "Put a letter or a hyphen beside it: 2026-{number}."
            yield whole.at_value("bad_ref", sentence, (*workflow.path, "ref"), hint=hint)
