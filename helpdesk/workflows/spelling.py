"""How a value is spelled here, for whoever spelled it otherwise: hints for times, numbers, dates and the like.

Asked by the reader once it knows that a value does not fit; gives the right spelling, or nothing.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from decimal import Decimal

from helpdesk.workflows.currencies import CURRENCIES
from helpdesk.workflows.filenames import bad_name
from helpdesk.workflows.texts import COLORS

_MINUTES = {"m": 1, "h": 60, "d": 1440, "w": 10080}
_UNITS = {
    "m": "m min mins minute minutes mn",
    "h": "h hr hrs hour hours std stunde stunden",
    "d": "d day days tag tage",
    "w": "w wk wks week weeks woche wochen",
}
_UNIT_OF = {word: unit for unit, words in _UNITS.items() for word in words.split()}
_PART = re.compile(r"(\d+(?:[.,]\d+)?)\s*([a-z]+)")
_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "৳": "BDT", "₽": "RUB", "₺": "TRY", "₴": "UAH"}


_BUSINESS = r"\bb[uis]{2,4}nes+\b"  # however many s


def duration(text: str) -> str:
    """`2 days` is `2d`, `1,5h` is `90m`, `working days` are `d business`."""
    words = text.strip().casefold()
    business = re.search(rf"{_BUSINESS}|working|werktag|bd$", words) is not None
    words = re.sub(r"werktage?|bd$", "d", words)
    words = re.sub(rf"{_BUSINESS}|working|\band\b|^p?t(?=\d)|^p(?=\d)|(?<=d)t(?=\d)", " ", words).strip()
    parts = _PART.findall(words)
    if not parts or _PART.sub("", words).strip(" ,") or any(unit not in _UNIT_OF for _, unit in parts):
        return ""
    minutes = sum(Decimal(number.replace(",", ".")) * _MINUTES[_UNIT_OF[unit]] for number, unit in parts)
    if minutes <= 0 or minutes != int(minutes):
        return ""
    if len(parts) == 1 and parts[0][0].isdigit():
        unit = _UNIT_OF[parts[0][1]]
        short = f"{int(parts[0][0])}{unit}" if not (unit == "w" and business) else f"{int(parts[0][0]) * 5}d"
    else:
        unit = next(unit for unit in ("d", "h", "m") if not minutes % _MINUTES[unit])
        short = f"{int(minutes) // _MINUTES[unit]}{unit}"
    return f"Write {short}{' business' if business else ''}."


def number(text: str) -> str:
    """`1.500,00` is `1500.00`, `0.01 EUR` is `0.01`."""
    match = re.fullmatch(r"\D*?(-?\d[\d.,\s']*)(?:\s*[^\d\s.,]+)*", text.strip())
    if match is None:
        return ""
    words = re.sub(r"[\s']", "", match[1]).rstrip(".,")
    if "," in words and words.rfind(",") > words.rfind("."):
        words = words.replace(".", "").replace(",", ".")
    else:
        words = words.replace(",", "")
    return f"Write {words}." if re.fullmatch(r"-?\d+(\.\d+)?", words) else ""


def whole_number(text: str) -> str:
    """The same of a number without a fraction that a count can be; `٢` is 2."""
    if text.isdecimal() and len(text) < 10:
        return f"Write {int(text)}."
    whole, _, fraction = number(text).removeprefix("Write ").removesuffix(".").partition(".")
    return f"Write {whole}." if re.fullmatch("[0-9]{1,9}", whole) and not fraction.strip("0") else ""


def truth(text: str) -> str:
    """Other words for true and false."""
    word = text.strip().casefold()
    if word in ("yes", "on", "y", "1", "true", "ja", "x"):
        return "Write true."
    return "Write false." if word in ("no", "off", "n", "0", "false", "nein", "none") else "Write true or false."


def _date(text: str) -> str:
    if match := re.fullmatch(r"(\d{1,2})[./](\d{1,2})[./](\d{4})", text.strip()):
        day, month, year = (int(part) for part in match.groups())
        return f"Write {year}-{month:02}-{day:02}." if month <= 12 else f"Write {year}-{day:02}-{month:02}."
    return ""


def _zone(text: str) -> str:
    import zoneinfo

    near = difflib.get_close_matches(text, sorted(zoneinfo.available_timezones()), n=1, cutoff=0.7)
    return f"Did you mean “{near[0]}”?" if near else "It is named by a city: Europe/Tallinn, Asia/Dhaka."


def _currency(text: str) -> str:
    code = _SIGNS.get(text.strip(), text.strip().upper())
    near = [code] if code in CURRENCIES else difflib.get_close_matches(code, CURRENCIES, n=1)
    return f"Did you mean “{near[0]}”?" if near else ""


def _color(text: str) -> str:
    near = difflib.get_close_matches(text.casefold().replace("grey", "gray"), COLORS, n=1)
    return f"Did you mean “{near[0]}”?" if near else ""


def _language(text: str) -> str:
    language, _, country = text.strip().replace("_", "-").partition("-")
    return f"Did you mean “{language.lower()}-{country.upper()}”?" if len(language) == 2 and country else ""


def _slug(text: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")
    return f"Write {slug}." if slug else ""


def _url(text: str) -> str:
    return f"Write “https://{text.strip()}”." if re.fullmatch(r"[\w-]+(\.[\w-]+)+(/\S*)?", text.strip()) else ""


def _file_name(text: str) -> str:
    way = [part.strip() for part in text.strip().replace("\\", "/").split("/") if part.strip() not in ("", ".", "..")]
    name = "/".join(way[-1:] if text.startswith("/") or ":" in text else way)
    return f"Write {name}, and put the file there." if name and not bad_name(name) else ""


def _hotkey(text: str) -> str:
    return f"Write {text.lower()}." if re.fullmatch("[A-Z]", text) else ""


_FORMS: Mapping[str, Callable[[str], str]] = {
    "date": _date,
    "zone": _zone,
    "currency": _currency,
    "color": _color,
    "language": _language,
    "slug": _slug,
    "url": _url,
    "hotkey": _hotkey,
    "enclosure": _file_name,
}


def of(means: str, text: str) -> str:
    """The right spelling of a text with a form of its own, or nothing."""
    return _FORMS[means](text[:100]) if means in _FORMS else ""
