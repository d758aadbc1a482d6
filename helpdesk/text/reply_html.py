"""The formatting of a reply whose quote was cut off: the beginning of the mail's HTML that says what was kept.

The quote cutter decides on lines of text. Where what it kept is the beginning of the message, as with an answer above
the quote, that beginning keeps its look; where answers stand between the lines there is no such beginning, and the text
must do. Called when a mail comes in. Never guesses: what it gives, read as text, has the same letters and digits in the
same order.
"""

from __future__ import annotations

import html as entities
import re

from helpdesk.text import html as markup

LIMIT = 200_000  # characters of HTML that are looked at
LEAP = 400  # letters that may stand in the text alone, such as the address of a link

_PIECE = re.compile(r"<[^>]*>|[^<]+")
_PICTURE = re.compile(r"<img\b")


def beginning(html: str, text: str) -> str:
    """The beginning of `html` (cleaned) that says exactly `text`, cleaned once more; nothing if there is none."""
    wanted = _said(text)
    if not wanted or len(html) > LIMIT:
        return ""
    begun = html[: _end_of(html, wanted)]
    if _said(markup.to_text(begun)) != wanted:
        return ""
    return markup.clean(begun)


def _end_of(html: str, wanted: str) -> int:
    """Where the first words stand that are not wanted. What only opens after the last wanted ones is left out."""
    at = end = 0
    for piece in _PIECE.finditer(html):
        if piece[0].startswith("<"):
            end = piece.end() if _PICTURE.match(piece[0]) else end
            continue
        said = _said(entities.unescape(piece[0]))
        if not said:
            continue
        found = wanted.find(said, at, at + LEAP + len(said))
        if found < 0:
            break
        at, end = found + len(said), piece.end()
    return end


def _said(text: str) -> str:
    """Letters and digits alone: lines, blanks and signs differ between a text and its HTML."""
    return "".join(character for character in text if character.isalnum())
