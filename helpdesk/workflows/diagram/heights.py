"""The heights at which the pieces of a layered drawing stand: in their order, apart, arrows straight. For `layered`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from helpdesk.workflows.diagram.shapes import Vertex

STRAIGHTENINGS = 60
STRAIGHT = 40.0  # how strongly a long arrow keeps one level, against 2 for the pull of its ends
BETWEEN_BOXES, BETWEEN_LINES, BETWEEN_LABELS = 30.0, 13.0, 7.0


def set_heights(vertices: Sequence[Vertex], layers: Sequence[Sequence[int]]) -> None:
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


def _settle(vertices: Sequence[Vertex], layer: Sequence[int], levels: Mapping[int, float]) -> None:
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


def _pulled(vertices: Sequence[Vertex], v: int, levels: Mapping[int, float]) -> tuple[float, float]:
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


def _apart(vertices: Sequence[Vertex], above: int, below: int) -> float:
    """The least distance between the middles of two that stand one above the other."""
    one, other = vertices[above], vertices[below]
    if one.box is not None and other.box is not None:
        gap = BETWEEN_BOXES
    elif one.is_label or other.is_label:
        gap = BETWEEN_LABELS
    else:
        gap = BETWEEN_LINES
    return (one.height + other.height) / 2 + one.below + gap
