"""Words: short and long texts, and those with a form of their own."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from helpdesk.workflows.field_types.base import FieldType
from helpdesk.workflows.kinds import field_types
from helpdesk.workflows.schema import Field

MAIL = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,189}")
LONGEST = 100_000


@field_types.register("text")
class Text(FieldType):
    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> str:
        return re.sub(r"\s+", " ", self._text(raw, field, longest=500))


@field_types.register("textarea")
class TextArea(FieldType):
    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> str:
        return self._text(raw, field, longest=LONGEST)


@field_types.register("richtext")
class RichText(TextArea):
    """HTML or plain text. The door that takes it cleans it; here it is only bounded."""


@field_types.register("email")
class Email(FieldType):
    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> str:
        address = self._text(raw, field, longest=254)
        if not MAIL.fullmatch(address):
            raise ValueError(f"“{field.label}” must be an e-mail address such as name@example.org.")
        return address


@field_types.register("phone")
class Phone(FieldType):
    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> str:
        number = self._text(raw, field, longest=40)
        if not re.fullmatch(r"\+?[\d\s().\-/]{4,40}", number):
            raise ValueError(f"“{field.label}” must be a phone number such as +372 555 0001.")
        return number


@field_types.register("url")
class Url(FieldType):
    def read(self, raw: Any, field: Field, *, currency: str, zone: str) -> str:
        address = self._text(raw, field, longest=2000)
        if not _is_of_the_web(address):
            raise ValueError(f"“{field.label}” must be a web address that begins with https:// or http://.")
        return address


def _is_of_the_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:  # brackets with no address of IPv6 in them
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", address)
