"""The `Date` of a mail in UTC, as far as it can be believed; order in the desk goes by arrival, never by this (fault
18).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?\s*(Z|[+-]\d\d:?\d\d)?")


def read(value: str) -> datetime | None:
    """RFC 5322 dates with their usual mistakes, and ISO 8601; None for what is none."""
    value = re.sub(r"\([^()]*\)", " ", value[:200]).strip()
    iso = _ISO.search(value)
    try:
        if iso:
            zone = (iso[7] or "Z").replace("Z", "+00:00")
            return datetime.fromisoformat(
                f"{iso[1]}-{iso[2]}-{iso[3]}T{iso[4]}:{iso[5]}:{iso[6] or '00'}{zone}"
            ).astimezone(UTC)
        found = parsedate_tz(value)
        if not found:
            return None
        moment = datetime(*found[:6], tzinfo=UTC)
        return moment - timedelta(seconds=found[9] or 0)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
