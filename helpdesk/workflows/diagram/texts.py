"""A diagram as text: Mermaid for pages that draw it, DOT for Graphviz. People's words are quoted for each language they
are put into.
"""

from __future__ import annotations

from helpdesk.workflows.diagram.graph import EVERYWHERE, Arrow, Change, Graph, Node

# Colours of the workflow file as they look on paper: the ground and the line of a state.
PAPER = {
    "gray": ("#f0efed", "#8b8680"), "slate": ("#e9eef5", "#64748b"), "red": ("#fde8e6", "#c0392b"),
    "orange": ("#fdebdc", "#c2621b"), "amber": ("#fbefd5", "#a9750c"), "yellow": ("#faf3cf", "#8f7a05"),
    "lime": ("#eef6d3", "#5f8314"), "green": ("#def4e4", "#23824a"), "teal": ("#d9f2f0", "#0f7f78"),
    "cyan": ("#daf1f8", "#0e7c9b"), "blue": ("#e0ebfd", "#2b62c8"), "indigo": ("#e6e7fd", "#4a4fd0"),
    "violet": ("#efe6fd", "#7a3fc4"), "pink": ("#fde5ef", "#c02d6e"),
}  # fmt: skip
BEGIN = '"[*]"'  # where tickets come in, as Mermaid has it; no state can be called so
CHANGES: dict[Change, str] = {"added": "#23824a", "removed": "#c0392b", "changed": "#a9750c"}


def mermaid(graph: Graph) -> str:
    """A `stateDiagram-v2`. Actions stand on the arrows; timers with their time."""
    ids = {name: f"s{number}" for number, name in enumerate(graph.nodes)}
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{_mermaid(node.label)}" as {ids[name]}' for name, node in graph.nodes.items()]
    if graph.initial in ids:
        lines.append(f"    [*] --> {ids[graph.initial]}")
    for source, target in dict.fromkeys((arrow.source, arrow.target) for arrow in graph.arrows):
        words = _words(graph, source, target)
        lines.append(f"    {ids[source]} --> {ids[target]}: {_mermaid(', '.join(words))}")
    lines += [f"    {ids[name]} --> [*]" for name, node in graph.nodes.items() if node.final]
    changed = [(name, node.change) for name, node in graph.nodes.items() if node.change]
    if changed:
        lines += [f"    classDef {change} stroke:{color},stroke-width:3px" for change, color in CHANGES.items()]
        lines += [f"    class {ids[name]} {change}" for name, change in changed]
    return "\n".join(lines) + "\n"


def dot(graph: Graph) -> str:
    """A `digraph` for Graphviz."""
    lines = [
        f"digraph {_dot(graph.name)} {{",
        '    rankdir=LR; bgcolor="transparent"; nodesep=0.4; ranksep=0.9;',
        '    node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=12, margin="0.2,0.1"];',
        '    edge [fontname="Helvetica", fontsize=10, color="#8b8680", fontcolor="#57534e", arrowsize=0.7];',
        f'    {BEGIN} [shape=circle, label="", width=0.18, style=filled, fillcolor="#57534e", color="#57534e"];',
    ]
    lines += [f"    {_dot(node.name)} [{_node(node)}];" for node in graph.nodes.values()]
    if graph.initial in graph.nodes:
        lines.append(f"    {BEGIN} -> {_dot(graph.initial)};")
    for arrow in graph.arrows:
        words = [f"{word.text} (if)" if word.conditional else word.text for word in arrow.words]
        lines.append(f"    {_dot(arrow.source)} -> {_dot(arrow.target)} [{_arrow(arrow, words)}];")
    return "\n".join([*lines, "}"]) + "\n"


def _words(graph: Graph, source: str, target: str) -> list[str]:
    words = [word for arrow in graph.arrows if (arrow.source, arrow.target) == (source, target) for word in arrow.words]
    return list(dict.fromkeys(f"{word.text} (if)" if word.conditional else word.text for word in words))


def _node(node: Node) -> str:
    ground, line = PAPER[node.color]
    ends = ", peripheries=2" if node.final else ""
    style = ', style="rounded,filled,dashed"' if node.name == EVERYWHERE or node.change == "removed" else ""
    line = CHANGES.get(node.change, line)
    width = ", penwidth=2.5" if node.change else ""
    return f'label={_dot(node.label)}, fillcolor="{ground}", color="{line}"{ends}{style}{width}'


def _arrow(arrow: Arrow, words: list[str]) -> str:
    style = {"timer": ", style=dashed", "automatic": ", style=dotted"}.get(arrow.kind, "")
    color = CHANGES.get(arrow.change)
    ink = f', color="{color}", fontcolor="{color}"' if color else ""
    return f"label={_dot(chr(10).join(words))}{style}{ink}"


def _dot(text: str) -> str:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{quoted}"'


def _mermaid(text: str) -> str:
    """Characters that mean something to Mermaid or to the HTML it makes become entities."""
    return "".join(c if c.isalnum() or c in " .,-()" else f"#{ord(c)};" for c in " ".join(text.split()))
