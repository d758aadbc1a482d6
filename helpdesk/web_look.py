"""Small things that templates say about people, sizes and times: initials, a colour for a name, "3 h", "1.2 MB".

`create_app` calls `register(app)`. Times are shown in the reader's zone and language (Flask-Babel); knows no ticket.
"""

import unicodedata
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from functools import lru_cache, partial
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, format_timedelta
from flask import Flask, g, request
from flask_babel import get_locale, get_timezone
from markupsafe import Markup

from helpdesk import clock
from helpdesk.text import html

HUES = 12
MOST_KEPT = 4096  # drawings of one macro
UNITS = (31_536_000, 2_592_000, 604_800, 86_400, 3_600, 60)  # seconds of a year, month, week, day, hour, minute
THEMES = ("light", "dark")


def register(app: Flask) -> None:
    """Globals `theme language direction when ago kept` and filters `initials hue filesize linked` for templates."""
    for function in (theme, language, direction, when, ago, kept):
        app.add_template_global(function)
    for filter in (initials, hue, filesize, linked):
        app.add_template_filter(filter)


def kept(macro: Callable[..., Markup]) -> Callable[..., Markup]:
    """A macro that is drawn once for the same arguments, reader's language and root: an icon, a face, a badge.

    Only for macros that look at nothing else. The same few stand a hundred times on a page.
    """
    drawn: dict[Any, Markup] = {}

    def draw(*given: Any, **named: Any) -> Markup:
        key = (given, tuple(map(type, given)), *named.items(), *map(type, named.values()), _reader()[2])
        try:
            found = drawn.get(key)
        except TypeError:  # a dict or list among them
            key = (_plain(given), _plain(named), _reader()[2])
            found = drawn.get(key)
        if found is None:
            found = macro(*given, **named)
            if len(drawn) >= MOST_KEPT:
                drawn.clear()
            drawn[key] = found
        return found

    return draw


def _plain(given: Any) -> Any:
    """Arguments as something that can be looked up. `1` and `True` are drawn differently, and so are a text and one
    that is HTML: their kinds count too.
    """
    if isinstance(given, dict):
        return tuple((name, _plain(value)) for name, value in given.items())
    if isinstance(given, tuple | list):
        return tuple(map(_plain, given))
    return (type(given), given)


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


@lru_cache(maxsize=4096)
def initials(name: str | None) -> str:
    """Up to two letters of a name in any script; of an address, its first letter. Empty where there is no letter.

    A letter keeps the marks that belong to it: `অনিতা` gives its first written sign, not half of one.
    """
    words = [word for word in (name or "").split("@")[0].split() if word[0].isalnum()]
    chosen = words[:1] + words[1:][-1:]
    return "".join(_first_sign(word) for word in chosen).upper()


@lru_cache(maxsize=4096)
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


@lru_cache(maxsize=512)
def linked(text: str) -> Markup:
    """A plain message with its web addresses clickable; once a process for each."""
    return Markup(html.linked(text))  # noqa: S704 - the sanitiser's word


def when(moment: datetime | None, form: str = "medium") -> Markup:
    """The moment as a `<time>`: `short` leaves this year's number out, `medium` has it, `long` is the day alone."""
    if moment is None:
        return Markup()
    moment = _aware(moment)
    locale, zone, _ = _reader()
    if form == "short" and moment.astimezone(zone).year == clock.now().astimezone(zone).year:
        form = "this year"
    return Markup('<time datetime="{}">{}</time>').format(_iso(moment), _written(moment, form, zone, locale))


def ago(moment: datetime | None) -> Markup:
    """How long ago, short ("3h"), or how soon ("in 3h"), with the full moment in its title; the page's script keeps it
    fresh.
    """
    if moment is None:
        return Markup()
    moment = _aware(moment)
    locale, zone, reader = _reader()
    passed = int((clock.now() - moment).total_seconds())
    seconds = max(60, abs(passed))
    size = next(size for size in UNITS if seconds >= size)
    rounded = seconds // size * size if passed > -60 else -(-(-seconds // size) * size)
    key = (moment, rounded, reader)
    found = _told.get(key)
    if found is None:
        full, told = _written(moment, "medium", zone, locale), _passed(rounded, locale)
        found = Markup('<time datetime="{}" title="{}" data-ago>{}</time>').format(_iso(moment), full, told)
        if len(_told) >= MOST_KEPT:
            _told.clear()
        _told[key] = found
    return found


_told: dict[tuple[datetime, int, str], Markup] = {}


@lru_cache(maxsize=1024)
def _passed(seconds: int, locale: Locale) -> str:
    """Seconds that have passed, or that are still to come where they are below nought."""
    short = partial(format_timedelta, granularity="minute", threshold=1, format="narrow", locale=locale)
    return short(seconds) if seconds > 0 else short(-seconds, add_direction=True)


@lru_cache(maxsize=4096)
def _written(moment: datetime, form: str, zone: tzinfo, locale: Locale) -> str:
    here = moment.astimezone(zone)
    if form == "long":
        return format_date(here, "long", locale=locale)
    if form == "this year":
        day = format_skeleton("MMMd", here, locale=locale)
    else:
        day = format_date(here, "medium", locale=locale)
    return f"{day}, {format_time(here, 'short', tzinfo=zone, locale=locale)}"


def _reader() -> tuple[Locale, tzinfo, str]:
    """The reader's language and zone, and what drawings depend on besides their arguments; found out once a request."""
    found: tuple[Locale, tzinfo, str] | None = g.get("helpdesk_reader")
    if found is None:
        locale, zone = get_locale() or Locale("en"), get_timezone()
        found = g.helpdesk_reader = (locale, zone, f"{locale} {zone} {request.script_root}")
    return found


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _iso(moment: datetime) -> str:
    return _aware(moment).astimezone(UTC).isoformat(timespec="seconds")


def _first_sign(word: str) -> str:
    end = 1
    while end < len(word) and unicodedata.category(word[end]) in ("Mn", "Mc"):
        end += 1
    return word[:end]
