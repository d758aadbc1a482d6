"""Conditions: `fields.price > 1000`, `customer.category == 'vip'`. Jinja's expressions over plain data, nothing else.

The text is parsed by Jinja (`reading`) and then worked out node by node (`meanings`), so there is nothing to break out
of: no call, no method, no attribute of an object, no power, no repetition of a text. A missing or empty value compares
as false with every operator, `!=` and `not in` included, and is never an error. Numbers are exact decimals;
`fields.items` is the field.

Asked by the machine (`when`), the doors (`show_if`) and mailing; `names` is a plain mapping as WORKFLOW.md lists it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from helpdesk.workflows.conditions.meanings import FILTERS, TESTS, Meaning, Names, compiled, truth
from helpdesk.workflows.conditions.reading import MAX_LENGTH, BadExpressionError, parsed, paths_in

__all__ = [
    "FILTERS", "MAX_LENGTH", "TESTS", "BadExpressionError", "Names", "holds", "meaning", "paths_in", "value",
    "variables",
]  # fmt: skip


def holds(expression: str, names: Names) -> bool:
    """Whether the expression is true. Raises `BadExpressionError` for one that `check` would not have passed."""
    return truth(meaning(expression)(names))


def value(expression: str, names: Names) -> Any:
    """What the expression amounts to, None if that is nothing."""
    return meaning(expression)(names)


@lru_cache(maxsize=4096)
def meaning(expression: str) -> Meaning:
    """The expression as a function of the names, compiled once."""
    return compiled(parsed(expression))


@lru_cache(maxsize=4096)
def variables(expression: str) -> frozenset[tuple[str, ...]]:
    """The names an expression looks at: `("fields", "price")`. Raises `BadExpressionError`."""
    tree = parsed(expression)
    compiled(tree)
    return frozenset(paths_in(tree))
