"""A guard before the HTML parser: what costs it minutes or gigabytes becomes harmless. Used by `html` alone (attack
90).

200,000 open `<div>` cost an HTML5 parser a minute; formatting that is never closed is opened again in every paragraph
that follows, so thirty `<b>` and 240,000 `<p>` are two gigabytes; a million `&` in one text are twenty seconds. Real
mail nests a few dozen levels.
"""

from __future__ import annotations

import re

_DEPTH, _FORMATTING_DEPTH = 150, 30
_REOPENED = 100_000  # formatting elements that paragraphs may open again, all together
_AMPERSANDS = 1000  # in one stretch of text; each costs the parser a copy of what it has of the stretch
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# Start tags that never pile up: void ones, and those the parser closes by itself.
_FLAT = frozenset(
    "area base br col embed hr img input link meta param source track wbr p li td tr th dd dt option tbody thead tfoot "
    "html head body".split()
)
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())


def bounded(html: str) -> str:
    """The same HTML; tags that are too much become `<wbr>`, which holds nothing and is dropped later. Words stay."""
    if html.count("&") > _AMPERSANDS:
        html = "<".join(_parted(stretch) for stretch in html.split("<"))
    return html if html.count("<") < _FORMATTING_DEPTH else _TAG.sub(_Depth().step, html)


def _parted(stretch: str) -> str:
    if stretch.count("&") <= _AMPERSANDS:
        return stretch
    pieces = stretch.split("&")
    groups = ("&".join(pieces[at : at + _AMPERSANDS]) for at in range(0, len(pieces), _AMPERSANDS))
    return "<wbr>&".join(groups)


class _Depth:
    def __init__(self) -> None:
        self.blocks = self.formatting = self.reopened = 0

    def step(self, tag: re.Match[str]) -> str:
        name, ends = tag[2].lower(), bool(tag[1])
        if name in _FORMATTING:
            self.formatting = max(0, self.formatting + (-1 if ends else 1))
            return tag[0] if ends or self.formatting <= _FORMATTING_DEPTH else "<wbr"
        self.reopened += min(self.formatting, _FORMATTING_DEPTH)
        if self.reopened > _REOPENED and self.formatting:
            return f"<{tag[1]}wbr"
        if name in _FLAT:
            return tag[0]
        self.blocks = max(0, self.blocks + (-1 if ends else 1))
        return tag[0] if ends or self.blocks <= _DEPTH else "<wbr"
