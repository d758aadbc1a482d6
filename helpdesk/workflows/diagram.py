"""A workflow as a picture: Mermaid and DOT as text, SVG through Graphviz where that is installed. For `helpdesk
workflow graph`.

Drawn from the same arrows that the machine and the check use. People's words are quoted for each language they are
put into.
"""

from __future__ import annotations

import shutil
import subprocess

from helpdesk.errors import NotPossible
from helpdesk.workflows.moves import Move, moves
from helpdesk.workflows.schema import State, Workflow

DRAWING = 20  # seconds Graphviz may take

# Colours of the workflow file as they look on paper: the ground and the line of a state.
PAPER = {
    "gray": ("#f0efed", "#8b8680"), "slate": ("#e9eef5", "#64748b"), "red": ("#fde8e6", "#c0392b"),
    "orange": ("#fdebdc", "#c2621b"), "amber": ("#fbefd5", "#a9750c"), "yellow": ("#faf3cf", "#8f7a05"),
    "lime": ("#eef6d3", "#5f8314"), "green": ("#def4e4", "#23824a"), "teal": ("#d9f2f0", "#0f7f78"),
    "cyan": ("#daf1f8", "#0e7c9b"), "blue": ("#e0ebfd", "#2b62c8"), "indigo": ("#e6e7fd", "#4a4fd0"),
    "violet": ("#efe6fd", "#7a3fc4"), "pink": ("#fde5ef", "#c02d6e"),
}  # fmt: skip


def mermaid(workflow: Workflow) -> str:
    """A `stateDiagram-v2`. Actions stand on the arrows; timers with their time."""
    ids = {state: f"s{number}" for number, state in enumerate(workflow.states)}
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{_mermaid(state.label)}" as {ids[name]}' for name, state in workflow.states.items()]
    if workflow.initial in ids:
        lines.append(f"    [*] --> {ids[workflow.initial]}")
    for (source, target), words in _arrows(workflow).items():
        lines.append(f"    {ids[source]} --> {ids[target]}: {_mermaid(', '.join(words))}")
    lines += [f"    {ids[name]} --> [*]" for name, state in workflow.states.items() if state.final]
    return "\n".join(lines) + "\n"


def dot(workflow: Workflow) -> str:
    """A `digraph` for Graphviz."""
    lines = [
        f"digraph {_dot(workflow.name)} {{",
        '    rankdir=LR; bgcolor="transparent"; nodesep=0.4; ranksep=0.9;',
        '    node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=12, margin="0.2,0.1"];',
        '    edge [fontname="Helvetica", fontsize=10, color="#8b8680", fontcolor="#57534e", arrowsize=0.7];',
        '    begin [shape=circle, label="", width=0.18, style=filled, fillcolor="#57534e", color="#57534e"];',
    ]
    lines += [f"    {_dot(state.name)} [{_node(state)}];" for state in workflow.states.values()]
    if workflow.initial in workflow.states:
        lines.append(f"    begin -> {_dot(workflow.initial)};")
    for (source, target), words in _arrows(workflow).items():
        lines.append(f"    {_dot(source)} -> {_dot(target)} [label={_dot(chr(10).join(words))}];")
    return "\n".join([*lines, "}"]) + "\n"


def svg(workflow: Workflow) -> str:
    """The picture, drawn by Graphviz. Raises `NotPossible` where it is not installed or cannot draw this."""
    program = shutil.which("dot")
    if program is None:
        raise NotPossible("SVG needs Graphviz (apt install graphviz). Mermaid and DOT work without it.")
    try:
        drawn = subprocess.run(
            [program, "-Tsvg"], input=dot(workflow).encode(), capture_output=True, check=True, timeout=DRAWING
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as problem:
        raise NotPossible("Graphviz could not draw this workflow.") from problem
    return drawn.stdout.decode()


def _arrows(workflow: Workflow) -> dict[tuple[str, str], list[str]]:
    """The words on each arrow, in the order of the file."""
    found: dict[tuple[str, str], list[str]] = {}
    for move in moves(workflow):
        words = found.setdefault((move.source, move.to), [])
        word = _word(workflow, move)
        if word not in words:
            words.append(word)
    return found


def _word(workflow: Workflow, move: Move) -> str:
    label = workflow.actions[move.action].label
    if move.cause == "timer":
        after = next(str(timer.after) for timer in workflow.states[move.source].timers if timer.do == move.action)
        label = f"{label} after {after}"
    return f"{label} (if)" if move.conditional else label


def _node(state: State) -> str:
    ground, line = PAPER[state.color]
    ends = ", peripheries=2" if state.final else ""
    return f'label={_dot(state.label)}, fillcolor="{ground}", color="{line}"{ends}'


def _dot(text: str) -> str:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{quoted}"'


def _mermaid(text: str) -> str:
    """Characters that mean something to Mermaid or to the HTML it makes become entities."""
    return "".join(c if c.isalnum() or c in " .,-()" else f"#{ord(c)};" for c in " ".join(text.split()))
