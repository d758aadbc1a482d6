"""The order in which the pieces of each layer stand, one above the other, so that few arrows cross. For `layered`."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Sequence
from itertools import pairwise

from helpdesk.workflows.diagram.shapes import Vertex

SWEEPS = 10  # passes over all layers


def uncrossed(vertices: Sequence[Vertex], layers: list[list[int]]) -> list[list[int]]:
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


def _sweep(vertices: Sequence[Vertex], layers: list[list[int]], *, forward: bool) -> None:
    """Order each layer by where its neighbours of the layer before stand on average."""
    numbers = range(1, len(layers)) if forward else range(len(layers) - 2, -1, -1)
    for number in numbers:
        place = {v: i for i, v in enumerate(layers[number + (-1 if forward else 1)])}
        keys = {}
        for i, v in enumerate(layers[number]):
            near = [place[n] for n in (vertices[v].before if forward else vertices[v].after)]
            keys[v] = sum(near) / len(near) if near else float(i)
        layers[number].sort(key=lambda v: keys[v])


def _swap_neighbours(vertices: Sequence[Vertex], layers: list[list[int]]) -> None:
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


def _crossings(vertices: Sequence[Vertex], layers: Sequence[Sequence[int]]) -> int:
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
