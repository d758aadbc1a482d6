"""What only actions ask for: tags, other tickets, messages and their files, side conversations and whom they are with.
No field of the file is of these types.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from helpdesk.workflows.field_types.base import CONTROL, FieldType
from helpdesk.workflows.field_types.texts import MAIL
from helpdesk.workflows.kinds import field_types
from helpdesk.workflows.schema import Field

MOST = 1000  # messages at once
MOST_TAGS, LONGEST_TAG = 30, 60
MOST_RECIPIENTS = 48


@field_types.register("ticket")
class TicketName(FieldType):
    """Another ticket, by its name or number; the action that asks finds it."""

    brought = True

    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> str:
        return self._text(raw, field, longest=60)


@field_types.register("messages")
class Messages(FieldType):
    """Some of the ticket's messages, by their numbers; the action that asks finds them."""

    brought = True
    several = True
    noun = "messages"

    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> tuple[int, ...]:
        chosen = raw.split(",") if isinstance(raw, str) else list(raw)
        numbers = [str(each).strip() for each in chosen]
        if len(numbers) > MOST or not all(each.isascii() and each.isdecimal() and len(each) < 10 for each in numbers):
            raise ValueError(f"“{field.label}” takes the numbers of {self.noun}.")
        return tuple(sorted({int(each) for each in numbers}))

    def show(self, value: Sequence[int], field: Field) -> str:
        return str(len(value))


@field_types.register("attachments")
class Attachments(Messages):
    """Some of the files of the ticket's messages, by their numbers."""

    noun = "files"


class _Numbered(FieldType):
    """One thing of the ticket, by its number; the action that asks finds it."""

    brought = True

    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> int:
        number = str(raw).strip()
        if not (number.isascii() and number.isdecimal() and len(number) < 10):
            raise ValueError(f"“{field.label}” takes a number.")
        return int(number)


@field_types.register("side_conversation")
class SideConversation(_Numbered):
    """One of the ticket's side conversations."""


@field_types.register("side_message")
class SideMessage(_Numbered):
    """One message of a side conversation of the ticket."""


@field_types.register("recipients")
class Recipients(FieldType):
    """Mail addresses: a list, or a text with commas, semicolons or lines between them."""

    brought = True
    several = True

    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> tuple[str, ...]:
        written = [raw] if isinstance(raw, str) else list(raw)
        parts = [part for one in written for part in re.split(r"[,;\r\n]", CONTROL.sub("", str(one)))]
        addresses = dict.fromkeys(found for part in parts if (found := _bare(part)))
        if wrong := next((each for each in addresses if not MAIL.fullmatch(each)), None):
            raise ValueError(f"“{field.label}”: “{wrong[:80]}” is not an e-mail address.")
        if len(addresses) > MOST_RECIPIENTS:
            raise ValueError(f"“{field.label}” takes at most {MOST_RECIPIENTS} addresses.")
        return tuple(addresses)

    def show(self, value: Sequence[str], field: Field) -> str:
        return ", ".join(value)


def _bare(written: str) -> str:
    """`Kai <kai@parts.example>` as its address alone."""
    named = re.fullmatch(r"[^<>]*<([^<>]*)>\s*", written)
    return (named[1] if named else written).strip()


@field_types.register("tags")
class Tags(FieldType):
    """The tags of a ticket: a list, or a text with commas between them. Two that differ in capitals only are one."""

    brought = True
    several = True

    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> tuple[str, ...]:
        written = [raw] if isinstance(raw, str) else list(raw)
        names = [" ".join(CONTROL.sub("", part).split()) for each in written for part in str(each).split(",")]
        tags: dict[str, str] = {}
        for name in filter(None, names):
            tags.setdefault(name.casefold(), name)
        if len(tags) > MOST_TAGS:
            raise ValueError(f"“{field.label}”: a ticket has at most {MOST_TAGS}.")
        if any(len(name) > LONGEST_TAG for name in tags.values()):
            raise ValueError(f"“{field.label}”: one has at most {LONGEST_TAG} characters.")
        return tuple(tags.values())

    def show(self, value: Sequence[str], field: Field) -> str:
        return ", ".join(value)
