"""What the texts of the workflow file may know of somebody whose address nobody has proven."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from helpdesk.tickets import names
from helpdesk.workflows.field_types import Money


def test_a_strangers_words_stay_out_and_the_price_quoted_to_them_stays_in() -> None:
    """Attack 33."""
    price, when = Money(Decimal("45.5"), "EUR"), date(2026, 11, 22)
    known = {
        "ticket": {"ref": "R-1", "subject": "Buy now", "text": "http://evil.example"},
        "customer": {"id": 7, "email": "victim@example.net", "language": "en", "name": "Buy now"},
        "action": {"name": "ask_payment", "message": {"text": "Buy now", "html": "Buy now"}},
        "fields": {"price": price, "ready_on": when, "urgent": True, "device": "Buy now", "wishes": ["Buy now"]},
    }
    told = names.without_words(known)
    assert told["fields"] == {"price": price, "ready_on": when, "urgent": True}
    assert told["ticket"]["ref"] == "R-1"
    assert "Buy now" not in str(told)
    assert "evil" not in str(told)
