"""Conditions with what somebody enters: one table, asked of the server, of the page's script, of the desk's form and
of the API, which must all say the same.
"""

from __future__ import annotations

from typing import Any

from helpdesk.workflows.kinds import field_types
from helpdesk.workflows.schema import Field

KINDS = {
    "price": "money", "size": "number", "stars": "rating", "day": "date", "kind": "choice", "extras": "multichoice",
    "urgent": "checkbox", "name": "text", "mail": "email", "who": "user",
}  # fmt: skip
CHOICES = {"technical": "Technical", "billing": "Billing", "12": "Twelve"}
CASES: tuple[tuple[str, dict[str, list[str]]], ...] = (
    ("fields.price > 1000", {"price": ["1000.01"]}),
    ("fields.price > 1000", {"price": ["1 000,00"]}),
    ("fields.price > 1000", {"price": ["1000,01 EUR"]}),
    ("fields.price > 999.99", {"price": ["1000"]}),
    ("fields.price > 1000", {"price": ["9"]}),
    ("fields.price == 0.1", {"price": ["0.10"]}),
    ("fields.price != 5", {"price": [""]}),
    ("fields.price < 5", {}),
    ("not fields.price", {"price": ["0"]}),
    ("fields.price", {"price": ["0.00"]}),
    ("fields.price == '12.50'", {"price": ["12.5"]}),
    ("fields.size * 2 > fields.price", {"size": ["6"], "price": ["11.99"]}),
    ("fields.size + 0.1 == 0.3", {"size": ["0.2"]}),
    ("fields.size - fields.price <= -1", {"size": ["1"], "price": ["2"]}),
    ("-fields.size < -99999999999999", {"size": ["99999999999999.5"]}),
    ("fields.size|abs == 3", {"size": ["-3"]}),
    ("1 < fields.size <= 3", {"size": ["3"]}),
    ("1 < fields.size <= 3", {"size": ["1.0"]}),
    ("fields.size in [1, '2', 3]", {"size": ["2.00"]}),
    ("fields.size not in [1, 2]", {"size": [""]}),
    ("fields.size == 1e2", {"size": ["1E2"]}),
    ("fields.stars >= 4", {"stars": ["4"]}),
    ("fields.day > '2026-03-31'", {"day": ["2026-04-01"]}),
    ("fields.day > '2026-03-31'", {"day": ["2026-03-31"]}),
    ("fields.day <= '2026-03-31' and fields.day >= '2026-03-01'", {"day": ["2026-03-02"]}),
    ("fields.day != '2026-03-31'", {"day": [""]}),
    ("fields.kind == 'technical'", {"kind": ["technical"]}),
    ("fields.kind == 'technical'", {"kind": [""]}),
    ("fields.kind != 'technical'", {"kind": ["billing"]}),
    ("fields.kind != 'technical'", {"kind": [""]}),
    ("fields.kind in ['technical', 'billing']", {"kind": ["billing"]}),
    ("fields.kind not in ['technical', 'billing']", {"kind": ["12"]}),
    ("fields.kind == 12", {"kind": ["12"]}),
    ("fields.kind in 'technical and more'", {"kind": ["technical"]}),
    ("'technical' in fields.extras", {"extras": ["technical", "billing"]}),
    ("'billing' in fields.extras", {"extras": ["technical"]}),
    ("fields.extras == ['technical']", {"extras": ["technical"]}),
    ("fields.extras|length > 1", {"extras": ["technical", "billing"]}),
    ("fields.extras", {"extras": ["technical"]}),
    ("fields.urgent", {"urgent": ["no", "yes"]}),
    ("fields.urgent", {"urgent": ["no"]}),
    ("fields.urgent == true", {"urgent": ["no", "yes"]}),
    ("fields.urgent == false", {"urgent": ["no"]}),
    ("fields.urgent == 'true'", {"urgent": ["no", "yes"]}),
    ("fields.urgent == 1", {"urgent": ["no", "yes"]}),
    ("fields.urgent != 1", {"urgent": ["no", "yes"]}),
    ("fields.name == 'Olga  T'", {"name": ["  Olga   T "]}),
    ("fields.name|lower == 'olga t'", {"name": ["Olga   T "]}),
    ("fields.name|upper == 'ÕUN'", {"name": ["õun"]}),
    ("fields.name|trim|length == 2", {"name": [" 🚲🚲 "]}),
    ("fields.name > 'Z'", {"name": ["a"]}),
    ("fields.name > '\uffee'", {"name": ["🚲"]}),
    ("fields.name > 5", {"name": ["10"]}),
    ("fields.name > 5", {"name": ["ten"]}),
    ("fields.name", {"name": ["   "]}),
    ("fields.name is defined", {"name": [""]}),
    ("fields.name is undefined", {"name": [""]}),
    ("fields.name is not none", {"name": ["x"]}),
    ("'ann' in fields.mail", {"mail": ["ann@example.org"]}),
    ("fields.who == 'ann@example.org'", {"who": ["Ann@Example.org"]}),
    ("fields.kind == 'billing' or fields.price > 5 and not fields.urgent", {"price": ["6"], "urgent": ["no"]}),
    ("(fields.price if fields.urgent else fields.size) > 5", {"price": ["6"], "size": ["1"], "urgent": ["no", "yes"]}),
    ("(fields.price if fields.urgent) > 5", {"price": ["6"], "urgent": ["no"]}),
    ("fields.size or fields.name", {"size": ["0"], "name": ["x"]}),
    ("fields.kept == 'blue' and customer.category == 'vip'", {}),
    ("fields.kept == 'blue' and customer.category == 'new'", {}),
    ("customer.nothing != 'x'", {}),
)  # fmt: skip


def read(fields: dict[str, Field], raws: dict[str, list[str]]) -> dict[str, Any]:
    """What was entered, as the doors read it."""
    return {
        name: field_types.get(fields[name].type)().read(
            raw if fields[name].type == "multichoice" else raw[-1], fields[name], currency="EUR", zone="UTC"
        )
        for name, raw in raws.items()
        if any(each.strip() for each in raw)
    }
