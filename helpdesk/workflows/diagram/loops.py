"""Arrows that come back to the state they leave: side by side below it, each with its words under it. For `picture`."""

from __future__ import annotations

from collections.abc import Sequence

from helpdesk.workflows.diagram import arrows
from helpdesk.workflows.diagram.graph import Arrow
from helpdesk.workflows.diagram.lettering import label_size, n
from helpdesk.workflows.diagram.shapes import Box, Point

BOW = 36.0  # how wide a loop is without its words
GAP = 6.0  # between two of them


def below(size: Box, loops: Sequence[Arrow]) -> Box:
    """The state's box with the room that its loops take under it."""
    if not loops:
        return size
    rooms = [_room(arrow) for arrow in loops]
    return Box(max(size.width, _width(rooms)), size.height, max(room.height for room in rooms) + 20)


def draw(loops: Sequence[Arrow], centre: Point, size: Box) -> list[str]:
    """The loops of the state of this size that stands there."""
    rooms, drawn = [_room(arrow) for arrow in loops], []
    left, top = centre[0] - _width(rooms) / 2, centre[1] + size.height / 2
    for arrow, room in zip(loops, rooms, strict=True):
        drawn.append(_loop(arrow, (left + room.width / 2, top)))
        left += room.width + GAP
    return drawn


def _loop(arrow: Arrow, at: Point) -> str:
    x, y = at
    label = label_size(arrow.words) or Box(0, 0)
    bow = f"M{n(x - 18)} {n(y)}C{n(x - 18)} {n(y + 20)} {n(x + 18)} {n(y + 20)} {n(x + 18)} {n(y + 7)}"
    return arrows.draw(arrow, bow, arrows.tip((x + 18, y), 0, -1), (x, y + 19 + label.height / 2), label)


def _room(arrow: Arrow) -> Box:
    label = label_size(arrow.words) or Box(0, 0)
    return Box(max(BOW, label.width), label.height)


def _width(rooms: Sequence[Box]) -> float:
    return sum(room.width for room in rooms) + GAP * (len(rooms) - 1)
