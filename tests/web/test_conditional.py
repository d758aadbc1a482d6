"""What of a `show_if` the page is told."""

from __future__ import annotations

from helpdesk.web import conditional
from helpdesk.workflows.schema import Field, Input


def test_what_only_the_server_can_decide_stays_visible_and_tells_nothing_of_the_house() -> None:
    price = Input(name="price", field=Field(name="price", type="money", label="Price"))
    when = Input(name="at", field=Field(name="at", type="datetime", label="When"))
    for text in ("fields.secret > 5", "customer.category == 'vip'", "fields.at > '2026'", "fields.price / 3 > 1"):
        assert conditional.tree(text, [price, when], held={"secret": 7}, names={}) is None
    assert conditional.tree(None, [price], held={}, names={}) is None
