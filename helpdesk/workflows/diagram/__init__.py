"""A workflow as a picture: Mermaid and DOT as text, SVG drawn by ourselves. For `helpdesk workflow graph`, the editor.

Drawn from the same arrows that the machine and the check use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from helpdesk.workflows.diagram import graph, picture, states, texts
from helpdesk.workflows.diagram.picture import Places
from helpdesk.workflows.diagram.states import Live
from helpdesk.workflows.diagram.texts import PAPER
from helpdesk.workflows.schema import Desk, Workflow

__all__ = ["PAPER", "Live", "Places", "dot", "mermaid", "sources_of", "svg"]


def mermaid(workflow: Workflow, *, before: Workflow | None = None, live: Mapping[str, Live] | None = None) -> str:
    """A `stateDiagram-v2`; what differs from `before` in colours; `live` behind the names of states."""
    return texts.mermaid(_with_live(_graph(workflow, before), live))


def dot(workflow: Workflow, *, before: Workflow | None = None, live: Mapping[str, Live] | None = None) -> str:
    """A `digraph` for Graphviz, as `mermaid`."""
    return texts.dot(_with_live(_graph(workflow, before), live))


def svg(
    workflow: Workflow,
    *,
    live: Mapping[str, Live] | None = None,
    before: Workflow | None = None,
    places: Places | None = None,
    sources: Mapping[str, str] | None = None,
    standalone: bool = False,
) -> str:
    """The picture. `live`: what goes on in each state; `before`: what differs from it is coloured; `places`: centres of
    states that somebody dragged; `sources`: labels of the doors tickets come through, by name; `standalone`: with its
    own style sheet, for a file. In a page it takes the page's (`diagram.css`).
    """
    drawn = _graph(workflow, before, sources)
    if standalone:  # a file has nowhere to jump, and should not change because a line was added above
        drawn = replace(drawn, nodes={name: replace(node, line=0, file="") for name, node in drawn.nodes.items()})
    return picture.draw(drawn, live=live, places=places, standalone=standalone)


def sources_of(desk: Desk, workflow: str) -> dict[str, str]:
    """The doors through which tickets of a workflow come, by name, as people call them."""
    return {
        name: source.label or getattr(source.options, "address", "") or name
        for name, source in desk.sources.items()
        if source.workflow == workflow
    }


def _with_live(drawn: graph.Graph, live: Mapping[str, Live] | None) -> graph.Graph:
    """What goes on in a state, as words behind its name: a text has no second line."""
    nodes = {
        name: replace(node, label=f"{node.label} ({states.in_words(live[name])})") if live and name in live else node
        for name, node in drawn.nodes.items()
    }
    return replace(drawn, nodes=nodes)


def _graph(workflow: Workflow, before: Workflow | None, sources: Mapping[str, str] | None = None) -> graph.Graph:
    return graph.compared(before, workflow, sources) if before else graph.of(workflow, sources)
