"""The boxes of a picture: states, and the places tickets come from. For `picture`."""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.text.counted import counted
from helpdesk.workflows.diagram.graph import Node
from helpdesk.workflows.diagram.lettering import LABEL, LONGEST_LABEL, MARKS, NOTE, cut, n, q, text, width
from helpdesk.workflows.diagram.shapes import Box, Point
from helpdesk.workflows.diagram.texts import CHANGES, PAPER


@dataclass(frozen=True)
class Live:
    """What is going on in a state: how many tickets, for how long they stay there (in the median, as words), how many
    are stuck.
    """

    tickets: int
    median: str = ""
    stuck: int = 0


def size_of(node: Node, live: Live | None, with_live: bool, ports: int) -> Box:
    label = width(cut(node.label, LONGEST_LABEL), LABEL, bold=True)
    if node.kind != "state":
        return Box(label + 34, 32)
    widths = [label + 44, width(cut(node.note, LONGEST_LABEL), NOTE) + 44]
    if live:
        widths.append(width(_counts(live), NOTE) + width(_stuck(live), NOTE) + 52)
    return Box(max(92.0, *widths), max(_text_height(node, with_live), 11.0 * ports + 8))


def _text_height(node: Node, with_live: bool) -> float:
    return 40.0 + 15 * bool(node.note) + 18 * with_live


def draw(node: Node, centre: Point, size: Box, live: Live | None) -> str:
    ground, line = PAPER[node.color]
    edge = CHANGES.get(node.change, line)
    left, top = centre[0] - size.width / 2, centre[1] - size.height / 2
    box = f'width="{n(size.width)}" height="{n(size.height)}"'
    marks = f' data-state="{q(node.name)}"' if node.kind == "state" else ""
    marks += f' data-line="{node.line}" data-file="{q(node.file)}"' if node.line else ""
    change = f' data-change="{node.change}"' if node.change else ""
    final = ' data-final=""' if node.final else ""
    round_ = 16 if node.kind != "state" else 10
    about = f'class="{node.kind}" data-color="{node.color}"{marks}{change}{final}'
    parts = [
        f'<g {about} transform="translate({n(left)} {n(top)})">',
        f"<title>{q(node.label)}</title>",
        f'<rect class="box" {box} rx="{round_}" fill="{ground}" stroke="{edge}"/>',
    ]
    if node.final:
        inner = f'width="{n(size.width - 7)}" height="{n(size.height - 7)}"'
        parts.append(f'<rect class="ring" x="3.5" y="3.5" {inner} rx="7" fill="none" stroke="{edge}"/>')
    mark, down = MARKS.get(node.change, ""), 0.0
    if node.kind == "state":
        down = (size.height - _text_height(node, live is not None)) / 2
        parts.append(f'<circle class="dot" cx="20" cy="{n(20 + down)}" r="4" fill="{line}"/>')
    at = down + 24.5 if node.kind == "state" else 20.5
    inset = 17 if node.kind != "state" else 31
    parts.append(text("label", inset, at, LABEL, mark + cut(node.label, LONGEST_LABEL), weight=600))
    if node.note:
        parts.append(text("note", inset, at + 15, NOTE, cut(node.note, LONGEST_LABEL)))
    if live:
        y = size.height - down - 11
        parts.append(text("live", inset, y, NOTE, _counts(live)))
        if live.stuck:
            parts.append(text("stuck", inset + width(_counts(live), NOTE) + 8, y, NOTE, _stuck(live), weight=600))
    return "".join([*parts, "</g>"])


def in_words(live: Live) -> str:
    """What is going on in a state, in one line."""
    return ", ".join(filter(None, (_counts(live), _stuck(live))))


def _counts(live: Live) -> str:
    tickets = counted(live.tickets, "ticket")
    return f"{tickets} · {live.median}" if live.median else tickets


def _stuck(live: Live) -> str:
    return f"{live.stuck:,} stuck".replace(",", " ") if live.stuck else ""
