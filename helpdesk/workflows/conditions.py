"""Conditions: `fields.price > 1000`, `customer.category == 'vip'`. Jinja's expressions over plain data, nothing else.

The text is parsed by Jinja and then worked out here, node by node, so there is nothing to break out of: no call, no
method, no attribute of an object, no power, no repetition of a text. A missing or empty value compares as false with
every operator, `!=` and `not in` included, and is never an error. Numbers are exact decimals; `fields.items` is the
field.

Asked by the machine (`when`), the doors (`show_if`) and mailing; `names` is a plain mapping as WORKFLOW.md lists it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Context, Decimal, DecimalException, DivisionByZero, InvalidOperation, Overflow
from functools import lru_cache
from typing import Any

from jinja2 import Environment, TemplateError, nodes
from jinja2.lexer import TOKEN_FLOAT, Lexer, Token
from jinja2.parser import Parser

Names = Mapping[str, Any]
Meaning = Callable[[Names], Any]

MAX_LENGTH = 1000
MAX_DEPTH = 40
LONGEST_TEXT = 100_000
_EXACT = Context(prec=200, traps=[DivisionByZero, InvalidOperation, Overflow])  # a quotient has the usual 28 digits


class BadExpressionError(ValueError):
    """The expression cannot be understood; its text is a sentence."""


def holds(expression: str, names: Names) -> bool:
    """Whether the expression is true. Raises `BadExpressionError` for one that `check` would not have passed."""
    return _truth(meaning(expression)(names))


def value(expression: str, names: Names) -> Any:
    """What the expression amounts to, None if that is nothing."""
    return meaning(expression)(names)


@lru_cache(maxsize=4096)
def meaning(expression: str) -> Meaning:
    """The expression as a function of the names, compiled once."""
    return _compiled(_parsed(expression), 0)


@lru_cache(maxsize=4096)
def variables(expression: str) -> frozenset[tuple[str, ...]]:
    """The names an expression looks at: `("fields", "price")`. Raises `BadExpressionError`."""
    tree = _parsed(expression)
    _compiled(tree, 0)
    return frozenset(paths_in(tree))


def paths_in(tree: nodes.Node) -> set[tuple[str, ...]]:
    """The dotted names below a node, each as long as it is written."""
    found: set[tuple[str, ...]] = set()
    waiting: list[nodes.Node] = [tree]
    while waiting:
        node = waiting.pop()
        path = _path(node)
        if path:
            found.add(path)
        else:
            waiting += node.iter_child_nodes()
    return found


def _path(node: nodes.Node) -> tuple[str, ...]:
    if isinstance(node, nodes.Name):
        return (node.name,)
    if isinstance(node, nodes.Getattr) and (above := _path(node.node)):
        return (*above, node.attr)
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and (above := _path(node.node)):
        return (*above, str(node.arg.value))
    return ()


class _ExactLexer(Lexer):
    """Jinja's lexer, but for numbers with a point: they are decimals from the beginning, however many digits."""

    def wrap(
        self, stream: Iterable[tuple[int, str, str]], name: str | None = None, filename: str | None = None
    ) -> Iterator[Token]:
        for piece in stream:
            line, kind, written = piece
            if kind == TOKEN_FLOAT:
                yield Token(line, kind, Decimal(written))  # type: ignore[arg-type]
            else:
                yield from super().wrap([piece], name, filename)


class _Reading(Environment):
    """Jinja's environment for conditions. It only parses; nothing is rendered."""

    @property
    def lexer(self) -> Lexer:
        return _LEXER


_ENVIRONMENT = _Reading(autoescape=False)
_LEXER = _ExactLexer(_ENVIRONMENT)


def _parsed(expression: str) -> nodes.Node:
    if len(expression) > MAX_LENGTH:
        raise BadExpressionError(f"A condition has at most {MAX_LENGTH} characters.")
    try:
        parser = Parser(_ENVIRONMENT, expression, state="variable")
        tree = parser.parse_expression()
    except (TemplateError, RecursionError, ValueError, OverflowError, DecimalException) as problem:
        said = getattr(problem, "message", None) or "it is nested too deeply"
        raise BadExpressionError(f"This condition cannot be read: {said}.") from problem
    if not parser.stream.eos:
        raise BadExpressionError(f"This condition goes on where it should end: “{parser.stream.current.value}”.")
    return tree


def _compiled(node: nodes.Node, depth: int) -> Meaning:
    compile_node = _COMPILERS.get(type(node))
    if compile_node is None:
        raise BadExpressionError(f"A condition cannot use {_SAID.get(type(node), type(node).__name__)}.")
    if depth > MAX_DEPTH:
        raise BadExpressionError("This condition is nested too deeply.")
    return compile_node(node, depth + 1)


# Looking values up


def _name(node: Any, depth: int) -> Meaning:
    return lambda names: _filled(names.get(node.name))


def _attribute(node: Any, depth: int) -> Meaning:
    if isinstance(node, nodes.Getitem) and not isinstance(node.arg, nodes.Const):
        raise BadExpressionError("A condition cannot look values up by other values.")
    key = node.attr if isinstance(node, nodes.Getattr) else node.arg.value
    above = _compiled(node.node, depth)

    def look(names: Names) -> Any:
        inside = above(names)
        if isinstance(inside, Mapping):
            return _filled(inside.get(key))
        if isinstance(inside, list | tuple) and isinstance(key, int) and -len(inside) <= key < len(inside):
            return _filled(inside[key])
        return None

    return look


