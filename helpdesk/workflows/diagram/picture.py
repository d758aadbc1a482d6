"""A diagram as SVG, drawn by ourselves: no program needs to be installed for it.

Inside a page the look comes from `static/css/diagram.css` (classes and `data-color`, so it follows the theme and the
strict content policy); what stands alone carries the same style sheet. Where no style sheet is understood the colours
of paper in the attributes remain. Each state is a group with `data-state`, `data-file` and `data-line`, by which the
editor jumps.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

from helpdesk.workflows.diagram.dragged import Area, between
from helpdesk.workflows.diagram.graph import Arrow, Graph, Node, Word
from helpdesk.workflows.diagram.layered import Box, Link, Point, Route, lay_out
from helpdesk.workflows.diagram.texts import CHANGES, PAPER

Places = Mapping[str, Point]  # where somebody dragged a state: its centre

EDGE = 24.0  # around the whole picture
LINE = 16.0  # of a label
LABEL, NOTE, WORD = 13.5, 11.0, 11.5  # sizes of letters
LONGEST_WORD, LONGEST_LABEL = 34, 30  # characters; the whole stands in the title
STYLES = ("colors.css", "diagram.css")
MARKS = {"added": "+ ", "removed": "− ", "changed": "", "": ""}
NARROW, WIDE = set("iljtfrI.,:;'|!()[] "), set("mwMWÄÖÜ@%")


@dataclass(frozen=True)
class Live:
    """What is going on in a state: how many tickets, for how long they stay there (in the median, as words), how many
    are stuck.
    """

    tickets: int
    median: str = ""
    stuck: int = 0


def draw(
    graph: Graph,
    *,
    live: Mapping[str, Live] | None = None,
    places: Places | None = None,
    standalone: bool = False,
) -> str:
    """The whole picture. `live`: by state. `places`: centres of states that stand elsewhere than we would put them."""
    names = sorted(graph.nodes, key=lambda name: (graph.nodes[name].final, graph.nodes[name].kind == "state"))
    number = {name: i for i, name in enumerate(names)}
    loops = {arrow.source: arrow for arrow in graph.arrows if arrow.source == arrow.target}
    arrows = [arrow for arrow in graph.arrows if arrow.source in number and arrow.target in number]
    ports = _ports(arrows, number)
    sizes = {name: _size(graph.nodes[name], (live or {}).get(name), bool(live), ports[name]) for name in names}
    boxes = [_with_loop(sizes[name], loops.get(name)) for name in names]
    links = [Link(number[each.source], number[each.target], _label_size(each.words)) for each in arrows]
    drawing = lay_out(boxes, links)
    centres = {name: drawing.boxes[number[name]] for name in names}
    moved = {name: place for name, place in (places or {}).items() if name in centres}
    centres |= moved
    taken = [_area(centres[name], sizes[name]) for name in names]
    parts = []
    for arrow, link, route in zip(arrows, links, drawing.routes, strict=True):
        if arrow.source == arrow.target:
            parts.append(_loop(arrow, centres[arrow.source], sizes[arrow.source]))
        elif arrow.source in moved or arrow.target in moved or route is None:
            ends = [(centres[one], sizes[one]) for one in (arrow.source, arrow.target)]
            way = between(*ends, aside=7 if number[arrow.source] < number[arrow.target] else -7)
            label = way.free(link.label, taken) if link.label else None
            parts.append(_arrow(arrow, way.path, _tip(way.end, *way.arrives), label, link.label))
        else:
            parts.append(_arrow(arrow, _path(route), _head(route), route.label, link.label))
    if graph.initial in centres and not any(node.kind == "source" for node in graph.nodes.values()):
        parts.append(_begin(centres[graph.initial], sizes[graph.initial]))
    parts += [_state(graph.nodes[name], centres[name], sizes[name], (live or {}).get(name)) for name in names]
    corners = [
        (x + side * sizes[name].width / 2, y + side * sizes[name].height / 2)
        for name, (x, y) in centres.items()
        for side in (-1, 1)
    ]
    left = min([0.0, *(x for x, _ in corners)]) - EDGE - 14
    top = min([0.0, *(y for _, y in corners)]) - EDGE
    right = max([drawing.width, *(x for x, _ in corners)]) + EDGE
    bottom = max([drawing.height, *(y for _, y in corners)]) + EDGE
    return _svg(graph, (left, top, right - left, bottom - top), parts, standalone=standalone)


def _svg(graph: Graph, view: tuple[float, float, float, float], parts: list[str], *, standalone: bool) -> str:
    x, y, width, height = map(_n, view)
    style = f"<style>{_style()}</style>" if standalone else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram" role="img" data-workflow="{_q(graph.name)}"'
        f' viewBox="{x} {y} {width} {height}" width="{width}" height="{height}"'
        f' font-family="Inter, system-ui, sans-serif" aria-label="{_q(graph.label)}">'
        f"<title>{_q(graph.label)}</title>{style}\n" + "\n".join(parts) + "\n</svg>\n"
    )


@cache
def _style() -> str:
    """What a page has anyway: the colours of states and the look of diagrams."""
    folder = Path(__file__).parents[2] / "static" / "css"
    return "".join((folder / name).read_text("utf-8") for name in STYLES).replace("<", "\\3c ")


# States


def _ports(arrows: list[Arrow], number: Mapping[str, int]) -> dict[str, int]:
    """How many arrows meet each state on its fuller side; those that lead back leave on the left."""
    sides: Counter[tuple[str, bool]] = Counter()
    for arrow in arrows:
        forward = number[arrow.source] < number[arrow.target]
        if arrow.source != arrow.target:
            sides[arrow.source, forward] += 1
            sides[arrow.target, not forward] += 1
    return {name: max(sides[name, True], sides[name, False]) for name in number}


def _size(node: Node, live: Live | None, with_live: bool, ports: int) -> Box:
    label = _width(_cut(node.label, LONGEST_LABEL), LABEL, bold=True)
    if node.kind != "state":
        return Box(label + 34, 32)
    widths = [label + 44, _width(_cut(node.note, LONGEST_LABEL), NOTE) + 44]
    if live:
        widths.append(_width(_counts(live), NOTE) + _width(_stuck(live), NOTE) + 52)
    return Box(max(92.0, *widths), max(_text_height(node, with_live), 11.0 * ports + 8))


def _text_height(node: Node, with_live: bool) -> float:
    return 40.0 + 15 * bool(node.note) + 18 * with_live


def _with_loop(size: Box, loop: Arrow | None) -> Box:
    """The box with room below it for an arrow that comes back to the same state."""
    label = _label_size(loop.words) if loop else None
    return Box(max(size.width, label.width), size.height, label.height + 20) if label else size


def _state(node: Node, centre: Point, size: Box, live: Live | None) -> str:
    ground, line = PAPER[node.color]
    edge = CHANGES.get(node.change, line)
    left, top = centre[0] - size.width / 2, centre[1] - size.height / 2
    box = f'width="{_n(size.width)}" height="{_n(size.height)}"'
    marks = f' data-state="{_q(node.name)}" data-line="{node.line}" data-file="{_q(node.file)}"' if node.line else ""
    change = f' data-change="{node.change}"' if node.change else ""
    final = ' data-final=""' if node.final else ""
    round_ = 16 if node.kind != "state" else 10
    about = f'class="{node.kind}" data-color="{node.color}"{marks}{change}{final}'
    parts = [
        f'<g {about} transform="translate({_n(left)} {_n(top)})">',
        f"<title>{_q(node.label)}</title>",
        f'<rect class="box" {box} rx="{round_}" fill="{ground}" stroke="{edge}"/>',
    ]
    if node.final:
        inner = f'width="{_n(size.width - 7)}" height="{_n(size.height - 7)}"'
        parts.append(f'<rect class="ring" x="3.5" y="3.5" {inner} rx="7" fill="none" stroke="{edge}"/>')
    mark, down = MARKS.get(node.change, ""), 0.0
    if node.kind == "state":
        down = (size.height - _text_height(node, live is not None)) / 2
        parts.append(f'<circle class="dot" cx="20" cy="{_n(20 + down)}" r="4" fill="{line}"/>')
    at = down + 24.5 if node.kind == "state" else 20.5
    inset = 17 if node.kind != "state" else 31
    parts.append(_text("label", inset, at, LABEL, mark + _cut(node.label, LONGEST_LABEL), weight=600))
    if node.note:
        parts.append(_text("note", inset, at + 15, NOTE, _cut(node.note, LONGEST_LABEL)))
    if live:
        y = size.height - down - 11
        parts.append(_text("live", inset, y, NOTE, _counts(live)))
        if live.stuck:
            parts.append(_text("stuck", inset + _width(_counts(live), NOTE) + 8, y, NOTE, _stuck(live), weight=600))
    return "".join([*parts, "</g>"])


def in_words(live: Live) -> str:
    """What is going on in a state, in one line."""
    return ", ".join(filter(None, (_counts(live), _stuck(live))))


def _counts(live: Live) -> str:
    tickets = "1 ticket" if live.tickets == 1 else f"{live.tickets:,} tickets".replace(",", " ")
    return f"{tickets} · {live.median}" if live.median else tickets


def _stuck(live: Live) -> str:
    return f"{live.stuck:,} stuck".replace(",", " ") if live.stuck else ""


def _begin(centre: Point, size: Box) -> str:
    """Where tickets come in, if no doors are drawn."""
    x, y = centre[0] - size.width / 2, centre[1]
    return (
        f'<g class="begin"><circle cx="{_n(x - 26)}" cy="{_n(y)}" r="5" fill="#57534e"/>'
        f'<path d="M{_n(x - 21)} {_n(y)}H{_n(x - 7)}" fill="none" stroke="#8b8680"/>{_tip((x - 1, y), 1)}</g>'
    )


# Arrows


def _arrow(arrow: Arrow, path: str, head: str, label: Point | None, size: Box | None) -> str:
    words = _words(arrow.words, label, size) if label and size else ""
    dash = {"timer": ' stroke-dasharray="6 4"', "automatic": ' stroke-dasharray="1.5 3.5"'}.get(arrow.kind, "")
    stroke = CHANGES.get(arrow.change, "#8b8680")
    change = f' data-change="{arrow.change}"' if arrow.change else ""
    title = "; ".join(_whole(word) for word in arrow.words)
    about = f"<title>{_q(title)}</title>" if title else ""
    ends = f'data-from="{_q(arrow.source)}" data-to="{_q(arrow.target)}"'
    line = f'<path class="line" d="{path}" fill="none" stroke="{stroke}" stroke-width="1.4"{dash}/>'
    return f'<g class="arrow" data-kind="{arrow.kind}" {ends}{change}>{about}{line}{head}{words}</g>'


def _path(route: Route) -> str:
    """Level through each layer, bent between them."""
    side = 1 if route.forward else -1
    x, y = route.start
    d = [f"M{_n(x)} {_n(y)}"]
    stops = [*route.through, (route.end[0] - side * 6, route.end[0] - side * 6, route.end[1])]
    for near, far, level in stops:
        if abs(level - y) < 0.5:
            d.append(f"L{_n(near)} {_n(level)}")
        else:
            bend = (near - x) / 2
            d.append(f"C{_n(x + bend)} {_n(y)} {_n(near - bend)} {_n(level)} {_n(near)} {_n(level)}")
        if near != far:
            d.append(f"H{_n(far)}")
        x, y = far, level
    return "".join(d)


def _head(route: Route) -> str:
    return _tip(route.end, 1 if route.forward else -1)


def _tip(at: Point, side: int, down: int = 0) -> str:
    """The point of an arrow coming from the left (`side` 1), the right (-1), from above (`down` 1) or below (-1)."""
    shape = f"l-4 {-8 * down}h8z" if down else f"l{-8 * side} -4v8z"
    return f'<path class="tip" d="M{_n(at[0])} {_n(at[1])}{shape}" fill="#8b8680"/>'


def _loop(arrow: Arrow, centre: Point, size: Box) -> str:
    """An arrow that comes back to the state it leaves: below it, with its words below that."""
    x, y = centre[0], centre[1] + size.height / 2
    label = _label_size(arrow.words) or Box(0, 0)
    d = f"M{_n(x - 18)} {_n(y)}C{_n(x - 18)} {_n(y + 20)} {_n(x + 18)} {_n(y + 20)} {_n(x + 18)} {_n(y + 7)}"
    return _arrow(arrow, d, _tip((x + 18, y), 0, -1), (x, y + 19 + label.height / 2), label)


def _area(centre: Point, size: Box) -> Area:
    x, y = centre
    return (x - size.width / 2, y - size.height / 2, x + size.width / 2, y + size.height / 2)


# Words


def _words(words: tuple[Word, ...], at: Point, size: Box) -> str:
    left, top = at[0] - size.width / 2, at[1] - size.height / 2
    box = f'x="{_n(left)}" y="{_n(top)}" width="{_n(size.width)}" height="{_n(size.height)}"'
    parts = [f'<rect class="ground" {box} rx="5" fill="#ffffff"/>']
    for place, word in enumerate(words):
        y = top + 2 + LINE * place + 11.5
        change = f' data-change="{word.change}"' if word.change else ""
        text = _text("word", at[0], y, WORD, _shown(word), middle=True, fill=CHANGES.get(word.change, "#44403c"))
        parts.append(f'<g data-action="{_q(word.action)}"{change}>{text}</g>')
    return "".join(parts)


def _label_size(words: tuple[Word, ...]) -> Box | None:
    if not words:
        return None
    return Box(max(_width(_shown(word), WORD) for word in words) + 12, LINE * len(words) + 3)


def _shown(word: Word) -> str:
    return MARKS.get(word.change, "") + _cut(word.text, LONGEST_WORD) + (" (if)" if word.conditional else "")


def _whole(word: Word) -> str:
    return f"{word.text} if {word.when}" if word.when else word.text


def _text(
    role: str, x: float, y: float, size: float, said: str, *, weight: int = 400, middle: bool = False, fill: str = ""
) -> str:
    anchor = ' text-anchor="middle"' if middle else ""
    ink = fill or {"label": "#292524", "stuck": "#c0392b"}.get(role, "#57534e")
    heavy = f' font-weight="{weight}"' if weight != 400 else ""
    return (
        f'<text class="{role}" x="{_n(x)}" y="{_n(y)}" font-size="{size}" fill="{ink}"{heavy}{anchor}>{_q(said)}</text>'
    )


def _width(said: str, size: float, *, bold: bool = False) -> float:
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


def _cut(said: str, most: int) -> str:
    said = " ".join(said.split())
    return said if len(said) <= most else said[: most - 1].rstrip() + "…"


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


def _q(text: str) -> str:
    return escape("".join(letter if letter.isprintable() else " " for letter in text))
