"""A diagram as SVG, drawn by ourselves: no program needs to be installed for it.

Inside a page the look comes from `static/css/diagram.css` (classes and `data-color`, so it follows the theme and the
strict content policy); what stands alone carries the same style sheet. Where no style sheet is understood the colours
of paper in the attributes remain. Each state is a group with `data-state`, `data-file` and `data-line`, by which the
editor jumps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from helpdesk.workflows.diagram import arrows as strokes
from helpdesk.workflows.diagram import loops, states
from helpdesk.workflows.diagram.dragged import Area, between
from helpdesk.workflows.diagram.graph import Arrow, Graph
from helpdesk.workflows.diagram.layered import lay_out
from helpdesk.workflows.diagram.lettering import label_size, n, q
from helpdesk.workflows.diagram.shapes import Box, Link, Point
from helpdesk.workflows.diagram.states import Live

Places = Mapping[str, Point]  # where somebody dragged a state: its centre

EDGE = 24.0  # around the whole picture
STYLES = ("colors.css", "diagram.css")


def draw(
    graph: Graph,
    *,
    live: Mapping[str, Live] | None = None,
    places: Places | None = None,
    standalone: bool = False,
) -> str:
    """The whole picture. `live`: by state. `places`: centres of states that stand elsewhere than we would put them."""
    names = sorted(graph.nodes, key=lambda name: (graph.nodes[name].final, graph.nodes[name].kind == "state"))
    number = {name: i for i, name in enumerate(names)}
    arrows = [arrow for arrow in graph.arrows if arrow.source in number and arrow.target in number]
    back = {name: [arrow for arrow in arrows if arrow.source == arrow.target == name] for name in names}
    ports = _ports(arrows, number)
    sizes = {name: states.size_of(graph.nodes[name], (live or {}).get(name), bool(live), ports[name]) for name in names}
    boxes = [loops.below(sizes[name], back[name]) for name in names]
    links = [Link(number[each.source], number[each.target], label_size(each.words)) for each in arrows]
    drawing = lay_out(boxes, links)
    centres = {name: drawing.boxes[number[name]] for name in names}
    moved = {name: place for name, place in (places or {}).items() if name in centres}
    centres |= moved
    taken = [_area(centres[name], sizes[name]) for name in names]
    parts = []
    for arrow, link, route in zip(arrows, links, drawing.routes, strict=True):
        if arrow.source == arrow.target:
            continue
        if arrow.source in moved or arrow.target in moved or route is None:
            ends = [(centres[one], sizes[one]) for one in (arrow.source, arrow.target)]
            way = between(*ends, aside=7 if number[arrow.source] < number[arrow.target] else -7)
            label = way.free(link.label, taken) if link.label else None
            parts.append(strokes.draw(arrow, way.path, strokes.tip(way.end, *way.arrives), label, link.label))
        else:
            parts.append(strokes.draw(arrow, strokes.path_of(route), strokes.head(route), route.label, link.label))
    for name in names:
        parts += loops.draw(back[name], centres[name], sizes[name])
    if graph.initial in centres and not any(node.kind == "source" for node in graph.nodes.values()):
        parts.append(strokes.begin(centres[graph.initial], sizes[graph.initial]))
    parts += [states.draw(graph.nodes[name], centres[name], sizes[name], (live or {}).get(name)) for name in names]
    corners = [
        (x + side * sizes[name].width / 2, y + side * sizes[name].height / 2)
        for name, (x, y) in centres.items()
        for side in (-1, 1)
    ]
    left = min([0.0, *(x for x, _ in corners)]) - EDGE - 14
    top = min([0.0, *(y for _, y in corners)]) - EDGE
    right = max([drawing.width, *(x for x, _ in corners)]) + EDGE
    bottom = max([drawing.height, *(y for _, y in corners)]) + EDGE
    return _svg(graph, (left, top, right - left, bottom - top), parts, standalone=standalone)


def _svg(graph: Graph, view: tuple[float, float, float, float], parts: list[str], *, standalone: bool) -> str:
    x, y, width, height = map(n, view)
    style = f"<style>{_style()}</style>" if standalone else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="diagram" role="img" data-workflow="{q(graph.name)}"'
        f' viewBox="{x} {y} {width} {height}" width="{width}" height="{height}"'
        f' font-family="Inter, system-ui, sans-serif" aria-label="{q(graph.label)}">'
        f"<title>{q(graph.label)}</title>{style}\n" + "\n".join(parts) + "\n</svg>\n"
    )


@cache
def _style() -> str:
    """What a page has anyway: the colours of states and the look of diagrams."""
    folder = Path(__file__).parents[2] / "static" / "css"
    return "".join((folder / name).read_text("utf-8") for name in STYLES).replace("<", "\\3c ")


def _ports(arrows: list[Arrow], number: Mapping[str, int]) -> dict[str, int]:
    """How many arrows meet each state on its fuller side; those that lead back leave on the left."""
    sides: Counter[tuple[str, bool]] = Counter()
    for arrow in arrows:
        forward = number[arrow.source] < number[arrow.target]
        if arrow.source != arrow.target:
            sides[arrow.source, forward] += 1
            sides[arrow.target, not forward] += 1
    return {name: max(sides[name, True], sides[name, False]) for name in number}


def _area(centre: Point, size: Box) -> Area:
    x, y = centre
    return (x - size.width / 2, y - size.height / 2, x + size.width / 2, y + size.height / 2)
