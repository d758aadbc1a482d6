"""The text of a condition as Jinja's tree, and the names in it. Nothing is worked out here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal, DecimalException

from jinja2 import Environment, TemplateError, nodes
from jinja2.lexer import TOKEN_FLOAT, Lexer, Token
from jinja2.parser import Parser

MAX_LENGTH = 1000


class BadExpressionError(ValueError):
    """The expression cannot be understood; its text is a sentence."""


def parsed(expression: str) -> nodes.Node:
    """The whole text as one expression. Raises `BadExpressionError`."""
    if len(expression) > MAX_LENGTH:
        raise BadExpressionError(f"A condition has at most {MAX_LENGTH} characters.")
    try:
        parser = Parser(_ENVIRONMENT, expression, state="variable")
        tree = parser.parse_expression()
    except (TemplateError, RecursionError, ValueError, OverflowError, DecimalException) as problem:
        said = getattr(problem, "message", None) or "it is nested too deeply"
        said = "it ends too early" if "end of template" in said else said
        raise BadExpressionError(f"This condition cannot be read: {said}.") from problem
    if not parser.stream.eos:
        raise BadExpressionError(f"This condition goes on where it should end: “{parser.stream.current.value}”.")
    return tree


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
