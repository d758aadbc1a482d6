"""A `show_if` as the page's script can follow it: the condition as a tree of plain data, with all that the form does
not ask already put in. What it means is said by `workflows.conditions`; static/js/conditions.js says the same of
the tree, and a test holds the two against each other.

Nodes are lists, `["and", one, other]`; `["field", name, kind, held]` is what the form asks, with what the ticket holds
of it; `["value", plain]` is known already. A number is `{"n": "12.50"}`: no number passes through a float.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from jinja2 import nodes

from helpdesk.workflows import conditions
from helpdesk.workflows.conditions.comparing import filled
from helpdesk.workflows.conditions.reading import parsed
from helpdesk.workflows.schema import Input

Tree = list[Any]
# Kinds that the script cannot read.
OF_NOBODY = (
    "richtext", "datetime", "file", "tags", "ticket", "messages", "attachments", "recipients", "side_conversation",
    "side_message",
)  # fmt: skip


class _UndecidableError(Exception):
    """Only the server can say."""


def tree(
    expression: str | None,
    asked: Iterable[Input],
    *,
    held: Mapping[str, Any],
    names: Mapping[str, Any],
    prefix: str = "",
) -> Tree | None:
    """The condition for the script; None where there is none, or where only the server can decide: then the field stays
    visible, and the server judges.

    `held`: the ticket's values; `names`: what is known beside, as `tickets.names` gives it. Without them nothing but
    what the form asks gets into the page: a customer's page tells nothing of the house. `prefix`: before the names of
    the form's controls.
    """
    if not expression:
        return None
    kinds = {each.name: each.field.type for each in asked}
    try:
        found = _node(parsed(expression), lambda path: _look_up(path, kinds, held, names))
    except _UndecidableError:
        return None
    return _prefixed(found, prefix) if prefix else found


def _prefixed(tree: Tree, prefix: str) -> Tree:
    if tree[0] == "field":
        return ["field", prefix + tree[1], *tree[2:]]
    if tree[0] == "value":
        return tree
    return [_prefixed(part, prefix) if isinstance(part, list) else part for part in tree]


Look = Callable[[tuple[str, ...]], Tree]


def _look_up(
    path: tuple[str, ...], kinds: Mapping[str, str], held: Mapping[str, Any], names: Mapping[str, Any]
) -> Tree:
    if path[0] == "fields":
        if len(path) != 2:
            raise _UndecidableError
        name = path[1]
        if name not in kinds and not names:
            raise _UndecidableError
        if name not in kinds:
            return ["value", _plain(held.get(name))]
        if kinds[name] in OF_NOBODY:
            raise _UndecidableError
        return ["field", name, kinds[name], _plain(held.get(name))]
    if path[0] not in names:
        raise _UndecidableError
    return ["value", _plain(conditions.value(".".join(path), names))]


def _node(node: Any, look: Look) -> Tree:
    if path := _path(node):
        return look(path)
    make = _MAKERS.get(type(node))
    if make is None:
        raise _UndecidableError
    return make(node, look)


def _path(node: Any) -> tuple[str, ...]:
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Getattr) and (above := _path(node.node)):
        return (*above, node.attr)
    return ()


def _plain(found: Any) -> Any:
    """A value as JSON."""
    found = filled(found)
    if found is None or isinstance(found, bool | str):
        return found
    if isinstance(found, Decimal):
        return {"n": format(found, "f")}
    if isinstance(found, list | tuple):
        return [_plain(each) for each in found]
    raise _UndecidableError


def _compare(node: Any, look: Look) -> Tree:
    rest = [[operand.op, _node(operand.expr, look)] for operand in node.ops]
    return ["compare", _node(node.expr, look), *rest]


def _choice(node: Any, look: Look) -> Tree:
    no = _node(node.expr2, look) if node.expr2 is not None else ["value", None]
    return ["if", _node(node.test, look), _node(node.expr1, look), no]


def _named(sort: str, known: Iterable[str]) -> Callable[[Any, Look], Tree]:
    def make(node: Any, look: Look) -> Tree:
        if node.name not in known or node.node is None:
            raise _UndecidableError
        return [sort, node.name, _node(node.node, look)]

    return make


def _pair(word: str) -> Callable[[Any, Look], Tree]:
    return lambda node, look: [word, _node(node.left, look), _node(node.right, look)]


_MAKERS: dict[type[nodes.Node], Callable[[Any, Look], Tree]] = {
    nodes.Const: lambda node, look: ["value", _plain(node.value)],
    nodes.List: lambda node, look: ["list", *(_node(item, look) for item in node.items)],
    nodes.Tuple: lambda node, look: ["list", *(_node(item, look) for item in node.items)],
    nodes.Compare: _compare,
    nodes.And: _pair("and"),
    nodes.Or: _pair("or"),
    nodes.Not: lambda node, look: ["not", _node(node.node, look)],
    nodes.Neg: lambda node, look: ["minus", _node(node.node, look)],
    nodes.Add: _pair("add"),
    nodes.Sub: _pair("sub"),
    nodes.Mul: _pair("mul"),
    nodes.CondExpr: _choice,
    nodes.Filter: _named("filter", conditions.FILTERS),
    nodes.Test: _named("test", conditions.TESTS),
}
