"""Where boxes and arrows stand so that nothing overlaps: a layered drawing from left to right.

After Sugiyama, Tagawa and Toda ("Methods for visual understanding of hierarchical system structures", IEEE SMC 1981):
ranks, an order in each layer that crosses few arrows, heights that keep arrows straight. Every label is a box of its
own in a layer between the ranks, so text never meets text. Knows boxes only; the order they are given in is the order
of the file, which decides what leads forward, so a small change of the file moves little.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Point = tuple[float, float]

SWEEPS = 10  # passes over all layers in search of fewer crossings
STRAIGHTENINGS = 60
STRAIGHT = 40.0  # how strongly a long arrow keeps one level, against 2 for the pull of its ends
BETWEEN_BOXES, BETWEEN_LINES, BETWEEN_LABELS = 30.0, 13.0, 7.0
BETWEEN_LAYERS = 30.0
LARGE = 1500  # vertices; a larger drawing is not improved, only drawn


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
class _Vertex:
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


def lay_out(boxes: Sequence[Box], links: Sequence[Link]) -> Drawing:
    """Find a place for each box and a way for each link. Deterministic; fast enough to be asked at each keystroke."""
    ranks = _ranks(len(boxes), links)
    vertices = [
        _Vertex(2 * rank, box.height, box.width, box=i, below=box.below)
        for i, (rank, box) in enumerate(zip(ranks, boxes, strict=True))
    ]
    chains = [_chain(vertices, number, link, ranks) for number, link in enumerate(links)]
    layers = _layers(vertices)
    if len(vertices) <= LARGE:
        layers = _uncrossed(vertices, layers)
    _heights(vertices, layers)
    lefts, rights = _columns(vertices, layers)
    shift = min((v.y - v.height / 2 for v in vertices), default=0.0)
    for vertex in vertices:
        vertex.y -= shift
    places = [(_middle(lefts, rights, vertices[i].layer), vertices[i].y) for i in range(len(boxes))]
    routes = _routes(boxes, links, vertices, chains, places, lefts, rights)
    height = max((v.y + v.height / 2 + v.below for v in vertices), default=0.0)
    return Drawing(max(rights, default=0.0), height, places, routes)


def _ranks(count: int, links: Iterable[Link]) -> list[int]:
    """How far right each box stands: one further than whatever leads to it from earlier in the file."""
    ranks = [0] * count
    forward: list[list[int]] = [[] for _ in range(count)]
    for link in links:
        early, late = sorted((link.source, link.target))
        if early != late and link.source == early:
            forward[late].append(early)
    for box in range(count):
        ranks[box] = max((ranks[early] + 1 for early in forward[box]), default=0)
    return _spread(ranks, links)


def _spread(ranks: list[int], links: Iterable[Link]) -> list[int]:
    """Two boxes of one rank with an arrow back between them stand beside each other instead."""
    again = True
    rounds = len(ranks)
    pairs = [tuple(sorted((link.source, link.target))) for link in links if link.source != link.target]
    while again and rounds:
        again, rounds = False, rounds - 1
        for early, late in pairs:
            if ranks[early] == ranks[late]:
                ranks[late] += 1
                again = True
    return ranks


def _chain(vertices: list[_Vertex], number: int, link: Link, ranks: Sequence[int]) -> list[int]:
    """The pieces of a link, from left to right, and its label on one of them. Gives the vertices between the boxes."""
    if link.source == link.target:
        return []
    left, right = sorted((link.source, link.target), key=lambda box: ranks[box])
    layers = range(2 * ranks[left] + 1, 2 * ranks[right])
    middle = ranks[left] + ranks[right]
    middle += 0 if middle % 2 else 1 if link.source == right else -1  # labels stand between ranks
    chain = []
    for layer in layers:
        holds = link.label is not None and layer == middle
        size = link.label if holds and link.label else Box(0.0, 2.0)
        vertices.append(_Vertex(layer, size.height, size.width, link=number, is_label=holds))
        chain.append(len(vertices) - 1)
    for one, next in zip((left, *chain), (*chain, right), strict=True):
        vertices[one].after.append(next)
        vertices[next].before.append(one)
    return chain


def _layers(vertices: Sequence[_Vertex]) -> list[list[int]]:
    layers: list[list[int]] = [[] for _ in range(max((v.layer for v in vertices), default=-1) + 1)]
    for number, vertex in enumerate(vertices):
        layers[vertex.layer].append(number)
    return layers


# Order


def _uncrossed(vertices: Sequence[_Vertex], layers: list[list[int]]) -> list[list[int]]:
    """The order with the fewest crossings that sweeping to and fro finds."""
    best, fewest = [layer[:] for layer in layers], _crossings(vertices, layers)
    for sweep in range(SWEEPS):
        if fewest == 0:
            break
        _sweep(vertices, layers, forward=sweep % 2 == 0)
        _swap_neighbours(vertices, layers)
        if (count := _crossings(vertices, layers)) < fewest:
            best, fewest = [layer[:] for layer in layers], count
    return best


def _sweep(vertices: Sequence[_Vertex], layers: list[list[int]], *, forward: bool) -> None:
    """Order each layer by where its neighbours of the layer before stand on average."""
    numbers = range(1, len(layers)) if forward else range(len(layers) - 2, -1, -1)
    for number in numbers:
        place = {v: i for i, v in enumerate(layers[number + (-1 if forward else 1)])}
        keys = {}
        for i, v in enumerate(layers[number]):
            near = [place[n] for n in (vertices[v].before if forward else vertices[v].after)]
            keys[v] = sum(near) / len(near) if near else float(i)
        layers[number].sort(key=lambda v: keys[v])


def _swap_neighbours(vertices: Sequence[_Vertex], layers: list[list[int]]) -> None:
    places = [{v: i for i, v in enumerate(layer)} for layer in layers]
    for number, layer in enumerate(layers):
        for i in range(len(layer) - 1):
            one, other = layer[i], layer[i + 1]
            now = then = 0
            for side, beside in (("before", number - 1), ("after", number + 1)):
                if 0 <= beside < len(layers):
                    upper = sorted(places[beside][n] for n in getattr(vertices[one], side))
                    lower = sorted(places[beside][n] for n in getattr(vertices[other], side))
                    now += sum(bisect_right(lower, n - 1) for n in upper)
                    then += sum(bisect_right(upper, n - 1) for n in lower)
            if then < now:
                layer[i], layer[i + 1] = other, one
                places[number][one], places[number][other] = i + 1, i


def _crossings(vertices: Sequence[_Vertex], layers: Sequence[Sequence[int]]) -> int:
    count = 0
    for layer, following in pairwise(layers):
        place = {v: i for i, v in enumerate(following)}
        met: list[int] = []
        for v in layer:
            ends = sorted(place[n] for n in vertices[v].after)
            count += sum(len(met) - bisect_right(met, end) for end in ends)
            for end in ends:
                insort(met, end)
    return count


# Heights


def _heights(vertices: Sequence[_Vertex], layers: Sequence[Sequence[int]]) -> None:
    """Move everything towards its neighbours, keeping order and distance: arrows become straight."""
    for layer in layers:
        y = 0.0
        for above, v in zip((None, *layer), layer, strict=False):
            y += _apart(vertices, above, v) if above is not None else 0.0
            vertices[v].y = y
        for v in layer:
            vertices[v].y -= y / 2
    pieces: dict[int, list[int]] = {}
    for number, vertex in enumerate(vertices):
        if vertex.link is not None:
            pieces.setdefault(vertex.link, []).append(number)
    for turn in range(STRAIGHTENINGS):
        levels = {link: sum(vertices[v].y for v in of) / len(of) for link, of in pieces.items()}
        for layer in layers if turn % 2 == 0 else reversed(layers):
            _settle(vertices, layer, levels)


def _settle(vertices: Sequence[_Vertex], layer: Sequence[int], levels: Mapping[int, float]) -> None:
    """The places nearest to where the neighbours pull (least squares, by pooling adjacent violators). `levels`: where a
    long arrow runs on average.
    """
    offsets, total = [], 0.0
    for above, v in zip((None, *layer), layer, strict=False):
        total += _apart(vertices, above, v) if above is not None else 0.0
        offsets.append(total)
    pools: list[tuple[float, float, int]] = []  # sum of weight * place, weight, members
    for v, offset in zip(layer, offsets, strict=True):
        pull, weight = _pulled(vertices, v, levels)
        pools.append(((pull - offset) * weight, weight, 1))
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            last, first = pools.pop(), pools.pop()
            pools.append((first[0] + last[0], first[1] + last[1], first[2] + last[2]))
    places = [pool[0] / pool[1] for pool in pools for _ in range(pool[2])]
    for v, place, offset in zip(layer, places, offsets, strict=True):
        vertices[v].y = place + offset


def _pulled(vertices: Sequence[_Vertex], v: int, levels: Mapping[int, float]) -> tuple[float, float]:
    """Where the neighbours pull a vertex, and how strongly. A long arrow pulls itself straight."""
    own = vertices[v]
    total, weight = own.y * 0.05, 0.05
    if own.link is not None:
        total, weight = levels[own.link] * STRAIGHT, STRAIGHT
    for n in (*own.before, *own.after):
        strength = 4.0 if own.box is None and vertices[n].box is None else 2.0 if own.box is None else 1.0
        total += vertices[n].y * strength
        weight += strength
    return total / weight, weight


def _apart(vertices: Sequence[_Vertex], above: int, below: int) -> float:
    """The least distance between the middles of two that stand one above the other."""
    one, other = vertices[above], vertices[below]
    if one.box is not None and other.box is not None:
        gap = BETWEEN_BOXES
    elif one.is_label or other.is_label:
        gap = BETWEEN_LABELS
    else:
        gap = BETWEEN_LINES
    return (one.height + other.height) / 2 + one.below + gap


# Ways


def _columns(vertices: Sequence[_Vertex], layers: Sequence[Sequence[int]]) -> tuple[list[float], list[float]]:
    """The left and the right edge of each layer. Where arrows go far up or down they get room to bend."""
    lefts, rights, x = [], [], 0.0
    for number, layer in enumerate(layers):
        width = max((vertices[v].width for v in layer), default=0.0)
        if number:
            steep = max((abs(vertices[v].y - vertices[n].y) for v in layer for n in vertices[v].before), default=0.0)
            x += min(BETWEEN_LAYERS + steep / 9, BETWEEN_LAYERS * 2.4)
        lefts.append(x)
        x += width
        rights.append(x)
    return lefts, rights


def _middle(lefts: Sequence[float], rights: Sequence[float], layer: int) -> float:
    return (lefts[layer] + rights[layer]) / 2


def _routes(
    boxes: Sequence[Box],
    links: Sequence[Link],
    vertices: Sequence[_Vertex],
    chains: Sequence[Sequence[int]],
    places: Sequence[Point],
    lefts: Sequence[float],
    rights: Sequence[float],
) -> list[Route | None]:
    ports = _ports(boxes, links, vertices, chains, places)
    routes: list[Route | None] = []
    for number, (link, chain) in enumerate(zip(links, chains, strict=True)):
        if not chain:
            routes.append(None)
            continue
        forward = places[link.source][0] < places[link.target][0]
        pieces = chain if forward else list(reversed(chain))
        through = tuple((lefts[vertices[v].layer], rights[vertices[v].layer], vertices[v].y) for v in pieces)
        if not forward:
            through = tuple((right, left, y) for left, right, y in through)
        side = 1 if forward else -1
        start = (places[link.source][0] + side * boxes[link.source].width / 2, ports[number, link.source])
        end = (places[link.target][0] - side * boxes[link.target].width / 2, ports[number, link.target])
        labels = [v for v in chain if vertices[v].is_label]
        label = (_middle(lefts, rights, vertices[labels[0]].layer), vertices[labels[0]].y) if labels else None
        routes.append(Route(forward, start, through, end, label))
    return routes


def _ports(
    boxes: Sequence[Box],
    links: Sequence[Link],
    vertices: Sequence[_Vertex],
    chains: Sequence[Sequence[int]],
    places: Sequence[Point],
) -> Mapping[tuple[int, int], float]:
    """The height at which each link meets each of its boxes: side by side, in the order they come."""
    sides: dict[tuple[int, bool], list[tuple[float, int]]] = {}
    for number, (link, chain) in enumerate(zip(links, chains, strict=True)):
        if chain:
            left, right = sorted((link.source, link.target), key=lambda box: places[box][0])
            sides.setdefault((left, True), []).append((vertices[chain[0]].y, number))
            sides.setdefault((right, False), []).append((vertices[chain[-1]].y, number))
    ports: dict[tuple[int, int], float] = {}
    for (box, _), met in sides.items():
        room = boxes[box].height - 14
        step = min(13.0, room / max(len(met) - 1, 1))
        for place, (_, number) in enumerate(sorted(met)):
            ports[number, box] = places[box][1] + (place - (len(met) - 1) / 2) * step
    return ports
