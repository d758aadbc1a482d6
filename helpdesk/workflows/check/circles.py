"""Which arrows lie on a circle: found in one walk (Tarjan, 1972), because a file may hold thousands of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping


def on_a_circle(arrows: Mapping[str, Collection[str]]) -> set[tuple[str, str]]:
    """The arrows that lead back to where they began, by themselves or with others."""
    part = _parts(arrows)
    return {(one, to) for one, ends in arrows.items() for to in ends if part[one] == part.get(to)}


def _parts(arrows: Mapping[str, Collection[str]]) -> dict[str, int]:
    """A number for each node; nodes that reach each other have the same. Without recursion: a chain may be long."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    part: dict[str, int] = {}
    stack: list[str] = []
    for start in arrows:
        if start in order:
            continue
        walk = [(start, iter(arrows[start]))]
        order[start] = low[start] = len(order)
        stack.append(start)
        while walk:
            node, ends = walk[-1]
            to = next((end for end in ends if end in arrows and (end not in order or end not in part)), None)
            if to is None:
                walk.pop()
                if walk:
                    low[walk[-1][0]] = min(low[walk[-1][0]], low[node])
                if low[node] == order[node]:
                    _close(node, stack, part)
            elif to in order:
                low[node] = min(low[node], order[to])
            else:
                order[to] = low[to] = len(order)
                stack.append(to)
                walk.append((to, iter(arrows[to])))
    return part


def _close(root: str, stack: list[str], part: dict[str, int]) -> None:
    number = len(part)
    while stack:
        node = stack.pop()
        part[node] = number
        if node == root:
            return
