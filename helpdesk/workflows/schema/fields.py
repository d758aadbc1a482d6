"""Fields (what a ticket or an action asks) and inputs (a field as one action or form asks it)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from typing import Literal

from helpdesk.workflows.schema.base import Element, Expression, FieldKind, FieldName, Pattern, derived, key

_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, kw_only=True)
class Field(Element):
    """An entry of `fields`, or one defined in place with its `name`."""

    type: FieldKind = key("What kind of value it takes.")
    label: str = key("What people read beside it.")
    help: str = key("A sentence below the field.", default="")
    required: bool = key("It cannot be left empty.", default=False)
    choices: Mapping[str, str] = key("Value and label of each choice, in order.", factory=dict)
    keep: Literal["ticket", "action"] | None = key(
        "`ticket`: stays on the ticket; `action`: stands in the history only.", default=None
    )
    min: str | None = key("The least value, number, date or length.", default=None)
    max: str | None = key("The greatest value, number, date or length.", default=None)
    pattern: Pattern | None = key("A regular expression for the whole value.", default=None)
    default: str | None = key("What the field holds before anybody fills it.", default=None)
    show_if: Expression | None = key("The field is asked only while this holds.", default=None)

    @property
    def said(self) -> str:
        """The label as sentences and the history say it: an agreement's may have links, which only its form shows."""
        return unescape(_TAG.sub("", self.label)) if self.type == "agreement" else self.label


@dataclass(frozen=True, kw_only=True)
class InputSpec(Element):
    """An input as it is written: a name, `{use: name, …changes}`, or a field defined in place."""

    name: str | None = key("The name of a new field that only this action asks.", default=None)  # type: ignore[assignment]
    use: FieldName | None = key(
        "A field or built-in input that there is already; the other keys change it here.", default=None
    )
    type: FieldKind | None = key("What kind of value it takes.", default=None)
    label: str | None = key("What people read beside it.", default=None)
    help: str | None = key("A sentence below the field.", default=None)
    required: bool | None = key("It cannot be left empty.", default=None)
    choices: Mapping[str, str] | None = key("Value and label of each choice, in order.", default=None)
    keep: Literal["ticket", "action"] | None = key("`ticket` or `action`.", default=None)
    min: str | None = key("The least value, number, date or length.", default=None)
    max: str | None = key("The greatest value, number, date or length.", default=None)
    pattern: Pattern | None = key("A regular expression for the whole value.", default=None)
    default: str | None = key("What the field holds before anybody fills it.", default=None)
    show_if: Expression | None = key("The field is asked only while this holds.", default=None)


@dataclass(frozen=True, kw_only=True)
class Input(Element):
    """A field as one action or form asks it, everything resolved. `builtin` inputs (message, files, …) are no fields
    of the ticket.
    """

    field: Field = derived()
    required: bool = derived(False)
    show_if: str | None = derived(None)
    keep: Literal["ticket", "action"] = derived("action")
    builtin: bool = derived(False)


def _built_in(name: str, type: str, label: str) -> Field:
    return Field(name=name, type=type, label=label, keep="action")


BUILT_IN: Mapping[str, Field] = {
    field.name: field
    for field in (
        _built_in("message", "richtext", "Message"),
        _built_in("files", "file", "Files"),
        _built_in("subject", "text", "Subject"),
        _built_in("tags", "tags", "Tags"),
        _built_in("name", "text", "Name"),
        _built_in("email", "email", "E-mail"),
        _built_in("phone", "phone", "Phone"),
    )
}
# What pages put into the forms themselves, and whom `assign: ask` asks for.
_OF_FORMS = (
    "assignee", "confirmed", "csrf_token", "into_ticket", "message_html", "nonce", "seen", "undo_this", "waiting",
    "website_2",
)  # fmt: skip
# What scripts ask of a form in the browser, which would answer with the input of that name instead.
_OF_BROWSERS = (
    "attributes", "children", "closest", "contains", "dataset", "elements", "form", "getAttribute", "hasAttribute",
    "matches", "parentElement", "parentNode", "querySelector", "querySelectorAll", "setAttribute", "tagName",
)  # fmt: skip
RESERVED = frozenset((*_OF_FORMS, *_OF_BROWSERS))
"""Names that no field of the file can have."""
ASSIGNEE = _built_in("assignee", "user", "Assignee")  # asked where an action says `assign: ask`
