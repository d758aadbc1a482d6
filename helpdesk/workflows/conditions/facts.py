"""What a condition demands of single values: `fields.price > 100` as a fact that can be set beside another.

Asked by the checks: which comparisons there are, whether a condition can hold at all, and whether one condition holds
whenever another does. What is no plain comparison is passed over, so an answer is given only where it is certain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jinja2 import nodes

from helpdesk.workflows.conditions.comparing import OPERATORS, filled, same
from helpdesk.workflows.conditions.reading import parsed, paths_in

_TURNED = {"gt": "lt", "lt": "gt", "gteq": "lteq", "lteq": "gteq", "eq": "eq", "ne": "ne"}
_UP, _DOWN = ("gt", "gteq"), ("lt", "lteq")


@dataclass(frozen=True)
class Fact:
    """One comparison of a name with a fixed value. `op` is Jinja's word: eq, ne, gt, gteq, lt, lteq, in, notin, and
    `holds` where the value is looked for in the name."""

    name: tuple[str, ...]
    op: str
    value: Any


def comparisons(tree: nodes.Node) -> Iterator[Fact]:
    """Every comparison with a fixed value anywhere below a node of a condition or a template."""
    for node in (tree, *tree.find_all(nodes.Compare)):
        if isinstance(node, nodes.Compare) and (fact := _fact(node)):
            yield fact


def joined(expression: str) -> tuple[Fact, ...] | None:
    """The facts that must all be so, if the condition is nothing but comparisons joined with `and`."""
    waiting, found = [parsed(expression)], []
    while waiting:
        node = waiting.pop()
        if isinstance(node, nodes.And):
            waiting += [node.left, node.right]
        elif isinstance(node, nodes.Compare) and (fact := _fact(node)):
            found.append(fact)
        else:
            return None
    return tuple(found)


def cannot_hold(facts: Sequence[Fact]) -> bool:
    """Whether two of the facts exclude each other."""
    return any(_exclude(one, other) for one in facts for other in facts if one.name == other.name)


def follows(facts: Sequence[Fact], wider: Sequence[Fact]) -> bool:
    """Whether `wider` holds whenever `facts` do."""
    return all(any(_implies(one, other) for one in facts) for other in wider)


def _fact(node: nodes.Compare) -> Fact | None:
    if len(node.ops) != 1:
        return None
    op, left, right = node.ops[0].op, node.expr, node.ops[0].expr
    if op in ("in", "notin"):
        if (name := _name(left)) and isinstance(right, nodes.List | nodes.Tuple):
            values = [_fixed(item) for item in right.items]
            return Fact(name, op, tuple(values)) if None not in values else None
        return Fact(name, "holds", value) if (name := _name(right)) and (value := _fixed(left)) is not None else None
    if (name := _name(left)) and (value := _fixed(right)) is not None:
        return Fact(name, op, value)
    if (name := _name(right)) and (value := _fixed(left)) is not None:
        return Fact(name, _TURNED[op], value)
    return None


def _name(node: nodes.Node) -> tuple[str, ...]:
    if not isinstance(node, nodes.Name | nodes.Getattr | nodes.Getitem):
        return ()
    paths = paths_in(node)
    return next(iter(paths)) if len(paths) == 1 else ()


def _fixed(node: nodes.Node) -> Any:
    """A value that is written out; None for everything else."""
    if isinstance(node, nodes.Neg) and isinstance(number := _fixed(node.node), Decimal):
        return -number
    return filled(node.value) if isinstance(node, nodes.Const) else None


def _exclude(one: Fact, other: Fact) -> bool:
    if one.op == "eq" and other.op in OPERATORS and other.op not in ("in", "notin"):
        return not OPERATORS[other.op](one.value, other.value)
    if one.op in _UP and other.op in _DOWN and _numbers(one, other):
        return bool(one.value > other.value or (one.value == other.value and (one.op, other.op) != ("gteq", "lteq")))
    return False


def _implies(one: Fact, other: Fact) -> bool:
    if one.name != other.name:
        return False
    if one.op == other.op and type(one.value) is type(other.value) and one.value == other.value:
        return True
    if one.op == "eq" and other.op in ("eq", "ne", *_UP, *_DOWN):
        return bool(OPERATORS[other.op](one.value, other.value))
    if one.op == "eq" and other.op == "in":
        return any(same(one.value, each) for each in other.value)
    if not _numbers(one, other):
        return False
    if one.op in _UP and other.op in _UP:
        return bool(one.value > other.value or (one.value == other.value and other.op == "gteq"))
    if one.op in _DOWN and other.op in _DOWN:
        return bool(one.value < other.value or (one.value == other.value and other.op == "lteq"))
    return False


def _numbers(one: Fact, other: Fact) -> bool:
    return isinstance(one.value, Decimal) and isinstance(other.value, Decimal)
