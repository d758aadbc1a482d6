"""Small things that templates say about people, sizes and times: initials, a colour for a name, "3 h", "1.2 MB".

`create_app` calls `register(app)`. Times are shown in the reader's zone and language (Flask-Babel); knows no ticket.
"""

import unicodedata
import zlib
from datetime import UTC, datetime

from babel.dates import format_skeleton, format_timedelta
from flask import Flask, request
from flask_babel import format_date, format_time, get_locale, to_user_timezone
from markupsafe import Markup, escape

from helpdesk import clock

HUES = 12
THEMES = ("light", "dark")


def register(app: Flask) -> None:
    """Give templates the globals `theme language direction when ago` and the filters `initials hue filesize`."""
    for function in (theme, language, direction, when, ago):
        app.add_template_global(function)
    for filter in (initials, hue, filesize):
        app.add_template_filter(filter)


def theme() -> str:
    """`light`, `dark`, or nothing where the reader follows the system."""
    chosen = request.cookies.get("theme", "")
    return chosen if chosen in THEMES else ""


def language() -> str:
    """The page's language as an HTML `lang`."""
    return str(get_locale() or "en").replace("_", "-")


def direction() -> str:
    """`rtl` for Arabic, Hebrew, Persian, Urdu; else `ltr`."""
    locale = get_locale()
    return locale.text_direction if locale else "ltr"


def initials(name: str | None) -> str:
    """Up to two letters of a name in any script; of an address, its first letter. Never empty.

    A letter keeps the marks that belong to it: `অনিতা` gives its first written sign, not half of one.
    """
    words = [word for word in (name or "").split("@")[0].split() if word[0].isalnum()]
    chosen = words[:1] + words[1:][-1:]
    return "".join(_first_sign(word) for word in chosen).upper() or "?"


def hue(name: str | None) -> int:
    """A colour number for a name: the same for ever, on every machine."""
    return zlib.crc32((name or "").casefold().encode()) % HUES


def filesize(size: int) -> str:
    """Bytes as people say them: 812 B, 14 kB, 3.2 MB."""
    if size < 1000:
        return f"{size} B"
    if size < 999_500:
        return f"{size / 1000:.0f} kB"
    return f"{size / 1_000_000:.1f} MB"


def when(moment: datetime | None, form: str = "medium") -> Markup:
    """The moment as a `<time>`: `short` leaves this year's number out, `medium` has it, `long` is the day alone."""
    if moment is None:
        return Markup()
    return Markup('<time datetime="{}">{}</time>').format(_iso(moment), _written(_aware(moment), form))


def ago(moment: datetime | None) -> Markup:
    """How long ago, short ("3h"), with the full moment in its title; the page's script keeps it fresh."""
    if moment is None:
        return Markup()
    passed = format_timedelta(
        clock.now() - _aware(moment), granularity="minute", threshold=1, format="narrow", locale=get_locale() or "en"
    )
    return Markup('<time datetime="{}" title="{}" data-ago>{}</time>').format(
        _iso(moment), escape(_written(_aware(moment), "medium")), passed
    )


def _written(moment: datetime, form: str) -> str:
    if form == "long":
        return format_date(moment, "long")
    here = to_user_timezone(moment)
    if form == "short" and here.year == to_user_timezone(clock.now()).year:
        day = format_skeleton("MMMd", here, locale=get_locale() or "en")
    else:
        day = format_date(moment, "medium")
    return f"{day}, {format_time(moment, 'short')}"


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _iso(moment: datetime) -> str:
    return _aware(moment).astimezone(UTC).isoformat(timespec="seconds")


def _first_sign(word: str) -> str:
    end = 1
    while end < len(word) and unicodedata.category(word[end]) in ("Mn", "Mc"):
        end += 1
    return word[:end]
