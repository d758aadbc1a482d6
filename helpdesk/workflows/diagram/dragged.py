"""Ways between states that somebody dragged: where the layers say nothing any more, an arrow goes straight from box to
box, and its label takes the first place along it that is free.
"""

from __future__ import annotations

from dataclasses import dataclass

from helpdesk.workflows.diagram.shapes import Box, Point

Area = tuple[float, float, float, float]  # left, top, right, bottom
ALONG = (0.5, 0.38, 0.62, 0.27, 0.73, 0.18, 0.82)  # where a label may stand, the best first


@dataclass(frozen=True)
class Way:
    """A curve from `start` to `end` by two handles. `arrives`: (1, 0) from the left, (0, 1) from above, and so on."""

    start: Point
    one: Point
    other: Point
    end: Point
    arrives: tuple[int, int]

    @property
    def path(self) -> str:
        last = (self.end[0] - 6 * self.arrives[0], self.end[1] - 6 * self.arrives[1])
        points = (self.start, self.one, self.other, last)
        first, *rest = (f"{x:.1f} {y:.1f}" for x, y in points)
        return f"M{first}C{' '.join(rest)}"

    def at(self, t: float) -> Point:
        """The point of the curve at this part of it."""
        parts = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
        points = (self.start, self.one, self.other, self.end)
        x = sum(part * point[0] for part, point in zip(parts, points, strict=True))
        return (x, sum(part * point[1] for part, point in zip(parts, points, strict=True)))

    def free(self, label: Box, taken: list[Area]) -> Point:
        """Where the label meets nothing of `taken`, to which it is added; the middle where all is full."""
        for t in ALONG:
            x, y = self.at(t)
            area = (x - label.width / 2, y - label.height / 2, x + label.width / 2, y + label.height / 2)
            if not any(_meet(area, other) for other in taken):
                taken.append(area)
                return (x, y)
        return self.at(0.5)


def between(one: tuple[Point, Box], other: tuple[Point, Box], *, aside: float) -> Way:
    """From side to side, or up and down where the boxes stand in a column. `aside`: so that two opposite ways do not
    lie on each other.
    """
    (x1, y1), (x2, y2) = one[0], other[0]
    if abs(x2 - x1) >= (one[1].width + other[1].width) / 2:
        side = 1 if x2 > x1 else -1
        start, end = (x1 + side * one[1].width / 2, y1 + aside), (x2 - side * other[1].width / 2, y2 + aside)
        bend = (end[0] - start[0]) / 2
        return Way(start, (start[0] + bend, start[1]), (end[0] - bend, end[1]), end, (side, 0))
    down = 1 if y2 > y1 else -1
    start, end = (x1 + aside, y1 + down * one[1].height / 2), (x2 + aside, y2 - down * other[1].height / 2)
    bend = (end[1] - start[1]) / 2
    return Way(start, (start[0], start[1] + bend), (end[0], end[1] - bend), end, (0, down))


def _meet(one: Area, other: Area) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
