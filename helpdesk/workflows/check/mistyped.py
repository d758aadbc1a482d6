"""Conditions and texts in the spelling of other programs: `&&` for `and`, `{name}` for `{{ name }}`.

Asked by `templates` for hints at what cannot be read, and for what can be read but was not meant so.
"""

from __future__ import annotations

import re

_IN_CONDITIONS = (
    (r"\{\{|\{%", "Write the condition alone, without {{ and }}."),
    (r"&&|\bAND\b", "Write `and`."),
    (r"\|\||\bOR\b", "Write `or`."),
    (r"\bNOT\b|!(?!=)", "Write `not`."),
    (r"<>", "Write `!=`."),
    (r"===", "Write `==`."),
    (r"(?<![=!<>])=(?!=)", "Write `==` to compare."),
    (r"[“”„’‘]", "Use straight quotation marks: 'so'."),
)
_MARK = re.compile(r"(?<![{\w])[$#%]?\{\s*((?:ticket|customer|fields|actor|action|company|links)\.\w+)\s*\}(?!\})")


def in_condition(text: str) -> str:
    """What to write instead in a condition that cannot be read, or nothing."""
    bare = re.sub(r"'[^']*'|\"[^\"]*\"", "''", text[:1000])
    if comma := re.search(r"(\d+),(\d+)", bare):
        return f"Write {comma[1]}.{comma[2]} with a point."
    return next((hint for pattern, hint in _IN_CONDITIONS if re.search(pattern, bare)), "")


def in_text(text: str) -> str:
    """The first mark of a text for which nothing would be put in, as it should be spelled; or nothing."""
    mark = _MARK.search(text)
    return f"{{{{ {mark[1]} }}}}" if mark else ""
