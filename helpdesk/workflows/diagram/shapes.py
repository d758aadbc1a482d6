"""What a layered drawing is made of: boxes and links that are given, pieces that are ordered, and what comes out."""

from __future__ import annotations

from dataclasses import dataclass, field

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """`below`: room that is kept free under it."""

    width: float
    height: float
    below: float = 0.0


@dataclass(frozen=True)
class Link:
    """An arrow between two boxes, with the box of its label."""

    source: int
    target: int
    label: Box | None = None


@dataclass(frozen=True)
class Route:
    """The way of a link: from box to box, level through each of `through` (left, right, height) in the order of travel.

    `forward`: it leaves on the right side and arrives on the left one. `start` and `end` are heights on the boxes.
    """

    forward: bool
    start: Point
    through: tuple[tuple[float, float, float], ...]
    end: Point
    label: Point | None


@dataclass
class Drawing:
    """`boxes`: the centre of each; `routes`: one a link; loops have none."""

    width: float
    height: float
    boxes: list[Point]
    routes: list[Route | None]


@dataclass
class Vertex:
    """A box, a label, or a piece of a long arrow; `box` and `link` say of what."""

    layer: int
    height: float
    width: float
    box: int | None = None
    link: int | None = None
    is_label: bool = False
    below: float = 0.0
    before: list[int] = field(default_factory=list)  # neighbours in the layer to the left
    after: list[int] = field(default_factory=list)
    y: float = 0.0
