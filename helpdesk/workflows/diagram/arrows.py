"""The arrows of a picture: lines, points and the words on them. For `picture`."""

from __future__ import annotations

from helpdesk.workflows.diagram.graph import Arrow
from helpdesk.workflows.diagram.lettering import n, q, whole, words_at
from helpdesk.workflows.diagram.shapes import Box, Point, Route
from helpdesk.workflows.diagram.texts import CHANGES


def draw(arrow: Arrow, path: str, head: str, label: Point | None, size: Box | None) -> str:
    words = words_at(arrow.words, label, size) if label and size else ""
    dash = {"timer": ' stroke-dasharray="6 4"', "automatic": ' stroke-dasharray="1.5 3.5"'}.get(arrow.kind, "")
    stroke = CHANGES.get(arrow.change, "#8b8680")
    change = f' data-change="{arrow.change}"' if arrow.change else ""
    title = "; ".join(whole(word) for word in arrow.words)
    about = f"<title>{q(title)}</title>" if title else ""
    ends = f'data-from="{q(arrow.source)}" data-to="{q(arrow.target)}"'
    line = f'<path class="line" d="{path}" fill="none" stroke="{stroke}" stroke-width="1.4"{dash}/>'
    return f'<g class="arrow" data-kind="{arrow.kind}" {ends}{change}>{about}{line}{head}{words}</g>'


def path_of(route: Route) -> str:
    """Level through each layer, bent between them."""
    side = 1 if route.forward else -1
    x, y = route.start
    d = [f"M{n(x)} {n(y)}"]
    stops = [*route.through, (route.end[0] - side * 6, route.end[0] - side * 6, route.end[1])]
    for near, far, level in stops:
        if abs(level - y) < 0.5:
            d.append(f"L{n(near)} {n(level)}")
        else:
            bend = (near - x) / 2
            d.append(f"C{n(x + bend)} {n(y)} {n(near - bend)} {n(level)} {n(near)} {n(level)}")
        if near != far:
            d.append(f"H{n(far)}")
        x, y = far, level
    return "".join(d)


def head(route: Route) -> str:
    return tip(route.end, 1 if route.forward else -1)


def tip(at: Point, side: int, down: int = 0) -> str:
    """The point of an arrow coming from the left (`side` 1), the right (-1), from above (`down` 1) or below (-1)."""
    shape = f"l-4 {-8 * down}h8z" if down else f"l{-8 * side} -4v8z"
    return f'<path class="tip" d="M{n(at[0])} {n(at[1])}{shape}" fill="#8b8680"/>'


def begin(centre: Point, size: Box) -> str:
    """Where tickets come in, if no doors are drawn."""
    x, y = centre[0] - size.width / 2, centre[1]
    return (
        f'<g class="begin"><circle cx="{n(x - 26)}" cy="{n(y)}" r="5" fill="#57534e"/>'
        f'<path d="M{n(x - 21)} {n(y)}H{n(x - 7)}" fill="none" stroke="#8b8680"/>{tip((x - 1, y), 1)}</g>'
    )