def _filled(found: Any) -> Any:
    """The value as conditions see it; None for everything empty."""
    if found is None or (isinstance(found, str | list | tuple | dict | set | frozenset) and not found):
        return None
    if isinstance(found, bool):
        return found
    if isinstance(found, int | float):
        return Decimal(str(found))
    if isinstance(found, datetime | date):
        return found.isoformat()
    return found


def _constant(node: Any, depth: int) -> Meaning:
    fixed = _filled(node.value)
    return lambda names: fixed


def _list(node: Any, depth: int) -> Meaning:
    items = [_compiled(item, depth) for item in node.items]
    return lambda names: [item(names) for item in items]


# Comparing


def _compare(node: Any, depth: int) -> Meaning:
    first = _compiled(node.expr, depth)
    rest = [(_OPERATORS[operand.op], _compiled(operand.expr, depth)) for operand in node.ops]

    def compare(names: Names) -> bool:
        left = first(names)
        for fits, other in rest:
            right = other(names)
            if left is None or right is None or not fits(left, right):
                return False
            left = right
        return True

    return compare


def _same(left: Any, right: Any) -> bool:
    left, right = _alike(left, right)
    return (
        bool(type(left) is type(right) or (not isinstance(left, bool) and not isinstance(right, bool)))
        and left == right
    )


def _ordered(fits: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(left: Any, right: Any) -> bool:
        left, right = _alike(left, right)
        comparable = (isinstance(left, Decimal) and isinstance(right, Decimal)) or (
            isinstance(left, str) and isinstance(right, str)
        )
        return comparable and fits(left, right)

    return compare


def _alike(left: Any, right: Any) -> tuple[Any, Any]:
    """A number beside a text that reads as a number compares as numbers."""
    if isinstance(left, Decimal) and isinstance(right, str):
        return left, _number(right)
    if isinstance(left, str) and isinstance(right, Decimal):
        return _number(left), right
    return left, right


def _number(text: str) -> Any:
    try:
        number = Decimal(text) if len(text) < 40 else None
    except DecimalException:
        return text
    return number if number is not None and number.is_finite() else text


def _within(left: Any, right: Any) -> bool:
    if isinstance(right, str):
        return isinstance(left, str) and left in right
    if isinstance(right, list | tuple | set | frozenset | Mapping):
        return any(_same(left, one) for one in right if one is not None)
    return False


_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": _same,
    "ne": lambda left, right: not _same(left, right),
    "gt": _ordered(operator.gt),
    "gteq": _ordered(operator.ge),
    "lt": _ordered(operator.lt),
    "lteq": _ordered(operator.le),
    "in": _within,
    "notin": lambda left, right: not _within(left, right),
}


# Joining and counting


def _and(node: Any, depth: int) -> Meaning:
    left, right = _compiled(node.left, depth), _compiled(node.right, depth)
    return lambda names: right(names) if _truth(left(names)) else left(names)


def _or(node: Any, depth: int) -> Meaning:
    left, right = _compiled(node.left, depth), _compiled(node.right, depth)
    return lambda names: left(names) if _truth(left(names)) else right(names)


def _not(node: Any, depth: int) -> Meaning:
    inner = _compiled(node.node, depth)
    return lambda names: not _truth(inner(names))


def _choice(node: Any, depth: int) -> Meaning:
    test, yes = _compiled(node.test, depth), _compiled(node.expr1, depth)
    no = _compiled(node.expr2, depth) if node.expr2 is not None else lambda names: None
    return lambda names: yes(names) if _truth(test(names)) else no(names)


def _truth(found: Any) -> bool:
    return found is not None and bool(found)


def _negative(node: Any, depth: int) -> Meaning:
    inner = _compiled(node.node, depth)
    return lambda names: _EXACT.minus(number) if isinstance(number := inner(names), Decimal) else None


def _arithmetic(compute: Callable[[Decimal, Decimal], Decimal]) -> Callable[[Any, int], Meaning]:
    def compile_it(node: Any, depth: int) -> Meaning:
        left, right = _compiled(node.left, depth), _compiled(node.right, depth)

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
    parts = [_compiled(part, depth) for part in node.nodes]

    def join(names: Names) -> Any:
        text = "".join(str(found) for part in parts if (found := part(names)) is not None)
        return _filled(text[:LONGEST_TEXT])

    return join


def _filter(node: Any, depth: int) -> Meaning:
    if node.name not in FILTERS or node.node is None or node.args or node.kwargs:
        raise BadExpressionError(f"A condition cannot use the filter “{node.name}” so. There are {', '.join(FILTERS)}.")
    inner, change = _compiled(node.node, depth), FILTERS[node.name]
    return lambda names: _filled(change(found)) if (found := inner(names)) is not None else None


def _test(node: Any, depth: int) -> Meaning:
    if node.name not in TESTS or node.args or node.kwargs:
        raise BadExpressionError(f"A condition cannot ask “is {node.name}”. There are {', '.join(TESTS)}.")
    inner, test = _compiled(node.node, depth), TESTS[node.name]
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
