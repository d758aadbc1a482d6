"""What a diagram shows, before it is drawn: states and the arrows between them, of one workflow or of two compared.

Made from the same arrows that the machine and the check use. Whoever draws (`texts`, `picture`) knows no workflow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from helpdesk.workflows.moves import Move, moves
from helpdesk.workflows.schema import State, Workflow

Kind = Literal["person", "customer", "automatic", "timer"]
Change = Literal["", "added", "removed", "changed"]
EVERYWHERE = "*"  # the node from which actions lead that are offered in every open state


@dataclass(frozen=True)
class Word:
    """One action on an arrow. `when`: the condition under which it goes there."""

    text: str
    action: str
    conditional: bool = False
    when: str = ""
    change: Change = ""


@dataclass(frozen=True)
class Arrow:
    """A way from a state to a state that one kind of cause takes; each word on it is an action."""

    source: str
    target: str
    kind: Kind
    words: tuple[Word, ...]

    @property
    def change(self) -> Change:
        changes = {word.change for word in self.words}
        return changes.pop() if len(changes) == 1 else "changed" if changes - {""} else ""


@dataclass(frozen=True)
class Node:
    """A state, or a place where tickets come from (`kind`)."""

    name: str
    label: str
    note: str = ""
    color: str = "gray"
    final: bool = False
    kind: Literal["state", "source", "everywhere"] = "state"
    line: int = 0
    file: str = ""
    change: Change = ""


@dataclass(frozen=True)
class Graph:
    name: str
    label: str
    initial: str
    nodes: Mapping[str, Node] = field(default_factory=dict)
    arrows: tuple[Arrow, ...] = ()


def of(workflow: Workflow, sources: Mapping[str, str] | None = None) -> Graph:
    """One workflow. `sources`: labels of the doors its tickets come through, by their names."""
    nodes = {f"source:{name}": Node(f"source:{name}", label, kind="source") for name, label in (sources or {}).items()}
    nodes |= {name: _node(state) for name, state in workflow.states.items()}
    found: dict[tuple[str, str, Kind], dict[str, Word]] = {}
    for move in moves(workflow):
        source = EVERYWHERE if _is_everywhere(workflow, move) else move.source
        words = found.setdefault((source, move.to, _kind(workflow, move)), {})
        for word in _words(workflow, move):
            words.setdefault(word.text, word)
    arrows = [Arrow(*ends, tuple(words.values())) for ends, words in found.items()]
    if any(arrow.source == EVERYWHERE for arrow in arrows):
        nodes[EVERYWHERE] = Node(EVERYWHERE, "Any open state", kind="everywhere")
    if workflow.initial in workflow.states:
        doors = [name for name, node in nodes.items() if node.kind == "source"]
        arrows += [Arrow(name, workflow.initial, "automatic", ()) for name in doors]
    return Graph(workflow.name, workflow.label, workflow.initial, nodes, tuple(arrows))


def compared(before: Workflow, after: Workflow, sources: Mapping[str, str] | None = None) -> Graph:
    """Both in one: what came, what went, what says something else. A state with a new name is the same state."""
    names = {
        state.renamed_from: state.name
        for state in after.states.values()
        if state.renamed_from in before.states and state.renamed_from not in after.states
    }
    old, new = _with_names(of(before, sources), names), of(after, sources)
    nodes = {
        name: replace(node, change=_changed(node, old.nodes.get(name), renamed=name in names.values()))
        for name, node in new.nodes.items()
    }
    nodes |= {name: replace(node, change="removed") for name, node in old.nodes.items() if name not in new.nodes}
    return replace(new, nodes=nodes, arrows=tuple(_both(old.arrows, new.arrows)))


def _both(old: Iterable[Arrow], new: Iterable[Arrow]) -> Iterable[Arrow]:
    before = {(arrow.source, arrow.target, arrow.kind): arrow.words for arrow in old}
    after = {(arrow.source, arrow.target, arrow.kind): arrow.words for arrow in new}
    for ends in dict.fromkeys((*after, *before)):
        was, now = before.get(ends, ()), after.get(ends, ())
        said = {word.text for word in was}
        words = [word if word.text in said else replace(word, change="added") for word in now]
        says = {word.text for word in now}
        words += [replace(word, change="removed") for word in was if word.text not in says]
        yield Arrow(*ends, tuple(words))


def _with_names(graph: Graph, names: Mapping[str | None, str]) -> Graph:
    called: Callable[[str], str] = lambda name: names.get(name, name)  # noqa: E731
    nodes = {called(name): replace(node, name=called(name)) for name, node in graph.nodes.items()}
    arrows = tuple(replace(each, source=called(each.source), target=called(each.target)) for each in graph.arrows)
    return replace(graph, nodes=nodes, arrows=arrows)


def _changed(node: Node, before: Node | None, *, renamed: bool) -> Change:
    if before is None:
        return "added"
    drawn = (node.label, node.note, node.color, node.final)
    return "changed" if renamed or drawn != (before.label, before.note, before.color, before.final) else ""


def _node(state: State) -> Node:
    note = "hidden from customers" if state.hidden_from_customer else state.customer_label
    return Node(
        state.name,
        state.label,
        note if note != state.label else "",
        state.color,
        state.final,
        line=state.at.line,
        file=state.at.file,
    )


def _is_everywhere(workflow: Workflow, move: Move) -> bool:
    """Whether the action is offered in every open state and not by this one alone: drawn once."""
    return move.cause == "person" and move.action in workflow.always and len(workflow.states) > 2


def _kind(workflow: Workflow, move: Move) -> Kind:
    approve = workflow.states[move.source].approve
    if move.cause in ("timer", "sla") or (move.cause == "approval" and approve and approve.expired == move.action):
        return "timer"
    if move.cause != "person":
        return "automatic"
    action = workflow.actions[move.action]
    return "customer" if action.customer in ("run", "own") and not action.allow else "person"


def _words(workflow: Workflow, move: Move) -> list[Word]:
    action, state = workflow.actions[move.action], workflow.states[move.source]
    whens = [branch.when or "" for branch in action.to if branch.to == move.to]
    when = next(iter(whens), "") if move.conditional else ""
    texts = [action.label]
    if move.cause == "timer":
        texts = [f"{action.label} after {timer.after}" for timer in state.timers if timer.do == move.action]
    elif move.cause == "sla":
        texts = [f"{action.label} when late"]
    elif state.approve and state.approve.expired == move.action and state.approve.within:
        texts = [f"{action.label} after {state.approve.within}"]
    return [Word(text, move.action, move.conditional, when) for text in texts]
