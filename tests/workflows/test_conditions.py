"""Conditions over plain data: exact, forgiving about what is missing, and nothing to break out of (attack 84)."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.workflows.conditions import BadExpressionError, holds, value, variables
from helpdesk.workflows.field_types import Money

NAMES = {
    "fields": {
        "price": Money("1200.10", "EUR"),
        "kind": "technical",
        "items": "screws",
        "none": None,
        "empty": "",
        "list": [],
        "tags": ["vip", "late"],
        "consent": True,
        "zero": Decimal(0),
        "size": Decimal("0.3"),
        "order": "007",
        "long": Decimal("12345678901234567.25"),
    },
    "customer": {"category": "vip", "name": "Olga"},
    "nobody": None,
}


@pytest.mark.parametrize(
    "expression",
    [
        "fields.price > 1000",
        "fields.price == 1200.10",
        "fields.price == '1200.1'",
        "fields.price >= 1200.1",
        "fields.kind == 'technical'",
        "fields.kind in ['technical', 'billing']",
        "'vip' in fields.tags",
        "fields.kind not in ['billing']",
        "fields.items == 'screws'",
        "fields['items'] == 'screws'",
        "customer.category == 'vip' and fields.price > 1",
        "fields.size == 0.1 + 0.2",
        "fields.price * 2 == 2400.2",
        "fields.consent",
        "fields.consent == true",
        "not fields.missing",
        "fields.missing is undefined",
        "fields.kind is defined",
        "fields.kind | upper == 'TECHNICAL'",
        "fields.tags | length == 2",
        "'a' if fields.missing else 'b'",
        "1000 < fields.price < 2000",
        "fields.zero == 0",
        "fields.zero < 1",
        "fields.kind != 'billing'",
        "customer.name ~ '!' == 'Olga!'",
        "fields.order == '007'",
        "-fields.price < 0",
        "fields.long == 12345678901234567.25",
        "fields.long < 12345678901234567.26",
        "fields.long != 12345678901234568",
        "12345678901234567.25 in [12345678901234567.25]",
        "12345678901234567890123456789012345 + 1 == 12345678901234567890123456789012346",
        "-12345678901234567890123456789012345 < -12345678901234567890123456789012344",
        "fields.price < 1e400",
    ],
)
def test_these_hold(expression: str) -> None:
    assert holds(expression, NAMES)


@pytest.mark.parametrize(
    "missing", ["fields.missing", "fields.none", "fields.empty", "fields.list", "nobody", "nobody.name.x", "stranger.x"]
)
@pytest.mark.parametrize("operator", ["==", "!=", "<", "<=", ">", ">=", "in", "not in"])
def test_what_is_missing_compares_as_false_with_every_operator(missing: str, operator: str) -> None:
    assert not holds(f"{missing} {operator} 'x'", NAMES)
    assert not holds(f"{missing} {operator} fields.tags", NAMES)
    assert not holds(f"'x' {operator} {missing}", NAMES)
    assert not holds(f"{missing} {operator} {missing}", NAMES)


@pytest.mark.parametrize(
    "expression",
    [
        "fields.price > 'much'",
        "fields.kind > 3",
        "fields.price / 0 > 1",
        "fields.kind * 9 == 1",
        "fields.consent == 1",
        "fields.zero",
        "fields.kind + 1 == 2",
        "fields.price.currency == 'EUR'",
    ],
)
def test_these_do_not_hold_and_are_no_error(expression: str) -> None:
    assert not holds(expression, NAMES)


@pytest.mark.parametrize(
    "expression",
    [
        "fields.price ** 9",
        "'a' % 3",
        "range(10**9)",
        "fields.items()",
        "customer.name.upper()",
        "[x for x in y]",
        "fields.price > 1; 2",
        "a b",
        "",
        "(",
        "1 +",
        "{'a': 1}",
        "x|format(1)",
        "x|attr('y')",
        "x|map('upper')",
        "x is divisibleby 2",
        "{% if x %}",
        "lambda: 1",
        "fields[customer.name]",
        "1e9999999999999999999999",
        "x" * 2000,
        "(" * 900,
        "not " * 300 + "x",
        "a." * 400 + "b",
    ],
)
def test_what_could_run_away_or_break_out_is_refused(expression: str) -> None:
    """Attacks 83 and 84: no call, no method, no repetition of a text, no depth."""
    with pytest.raises(BadExpressionError) as refused:
        holds(expression, NAMES)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    "path", ["__class__", "__class__.__mro__", "__init__.__globals__", "keys", "items.__class__", "currency"]
)
def test_attributes_of_objects_are_not_there(path: str) -> None:
    """Attacks 83 and 88."""
    assert value(f"customer.{path}", NAMES) is None
    assert value(f"fields.price.{path}", NAMES) is None
    assert value(f"''.{path}", NAMES) is None


def test_a_condition_tells_the_names_it_looks_at() -> None:
    assert variables("fields.price > 1 and customer['name'] == 'x'") == {("fields", "price"), ("customer", "name")}


@given(st.text(max_size=40))
def test_no_text_makes_it_crash(expression: str) -> None:
    with contextlib.suppress(BadExpressionError):
        holds(expression, NAMES)


@given(st.text(alphabet="fieldsprce.[]()'\"<>=!+-*/~|, 019notandisr", max_size=60))
def test_nothing_that_looks_like_a_condition_makes_it_crash(expression: str) -> None:
    with contextlib.suppress(BadExpressionError):
        holds(expression, NAMES)
