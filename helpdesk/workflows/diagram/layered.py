"""Where boxes and arrows stand so that nothing overlaps: a layered drawing from left to right.

After Sugiyama, Tagawa and Toda ("Methods for visual understanding of hierarchical system structures", IEEE SMC 1981):
ranks, an order in each layer that crosses few arrows, heights that keep arrows straight. Every label is a box of its
own in a layer between the ranks, so text never meets text. Knows boxes only; the order they are given in is the order
of the file, which decides what leads forward, so a small change of the file moves little.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from helpdesk.workflows.diagram.heights import set_heights
from helpdesk.workflows.diagram.order import uncrossed
from helpdesk.workflows.diagram.shapes import Box, Drawing, Link, Point, Route, Vertex

BETWEEN_LAYERS = 30.0
LARGE = 1500  # vertices; a larger drawing is not improved, only drawn


def lay_out(boxes: Sequence[Box], links: Sequence[Link]) -> Drawing:
    """Find a place for each box and a way for each link. Deterministic; fast enough to be asked at each keystroke."""
    ranks = _ranks(len(boxes), links)
    vertices = [
        Vertex(2 * rank, box.height, box.width, box=i, below=box.below)
        for i, (rank, box) in enumerate(zip(ranks, boxes, strict=True))
    ]
    chains = [_chain(vertices, number, link, ranks) for number, link in enumerate(links)]
    layers = _layers(vertices)
    if len(vertices) <= LARGE:
        layers = uncrossed(vertices, layers)
    set_heights(vertices, layers)
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


def _chain(vertices: list[Vertex], number: int, link: Link, ranks: Sequence[int]) -> list[int]:
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
        vertices.append(Vertex(layer, size.height, size.width, link=number, is_label=holds))
        chain.append(len(vertices) - 1)
    for one, next in zip((left, *chain), (*chain, right), strict=True):
        vertices[one].after.append(next)
        vertices[next].before.append(one)
    return chain


def _layers(vertices: Sequence[Vertex]) -> list[list[int]]:
    layers: list[list[int]] = [[] for _ in range(max((v.layer for v in vertices), default=-1) + 1)]
    for number, vertex in enumerate(vertices):
        layers[vertex.layer].append(number)
    return layers


# Ways


def _columns(vertices: Sequence[Vertex], layers: Sequence[Sequence[int]]) -> tuple[list[float], list[float]]:
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
    vertices: Sequence[Vertex],
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
    vertices: Sequence[Vertex],
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
