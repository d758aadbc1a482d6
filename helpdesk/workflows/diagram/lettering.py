"""The words in a picture: how they are cut, how wide they are, how they are written. For `picture` and its parts."""

from __future__ import annotations

import unicodedata
from html import escape

from helpdesk.workflows.diagram.graph import Word
from helpdesk.workflows.diagram.shapes import Box, Point
from helpdesk.workflows.diagram.texts import CHANGES

LINE = 16.0  # of a label
LABEL, NOTE, WORD = 13.5, 11.0, 11.5  # sizes of letters
LONGEST_WORD, LONGEST_LABEL = 34, 30  # characters; the whole stands in the title
MARKS = {"added": "+ ", "removed": "− ", "changed": "", "": ""}
NARROW, WIDE = set("iljtfrI.,:;'|!()[] "), set("mwMWÄÖÜ@%")


def words_at(words: tuple[Word, ...], at: Point, size: Box) -> str:
    left, top = at[0] - size.width / 2, at[1] - size.height / 2
    box = f'x="{n(left)}" y="{n(top)}" width="{n(size.width)}" height="{n(size.height)}"'
    parts = [f'<rect class="ground" {box} rx="5" fill="#ffffff"/>']
    for place, word in enumerate(words):
        y = top + 2 + LINE * place + 11.5
        change = f' data-change="{word.change}"' if word.change else ""
        said = text("word", at[0], y, WORD, _shown(word), middle=True, fill=CHANGES.get(word.change, "#44403c"))
        parts.append(f'<g data-action="{q(word.action)}"{change}>{said}</g>')
    return "".join(parts)


def label_size(words: tuple[Word, ...]) -> Box | None:
    if not words:
        return None
    return Box(max(width(_shown(word), WORD) for word in words) + 12, LINE * len(words) + 3)


def _shown(word: Word) -> str:
    return MARKS.get(word.change, "") + cut(word.text, LONGEST_WORD) + (" (if)" if word.conditional else "")


def whole(word: Word) -> str:
    return f"{word.text} if {word.when}" if word.when else word.text


def text(
    role: str, x: float, y: float, size: float, said: str, *, weight: int = 400, middle: bool = False, fill: str = ""
) -> str:
    anchor = ' text-anchor="middle"' if middle else ""
    ink = fill or {"label": "#292524", "stuck": "#c0392b"}.get(role, "#57534e")
    heavy = f' font-weight="{weight}"' if weight != 400 else ""
    return f'<text class="{role}" x="{n(x)}" y="{n(y)}" font-size="{size}" fill="{ink}"{heavy}{anchor}>{q(said)}</text>'


def width(said: str, size: float, *, bold: bool = False) -> float:
    """About how wide a text is, rather too much: no font is at hand, and the reader's may be another."""
    total = 0.0
    for letter in said:
        if letter in NARROW:
            total += 0.34
        elif letter in WIDE:
            total += 0.9
        elif unicodedata.east_asian_width(letter) in "WF":
            total += 1.02
        elif unicodedata.combining(letter):
            continue
        else:
            total += 0.7 if letter.isupper() else 0.58
    return total * size * (1.06 if bold else 1.0)


def cut(said: str, most: int) -> str:
    said = " ".join(said.split())
    return said if len(said) <= most else said[: most - 1].rstrip() + "…"


def n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def q(text: str) -> str:
    return escape("".join(letter if letter.isprintable() else " " for letter in text))
