"""What a condition means: Jinja's tree as a function of the names, node by node.

Only the kinds of nodes that are listed at the end have a meaning; everything else is refused with a sentence when the
file is checked.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from jinja2 import nodes

from helpdesk.workflows.conditions.comparing import OPERATORS, filled
from helpdesk.workflows.conditions.reading import BadExpressionError

Names = Mapping[str, Any]
Meaning = Callable[[Names], Any]

MAX_DEPTH = 40
LONGEST_TEXT = 100_000
_EXACT = Context(prec=200, traps=[DivisionByZero, InvalidOperation, Overflow])  # a quotient has the usual 28 digits


def compiled(node: nodes.Node, depth: int = 0) -> Meaning:
    """The node as a function of the names. Raises `BadExpressionError` for what a condition cannot use."""
    compile_node = _COMPILERS.get(type(node))
    if compile_node is None:
        raise BadExpressionError(f"A condition cannot use {_SAID.get(type(node), type(node).__name__)}.")
    if depth > MAX_DEPTH:
        raise BadExpressionError("This condition is nested too deeply.")
    return compile_node(node, depth + 1)


# Looking values up


def _name(node: Any, depth: int) -> Meaning:
    return lambda names: filled(names.get(node.name))


def _attribute(node: Any, depth: int) -> Meaning:
    if isinstance(node, nodes.Getitem) and not isinstance(node.arg, nodes.Const):
        raise BadExpressionError("A condition cannot look values up by other values.")
    key = node.attr if isinstance(node, nodes.Getattr) else node.arg.value
    above = compiled(node.node, depth)

    def look(names: Names) -> Any:
        inside = above(names)
        if isinstance(inside, Mapping):
            return filled(_in_words(inside.get(key)))
        if isinstance(inside, list | tuple) and isinstance(key, int) and -len(inside) <= key < len(inside):
            return filled(inside[key])
        return None

    return look


def _in_words(found: Any) -> Any:
    """What somebody wrote is kept in two shapes; a condition reads its words."""
    return found["text"].strip() if isinstance(found, Mapping) and found.keys() == {"text", "html"} else found


def _constant(node: Any, depth: int) -> Meaning:
    fixed = filled(node.value)
    return lambda names: fixed


def _list(node: Any, depth: int) -> Meaning:
    items = [compiled(item, depth) for item in node.items]
    return lambda names: [item(names) for item in items]


# Comparing


def _compare(node: Any, depth: int) -> Meaning:
    first = compiled(node.expr, depth)
    rest = [(OPERATORS[operand.op], compiled(operand.expr, depth)) for operand in node.ops]

    def compare(names: Names) -> bool:
        left = first(names)
        for fits, other in rest:
            right = other(names)
            if left is None or right is None or not fits(left, right):
                return False
            left = right
        return True

    return compare


# Joining and counting


def _and(node: Any, depth: int) -> Meaning:
    left, right = compiled(node.left, depth), compiled(node.right, depth)
    return lambda names: right(names) if truth(left(names)) else left(names)


def _or(node: Any, depth: int) -> Meaning:
    left, right = compiled(node.left, depth), compiled(node.right, depth)
    return lambda names: left(names) if truth(left(names)) else right(names)


def _not(node: Any, depth: int) -> Meaning:
    inner = compiled(node.node, depth)
    return lambda names: not truth(inner(names))


def _choice(node: Any, depth: int) -> Meaning:
    test, yes = compiled(node.test, depth), compiled(node.expr1, depth)
    no = compiled(node.expr2, depth) if node.expr2 is not None else lambda names: None
    return lambda names: yes(names) if truth(test(names)) else no(names)


def truth(found: Any) -> bool:
    return found is not None and bool(found)


def _negative(node: Any, depth: int) -> Meaning:
    inner = compiled(node.node, depth)
    return lambda names: _EXACT.minus(number) if isinstance(number := inner(names), Decimal) else None


def _arithmetic(compute: Callable[[Decimal, Decimal], Decimal]) -> Callable[[Any, int], Meaning]:
    def compile_it(node: Any, depth: int) -> Meaning:
        left, right = compiled(node.left, depth), compiled(node.right, depth)

        def work(names: Names) -> Any:
            one, other = left(names), right(names)
            if not (isinstance(one, Decimal) and isinstance(other, Decimal)):
                return None
            try:
                return compute(Decimal(one), Decimal(other))
            except DecimalException:  # divided by nothing, or larger than any amount
                return None

        return work

    return compile_it


def _joined(node: Any, depth: int) -> Meaning:
    parts = [compiled(part, depth) for part in node.nodes]

    def join(names: Names) -> Any:
        text = "".join(str(found) for part in parts if (found := part(names)) is not None)
        return filled(text[:LONGEST_TEXT])

    return join


def _filter(node: Any, depth: int) -> Meaning:
    if node.name not in FILTERS or node.node is None or node.args or node.kwargs:
        raise BadExpressionError(f"A condition cannot use the filter “{node.name}” so. There are {', '.join(FILTERS)}.")
    inner, change = compiled(node.node, depth), FILTERS[node.name]
    return lambda names: filled(change(found)) if (found := inner(names)) is not None else None


def _test(node: Any, depth: int) -> Meaning:
    if node.name not in TESTS or node.args or node.kwargs:
        raise BadExpressionError(f"A condition cannot ask “is {node.name}”. There are {', '.join(TESTS)}.")
    inner, test = compiled(node.node, depth), TESTS[node.name]
    return lambda names: test(inner(names))


FILTERS: dict[str, Callable[[Any], Any]] = {
    "lower": lambda found: found.lower() if isinstance(found, str) else found,
    "upper": lambda found: found.upper() if isinstance(found, str) else found,
    "trim": lambda found: found.strip() if isinstance(found, str) else found,
    "length": lambda found: len(found) if hasattr(found, "__len__") else None,
    "abs": lambda found: _EXACT.abs(found) if isinstance(found, Decimal) else None,
}
TESTS: dict[str, Callable[[Any], bool]] = {
    "defined": lambda found: found is not None,
    "undefined": lambda found: found is None,
    "none": lambda found: found is None,
}
_COMPILERS: dict[type[nodes.Node], Callable[[Any, int], Meaning]] = {
    nodes.Name: _name,
    nodes.Getattr: _attribute,
    nodes.Getitem: _attribute,
    nodes.Const: _constant,
    nodes.List: _list,
    nodes.Tuple: _list,
    nodes.Compare: _compare,
    nodes.And: _and,
    nodes.Or: _or,
    nodes.Not: _not,
    nodes.CondExpr: _choice,
    nodes.Neg: _negative,
    nodes.Add: _arithmetic(_EXACT.add),
    nodes.Sub: _arithmetic(_EXACT.subtract),
    nodes.Mul: _arithmetic(_EXACT.multiply),
    nodes.Div: _arithmetic(operator.truediv),
    nodes.Concat: _joined,
    nodes.Filter: _filter,
    nodes.Test: _test,
}
_SAID: dict[type[nodes.Node], str] = {
    nodes.Call: "a call",
    nodes.Pow: "powers",
    nodes.Mod: "%",
    nodes.Dict: "a mapping",
}
