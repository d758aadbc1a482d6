"""Words that people bring from other desks and from other languages, and what they are called here.

Only hints are made of them; nothing reads a file by them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from helpdesk.workflows.findings import did_you_mean

KEYS: Mapping[str, tuple[str, ...]] = {
    "action": ("do", "actions"),
    "agent": ("staff",),
    "assign_to": ("assign",),
    "assignee": ("assign",),
    "assigned_to": ("assign",),
    "caption": ("label",),
    "client": ("customer",),
    "colour": ("color",),
    "condition": ("when", "show_if"),
    "delay": ("after",),
    "description": ("help", "label"),
    "destination": ("to",),
    "display_name": ("label",),
    "duration": ("after", "within"),
    "end": ("final",),
    "enter": ("on_enter",),
    "goto": ("to",),
    "group": ("assign", "by"),
    "hidden": ("hidden_from_customer",),
    "hotkey": ("key",),
    "icon": ("color",),
    "if": ("when", "show_if"),
    "inputs": ("fields",),
    "internal": ("hidden_from_customer",),
    "is_final": ("final",),
    "mail": ("emails", "email"),
    "mails": ("emails",),
    "mandatory": ("required",),
    "message": ("writes", "body", "text"),
    "name": ("label",),
    "next": ("to",),
    "notifications": ("emails",),
    "notify": ("emails",),
    "on_create": ("on_create",),
    "on_entry": ("on_enter",),
    "options": ("choices",),
    "owner": ("assign",),
    "permissions": ("allow", "may"),
    "public_label": ("customer_label",),
    "queue": ("group",),
    "recipients": ("to",),
    "regex": ("pattern",),
    "rights": ("may",),
    "role": ("as", "allow", "group"),
    "roles": ("allow", "visible_to", "includes"),
    "run": ("do",),
    "schedule": ("calendar",),
    "shortcut": ("key",),
    "start": ("initial",),
    "status": ("state", "states"),
    "statuses": ("states",),
    "target": ("to",),
    "team": ("group",),
    "terminal": ("final",),
    "text": ("body", "help"),
    "timeout": ("timers", "within"),
    "timer": ("timers",),
    "title": ("label", "subject"),
    "transitions": ("actions",),
    "url": ("imap", "redirect"),
    "user": ("as",),
    "validation": ("pattern",),
    "values": ("choices",),
    "wait": ("after",),
    "who": ("allow", "as"),
}
PEOPLE: Mapping[str, tuple[str, ...]] = {
    "agents": ("everyone",),
    "all": ("everyone",),
    "any": ("everyone",),
    "anyone": ("everyone",),
    "client": ("customer",),
    "everybody": ("everyone",),
    "owner": ("assignee",),
    "requester": ("customer",),
    "staff": ("everyone",),
    "team": ("group",),
    "user": ("customer",),
    "watchers": ("followers",),
}
TYPES: Mapping[str, tuple[str, ...]] = {
    "answer": ("reply",),
    "bool": ("checkbox",),
    "boolean": ("checkbox",),
    "dropdown": ("choice",),
    "float": ("number",),
    "int": ("number",),
    "integer": ("number",),
    "internal_note": ("comment",),
    "longtext": ("textarea",),
    "mail": ("email",),
    "note": ("comment",),
    "pay": ("receive_payment",),
    "payment": ("receive_payment",),
    "radio": ("choice",),
    "reassign": ("assign",),
    "remove": ("delete",),
    "resolve": ("close",),
    "select": ("choice",),
    "set_field": ("set_fields",),
    "spam": ("delete",),
    "string": ("text",),
    "tel": ("phone",),
    "update": ("set_fields",),
    "webform": ("form",),
}
NAMES: Mapping[str, tuple[str, ...]] = {
    "agent": ("actor",),
    "client": ("customer",),
    "first_name": ("name",),
    "full_name": ("name",),
    "fullname": ("name",),
    "id": ("number", "id"),
    "mail": ("email",),
    "portal": ("cabinet",),
    "requester": ("customer",),
    "status": ("state",),
    "title": ("subject",),
    "url": ("cabinet",),
    "user": ("actor",),
    "visitor": ("customer",),
}


def meant_by(word: str, known: Iterable[str], *, others: Mapping[str, tuple[str, ...]] = KEYS) -> str:
    """A hint at what `word` is called here: what other desks call so, a name that is nearly the same, or nothing."""
    known = list(known)
    plain = word.strip().casefold().replace("-", "_").replace(" ", "_")
    if plain in known:
        return f"Did you mean “{plain}”?"
    for here in others.get(plain, ()):
        if here in known:
            return f"Did you mean “{here}”?"
    return did_you_mean(word, known)


def one_of(known: Collection[str]) -> str:
    """All that is possible, if that is not too long to read."""
    return f"There are {', '.join(list(known)[:25])}." if known else ""
