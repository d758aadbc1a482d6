"""Amounts as the reader's language writes them: €45.50, 45,50 €. Used by the desk and the cabinet.

A mail, a script and the history keep the amount with its currency's code, “45.50 EUR”, which everybody can read and no
language changes; `as_read` turns what the history kept into what a page shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from babel.numbers import format_currency, get_currency_precision
from flask_babel import get_locale
from flask_babel import gettext as _

from helpdesk.tickets.fields import known_fields
from helpdesk.tickets.models import Event, Ticket
from helpdesk.workflows import revisions

KEPT = re.compile(r"(-?[\d,]+\.\d{2,}) ([A-Z]{3})")  # how the history writes an amount

BESIDE = re.compile(r"(?<=[^\W\d_])(?=\d)")  # a code that stands for a sign keeps its distance: BHD 3, not BHD3


def money(amount: Decimal, currency: str) -> str:
    """The amount for this reader, never rounded: a yen has no cents unless somebody entered some."""
    whole = amount == round(amount, get_currency_precision(currency))
    written = format_currency(amount, currency, locale=get_locale() or "en", decimal_quantization=whole)
    return BESIDE.sub("\u00a0", written)


def as_read(ticket: Ticket, event: Event) -> list[dict[str, Any]]:
    """The values of an event as its history keeps them, `{name, label, shown}`, with its amounts for this reader."""
    values: Sequence[Mapping[str, Any]] = event.data.get("values") or ()
    read = [{**each, "shown": _shown(ticket, event, each)} for each in values]
    if asked := event.data.get("asked"):
        read.append({"name": "asked", "label": _("Asked for"), "shown": _amount(str(asked))})
    return read


def _shown(ticket: Ticket, event: Event, value: Mapping[str, Any]) -> str:
    kept = str(value.get("shown") or "")
    found = KEPT.fullmatch(kept)
    if found is None or not _is_money(ticket, event, str(value.get("name", ""))):
        return kept
    return _amount(kept)


def _amount(kept: str) -> str:
    """An amount as the history keeps it, for this reader."""
    found = KEPT.fullmatch(kept)
    return money(Decimal(found[1].replace(",", "")), found[2]) if found else kept


def _is_money(ticket: Ticket, event: Event, name: str) -> bool:
    """Whether a value of this name is an amount: what looks like one may be somebody's words."""
    ran_in = event.workflow or ticket.workflow  # it may have moved since
    carried = known_fields(ran_in).get(name)
    if carried is not None:
        return carried.type == "money"
    workflow = revisions.active().desk.workflows.get(ran_in)
    action = workflow.actions.get(event.action or "") if workflow else None
    return action is not None and any(each.name == name and each.field.type == "money" for each in action.fields)
