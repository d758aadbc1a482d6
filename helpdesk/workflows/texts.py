"""Texts that must have a form: dates, addresses, colours, names of time zones. One function a meaning, a sentence if
it does not fit.

Called by the reader with the text of a value. `FORMS[meaning](text)` gives "" when all is well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from helpdesk.workflows import filenames, outside
from helpdesk.workflows.currencies import CURRENCIES

COLORS = (
    "gray", "slate", "red", "orange", "amber", "yellow", "lime", "green", "teal", "cyan", "blue", "indigo",
    "violet", "pink",
)  # fmt: skip
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}")
FIELD_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,59}")

_ADDRESS = re.compile(r"[^@\s,;<>\"\x00-\x1f]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")
# The rows of people and tickets have room for 20 characters.
_LANGUAGE = re.compile(r"(?!.{21})[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
_URL = re.compile(r"https?://[^\s/?#]+[^\s]*")
_REF = re.compile(r"[A-Za-z0-9._-]{0,20}\{number\}[A-Za-z0-9._-]{0,20}")


def is_address(text: str) -> bool:
    return _ADDRESS.fullmatch(text) is not None


def _date(text: str) -> str:
    try:
        date.fromisoformat(text)
    except ValueError:
        return "A date is written 2026-12-31."
    return "" if len(text) == 10 else "A date is written 2026-12-31."


def _pattern(text: str) -> str:
    if len(text) > 500:
        return "A pattern has at most 500 characters."
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError) as problem:
        return f"This is not a regular expression: {problem}."
    return ""


def _zone(text: str) -> str:
    import zoneinfo

    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return f"There is no time zone “{text[:60]}”."
    return ""


def _matches(pattern: re.Pattern[str], sentence: str) -> Callable[[str], str]:
    return lambda text: "" if pattern.fullmatch(text) else sentence


def _among(words: tuple[str, ...] | frozenset[str], sentence: str) -> Callable[[str], str]:
    return lambda text: "" if text in words else sentence


FORMS: Mapping[str, Callable[[str], str]] = {
    "date": _date,
    "pattern": _pattern,
    "zone": _zone,
    "sender": lambda text: "" if text == "source" or is_address(text) else "It is `source` or a mail address.",
    "address": _matches(_ADDRESS, "This is not a mail address."),
    "language": _matches(_LANGUAGE, "A language is written as its code: en, et, pt-BR."),
    "slug": _matches(_SLUG, "A slug has small letters, digits and hyphens only."),
    "url": _matches(_URL, "An address of a page begins with http:// or https://."),
    "webhook url": outside.bad_url,
    "enclosure": filenames.bad_name,
    "ref": _matches(_REF, "A ref holds {number} once, and else only letters, digits, points, hyphens and underscores."),
    "currency": _among(CURRENCIES, "A currency is written as its code: EUR, USD, BDT."),
    "color": _among(COLORS, f"A colour is one of {', '.join(COLORS)}."),
    "hotkey": _matches(re.compile("[a-z0-9]"), "A key is one small letter or digit."),
}
# The code of the finding where a text does not fit.
FORM_CODES = {
    "date": "bad_date",
    "sender": "bad_address",
    "pattern": "bad_pattern",
    "zone": "unknown_zone",
    "address": "bad_address",
    "language": "bad_language",
    "slug": "bad_slug",
    "url": "bad_url",
    "webhook url": "bad_url",
    "enclosure": "bad_file_name",
    "ref": "bad_ref",
    "currency": "unknown_currency",
    "color": "unknown_color",
    "hotkey": "bad_hotkey",
}
